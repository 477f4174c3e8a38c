//! Groups of paint that are transparent together.

use super::{Item, Tracer, What};
use hayro::hayro_interpret::BlendMode;
use hayro::kurbo::Rect;
use mugai_core::drawing::{Blend, Mix, Step};

/// Opacity from which on a group is taken for opaque.
const OPAQUE: f32 = 0.998;
/// The most things of a group that are compared with each other.
const MAX_COMPARED: usize = 200;

/// Groups that are open: their opacity, how many items there were before, and whether they are painted as they
/// are, without a mask and another blending.
#[derive(Default)]
pub(super) struct Groups(Vec<(f32, usize, bool)>);

impl Groups {
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Begins a group behind so many items; tells whether it matters which things are in it.
    pub(super) fn begin(&mut self, opacity: f32, items: usize, is_plain: bool) -> bool {
        self.0.push((opacity, items, is_plain));
        !is_plain || opacity < OPAQUE
    }

    /// How many items there were before the innermost group of which that matters.
    pub(super) fn start(&self) -> usize {
        let open = self.0.iter().rev();
        let mut open = open.filter(|(opacity, _, is_plain)| !is_plain || *opacity < OPAQUE);
        open.next().map_or(0, |(_, start, _)| *start)
    }

    /// Ends a group: where nothing in it lies over something else of it, each thing gets its
    /// opacity.
    ///
    /// # Errors
    /// How many items there were before a group that cannot be said.
    pub(super) fn end(&mut self, items: &mut [Item]) -> Result<(), usize> {
        let Some((opacity, start, is_plain)) = self.0.pop() else {
            return Ok(());
        };
        if !is_plain {
            return Err(start);
        }
        if opacity >= OPAQUE {
            return Ok(());
        }
        let inside = items.get_mut(start..).unwrap_or_default();
        if !are_apart(inside) {
            return Err(start);
        }
        for item in inside {
            match &mut item.what {
                What::Step(
                    Step::Fill(_, _, ink) | Step::Stroke(_, _, ink) | Step::Stencil { ink, .. },
                )
                | What::Glyphs { ink, .. } => fade(&mut ink.mix.alpha, opacity),
                What::Step(Step::Picture { mix, .. }) => fade(&mut mix.alpha, opacity),
                What::Step(Step::Clip(..) | Step::Unclip | Step::Glyphs { .. }) => {}
            }
        }
        Ok(())
    }
}

impl Tracer<'_, '_, '_> {
    /// How paint lies that blends by `blend`, in a group or not; `None` where that cannot be said.
    pub(super) fn mix(&self, mask: bool, blend: BlendMode, alpha: u8) -> Option<Mix> {
        let blend = match blend {
            BlendMode::Normal => Some(Blend::Normal),
            BlendMode::Multiply => Some(Blend::Multiply),
            BlendMode::Screen => Some(Blend::Screen),
            BlendMode::Overlay => Some(Blend::Overlay),
            BlendMode::Darken => Some(Blend::Darken),
            BlendMode::Lighten => Some(Blend::Lighten),
            BlendMode::ColorDodge
            | BlendMode::ColorBurn
            | BlendMode::HardLight
            | BlendMode::SoftLight
            | BlendMode::Difference
            | BlendMode::Exclusion
            | BlendMode::Hue
            | BlendMode::Saturation
            | BlendMode::Color
            | BlendMode::Luminosity => None,
        };
        // within a group, paint meets what the group has, which cannot be told apart here
        let blend = blend.filter(|blend| *blend == Blend::Normal || self.groups.is_empty());
        let blend = blend.filter(|_| !mask)?;
        Some(Mix { alpha, blend })
    }
}

fn fade(alpha: &mut u8, opacity: f32) {
    let faded = (f32::from(*alpha) * opacity).round().clamp(0.0, 255.0);
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 0 to 255, and there is no checked conversion from floats"
    )]
    let faded = faded as u8;
    *alpha = faded;
}

/// Whether all things are letters, or none lies over another one.
fn are_apart(items: &[Item]) -> bool {
    let painted = items
        .iter()
        .filter(|item| !matches!(item.what, What::Step(Step::Clip(..) | Step::Unclip)));
    if painted
        .clone()
        .all(|item| matches!(item.what, What::Glyphs { .. }))
    {
        return true;
    }
    let areas: Vec<Rect> = painted.map(|item| item.area).collect();
    areas.len() <= MAX_COMPARED
        && (1..).zip(&areas).all(|(next, area)| {
            let others = areas.get(next..).unwrap_or_default();
            others.iter().all(|other| !area.overlaps(*other))
        })
}

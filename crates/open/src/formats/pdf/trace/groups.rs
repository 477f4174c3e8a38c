//! Groups of paint that are transparent together.

use super::{Item, What};
use hayro::kurbo::Rect;
use mugai_core::drawing::Step;

/// Opacity from which on a group is taken for opaque.
const OPAQUE: f32 = 0.998;
/// The most things of a group that are compared with each other.
const MAX_COMPARED: usize = 200;

/// Groups that are open: their opacity, and how many items there were before.
#[derive(Default)]
pub(super) struct Groups(Vec<(f32, usize)>);

impl Groups {
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn begin(&mut self, opacity: f32, items: usize) {
        self.0.push((opacity, items));
    }

    /// Ends a group: where nothing in it lies over something else of it, each thing gets its
    /// opacity. `false` where it does.
    pub(super) fn end(&mut self, items: &mut [Item]) -> bool {
        let Some((opacity, start)) = self.0.pop() else {
            return true;
        };
        if opacity >= OPAQUE {
            return true;
        }
        let inside = items.get_mut(start..).unwrap_or_default();
        if !are_apart(inside) {
            return false;
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
        true
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

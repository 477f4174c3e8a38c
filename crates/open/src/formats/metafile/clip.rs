//! Where the pen may draw, and how regions are joined with it.

use super::paint::{FAR, Painter, near};
use super::state::{Clip, Place};
use super::{single, whole};
use mugai_core::Refusal;
use std::rc::Rc;
use tiny_skia::{FillRule, Mask, Path, PathBuilder, Rect, Transform};

/// How a region is joined with what is clipped to already ([MS-EMF] 2.1.29).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Join {
    And,
    Or,
    Xor,
    /// What is clipped to, but not in the region.
    Diff,
    Copy,
}

impl Join {
    /// By its number in a record; `None` for others, with which nothing is clipped.
    pub(super) const fn of(number: u32) -> Option<Self> {
        Some(match number {
            1 => Self::And,
            2 => Self::Or,
            3 => Self::Xor,
            4 => Self::Diff,
            5 => Self::Copy,
            _ => return None,
        })
    }

    /// How much of a pixel is seen, of which `before` was seen and of which `region` covers so much.
    fn both(self, before: u8, region: u8) -> u8 {
        let not = |part: u8| u8::MAX.saturating_sub(part);
        match self {
            Self::And => share(before, region),
            Self::Or => not(share(not(before), not(region))),
            Self::Xor => share(before, not(region)).saturating_add(share(not(before), region)),
            Self::Diff => share(before, not(region)),
            Self::Copy => region,
        }
    }
}

/// A part of a part, of 255 each.
fn share(a: u8, b: u8) -> u8 {
    let product = u16::from(a).saturating_mul(u16::from(b));
    u8::try_from(product.saturating_add(127) / 255).unwrap_or(u8::MAX)
}

/// A mask that may be missing.
pub(super) struct Ruled(Option<Rc<Mask>>);

impl Ruled {
    pub(super) fn get(&self) -> Option<&Mask> {
        self.0.as_deref()
    }
}

impl Painter<'_> {
    /// Clips to a rectangle of the device within what is clipped to already.
    pub(super) fn clip_to_device(&mut self, from: Place, to: Place) -> Result<(), Refusal> {
        if self.state.clip.mask.is_some() {
            let outline = self.device_rectangle(from, to);
            return self.clip_path(outline.as_ref(), FillRule::Winding, Join::And);
        }
        let (a, b) = (near(self.base, from), near(self.base, to));
        self.clip_area([a.x.min(b.x), a.y.min(b.y), a.x.max(b.x), a.y.max(b.y)]);
        Ok(())
    }

    fn clip_area(&mut self, area: [f32; 4]) {
        self.state.clip.area = Some(match self.state.clip.area {
            Some([left, top, right, bottom]) => [
                left.max(area[0]),
                top.max(area[1]),
                right.min(area[2]),
                bottom.min(area[3]),
            ],
            None => area,
        });
    }

    /// Clips to a rectangle of logical units within what is clipped to already.
    pub(super) fn clip_to(&mut self, from: Place, to: Place) -> Result<(), Refusal> {
        let transform = self.to_pixels();
        if transform.kx != 0.0 || transform.ky != 0.0 || self.state.clip.mask.is_some() {
            let outline = self.rectangle(from, to);
            return self.clip_path(outline.as_ref(), FillRule::Winding, Join::And);
        }
        let (a, b) = (self.at(from), self.at(to));
        self.clip_area([a.x.min(b.x), a.y.min(b.y), a.x.max(b.x), a.y.max(b.y)]);
        Ok(())
    }

    /// Joins an outline with what is clipped to already; where there is none, a region without anything inside.
    pub(super) fn clip_path(
        &mut self,
        outline: Option<&Path>,
        rule: FillRule,
        join: Join,
    ) -> Result<(), Refusal> {
        self.charge_canvas()?;
        if join == Join::Copy {
            self.state.clip = self.state.meta.clone();
            return self.clip_path(outline, rule, Join::And);
        }
        let before = self.mask()?;
        match (&before, join) {
            // nothing is more than everything
            (None, Join::And | Join::Diff) | (Some(Ruled(None)), Join::Or) => return Ok(()),
            _ => {}
        }
        let mut mask = self.blank()?;
        if let Some(outline) = outline {
            self.charge_edges(outline, 0.0)?;
            mask.fill_path(outline, rule, true, Transform::identity());
        }
        match &before {
            Some(Ruled(Some(before))) => {
                for (pixel, before) in mask.data_mut().iter_mut().zip(before.data()) {
                    *pixel = join.both(*before, *pixel);
                }
            }
            uniform => {
                let before = if uniform.is_some() { u8::MAX } else { 0 };
                for pixel in mask.data_mut() {
                    *pixel = join.both(before, *pixel);
                }
            }
        }
        if matches!(join, Join::Or | Join::Xor) {
            let meta = self.state.meta.clone();
            self.within(&meta, &mut mask)?;
        }
        self.state.clip = Clip::of(mask);
        Ok(())
    }

    /// Takes out of a mask what another clip does not let through.
    fn within(&mut self, clip: &Clip, mask: &mut Mask) -> Result<(), Refusal> {
        match self.mask_for(clip)? {
            Some(Ruled(Some(other))) => {
                for (pixel, other) in mask.data_mut().iter_mut().zip(other.data()) {
                    *pixel = share(*pixel, *other);
                }
            }
            Some(Ruled(None)) => {}
            None => mask.clear(),
        }
        Ok(())
    }

    /// Clips to all but a rectangle of logical units, within what is clipped to already.
    pub(super) fn exclude(&mut self, from: Place, to: Place) -> Result<(), Refusal> {
        let outline = self.rectangle(from, to);
        self.clip_path(outline.as_ref(), FillRule::Winding, Join::Diff)
    }

    /// Takes back all clips but those that were made to stay.
    pub(super) fn unclip(&mut self) {
        self.state.clip = self.state.meta.clone();
    }

    /// Makes all clips stay, whatever is selected later ([MS-EMF] 2.3.2.8, `EMR_SETMETARGN`).
    pub(super) fn keep_clip(&mut self) {
        self.state.meta = self.state.clip.clone();
    }

    /// Moves what is clipped to by logical units.
    pub(super) fn offset_clip(&mut self, (x, y): Place) -> Result<(), Refusal> {
        let (clip, meta) = (self.state.clip.clone(), self.state.meta.clone());
        // what stays is not moved
        if clip.is(&meta) {
            return Ok(());
        }
        let to = self.to_pixels();
        let by = near(
            Transform::from_row(to.sx, to.ky, to.kx, to.sy, 0.0, 0.0),
            (x, y),
        );
        if let Some(mask) = &clip.mask {
            self.charge_canvas()?;
            let mut moved = self.blank()?;
            let (across, down) = (pixels(by.x), pixels(by.y));
            shift(mask, &mut moved, (across, down));
            self.within(&meta, &mut moved)?;
            self.state.clip = Clip::of(moved);
        } else if let Some([left, top, right, bottom]) = clip.area {
            self.state.clip.area = Some([left + by.x, top + by.y, right + by.x, bottom + by.y]);
            if let (Some(area), None) = (meta.area, &meta.mask) {
                self.clip_area(area);
            }
        }
        Ok(())
    }

    /// The mask of what is clipped to; `None` where nothing can be seen.
    pub(super) fn mask(&mut self) -> Result<Option<Ruled>, Refusal> {
        let clip = self.state.clip.clone();
        self.mask_for(&clip)
    }

    fn mask_for(&mut self, clip: &Clip) -> Result<Option<Ruled>, Refusal> {
        if let Some(mask) = &clip.mask {
            return Ok(Some(Ruled(Some(Rc::clone(mask)))));
        }
        let Some(area) = clip.area else {
            return Ok(Some(Ruled(None)));
        };
        let [left, top, right, bottom] = area;
        let (wide, high) = (
            single(i64::from(self.pixmap.width())),
            single(i64::from(self.pixmap.height())),
        );
        let is_beyond = left >= wide || top >= high || right <= 0.0 || bottom <= 0.0;
        if left >= right || top >= bottom || is_beyond {
            return Ok(None);
        }
        if left <= 0.0 && top <= 0.0 && right >= wide && bottom >= high {
            return Ok(Some(Ruled(None)));
        }
        self.mask_of(area).map(|mask| Some(Ruled(Some(mask))))
    }

    fn mask_of(&mut self, area: [f32; 4]) -> Result<Rc<Mask>, Refusal> {
        if let Some((of, mask)) = &self.area
            && of.iter().zip(area).all(|(a, b)| a.total_cmp(&b).is_eq())
        {
            return Ok(Rc::clone(mask));
        }
        self.charge_canvas()?;
        let [left, top, right, bottom] = area;
        let mut mask = self.blank()?;
        if let Some(rect) = Rect::from_ltrb(left, top, right, bottom) {
            let outline = PathBuilder::from_rect(rect);
            mask.fill_path(&outline, FillRule::Winding, true, Transform::identity());
        }
        let mask = Rc::new(mask);
        self.area = Some((area, Rc::clone(&mask)));
        Ok(mask)
    }

    /// A mask that lets nothing through.
    fn blank(&self) -> Result<Mask, Refusal> {
        Mask::new(self.pixmap.width(), self.pixmap.height())
            .ok_or(Refusal::internal("metafile: a mask"))
    }
}

/// A distance in whole pixels.
fn pixels(side: f32) -> i64 {
    let length = i64::from(whole(side.abs().round(), FAR));
    if side < 0.0 {
        length.saturating_neg()
    } else {
        length
    }
}

/// Moves a mask. What comes in at a border is as the border: nobody knows what was beyond it.
fn shift(from: &Mask, to: &mut Mask, (across, down): (i64, i64)) {
    let (wide, high) = (i64::from(from.width()), i64::from(from.height()));
    let source = |at: i64, by: i64, side: i64| {
        let last = side.saturating_sub(1).max(0);
        usize::try_from(at.saturating_sub(by).clamp(0, last)).unwrap_or(0)
    };
    let width = usize::try_from(wide).unwrap_or(0);
    let pixels = (0..high).flat_map(|y| (0..wide).map(move |x| (x, y)));
    for (pixel, (x, y)) in to.data_mut().iter_mut().zip(pixels) {
        let at = source(y, down, high)
            .saturating_mul(width)
            .saturating_add(source(x, across, wide));
        *pixel = from.data().get(at).copied().unwrap_or(0);
    }
}

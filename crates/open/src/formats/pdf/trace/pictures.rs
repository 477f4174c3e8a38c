//! Pictures: decoded, told apart, and handed over before the drawing that shows them.
#![expect(
    clippy::many_single_char_names,
    reason = "the entries of a transform have these names"
)]
#![expect(
    clippy::arithmetic_side_effects,
    reason = "points and transforms are floats, whose arithmetic has no side effects"
)]

use super::{Tracer, What};
use crate::formats::pdf::text::place::floor;
use hayro::hayro_interpret::{
    CacheKey, Image, ImageData, ImageDrawProps, LumaData, Paint, RasterImage, StencilImage,
};
use hayro::kurbo::{Affine, Rect};
use hayro_syntax::object::{Array, Dict, Name};
use mugai_core::drawing::{Ink, Matrix, Mix, Step};
use mugai_core::{Cx, Page, Piece, PixelFormat, Purpose, Refusal};
use std::collections::HashMap;

/// The most pixels that wait for the page that shows them to be traced to its end.
const MAX_WAITING: usize = 128 << 20;

/// Pixels that are paid for when they are handed over.
pub(super) struct Raw {
    pub(super) width: u32,
    pub(super) height: u32,
    /// Rows from the top, without padding.
    pub(super) colours: Vec<u8>,
    /// Bytes a pixel: 1 or 3.
    pub(super) components: usize,
    pub(super) is_photographic: bool,
}

/// The number of a picture, and that of its mask.
type Numbers = (u32, Option<u32>);

/// The pictures of some pages that are drawn one after the other.
#[derive(Default)]
pub(in crate::formats::pdf) struct Album {
    /// Numbers of pictures, and of the masks of those that have one, by what they were made of.
    known: HashMap<(u128, Purpose), Option<Numbers>>,
    /// What pictures fill of the place of theirs, in parts of its sides, where that is not all of it: the data of
    /// some end early.
    shares: HashMap<u32, (f64, f64)>,
    waiting: Vec<(Raw, Purpose)>,
    waiting_bytes: usize,
    /// How many were handed over.
    sent: u32,
    /// Whether a picture was left out because too many wait.
    pub(super) is_full: bool,
}

impl Album {
    /// From here on nothing is known of what was handed over.
    pub(in crate::formats::pdf) fn forget(&mut self) {
        self.known.clear();
        self.shares.clear();
    }

    /// Takes a picture and tells its number; `None` where too many wait.
    pub(super) fn add(&mut self, raw: Raw, purpose: Purpose) -> Option<u32> {
        self.waiting_bytes = self.waiting_bytes.saturating_add(raw.colours.len());
        if self.waiting_bytes > MAX_WAITING {
            self.is_full = true;
            return None;
        }
        let number = u32::try_from(self.waiting.len()).ok()?;
        self.waiting.push((raw, purpose));
        self.sent.checked_add(number)
    }

    /// Hands over what waits.
    pub(in crate::formats::pdf) fn send(&mut self, cx: &mut Cx<'_>) -> Result<(), Refusal> {
        self.waiting_bytes = 0;
        for (raw, purpose) in std::mem::take(&mut self.waiting) {
            let format = if raw.components == 1 {
                PixelFormat::Grey8
            } else {
                PixelFormat::Rgb8
            };
            let canvas = Page::start(raw.width, raw.height, format, cx.budget())?
                .with_photographic(raw.is_photographic)
                .with_purpose(purpose);
            cx.put(Piece::Page(canvas.fill(raw.colours)?))?;
            self.sent = self.sent.saturating_add(1);
        }
        Ok(())
    }

    /// Forgets what waits: its page became something else.
    pub(in crate::formats::pdf) fn drop_waiting(&mut self) {
        self.waiting.clear();
        self.waiting_bytes = 0;
        self.is_full = false;
        let sent = self.sent;
        self.shares.retain(|picture, _| *picture < sent);
        self.known.retain(|_, numbers| {
            numbers.is_some_and(|(picture, mask)| picture < sent && mask.is_none_or(|m| m < sent))
        });
    }

    /// Makes white what is covered of picture number `picture`, and transparent what is of a mask: the `squares`,
    /// in parts of its sides. `false` where it was handed over before.
    pub(in crate::formats::pdf) fn blank(
        &mut self,
        picture: u32,
        squares: impl Iterator<Item = Rect>,
    ) -> bool {
        let place = picture.checked_sub(self.sent);
        let place = place.and_then(|place| usize::try_from(place).ok());
        let Some((raw, purpose)) = place.and_then(|place| self.waiting.get_mut(place)) else {
            return false;
        };
        // a stencil paints where it is black
        let level = match purpose {
            Purpose::Mask => 0,
            Purpose::Sheet | Purpose::Picture | Purpose::Stencil => u8::MAX,
        };
        let (width, height) = (f64::from(raw.width), f64::from(raw.height));
        let columns = usize::try_from(raw.width).unwrap_or(0);
        let row_len = columns.saturating_mul(raw.components);
        for square in squares {
            // pixels whose middle lies in it
            let first = |side: f64, of: f64| floor((side * of - 0.5).ceil().max(0.0));
            let rows = first(square.y0, height)..first(square.y1, height);
            let (left, right) = (
                first(square.x0, width),
                first(square.x1, width).min(columns),
            );
            for row in raw
                .colours
                .chunks_mut(row_len.max(1))
                .take(rows.end)
                .skip(rows.start)
            {
                let range =
                    left.saturating_mul(raw.components)..right.saturating_mul(raw.components);
                if let Some(pixels) = row.get_mut(range) {
                    pixels.fill(level);
                }
            }
        }
        // the next page may show what is covered here
        self.known
            .retain(|_, numbers| numbers.is_none_or(|(number, _)| number != picture));
        true
    }

    /// What a picture fills of its place, in parts of its sides; `None` where nothing of it is drawn.
    pub(super) fn shown(&self, image: &RasterImage<'_>) -> Option<(f64, f64)> {
        match self.known.get(&(image.cache_key(), Purpose::Picture)) {
            Some(numbers) => {
                let (picture, _) = (*numbers)?;
                Some(self.shares.get(&picture).copied().unwrap_or((1.0, 1.0)))
            }
            // it was not needed for the drawing
            None => share_of(image),
        }
    }

    fn raster(&mut self, image: &RasterImage<'_>) -> Option<Numbers> {
        let key = (image.cache_key(), Purpose::Picture);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let mut numbers = None;
        let mut share = (1.0, 1.0);
        let (whole_width, whole_height) = (f64::from(image.width()), f64::from(image.height()));
        let is_photographic = is_lossy(image.stream().dict());
        image.with_rgba(
            |colours, alpha| {
                let (across, down) = colours.scale_factors();
                let raw = of_colours(colours, is_photographic);
                if let Some(raw) = &raw {
                    share = (
                        f64::from(raw.width) * f64::from(across) / whole_width.max(1.0),
                        f64::from(raw.height) * f64::from(down) / whole_height.max(1.0),
                    );
                }
                let mask = alpha.filter(|alpha| alpha.data.iter().any(|level| *level != u8::MAX));
                let picture = raw.and_then(|raw| self.add(raw, Purpose::Picture));
                let mask = mask.map(|mask| self.add(of_luma(mask, false), Purpose::Mask));
                numbers = match (picture, mask) {
                    (Some(picture), None) => Some((picture, None)),
                    (Some(picture), Some(Some(mask))) => Some((picture, Some(mask))),
                    (None, _) | (Some(_), Some(None)) => None,
                };
            },
            None,
        );
        self.known.insert(key, numbers);
        let is_whole = |share: f64| (share - 1.0).abs() < 1e-3;
        if let Some((picture, _)) = numbers
            && !(is_whole(share.0) && is_whole(share.1))
        {
            self.shares.insert(picture, share);
        }
        numbers
    }

    fn stencil(&mut self, image: &StencilImage<'_, '_>) -> Option<u32> {
        let key = (image.cache_key(), Purpose::Stencil);
        if let Some(known) = self.known.get(&key) {
            return known.map(|(number, _)| number);
        }
        let mut number = None;
        image.with_stencil(
            |luma, _| number = self.add(of_luma(luma, true), Purpose::Stencil),
            None,
        );
        self.known.insert(key, number.map(|number| (number, None)));
        number
    }
}

/// What the pixels of a picture fill of its place, in parts of its sides; `None` where there are none.
pub(in crate::formats::pdf) fn share_of(image: &RasterImage<'_>) -> Option<(f64, f64)> {
    let mut share = None;
    let (width, height) = (f64::from(image.width()), f64::from(image.height()));
    image.with_rgba(
        |colours, _| {
            let (across, down) = colours.scale_factors();
            share = Some((
                f64::from(colours.width()) * f64::from(across) / width.max(1.0),
                f64::from(colours.height()) * f64::from(down) / height.max(1.0),
            ));
        },
        None,
    );
    share
}

/// Whether the picture was stored lossily.
fn is_lossy(dict: &Dict<'_>) -> bool {
    let lossy = |name: &Name<'_>| matches!(name.as_ref(), b"DCTDecode" | b"DCT" | b"JPXDecode");
    let one = dict.get::<Name<'_>>(b"Filter");
    let list = dict.get::<Array<'_>>(b"Filter");
    one.is_some_and(|name| lossy(&name))
        || list.is_some_and(|list| list.iter::<Name<'_>>().any(|name| lossy(&name)))
}

fn of_luma(luma: LumaData, is_inverted: bool) -> Raw {
    let mut colours = luma.data;
    if is_inverted {
        for level in &mut colours {
            *level = !*level;
        }
    }
    Raw {
        width: luma.width,
        height: luma.height,
        colours,
        components: 1,
        is_photographic: false,
    }
}

fn of_colours(colours: ImageData, is_photographic: bool) -> Option<Raw> {
    let raw = match colours {
        ImageData::Luma(luma) => Raw {
            is_photographic,
            ..of_luma(luma, false)
        },
        ImageData::Rgb(rgb) => {
            let pixels = rgb.data.as_chunks::<3>().0;
            let is_grey = pixels.iter().all(|[r, g, b]| r == g && g == b);
            let grey = is_grey.then(|| pixels.iter().map(|[grey, ..]| *grey).collect());
            Raw {
                width: rgb.width,
                height: rgb.height,
                components: if is_grey { 1 } else { 3 },
                colours: grey.unwrap_or(rgb.data),
                is_photographic,
            }
        }
    };
    let area = u64::from(raw.width).checked_mul(u64::from(raw.height))?;
    let bytes = usize::try_from(area).ok()?.checked_mul(raw.components)?;
    let sides = 1..=mugai_core::page::MAX_SIDE_PX;
    let fits = sides.contains(&raw.width) && sides.contains(&raw.height);
    (fits && raw.colours.len() == bytes).then_some(raw)
}

impl<'a> Tracer<'_, 'a, '_> {
    pub(super) fn picture(&mut self, image: &Image<'a, '_>, props: &ImageDrawProps<'a>) {
        let (width, height) = (f64::from(image.width()), f64::from(image.height()));
        let place = props.transform * Affine::scale_non_uniform(width, height);
        let area = place.transform_rect_bbox(Rect::new(0.0, 0.0, 1.0, 1.0));
        let Some(area) = self.within(area).filter(|_| !self.is_unsayable) else {
            return;
        };
        let Some(matrix) = matrix(self.tracing.page * place) else {
            self.cannot_say();
            return;
        };
        let has_mask = props.soft_mask.is_some();
        match image {
            Image::Raster(raster) => {
                let Some(mix) = self.mix(has_mask, props.blend_mode, u8::MAX) else {
                    self.cannot_say_in(area);
                    return;
                };
                // a picture that cannot be decoded is blank, and told by the reader's warnings
                if let Some((picture, mask)) = self.tracing.album.raster(raster) {
                    let (across, down) = self
                        .tracing
                        .album
                        .shares
                        .get(&picture)
                        .copied()
                        .unwrap_or((1.0, 1.0));
                    let place = self.tracing.page * place * Affine::scale_non_uniform(across, down);
                    let Some(matrix) = self::matrix(place) else {
                        self.cannot_say();
                        return;
                    };
                    let step = Step::Picture {
                        picture,
                        mask,
                        matrix,
                        mix,
                    };
                    self.put(What::Step(step), area);
                }
            }
            Image::Stencil(stencil) => self.stencil(stencil, props, matrix, area),
        }
        if self.tracing.album.is_full {
            self.cannot_say();
        }
    }

    fn stencil(
        &mut self,
        stencil: &StencilImage<'a, '_>,
        props: &ImageDrawProps<'a>,
        matrix: Matrix,
        area: Rect,
    ) {
        let mut paint = None;
        stencil.with_stencil(|_, of| paint = Some(of.clone()), Some((1, 1)));
        let Some(paint) = paint else { return };
        let Paint::Color(colour) = paint else {
            self.cannot_say_in(area);
            return;
        };
        let [r, g, b, alpha] = colour.to_rgba().to_rgba8();
        let has_mask = props.soft_mask.is_some();
        let Some(mix) = self.mix(has_mask, props.blend_mode, alpha) else {
            self.cannot_say_in(area);
            return;
        };
        if let Some(picture) = self.tracing.album.stencil(stencil) {
            let ink = Ink {
                rgb: [r, g, b],
                mix: Mix { alpha, ..mix },
            };
            let step = Step::Stencil {
                picture,
                matrix,
                ink,
            };
            self.put(What::Step(step), area);
        }
    }
}

/// A transform in whole hundredths of a point; `None` where it goes too far.
pub(super) fn matrix(place: Affine) -> Option<Matrix> {
    let [a, b, c, d, e, f] = place.as_coeffs().map(super::paths::whole);
    Some([a?, b?, c?, d?, e?, f?])
}

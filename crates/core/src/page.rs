//! Pixels: pages that are paid for before a row of them is read.

use crate::budget::{Budget, Resource};
use crate::layer::Layer;
use crate::refusal::Refusal;

/// The longest side of a page, in pixels: what every raster format of ours can hold.
pub const MAX_SIDE_PX: u32 = 30_000;

/// How a pixel is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PixelFormat {
    /// One byte: luminance, sRGB transfer curve.
    Grey8,
    /// Three bytes: red, green, blue, sRGB.
    Rgb8,
}

impl PixelFormat {
    /// Bytes a pixel.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::Grey8 => 1,
            Self::Rgb8 => 3,
        }
    }
}

/// What pixels are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// They are a page.
    #[default]
    Sheet,
    /// A picture that drawings show.
    Picture,
    /// The opacity of a picture: grey, white is opaque.
    Mask,
    /// Grey; what is darker than the middle is painted by drawings in a colour of theirs.
    Stencil,
}

impl Purpose {
    /// Every purpose, in the order of their wire tags.
    pub const ALL: [Self; 4] = [Self::Sheet, Self::Picture, Self::Mask, Self::Stencil];
}

/// A finished raster page: `width_px` × `height_px` pixels as they look on white paper, rows from the top, no padding.
#[derive(Clone, PartialEq, Eq)]
pub struct Page {
    width_px: u32,
    height_px: u32,
    format: PixelFormat,
    size_pt: Option<(u32, u32)>,
    photographic: bool,
    purpose: Purpose,
    layer: Layer,
    pixels: Vec<u8>,
    opacity: Option<Vec<u8>>,
}

impl Page {
    /// The least that a pixel covers if it covers anything: below, nobody would see what programs that know of no
    /// opacity show.
    pub const LEAST_COVER: u8 = 4;

    /// How much of what is behind is covered by a pixel that would cover `opacity` of it: nothing below
    /// [`Self::LEAST_COVER`].
    #[must_use]
    pub const fn cover(opacity: u8) -> u8 {
        if opacity < Self::LEAST_COVER {
            0
        } else {
            opacity
        }
    }

    /// Checks both sides, pays for every pixel, and only then makes room for them.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for a side of 0 or over [`MAX_SIDE_PX`], [`Refusal::Overrun`] when the
    /// purse does not hold that many pixels.
    pub fn start(
        width_px: u32,
        height_px: u32,
        format: PixelFormat,
        budget: &Budget,
    ) -> Result<Canvas, Refusal> {
        if width_px == 0 || height_px == 0 {
            return Err(Refusal::malformed("page: a side of 0 pixels"));
        }
        if width_px > MAX_SIDE_PX || height_px > MAX_SIDE_PX {
            return Err(Refusal::malformed("page: a side over 30000 pixels"));
        }
        let count = u64::from(width_px).saturating_mul(u64::from(height_px));
        budget.charge(Resource::Pixels, count)?;
        let length = usize::try_from(count)
            .ok()
            .and_then(|n| n.checked_mul(format.bytes()))
            .ok_or(Refusal::internal("page: size over memory"))?;
        Ok(Canvas {
            width_px,
            height_px,
            format,
            length,
            size_pt: None,
            photographic: false,
            purpose: Purpose::Sheet,
            layer: Layer::default(),
            pixels: Vec::new(),
            opacity: None,
        })
    }

    /// Width in pixels, 1 to [`MAX_SIDE_PX`].
    #[must_use]
    pub const fn width_px(&self) -> u32 {
        self.width_px
    }

    /// Height in pixels, 1 to [`MAX_SIDE_PX`].
    #[must_use]
    pub const fn height_px(&self) -> u32 {
        self.height_px
    }

    /// The pixel format.
    #[must_use]
    pub const fn format(&self) -> PixelFormat {
        self.format
    }

    /// Width and height on paper in thousandths of a point (1/72 inch), where the source tells.
    #[must_use]
    pub const fn size_millipoints(&self) -> Option<(u32, u32)> {
        self.size_pt
    }

    /// Whether the source was stored lossily, so that a lossy writer loses nothing more to speak of.
    #[must_use]
    pub const fn photographic(&self) -> bool {
        self.photographic
    }

    /// What the pixels are for.
    #[must_use]
    pub const fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// What can be read on the page; empty where the source has no text or the order wants none.
    #[must_use]
    pub const fn layer(&self) -> &Layer {
        &self.layer
    }

    /// Takes out what can be read on the page.
    #[must_use]
    pub fn take_layer(&mut self) -> Layer {
        std::mem::take(&mut self.layer)
    }

    /// The `width_px` by `height_px` pixels from column `left` and row `top` on, as a page without a size on
    /// paper, without text, and opaque; `None` unless all of them are there. They are paid for already.
    #[must_use]
    pub fn cut(&self, left: u32, top: u32, width_px: u32, height_px: u32) -> Option<Self> {
        let fits = |from: u32, length: u32, side: u32| {
            length > 0 && from.checked_add(length).is_some_and(|end| end <= side)
        };
        if !fits(left, width_px, self.width_px) || !fits(top, height_px, self.height_px) {
            return None;
        }
        let bytes = |pixels: u32| {
            usize::try_from(pixels)
                .ok()?
                .checked_mul(self.format.bytes())
        };
        let row = bytes(self.width_px)?;
        let (skipped, kept) = (bytes(left)?, bytes(width_px)?);
        let end = skipped.checked_add(kept)?;
        let rows = self.pixels.chunks_exact(row);
        let rows = rows
            .skip(usize::try_from(top).ok()?)
            .take(usize::try_from(height_px).ok()?);
        let mut pixels = Vec::new();
        pixels.reserve_exact(kept.checked_mul(usize::try_from(height_px).ok()?)?);
        for row in rows {
            pixels.extend_from_slice(row.get(skipped..end)?);
        }
        Some(Self {
            width_px,
            height_px,
            format: self.format,
            size_pt: None,
            photographic: self.photographic,
            purpose: self.purpose,
            layer: Layer::default(),
            pixels,
            opacity: None,
        })
    }

    /// The same page, white in the `width_px` by `height_px` pixels from column `left` and row `top` on, as far as
    /// they are on it.
    #[must_use]
    pub fn without(mut self, left: u32, top: u32, width_px: u32, height_px: u32) -> Self {
        let index = |pixels: u32| usize::try_from(pixels).unwrap_or(usize::MAX);
        let channels = self.format.bytes();
        let row = index(self.width_px).saturating_mul(channels);
        let from = index(left).saturating_mul(channels).min(row);
        let length = index(width_px).saturating_mul(channels);
        let to = from.saturating_add(length).min(row);
        let rows = self.pixels.chunks_exact_mut(row.max(1)).skip(index(top));
        for row in rows.take(index(height_px)) {
            if let Some(pixels) = row.get_mut(from..to) {
                pixels.fill(u8::MAX);
            }
        }
        self
    }

    /// All pixels as they look on white paper, row by row from the top.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// How much of what is behind a picture each pixel covers, 0 to 255, for those that cover all of it less than
    /// everywhere; none is from 1 to 3. No sample of a pixel is darker than 255 less that: what covers nothing has no colour
    /// of its own.
    #[must_use]
    pub fn opacity(&self) -> Option<&[u8]> {
        self.opacity.as_deref()
    }
}

impl std::fmt::Debug for Page {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Page({}x{} {:?})",
            self.width_px, self.height_px, self.format
        )
    }
}

/// A page that is paid for and waits for its rows.
#[derive(Debug)]
pub struct Canvas {
    width_px: u32,
    height_px: u32,
    format: PixelFormat,
    length: usize,
    size_pt: Option<(u32, u32)>,
    photographic: bool,
    purpose: Purpose,
    layer: Layer,
    pixels: Vec<u8>,
    opacity: Option<Vec<u8>>,
}

impl Canvas {
    /// Bytes that all rows have together.
    #[must_use]
    pub const fn byte_len(&self) -> usize {
        self.length
    }

    /// States the size on paper in thousandths of a point; 1 to 20,000,000 each (the largest PDF page is 14,400 points),
    /// other values are forgotten.
    #[must_use]
    pub fn with_size_millipoints(mut self, width: u32, height: u32) -> Self {
        let range = 1..=20_000_000;
        self.size_pt =
            (range.contains(&width) && range.contains(&height)).then_some((width, height));
        self
    }

    /// States that the source was stored lossily.
    #[must_use]
    pub const fn with_photographic(mut self, photographic: bool) -> Self {
        self.photographic = photographic;
        self
    }

    /// States what the pixels are for.
    #[must_use]
    pub const fn with_purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = purpose;
        self
    }

    /// States what can be read on the page.
    #[must_use]
    pub fn with_layer(mut self, layer: Layer) -> Self {
        self.layer = layer;
        self
    }

    /// States how much each pixel covers ([`Page::opacity`]), for a picture that something is behind. Who calls pays
    /// for the samples.
    #[must_use]
    pub fn with_opacity(mut self, opacity: Vec<u8>) -> Self {
        self.opacity = Some(opacity);
        self
    }

    /// Appends rows, or parts of rows.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] when there would be more than the page holds.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let sum = self.pixels.len().saturating_add(bytes.len());
        if sum > self.length {
            return Err(Refusal::malformed("page: more pixels than the page holds"));
        }
        if self.pixels.capacity() == 0 {
            self.pixels.reserve_exact(self.length);
        }
        self.pixels.extend_from_slice(bytes);
        Ok(())
    }

    /// Takes over a whole buffer instead of copying it.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] unless it has exactly the length of the page.
    pub fn fill(mut self, pixels: Vec<u8>) -> Result<Page, Refusal> {
        self.pixels = pixels;
        self.finish()
    }

    /// The finished page.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] when pixels are missing, and for an opacity that does not go with them.
    pub fn finish(self) -> Result<Page, Refusal> {
        if self.pixels.len() != self.length {
            return Err(Refusal::malformed("page: pixels are missing or too many"));
        }
        if let Some(opacity) = &self.opacity {
            self.covers(opacity)?;
        }
        Ok(Page {
            width_px: self.width_px,
            height_px: self.height_px,
            format: self.format,
            size_pt: self.size_pt,
            photographic: self.photographic,
            purpose: self.purpose,
            layer: self.layer,
            pixels: self.pixels,
            opacity: self.opacity,
        })
    }

    /// Checks that `opacity` has a sample for each pixel, and that no pixel is darker than what it covers.
    fn covers(&self, opacity: &[u8]) -> Result<(), Refusal> {
        if self.purpose != Purpose::Sheet {
            return Err(Refusal::malformed("page: an opacity where none belongs"));
        }
        let channels = self.format.bytes();
        if opacity.len().checked_mul(channels) != Some(self.length) {
            return Err(Refusal::malformed(
                "page: opacities are missing or too many",
            ));
        }
        let hardly = 1..Page::LEAST_COVER;
        if opacity.iter().any(|covers| hardly.contains(covers)) {
            return Err(Refusal::malformed(
                "page: a pixel that covers next to nothing",
            ));
        }
        let mut pixels = self.pixels.chunks_exact(channels).zip(opacity);
        if pixels.all(|(pixel, covers)| pixel.iter().all(|of| *of >= !covers)) {
            Ok(())
        } else {
            Err(Refusal::malformed("page: a colour where nothing is"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Limits;

    fn purse(pixels: u64) -> Budget {
        Budget::new(Limits {
            bytes: 0,
            pixels,
            parts: 0,
            depth: 0,
            steps: 0,
        })
    }

    #[test]
    fn a_page_is_paid_for_before_it_is_started() {
        assert!(Page::start(4, 5, PixelFormat::Rgb8, &purse(20)).is_ok());
        assert_eq!(
            Page::start(4, 5, PixelFormat::Rgb8, &purse(19)).unwrap_err(),
            Refusal::Overrun {
                resource: Resource::Pixels,
                limit: 19
            }
        );
    }

    #[test]
    fn sides_of_nothing_and_over_the_limit_are_refused() {
        let rich = purse(u64::MAX);
        assert!(Page::start(0, 200_000_000, PixelFormat::Rgb8, &rich).is_err());
        assert!(Page::start(1, 0, PixelFormat::Rgb8, &rich).is_err());
        assert!(Page::start(MAX_SIDE_PX, 1, PixelFormat::Grey8, &rich).is_ok());
        assert!(Page::start(MAX_SIDE_PX + 1, 1, PixelFormat::Grey8, &rich).is_err());
    }

    #[test]
    fn a_part_is_cut_out_where_it_is_on_the_page() {
        let page = Page::start(4, 3, PixelFormat::Rgb8, &purse(12)).unwrap();
        let page = page.fill((0..36).collect()).unwrap();
        let part = page.cut(1, 1, 2, 2).unwrap();
        assert_eq!((part.width_px(), part.height_px()), (2, 2));
        assert_eq!(
            part.pixels(),
            [15, 16, 17, 18, 19, 20, 27, 28, 29, 30, 31, 32]
        );
        for (left, top, width, height) in [
            (3, 0, 2, 1),
            (0, 0, 0, 1),
            (0, 3, 1, 1),
            (u32::MAX, 0, 2, 1),
        ] {
            assert!(page.cut(left, top, width, height).is_none());
        }
    }

    #[test]
    fn what_covers_nothing_has_no_colour() {
        let page = |opacity: &[u8], pixels: &[u8], purpose| {
            let canvas = Page::start(2, 1, PixelFormat::Rgb8, &purse(2)).unwrap();
            let canvas = canvas.with_purpose(purpose).with_opacity(opacity.to_vec());
            canvas.fill(pixels.to_vec())
        };
        let pixels = [255, 255, 255, 200, 155, 255];
        let made = page(&[0, 100], &pixels, Purpose::Sheet).unwrap();
        assert_eq!(made.opacity(), Some(&[0, 100][..]));
        assert_eq!(made.cut(0, 0, 2, 1).unwrap().opacity(), None);
        for (opacity, purpose) in [
            (&[0, 99][..], Purpose::Sheet),
            (&[3, 100], Purpose::Sheet),
            (&[0], Purpose::Sheet),
            (&[0, 100, 255], Purpose::Sheet),
            (&[0, 100], Purpose::Picture),
        ] {
            assert!(page(opacity, &pixels, purpose).is_err(), "{opacity:?}");
        }
    }

    #[test]
    fn exactly_all_pixels_are_needed() {
        let start = || Page::start(2, 2, PixelFormat::Grey8, &purse(4)).unwrap();
        let mut canvas = start();
        canvas.push(&[1, 2, 3]).unwrap();
        assert!(canvas.push(&[4, 5]).is_err());
        canvas.push(&[4]).unwrap();
        assert_eq!(canvas.finish().unwrap().pixels(), [1, 2, 3, 4]);
        assert!(start().finish().is_err());
        assert!(start().fill(vec![0; 5]).is_err());
        assert!(start().fill(vec![0; 4]).is_ok());
    }
}

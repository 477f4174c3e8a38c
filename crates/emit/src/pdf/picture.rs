//! How a page is stored: the smallest form that keeps what can be seen.

use super::deflate::Rows;
use crate::jpeg;
use mugai_core::{Page, PixelFormat, Refusal};

/// Quality of pictures that are looked at rather than read.
const QUALITY: u8 = 85;

/// Shares of pixels are compared as `count * PARTS > total * share`.
const PARTS: u64 = 100;
/// A grey page is text when its two most frequent levels cover this many percent of it.
const TEXT_SHARE: u64 = 70;
/// A colour page is photographic when this many percent of its pixels differ from their left one …
const BUSY_SHARE: u64 = 12;
/// … and it has more than this many colours of five bits a channel.
const MANY_COLOURS: usize = 512;
/// A grey page is photographic when this many percent of its pixels differ from their left one.
const BUSY_GREY_SHARE: u64 = 40;

/// A page in its stored form.
pub(super) struct Picture {
    /// JPEG or Flate data.
    pub(super) data: Vec<u8>,
    /// Whether `data` is a JPEG.
    pub(super) is_jpeg: bool,
    /// Grey or colour.
    pub(super) format: PixelFormat,
    /// Bits a component: 1, 4 or 8.
    pub(super) bits: u8,
}

impl Picture {
    /// Chooses a form for `page` and encodes it.
    pub(super) fn encode(page: &Page) -> Result<Self, Refusal> {
        let form = match page.format() {
            PixelFormat::Grey8 => grey_form(page),
            PixelFormat::Rgb8 => colour_form(page),
        };
        let (data, bits) = match form {
            Form::Jpeg => (jpeg::encode(page, QUALITY)?, 8),
            Form::Flate { bits } => (flate(page, bits)?, bits),
        };
        Ok(Self {
            data,
            is_jpeg: form == Form::Jpeg,
            format: page.format(),
            bits,
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Jpeg,
    Flate { bits: u8 },
}

fn grey_form(page: &Page) -> Form {
    let mut histogram = [0u64; 256];
    let mut changes = 0u64;
    let mut left = None;
    for pixel in page.pixels() {
        if let Some(slot) = histogram.get_mut(usize::from(*pixel)) {
            *slot = slot.saturating_add(1);
        }
        changes = changes.saturating_add(u64::from(left != Some(pixel)));
        left = Some(pixel);
    }
    let used = |keep: fn(u8) -> bool| {
        (0u8..=255)
            .zip(histogram)
            .all(|(level, n)| n == 0 || keep(level))
    };
    if used(|level| level == 0 || level == 255) {
        return Form::Flate { bits: 1 };
    }
    if used(|level| level.is_multiple_of(17)) {
        return Form::Flate { bits: 4 };
    }
    let total = histogram.iter().sum::<u64>();
    if page.photographic() || over(changes, total, BUSY_GREY_SHARE) {
        return Form::Jpeg;
    }
    histogram.sort_unstable_by(|a, b| b.cmp(a));
    let most = histogram.iter().take(2).sum::<u64>();
    // sixteen levels are enough for the edges of letters, but would show as bands in a gradient
    let bits = if over(most, total, TEXT_SHARE) { 4 } else { 8 };
    Form::Flate { bits }
}

fn colour_form(page: &Page) -> Form {
    if page.photographic() {
        return Form::Jpeg;
    }
    let mut seen = vec![false; 1 << 15];
    let mut changes = 0u64;
    let mut total = 0u64;
    let mut left: Option<&[u8; 3]> = None;
    for pixel in page.pixels().as_chunks::<3>().0 {
        total = total.saturating_add(1);
        if left == Some(pixel) {
            continue;
        }
        changes = changes.saturating_add(1);
        left = Some(pixel);
        let index = pixel
            .iter()
            .fold(0usize, |sum, c| (sum << 5) | usize::from(c >> 3));
        if let Some(slot) = seen.get_mut(index) {
            *slot = true;
        }
    }
    let colours = seen.iter().filter(|seen| **seen).count();
    if colours > MANY_COLOURS && over(changes, total, BUSY_SHARE) {
        Form::Jpeg
    } else {
        Form::Flate { bits: 8 }
    }
}

/// Whether `count` of `total` is more than `share` percent.
fn over(count: u64, total: u64, share: u64) -> bool {
    count.saturating_mul(PARTS) > total.saturating_mul(share)
}

/// Packs rows to `bits` a component and compresses them. No predictor: rows of text deflate better raw.
fn flate(page: &Page, bits: u8) -> Result<Vec<u8>, Refusal> {
    let mut rows = Rows::new();
    if bits == 8 {
        rows.push(page.pixels())?;
        return rows.finish();
    }
    let width = usize::try_from(page.width_px()).unwrap_or(usize::MAX);
    let mut packed = Vec::new();
    for row in page.pixels().chunks(width) {
        packed.clear();
        if bits == 1 {
            packed.extend(row.chunks(8).map(pack_eight));
        } else {
            packed.extend(row.chunks(2).map(pack_two));
        }
        rows.push(&packed)?;
    }
    rows.finish()
}

/// Up to eight pixels as bits, white being 1, padded with 0.
fn pack_eight(pixels: &[u8]) -> u8 {
    pixels
        .iter()
        .zip([0x80u8, 0x40, 0x20, 0x10, 8, 4, 2, 1])
        .filter(|(pixel, _)| **pixel >= 128)
        .fold(0, |byte, (_, bit)| byte | bit)
}

/// Up to two pixels as nibbles of the nearest of 16 levels, padded with 0.
fn pack_two(pixels: &[u8]) -> u8 {
    let nibble =
        |pixel: Option<&u8>| pixel.map_or(0, |pixel| pixel.saturating_add(8).div_euclid(17));
    (nibble(pixels.first()) << 4) | nibble(pixels.get(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_are_packed_from_the_left() {
        assert_eq!(pack_eight(&[255, 0, 255, 0, 0, 0, 0, 255]), 0b1010_0001);
        assert_eq!(pack_eight(&[0, 255]), 0b0100_0000);
        assert_eq!(pack_two(&[255, 0]), 0xF0);
        assert_eq!(pack_two(&[17]), 0x10);
        assert_eq!(pack_two(&[0, 25]), 0x01);
        assert_eq!(pack_two(&[8, 9]), 0x01);
    }
}

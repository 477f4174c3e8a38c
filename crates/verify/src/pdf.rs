//! PDF of pages that are one picture each (`docs/profiles/pdf.md`), checked by two means.
//!
//! A walker over the bytes matches the file, from its first byte to its last, against the one
//! spelling that we write; then another library reads the same file, and what it sees must be the
//! same pages and nothing else.

mod flate;
mod tree;
mod walker;

use crate::jpeg;
use mugai_core::Violation;

/// Checks that `bytes` are a PDF of our profile.
///
/// # Errors
/// The rule that they break, and where.
pub(crate) fn check(bytes: &[u8]) -> Result<(), Violation> {
    let pages = walker::walk(bytes)?;
    for page in &pages {
        page.image.check()?;
    }
    tree::compare(bytes, &pages)
}

/// The widest and the highest picture, in pixels.
const MAX_SIDE_PX: u32 = 30_000;

/// One page, as the walker saw it.
struct PageFacts<'a> {
    /// Object number of the page; its content and its picture have the next two.
    id: u32,
    /// Width on paper, in quarters of a point.
    width_quarters: u32,
    /// Height on paper, in quarters of a point.
    height_quarters: u32,
    /// The bytes of the content stream.
    content: &'a [u8],
    /// Its picture.
    image: ImageFacts<'a>,
}

/// A picture, as the walker saw it.
struct ImageFacts<'a> {
    /// Where its data begins in the file.
    offset: usize,
    /// Its compressed data.
    data: &'a [u8],
    /// Whether that is a JPEG; else it is Flate data.
    is_jpeg: bool,
    /// Columns, 1 to [`MAX_SIDE_PX`].
    width_px: u32,
    /// Rows, 1 to [`MAX_SIDE_PX`].
    height_px: u32,
    /// Components a pixel: 1 for grey, 3 for colour.
    components: u8,
    /// Bits a component: 1, 4 or 8 for grey, 8 for colour and JPEG.
    bits: u8,
}

impl ImageFacts<'_> {
    fn check(&self) -> Result<(), Violation> {
        if self.is_jpeg {
            let frame = jpeg::size(self.data).map_err(|violation| Violation {
                offset: u64::try_from(self.offset).ok(),
                ..violation
            })?;
            let same = frame.width_px == self.width_px
                && frame.height_px == self.height_px
                && frame.components == self.components;
            return same
                .then_some(())
                .ok_or(Violation::at("pdf: JPEG of another size", self.offset));
        }
        let row_len = self.row_len();
        let rows = usize::try_from(self.height_px).unwrap_or(usize::MAX);
        let pixels = flate::inflate(self.data, row_len.saturating_mul(rows), self.offset)?;
        let used = self.bits_per_row().rem_euclid(8);
        let padding = if used == 0 { 0 } else { 0xFFu8 >> used };
        if pixels
            .chunks(row_len)
            .any(|row| row.last().is_some_and(|last| last & padding != 0))
        {
            return Err(Violation::at("pdf: padding is not 0", self.offset));
        }
        Ok(())
    }

    /// Bits of a row without its padding: at most 30,000 times 24.
    fn bits_per_row(&self) -> u32 {
        self.width_px
            .saturating_mul(u32::from(self.components))
            .saturating_mul(u32::from(self.bits))
    }

    /// Bytes of a row, padding included.
    fn row_len(&self) -> usize {
        usize::try_from(self.bits_per_row().div_ceil(8)).unwrap_or(usize::MAX)
    }
}

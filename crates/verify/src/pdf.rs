//! PDF of pages that are one picture each (`docs/profiles/pdf.md`), checked by two means.
//!
//! A walker over the bytes matches the file, from its first byte to its last, against the one
//! spelling that we write; then another library reads the same file, and what it sees must be the
//! same pages and nothing else.

mod fax;
mod flate;
mod picture;
mod tree;
mod walker;

use mugai_core::Violation;
use picture::ImageFacts;

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

//! PDF of pages that are one picture each (`docs/profiles/pdf.md`), checked by two means.
//!
//! A walker over the bytes matches the file, from its first byte to its last, against the one
//! spelling that we write; then another library reads the same file, and what it sees must be the
//! same pages and nothing else.

mod fax;
mod flate;
mod layer;
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
    let file = walker::walk(bytes)?;
    for page in &file.pages {
        page.image.check()?;
    }
    if let Some(font) = &file.font {
        let pages: Vec<&layer::Codes> = file.pages.iter().filter_map(|p| p.text.as_ref()).collect();
        layer::check_program(
            font.program.1,
            font.glyphs.1,
            [font.program.0, font.glyphs.0],
        )?;
        layer::check_meanings(font.meanings.1, &pages, font.meanings.0)?;
    }
    tree::compare(bytes, &file)
}

/// The widest and the highest picture, in pixels.
const MAX_SIDE_PX: u32 = 30_000;

/// The whole file, as the walker saw it.
struct FileFacts<'a> {
    /// The pages, in their order.
    pages: Vec<PageFacts<'a>>,
    /// The font of the text over them, where there is any.
    font: Option<FontFacts<'a>>,
    /// Object number of the catalog.
    catalog: u32,
}

/// The font of the text over the pages; it is object 1.
struct FontFacts<'a> {
    /// Object number of its descendant; its descriptor and the three streams have the next four.
    id: u32,
    /// Its program: where it begins in the file, and its compressed bytes.
    program: (usize, &'a [u8]),
    /// The same of the map of glyphs.
    glyphs: (usize, &'a [u8]),
    /// The same of the table of meanings.
    meanings: (usize, &'a [u8]),
}

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
    /// The text over the page, in codes; the content stream is compressed where there is any.
    text: Option<layer::Codes>,
    /// Its picture.
    image: ImageFacts<'a>,
}

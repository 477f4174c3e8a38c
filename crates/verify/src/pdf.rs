//! PDF of pages that are pictures or shapes (`docs/profiles/pdf.md`), checked by two means.
//!
//! A walker over the bytes matches the file, from its first byte to its last, against the one
//! spelling that we write; then another library reads the same file, and what it sees must be the
//! same pages and nothing else.

mod cff;
mod content;
mod fax;
mod film;
mod flate;
mod layer;
mod outlines;
mod picture;
mod plain;
mod shapes;
mod tree;
mod walker;
mod ways;

use content::Content;
use film::Film;
use mugai_core::{Places, Violation};
use picture::ImageFacts;

/// Checks that `bytes` are a PDF of our profile.
///
/// # Errors
/// The rule that they break, and where.
pub(crate) fn check(bytes: &[u8]) -> Result<(), Violation> {
    inside(&Film::here(bytes))
}

/// The same of a file that may be elsewhere, of which the data of one large stream is here at a time.
///
/// # Errors
/// As of [`check`]; also where a place of the file cannot be had.
pub(crate) fn check_places(file: &mut dyn Places) -> Result<(), Violation> {
    if let Some(bytes) = file.here() {
        return check(bytes);
    }
    let (bytes, holes) = film::load(file)?;
    inside(&Film::of(&bytes, &holes, file))
}

fn inside(film: &Film<'_>) -> Result<(), Violation> {
    let facts = walker::walk(film)?;
    for image in &facts.images {
        image.check(film)?;
    }
    let pages = facts.pages.iter().map(|page| &page.content);
    let pages: Vec<&layer::Texts> = pages.filter_map(|c| c.text.as_ref()).collect();
    layer::check_plain(&pages)?;
    if let Some(font) = &facts.letters {
        layer::check_program(
            font.program.1,
            font.glyphs.1,
            [font.program.0, font.glyphs.0],
        )?;
        layer::check_meanings(font.meanings.1, &pages, font.meanings.0)?;
    }
    if let Some(font) = &facts.outlines {
        let runs = facts.pages.iter().flat_map(|page| &page.content.runs);
        outlines::check(font, runs)?;
    }
    film.end()?;
    tree::compare(film.bytes, &facts)
}

/// The widest and the highest picture, in pixels.
const MAX_SIDE_PX: u32 = 30_000;

/// The whole file, as the walker saw it.
struct FileFacts<'a> {
    /// The pages, in their order.
    pages: Vec<PageFacts<'a>>,
    /// The pictures, in their order.
    images: Vec<ImageFacts<'a>>,
    /// The font of the text over the pages, where there is any.
    letters: Option<FontFacts<'a>>,
    /// Object number of the font of Latin letters over the pages, where there are any.
    plain: Option<u32>,
    /// The font of drawn pages, where there are glyphs.
    outlines: Option<OutlineFacts<'a>>,
    /// Bookmarks.
    ways: ways::Ways,
    /// Whether pages have names.
    has_labels: bool,
    /// How many objects there are.
    count: usize,
}

/// A stream: where it begins in the file, and its compressed bytes.
type Data<'a> = (usize, &'a [u8]);

/// The font of the text over the pages.
struct FontFacts<'a> {
    /// Object number; its descendant, its descriptor and three streams have the next five.
    id: u32,
    /// Its program.
    program: Data<'a>,
    /// The map of glyphs.
    glyphs: Data<'a>,
    /// The table of meanings.
    meanings: Data<'a>,
}

/// The font of drawn pages.
struct OutlineFacts<'a> {
    /// Object number; its descendant, its descriptor and two streams have the next four.
    id: u32,
    /// The widths of its codes, from 1 on.
    widths: Vec<i64>,
    /// The box around its glyphs.
    bounds: [i64; 4],
    /// Its program.
    program: Data<'a>,
    /// The table of meanings.
    meanings: Data<'a>,
}

/// One page, as the walker saw it.
struct PageFacts<'a> {
    /// Object number of the page.
    id: u32,
    /// Width and height on paper, in hundredths of a point.
    size: (u32, u32),
    /// Object number of the content stream.
    content_id: u32,
    /// The bytes of the content stream.
    data: &'a [u8],
    /// What the content says.
    content: Content,
    /// Its links.
    links: Vec<ways::Link>,
}

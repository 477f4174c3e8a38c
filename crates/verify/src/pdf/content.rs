//! The operators of a page: one picture or shapes, and invisible text over them.

use super::{flate, layer, shapes};
use mugai_core::Violation;
use std::collections::BTreeSet;

/// The most bytes of the operators of one page.
const MAX_CONTENT: usize = 256 << 20;
/// Where the text over a page begins.
const OVER: &str = "\nq .1 0 0 .1 0 0 cm BT 3 Tr\n";

/// What the operators of a page say.
#[derive(Default)]
pub(super) struct Content {
    /// The text over the page, in codes.
    pub(super) text: Option<layer::Codes>,
    /// Object numbers of the pictures that it shows.
    pub(super) shown: BTreeSet<u32>,
    /// Its graphics states: opacity of 255 and number of the blend mode.
    pub(super) mixes: BTreeSet<(u8, usize)>,
    /// Its visible text, in codes.
    pub(super) runs: Vec<Vec<u16>>,
}

/// Reads the compressed operators of a page whose sides are spelled `width` and `height`.
pub(super) fn read(
    data: &[u8],
    width: &str,
    height: &str,
    offset: usize,
) -> Result<Content, Violation> {
    let bad = |rule| Violation::at(rule, offset);
    let operators = flate::inflate_up_to(data, MAX_CONTENT, offset)?;
    let operators = std::str::from_utf8(&operators).map_err(|_| bad("pdf: operators"))?;
    let (below, over) = match operators.split_once(OVER) {
        Some((below, over)) => (below, Some(over)),
        None => (operators, None),
    };
    let mut content = one_picture(below, width, height)
        .or_else(|| shapes::read(below, height))
        .ok_or(bad("pdf: operators of a page"))?;
    if let Some(over) = over {
        let text = layer::read(over).ok_or(bad("pdf: text operators"))?;
        content.text = Some(text);
    }
    Ok(content)
}

/// `q 595.25 0 0 842 0 0 cm/I3 Do`, `Q`.
fn one_picture(operators: &str, width: &str, height: &str) -> Option<Content> {
    let rest = operators.strip_prefix(&format!("q {width} 0 0 {height} 0 0 cm"))?;
    let number = picture_name(rest.strip_suffix(" Do\nQ")?)?;
    Some(Content {
        shown: BTreeSet::from([number]),
        ..Content::default()
    })
}

/// The object number in `/I3`.
pub(super) fn picture_name(name: &str) -> Option<u32> {
    let digits = name.strip_prefix("/I")?;
    let number: u32 = digits.parse().ok()?;
    (number.to_string() == digits).then_some(number)
}

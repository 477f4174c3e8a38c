//! The fonts of a document ([MS-DOC] 2.9.82, 2.9.286): their names tell what letters of fonts of symbols show.

use crate::formats::field::by_font;
use crate::formats::ole::little::utf16;
use mugai_core::{Cx, Refusal, Resource};

/// Bytes of the table before the first font, and of a font before its name.
const HEAD: usize = 4;
const BEFORE_NAME: usize = 39;

/// The names of the fonts in the order of their numbers.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn names(table: &[u8], cx: &Cx<'_>) -> Result<Vec<String>, Refusal> {
    let mut names = Vec::new();
    let mut rest = table.get(HEAD..).unwrap_or_default();
    while let Some((length, behind)) = rest.split_first() {
        cx.charge(Resource::Steps, 16)?;
        cx.charge_len(Resource::Bytes, usize::from(*length).saturating_add(64))?;
        let Some((font, behind)) = behind.split_at_checked(usize::from(*length)) else {
            break;
        };
        let name = utf16(font.get(BEFORE_NAME..).unwrap_or_default());
        // behind its end another name may stand
        let name = name.split('\0').next().unwrap_or_default();
        names.push(name.to_owned());
        rest = behind;
    }
    Ok(names)
}

/// What a letter shows that is told with its font; in fonts that are not known, itself: one of the private-use area
/// is then told as missing, and counted.
pub(super) fn shown(font: &str, letter: u16) -> char {
    let letter = char::from_u32(letter.into()).unwrap_or(char::REPLACEMENT_CHARACTER);
    let shown = by_font(font, letter).unwrap_or(letter);
    // controls would be marks of the text
    if shown.is_control() {
        char::REPLACEMENT_CHARACTER
    } else {
        shown
    }
}

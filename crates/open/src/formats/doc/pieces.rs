//! The pieces of a text ([MS-DOC] 2.8.35, 2.9.177): where in the main stream its characters lie.

use super::fib::Fib;
use super::looks::Change;
use crate::formats::ole::little::{part, size_at, u8_at, u16_at, u32_at};
use crate::formats::rtf::of_font;
use encoding_rs::{Encoding, WINDOWS_1252};
use mugai_core::{Cx, Refusal, Resource};
use std::ops::Range;

/// How characters of a piece are written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Letters {
    /// UTF-16, low bytes first.
    Wide,
    /// One byte, or two in some charsets of before Word 97.
    Narrow(&'static Encoding),
}

/// Characters that follow each other in the main stream.
#[derive(Clone, Debug)]
pub(super) struct Run {
    /// Their places in the text.
    pub(super) places: Range<usize>,
    /// Where they begin in the main stream.
    pub(super) start: usize,
    pub(super) letters: Letters,
    /// What is said of all of them: programs that save fast tell what was deleted here.
    pub(super) change: Change,
}

/// The pieces in the order of the text.
///
/// # Errors
/// [`Refusal::Malformed`], [`Refusal::Overrun`]
pub(super) fn read(fib: &Fib, table: &[u8], cx: &Cx<'_>) -> Result<Vec<Run>, Refusal> {
    let bad = Refusal::malformed("doc: pieces");
    let letters = letters(fib, table);
    if fib.pieces.is_empty() && fib.old {
        return Ok(vec![whole(fib, letters)]);
    }
    let mut rest = table.get(fib.pieces.clone()).ok_or(bad.clone())?;
    // looks that whole pieces have come first
    let mut changes = Vec::new();
    while let [1, looks @ ..] = rest {
        let length = u16_at(looks, 0).map_or(usize::MAX, usize::from);
        let modifiers = part(looks, 2, length).ok_or(bad.clone())?;
        cx.charge_len(Resource::Steps, length.saturating_add(4))?;
        cx.charge(Resource::Bytes, 32)?;
        changes.push(if fib.old {
            Change::default()
        } else {
            Change::of(modifiers)
        });
        rest = looks.get(length.saturating_add(2)..).unwrap_or_default();
    }
    let [2, list @ ..] = rest else {
        return Err(bad);
    };
    let length = size_at(list, 0).ok_or(bad.clone())?;
    let list = part(list, 4, length).ok_or(bad.clone())?;
    let count = list.len().saturating_sub(4) / 12;
    cx.charge_len(Resource::Steps, count.saturating_mul(8))?;
    cx.charge_len(Resource::Bytes, count.saturating_mul(64))?;
    let mut runs = Vec::new();
    for number in 0..count {
        let here = number.saturating_mul(4);
        let entry = count
            .saturating_add(1)
            .saturating_mul(4)
            .saturating_add(number.saturating_mul(8));
        let from = size_at(list, here).ok_or(bad.clone())?;
        let to = size_at(list, here.saturating_add(4)).ok_or(bad.clone())?;
        let place = u32_at(list, entry.saturating_add(2)).ok_or(bad.clone())?;
        let word = u16_at(list, entry.saturating_add(6)).ok_or(bad.clone())?;
        let before = runs.last().map_or(0, |run: &Run| run.places.end);
        if from != before || to < from {
            return Err(bad);
        }
        // one of no length says nothing, and there may be any number of them in one place
        if to == from {
            continue;
        }
        let (place, letters) = if fib.old {
            (place, letters)
        } else if place & 1 << 30 != 0 {
            ((place & !(1 << 30)) / 2, Letters::Narrow(WINDOWS_1252))
        } else {
            (place, Letters::Wide)
        };
        runs.push(Run {
            places: from..to,
            start: usize::try_from(place).unwrap_or(usize::MAX),
            letters,
            change: change(word, &changes),
        });
    }
    Ok(runs)
}

/// What is said of a whole piece: by itself, or in one of the lists before the pieces ([MS-DOC] 2.9.214).
fn change(word: u16, changes: &[Change]) -> Change {
    if word & 1 == 0 {
        return Change::short(word);
    }
    let listed = changes.get(usize::from(word >> 1));
    listed.copied().unwrap_or_default()
}

/// All of the text in one piece.
fn whole(fib: &Fib, letters: Letters) -> Run {
    let bytes = fib.plain.len();
    let count = match letters {
        Letters::Wide => bytes / 2,
        Letters::Narrow(_) => bytes,
    };
    Run {
        places: 0..count,
        start: fib.plain.start,
        letters,
        change: Change::default(),
    }
}

/// Before Word 97 the language of the writer told the charset.
fn letters(fib: &Fib, table: &[u8]) -> Letters {
    if fib.wide {
        return Letters::Wide;
    }
    let by_language = match fib.language {
        0x0411 => encoding_rs::SHIFT_JIS,
        0x0412 => encoding_rs::EUC_KR,
        0x0804 | 0x1004 => encoding_rs::GBK,
        0x0404 | 0x0c04 => encoding_rs::BIG5,
        0x0419 | 0x0422 | 0x0423 | 0x0402 | 0x0c1a => encoding_rs::WINDOWS_1251,
        0x0405 | 0x040e | 0x0415 | 0x0418 | 0x041a | 0x041b | 0x0424 => encoding_rs::WINDOWS_1250,
        0x0408 => encoding_rs::WINDOWS_1253,
        0x041f => encoding_rs::WINDOWS_1254,
        0x040d => encoding_rs::WINDOWS_1255,
        _ => WINDOWS_1252,
    };
    // programs for Western Europe wrote other languages in fonts that have another charset
    let fonts = table.get(fib.fonts.clone()).unwrap_or_default();
    let by_font = || of_fonts(fonts.get(2..).unwrap_or_default());
    Letters::Narrow(if by_language == WINDOWS_1252 {
        by_font().unwrap_or(by_language)
    } else {
        by_language
    })
}

/// The charset of the first font that has one of its own.
fn of_fonts(fonts: &[u8]) -> Option<&'static Encoding> {
    let mut rest = fonts;
    while let Some((length, behind)) = rest.split_first() {
        let charset = u8_at(behind, 3).and_then(|number| of_font(i32::from(number)));
        if let Some(charset) = charset.filter(|charset| *charset != WINDOWS_1252) {
            return Some(charset);
        }
        rest = behind.get(usize::from(*length)..)?;
    }
    None
}

impl Run {
    /// The bytes of the characters at `places` of the text, which lie in this run.
    pub(super) fn bytes<'a>(&self, main: &'a [u8], places: &Range<usize>) -> Option<&'a [u8]> {
        let width = self.width();
        let skip = places.start.checked_sub(self.places.start)?;
        let start = self.start.checked_add(skip.checked_mul(width)?)?;
        part(main, start, places.len().checked_mul(width)?)
    }

    /// Bytes of a character.
    pub(super) const fn width(&self) -> usize {
        match self.letters {
            Letters::Wide => 2,
            Letters::Narrow(_) => 1,
        }
    }
}

//! Texts of enhanced metafiles.

use super::{Record, SHORT};
use crate::formats::metafile::letters::Words;
use crate::formats::metafile::paint::Painter;
use crate::formats::metafile::state::{Brush, Font};
use crate::formats::raster::cursor::Cursor;
use crate::formats::rtf::of_font;
use crate::formats::symbols::Symbols;
use mugai_core::Refusal;
use tiny_skia::BlendMode;

/// Options of a text ([MS-EMF] 2.1.11).
const OPAQUE: u32 = 2;
const GLYPHS: u32 = 0x10;
const NO_RECTANGLE: u32 = 0x100;
const SMALL: u32 = 0x200;
/// Distances are told in pairs, across and down.
const PAIRS: u32 = 0x2000;
/// The most letters of one call.
const MAX_LETTERS: usize = 16_384;

/// A font ([MS-EMF] 2.2.13), behind its number.
pub(super) fn font(record: Record<'_>) -> Result<Font, Refusal> {
    let byte = |at: usize| record.bytes.get(at).copied().ok_or(SHORT);
    let name = record.bytes.get(40..104).unwrap_or_default();
    let units = name.chunks_exact(2).map(|pair| match pair {
        [low, high] => u16::from_le_bytes([*low, *high]),
        _ => 0,
    });
    let units = units.take_while(|unit| *unit != 0);
    let name: String = char::decode_utf16(units).filter_map(Result::ok).collect();
    let font = Font {
        height: record.side(12)?,
        escapement: record.i32(20)?,
        bold: record.i32(28)? >= 600,
        italic: byte(32)? != 0,
        underline: byte(33)? != 0,
        strike: byte(34)? != 0,
        serif: false,
        charset: byte(35)?,
        symbols: Symbols::None,
    };
    Ok(font.named(&name, byte(39)?))
}

pub(super) fn play(
    painter: &mut Painter<'_>,
    kind: u32,
    record: Record<'_>,
) -> Result<(), Refusal> {
    if kind == 108 {
        return small(painter, record);
    }
    let options = record.u32(52)?;
    if options & OPAQUE != 0 {
        let (from, to) = (record.place(56)?, record.place(64)?);
        if let Some(outline) = painter.rectangle(from, to)
            && !painter.in_path
        {
            let ground = Brush::Solid(painter.state.back);
            painter.fill_with(&outline, &ground, BlendMode::SourceOver)?;
        }
    }
    let count = record.size(44)?.min(MAX_LETTERS);
    if options & GLYPHS != 0 {
        // numbers of a font that is not here
        painter.lose_letters();
        return Ok(());
    }
    let (text, at, wide) = (record.size(48)?, record.place(36)?, kind == 84);
    let each = if wide { 2 } else { 1 };
    let end = count.saturating_mul(each).saturating_add(text);
    let bytes = record.bytes.get(text..end).ok_or(SHORT)?;
    let offset = record.size(72)?;
    let advances = record
        .bytes
        .get(offset..)
        .filter(|_| offset >= 76)
        .unwrap_or_default();
    let each = if options & PAIRS == 0 { 1 } else { 2 };
    let (text, advances) = letters(bytes, wide, painter.state.font.charset, (advances, each));
    let words = Words {
        text: &text,
        at,
        advances: &advances,
    };
    painter.words(&words)
}

fn small(painter: &mut Painter<'_>, record: Record<'_>) -> Result<(), Refusal> {
    let (at, count, options) = (record.place(8)?, record.size(16)?, record.u32(20)?);
    if options & GLYPHS != 0 {
        painter.lose_letters();
        return Ok(());
    }
    let start = if options & NO_RECTANGLE == 0 { 52 } else { 36 };
    let wide = options & SMALL == 0;
    let each = if wide { 2 } else { 1 };
    let end = count
        .min(MAX_LETTERS)
        .saturating_mul(each)
        .saturating_add(start);
    let bytes = record.bytes.get(start..end).ok_or(SHORT)?;
    let (text, _) = letters(bytes, wide, painter.state.font.charset, (&[], 1));
    let words = Words {
        text: &text,
        at,
        advances: &[],
    };
    painter.words(&words)
}

/// The letters of a text, and how far each moves on: of those in two units, both together. `advances`
/// has the distances, and says how many numbers one is.
fn letters(bytes: &[u8], wide: bool, charset: u8, advances: (&[u8], usize)) -> (String, Vec<f32>) {
    if !wide {
        let encoding = of_font(i32::from(charset)).unwrap_or(encoding_rs::WINDOWS_1252);
        let text = encoding.decode_without_bom_handling(bytes).0.into_owned();
        let single = text.chars().count() == bytes.len();
        let advances = if single {
            distances(advances, bytes.len())
        } else {
            Vec::new()
        };
        return (text, advances);
    }
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|pair| match pair {
            [low, high] => u16::from_le_bytes([*low, *high]),
            _ => 0,
        })
        .collect();
    let given = distances(advances, units.len());
    let mut text = String::new();
    let mut sums = Vec::new();
    let mut at = 0usize;
    for letter in char::decode_utf16(units.iter().copied()) {
        let letter = letter.unwrap_or(char::REPLACEMENT_CHARACTER);
        let next = at.saturating_add(letter.len_utf16());
        text.push(letter);
        if let Some(own) = given.get(at..next) {
            sums.push(own.iter().sum());
        }
        at = next;
    }
    (text, sums)
}

fn distances((bytes, each): (&[u8], usize), count: usize) -> Vec<f32> {
    let mut cursor = Cursor::little(bytes, 0);
    let mut all = Vec::new();
    for _ in 0..count {
        let distance = cursor.u32();
        (1..each).for_each(|_| {
            cursor.u32();
        });
        match distance {
            Some(distance) => all.push(super::single(i64::from(distance.cast_signed()))),
            None => return Vec::new(),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_in_pairs_are_those_across() {
        let numbers: Vec<u8> = [5u32, 0, 7, 1]
            .iter()
            .flat_map(|n| n.to_le_bytes())
            .collect();
        let (text, advances) = letters(b"a\0b\0", true, 0, (&numbers, 2));
        assert_eq!((text.as_str(), advances), ("ab", vec![5.0, 7.0]));
        let (_, advances) = letters(b"a\0b\0", true, 0, (&numbers, 1));
        assert_eq!(advances, [5.0, 0.0]);
    }
}

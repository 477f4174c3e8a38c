//! The part of looks ([MS-XLSB] 2.1.7.50): formats of numbers, fonts, fills, lines, and cells that use them.

use super::records::{CUT, Records, string};
use super::theme::Theme;
use crate::formats::book::{Border, Code, Color, Fill, Font, Line, Look};
use crate::formats::ole::little::{u8_at, u16_at, u32_at};
use mugai_core::{Cx, Refusal, Resource};
use std::collections::BTreeMap;

const FONT: u16 = 43;
const FORMAT: u16 = 44;
const FILL: u16 = 45;
const BORDER: u16 = 46;
const LOOK: u16 = 47;
const INDEXED: u16 = 475;
const LOOKS: u16 = 617;
const LOOKS_END: u16 = 618;

/// The most of each kind.
const MAX_LOOKS: usize = 65_536;
/// The most formats of numbers, which the programs have fewer of.
const MAX_FORMATS: usize = 4_096;
/// The longest name of a font, in characters.
const MAX_NAME: usize = 31;

/// Colours by numbers from 8 on, where the book says no others (ECMA-376 part 1, section 18.8.27).
#[expect(
    clippy::unreadable_literal,
    reason = "colours are written as six digits"
)]
pub(in crate::formats) const PALETTE: [u32; 56] = [
    0x000000, 0xffffff, 0xff0000, 0x00ff00, 0x0000ff, 0xffff00, 0xff00ff, 0x00ffff, 0x800000,
    0x008000, 0x000080, 0x808000, 0x800080, 0x008080, 0xc0c0c0, 0x808080, 0x9999ff, 0x993366,
    0xffffcc, 0xccffff, 0x660066, 0xff8080, 0x0066cc, 0xccccff, 0x000080, 0xff00ff, 0xffff00,
    0x00ffff, 0x800080, 0x800000, 0x008080, 0x0000ff, 0x00ccff, 0xccffff, 0xccffcc, 0xffff99,
    0x99ccff, 0xff99cc, 0xcc99ff, 0xffcc99, 0x3366ff, 0x33cccc, 0x99cc00, 0xffcc00, 0xff9900,
    0xff6600, 0x666699, 0x969696, 0x003366, 0x339966, 0x003300, 0x333300, 0x993300, 0x993366,
    0x333399, 0x333333,
];

/// How cells look.
#[derive(Default)]
pub(super) struct Looks {
    /// The formats in use, the general one first.
    pub(super) codes: Vec<Code>,
    pub(super) fonts: Vec<Font>,
    pub(super) fills: Vec<Fill>,
    pub(super) borders: Vec<Border>,
    pub(super) cells: Vec<Look>,
}

/// Where colours are looked up.
struct Colors<'a> {
    palette: Vec<[u8; 3]>,
    theme: &'a Theme,
}

impl Colors<'_> {
    /// A colour ([MS-XLSB] 2.5.12); none where the program's own is meant.
    fn at(&self, content: &[u8], at: usize) -> Option<Color> {
        let kind = u8_at(content, at)?;
        let number = usize::from(u8_at(content, at.checked_add(1)?)?);
        let tint = u16_at(content, at.checked_add(2)?)?.cast_signed();
        let rgb = match kind >> 1 {
            1 => {
                let number = number.checked_sub(if number < 8 { 0 } else { 8 })?;
                *self.palette.get(number)?
            }
            2 => {
                let at = at.checked_add(4)?;
                *content.get(at..)?.first_chunk::<3>()?
            }
            3 => self.theme.color(number)?,
            _ => return None,
        };
        Some(Color {
            rgb,
            tint: f64::from(tint) / f64::from(i16::MAX),
        })
    }
}

/// Reads the looks.
///
/// # Errors
/// [`Refusal::Malformed`], [`Refusal::Overrun`]
pub(super) fn read(bytes: &[u8], theme: &Theme, cx: &Cx<'_>) -> Result<Looks, Refusal> {
    let colors = Colors {
        palette: palette(bytes, cx)?,
        theme,
    };
    let mut records = Records::new(bytes);
    let mut formats = BTreeMap::new();
    let mut all = Looks::default();
    let mut numbers: Vec<(u16, Look)> = Vec::new();
    let mut inside = false;
    while let Some((kind, content)) = records.next(cx)? {
        match kind {
            FORMAT if formats.len() < MAX_FORMATS => {
                let number = u16_at(content, 0).ok_or(CUT)?;
                let (code, _) = string(content, 2).ok_or(CUT)?;
                formats.insert(number, Code::paid(&code, cx)?);
            }
            FONT if all.fonts.len() < MAX_LOOKS => {
                cx.charge(Resource::Bytes, 96)?;
                all.fonts.push(font(content, &colors).ok_or(CUT)?);
            }
            FILL if all.fills.len() < MAX_LOOKS => {
                cx.charge(Resource::Bytes, 64)?;
                all.fills.push(fill(content, &colors).ok_or(CUT)?);
            }
            BORDER if all.borders.len() < MAX_LOOKS => {
                cx.charge(Resource::Bytes, 192)?;
                all.borders.push(border(content, &colors).ok_or(CUT)?);
            }
            LOOKS => inside = true,
            LOOKS_END => inside = false,
            LOOK if inside && numbers.len() < MAX_LOOKS => {
                cx.charge(Resource::Bytes, 64)?;
                numbers.push(look(content).ok_or(CUT)?);
            }
            _ => {}
        }
    }
    let mut used: Vec<u16> = numbers
        .iter()
        .map(|(n, _)| *n)
        .filter(|n| *n != 0)
        .collect();
    used.sort_unstable();
    used.dedup();
    all.codes.push(Code::default());
    all.codes
        .extend(used.iter().map(|number| match formats.remove(number) {
            Some(code) => code,
            None => Code::built_in(*number),
        }));
    for (number, look) in numbers {
        let place = used.binary_search(&number);
        all.cells.push(Look {
            format: place.map_or(0, |at| at.saturating_add(1)),
            ..look
        });
    }
    Ok(all)
}

/// The colours that go by numbers; they stand behind what uses them.
fn palette(bytes: &[u8], cx: &Cx<'_>) -> Result<Vec<[u8; 3]>, Refusal> {
    let mut own = Vec::new();
    let mut records = Records::new(bytes);
    while let Some((kind, content)) = records.next(cx)? {
        if kind == INDEXED && own.len() < 64 {
            own.push(content.first_chunk::<3>().copied().unwrap_or_default());
        }
    }
    if own.len() == 64 {
        // the first eight are the next eight once more
        return Ok(own.split_off(8));
    }
    let split = |value: &u32| {
        let [_, r, g, b] = value.to_be_bytes();
        [r, g, b]
    };
    Ok(PALETTE.iter().map(split).collect())
}

fn font(content: &[u8], colors: &Colors<'_>) -> Option<Font> {
    let flags = u16_at(content, 2)?;
    let (name, _) = string(content, 21)?;
    Some(Font {
        name: name.chars().take(MAX_NAME).collect(),
        points: f64::from(u16_at(content, 0)?) / 20.0,
        bold: u16_at(content, 4)? >= 600,
        italic: flags & 2 != 0,
        strike: flags & 8 != 0,
        underline: u8_at(content, 8)?,
        script: u8_at(content, 6)?,
        color: colors.at(content, 12),
        family: u8_at(content, 9)?,
    })
}

fn fill(content: &[u8], colors: &Colors<'_>) -> Option<Fill> {
    Some(Fill {
        // what is more than a pattern is a course of colours, which stays behind
        pattern: u8::try_from(u32_at(content, 0)?).unwrap_or(0),
        front: colors.at(content, 4),
        back: colors.at(content, 12),
    })
}

fn border(content: &[u8], colors: &Colors<'_>) -> Option<Border> {
    let flags = u8_at(content, 0)?;
    let line = |at: usize| {
        Some(Line {
            kind: u8_at(content, at)?,
            color: colors.at(content, at.checked_add(2)?),
        })
    };
    let [top, bottom, left, right, across] = [1, 11, 21, 31, 41].map(line);
    Some(Border {
        lines: [left?, right?, top?, bottom?, across.unwrap_or_default()],
        down: flags & 1 != 0,
        up: flags & 2 != 0,
    })
}

/// A look, with the number of its format still.
fn look(content: &[u8]) -> Option<(u16, Look)> {
    let flags = u16_at(content, 12)?;
    let [low, high] = flags.to_le_bytes();
    let place = |at: usize| u16_at(content, at).map(usize::from);
    let look = Look {
        format: 0,
        font: place(4)?,
        fill: place(6)?,
        border: place(8)?,
        horizontal: low & 7,
        vertical: low >> 3 & 7,
        rotation: u8_at(content, 10)?,
        indent: u8_at(content, 11)?,
        wrap: low & 0x40 != 0,
        shrink: high & 1 != 0,
    };
    Some((u16_at(content, 2)?, look))
}

//! How cells look ([MS-XLS] 2.4.122, 2.4.353, 2.4.188): fonts, alignments, lines and fills by the numbers that newer
//! workbooks have as well.

use super::strings::Spelling;
use crate::formats::book::{Border, Color, Fill, Font, Line, Look};
use crate::formats::ole::little::{u8_at, u16_at, u32_at};
use crate::formats::xlsb::PALETTE;
use std::collections::BTreeMap;

/// The most fonts, and the longest name of one, in characters.
const MAX_FONTS: usize = 4_096;
const MAX_NAME: usize = 64;
/// The charset of a font that is Japanese.
pub(super) const JAPANESE: u8 = 128;

/// What cells look like, as the workbook says it.
#[derive(Debug, Default)]
pub(super) struct Looks {
    pub(super) fonts: Vec<Font>,
    /// The numbers of their colours, which may stand behind them.
    inks: Vec<u16>,
    /// Colours 8 to 63, where the workbook has its own.
    palette: Vec<[u8; 3]>,
    /// By the numbers of looks; formats by the number that programs know.
    raw: Vec<[u8; 20]>,
    pub(super) fills: Vec<Fill>,
    pub(super) borders: Vec<Border>,
    pub(super) all: Vec<Look>,
}

impl Looks {
    /// A font.
    pub(super) fn font(&mut self, content: &[u8], spelling: Spelling) {
        let font = || {
            let flags = u16_at(content, 2)?;
            Some(Font {
                name: spelling
                    .at(content, 14, false)?
                    .chars()
                    .take(MAX_NAME)
                    .collect(),
                points: f64::from(u16_at(content, 0)?) / 20.0,
                bold: u16_at(content, 6)? >= 600,
                italic: flags & 2 != 0,
                strike: flags & 8 != 0,
                underline: u8_at(content, 10)?,
                script: u8_at(content, 8)?,
                color: None,
                family: u8_at(content, 11)?,
            })
        };
        let font = font().unwrap_or_default();
        if self.fonts.len() < MAX_FONTS {
            self.fonts.push(font);
            self.inks.push(u16_at(content, 4).unwrap_or(u16::MAX));
        }
    }

    /// The colours of the workbook.
    pub(super) fn colors(&mut self, content: &[u8]) {
        let colors = content.get(2..).unwrap_or_default().as_chunks::<4>().0;
        let rgb = colors
            .iter()
            .take(PALETTE.len())
            .map(|[r, g, b, _]| [*r, *g, *b]);
        self.palette = rgb.collect();
    }

    fn color(&self, number: u32) -> Option<Color> {
        let number = usize::try_from(number).ok()?;
        let usual = |place: usize| {
            let [_, r, g, b] = PALETTE.get(place)?.to_be_bytes();
            Some([r, g, b])
        };
        let rgb = match number.checked_sub(8) {
            None => usual(number)?,
            Some(place) => self.palette.get(place).copied().or_else(|| usual(place))?,
        };
        Some(Color { rgb, tint: 0.0 })
    }

    /// A look, of which the format is told apart.
    pub(super) fn push(&mut self, content: &[u8]) {
        let mut raw = [0; 20];
        for (to, from) in raw.iter_mut().zip(content) {
            *to = *from;
        }
        self.raw.push(raw);
    }

    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.raw.len()
    }

    /// The numbers of formats, by looks.
    pub(super) fn formats(&self) -> impl Iterator<Item = u16> {
        self.raw.iter().map(|raw| u16_at(raw, 2).unwrap_or(0))
    }

    /// Works out all looks, whose formats lie at `places`.
    pub(super) fn settle(&mut self, places: &[usize], is_new: bool) {
        let inks = std::mem::take(&mut self.inks);
        let colors: Vec<_> = inks.iter().map(|ink| self.color((*ink).into())).collect();
        for (font, color) in self.fonts.iter_mut().zip(colors) {
            font.color = color;
        }
        // the first two are what programs take them for
        self.fills = vec![Fill::default(); 2];
        self.borders = vec![Border::default()];
        let (mut fills, mut borders) = (BTreeMap::new(), BTreeMap::new());
        for (raw, format) in std::mem::take(&mut self.raw).iter().zip(places) {
            let mut look = aligned(raw, is_new);
            look.format = *format;
            if is_new {
                let (sides, rest) = (u32_at(raw, 10).unwrap_or(0), u32_at(raw, 14).unwrap_or(0));
                let fill = (rest >> 26, u16_at(raw, 18).unwrap_or(0) & 0x3fff);
                look.fill = match fill {
                    (0, _) => 0,
                    key => *fills.entry(key).or_insert_with(|| {
                        self.fills.push(self.fill(key));
                        self.fills.len().saturating_sub(1)
                    }),
                };
                look.border = match (sides & 0xffff, rest >> 21 & 0xf) {
                    (0, 0) => 0,
                    _ => *borders
                        .entry((sides, rest & 0x01ff_ffff))
                        .or_insert_with(|| {
                            self.borders.push(self.border(sides, rest));
                            self.borders.len().saturating_sub(1)
                        }),
                };
            }
            self.all.push(look);
        }
    }

    fn fill(&self, (pattern, colors): (u32, u16)) -> Fill {
        Fill {
            pattern: u8::try_from(pattern).unwrap_or(0),
            front: self.color(u32::from(colors & 0x7f)),
            back: self.color(u32::from(colors >> 7 & 0x7f)),
        }
    }

    fn border(&self, sides: u32, rest: u32) -> Border {
        let line = |kind: u32, color: u32| Line {
            kind: u8::try_from(kind & 0xf).unwrap_or(0),
            color: self.color(color & 0x7f),
        };
        Border {
            lines: [
                line(sides, sides >> 16),
                line(sides >> 4, sides >> 23),
                line(sides >> 8, rest),
                line(sides >> 12, rest >> 7),
                line(rest >> 21, rest >> 14),
            ],
            down: sides >> 30 & 1 != 0,
            up: sides >> 31 & 1 != 0,
        }
    }
}

/// A look by its font and alignment alone.
fn aligned(raw: &[u8; 20], is_new: bool) -> Look {
    let font = usize::from(u16_at(raw, 0).unwrap_or(0));
    let [.., alignment, rotation, indent] = *raw.first_chunk::<9>().unwrap_or(&[0; 9]);
    Look {
        format: 0,
        // there is no fifth one
        font: font.saturating_sub(usize::from(font > 4)),
        fill: 0,
        border: 0,
        horizontal: alignment & 7,
        vertical: alignment >> 4 & 7,
        rotation: match (is_new, rotation & 3) {
            (true, _) => rotation,
            (false, 1) => 255,
            (false, 2) => 90,
            (false, 3) => 180,
            (false, _) => 0,
        },
        indent: if is_new { indent & 0xf } else { 0 },
        wrap: alignment & 8 != 0,
        shrink: is_new && indent & 0x10 != 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPELLING: Spelling = Spelling {
        new: true,
        charset: encoding_rs::WINDOWS_1252,
    };

    fn look(font: u8, align: [u8; 4], sides: u32, rest: u32, fill: u16) -> Vec<u8> {
        let mut raw = vec![font, 0, 14, 0, 1, 0];
        raw.extend(align);
        raw.extend(sides.to_le_bytes());
        raw.extend(rest.to_le_bytes());
        raw.extend(fill.to_le_bytes());
        raw
    }

    #[test]
    fn fonts_lines_fills_and_alignments_are_told() {
        let mut looks = Looks::default();
        let font = b"\xdc\x00\x0a\x00\x08\x00\xbc\x02\x01\x00\x01\x03\x80\x00\x04\x00Mono";
        for _ in 0..5 {
            looks.font(font, SPELLING);
        }
        looks.colors(b"\x01\x00\x11\x22\x33\x00");
        looks.push(&look(0, [0x20, 0, 0, 0], 0, 0, 0));
        // the fifth font has the number six; wrapped, in the middle, upwards, shrunk; a thin line on the left in
        // red and a thick one below; solid yellow
        let sides = 0x5001 | 10 << 16 | 1 << 30;
        let framed = look(5, [0x1a, 90, 0x12, 0], sides, 8 << 7 | 1 << 26, 13);
        looks.push(&framed);
        looks.push(&framed);
        looks.settle(&[0, 3, 3], true);
        let font = looks.fonts.first().unwrap();
        assert_eq!((font.name.as_str(), font.points), ("Mono", 11.0));
        assert!(font.bold && font.italic && font.strike);
        assert_eq!((font.underline, font.script, font.family), (1, 1, 3));
        assert_eq!(font.color.map(|color| color.rgb), Some([0x11, 0x22, 0x33]));
        let plain = Look {
            vertical: 2,
            ..Look::of(0)
        };
        let of = Look {
            format: 3,
            font: 4,
            fill: 2,
            border: 1,
            horizontal: 2,
            vertical: 1,
            rotation: 90,
            indent: 2,
            wrap: true,
            shrink: true,
        };
        assert_eq!(looks.all, [plain, of, of]);
        let [left, right, top, bottom, across] = looks.borders.get(1).unwrap().lines;
        assert_eq!(
            (left.kind, left.color.map(|c| c.rgb)),
            (1, Some([0xff, 0, 0]))
        );
        assert_eq!((right.kind, top.kind, across.kind), (0, 0, 0));
        assert_eq!(
            (bottom.kind, bottom.color.map(|c| c.rgb)),
            (5, Some([0x11, 0x22, 0x33]))
        );
        assert!(looks.borders.get(1).unwrap().down);
        let fill = looks.fills.get(2).unwrap();
        assert_eq!(
            (fill.pattern, fill.front.map(|c| c.rgb)),
            (1, Some([0xff, 0xff, 0]))
        );
        assert_eq!((looks.fills.len(), looks.borders.len()), (3, 2));
    }
}

//! The lists of a document ([MS-DOC] 2.4.6.3, 2.9.131, 2.9.147, 2.9.150): what their levels show, which list a paragraph
//! names by itself or by its style.

use super::looks::{Change, Look};
use crate::formats::numbers::{Counter, LEVELS, Level, List};
use crate::formats::ole::little::{part, size_at, u8_at, u16_at, u32_at, utf16};
use crate::formats::symbols::Symbols;
use mugai_core::{Cx, Refusal, Resource};
use std::collections::BTreeMap;

/// Bytes of a list, of a level before its modifiers, of a paragraph's list, and of what it has of its own.
const LIST: usize = 28;
const LEVEL: usize = 28;
const NAMED: usize = 16;
const OWN: usize = 8;
/// How many styles are followed, one based on the other.
const MAX_STYLES: usize = 32;
/// The style that is no style.
const NO_STYLE: u16 = 0x0fff;
/// The kind of a style of paragraphs.
const OF_PARAGRAPHS: u16 = 1;
/// The list that is none, though it is not 0.
const NO_LIST: i16 = -2047;

/// A style of paragraphs.
#[derive(Clone, Copy, Debug)]
struct Style {
    base: u16,
    list: Option<i16>,
    level: Option<u8>,
}

/// The lists of a document, and how far they are counted.
#[derive(Debug, Default)]
pub(super) struct Lists {
    counter: Counter,
    styles: BTreeMap<u16, Style>,
    /// The level of a list that belongs to a style.
    levels: BTreeMap<u16, u8>,
}

/// Where the lists of a document lie in its tables.
pub(super) struct Source<'a> {
    /// From the list of lists on: their levels lie behind it.
    pub(super) lists: &'a [u8],
    /// The lists that paragraphs name.
    pub(super) named: &'a [u8],
    pub(super) styles: &'a [u8],
    pub(super) fonts: &'a [String],
}

impl Lists {
    /// Reads the lists. What is wrong with them costs numbers, and nothing else.
    ///
    /// # Errors
    /// [`Refusal::Overrun`]
    pub(super) fn read(source: &Source<'_>, cx: &Cx<'_>) -> Result<Self, Refusal> {
        let mut lists = Self::default();
        lists.kinds(source, cx)?;
        if lists.counter.kinds.is_empty() {
            return Ok(lists);
        }
        lists.named(source, cx)?;
        lists.styles(source.styles, cx)?;
        Ok(lists)
    }

    /// The lists with their levels.
    fn kinds(&mut self, source: &Source<'_>, cx: &Cx<'_>) -> Result<(), Refusal> {
        let count = u16_at(source.lists, 0).map_or(0, usize::from);
        let levels = count.saturating_mul(LIST).saturating_add(2);
        let mut rest = source.lists.get(levels..).unwrap_or_default();
        for number in 0..count {
            cx.charge(Resource::Steps, 64)?;
            let at = number.saturating_mul(LIST).saturating_add(2);
            let (Some(list), Some(name)) = (part(source.lists, at, LIST), u32_at(source.lists, at))
            else {
                break;
            };
            let simple = u8_at(list, 26).is_some_and(|flags| flags & 1 != 0);
            let mut kind = BTreeMap::new();
            for number in 0..(if simple { 1 } else { LEVELS }) {
                let Some((level, behind)) = level(rest, source.fonts, cx)? else {
                    return Ok(());
                };
                rest = behind;
                kind.insert(number, level);
                let style = u16_at(list, number.saturating_mul(2).saturating_add(8));
                if let Some(style) = style.filter(|style| *style != NO_STYLE) {
                    self.levels.insert(style, u8::try_from(number).unwrap_or(0));
                }
            }
            self.counter.kinds.insert(name.to_string(), kind);
        }
        Ok(())
    }

    /// The lists that paragraphs name, by their place from 1, with what each has of its own.
    fn named(&mut self, source: &Source<'_>, cx: &Cx<'_>) -> Result<(), Refusal> {
        let bytes = source.named;
        let count = size_at(bytes, 0).unwrap_or(0);
        let entries = count.saturating_mul(NAMED).saturating_add(4);
        let mut rest = bytes.get(entries..).unwrap_or_default();
        for number in 0..count {
            let at = number.saturating_mul(NAMED).saturating_add(4);
            let Some((kind, own)) = u32_at(bytes, at).zip(u8_at(bytes, at.saturating_add(12)))
            else {
                break;
            };
            cx.charge(Resource::Steps, 32)?;
            cx.charge(Resource::Bytes, 128)?;
            let mut list = List {
                kind: kind.to_string(),
                ..List::default()
            };
            // a number that nobody looks at stands before
            rest = rest.get(4..).unwrap_or_default();
            for _ in 0..own {
                let Some((start, flags)) = u32_at(rest, 0).zip(u32_at(rest, 4)) else {
                    break;
                };
                cx.charge(Resource::Steps, 32)?;
                rest = rest.get(OWN..).unwrap_or_default();
                let at = usize::try_from(flags & 0xf).unwrap_or(LEVELS);
                let (starts, looks) = (flags & 0x10 != 0, flags & 0x20 != 0);
                let mut start = start;
                if looks {
                    let Some((level, behind)) = level(rest, source.fonts, cx)? else {
                        break;
                    };
                    rest = behind;
                    start = level.start;
                    list.own.insert(at, level);
                }
                if starts && at < LEVELS {
                    list.starts.insert(at, start);
                }
            }
            let name = number.saturating_add(1);
            self.counter.lists.insert(name.to_string(), list);
        }
        Ok(())
    }

    /// The styles, as far as they name lists ([MS-DOC] 2.9.271, 2.9.260).
    fn styles(&mut self, sheet: &[u8], cx: &Cx<'_>) -> Result<(), Refusal> {
        let head = u16_at(sheet, 0).map_or(0, usize::from);
        let count = u16_at(sheet, 2).unwrap_or(0);
        let base = u16_at(sheet, 4).map_or(0, usize::from);
        let mut rest = sheet.get(head.saturating_add(2)..).unwrap_or_default();
        for number in 0..count {
            let Some(length) = u16_at(rest, 0).map(usize::from) else {
                break;
            };
            cx.charge_len(Resource::Steps, length.saturating_add(8))?;
            cx.charge(Resource::Bytes, 32)?;
            let style = part(rest, 2, length).unwrap_or_default();
            if let Some(style) = of_paragraphs(style, base) {
                self.styles.insert(number, style);
            }
            // each begins at an even place
            let length = length.saturating_add(length & 1);
            rest = rest.get(length.saturating_add(2)..).unwrap_or_default();
        }
        Ok(())
    }

    /// What stands before a paragraph of this look, which is counted.
    ///
    /// # Errors
    /// [`Refusal::Overrun`]
    pub(super) fn next(&mut self, look: Look, cx: &Cx<'_>) -> Result<Option<String>, Refusal> {
        let (mut list, mut level) = (look.list, look.level);
        let mut style = look.style;
        for _ in 0..MAX_STYLES {
            if list.is_some() {
                break;
            }
            let Some(of) = self.styles.get(&style) else {
                break;
            };
            cx.charge(Resource::Steps, 8)?;
            list = of.list;
            // a list tells the level of a style, where the style names the list
            let listed = list.and_then(|_| self.levels.get(&style).copied());
            level = level.or(of.level).or(listed);
            style = of.base;
        }
        let Some(list) = list.filter(|list| *list != 0 && *list != NO_LIST) else {
            return Ok(None);
        };
        cx.charge(Resource::Steps, 64)?;
        let name = list.unsigned_abs().to_string();
        let number = self.counter.next(&name, usize::from(level.unwrap_or(0)));
        if let Some(number) = &number {
            cx.charge_len(Resource::Bytes, number.len())?;
        }
        Ok(number)
    }
}

/// A style of paragraphs; `None` for all others.
fn of_paragraphs(style: &[u8], base: usize) -> Option<Style> {
    let kind = u16_at(style, 2)?;
    if kind & 0xf != OF_PARAGRAPHS {
        return None;
    }
    // behind its name, which ends with a zero: the modifiers of paragraphs, behind the number of the style
    let name = usize::from(u16_at(style, base)?);
    let at = name.checked_mul(2)?.checked_add(base)?.checked_add(4)?;
    let length = usize::from(u16_at(style, at)?);
    let modifiers = part(style, at.checked_add(4)?, length.saturating_sub(2));
    let look = Change::of(modifiers.unwrap_or_default()).over(Look::default());
    Some(Style {
        base: kind >> 4,
        list: look.list,
        level: look.level,
    })
}

/// A level, and what lies behind it.
fn level<'b>(
    bytes: &'b [u8],
    fonts: &[String],
    cx: &Cx<'_>,
) -> Result<Option<(Level, &'b [u8])>, Refusal> {
    let of = |at: usize| u8_at(bytes, at).map_or(0, usize::from);
    let letters = of(24);
    let at = LEVEL.saturating_add(of(25)).saturating_add(letters);
    let Some(length) = u16_at(bytes, at).map(usize::from) else {
        return Ok(None);
    };
    let from = at.saturating_add(2);
    let Some(text) = part(bytes, from, length.saturating_mul(2)) else {
        return Ok(None);
    };
    cx.charge_len(Resource::Steps, length.saturating_add(256))?;
    cx.charge(Resource::Bytes, 256)?;
    let flags = of(5);
    let looks = part(bytes, at.saturating_sub(letters), letters).unwrap_or_default();
    let font = Change::of(looks).font();
    let font = font.and_then(|number| fonts.get(usize::from(number)));
    let mut level = Level {
        start: u32_at(bytes, 0).unwrap_or(1),
        format: name(u8_at(bytes, 4).unwrap_or(0)).to_owned(),
        plain: flags & 4 != 0,
        font: font.map_or(Symbols::None, |font| Symbols::named(font)),
        restart: (flags & 8 != 0).then(|| of(26)),
        ..Level::default()
    };
    // a number of a level stands for what it has
    let shown: String = utf16(text)
        .chars()
        .map(|c| match u32::from(c) {
            number @ 0..=8 => format!("%{}", number.saturating_add(1)),
            _ => c.to_string(),
        })
        .collect();
    level.say(&shown);
    let behind = bytes.get(from.saturating_add(text.len())..);
    Ok(Some((level, behind.unwrap_or_default())))
}

/// The name of a format of numbers by its number ([MS-OSHARED] 2.2.1.3).
const fn name(number: u8) -> &'static str {
    match number {
        1 => "upperRoman",
        2 => "lowerRoman",
        3 => "upperLetter",
        4 => "lowerLetter",
        5 => "ordinal",
        10 => "ideographDigital",
        11 => "japaneseCounting",
        12 | 20 => "aiueo",
        13 | 21 => "iroha",
        14 | 19 => "decimalFullWidth",
        16 => "japaneseLegal",
        17 => "japaneseDigitalTenThousand",
        18 => "decimalEnclosedCircle",
        22 => "decimalZero",
        23 => "bullet",
        26 => "decimalEnclosedFullstop",
        27 => "decimalEnclosedParen",
        28 => "decimalEnclosedCircleChinese",
        29 => "ideographEnclosedCircle",
        30 => "ideographTraditional",
        31 => "ideographZodiac",
        33 => "taiwaneseCounting",
        37 => "chineseCounting",
        39 => "chineseCountingThousand",
        57 => "numberInDash",
        255 => "none",
        _ => "decimal",
    }
}

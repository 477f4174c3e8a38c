//! Looks of characters and paragraphs, as far as they decide what is told ([MS-DOC] 2.9.33, 2.9.122):
//! hidden and deleted text, ends of rows, letters of fonts of symbols, places in lists.

use super::beside::Beside;
use crate::formats::ole::little::{part, size_at, u8_at, u16_at, u32_at};
use mugai_core::{Cx, Refusal, Resource};
use std::collections::BTreeSet;
use std::ops::Range;

const PAGE: usize = 512;
/// Modifiers: deleted by a tracked change, hidden, the end of a row of a table.
const DELETED: u16 = 0x0800;
const HIDDEN: u16 = 0x083c;
const ROW_END: u16 = 0x2417;
/// A letter that is told with its font, in the place of a bracket.
const SYMBOL: u16 = 0x6a09;
/// What a letter stands for lies in the stream of data: where, and that it is no picture.
const PLACE: u16 = 0x6a03;
const DATA: u16 = 0x0806;
/// The font of letters of ASCII.
const FONT: u16 = 0x4a4f;
/// The list that a paragraph is in, and its level.
const LIST: u16 = 0x460b;
const LEVEL: u16 = 0x260a;
/// All modifiers of a paragraph lie in the stream of data.
const HUGE: [u16; 2] = [0x6645, 0x6646];
/// The same modifiers by the numbers that they had before Word 97, which whole pieces of a text have still
/// ([MS-DOC] 2.9.215).
const SHORT: [(u16, u16); 3] = [(0x41, DELETED), (0x5c, HIDDEN), (0x19, ROW_END)];
/// Modifiers whose operands have lengths of their own kind.
const TABLE_DEFINITION: u16 = 0xd608;
const TABS: u16 = 0xc615;

/// What counts of the looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) deleted: bool,
    pub(super) hidden: bool,
    pub(super) row_end: bool,
    /// The number of a font, and the letter of it that is shown.
    pub(super) symbol: Option<(u16, u16)>,
    /// Where in the stream of data a field of a form lies.
    pub(super) data: Option<u32>,
    /// The style of the paragraph, the list that it names itself, and its level there.
    pub(super) style: u16,
    pub(super) list: Option<i16>,
    pub(super) level: Option<u8>,
}

/// What modifiers say of a look; what they do not name stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Change {
    deleted: Option<bool>,
    hidden: Option<bool>,
    row_end: Option<bool>,
    symbol: Option<(u16, u16)>,
    is_data: Option<bool>,
    place: Option<u32>,
    font: Option<u16>,
    list: Option<i16>,
    level: Option<u8>,
}

impl Change {
    /// The number of the font of letters, which only those of lists are told by.
    pub(super) const fn font(self) -> Option<u16> {
        self.font
    }

    /// The look that comes of another one.
    pub(super) fn over(self, before: Look) -> Look {
        Look {
            deleted: self.deleted.unwrap_or(before.deleted),
            hidden: self.hidden.unwrap_or(before.hidden),
            row_end: self.row_end.unwrap_or(before.row_end),
            symbol: self.symbol.or(before.symbol),
            data: self
                .place
                .filter(|_| self.is_data == Some(true))
                .or(before.data),
            style: before.style,
            list: self.list.or(before.list),
            level: self.level.or(before.level),
        }
    }

    /// What a short modifier says: its number of seven bits between others ([MS-DOC] 2.9.215).
    pub(super) fn short(word: u16) -> Self {
        let mut change = Self::default();
        let number = word >> 1 & 0x7f;
        if let Some((_, code)) = SHORT.iter().find(|(short, _)| *short == number) {
            change.take(*code, &[u8::try_from(word >> 8).unwrap_or(0)]);
        }
        change
    }

    fn take(&mut self, code: u16, operand: &[u8]) {
        let on = operand.first().map(|value| value & 1 == 1);
        match code {
            DELETED => self.deleted = on,
            HIDDEN => self.hidden = on,
            ROW_END => self.row_end = on,
            LIST => self.list = u16_at(operand, 0).map(u16::cast_signed),
            LEVEL => self.level = operand.first().copied(),
            FONT => self.font = u16_at(operand, 0),
            DATA => self.is_data = on,
            PLACE => self.place = u32_at(operand, 0),
            SYMBOL => self.symbol = u16_at(operand, 0).zip(u16_at(operand, 2)),
            _ => {}
        }
    }

    /// What a list of modifiers says.
    pub(super) fn of(modifiers: &[u8]) -> Self {
        let mut change = Self::default();
        let mut rest = modifiers;
        while let Some(code) = u16_at(rest, 0) {
            let operand = rest.get(2..).unwrap_or_default();
            change.take(code, operand);
            let first = operand.first().map_or(0, |n| usize::from(*n));
            let length = match (code, code >> 13) {
                (TABLE_DEFINITION, _) => u16_at(operand, 0)
                    .map_or(usize::MAX, usize::from)
                    .saturating_add(1),
                (TABS, _) if first == 255 => usize::MAX,
                (_, 0 | 1) => 1,
                (_, 2 | 4 | 5) => 2,
                (_, 3) => 4,
                (_, 7) => 3,
                _ => first.saturating_add(1),
            };
            rest = operand.get(length..).unwrap_or_default();
        }
        change
    }
}

/// Looks by places in the main stream.
#[derive(Debug, Default)]
pub(super) struct Looks {
    runs: Vec<(Range<usize>, Look)>,
}

impl Looks {
    /// The look at byte `at` of the main stream.
    pub(super) fn at(&self, at: usize) -> Look {
        let behind = self.runs.partition_point(|(place, _)| place.start <= at);
        let run = behind.checked_sub(1).and_then(|last| self.runs.get(last));
        run.filter(|(place, _)| place.contains(&at))
            .map_or(Look::default(), |(_, look)| *look)
    }

    /// Whether a look ends with the character of `width` bytes at byte `at`, or is the usual one, of which that is not known.
    pub(super) fn ends(&self, at: usize, width: usize) -> bool {
        let behind = self.runs.partition_point(|(place, _)| place.start <= at);
        let run = behind.checked_sub(1).and_then(|last| self.runs.get(last));
        run.is_none_or(|(place, _)| !place.contains(&at) || place.end <= at.saturating_add(width))
    }
}

/// Reads pages of looks: `list` is the table of their numbers, of characters, or of paragraphs, whose looks may lie
/// `beside` the main stream.
///
/// # Errors
/// [`Refusal::Overrun`]. A page that cannot be read has no looks: they only leave out and count.
pub(super) fn read(
    main: &[u8],
    list: &[u8],
    mut beside: Option<&mut Beside<'_, '_>>,
    cx: &Cx<'_>,
) -> Result<Looks, Refusal> {
    let count = list.len().saturating_sub(4) / 8;
    let mut looks = Looks::default();
    let mut seen = BTreeSet::new();
    for number in 0..count {
        let at = count
            .saturating_add(1)
            .saturating_add(number)
            .saturating_mul(4);
        let page = u32_at(list, at).map_or(0, |n| usize::try_from(n & 0x003f_ffff).unwrap_or(0));
        cx.charge(Resource::Steps, 512)?;
        // a page that is named again says nothing new
        if let Some(bytes) = part(main, page.saturating_mul(PAGE), PAGE)
            && seen.insert(page)
        {
            let count = u8_at(bytes, PAGE.saturating_sub(1)).map_or(0, usize::from);
            cx.charge_len(Resource::Bytes, count.saturating_mul(48).saturating_add(48))?;
            page_of(bytes, count, beside.as_deref_mut(), &mut looks.runs, cx)?;
        }
    }
    looks.runs.sort_by_key(|(place, _)| place.start);
    Ok(looks)
}

/// Adds the looks of a page of `count` runs.
fn page_of(
    page: &[u8],
    count: usize,
    beside: Option<&mut Beside<'_, '_>>,
    runs: &mut Vec<(Range<usize>, Look)>,
    cx: &Cx<'_>,
) -> Result<(), Refusal> {
    let width = if beside.is_some() { 13 } else { 1 };
    let mut beside = beside;
    for number in 0..count {
        let here = number.saturating_mul(4);
        let entry = count
            .saturating_add(1)
            .saturating_mul(4)
            .saturating_add(number.saturating_mul(width));
        let places = u32_at(page, here).zip(u32_at(page, here.saturating_add(4)));
        let (Some((from, to)), Some(word)) = (places, u8_at(page, entry)) else {
            return Ok(());
        };
        let offset = usize::from(word).saturating_mul(2);
        let mut style = 0;
        let mut modifiers = match &beside {
            _ if offset == 0 => None,
            Some(_) => of_paragraph(page, offset).map(|(of, modifiers)| {
                style = of;
                modifiers
            }),
            None => u8_at(page, offset)
                .and_then(|n| part(page, offset.saturating_add(1), usize::from(n))),
        };
        let huge = modifiers.and_then(elsewhere);
        if let (Some(at), Some(beside)) = (huge, &mut beside) {
            modifiers = beside.modifiers(at, cx)?;
        }
        let look = Change::of(modifiers.unwrap_or_default()).over(Look {
            style,
            ..Look::default()
        });
        if look != Look::default() {
            let place = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
            runs.push((place(from)..place(to), look));
        }
    }
    Ok(())
}

/// The number of the style of a paragraph, and its modifiers, behind their length in words.
fn of_paragraph(page: &[u8], offset: usize) -> Option<(u16, &[u8])> {
    let words = usize::from(u8_at(page, offset)?);
    let (start, length) = if words == 0 {
        let words = usize::from(u8_at(page, offset.checked_add(1)?)?);
        (offset.checked_add(2)?, words.checked_mul(2)?)
    } else {
        (
            offset.checked_add(1)?,
            words.checked_mul(2)?.checked_sub(1)?,
        )
    };
    let modifiers = part(page, start.checked_add(2)?, length.checked_sub(2)?)?;
    Some((u16_at(page, start)?, modifiers))
}

/// Where in the stream of data the modifiers lie that `modifiers` only point at.
fn elsewhere(modifiers: &[u8]) -> Option<usize> {
    HUGE.contains(&u16_at(modifiers, 0)?)
        .then(|| size_at(modifiers, 2))?
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::{Hints, Treatments};
    use mugai_testkit::show::taped;

    #[test]
    fn a_page_that_is_named_again_is_read_once() {
        // one run of hidden characters
        let mut main = vec![0; PAGE];
        for (place, bytes) in [
            (4, &[9][..]),
            (8, &[100]),
            (200, &[3, 0x3c, 0x08, 1]),
            (511, &[1]),
        ] {
            main.splice(
                place..bytes.len().saturating_add(place),
                bytes.iter().copied(),
            );
        }
        let list = vec![0; 4 + 8 * 1_000];
        let (looks, _) = taped(Treatments::nothing(), Hints::default(), |cx| {
            read(&main, &list, None, cx)
        });
        let looks = looks.unwrap();
        assert_eq!(looks.runs.len(), 1);
        assert!(looks.at(5).hidden);
    }
}

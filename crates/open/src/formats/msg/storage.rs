//! A storage with its properties ([MS-OXMSG] sections 2.1 and 2.4): those of fixed size stand in a stream,
//! the others in streams of their own.

use crate::charset;
use crate::formats::ole::little::{u16_at, u32_at, u64_at, utf16};
use crate::formats::ole::{Ole, Shape};
use crate::formats::rtf::of_page;
use encoding_rs::Encoding;
use mugai_core::{Cx, Refusal, Resource};

/// Bytes before the list of properties: of the file, of an attached message, of all else.
pub(super) const TOP: usize = 32;
pub(super) const ATTACHED: usize = 24;
pub(super) const INNER: usize = 8;

pub(super) const LIST: &str = "__properties_version1.0";
const ENTRY: usize = 16;
/// The code page of the text, and of the message.
const CODE_PAGES: [u16; 2] = [0x3fde, 0x3ffd];
/// Types: text of a code page, text of UTF-16, bytes.
const NARROW: u16 = 0x001e;
const WIDE: u16 = 0x001f;
const BINARY: u16 = 0x0102;
/// Seconds from the first of January 1601 to that of 1970.
const EPOCH: i64 = 11_644_473_600;

/// A time in 100 ns since the first of January 1601 ([MS-DTYP] section 2.3.3), in seconds since 1970; none for
/// none.
pub(in super::super) fn since_1970(ticks: u64) -> Option<i64> {
    let ticks = Some(ticks).filter(|ticks| *ticks > 0)?;
    i64::try_from(ticks / 10_000_000).ok()?.checked_sub(EPOCH)
}

pub(super) struct Storage<'o, 'a> {
    ole: &'o mut Ole<'a>,
    place: usize,
    fixed: Vec<(u16, u64)>,
    /// The charset of its narrow texts.
    pub(super) label: Option<&'static str>,
}

impl<'o, 'a> Storage<'o, 'a> {
    pub(super) fn read(
        ole: &'o mut Ole<'a>,
        place: usize,
        head: usize,
        cx: &Cx<'_>,
    ) -> Result<Self, Refusal> {
        let mut storage = Self::bare(ole, place);
        let list = storage.stream(LIST, cx)?.unwrap_or_default();
        cx.charge_len(Resource::Steps, list.len())?;
        let entries = list.get(head..).unwrap_or_default();
        for entry in entries.chunks_exact(ENTRY) {
            if let (Some(number), Some(value)) = (u16_at(entry, 2), u64_at(entry, 8)) {
                storage.fixed.push((number, value));
            }
        }
        let page = CODE_PAGES.iter().find_map(|number| storage.number(*number));
        storage.label = page.and_then(of_page).map(Encoding::name);
        Ok(storage)
    }

    /// One without a list of properties.
    pub(super) const fn bare(ole: &'o mut Ole<'a>, place: usize) -> Self {
        Self {
            ole,
            place,
            fixed: Vec::new(),
            label: None,
        }
    }

    pub(super) const fn ole(&mut self) -> &mut Ole<'a> {
        self.ole
    }

    fn stream(&mut self, name: &str, cx: &Cx<'_>) -> Result<Option<Vec<u8>>, Refusal> {
        let entries = self.ole.entries().iter();
        let place = entries.clone().position(|entry| {
            entry.parent == Some(self.place) && entry.shape == Shape::Stream && entry.is_named(name)
        });
        cx.charge_len(Resource::Steps, entries.len())?;
        place.map(|place| self.ole.content(place, cx)).transpose()
    }

    fn property(
        &mut self,
        number: u16,
        kind: u16,
        cx: &Cx<'_>,
    ) -> Result<Option<Vec<u8>>, Refusal> {
        self.stream(&format!("__substg1.0_{number:04X}{kind:04X}"), cx)
    }

    /// A text, in whichever of the two forms it is.
    pub(super) fn text(&mut self, number: u16, cx: &Cx<'_>) -> Result<Option<String>, Refusal> {
        let text = match self.property(number, WIDE, cx)? {
            Some(wide) => utf16(&wide),
            None => match self.property(number, NARROW, cx)? {
                Some(narrow) => charset::decode(&narrow, self.label).text.into_owned(),
                None => return Ok(None),
            },
        };
        let text = text.trim_end_matches('\0');
        Ok((!text.is_empty()).then(|| text.to_owned()))
    }

    /// The first of several texts that is there.
    pub(super) fn first_text(
        &mut self,
        numbers: &[u16],
        cx: &Cx<'_>,
    ) -> Result<Option<String>, Refusal> {
        for number in numbers {
            if let Some(text) = self.text(*number, cx)? {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }

    pub(super) fn binary(&mut self, number: u16, cx: &Cx<'_>) -> Result<Option<Vec<u8>>, Refusal> {
        self.property(number, BINARY, cx)
    }

    fn fixed(&self, number: u16) -> Option<u64> {
        let found = self.fixed.iter().find(|(of, _)| *of == number);
        found.map(|(_, value)| *value)
    }

    /// A number of 32 bits.
    pub(super) fn number(&self, number: u16) -> Option<u32> {
        u32_at(&self.fixed(number)?.to_le_bytes(), 0)
    }

    /// A time, in seconds since 1970.
    pub(super) fn time(&self, number: u16) -> Option<i64> {
        since_1970(self.fixed(number)?)
    }
}

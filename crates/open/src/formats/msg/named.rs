//! Properties whose identifiers are those of one file: what they are called stands in it once, for all
//! of its messages ([MS-OXMSG] section 2.2.3).

use super::storage::Storage;
use crate::formats::ole::little::{u16_at, u32_at};
use crate::formats::ole::{Ole, Shape};
use crate::formats::outlook::{Item, Key, Moment, Named};
use mugai_core::{Cx, Refusal, Resource};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The storage of the names, and its streams of sets and of entries.
const NAMES: &str = "__nameid_version1.0";
const SETS: u16 = 0x0002;
const ENTRIES: u16 = 0x0003;
/// Bytes of an entry and of a set.
const ENTRY: usize = 8;
const SET: usize = 16;
/// Places of sets that are in no list count first.
const KNOWN_SETS: u16 = 3;
/// The identifier of the first property with a name.
const FIRST: u16 = 0x8000;

/// The identifiers of properties that are told.
#[derive(Default)]
pub(super) struct Names(BTreeMap<Named, u16>);

impl Names {
    /// Those of a file; none where it has none.
    ///
    /// # Errors
    /// [`Refusal::Overrun`], and what reading the streams came to.
    pub(super) fn read(ole: &mut Ole<'_>, cx: &Cx<'_>) -> Result<Self, Refusal> {
        let place = ole.entries().iter().position(|entry| {
            entry.parent == Some(0) && entry.shape == Shape::Storage && entry.is_named(NAMES)
        });
        let Some(place) = place else {
            return Ok(Self::default());
        };
        let mut storage = Storage::bare(ole, place);
        let sets = storage.binary(SETS, cx)?.unwrap_or_default();
        let entries = storage.binary(ENTRIES, cx)?.unwrap_or_default();
        cx.charge_len(Resource::Steps, entries.len())?;
        let mut names = Self::default();
        for entry in entries.chunks_exact(ENTRY) {
            if let Some((named, place)) = of_entry(entry, &sets)
                && let Some(number) = FIRST.checked_add(place)
            {
                names.0.entry(named).or_insert(number);
            }
        }
        Ok(names)
    }

    /// The properties of a message of the file.
    pub(super) const fn of<'s, 'o, 'a, 'c>(
        &'s self,
        storage: &'s mut Storage<'o, 'a>,
        cx: &'s Cx<'c>,
    ) -> Properties<'s, 'o, 'a, 'c> {
        Properties {
            names: self,
            storage,
            cx,
        }
    }

    fn number(&self, key: Key) -> Option<u16> {
        match key {
            Key::Fixed(number) => Some(number),
            Key::Named(named) => self.0.get(&named).copied(),
        }
    }
}

/// What an entry names, and its place among the properties with names (section 2.2.3.1.2): a number, then the place
/// of its set with a mark for names that are texts, then its own place.
fn of_entry(entry: &[u8], sets: &[u8]) -> Option<(Named, u16)> {
    let (number, set, place) = (u32_at(entry, 0)?, u16_at(entry, 4)?, u16_at(entry, 6)?);
    let is_text = set & 1 != 0;
    let set = usize::from((set >> 1).checked_sub(KNOWN_SETS)?);
    let set = sets.chunks_exact(SET).nth(set).filter(|_| !is_text)?;
    Some((Named::of(set, number)?, place))
}

/// The properties of a message.
pub(super) struct Properties<'s, 'o, 'a, 'c> {
    names: &'s Names,
    storage: &'s mut Storage<'o, 'a>,
    cx: &'s Cx<'c>,
}

impl Item for Properties<'_, '_, '_, '_> {
    fn text(&mut self, key: Key) -> Result<Option<String>, Refusal> {
        let number = self.names.number(key);
        let text = number.map(|number| self.storage.text(number, self.cx));
        Ok(text.transpose()?.flatten())
    }

    fn binary(&mut self, key: Key) -> Result<Option<Cow<'_, [u8]>>, Refusal> {
        let number = self.names.number(key);
        let bytes = number.map(|number| self.storage.binary(number, self.cx));
        Ok(bytes.transpose()?.flatten().map(Cow::Owned))
    }

    fn number(&self, key: Key) -> Option<u32> {
        self.storage.number(self.names.number(key)?)
    }

    fn time(&self, key: Key) -> Option<Moment> {
        let seconds = self.storage.time(self.names.number(key)?)?;
        Some(Moment::Utc(seconds))
    }
}

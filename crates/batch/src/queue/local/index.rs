//! Which records of the journal tell of which slot, on disk where they are many.

use crate::journal::{Known, Read, VERSION};
use crate::key::Slot;
use crate::spill::{Map, Scratch, Sorted, Sorter, Tape, Value, Window};
use std::collections::BTreeMap;
use std::io;

/// Records by slot.
#[derive(Debug)]
pub(super) struct Index {
    scratch: Scratch,
    /// Number and offset of the last record of each slot.
    last: Map,
    superseded: Superseded,
    /// Work that was made and is not in its place: number, slot and offset.
    pub(super) unfinished: BTreeMap<u64, (Slot, u64)>,
    /// Work whose original was not put away, by number, where somebody asked for it.
    pub(super) unkept: Option<BTreeMap<u64, Slot>>,
    pub(super) highest: u64,
}

/// Offsets of records that a later one of the same slot took the place of. The map tells of some of
/// them late: all are here once it has settled.
#[derive(Debug)]
struct Superseded(Tape);

impl Superseded {
    fn add(&mut self, value: Value) -> io::Result<()> {
        let (_, offset) = unpacked(value);
        self.0.append(&offset.to_be_bytes()).map(|_| ())
    }

    fn count(&self) -> u64 {
        self.0.len() / 8
    }

    fn each(&self, mut each: impl FnMut(u64) -> io::Result<()>) -> io::Result<()> {
        let mut window = Window::default();
        for number in 0..self.count() {
            let mut offset = [0; 8];
            offset.copy_from_slice(window.get(&self.0, number.saturating_mul(8), 8)?);
            each(u64::from_be_bytes(offset))?;
        }
        Ok(())
    }
}

fn packed(number: u64, offset: u64) -> Value {
    let mut value = [0; 16];
    let (front, back) = value.split_at_mut(8);
    front.copy_from_slice(&number.to_be_bytes());
    back.copy_from_slice(&offset.to_be_bytes());
    value
}

/// Number and offset.
fn unpacked(value: Value) -> (u64, u64) {
    let [mut number, mut offset] = [[0; 8]; 2];
    let (front, back) = value.split_at(8);
    number.copy_from_slice(front);
    offset.copy_from_slice(back);
    (u64::from_be_bytes(number), u64::from_be_bytes(offset))
}

impl Index {
    pub(super) fn new(scratch: &Scratch, keeps: bool) -> Self {
        Self {
            scratch: scratch.clone(),
            last: Map::new(scratch),
            superseded: Superseded(Tape::new(scratch)),
            unfinished: BTreeMap::new(),
            unkept: keeps.then(BTreeMap::new),
            highest: 0,
        }
    }

    /// Takes in a record of the journal.
    pub(super) fn read(&mut self, offset: u64, record: &str) -> io::Result<()> {
        match serde_json::from_str(record)? {
            Read::Journal(VERSION) if self.unkept.is_none() => {}
            Read::Watched(VERSION) if self.unkept.is_some() => {}
            Read::Journal(VERSION) => return Err(io::Error::other("it is one of single runs")),
            Read::Watched(VERSION) => {
                return Err(io::Error::other("another folder is watched into it"));
            }
            Read::Journal(version) | Read::Watched(version) => {
                let told = format!("its journal has layout {version}, this is for {VERSION}");
                return Err(io::Error::other(told));
            }
            Read::Made(made) => {
                self.highest = self.highest.max(made.n);
                let slot = slot_of(&made)?;
                self.unfinished.insert(made.n, (slot, offset));
            }
            Read::Done(numbers) => {
                for number in numbers {
                    if let Some((slot, offset)) = self.unfinished.remove(&number) {
                        self.done(number, slot, offset)?;
                    }
                }
            }
            Read::Kept(numbers) => {
                for number in numbers {
                    self.unkept.as_mut().map(|unkept| unkept.remove(&number));
                }
            }
        }
        Ok(())
    }

    /// Notes that work is in its place.
    pub(super) fn done(&mut self, number: u64, slot: Slot, offset: u64) -> io::Result<()> {
        let superseded = &mut self.superseded;
        let value = packed(number, offset);
        self.last
            .put(slot.bytes(), value, &mut |old| superseded.add(old))?;
        if let Some(unkept) = &mut self.unkept {
            unkept.insert(number, slot);
        }
        Ok(())
    }

    /// Number and offset of the last record of a slot.
    pub(super) fn last(&self, slot: Slot) -> io::Result<Option<(u64, u64)>> {
        Ok(self.last.get(&slot.bytes())?.map(unpacked))
    }

    /// Makes looking up as cheap as it can be.
    pub(super) fn settle(&mut self) -> io::Result<()> {
        let superseded = &mut self.superseded;
        self.last.settle(&mut |old| superseded.add(old))
    }

    /// How many slots there are, and how many records that are no slot's last one.
    pub(super) fn counts(&mut self) -> io::Result<(u64, u64)> {
        let superseded = &mut self.superseded;
        let slots = self.last.count(&mut |old| superseded.add(old))?;
        Ok((slots, superseded.count()))
    }

    /// Offset and number of the last record of each slot, in the order of the journal.
    pub(super) fn lasts(&mut self) -> io::Result<Offsets> {
        let mut sorter = Sorter::new(&self.scratch);
        let superseded = &mut self.superseded;
        let mut replaced = |old| superseded.add(old);
        self.last.values(&mut replaced, |value| {
            let (number, offset) = unpacked(value);
            sorter.push(&[&offset.to_be_bytes(), &number.to_be_bytes()])
        })?;
        sorter.sorted().map(Offsets)
    }

    /// Offset and number of the last record of each slot, and with number 0 all others that were, in
    /// the order of the journal.
    pub(super) fn all(&mut self) -> io::Result<Offsets> {
        let mut sorter = Sorter::new(&self.scratch);
        let mut lasts = self.lasts()?;
        while let Some((offset, number)) = lasts.next()? {
            sorter.push(&[&offset.to_be_bytes(), &number.to_be_bytes()])?;
        }
        self.superseded
            .each(|offset| sorter.push(&[&offset.to_be_bytes(), &[0; 8]]))?;
        sorter.sorted().map(Offsets)
    }

    /// Offsets of records that are no slot's last one, once the map has settled.
    pub(super) fn superseded(&self, each: impl FnMut(u64) -> io::Result<()>) -> io::Result<()> {
        self.superseded.each(each)
    }

    pub(super) const fn scratch(&self) -> &Scratch {
        &self.scratch
    }
}

/// Offsets and numbers of records, in order.
#[derive(Debug)]
pub(crate) struct Offsets(Sorted);

impl Offsets {
    /// The next one.
    ///
    /// # Errors
    /// What the system says about a temporary file.
    pub(crate) fn next(&mut self) -> io::Result<Option<(u64, u64)>> {
        let Some(record) = self.0.next()? else {
            return Ok(None);
        };
        let value = record.try_into();
        let value = value.map_err(|_| io::Error::other("temporary file: half a record"))?;
        Ok(Some(unpacked(value)))
    }
}

fn slot_of(made: &Known<'_>) -> io::Result<Slot> {
    Slot::parse(made.slot).ok_or_else(|| io::Error::other("journal: no slot"))
}

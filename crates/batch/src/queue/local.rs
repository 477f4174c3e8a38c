//! A queue in memory whose past is the journal of the output folder.

use crate::input::Stamp;
use crate::journal::{Event, Journal, Known, Made, Opened, Placed, Read, Reader, VERSION};
use crate::key::{Key, Slot};
use crate::plan::{Input, Inputs};
use crate::queue::{Job, Next, Past, Queue};
use crate::room::cost;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What waits to be worked on.
#[derive(Debug, Default)]
struct Waiting {
    /// By what it costs: the largest last, and among equals the first last.
    places: BTreeSet<(u64, Reverse<usize>)>,
    /// Inputs of a plan, packed.
    plan: Option<Arc<Inputs>>,
    /// Inputs that were added one by one.
    single: BTreeMap<usize, Arc<Input>>,
    /// Nothing will be added any more.
    closed: bool,
}

/// With fewer old records than this a journal is left as it is.
const FEW: usize = 64;
/// Records of a compacted journal that one line tells the end of.
const TOGETHER: usize = 1024;

/// The queue of one machine.
#[derive(Debug)]
pub(crate) struct Local {
    waiting: Mutex<Waiting>,
    past: Mutex<Index>,
    journal: Mutex<Journal>,
    reader: Reader,
    number: AtomicU64,
    most: u64,
}

/// Records by slot.
#[derive(Debug, Default)]
struct Index {
    last: BTreeMap<Slot, (u64, u64)>,
    /// Offsets of records that a later one of the same slot took the place of.
    superseded: Vec<u64>,
    /// Work that was made and is not in its place: number, slot and offset.
    unfinished: BTreeMap<u64, (Slot, u64)>,
    /// Work whose original was not put away, by number, where somebody asked for it.
    unkept: Option<BTreeMap<u64, Slot>>,
    highest: u64,
}

impl Index {
    fn read(&mut self, offset: u64, record: &str) -> io::Result<()> {
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
                        self.done(number, slot, offset);
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

    fn done(&mut self, number: u64, slot: Slot, offset: u64) {
        if let Some((_, old)) = self.last.insert(slot, (number, offset)) {
            self.superseded.push(old);
        }
        if let Some(unkept) = &mut self.unkept {
            unkept.insert(number, slot);
        }
    }
}

fn slot_of(made: &Known<'_>) -> io::Result<Slot> {
    Slot::parse(made.slot).ok_or_else(|| io::Error::other("journal: no slot"))
}

/// Work that a crash broke off between staging and its end.
pub(crate) struct Unfinished {
    pub(crate) number: u64,
    pub(crate) slot: Slot,
    pub(crate) offset: u64,
    pub(crate) outputs: Vec<Placed>,
    pub(crate) failed: bool,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Local {
    /// A queue with the past of a journal. `most` is what no job may cost more than; `keeps` asks for
    /// track of originals that are to be put away.
    ///
    /// # Errors
    /// What the file system says; that the journal has another layout.
    pub(crate) fn open(journal: File, most: u64, keeps: bool) -> io::Result<(Self, Opened)> {
        let mut index = Index {
            unkept: keeps.then(BTreeMap::new),
            ..Index::default()
        };
        let (mut journal, opened) = Journal::open(journal, |at, record| index.read(at, record))?;
        if opened.records == 0 {
            let head = if keeps {
                Event::Watched
            } else {
                Event::Journal
            };
            journal.append(&head(VERSION))?;
        }
        let queue = Self {
            waiting: Mutex::default(),
            number: AtomicU64::new(index.highest.saturating_add(1)),
            past: Mutex::new(index),
            reader: journal.reader()?,
            journal: Mutex::new(journal),
            most,
        };
        Ok((queue, opened))
    }

    /// Adds an input as number `index`.
    pub(crate) fn add(&self, index: usize, input: Arc<Input>) {
        let cost = cost(input.bytes).min(self.most);
        let mut waiting = locked(&self.waiting);
        waiting.places.insert((cost, Reverse(index)));
        waiting.single.insert(index, input);
    }

    /// Adds all inputs of a plan.
    pub(crate) fn add_all(&self, inputs: &Arc<Inputs>) {
        let mut waiting = locked(&self.waiting);
        for (index, bytes) in inputs.sizes().enumerate() {
            let cost = cost(bytes).min(self.most);
            waiting.places.insert((cost, Reverse(index)));
        }
        waiting.plan = Some(Arc::clone(inputs));
    }

    /// Nothing will be added any more.
    pub(crate) fn close(&self) {
        locked(&self.waiting).closed = true;
    }

    /// Work that is to be finished or forgotten.
    pub(crate) fn unfinished(&self) -> io::Result<Vec<Unfinished>> {
        let unfinished = locked(&self.past).unfinished.clone();
        let mut all = Vec::new();
        for (number, (slot, offset)) in unfinished {
            let record = self.reader.record(offset)?;
            let made = made_of(&record)?;
            all.push(Unfinished {
                number,
                slot,
                offset,
                failed: made.failure.is_some(),
                outputs: made.outputs,
            });
        }
        Ok(all)
    }

    /// The report of a record, one line of JSON.
    pub(crate) fn report(&self, offset: u64) -> io::Result<String> {
        let record = self.reader.record(offset)?;
        Ok(made_of(&record)?.report.get().to_owned())
    }

    /// Places of outputs that later outputs of the same input do not have: they are to go.
    pub(crate) fn outdated(&self) -> io::Result<Vec<String>> {
        let past = locked(&self.past);
        if past.superseded.is_empty() {
            return Ok(Vec::new());
        }
        let mut places = BTreeSet::new();
        for offset in &past.superseded {
            places.extend(self.places(*offset)?);
        }
        for (_, offset) in past.last.values() {
            for place in self.places(*offset)? {
                places.remove(&place);
            }
        }
        Ok(places.into_iter().collect())
    }

    fn places(&self, offset: u64) -> io::Result<Vec<String>> {
        let record = self.reader.record(offset)?;
        let outputs = made_of(&record)?.outputs;
        Ok(outputs.into_iter().map(|output| output.place).collect())
    }

    /// Whether most of the journal tells of work that was done again since.
    pub(crate) fn mostly_old(&self) -> bool {
        let past = locked(&self.past);
        past.superseded.len() > past.last.len().max(FEW)
    }

    /// Writes into `file` a journal that knows only the last of each slot, and gives the file back.
    pub(crate) fn compacted(&self, file: File) -> io::Result<File> {
        let past = locked(&self.past);
        let (mut journal, _) = Journal::open(file.try_clone()?, |_, _| Ok(()))?;
        journal.append(&Event::Journal(VERSION))?;
        let mut last: Vec<(u64, u64)> = past
            .last
            .values()
            .map(|(number, offset)| (*offset, *number))
            .collect();
        last.sort_unstable();
        for some in last.chunks(TOGETHER) {
            for (offset, _) in some {
                journal.append_record(&self.reader.record(*offset)?)?;
            }
            let numbers: Vec<u64> = some.iter().map(|(_, number)| *number).collect();
            journal.append(&Event::Done(&numbers))?;
        }
        Ok(file)
    }

    /// The state of the input of a record when it was read.
    pub(crate) fn stamp(&self, offset: u64) -> io::Result<Option<Stamp>> {
        let record = self.reader.record(offset)?;
        Ok(made_of(&record)?.stamp)
    }

    /// Whether the outputs of this slot are in their places and its original was not put away: the
    /// number of that work, and where its record is.
    pub(crate) fn unkept(&self, slot: Slot) -> Option<(u64, u64)> {
        let past = locked(&self.past);
        let (number, offset) = past.last.get(&slot).copied()?;
        let unkept = past.unkept.as_ref()?;
        unkept.contains_key(&number).then_some((number, offset))
    }

    /// Notes that an original was put away.
    pub(crate) fn kept(&self, number: u64) -> io::Result<()> {
        let mut journal = locked(&self.journal);
        journal.append(&Event::Kept(&[number]))?;
        journal.sync()?;
        drop(journal);
        if let Some(unkept) = &mut locked(&self.past).unkept {
            unkept.remove(&number);
        }
        Ok(())
    }

    /// The offsets of the last record of each slot, in the order of the journal.
    pub(crate) fn offsets(&self) -> Vec<u64> {
        let past = locked(&self.past);
        let mut offsets: Vec<u64> = past.last.values().map(|(_, offset)| *offset).collect();
        offsets.extend(&past.superseded);
        offsets.sort_unstable();
        offsets
    }
}

fn made_of(record: &str) -> io::Result<Known<'_>> {
    match serde_json::from_str(record)? {
        Read::Made(made) => Ok(made),
        Read::Journal(_) | Read::Watched(_) | Read::Done(_) | Read::Kept(_) => {
            Err(io::Error::other("journal: another record than expected"))
        }
    }
}

impl Queue for Local {
    fn next(&self, room: u64) -> Next {
        let mut waiting = locked(&self.waiting);
        if waiting.places.is_empty() {
            return if waiting.closed {
                Next::End
            } else {
                Next::Wait
            };
        }
        // the largest that fits: large ones begin early, and small ones fill what they leave
        let fits = waiting.places.range(..=(room, Reverse(0))).next_back();
        let Some(place) = fits.copied() else {
            return Next::Wait;
        };
        waiting.places.remove(&place);
        let (cost, Reverse(index)) = place;
        let input = waiting.single.remove(&index);
        let packed = || waiting.plan.as_ref()?.get(index);
        match input.or_else(packed) {
            Some(input) => Next::Job(Job { index, input, cost }),
            None => Next::Wait,
        }
    }

    fn past(&self, slot: Slot) -> io::Result<Option<Past>> {
        let Some((_, offset)) = locked(&self.past).last.get(&slot).copied() else {
            return Ok(None);
        };
        let record = self.reader.record(offset)?;
        let made = made_of(&record)?;
        Ok(Some(Past {
            offset,
            key: made.key.and_then(Key::parse),
            stamp: made.stamp,
            failed: made.failure.is_some(),
            withheld: made.withheld,
            outputs: made
                .outputs
                .into_iter()
                .map(|output| (output.place, output.bytes))
                .collect(),
            report: Some(made.report.get().to_owned()),
        }))
    }

    fn number(&self) -> u64 {
        self.number.fetch_add(1, Ordering::Relaxed)
    }

    fn made(&self, made: &Made<'_>) -> io::Result<u64> {
        locked(&self.journal).append(&Event::Made(made))
    }

    fn done(&self, done: &[(u64, Slot, u64)]) -> io::Result<()> {
        let numbers: Vec<u64> = done.iter().map(|(number, ..)| *number).collect();
        let mut journal = locked(&self.journal);
        journal.append(&Event::Done(&numbers))?;
        crate::fail::point("done-unsynced");
        journal.sync()?;
        drop(journal);
        let mut past = locked(&self.past);
        for (number, slot, offset) in done {
            past.unfinished.remove(number);
            past.done(*number, *slot, *offset);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Plan;

    #[test]
    fn large_ones_come_first_and_small_ones_fill() {
        let folder = tempfile::tempdir().unwrap();
        let mib = 1usize << 20;
        for (name, mib_count) in [("a", 1), ("b", 40), ("c", 1), ("d", 80)] {
            std::fs::write(folder.path().join(name), vec![0; mib_count * mib]).unwrap();
        }
        let out = folder.path().join("out");
        let plan = Plan::of(&[folder.path().to_owned()], &[], &out).unwrap();
        let most = cost(60 << 20);
        let journal = tempfile::tempfile().unwrap();
        let (queue, _) = Local::open(journal, most, false).unwrap();
        queue.add_all(&plan.inputs);
        queue.close();
        let mut free = most;
        let mut order = Vec::new();
        while let Next::Job(job) = queue.next(free) {
            free -= job.cost;
            order.push(job.index);
        }
        // the largest costs more than all there is: it gets all there is, alone
        assert_eq!(order, [3]);
        assert!(matches!(queue.next(free), Next::Wait));
        free = most;
        while let Next::Job(job) = queue.next(free) {
            free -= job.cost;
            order.push(job.index);
        }
        assert_eq!(order, [3, 1, 0, 2]);
        assert!(matches!(queue.next(u64::MAX), Next::End));
    }
}

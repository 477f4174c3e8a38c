//! A queue of this machine whose past is the journal of the output folder.

mod index;
mod line;

use crate::input::Stamp;
use crate::journal::{Event, Journal, Known, Made, Opened, Placed, Read, Reader, VERSION};
use crate::key::{Key, Slot, short};
use crate::plan::{Input, Inputs};
use crate::queue::{Job, Next, Past, Queue};
use crate::room::cost;
use crate::spill::{Map, Scratch};
use index::{Index, Offsets};
use line::Line;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What waits to be worked on.
#[derive(Debug, Default)]
struct Waiting {
    /// Inputs of a plan, packed, and the order in which they are taken.
    plan: Option<(Arc<Inputs>, Line)>,
    /// Inputs that were added one by one, by what they cost: the largest last, and among equals the
    /// first last.
    single: BTreeMap<(u64, Reverse<usize>), Arc<Input>>,
    /// Nothing will be added any more.
    closed: bool,
}

/// With fewer old records than this a journal is left as it is.
const FEW: u64 = 64;
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
    pub(crate) fn open(
        journal: File,
        most: u64,
        keeps: bool,
        scratch: &Scratch,
    ) -> io::Result<(Self, Opened)> {
        let mut index = Index::new(scratch, keeps);
        let (mut journal, opened) = Journal::open(journal, |at, record| index.read(at, record))?;
        index.settle()?;
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
        waiting.single.insert((cost, Reverse(index)), input);
    }

    /// Adds all inputs of a plan.
    ///
    /// # Errors
    /// What the system says about a temporary file.
    pub(crate) fn add_all(&self, inputs: &Arc<Inputs>) -> io::Result<()> {
        let scratch = locked(&self.past).scratch().clone();
        let line = Line::of(&scratch, |each| {
            inputs.sizes(|index, bytes| each(cost(bytes).min(self.most), index))
        })?;
        locked(&self.waiting).plan = Some((Arc::clone(inputs), line));
        Ok(())
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

    /// Gives `each` the places of outputs that later outputs of the same input do not have: they are
    /// to go. It tells whether to go on.
    ///
    /// # Errors
    /// What the journal or a temporary file says, or `each` does.
    pub(crate) fn outdated(
        &self,
        mut each: impl FnMut(&str) -> io::Result<bool>,
    ) -> io::Result<()> {
        let mut past = locked(&self.past);
        if past.counts()?.1 == 0 {
            return Ok(());
        }
        let key = |place: &str| short(&[place.as_ref()]);
        let mut held = Map::new(past.scratch());
        let mut lasts = past.lasts()?;
        while let Some((offset, _)) = lasts.next()? {
            for place in self.places(offset)? {
                held.put(key(&place), [0; 16], &mut |_| Ok(()))?;
            }
        }
        let mut go_on = true;
        past.superseded(|offset| {
            if !go_on {
                return Ok(());
            }
            for place in self.places(offset)? {
                if held.get(&key(&place))?.is_none() {
                    go_on = go_on && each(&place)?;
                    // each place is told of once
                    held.put(key(&place), [0; 16], &mut |_| Ok(()))?;
                }
            }
            Ok(())
        })
    }

    fn places(&self, offset: u64) -> io::Result<Vec<String>> {
        let record = self.reader.record(offset)?;
        let outputs = made_of(&record)?.outputs;
        Ok(outputs.into_iter().map(|output| output.place).collect())
    }

    /// Whether most of the journal tells of work that was done again since.
    pub(crate) fn mostly_old(&self) -> io::Result<bool> {
        let (slots, old) = locked(&self.past).counts()?;
        Ok(old > slots.max(FEW))
    }

    /// Writes into `file` a journal that knows only the last of each slot, and gives the file back.
    pub(crate) fn compacted(&self, file: File) -> io::Result<File> {
        let mut past = locked(&self.past);
        let (mut journal, _) = Journal::open(file.try_clone()?, |_, _| Ok(()))?;
        journal.append(&Event::Journal(VERSION))?;
        let mut lasts = past.lasts()?;
        let mut numbers = Vec::new();
        while let Some((offset, number)) = lasts.next()? {
            journal.append_record(&self.reader.record(offset)?)?;
            numbers.push(number);
            if numbers.len() >= TOGETHER {
                journal.append(&Event::Done(&numbers))?;
                numbers.clear();
            }
        }
        if !numbers.is_empty() {
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
    pub(crate) fn unkept(&self, slot: Slot) -> io::Result<Option<(u64, u64)>> {
        let past = locked(&self.past);
        let last = past.last(slot)?;
        let unkept = |number| {
            let unkept = past.unkept.as_ref();
            unkept.is_some_and(|unkept| unkept.contains_key(&number))
        };
        Ok(last.filter(|(number, _)| unkept(*number)))
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

    /// The offsets of all records of work that came to its end, in the order of the journal.
    ///
    /// # Errors
    /// What the system says about a temporary file.
    pub(crate) fn offsets(&self) -> io::Result<Offsets> {
        locked(&self.past).all()
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
    fn next(&self, room: u64) -> io::Result<Next> {
        let mut waiting = locked(&self.waiting);
        let Waiting {
            plan,
            single,
            closed,
        } = &mut *waiting;
        let left = plan.as_ref().is_some_and(|(_, line)| !line.is_empty());
        if !left && single.is_empty() {
            return Ok(if *closed { Next::End } else { Next::Wait });
        }
        // the largest that fits: large ones begin early, and small ones fill what they leave
        let alone = single.range(..=(room, Reverse(0))).next_back();
        let alone = alone.map(|(place, _)| *place);
        if let Some((inputs, line)) = plan
            && let Some(place) = line.largest(room)?
            && alone.is_none_or(|alone| alone < (place.cost, Reverse(place.index)))
        {
            line.take(place);
            let lost = || io::Error::other("an input of the plan is not there");
            return Ok(Next::Job(Job {
                index: place.index,
                input: inputs.get(place.index)?.ok_or_else(lost)?,
                cost: place.cost,
            }));
        }
        let alone = alone.and_then(|place| Some((place, single.remove(&place)?)));
        Ok(match alone {
            Some(((cost, Reverse(index)), input)) => Next::Job(Job { index, input, cost }),
            None => Next::Wait,
        })
    }

    fn past(&self, slot: Slot) -> io::Result<Option<Past>> {
        let last = locked(&self.past).last(slot)?;
        let Some((_, offset)) = last else {
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
            past.done(*number, *slot, *offset)?;
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
        let (queue, _) = Local::open(journal, most, false, &Scratch::default()).unwrap();
        queue.add_all(&plan.inputs).unwrap();
        queue.close();
        let mut free = most;
        let mut order = Vec::new();
        while let Next::Job(job) = queue.next(free).unwrap() {
            free -= job.cost;
            order.push(job.index);
        }
        // the largest costs more than all there is: it gets all there is, alone
        assert_eq!(order, [3]);
        assert!(matches!(queue.next(free).unwrap(), Next::Wait));
        free = most;
        while let Next::Job(job) = queue.next(free).unwrap() {
            free -= job.cost;
            order.push(job.index);
        }
        assert_eq!(order, [3, 1, 0, 2]);
        assert!(matches!(queue.next(u64::MAX).unwrap(), Next::End));
    }
}

//! Puts into an output folder what was made elsewhere, in the same order of writing as a run.

use crate::deliver::places;
use crate::folder::{Ends, OutputFolder};
use crate::journal::{Made, Placed};
use crate::key::{Key, Slot};
use crate::plan::Input;
use crate::queue::Queue;
use crate::run::{RunError, holds};
use crate::source::told;
use crate::stop::Stop;
use crate::store::Store;
use crate::summary::{Brief, Summary};
use mugai_engine::{Digests, Output};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use serde_json::value::RawValue;
use std::io;
use std::sync::Arc;

/// How many are brought into their places at a time.
const AT_A_TIME: usize = 512;

/// What was made of an input.
pub struct Delivery {
    /// The files; the first is what became of the input itself.
    pub files: Vec<Output>,
    /// Makes the report, one line of JSON, once the places of the files are known.
    pub report: Report,
    /// Why nothing else was made of it.
    pub failure: Option<String>,
}

/// Makes a report of the places of its files.
type Report = Box<dyn FnOnce(&[String]) -> io::Result<Box<RawValue>> + Send>;

/// What became of an input.
#[derive(Debug)]
pub enum Received<'a> {
    /// It is in its place.
    There,
    /// Nothing was made of it yet.
    Missing,
    /// It could not be taken: why.
    Failed(&'a str),
}

/// One input, staged.
struct Staged {
    number: u64,
    offset: u64,
    outputs: Vec<Placed>,
    brief: Brief,
    failure: Option<String>,
}

enum What {
    Before(u64, Brief, bool),
    Staged(Staged),
    Missing,
    Failed(String),
}

impl OutputFolder {
    /// Takes what `get` has for each of `inputs`, and writes `report.jsonl` of what there is. `key` tells
    /// what an input is made of: what lies there with the same key is not taken again.
    ///
    /// # Errors
    /// [`RunError`]; what is durable stays.
    pub fn receive(
        &self,
        inputs: &[Arc<Input>],
        (jobs, stop): (usize, &Stop),
        key: impl Fn(usize) -> Option<Key> + Sync,
        get: impl Fn(usize) -> io::Result<Option<Delivery>> + Sync,
        mut each: impl FnMut(&Input, Received<'_>),
    ) -> Result<Summary, RunError> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(jobs.max(1))
            .build()
            .map_err(RunError::Threads)?;
        let mut ends = Some(Ends::new(&self.store.scratch()));
        let mut summary = Summary::default();
        let mut lost = 0u64;
        let numbered: Vec<usize> = (0..inputs.len()).collect();
        let mut work = || {
            for some in numbered.chunks(AT_A_TIME) {
                if stop.asked() {
                    break;
                }
                let one = |index: &usize| {
                    let input = inputs.get(*index)?;
                    Some((*index, input, self.one(input, key(*index), || get(*index))))
                };
                let all: Vec<_> = pool.install(|| some.par_iter().filter_map(one).collect());
                let mut staged = Vec::new();
                for (index, input, what) in all {
                    staged.push((index, input, what?));
                }
                for (index, offset) in self.commit(staged, (&mut summary, &mut lost), &mut each)? {
                    if let Some(ends) = &mut ends {
                        ends.add(index, offset)?;
                    }
                }
            }
            ends.take().map_or(Ok(()), |ends| self.end(ends))
        };
        work().map_err(RunError::Output)?;
        let all = u64::try_from(inputs.len()).unwrap_or(u64::MAX);
        let known = summary.inputs.saturating_add(lost);
        summary.left = all.saturating_sub(known);
        Ok(summary)
    }

    fn one(
        &self,
        input: &Input,
        key: Option<Key>,
        get: impl FnOnce() -> io::Result<Option<Delivery>>,
    ) -> io::Result<What> {
        let slot = Slot::of(input);
        if let Some(past) = self.queue.past(slot)?
            && past.key.is_some()
            && past.key == key
            && !past.failed
            && let Some(report) = &past.report
            && holds(&self.store, &past)?
        {
            return Ok(What::Before(
                past.offset,
                Brief::parse(report)?,
                past.failed,
            ));
        }
        match get() {
            Ok(Some(delivery)) => Ok(What::Staged(self.stage(input, key, delivery)?)),
            Ok(None) => Ok(What::Missing),
            Err(error) => Ok(What::Failed(told(&error))),
        }
    }

    fn stage(&self, input: &Input, key: Option<Key>, delivery: Delivery) -> io::Result<Staged> {
        let number = self.queue.number();
        let mut outputs = Vec::new();
        let places = places(input, &delivery.files);
        for (index, (file, place)) in delivery.files.iter().zip(places).enumerate() {
            let content = file.file.content();
            let staged = format!("{number}-{index}.part");
            self.store.stage(&staged, content)?;
            outputs.push(Placed {
                staged,
                place,
                bytes: u64::try_from(content.len()).unwrap_or(u64::MAX),
                blake3: Digests::of_spooled(content)
                    .map_err(|why| io::Error::other(why.to_string()))?
                    .blake3,
            });
        }
        let places: Vec<String> = outputs.iter().map(|output| output.place.clone()).collect();
        let report = (delivery.report)(&places)?;
        let brief = Brief::parse(report.get())?;
        let offset = self.queue.made(&Made {
            n: number,
            slot: Slot::of(input).hex(),
            key: key.map(|key| key.hex()),
            stamp: None,
            failure: delivery.failure.as_deref(),
            withheld: brief.withheld || brief.partly,
            outputs: &outputs,
            report: &report,
        })?;
        Ok(Staged {
            number,
            offset,
            outputs,
            brief,
            failure: delivery.failure,
        })
    }

    /// Brings staged files into their places, and tells where the records are.
    fn commit(
        &self,
        staged: Vec<(usize, &Arc<Input>, What)>,
        (summary, lost): (&mut Summary, &mut u64),
        each: &mut impl FnMut(&Input, Received<'_>),
    ) -> io::Result<Vec<(usize, u64)>> {
        self.store.settle()?;
        let (mut done, mut offsets) = (Vec::new(), Vec::new());
        for (index, input, what) in staged {
            match what {
                What::Before(offset, brief, failed) => {
                    summary.count(brief, failed);
                    summary.before = summary.before.saturating_add(1);
                    offsets.push((index, offset));
                    each(input, Received::There);
                }
                What::Staged(work) => match self.put(&work.outputs) {
                    Ok(()) => {
                        summary.count(work.brief, work.failure.is_some());
                        done.push((work.number, Slot::of(input), work.offset));
                        offsets.push((index, work.offset));
                        each(
                            input,
                            work.failure
                                .as_deref()
                                .map_or(Received::There, Received::Failed),
                        );
                    }
                    Err(error) => {
                        summary.failed = summary.failed.saturating_add(1);
                        *lost = lost.saturating_add(1);
                        each(input, Received::Failed(&told(&error)));
                    }
                },
                What::Missing => each(input, Received::Missing),
                What::Failed(why) => {
                    summary.failed = summary.failed.saturating_add(1);
                    *lost = lost.saturating_add(1);
                    each(input, Received::Failed(&why));
                }
            }
        }
        if !done.is_empty() {
            self.queue.done(&done)?;
        }
        Ok(offsets)
    }

    fn put(&self, outputs: &[Placed]) -> io::Result<()> {
        for output in outputs {
            self.store.publish(&output.staged, &output.place, true)?;
        }
        Ok(())
    }
}

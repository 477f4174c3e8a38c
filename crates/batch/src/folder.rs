//! An output folder with its journal: what earlier runs left is finished or swept away, then files
//! are added.

use crate::fail;
use crate::plan::{Plan, RESERVED};
use crate::queue::{self, Queue};
use crate::run::{Ended, Run, RunError};
use crate::spill::{Scratch, Sorter};
use crate::store::{self, Store};
use crate::summary::Summary;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// An output folder in use.
#[derive(Debug)]
pub struct OutputFolder {
    pub(crate) store: store::Local,
    pub(crate) queue: queue::Local,
    found: FoundThere,
}

/// What was found in an output folder when it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FoundThere {
    /// Records of the journal.
    pub records: u64,
    /// Bytes of a torn tail that were cut off the journal.
    pub cut: u64,
    /// Inputs that were staged, and were now brought into their places.
    pub finished: u64,
    /// Staged files that belong to nothing, and were swept away.
    pub swept: u64,
}

impl OutputFolder {
    /// Opens a folder, makes it if it is missing, and ends what an earlier run had begun. `memory` is
    /// what jobs may take together, in bytes; `keeps` asks for track of originals to be put away.
    ///
    /// # Errors
    /// What the file system says; that another run is using the folder, or that its journal has
    /// another layout.
    pub fn open(path: &Path, memory: u64, keeps: bool) -> io::Result<Self> {
        let store = store::Local::open(path)?;
        let scratch = store.scratch();
        let (queue, opened) = queue::Local::open(store.journal()?, memory, keeps, &scratch)?;
        let finished = finish(&store, &queue, !keeps)?;
        let swept = store.sweep()?;
        let queue = if keeps {
            queue
        } else {
            compact(&store, queue, memory)?
        };
        let found = FoundThere {
            records: opened.records,
            cut: opened.cut,
            finished,
            swept,
        };
        Ok(Self {
            store,
            queue,
            found,
        })
    }

    /// What was found in it.
    #[must_use]
    pub const fn found(&self) -> FoundThere {
        self.found
    }

    /// Works through a plan and writes `report.jsonl`, in the order of the plan: also when the run is
    /// stopped, then with what is done. `each` sees every input once what it led to is durable.
    ///
    /// # Errors
    /// [`RunError`]
    pub fn run(
        &self,
        run: &Run<'_>,
        plan: &Plan,
        mut each: impl FnMut(&Ended<'_>) + Send,
    ) -> Result<Summary, RunError> {
        let mut offsets = Ends::new(&self.store.scratch());
        self.queue.add_all(&plan.inputs).map_err(RunError::Output)?;
        self.queue.close();
        let mut summary = run.over(&self.queue, &self.store, |ended| {
            offsets.add(ended.index, ended.offset)?;
            each(ended);
            Ok(())
        })?;
        let all = u64::try_from(plan.inputs.len()).unwrap_or(u64::MAX);
        let seen = summary.inputs.saturating_add(summary.skipped);
        summary.left = all.saturating_sub(seen);
        self.end(offsets).map_err(RunError::Output)?;
        Ok(summary)
    }

    /// Takes away outputs that later ones took the place of, and writes the report of these ends.
    pub(crate) fn end(&self, ends: Ends) -> io::Result<()> {
        self.queue.outdated(|place| {
            fail::point("outdated");
            self.store.remove(place)?;
            Ok(true)
        })?;
        let mut sorted = ends.0.sorted()?;
        self.report(|| match sorted.next()? {
            Some(record) => Ok(Some(offset_of(&record)?)),
            None => Ok(None),
        })
    }

    /// Writes the report with the records at the offsets that `next` gives, whole or not at all.
    pub(crate) fn report(
        &self,
        mut next: impl FnMut() -> io::Result<Option<u64>>,
    ) -> io::Result<()> {
        let [name] = RESERVED;
        let mut out = BufWriter::new(self.store.create(name)?);
        while let Some(offset) = next()? {
            out.write_all(self.queue.report(offset)?.as_bytes())?;
            out.write_all(b"\n")?;
        }
        out.into_inner()
            .map_err(io::IntoInnerError::into_error)?
            .sync_all()?;
        fail::point("report");
        self.store.publish(name, name, true)?;
        fail::point("report-published");
        Ok(())
    }
}

/// Where the records are of inputs that came to their ends, in the order of the inputs at last.
#[derive(Debug)]
pub(crate) struct Ends(Sorter);

impl Ends {
    pub(crate) fn new(scratch: &Scratch) -> Self {
        Self(Sorter::new(scratch))
    }

    /// Notes where the record of input `index` is.
    ///
    /// # Errors
    /// What the system says about a temporary file.
    pub(crate) fn add(&mut self, index: usize, offset: u64) -> io::Result<()> {
        let index = u64::try_from(index).map_err(io::Error::other)?;
        self.0.push(&[&index.to_be_bytes(), &offset.to_be_bytes()])
    }
}

fn offset_of(record: &[u8]) -> io::Result<u64> {
    let offset = record.last_chunk::<8>();
    let half = || io::Error::other("temporary file: half a record");
    Ok(u64::from_be_bytes(*offset.ok_or_else(half)?))
}

/// Writes the journal anew when most of it tells of work that was done again since, and no output of
/// that is left. Either the old journal is there or the new one, whenever this is broken off.
fn compact(store: &store::Local, queue: queue::Local, memory: u64) -> io::Result<queue::Local> {
    if !queue.mostly_old()? {
        return Ok(queue);
    }
    let mut there = false;
    queue.outdated(|place| {
        there = store.size(place)?.is_some();
        Ok(!there)
    })?;
    // a run that was stopped has not taken them away yet: the next one needs to know of them
    if there {
        return Ok(queue);
    }
    fail::point("compacting");
    queue.compacted(store.create(COMPACTED)?)?.sync_all()?;
    fail::point("compacted");
    drop(queue);
    store.replace_journal(COMPACTED)?;
    fail::point("journal-replaced");
    let (queue, _) = queue::Local::open(store.journal()?, memory, false, &store.scratch())?;
    Ok(queue)
}

/// What a new journal is called before it has its place.
const COMPACTED: &str = "journal.part";

/// Brings into their places what was staged and noted when an earlier run was killed. What is not
/// whole is forgotten, and done again.
fn finish(store: &store::Local, queue: &queue::Local, replace: bool) -> io::Result<u64> {
    let mut done = Vec::new();
    for work in queue.unfinished()? {
        let mut whole = !work.failed;
        for output in &work.outputs {
            let want = Some((output.bytes, output.blake3.clone()));
            let staged = store.digest(&output.staged, true)? == want;
            whole &= staged || store.digest(&output.place, false)? == want;
        }
        if !whole {
            continue;
        }
        for output in &work.outputs {
            if store.digest(&output.staged, true)?.is_some() {
                whole &= store
                    .publish(&output.staged, &output.place, replace)
                    .is_ok();
            }
        }
        if whole {
            done.push((work.number, work.slot, work.offset));
        }
    }
    if !done.is_empty() {
        store.settle()?;
        queue.done(&done)?;
    }
    u64::try_from(done.len()).map_err(io::Error::other)
}

//! An output folder with its journal: what earlier runs left is finished or swept away, then files
//! are added.

use crate::fail;
use crate::plan::{Plan, RESERVED};
use crate::queue::{self, Queue};
use crate::run::{Ended, Run, RunError};
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
        let (queue, opened) = queue::Local::open(store.journal()?, memory, keeps)?;
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
        self.queue.add_all(&plan.inputs);
        self.queue.close();
        let mut offsets: Vec<Option<u64>> = vec![None; plan.inputs.len()];
        let mut summary = run.over(&self.queue, &self.store, |ended| {
            if let Some(slot) = offsets.get_mut(ended.index) {
                *slot = Some(ended.offset);
            }
            each(ended);
            Ok(())
        })?;
        let all = u64::try_from(plan.inputs.len()).unwrap_or(u64::MAX);
        let seen = summary.inputs.saturating_add(summary.skipped);
        summary.left = all.saturating_sub(seen);
        self.end(&offsets).map_err(RunError::Output)?;
        Ok(summary)
    }

    /// Takes away outputs that later ones took the place of, and writes the report with the records at
    /// these offsets.
    pub(crate) fn end(&self, offsets: &[Option<u64>]) -> io::Result<()> {
        for place in self.queue.outdated()? {
            fail::point("outdated");
            self.store.remove(&place)?;
        }
        self.report(offsets.iter().flatten().copied())
    }

    /// Writes the report with the records at these offsets, whole or not at all.
    pub(crate) fn report(&self, offsets: impl Iterator<Item = u64>) -> io::Result<()> {
        let [name] = RESERVED;
        let mut out = BufWriter::new(self.store.create(name)?);
        for offset in offsets {
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

/// Writes the journal anew when most of it tells of work that was done again since, and no output of
/// that is left. Either the old journal is there or the new one, whenever this is broken off.
fn compact(store: &store::Local, queue: queue::Local, memory: u64) -> io::Result<queue::Local> {
    if !queue.mostly_old() {
        return Ok(queue);
    }
    for place in queue.outdated()? {
        // a run that was stopped has not taken them away yet: the next one needs to know of them
        if store.size(&place)?.is_some() {
            return Ok(queue);
        }
    }
    fail::point("compacting");
    queue.compacted(store.create(COMPACTED)?)?.sync_all()?;
    fail::point("compacted");
    drop(queue);
    store.replace_journal(COMPACTED)?;
    fail::point("journal-replaced");
    let (queue, _) = queue::Local::open(store.journal()?, memory, false)?;
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

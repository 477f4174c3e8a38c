//! Brings staged outputs into their places, many at a time.
//!
//! The order is what makes a run safe to kill: the note of what is staged (`made`) is written, then
//! one `syncfs` makes all staged files durable, then each is renamed, then one line (`done`) tells of
//! all of them and is made durable. Whatever comes before its `done` is finished or done again by the
//! next run.

use crate::deliver::{UNWRITTEN, undeliverable};
use crate::key::Slot;
use crate::queue::Queue;
use crate::run::work::{End, Staged, What, note};
use crate::run::{Ended, Run};
use crate::source::told;
use crate::store::Store;
use crate::summary::{Brief, Summary};
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// How long the first of several waits for others.
const TOGETHER: Duration = Duration::from_millis(100);
/// The most that are brought into their places at a time. These, and those that wait for them, are
/// in memory with their reports.
const AT_A_TIME: usize = 320;

pub(super) fn all(
    run: &Run<'_>,
    queue: &dyn Queue,
    store: &dyn Store,
    receive: &Receiver<End>,
    each: &mut dyn FnMut(&Ended<'_>) -> io::Result<()>,
) -> io::Result<Summary> {
    let mut summary = Summary::default();
    while let Ok(first) = receive.recv() {
        let mut batch = gather(first, receive);
        commit(run, queue, store, &mut batch)?;
        for end in &batch {
            tell(run, end, &mut summary, each)?;
        }
    }
    Ok(summary)
}

fn gather(first: End, receive: &Receiver<End>) -> Vec<End> {
    let mut batch = vec![first];
    let begin = Instant::now();
    while batch.len() < AT_A_TIME {
        let left = TOGETHER.saturating_sub(begin.elapsed());
        match receive.recv_timeout(left) {
            Ok(end) => batch.push(end),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
        }
    }
    batch
}

fn commit(
    run: &Run<'_>,
    queue: &dyn Queue,
    store: &dyn Store,
    batch: &mut [End],
) -> io::Result<()> {
    if !batch.iter().any(|end| matches!(end.what, What::Staged(_))) {
        return Ok(());
    }
    store.settle()?;
    crate::fail::point("settled");
    let mut done = Vec::new();
    for end in batch {
        if let What::Staged(staged) = &mut end.what {
            publish(run, queue, store, end.slot, staged)?;
            done.push((staged.number, end.slot, staged.offset));
        }
    }
    queue.done(&done)?;
    crate::fail::point("done");
    Ok(())
}

/// Counts what is durable, and tells of it.
fn tell(
    run: &Run<'_>,
    end: &End,
    summary: &mut Summary,
    each: &mut dyn FnMut(&Ended<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let ended = |offset, number, report, failure, stamp| Ended {
        index: end.index,
        input: &end.input,
        offset,
        number,
        report,
        failure,
        stamp,
    };
    let ended = match &end.what {
        What::Staged(staged) => {
            let failure = staged.failure.as_deref();
            summary.count(Brief::of(&staged.report), failure.is_some());
            let number = Some(staged.number);
            let report = Some(&staged.report);
            Some(ended(staged.offset, number, report, failure, staged.read))
        }
        What::Before(past) => {
            match past.brief {
                Some(brief) => summary.count(brief, past.failed),
                None => summary.inputs = summary.inputs.saturating_add(1),
            }
            summary.before = summary.before.saturating_add(1);
            Some(ended(past.offset, None, None, None, past.stamp))
        }
        What::Skipped => {
            summary.skipped = summary.skipped.saturating_add(1);
            None
        }
    };
    run.progress.tick(&end.input, summary);
    ended.map_or(Ok(()), |ended| each(&ended))
}

/// Gives the outputs of one input their places. What cannot have its place is withheld, and noted
/// again as such.
fn publish(
    run: &Run<'_>,
    queue: &dyn Queue,
    store: &dyn Store,
    slot: Slot,
    staged: &mut Staged,
) -> io::Result<()> {
    let mut there = Vec::new();
    for output in &staged.outputs {
        if let Err(error) = store.publish(&output.staged, &output.place, run.replace) {
            // a part of a mailbox is no mailbox
            for place in there {
                store.remove(place)?;
            }
            staged.failure = Some(told(&error));
            staged.outputs.clear();
            undeliverable(&mut staged.report, Some(UNWRITTEN));
            staged.number = queue.number();
            staged.offset = note(queue, slot, staged)?;
            return Ok(());
        }
        there.push(output.place.as_str());
        crate::fail::point("published");
    }
    Ok(())
}

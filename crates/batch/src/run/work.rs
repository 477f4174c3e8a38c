//! One input: looked up, read, sanitised, staged, noted.

use crate::deliver::{UNWRITTEN, stage, undeliverable};
use crate::input::{Bytes, Stamp, Unread};
use crate::journal::{Made, Placed};
use crate::key::{Key, Slot};
use crate::plan::Input;
use crate::queue::{Job, Past, Queue};
use crate::run::{Choice, Run};
use crate::source::told;
use crate::store::Store;
use crate::summary::Brief;
use mugai_core::{Refusal, Untrusted};
use mugai_engine::report::TRIES;
use mugai_engine::{Order, Outcome, Report};
use std::io;
use std::sync::Arc;

/// What one input came to, so far.
pub(super) struct End {
    pub(super) index: usize,
    pub(super) input: Arc<Input>,
    pub(super) slot: Slot,
    pub(super) what: What,
}

pub(super) enum What {
    /// It is staged, and noted.
    Staged(Box<Staged>),
    /// It was done before.
    Before(Before),
    /// It was not asked for.
    Skipped,
}

/// What of a [`Past`] is still of interest: many wait for their turn to be counted.
pub(super) struct Before {
    pub(super) offset: u64,
    pub(super) stamp: Option<Stamp>,
    pub(super) failed: bool,
    /// None where the queue knows only that there is a report.
    pub(super) brief: Option<Brief>,
}

impl Before {
    fn of(past: &Past) -> io::Result<What> {
        let brief = past.report.as_deref().map(Brief::parse).transpose()?;
        Ok(What::Before(Self {
            offset: past.offset,
            stamp: past.stamp,
            failed: past.failed,
            brief,
        }))
    }
}

pub(super) struct Staged {
    pub(super) number: u64,
    pub(super) offset: u64,
    pub(super) key: Option<Key>,
    /// The state that the next run need not take it again in.
    pub(super) stamp: Option<Stamp>,
    /// The state that it was read in.
    pub(super) read: Option<Stamp>,
    pub(super) outputs: Vec<Placed>,
    pub(super) report: Report,
    pub(super) failure: Option<String>,
}

impl Staged {
    /// Many wait to be brought into their places, and few have more than a part or two.
    fn shrink(&mut self) {
        self.outputs.shrink_to_fit();
        self.report.outputs.shrink_to_fit();
        self.report.parts.shrink_to_fit();
        for part in &mut self.report.parts {
            part.findings.shrink_to_fit();
        }
    }
}

/// # Errors
/// What the queue says: the run cannot go on.
pub(super) fn one(
    run: &Run<'_>,
    queue: &dyn Queue,
    store: &dyn Store,
    job: Job,
) -> io::Result<End> {
    let Job { index, input, .. } = job;
    let slot = (run.slot)(&input);
    let past = queue.past(slot)?;
    let what = match chosen(run, &input, past.as_ref()) {
        Chosen::Skip => What::Skipped,
        Chosen::Before => past.as_ref().map_or(Ok(What::Skipped), Before::of)?,
        Chosen::Take => take(run, queue, store, &input, slot, past)?,
    };
    Ok(End {
        index,
        input,
        slot,
        what,
    })
}

enum Chosen {
    Take,
    Before,
    Skip,
}

/// Whether an input is read at all.
fn chosen(run: &Run<'_>, input: &Input, past: Option<&Past>) -> Chosen {
    match (run.choice, past) {
        (Choice::OnlyWithheld, None) => Chosen::Skip,
        (Choice::New, Some(_)) => Chosen::Before,
        (Choice::OnlyWithheld, Some(past)) if !past.withheld && !past.failed => Chosen::Before,
        (Choice::SinceJournal, Some(past)) if !past.failed => {
            let now = Stamp::now(input).ok();
            if now.is_some() && now == past.stamp {
                Chosen::Before
            } else {
                Chosen::Take
            }
        }
        _ => Chosen::Take,
    }
}

fn take(
    run: &Run<'_>,
    queue: &dyn Queue,
    store: &dyn Store,
    input: &Input,
    slot: Slot,
    past: Option<Past>,
) -> io::Result<What> {
    let rules = run.rules;
    let content = store.read(input, rules.most_bytes(), &run.opener.spool());
    if let (Ok((content, _)), Some(past)) = (&content, past)
        && matches!(run.choice, Choice::All | Choice::SinceJournal)
        && !past.failed
        && past.key.is_some()
        && past.key == digest(content).map(|digest| rules.key(&digest))
        && holds(store, &past)?
    {
        return Before::of(&past);
    }
    let number = queue.number();
    crate::fail::point("opening");
    let (mut outcome, stamp, mut failure) = attempts(run, store, input, content);
    crate::fail::point("opened");
    // what the machine or a mistake of ours did to a file says nothing about it: the next run takes it again
    let report = &outcome.report;
    let lasting = !report.lost_a_worker() && !report.alarm();
    let read = stamp;
    let stamp = stamp.filter(|_| lasting);
    let digests = report.input.digests.as_ref().filter(|_| lasting);
    let key = digests.map(|digests| rules.key(&digests.blake3));
    let outputs = if failure.is_some() && !run.replace {
        undeliverable(&mut outcome.report, None);
        Vec::new()
    } else {
        stage(store, number, input, &mut outcome).unwrap_or_else(|error| {
            failure = Some(told(&error));
            undeliverable(&mut outcome.report, Some(UNWRITTEN));
            Vec::new()
        })
    };
    crate::fail::point("staged");
    let mut staged = Staged {
        number,
        offset: 0,
        key,
        stamp,
        read,
        outputs,
        report: outcome.report,
        failure,
    };
    if staged.failure.is_none()
        && let Err(error) = noted(slot, &staged, |made| store.seal(made))?
    {
        staged.failure = Some(told(&error));
        staged.outputs.clear();
        undeliverable(&mut staged.report, Some(UNWRITTEN));
    }
    staged.offset = note(queue, slot, &staged)?;
    staged.shrink();
    crate::fail::point("made");
    Ok(What::Staged(Box::new(staged)))
}

/// Writes into the journal what is staged.
pub(super) fn note(queue: &dyn Queue, slot: Slot, staged: &Staged) -> io::Result<u64> {
    noted(slot, staged, |made| queue.made(made))?
}

/// Hands over what there is to note.
fn noted<T>(slot: Slot, staged: &Staged, to: impl FnOnce(&Made<'_>) -> T) -> io::Result<T> {
    let report = serde_json::value::to_raw_value(&staged.report)?;
    Ok(to(&Made {
        n: staged.number,
        slot: slot.hex(),
        key: staged.key.map(|key| key.hex()),
        stamp: staged.stamp,
        failure: staged.failure.as_deref(),
        withheld: staged.report.withheld_any(),
        outputs: &staged.outputs,
        report: &report,
    }))
}

/// What it cannot be read for has no digest, and is not what it was before.
fn digest(content: &Bytes) -> Option<String> {
    match content {
        Bytes::Whole(input) => {
            let mut blake3 = blake3::Hasher::new();
            let read: Result<(), Refusal> = input.content().each(|bytes| {
                blake3.update(bytes);
                Ok(())
            });
            read.ok().map(|()| blake3.finalize().to_hex().to_string())
        }
        Bytes::TooLarge { digests, .. } => Some(digests.blake3.clone()),
    }
}

/// Whether all outputs are still in their places.
pub(crate) fn holds(store: &dyn Store, past: &Past) -> io::Result<bool> {
    for (place, bytes) in &past.outputs {
        if store.size(place)? != Some(*bytes) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What comes of an input, begun again while workers are lost over it and it stays as it is.
fn attempts(
    run: &Run<'_>,
    store: &dyn Store,
    input: &Input,
    content: Result<(Bytes, Option<Stamp>), Unread>,
) -> (Outcome, Option<Stamp>, Option<String>) {
    let mut made = sanitise(run, input, content);
    for _ in 1..TRIES {
        let (outcome, stamp, _) = &made;
        if run.stop.asked() || !outcome.report.lost_a_worker() {
            break;
        }
        let again = store.read(input, run.rules.most_bytes(), &run.opener.spool());
        if !again.as_ref().is_ok_and(|(_, now)| now == stamp) {
            break;
        }
        made = sanitise(run, input, again);
    }
    made
}

fn sanitise(
    run: &Run<'_>,
    input: &Input,
    content: Result<(Bytes, Option<Stamp>), Unread>,
) -> (Outcome, Option<Stamp>, Option<String>) {
    let label = input.label();
    let order = |input_bytes: Untrusted| Order {
        input: input_bytes,
        name: Some(input.name.clone()),
        label,
        policy: run.rules.policy,
        from: run.rules.from,
        to: run.rules.to,
        passwords: run.passwords,
        patience: mugai_core::Patience::default(),
    };
    match content {
        Ok((Bytes::Whole(bytes), stamp)) => {
            let outcome = mugai_engine::sanitise(order(bytes), run.opener);
            (outcome, stamp, None)
        }
        Ok((
            Bytes::TooLarge {
                bytes,
                digests,
                refusal,
            },
            stamp,
        )) => {
            let order = order(Untrusted::default());
            let outcome = mugai_engine::refuse(&order, bytes, Some(digests), refusal);
            (outcome, stamp, None)
        }
        Err(unread) => {
            let order = order(Untrusted::default());
            let outcome = mugai_engine::refuse(&order, 0, None, unread.refusal);
            (outcome, None, unread.failure)
        }
    }
}

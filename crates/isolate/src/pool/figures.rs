//! Counts of what became of workers.

use crate::pool::Shared;
use mugai_core::{Loss, Refusal, WorkerFigures};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Why a worker ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// It had opened as many parts, or used as much time, as a worker may.
    Worn,
    /// It was killed at the deadline of a part, or because nobody waited for it any more.
    Deadline,
    /// It died, or said what no honest worker says.
    Crash,
    /// It went over the memory of its control group, and the kernel killed it.
    Memory,
    /// It reported a mistake of its own, or its receiver had one.
    Alarm,
    /// It did not become ready, or a fence was missing.
    Unready,
}

impl Cause {
    const ALL: [Self; 6] = [
        Self::Worn,
        Self::Deadline,
        Self::Crash,
        Self::Memory,
        Self::Alarm,
        Self::Unready,
    ];

    /// The cause behind the end of an order that broke off.
    pub(super) const fn of(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::Lost(Loss::Deadline) => Self::Deadline,
            Refusal::Internal(_) | Refusal::Unverified(_) => Self::Alarm,
            Refusal::Lost(Loss::Crash)
            | Refusal::Malformed(_)
            | Refusal::Ambiguous(_)
            | Refusal::Encrypted(_)
            | Refusal::Unsupported(_)
            | Refusal::Forbidden(_)
            | Refusal::Overrun { .. } => Self::Crash,
        }
    }

    /// The cause behind the end of workers that shared a document, where one of them has to begin anew: a
    /// refusal is no fault of theirs.
    pub(super) fn of_shared(refusal: &Refusal) -> Self {
        if *refusal == Refusal::Lost(Loss::Crash) {
            Self::Crash
        } else {
            Self::Worn
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::Worn => "worn",
            Self::Deadline => "deadline",
            Self::Crash => "crash",
            Self::Memory => "memory",
            Self::Alarm => "alarm",
            Self::Unready => "unready",
        }
    }
}

/// The counts of a pool. They only grow.
#[derive(Debug, Default)]
pub(super) struct Counts {
    started: AtomicU64,
    shared: AtomicU64,
    ended: [AtomicU64; Cause::ALL.len()],
    loans: AtomicU64,
    busy_nanos: AtomicU64,
}

impl Counts {
    pub(super) fn start(&self) {
        self.started.fetch_add(1, Ordering::Relaxed);
    }

    /// A document was drawn by several workers, to its end.
    pub(super) fn share(&self) {
        self.shared.fetch_add(1, Ordering::Relaxed);
    }

    /// A slot was on loan for so long.
    pub(super) fn loan(&self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.loans.fetch_add(1, Ordering::Relaxed);
        // 584 years
        self.busy_nanos.fetch_add(nanos, Ordering::Relaxed);
    }

    pub(super) fn end(&self, cause: Cause) {
        let places = Cause::ALL.iter().zip(&self.ended);
        for (_, count) in places.filter(|(known, _)| **known == cause) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// What the workers of a pool are doing now, and what became of the others.
pub(super) fn of(shared: &Shared) -> WorkerFigures {
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let slots = shared.slots();
    let (live, idle, waiting) = (slots.taken, slots.idle.len(), slots.waiting);
    drop(slots);
    let ended = Cause::ALL.iter().zip(&shared.counts.ended);
    WorkerFigures {
        limit: number(shared.config.workers.max(1)),
        live: number(live),
        idle: number(idle),
        waiting: number(waiting),
        started: shared.counts.started.load(Ordering::Relaxed),
        shared: shared.counts.shared.load(Ordering::Relaxed),
        ended: ended
            .map(|(cause, count)| (cause.code(), count.load(Ordering::Relaxed)))
            .collect(),
        loans: shared.counts.loans.load(Ordering::Relaxed),
        busy: Duration::from_nanos(shared.counts.busy_nanos.load(Ordering::Relaxed)),
        verifiers: None,
    }
}

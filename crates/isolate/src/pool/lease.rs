//! A slot on loan for one part.

use crate::link::nap;
use crate::pool::Pool;
use crate::pool::figures::Cause;
use crate::pool::keeper::Coming;
use crate::process::{Fault, Worker};
use mugai_core::{Loss, Patience, Refusal};
use std::sync::PoisonError;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Nobody waits any longer.
const LATE: Refusal = Refusal::Lost(Loss::Deadline);
/// What cannot be: a worker that is ready and is none.
const GONE: Refusal = Refusal::internal("worker: gone");
/// What is said while nobody tries to start one.
const JUST_BEFORE: Refusal = Refusal::internal("worker: start-up failed just before");
/// Waits between attempts to start a worker; one attempt more than waits.
const PAUSES: [Duration; 2] = [Duration::from_millis(10), Duration::from_millis(100)];
/// How long a document waits for workers that help with its pages: more than one takes to start.
const SPARE_TIME: Duration = Duration::from_millis(250);

/// A slot on loan. Unless its worker was given back, dropping it kills the worker: a panic of the
/// receiver and a cancelled call leave nothing behind.
pub(super) struct Lease<'a> {
    pool: &'a Pool,
    worker: Option<Worker>,
    /// The worker did its part and can do another.
    sound: bool,
    /// No worker could be started.
    failed: bool,
    /// Why its worker ends, if it does.
    cause: Cause,
    begun: Instant,
}

impl<'a> Lease<'a> {
    /// Waits for a slot; an idle worker comes before an empty one.
    ///
    /// # Errors
    /// `Lost(Deadline)` when `patience` came to its end before there was one.
    pub(super) fn wait(pool: &'a Pool, patience: Patience<'_>) -> Result<Self, Refusal> {
        let most = pool.shared.config.workers.max(1);
        let mut slots = pool.shared.slots();
        loop {
            if patience.is_cancelled() {
                return Err(LATE);
            }
            let worker = slots.idle.pop();
            if worker.is_some() || slots.taken < most {
                if worker.is_none() {
                    slots.taken = slots.taken.saturating_add(1);
                }
                return Ok(Self {
                    pool,
                    worker,
                    sound: false,
                    failed: false,
                    // a receiver that panics leaves its lease like that
                    cause: Cause::Alarm,
                    begun: Instant::now(),
                });
            }
            let wait = nap(patience).ok_or(LATE)?;
            slots.waiting = slots.waiting.saturating_add(1);
            let woken = pool.shared.freed.wait_timeout(slots, wait);
            (slots, _) = woken.unwrap_or_else(PoisonError::into_inner);
            slots.waiting = slots.waiting.saturating_sub(1);
        }
    }

    /// At most `most` slots that nobody needs, with workers that are ready, or become so in a moment: all of them are started
    /// before any is waited for. Nobody who waits for a slot has to wait longer.
    pub(super) fn spare(pool: &'a Pool, most: usize, patience: Patience<'_>) -> Vec<Self> {
        let mut leases = Self::unneeded(pool, most);
        let soon = Instant::now().checked_add(SPARE_TIME);
        let until = patience.until.into_iter().chain(soon).min();
        let patience = Patience { until, ..patience };
        let coming: Vec<Option<Coming>> = leases
            .iter()
            .map(|lease| lease.worker.is_none().then(|| pool.keeper.ask()))
            .collect();
        for (lease, coming) in leases.iter_mut().zip(coming) {
            if let Some(coming) = coming {
                lease.worker = coming.wait(patience).ok().flatten();
                lease.failed = lease.worker.is_none();
            }
            // those that are not ready by then go back to where others wait for them
            lease.sound = lease.is_ready(patience) != Some(true);
            // until it is said to be sound
            lease.cause = Cause::Worn;
        }
        leases.retain(|lease| lease.worker.is_some() && !lease.sound);
        leases
    }

    /// At most `most` slots that nobody needs, with a worker or empty.
    fn unneeded(pool: &'a Pool, most: usize) -> Vec<Self> {
        let workers = pool.shared.config.workers;
        let mut leases = Vec::new();
        let mut slots = pool.shared.slots();
        while leases.len() < most && slots.waiting == 0 {
            let worker = slots.idle.pop();
            if worker.is_none() {
                if slots.taken >= workers || slots.starts.are_blocked() {
                    break;
                }
                slots.taken = slots.taken.saturating_add(1);
            }
            leases.push(Self {
                pool,
                worker,
                sound: false,
                failed: false,
                cause: Cause::Alarm,
                begun: Instant::now(),
            });
        }
        leases
    }

    /// Whether its worker is ready and lives; `None` when that is not known before `patience` comes to its end. One that does
    /// not live is gone then.
    fn is_ready(&mut self, patience: Patience<'_>) -> Option<bool> {
        let worker = self.worker.as_mut()?;
        // of one that has said so before nothing is new
        let is_new = !worker.is_ready();
        let cause = match worker.wait_ready(self.pool.shared.config.required, patience) {
            Ok(None) => return None,
            // one that was killed while it waited costs no part its delivery
            Ok(Some(_)) if worker.has_ended() => Cause::Crash,
            Ok(Some(capabilities)) => {
                if is_new {
                    self.pool.shared.came_up(capabilities.fences);
                }
                return Some(true);
            }
            Err(_) => Cause::Unready,
        };
        self.worker = None;
        self.failed = true;
        self.pool.shared.counts.end(cause);
        Some(false)
    }

    /// Its worker, once it is ready.
    pub(super) const fn worker_mut(&mut self) -> Option<&mut Worker> {
        self.worker.as_mut()
    }

    /// The worker of this slot, confined and waiting.
    ///
    /// # Errors
    /// As of [`Self::new_worker`].
    pub(super) fn ready_worker(&mut self, patience: Patience<'_>) -> Result<&mut Worker, Refusal> {
        match self.is_ready(patience) {
            Some(true) => self.worker.as_mut().ok_or(GONE),
            Some(false) => self.new_worker(patience),
            None if self.worker.is_none() => self.new_worker(patience),
            None => Err(self.late()),
        }
    }

    /// A worker that has not opened anything yet.
    ///
    /// # Errors
    /// `Lost(Crash)` when each was killed before it was ready, or nobody else's came up within a second; [`Refusal::Internal`] when none can be started, after some
    /// attempts; the next ones are refused without an attempt for a while, so that a broken machine does not spin.
    /// `Lost(Deadline)` when `patience` came to its end.
    pub(super) fn new_worker(&mut self, patience: Patience<'_>) -> Result<&mut Worker, Refusal> {
        self.failed = true;
        let permit = self.pool.shared.permit(patience)?;
        let mut pauses = PAUSES.iter();
        let fault = loop {
            let fault = match self.start_worker(patience) {
                Ok(true) => {
                    self.failed = false;
                    return self.worker.as_mut().ok_or(GONE);
                }
                Ok(false) => return Err(self.late()),
                Err(fault) => fault,
            };
            match pauses.next() {
                Some(pause) if permit.often => {
                    sleep(nap(patience).ok_or(LATE)?.min(*pause));
                }
                _ => break fault,
            }
        };
        let refusal = match fault {
            // a worker that was killed says nothing about the machine: the next may live, and is waited for, though not for long,
            // since whoever waits has a slot
            Fault::Killed => {
                self.pool.shared.block(permit, None);
                return Err(Refusal::Lost(Loss::Crash));
            }
            Fault::Memory(_) => "worker: no shared memory",
            Fault::Executable(_) => "worker: cannot be started",
            Fault::NotReady => "worker: started but not ready",
            Fault::Unfenced(_) => "worker: a required fence is missing",
        };
        self.pool.shared.block(permit, Some(JUST_BEFORE));
        Err(Refusal::internal(refusal))
    }

    /// Starts a worker; whether it was ready before `patience` came to its end. If not, it stays where others find it.
    fn start_worker(&mut self, patience: Patience<'_>) -> Result<bool, Fault> {
        let Some(mut worker) = self.pool.keeper.ask().wait(patience)? else {
            return Ok(false);
        };
        match worker.wait_ready(self.pool.shared.config.required, patience) {
            Ok(ready) => {
                // it was asked for just now
                if let Some(capabilities) = ready {
                    self.pool.shared.came_up(capabilities.fences);
                }
                self.worker = Some(worker);
                Ok(ready.is_some())
            }
            Err(fault) => {
                self.pool.shared.counts.end(Cause::Unready);
                Err(fault)
            }
        }
    }

    /// Nobody waits any longer; a worker that is on its way goes back to where others find it.
    fn late(&mut self) -> Refusal {
        self.sound = self.worker.is_some();
        self.failed = self.worker.is_none();
        LATE
    }

    /// Its worker will end, and why.
    pub(super) const fn lost(&mut self, cause: Cause) {
        self.cause = cause;
    }

    /// Counts the end of a worker. One that crashed may have been killed for its size.
    fn count(&self, worker: &Worker) {
        let large = self.cause == Cause::Crash && worker.was_too_large();
        let cause = if large { Cause::Memory } else { self.cause };
        self.pool.shared.counts.end(cause);
    }

    /// Kills the worker and keeps the slot.
    pub(super) fn discard(&mut self) {
        self.sound = false;
        if let Some(worker) = self.worker.take() {
            self.count(&worker);
        }
        self.cause = Cause::Alarm;
    }

    /// The part is done: the worker goes back among the idle ones, unless its time has come or it
    /// reported a mistake of its own.
    pub(super) fn settle(self, verdict: Result<(), Refusal>) -> Result<(), Refusal> {
        self.keep(super::is_alarm(&verdict));
        verdict
    }

    /// All parts of an order are done; `alarm` when one of them met a mistake of ours.
    pub(super) fn keep(mut self, alarm: bool) {
        let config = &self.pool.shared.config;
        self.cause = if alarm { Cause::Alarm } else { Cause::Worn };
        self.sound = !alarm
            && self
                .worker
                .as_mut()
                .is_some_and(|worker| worker.is_good_for_more(config) && worker.trim());
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        self.pool.shared.counts.loan(self.begun.elapsed());
        match self.worker.take() {
            Some(worker) if self.sound => self.pool.shared.put_idle(worker),
            // killed first, so that there is never one process more than slots
            dead => {
                if let Some(worker) = &dead {
                    self.count(worker);
                }
                drop(dead);
                if self.failed {
                    self.pool.shared.empty_slot();
                } else {
                    self.pool.keeper.fill_slot(&self.pool.shared);
                }
            }
        }
    }
}

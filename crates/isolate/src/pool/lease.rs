//! A slot on loan for one part.

use crate::link::LOOK;
use crate::pool::Pool;
use crate::pool::figures::Cause;
use crate::process::{Fault, Worker};
use mugai_core::{Loss, Patience, Refusal};
use std::sync::PoisonError;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Nobody waits any longer.
const LATE: Refusal = Refusal::Lost(Loss::Deadline);
/// Waits between attempts to start a worker; one attempt more than waits.
const PAUSES: [Duration; 2] = [Duration::from_millis(10), Duration::from_millis(100)];
/// How long nobody tries after all attempts have failed.
const BLOCK_TIME: Duration = Duration::from_secs(1);

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
            let mut wait = match patience.until {
                None => Duration::MAX,
                Some(until) => until.checked_duration_since(Instant::now()).ok_or(LATE)?,
            };
            if patience.cancelled.is_some() {
                wait = wait.min(LOOK);
            }
            slots.waiting = slots.waiting.saturating_add(1);
            let woken = pool.shared.freed.wait_timeout(slots, wait);
            (slots, _) = woken.unwrap_or_else(PoisonError::into_inner);
            slots.waiting = slots.waiting.saturating_sub(1);
        }
    }

    /// At most `most` slots that nobody needs, with workers that are ready: none of them is waited for, and
    /// nobody who waits for a slot has to wait longer.
    pub(super) fn spare(pool: &'a Pool, most: usize) -> Vec<Self> {
        let workers = pool.shared.config.workers;
        let mut leases = Vec::new();
        while leases.len() < most {
            let mut slots = pool.shared.slots();
            if slots.waiting > 0 {
                break;
            }
            let worker = slots.idle.pop();
            if worker.is_none() {
                if slots.taken >= workers {
                    break;
                }
                slots.taken = slots.taken.saturating_add(1);
            }
            drop(slots);
            let mut lease = Self {
                pool,
                worker,
                sound: false,
                failed: false,
                cause: Cause::Alarm,
                begun: Instant::now(),
            };
            if lease.ready_worker().is_err() {
                break;
            }
            // until it is said to be sound
            lease.cause = Cause::Worn;
            leases.push(lease);
        }
        leases
    }

    /// Its worker, once it is ready.
    pub(super) const fn worker_mut(&mut self) -> Option<&mut Worker> {
        self.worker.as_mut()
    }

    /// The worker of this slot, confined and waiting.
    ///
    /// # Errors
    /// [`Refusal::Internal`] when no worker can be started.
    pub(super) fn ready_worker(&mut self) -> Result<&mut Worker, Refusal> {
        if let Some(mut worker) = self.worker.take() {
            let ready = worker.wait_ready(self.pool.shared.config.required).is_ok();
            // one that was killed while it waited costs no part its delivery
            let ended = worker.has_ended();
            if ready && !ended {
                return Ok(self.worker.insert(worker));
            }
            let cause = if ready { Cause::Crash } else { Cause::Unready };
            self.pool.shared.counts.end(cause);
        }
        self.new_worker()
    }

    /// A worker that has not opened anything yet.
    ///
    /// # Errors
    /// `Lost(Crash)` when each was killed before it was ready; [`Refusal::Internal`] when none can be started, after some attempts; the next ones are
    /// refused without an attempt for a while, so that a broken machine does not spin.
    pub(super) fn new_worker(&mut self) -> Result<&mut Worker, Refusal> {
        let blocked = self.pool.shared.slots().blocked_until;
        if blocked.is_some_and(|moment| Instant::now() < moment) {
            return Err(Refusal::internal("worker: start-up failed just before"));
        }
        let mut attempt = self.start_worker();
        for pause in PAUSES {
            if attempt.is_ok() {
                break;
            }
            sleep(pause);
            attempt = self.start_worker();
        }
        match attempt {
            Ok(worker) => Ok(self.worker.insert(worker)),
            // a worker that was killed says nothing about the machine: the next may live
            Err(Fault::Killed) => {
                self.failed = true;
                Err(Refusal::Lost(Loss::Crash))
            }
            Err(fault) => {
                self.failed = true;
                self.pool.shared.slots().blocked_until = Instant::now().checked_add(BLOCK_TIME);
                Err(Refusal::internal(match fault {
                    Fault::Memory(_) => "worker: no shared memory",
                    Fault::Executable(_) => "worker: cannot be started",
                    Fault::NotReady | Fault::Killed => "worker: started but not ready",
                    Fault::Unfenced(_) => "worker: a required fence is missing",
                }))
            }
        }
    }

    fn start_worker(&self) -> Result<Worker, Fault> {
        let mut worker = self.pool.keeper.worker()?;
        let ready = worker.wait_ready(self.pool.shared.config.required);
        if ready.is_err() {
            self.pool.shared.counts.end(Cause::Unready);
        }
        ready.map(|_| worker)
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

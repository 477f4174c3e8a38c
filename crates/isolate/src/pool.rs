//! The keeper of the workers.
//!
//! A pool has a number of *slots*. A slot holds an idle worker, is on loan for one part, or is
//! empty. Workers are started when they are needed, kept warm, and replaced after a number of
//! parts, after any anomaly, and before they run out of processor time.

mod keeper;
mod lease;

use crate::config::Config;
use crate::process::{Capabilities, Fault, Job, Worker};
use keeper::Keeper;
use lease::Lease;
use mugai_core::{Assignment, Budget, Loss, Opener, Refusal, Resource, Sink, Untrusted};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// A pool of confined workers. Dropping it kills them all.
#[derive(Debug)]
pub struct Pool {
    shared: Arc<Shared>,
    keeper: Keeper,
    capabilities: Capabilities,
}

/// What the pool and its keeper both see.
struct Shared {
    config: Config,
    slots: Mutex<Slots>,
    freed: Condvar,
}

#[derive(Default)]
struct Slots {
    idle: Vec<Worker>,
    /// Slots that are not empty: idle workers, loans, and workers that are being started.
    taken: usize,
    /// No worker could be started lately, and none is tried before this moment.
    blocked_until: Option<Instant>,
}

impl Pool {
    /// Starts a pool with its first worker, whose confinement is tested before anything else.
    ///
    /// # Errors
    /// [`Fault`], [`Fault::Unfenced`] with the names of the fences that are missing.
    pub fn new(config: Config) -> Result<Self, Fault> {
        let shared = Arc::new(Shared {
            config,
            slots: Mutex::new(Slots::default()),
            freed: Condvar::new(),
        });
        let keeper = Keeper::start(Arc::clone(&shared)).map_err(Fault::Memory)?;
        let mut first = keeper.worker()?;
        let capabilities = first.wait_ready(shared.config.required)?;
        let mut slots = shared.slots();
        slots.taken = 1;
        slots.idle.push(first);
        drop(slots);
        Ok(Self {
            shared,
            keeper,
            capabilities,
        })
    }

    /// What the workers of this pool have, as the first one reported it.
    pub const fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    fn deadline(&self) -> Result<Instant, Refusal> {
        Instant::now()
            .checked_add(self.shared.config.deadline)
            .ok_or(Refusal::internal("worker: deadline out of range"))
    }
}

impl Opener for Pool {
    fn open(
        &self,
        input: &Untrusted,
        assignment: &Assignment,
        budget: &Budget,
        sink: &mut dyn Sink,
    ) -> Result<(), Refusal> {
        let config = &self.shared.config;
        if u64::try_from(input.len()).is_ok_and(|length| length > config.input_bytes) {
            return Err(Refusal::Overrun {
                resource: Resource::Bytes,
                limit: config.input_bytes,
            });
        }
        let mut lease = Lease::wait(self);
        let worker = lease.ready_worker()?;
        let used_before = worker.parts() > 0;
        let job = Job {
            input,
            assignment,
            budget,
            answer_bytes: config.answer_bytes,
            until: self.deadline()?,
        };
        let broken = match worker.open(job, sink) {
            Ok(verdict) => return lease.settle(verdict),
            Err(broken) => broken,
        };
        // A worker that an earlier part has spoilt must not cost this one, and what a part leads to
        // must not depend on what was opened before it. So a loss before the first piece counts
        // only when the worker was new.
        let retry = broken.untouched && used_before && broken.refusal == Refusal::Lost(Loss::Crash);
        if !retry {
            return Err(broken.refusal);
        }
        lease.discard();
        match lease.new_worker()?.open(job, sink) {
            Ok(verdict) => lease.settle(verdict),
            Err(broken) => Err(broken.refusal),
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.keeper.stop();
        let idle = std::mem::take(&mut self.shared.slots().idle);
        drop(idle);
    }
}

impl Shared {
    /// The slots. A panic elsewhere leaves them whole: each change of them is one step.
    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put_idle(&self, worker: Worker) {
        self.slots().idle.push(worker);
        self.freed.notify_one();
    }

    fn empty_slot(&self) {
        let mut slots = self.slots();
        slots.taken = slots.taken.saturating_sub(1);
        drop(slots);
        self.freed.notify_one();
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

//! The keeper of the workers.
//!
//! A pool has a number of *slots*. A slot holds an idle worker, is on loan for one part, or is
//! empty. Workers are started when they are needed, kept warm, and replaced after a number of
//! parts, after any anomaly, and before they run out of processor time.

mod check;
mod desk;
mod figures;
mod keeper;
mod lease;
mod pages;
mod standing;
mod starts;

use crate::answer::{Broken, Cap, Ends};
use crate::config::Config;
use crate::converter::{Converter, Trial, Watching};
use crate::fence::Fences;
use crate::group::{Groupless, Home};
use crate::link::{LOOK, nap};
use crate::process::{Capabilities, Fault, Time, Worker};
use crate::spool::SpoolDir;
use figures::{Cause, Counts};
use keeper::Keeper;
use lease::Lease;
use mugai_core::{
    Conversion, Loss, NO_CONVERTER, Opener, Patience, Refusal, Request, Resource, Spool, Spooled,
    Untrusted, WorkerFigures,
};
use standing::Standing;
use starts::{Permit, Starts};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long several parts in one order may take until something is heard of them.
const SOON: Duration = Duration::from_millis(500);

/// A pool of confined workers. Dropping it kills them all.
#[derive(Debug)]
pub struct Pool {
    shared: Arc<Shared>,
    keeper: Keeper,
    capabilities: Capabilities,
    /// Those who check drafts: workers of another role, in a pool of their own.
    verifiers: Option<Box<Pool>>,
    /// It is itself one of verifiers.
    checks: bool,
}

/// What the pool and its keeper both see.
struct Shared {
    config: Config,
    slots: Mutex<Slots>,
    freed: Condvar,
    counts: Counts,
    /// The fences that no worker until now was without.
    standing: Standing,
    /// Where its workers have their groups.
    home: Result<Arc<Home>, Groupless>,
    /// Where the processes of its converter have theirs.
    suites: Result<Arc<Home>, Groupless>,
    /// Whether those can be watched.
    trial: Option<Trial>,
}

#[derive(Default)]
struct Slots {
    idle: Vec<Worker>,
    /// Slots that are not empty: idle workers, loans, and workers that are being started.
    taken: usize,
    /// How many callers wait for a slot.
    waiting: usize,
    /// Whether they come up.
    starts: Starts,
}

impl Pool {
    /// Starts a pool with its first worker, whose confinement is tested before anything else, and the pool of
    /// verifiers that belongs to it.
    ///
    /// # Errors
    /// [`Fault`], [`Fault::Unfenced`] with the names of the fences that are missing.
    pub fn new(config: Config) -> Result<Self, Fault> {
        let verifiers = config.of_verifiers();
        // both start at the same time
        let (mut pool, first) = Self::begin(config)?;
        if let Some(config) = verifiers {
            let (verifiers, first) = Self::begin(config)?;
            pool.verifiers = Some(Box::new(verifiers.ready(first)?));
        }
        pool.ready(first)
    }

    /// A pool of verifiers alone, for whoever has drafts and no parts: what it checks is checked as by the verifiers that
    /// belong to a pool of such settings.
    ///
    /// # Errors
    /// [`Fault`]; [`Fault::NotReady`] where the settings have no role for verifiers.
    pub fn of_verifiers(config: &Config) -> Result<Self, Fault> {
        let config = config.of_verifiers().ok_or(Fault::NotReady)?;
        let (mut pool, first) = Self::begin(config)?;
        pool.checks = true;
        pool.ready(first)
    }

    /// A pool whose first worker is being started.
    fn begin(config: Config) -> Result<(Self, Worker), Fault> {
        if let Some(converter) = &config.converter {
            converter.sweep();
        }
        let shared = Arc::new(Shared {
            home: Home::find(&config.groups, config.allowance()),
            suites: match &config.converter {
                Some(converter) => converter.home(&config.groups),
                None => Err(Groupless::Unwanted),
            },
            trial: config
                .converter
                .as_ref()
                .map(|_| Trial::begin(&config.executable)),
            config,
            slots: Mutex::new(Slots::default()),
            freed: Condvar::new(),
            counts: Counts::default(),
            standing: Standing::default(),
        });
        let keeper = Keeper::start(Arc::clone(&shared)).map_err(Fault::Memory)?;
        let first = keeper.ask().wait(Patience::default())?;
        let first = first.ok_or(Fault::NotReady)?;
        let pool = Self {
            shared,
            keeper,
            capabilities: Capabilities::NONE,
            verifiers: None,
            checks: false,
        };
        Ok((pool, first))
    }

    /// The pool, once its first worker is ready.
    fn ready(mut self, mut first: Worker) -> Result<Self, Fault> {
        let ready = first.wait_ready(self.shared.config.required, Patience::default())?;
        self.capabilities = ready.ok_or(Fault::NotReady)?;
        let mut slots = self.shared.slots();
        slots.taken = 1;
        slots.idle.push(first);
        drop(slots);
        Ok(self)
    }

    /// What the workers of this pool have: all of those that have come up until now. Fences that a later one may lack are those
    /// that [`Config::required`] does not name; whoever relies on one names it there.
    pub fn capabilities(&self) -> Capabilities {
        Capabilities {
            fences: self.shared.standing.of(self.capabilities.fences),
            ..self.capabilities
        }
    }

    /// Where the groups of its workers are.
    ///
    /// # Errors
    /// Why there are none.
    pub fn groups(&self) -> Result<&Path, &Groupless> {
        let home = self.shared.home.as_ref()?;
        home.trouble().map_or(Ok(home.subtree()), Err)
    }

    /// Whether the kernel shows what the converter writes.
    pub fn converter_watching(&self) -> Watching {
        match self.shared.trial.as_ref().map(Trial::is_passed) {
            None => Watching::NoConverter,
            Some(None) => Watching::Unknown,
            Some(Some(true)) => Watching::Shown,
            Some(Some(false)) => Watching::Hidden,
        }
    }

    /// How long an order may take; of several parts one does not know which is slow until something
    /// is heard, so that they have to begin soon, or are opened one by one.
    fn time<'a>(&self, parts: usize, patience: Patience<'a>) -> Time<'a> {
        let part = self.shared.config.deadline;
        let now = Instant::now();
        let wait = if parts > 1 { part.min(SOON) } else { part };
        Time {
            first: now.checked_add(wait).unwrap_or(now),
            part,
            patience,
        }
    }

    fn at_most(&self, length: usize) -> Result<(), Refusal> {
        let limit = self.shared.config.input_bytes;
        if u64::try_from(length).is_ok_and(|length| length <= limit) {
            Ok(())
        } else {
            let resource = Resource::Bytes;
            Err(Refusal::Overrun { resource, limit })
        }
    }

    /// Whether parts can go to a worker in one order.
    fn fit_together(&self, requests: &[Request<'_>]) -> bool {
        let length = |sum: usize, request: &Request<'_>| sum.saturating_add(request.input.len());
        let fits = self.at_most(requests.iter().fold(0, length)).is_ok();
        requests.len() > 1 && fits && !self.shared.config.fresh
    }
}

impl Opener for Pool {
    fn open(&self, request: Request<'_>, patience: Patience<'_>) -> Result<(), Refusal> {
        self.at_most(request.input.len())?;
        let mut lease = Lease::wait(self, patience)?;
        let worker = lease.ready_worker(patience)?;
        let used_before = worker.parts() > 0;
        let mut request = request;
        let ends = match pages::open(self, worker, &mut request, self.time(1, patience)) {
            pages::End::One(ends) => ends,
            pages::End::Together => return lease.settle(Ok(())),
            pages::End::Late(refusal) => {
                lease.lost(Cause::Deadline);
                return Err(refusal);
            }
            pages::End::Again(refusal) => {
                lease.lost(Cause::of_shared(&refusal));
                request.budget.restart();
                if !request.sink.begin_again() {
                    return Err(refusal);
                }
                return self.anew(lease, request, patience);
            }
        };
        let broken = match only(ends) {
            Ok(verdict) => return lease.settle(verdict),
            Err(broken) => broken,
        };
        lease.lost(Cause::of(&broken.refusal));
        // A worker that an earlier part has spoilt must not cost this one, and what a part leads to
        // must not depend on what was opened before it. So a loss before the first piece counts
        // only when the worker was new.
        let retry = broken.untouched && used_before && broken.refusal == Refusal::Lost(Loss::Crash);
        if !retry {
            return Err(broken.refusal);
        }
        self.anew(lease, request, patience)
    }

    /// One order for all of them. Parts that the worker was lost before are opened one by one, so
    /// that none pays for another.
    fn open_all(
        &self,
        mut requests: Vec<Request<'_>>,
        patience: Patience<'_>,
    ) -> Vec<Result<(), Refusal>> {
        let mut ends = Vec::new();
        if self.fit_together(&requests) {
            ends = self.together(&mut requests, patience);
        }
        for request in requests.into_iter().skip(ends.len()) {
            ends.push(self.open(request, patience));
        }
        ends
    }

    fn convert(
        &self,
        document: &Untrusted,
        conversion: Conversion,
        limit: u64,
        patience: Patience<'_>,
    ) -> Result<Untrusted, Refusal> {
        let config = &self.shared.config;
        let converter = Converter {
            config: config.converter.as_ref().ok_or(NO_CONVERTER)?,
            executable: &config.executable,
            home: self.shared.suites.as_ref().ok(),
            must: config.required.contains(Fences::GROUP),
            is_hidden: self.converter_watching() == Watching::Hidden,
        };
        converter.convert(document, conversion, limit, patience)
    }

    fn check(
        &self,
        question: &[u8],
        draft: &[&Spooled],
        patience: Patience<'_>,
    ) -> Option<Result<(), Refusal>> {
        let own = self.checks.then_some(self);
        let verifiers = self.verifiers.as_deref().or(own)?;
        Some(verifiers.judge(question, draft, patience))
    }

    fn spool(&self) -> Spool {
        let folder = self.shared.config.spool.clone();
        folder.map_or_else(Spool::memory, |folder| {
            Spool::new(Arc::new(SpoolDir::new(folder)))
        })
    }

    fn has_all_fences(&self) -> bool {
        let stand = |pool: &Self| pool.capabilities().fences.contains(Fences::REQUIRED);
        stand(self) && self.verifiers.as_deref().is_none_or(stand)
    }

    fn has_groups(&self) -> bool {
        let stand = |pool: &Self| pool.capabilities().fences.contains(Fences::GROUP);
        stand(self) && self.verifiers.as_deref().is_none_or(stand)
    }

    fn figures(&self) -> Option<WorkerFigures> {
        let verifiers = self.verifiers.as_ref();
        Some(WorkerFigures {
            verifiers: verifiers.map(|pool| Box::new(figures::of(&pool.shared))),
            ..figures::of(&self.shared)
        })
    }
}

impl Pool {
    /// Opens a part once more, with a worker that has not opened anything yet.
    fn anew(
        &self,
        mut lease: Lease<'_>,
        request: Request<'_>,
        patience: Patience<'_>,
    ) -> Result<(), Refusal> {
        lease.discard();
        let cap = Cap::of(&self.shared.config);
        let worker = lease.new_worker(patience)?;
        let ends = worker.open(&mut [request], cap, self.time(1, patience));
        match only(ends) {
            Ok(verdict) => lease.settle(verdict),
            Err(broken) => {
                lease.lost(Cause::of(&broken.refusal));
                Err(broken.refusal)
            }
        }
    }

    /// The ends of the first of `requests`, as many as one order came to.
    fn together(
        &self,
        requests: &mut [Request<'_>],
        patience: Patience<'_>,
    ) -> Vec<Result<(), Refusal>> {
        let Ok(mut lease) = Lease::wait(self, patience) else {
            return Vec::new();
        };
        let cap = Cap::of(&self.shared.config);
        let Ok(worker) = lease.ready_worker(patience) else {
            return Vec::new();
        };
        let time = self.time(requests.len(), patience);
        let Ends {
            mut verdicts,
            broken,
        } = worker.open(requests, cap, time);
        match broken {
            Some(broken) => {
                lease.lost(Cause::of(&broken.refusal));
                if !broken.untouched {
                    verdicts.push(Err(broken.refusal));
                }
            }
            None => lease.keep(verdicts.iter().any(is_alarm)),
        }
        verdicts
    }
}

/// The end of an order for one part.
fn only(ends: Ends) -> Result<Result<(), Refusal>, Broken> {
    match (ends.verdicts.into_iter().next(), ends.broken) {
        (Some(verdict), None) => Ok(verdict),
        (_, Some(broken)) => Err(broken),
        (None, None) => Err(Broken {
            refusal: Refusal::internal("worker: an answer for nothing"),
            untouched: false,
        }),
    }
}

/// Whether the worker reported a mistake of its own.
fn is_alarm(verdict: &Result<(), Refusal>) -> bool {
    verdict.as_ref().is_err_and(Refusal::is_alarm)
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

    fn put_idle(&self, mut worker: Worker) {
        worker.rest();
        let mut slots = self.slots();
        slots.idle.push(worker);
        let waiting = slots.waiting > 0;
        drop(slots);
        if waiting {
            self.freed.notify_one();
        }
    }

    /// Waits until a worker may be started, and tells how often that may be tried.
    ///
    /// # Errors
    /// As of [`Starts::permit`]; `Lost(Deadline)` when `patience` came to its end.
    fn permit(&self, patience: Patience<'_>) -> Result<Permit, Refusal> {
        let since = Instant::now();
        loop {
            let asked = self.slots().starts.permit(since, Instant::now());
            let wait = match asked? {
                Ok(permit) => return Ok(permit),
                Err(wait) => wait,
            };
            let nap = nap(patience).ok_or(Refusal::Lost(Loss::Deadline))?;
            // somebody else's may come up meanwhile
            std::thread::sleep(nap.min(wait).min(LOOK));
        }
    }

    /// Whether workers do not come up now.
    fn is_blocked(&self) -> bool {
        self.slots().starts.are_blocked()
    }

    /// No worker came up; see [`Starts::block`].
    fn block(&self, permit: Permit, refusal: Option<Refusal>) {
        self.slots().starts.block(permit, refusal, Instant::now());
    }

    /// A worker has come up, with these fences.
    fn came_up(&self, fences: Fences) {
        self.standing.has(fences);
        self.slots().starts.came_up();
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

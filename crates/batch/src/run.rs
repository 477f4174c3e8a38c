//! Works through a queue in parallel: read, sanitise, stage; then, many at a time, into their places.

mod commit;
mod work;

pub(crate) use work::holds;

use crate::key::{Rules, Slot};
use crate::plan::Input;
use crate::progress::Progress;
use crate::queue::Queue;
use crate::room::Room;
use crate::stop::Stop;
use crate::store::Store;
use crate::summary::Summary;
use mugai_core::Opener;
use mugai_engine::Report;
use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

/// How many ends may wait for their commit; more make the workers wait.
const WAITING: usize = 64;

/// Which inputs of a queue are worked on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// All, but not those whose content was done before by the same rules.
    #[default]
    All,
    /// Those that are new or changed since the journal, by size and times; others are not read.
    SinceJournal,
    /// Those of which something was withheld, or that failed; new ones are left out.
    OnlyWithheld,
    /// All, whatever was done before.
    Every,
    /// Those without a past, for queues whose slots are made of content and rules.
    New,
}

/// What a run works with.
pub struct Run<'a> {
    /// What decides about outputs beside the content.
    pub rules: Rules<'a>,
    /// Opens their parts.
    pub opener: &'a dyn Opener,
    /// Passwords for encrypted parts. What they are is in no key: with others, ask for what was withheld.
    pub passwords: &'a [mugai_core::Password],
    /// How many files are worked on at a time.
    pub jobs: usize,
    /// Bytes of memory that jobs may take together, as estimated from their sizes.
    pub memory: u64,
    /// Which inputs are worked on.
    pub choice: Choice,
    /// Whether an output takes the place of what is there. Where it does not, an input over which the
    /// run failed leaves no notice, since it will be tried again.
    pub replace: bool,
    /// What tells an input from others in the journal.
    pub slot: fn(&Input) -> Slot,
    /// Asks for an early end.
    pub stop: &'a Stop,
    /// Shows how far the run is.
    pub progress: &'a Progress,
}

/// An input that came to its end; what it led to is durable.
#[derive(Debug)]
pub struct Ended<'a> {
    /// Its number in the queue.
    pub index: usize,
    /// The input.
    pub input: &'a Arc<Input>,
    /// Where its record is in the journal.
    pub offset: u64,
    /// The number of this work in the journal; none if it was done before.
    pub number: Option<u64>,
    /// Its report, unless it was done before.
    pub report: Option<&'a Report>,
    /// Why the run itself failed over it.
    pub failure: Option<&'a str>,
    /// The state of the input that was read; none if it was not read.
    pub(crate) stamp: Option<crate::input::Stamp>,
}

/// Why a run ended early.
#[derive(Debug)]
pub enum RunError {
    /// The output folder, the journal or the report cannot be written.
    Output(io::Error),
    /// The threads of the run could not be started.
    Threads(rayon::ThreadPoolBuildError),
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Output(error) => write!(f, "output folder: {error}"),
            Self::Threads(error) => write!(f, "threads: {error}"),
        }
    }
}

impl std::error::Error for RunError {}

/// An end of whatever kind that the run itself came to.
#[derive(Default)]
struct Fatal {
    seen: AtomicBool,
    error: Mutex<Option<io::Error>>,
}

impl Fatal {
    fn set(&self, error: io::Error) {
        let mut slot = self.error.lock().unwrap_or_else(PoisonError::into_inner);
        slot.get_or_insert(error);
        drop(slot);
        self.seen.store(true, Ordering::SeqCst);
    }

    fn is_set(&self) -> bool {
        self.seen.load(Ordering::SeqCst)
    }

    fn take(self) -> Option<io::Error> {
        self.error
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Run<'_> {
    /// Works through `queue` until its end, or until somebody asks for an early one; what is at work is
    /// finished then. `each` sees every input once what it led to is durable, in the order in which that was.
    ///
    /// # Errors
    /// [`RunError`]; what is durable stays, and the rest is done by the next run.
    pub fn over(
        &self,
        queue: &dyn Queue,
        store: &dyn Store,
        mut each: impl FnMut(&Ended<'_>) -> io::Result<()> + Send,
    ) -> Result<Summary, RunError> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(self.jobs.max(1))
            .thread_name(|index| format!("job-{index}"))
            .build()
            .map_err(RunError::Threads)?;
        let room = Room::of(self.memory);
        let fatal = Fatal::default();
        let (send, receive) = mpsc::sync_channel(WAITING);
        let send = Mutex::new(Some(send));
        let summary = std::thread::scope(|scope| {
            let _shown = self.progress.show(scope, self.stop);
            let commit = std::thread::Builder::new().spawn_scoped(scope, || {
                let ended = commit::all(self, queue, store, &receive, &mut each);
                // workers that wait for this thread must not wait for ever
                drop(receive);
                ended.unwrap_or_else(|error| {
                    fatal.set(error);
                    Summary::default()
                })
            });
            let commit = match commit {
                Ok(commit) => commit,
                Err(error) => {
                    fatal.set(error);
                    return Ok(Summary::default());
                }
            };
            pool.broadcast(|context| {
                let send = send.lock().unwrap_or_else(PoisonError::into_inner).clone();
                let stop = || self.stop.asked() || fatal.is_set();
                let next = || {
                    room.take(queue, stop).unwrap_or_else(|error| {
                        fatal.set(error);
                        None
                    })
                };
                while let Some(job) = next() {
                    self.progress.begin(context.index(), &job.input);
                    let cost = job.cost;
                    // whatever fails, what the job had is given back, and the others hear of it at once
                    let made =
                        catch_unwind(AssertUnwindSafe(|| work::one(self, queue, store, job)));
                    let made = made.unwrap_or_else(|_| Err(io::Error::other("a mistake of ours")));
                    room.give_back(cost);
                    self.progress.end(context.index());
                    match made {
                        // a committer that is gone has an error of its own to tell
                        Ok(end) => drop(send.as_ref().map(|send| send.send(end))),
                        Err(error) => fatal.set(error),
                    }
                }
            });
            drop(send.lock().unwrap_or_else(PoisonError::into_inner).take());
            commit.join()
        });
        self.progress.clear();
        match (fatal.take(), summary) {
            (Some(error), _) => Err(RunError::Output(error)),
            (None, Ok(summary)) => Ok(summary),
            (None, Err(_)) => Err(RunError::Output(io::Error::other("the committer was lost"))),
        }
    }
}

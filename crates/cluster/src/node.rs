//! A node: takes jobs from the queue, and runs them as a run over files does.

mod held;
mod pull;
mod queue;
mod store;

use crate::metrics::{self, Metrics};
use crate::{Cluster, Error};
use held::State;
use mugai_batch::{Brief, Choice, Ended, Progress, Rules, Run, Slot, Stop, Summary};
use mugai_core::{Opener, WorkerFigures};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long the last words to the queue may take.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// What a node works with.
#[derive(Clone, Copy)]
pub struct NodeOptions<'a> {
    /// What decides about outputs beside the content.
    pub rules: Rules<'a>,
    /// Opens their parts.
    pub opener: &'a dyn Opener,
    /// How many files are worked on at a time.
    pub jobs: usize,
    /// Bytes of memory that jobs may take together, as estimated from their sizes.
    pub memory: u64,
    /// Whether to end once the queue is empty.
    pub once: bool,
    /// Asks for an end: what is at work is finished, what waits is given back.
    pub stop: &'a Stop,
}

/// What a node did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Worked {
    /// Counts of jobs that it worked on; `before` are those whose result was there already.
    pub summary: Summary,
    /// Jobs that failed and were given back.
    pub retried: u64,
    /// Jobs that it made dead letters of.
    pub dead: u64,
    /// Jobs that are still in the queue, as far as was asked for: with `once` only.
    pub left: u64,
}

/// A node at work. It is queue and store in one: what is staged and what is noted of a job become one
/// object, and the message of the job tells the queue how it ended.
pub struct Node<'a> {
    cluster: &'a Cluster,
    options: NodeOptions<'a>,
    rules: String,
    name: String,
    state: Mutex<State>,
    /// Bytes that are staged, by name.
    staged: Mutex<BTreeMap<String, bytes::Bytes>>,
    number: AtomicU64,
    over: AtomicBool,
    /// Words to the queue that are on their way.
    speaking: Arc<AtomicUsize>,
    retried: AtomicU64,
    dead: Arc<AtomicU64>,
    left: AtomicU64,
    metrics: Arc<Metrics>,
    log: &'a (dyn Fn(&str) + Sync),
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Cluster {
    /// Works until somebody asks for an end or, with `once`, until the queue is empty. `log` is told of
    /// whatever goes wrong and is tried again.
    ///
    /// # Errors
    /// [`Error`], when the work cannot begin, or not go on.
    pub fn work(
        &self,
        options: NodeOptions<'_>,
        log: &(dyn Fn(&str) + Sync),
    ) -> Result<Worked, Error> {
        let rules = options.rules.id();
        let consumer = self.runtime.block_on(self.dispatch.consumer(&rules))?;
        let node = Node {
            cluster: self,
            options,
            rules,
            name: name(),
            state: Mutex::default(),
            staged: Mutex::default(),
            number: AtomicU64::new(0),
            over: AtomicBool::new(false),
            speaking: Arc::default(),
            retried: AtomicU64::new(0),
            dead: Arc::default(),
            left: AtomicU64::new(0),
            metrics: Arc::new(Metrics::new()),
            log,
        };
        let listener = match self.config.metrics {
            Some(address) => Some(self.runtime.block_on(metrics::listen(address))?),
            None => None,
        };
        let run = Run {
            rules: options.rules,
            passwords: &[],
            opener: options.opener,
            jobs: options.jobs,
            memory: options.memory,
            choice: Choice::New,
            replace: false,
            slot: Slot::of,
            stop: options.stop,
            progress: &Progress::silent(),
        };
        let handle = self.runtime.handle();
        let mut summary = Summary::default();
        let ran = std::thread::scope(|scope| {
            scope.spawn(|| handle.block_on(pull::pull(&node, &consumer)));
            scope.spawn(|| handle.block_on(pull::beat(&node)));
            if let Some(listener) = listener {
                scope.spawn(|| handle.block_on(metrics::serve(&node, listener)));
            }
            let ran = run.over(&node, &node, |ended| {
                node.ended(ended, &mut summary);
                Ok(())
            });
            node.over.store(true, Ordering::SeqCst);
            ran
        });
        node.give_back();
        ran.map_err(|error| Error::Local(error.to_string()))?;
        Ok(Worked {
            summary,
            retried: node.retried.load(Ordering::SeqCst),
            dead: node.dead.load(Ordering::SeqCst),
            left: node.left.load(Ordering::SeqCst),
        })
    }
}

impl Node<'_> {
    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }

    /// What its page of metrics shows.
    pub(crate) fn figures(&self) -> (usize, Option<WorkerFigures>, &Metrics) {
        let held = locked(&self.state).held.len();
        (held, self.options.opener.figures(), &self.metrics)
    }

    /// Counts what came to its end; what failed did not, and is counted by what the queue is told of it.
    fn ended(&self, ended: &Ended<'_>, summary: &mut Summary) {
        match (ended.failure, ended.report) {
            (Some(failure), _) => (self.log)(&format!("{}: {failure}", ended.input.label())),
            (None, Some(report)) => {
                summary.count(Brief::of(report), false);
                self.metrics.report(report);
            }
            (None, None) => {
                summary.inputs = summary.inputs.saturating_add(1);
                summary.before = summary.before.saturating_add(1);
                self.metrics.before();
            }
        }
    }

    /// The queue gets back what nobody began, and hears the end of what was done.
    fn give_back(&self) {
        let held = std::mem::take(&mut locked(&self.state).held);
        for held in held.into_values() {
            self.speak(held::Words::Back(None), held);
        }
        let begin = Instant::now();
        while self.speaking.load(Ordering::SeqCst) > 0 && begin.elapsed() < LAST_WORDS {
            std::thread::sleep(Duration::from_millis(5));
        }
        // an acknowledgement that was only handed to the connection has to get out
        let left = LAST_WORDS.saturating_sub(begin.elapsed());
        let flush = async {
            tokio::time::timeout(left, self.cluster.dispatch.flush())
                .await
                .is_ok()
        };
        let _ = self.cluster.runtime.block_on(flush);
    }
}

/// The machine and the process, for dead letters.
fn name() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host: String = host
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .collect();
    format!("{host}-{}", std::process::id())
}

//! Takes messages from the queue, and keeps the queue from giving them to others.

use crate::dispatch::Depth;
use crate::job::Job;
use crate::node::held::{Held, Words};
use crate::node::{Node, locked};
use async_nats::jetstream::consumer::{Consumer, pull};
use async_nats::jetstream::message::{AckKind, Acker};
use futures_util::StreamExt as _;
use mugai_batch::{Folder, Input, Slot, cost};
use mugai_core::SafeName;
use std::cmp::Reverse;
use std::ffi::OsStr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// How many jobs are held for each that is worked on: the next ones should be there when one ends.
const AHEAD: usize = 16;
/// How long the queue may wait for jobs that it can give out.
const WAIT: Duration = Duration::from_secs(1);
/// How long the answer may take besides.
const ANSWER: Duration = Duration::from_secs(5);
/// Between looks at whether there is something to do.
const NAP: Duration = Duration::from_millis(20);
/// After trouble with the queue.
const REST: Duration = Duration::from_millis(500);

/// Takes jobs until the run is over.
pub(super) async fn pull(node: &Node<'_>, consumer: &Consumer<pull::Config>) {
    let most = node.options.jobs.saturating_mul(AHEAD).max(AHEAD);
    let mut quiet = Quiet::new(node);
    while !node.over.load(Ordering::SeqCst) && !node.options.stop.asked() {
        let free = most.saturating_sub(locked(&node.state).held.len());
        if free < most / 2 {
            tokio::time::sleep(NAP).await;
            continue;
        }
        match take(node, consumer, free).await {
            Ok(0) if node.options.once && quiet.over(node).await => {
                locked(&node.state).closed = true;
                return;
            }
            Ok(0) => {}
            Ok(_) => quiet = Quiet::new(node),
            Err(why) => {
                node.metrics.trouble();
                (node.log)(&format!("queue: {why}; tried again"));
                tokio::time::sleep(REST).await;
            }
        }
    }
}

/// Takes at most `free` jobs, and tells how many came.
async fn take(
    node: &Node<'_>,
    consumer: &Consumer<pull::Config>,
    free: usize,
) -> Result<usize, String> {
    let batch = consumer.batch().max_messages(free).expires(WAIT);
    let begin = tokio::time::timeout(ANSWER, batch.messages()).await;
    let begin = begin.map_err(|_| "no answer".to_owned())?;
    let mut batch = begin.map_err(|error| crate::error::plain(&error.to_string()))?;
    let mut count = 0usize;
    loop {
        match tokio::time::timeout(WAIT.saturating_add(ANSWER), batch.next()).await {
            Ok(Some(Ok(message))) => {
                hold(node, message);
                count = count.saturating_add(1);
            }
            Ok(None) => return Ok(count),
            Ok(Some(Err(error))) => return Err(crate::error::plain(&error.to_string())),
            Err(_) => return Err("no answer".to_owned()),
        }
    }
}

/// A message came.
fn hold(node: &Node<'_>, message: async_nats::jetstream::Message) {
    let delivered = message.info().map_or(1, |info| info.delivered);
    let delivered = u64::try_from(delivered).unwrap_or(1);
    let (message, acker) = message.split();
    let acker = Arc::new(acker);
    let id = message
        .subject
        .rsplit('.')
        .next()
        .unwrap_or_default()
        .to_owned();
    let read = Job::parse(&message.payload).and_then(|(job, name)| {
        let own = job.id(&node.options.rules);
        if own.to_string() == id {
            Ok((job, name, own))
        } else {
            Err("the message is under the name of another job")
        }
    });
    let (job, name, own) = match read {
        Ok(read) => read,
        Err(reason) => return unreadable(node, reason, &id, delivered, &message.payload, acker),
    };
    let held = Held {
        id: own,
        input: Arc::new(input(&job, name)),
        job,
        ackers: vec![acker],
        delivered,
        began: None,
        failure: None,
    };
    if delivered > u64::from(node.cluster.config.queue.deliveries) {
        let reason = "it was given out many times, and nobody told how that ended";
        let words = node.dead(reason, &held);
        return node.speak(words, held);
    }
    let slot = Slot::of(&held.input);
    let mut state = locked(&node.state);
    if let Some(same) = state.held.get_mut(&slot) {
        // the same job twice: one work, and both messages are told of its end
        same.delivered = same.delivered.max(delivered);
        same.ackers.extend(held.ackers);
        return;
    }
    let cost = cost(held.job.bytes).min(node.options.memory);
    let place = (cost, Reverse(state.count));
    state.count = state.count.saturating_add(1);
    state.waiting.insert(place, slot);
    state.held.insert(slot, held);
}

/// A message that is no job will not become one.
fn unreadable(
    node: &Node<'_>,
    reason: &str,
    id: &str,
    delivered: u64,
    payload: &[u8],
    acker: Arc<Acker>,
) {
    (node.log)(&format!("queue: {reason}"));
    let letter = crate::dispatch::DeadLetter {
        reason: reason.to_owned(),
        deliveries: delivered,
        node: node.name.clone(),
        message: String::from_utf8_lossy(payload)
            .chars()
            .take(4096)
            .collect(),
    };
    node.say(Words::Dead(letter), id.to_owned(), vec![acker]);
}

/// An input as a run knows it: it lies in the store, under its digest.
fn input(job: &Job, name: SafeName) -> Input {
    Input {
        folder: Arc::new(Folder::named(Path::new("inputs"))),
        raw: OsStr::new(&job.blake3).into(),
        out: Path::new("").into(),
        name,
        shares_stem: false,
        bytes: job.bytes,
        trouble: None,
    }
}

/// Whether the queue is empty, and stays so.
struct Quiet {
    since: Instant,
    last: Option<Depth>,
    patience: Duration,
}

impl Quiet {
    fn new(node: &Node<'_>) -> Self {
        let queue = &node.cluster.config.queue;
        let rest = queue.backoff.iter().max().copied().unwrap_or_default();
        Self {
            since: Instant::now(),
            last: None,
            patience: rest
                .max(queue.ack_wait.saturating_mul(2))
                .saturating_add(ANSWER),
        }
    }

    /// Whether nothing is left. Jobs that others have, or that rest, are waited for; what does not move for
    /// longer than any of that lasts is a ghost, which only a reconciliation takes away.
    async fn over(&mut self, node: &Node<'_>) -> bool {
        let busy = !locked(&node.state).held.is_empty() || node.speaking.load(Ordering::SeqCst) > 0;
        let depth = node.cluster.dispatch.depth(&node.rules).await.ok();
        // what the stream has of other rules is not waited for
        let depth = depth.map(|depth| Depth {
            messages: 0,
            ..depth
        });
        if busy || depth.is_none() || depth != self.last {
            *self = Self {
                last: depth,
                ..Self::new(node)
            };
            return false;
        }
        let depth = depth.unwrap_or_default();
        let left = depth.pending.saturating_add(depth.in_flight);
        node.left.store(left, Ordering::SeqCst);
        left == 0 || self.since.elapsed() > self.patience
    }
}

/// Tells the queue, well within the time that it waits, that jobs are still worked on.
pub(super) async fn beat(node: &Node<'_>) {
    let pause = node.cluster.config.queue.ack_wait.checked_div(3);
    let pause = pause.unwrap_or(NAP);
    let mut last = Instant::now();
    while !node.over.load(Ordering::SeqCst) {
        tokio::time::sleep(NAP).await;
        if last.elapsed() < pause {
            continue;
        }
        last = Instant::now();
        let ackers: Vec<Arc<Acker>> = {
            let state = locked(&node.state);
            state
                .held
                .values()
                .flat_map(|held| held.ackers.iter().cloned())
                .collect()
        };
        for acker in ackers {
            // a beat that is lost is followed by another
            let _ = acker.ack_with(AckKind::Progress).await;
        }
    }
}

//! Jobs that a node has, and what it tells the queue about them.

use crate::dispatch::{DeadLetter, Dispatch};
use crate::job::{Job, JobId};
use crate::node::{Node, locked};
use async_nats::jetstream::AckKind;
use async_nats::jetstream::message::Acker;
use mugai_batch::{Input, Slot};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// How often an acknowledgement is sent without an answer. What stays unanswered is given out again,
/// and acknowledged then.
const SENDINGS: u32 = 3;

/// A job, with all messages of it that came so far.
pub(super) struct Held {
    pub(super) id: JobId,
    pub(super) job: Job,
    pub(super) input: Arc<Input>,
    pub(super) ackers: Vec<Arc<Acker>>,
    /// How often it was given out, this time included.
    pub(super) delivered: u64,
    pub(super) began: Option<Instant>,
    /// Why it failed.
    pub(super) failure: Option<String>,
}

/// All jobs that a node has.
#[derive(Default)]
pub(super) struct State {
    pub(super) held: BTreeMap<Slot, Held>,
    /// Those of them that nobody works on, the largest last, and among equals the last first.
    pub(super) waiting: BTreeMap<(u64, Reverse<u64>), Slot>,
    pub(super) count: u64,
    /// Nothing will come any more.
    pub(super) closed: bool,
}

/// What the queue is told.
pub(super) enum Words {
    /// It is done.
    Done,
    /// Somebody else may have it, at once or after some time.
    Back(Option<Duration>),
    /// It is not to be tried any more.
    Dead(DeadLetter),
}

impl Node<'_> {
    /// A job came to its end here.
    pub(super) fn settle(&self, slot: Slot) {
        let Some(held) = locked(&self.state).held.remove(&slot) else {
            return;
        };
        if let Some(began) = held.began {
            self.metrics.took(began.elapsed());
        }
        let words = match &held.failure {
            None => Words::Done,
            Some(reason) => self.failed(reason, &held),
        };
        self.speak(words, held);
    }

    fn failed(&self, reason: &str, held: &Held) -> Words {
        let config = &self.cluster.config.queue;
        if held.delivered >= u64::from(config.tries) {
            return self.dead(reason, held);
        }
        self.retried.fetch_add(1, Ordering::SeqCst);
        self.metrics.failed();
        let times = usize::try_from(held.delivered.saturating_sub(1)).unwrap_or(usize::MAX);
        let rest = config.backoff.get(times).or(config.backoff.last());
        Words::Back(Some(rest.copied().unwrap_or_default()))
    }

    pub(super) fn dead(&self, reason: &str, held: &Held) -> Words {
        Words::Dead(DeadLetter {
            reason: crate::error::plain(reason),
            deliveries: held.delivered,
            node: self.name.clone(),
            message: held.job.message().map_or(String::new(), |message| {
                String::from_utf8_lossy(&message).into_owned()
            }),
        })
    }

    /// Tells the queue, without waiting for its answer.
    pub(super) fn speak(&self, words: Words, held: Held) {
        let letter = held.id.to_string();
        self.say(words, letter, held.ackers);
    }

    pub(super) fn say(&self, words: Words, id: String, ackers: Vec<Arc<Acker>>) {
        let dispatch = Arc::clone(&self.cluster.dispatch);
        let (speaking, dead) = (Arc::clone(&self.speaking), Arc::clone(&self.dead));
        let metrics = Arc::clone(&self.metrics);
        let rules = self.rules.clone();
        speaking.fetch_add(1, Ordering::SeqCst);
        self.cluster.runtime.spawn(async move {
            match tell(&dispatch, &rules, &id, words, &ackers).await {
                Told::Dead => {
                    dead.fetch_add(1, Ordering::SeqCst);
                    metrics.dead();
                }
                Told::Heard => {}
                Told::Unheard => metrics.unheard(),
            }
            speaking.fetch_sub(1, Ordering::SeqCst);
        });
    }
}

enum Told {
    Heard,
    Dead,
    Unheard,
}

async fn tell(
    dispatch: &Dispatch,
    rules: &str,
    id: &str,
    words: Words,
    ackers: &[Arc<Acker>],
) -> Told {
    let (kind, told) = match words {
        Words::Done => (AckKind::Ack, Told::Heard),
        Words::Back(rest) => (AckKind::Nak(rest), Told::Heard),
        Words::Dead(letter) => {
            // the letter first: a job that is in neither stream is lost
            if dispatch.bury(rules, id, &letter).await.is_err() {
                return Told::Unheard;
            }
            (AckKind::Ack, Told::Dead)
        }
    };
    let mut told = told;
    for acker in ackers {
        let mut heard = false;
        for _ in 0..SENDINGS {
            heard = acker.double_ack_with(kind).await.is_ok();
            if heard {
                break;
            }
        }
        if !heard {
            told = Told::Unheard;
        }
    }
    told
}

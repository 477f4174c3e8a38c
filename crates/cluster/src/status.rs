//! How far a batch is.

use crate::batch::{self, BatchName};
use crate::error::Error;
use crate::job::{JobId, Mark, results};
use crate::{Cluster, dispatch::Depth};
use mugai_batch::{Exit, Rules};
use serde::Serialize;
use std::collections::BTreeSet;

/// How far a batch is, by inputs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Its name.
    pub batch: String,
    /// The rules, see [`Rules::id`].
    pub rules: String,
    /// Whether its submission came to its end.
    pub complete: bool,
    /// All inputs.
    pub inputs: u64,
    /// Inputs with a result.
    pub done: u64,
    /// Of these: delivered whole.
    pub sanitised: u64,
    /// Of these: delivered with something withheld inside.
    pub partly: u64,
    /// Of these: withheld.
    pub withheld: u64,
    /// Of these: with a refusal of our own doing.
    pub alarms: u64,
    /// Inputs that are links, pipes or devices: reported, and nothing to be done for.
    pub forbidden: u64,
    /// Inputs that could not be read.
    pub unreadable: u64,
    /// Inputs without a result whose jobs are dead letters.
    pub dead: u64,
    /// Inputs without any of that.
    pub open: u64,
    /// The queue, with the jobs of all batches by these rules.
    pub queue: Waiting,
}

/// How many jobs are where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// Jobs that wait for a node.
    pub pending: u64,
    /// Jobs that a node has, or that rest after a failure.
    pub in_flight: u64,
    /// Messages in the stream, of jobs by whatever rules.
    pub messages: u64,
}

impl From<Depth> for Waiting {
    fn from(depth: Depth) -> Self {
        Self {
            pending: depth.pending,
            in_flight: depth.in_flight,
            messages: depth.messages,
        }
    }
}

impl Status {
    /// The exit code for such a batch.
    #[must_use]
    pub const fn exit(&self) -> Exit {
        if self.open > 0 || !self.complete {
            Exit::Interrupted
        } else if self.dead > 0 || self.unreadable > 0 {
            Exit::Failed
        } else if self.alarms > 0 {
            Exit::Alarm
        } else if self.withheld > 0 || self.partly > 0 || self.forbidden > 0 {
            Exit::Withheld
        } else {
            Exit::Delivered
        }
    }
}

/// What the store knows of results by some rules.
pub(crate) struct Known {
    pub(crate) results: BTreeSet<JobId>,
    partly: BTreeSet<JobId>,
    withheld: BTreeSet<JobId>,
    alarms: BTreeSet<JobId>,
    pub(crate) dead: BTreeSet<JobId>,
}

impl Known {
    /// Counts an input.
    pub(crate) fn count(&self, entry: &batch::Entry, id: Option<JobId>, status: &mut Status) {
        let add = |slot: &mut u64| *slot = slot.saturating_add(1);
        add(&mut status.inputs);
        let Some(id) = id else {
            return add(match entry.content {
                batch::Content::Unreadable(_) => &mut status.unreadable,
                batch::Content::Link | batch::Content::Special | batch::Content::Digests { .. } => {
                    &mut status.forbidden
                }
            });
        };
        if !self.results.contains(&id) {
            return add(if self.dead.contains(&id) {
                &mut status.dead
            } else {
                &mut status.open
            });
        }
        add(&mut status.done);
        if self.alarms.contains(&id) {
            add(&mut status.alarms);
        }
        add(if self.withheld.contains(&id) {
            &mut status.withheld
        } else if self.partly.contains(&id) {
            &mut status.partly
        } else {
            &mut status.sanitised
        });
    }
}

impl Cluster {
    /// What the store and the stream of dead letters know.
    pub(crate) fn known(&self, rules: &str) -> Result<Known, Error> {
        let [partly, withheld, alarms] = Mark::ALL;
        Ok(Known {
            // marks after results: they are written before them
            results: self.ids(&results(rules))?,
            partly: self.ids(&partly.folder(rules))?,
            withheld: self.ids(&withheld.folder(rules))?,
            alarms: self.ids(&alarms.folder(rules))?,
            dead: self.runtime.block_on(self.dispatch.dead(rules))?.jobs,
        })
    }

    fn ids(&self, folder: &str) -> Result<BTreeSet<JobId>, Error> {
        let mut all = BTreeSet::new();
        self.objects
            .list(folder, |name| all.extend(JobId::parse(name)))?;
        Ok(all)
    }

    /// All batches that there are.
    ///
    /// # Errors
    /// [`Error`]
    pub fn batches(&self) -> Result<Vec<BatchName>, Error> {
        batch::all(&self.objects)
    }

    /// How far a batch is.
    ///
    /// # Errors
    /// [`Error`]
    pub fn status(&self, name: &BatchName, rules: Rules<'_>) -> Result<Status, Error> {
        let id = rules.id();
        let known = self.known(&id)?;
        let mut status = Status {
            batch: name.to_string(),
            queue: self.runtime.block_on(self.dispatch.depth(&id))?.into(),
            rules: id,
            ..Status::default()
        };
        status.complete = batch::read(&self.objects, name, |entry| {
            known.count(&entry, entry.id(&rules)?, &mut status);
            Ok(())
        })?;
        Ok(status)
    }
}

//! Puts into the queue what is to be done, and takes out of it what is done, whatever the queue thinks.

use crate::batch;
use crate::dispatch::Names;
use crate::error::Error;
use crate::job::{Job, JobId};
use crate::status::{Known, Status, Waiting};
use crate::{BatchName, Cluster};
use mugai_batch::Rules;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

/// Jobs that are sent at a time.
const TOGETHER: usize = 1000;

/// What is reconciled.
#[derive(Clone, Copy)]
pub struct Reconcile<'a> {
    /// The batch; all that there are, if none is named.
    pub batch: Option<&'a BatchName>,
    /// The rules.
    pub rules: Rules<'a>,
    /// Whether dead letters are tried again.
    pub retry_dead: bool,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Reconciled {
    /// How far the batches are, together.
    #[serde(flatten)]
    pub status: Status,
    /// Jobs that were in the queue although they have a result, and were taken out.
    pub purged: u64,
    /// Jobs that were nowhere, and were sent again.
    pub sent: u64,
    /// Results that no input asks for; only known where all batches were looked at.
    pub extra: Option<u64>,
    /// Dead letters, with their reasons.
    pub dead_letters: BTreeMap<String, String>,
}

impl Cluster {
    /// Compares inputs with results, dead letters and queue, and makes the queue hold exactly the jobs that
    /// have neither result nor dead letter. It may run while nodes work: what they do meanwhile is at worst
    /// done twice.
    ///
    /// # Errors
    /// [`Error`]
    pub fn reconcile(&self, asked: Reconcile<'_>) -> Result<Reconciled, Error> {
        let rules = asked.rules.id();
        let names = match asked.batch {
            Some(name) => vec![name.clone()],
            None => self.batches()?,
        };
        // what is queued first: a job that gets its result meanwhile is purged in vain, not sent in vain
        let queued = self.runtime.block_on(self.dispatch.queued(&rules))?;
        let mut known = self.known(&rules)?;
        let mut done = Reconciled::default();
        let mut wanted: BTreeMap<JobId, Job> = BTreeMap::new();
        let mut all = BTreeSet::new();
        let mut buried = BTreeSet::new();
        done.status.complete = true;
        for name in &names {
            done.status.complete &= batch::read(&self.objects, name, |entry| {
                let job = entry.job()?;
                let id = job.as_ref().map(|job| job.id(&asked.rules));
                if let (Some(id), Some(job)) = (id, job) {
                    all.insert(id);
                    if !known.results.contains(&id) {
                        if known.dead.contains(&id) {
                            buried.insert(id);
                        }
                        wanted.insert(id, job);
                    }
                }
                known.count(&entry, id, &mut done.status);
                Ok(())
            })?;
        }
        self.buried(&asked, &rules, &buried, &mut done)?;
        if asked.retry_dead {
            known.dead.retain(|id| !buried.contains(id));
            done.status.open = done.status.open.saturating_add(done.status.dead);
            done.status.dead = 0;
        }
        self.purge(&rules, &queued, &known, &mut done)?;
        let missing = wanted
            .into_iter()
            .filter(|(id, _)| !queued.jobs.contains(id) && !known.dead.contains(id));
        let mut missing: Vec<(JobId, Job)> = missing.collect();
        let again = again();
        while !missing.is_empty() {
            let mut some = missing.split_off(missing.len().saturating_sub(TOGETHER));
            done.sent = done
                .sent
                .saturating_add(u64::try_from(some.len()).unwrap_or(0));
            self.send(&rules, &mut some, &again)?;
        }
        if asked.batch.is_none() {
            let extra = known.results.difference(&all).count();
            done.extra = Some(u64::try_from(extra).unwrap_or(u64::MAX));
        }
        done.status.batch = names
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ");
        done.status.queue = Waiting::from(self.runtime.block_on(self.dispatch.depth(&rules))?);
        done.status.rules = rules;
        Ok(done)
    }

    /// Takes out of the queue what has its end.
    fn purge(
        &self,
        rules: &str,
        queued: &Names,
        known: &Known,
        done: &mut Reconciled,
    ) -> Result<(), Error> {
        let ended = |id: &&JobId| known.results.contains(id) || known.dead.contains(id);
        let jobs = queued.jobs.iter().filter(ended).map(ToString::to_string);
        // what is no job and no dead letter either is found by the node that gets it
        let letters = self.runtime.block_on(self.dispatch.dead(rules))?.others;
        let others = queued.others.intersection(&letters).cloned();
        let names: Vec<String> = jobs.chain(others).collect();
        self.runtime.block_on(self.dispatch.purge(rules, &names))?;
        done.purged = u64::try_from(names.len()).unwrap_or(u64::MAX);
        Ok(())
    }

    /// Reads the dead letters of these jobs, and takes them away if they are to be tried again.
    fn buried(
        &self,
        asked: &Reconcile<'_>,
        rules: &str,
        buried: &BTreeSet<JobId>,
        done: &mut Reconciled,
    ) -> Result<(), Error> {
        for id in buried {
            let letter = self.runtime.block_on(self.dispatch.letter(rules, *id))?;
            done.dead_letters
                .insert(id.to_string(), crate::error::plain(&letter.reason));
            if asked.retry_dead {
                self.runtime.block_on(self.dispatch.unbury(rules, *id))?;
            }
        }
        Ok(())
    }
}

/// What parts messages of this reconciliation from those before, which the servers may still remember.
fn again() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    format!("-{}", now.unwrap_or(Duration::ZERO).as_nanos())
}

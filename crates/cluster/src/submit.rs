//! Brings files into the store and jobs into the queue.

use crate::batch::{self, BatchName, Content, Entry};
use crate::error::Error;
use crate::job::content;
use crate::{Cluster, job::JobId};
use mugai_batch::{Bytes, Input, Plan, Rules, Stop, Trouble, read};
use mugai_core::{Refusal, Spool};
use mugai_engine::Digests;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use std::io;
use std::sync::Arc;

/// Inputs of a group.
const GROUP: usize = 500;
/// Content that is larger is not sent before a look whether it is there.
const LOOK_FIRST: u64 = 64 << 10;

/// What is submitted.
#[derive(Clone, Copy)]
pub struct Submit<'a> {
    /// Its name.
    pub batch: &'a BatchName,
    /// The files.
    pub plan: &'a Plan,
    /// The rules by which they are to be sanitised.
    pub rules: Rules<'a>,
    /// How many files are sent at a time.
    pub jobs: usize,
    /// Asks for an early end; the same submission goes on where it was.
    pub stop: &'a Stop,
}

/// What a submission came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Submitted {
    /// Inputs that are in the batch.
    pub inputs: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Inputs that could not be read: they are in the batch, too, and there is nothing to be done for them.
    pub unreadable: u64,
    /// Inputs that somebody's wish to stop left out: the batch is not whole.
    pub left: u64,
}

impl Cluster {
    /// Submits a batch, group by group: content, list, jobs. It may be broken off at any moment: the same
    /// call again goes on, and what is there already does no harm.
    ///
    /// # Errors
    /// [`Error`]; [`Error::Asked`] when there is another batch of this name.
    pub fn submit(
        &self,
        submit: Submit<'_>,
        each: impl Fn(&Input, &str),
    ) -> Result<Submitted, Error> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(submit.jobs.max(1))
            .build();
        let pool = pool.map_err(|error| Error::Local(format!("threads: {error}")))?;
        let id = submit.rules.id();
        let mut done = Submitted::default();
        let mut groups = 0usize;
        let all = submit.plan.inputs.len();
        for begin in (0..all).step_by(GROUP) {
            if submit.stop.asked() {
                let all = u64::try_from(all).unwrap_or(u64::MAX);
                done.left = all.saturating_sub(done.inputs);
                return Ok(done);
            }
            let group = begin..begin.saturating_add(GROUP).min(all);
            let group: Result<Vec<Arc<Input>>, io::Error> = group
                .filter_map(|index| submit.plan.inputs.get(index).transpose())
                .collect();
            let group = group.map_err(|error| Error::Local(error.to_string()))?;
            let one = |input: &Arc<Input>| self.bring(input, submit.rules);
            let entries: Result<Vec<Entry>, Error> =
                pool.install(|| group.par_iter().map(one).collect());
            let entries = entries?;
            batch::write(&self.objects, submit.batch, groups, &entries)?;
            groups = groups.saturating_add(1);
            let mut jobs = Vec::new();
            for (entry, input) in entries.iter().zip(&group) {
                done.inputs = done.inputs.saturating_add(1);
                done.bytes = done.bytes.saturating_add(entry.bytes);
                if let Content::Unreadable(why) = &entry.content {
                    done.unreadable = done.unreadable.saturating_add(1);
                    each(input, why);
                }
                if let Some(job) = entry.job()? {
                    jobs.push((job.id(&submit.rules), job));
                }
            }
            self.send(&id, &mut jobs, "")?;
        }
        batch::end(&self.objects, submit.batch, groups, done.inputs)?;
        Ok(done)
    }

    /// Sends jobs, each once.
    pub(crate) fn send(
        &self,
        rules: &str,
        jobs: &mut Vec<(JobId, crate::job::Job)>,
        again: &str,
    ) -> Result<(), Error> {
        jobs.sort_by_key(|(id, _)| *id);
        jobs.dedup_by_key(|(id, _)| *id);
        self.runtime
            .block_on(self.dispatch.send(rules, jobs, again))
    }

    /// Reads one file and brings it into the store.
    fn bring(&self, input: &Input, rules: Rules<'_>) -> Result<Entry, Error> {
        let (bytes, digests) = match read(input, rules.most_bytes(), &Spool::memory()) {
            Ok((Bytes::Whole(whole), _)) => {
                let lost = |why: Refusal| Error::Local(why.to_string());
                let digests = Digests::of_spooled(whole.content()).map_err(lost)?;
                let size = u64::try_from(whole.len()).unwrap_or(u64::MAX);
                let name = content(&digests.blake3);
                if size <= LOOK_FIRST || self.objects.size(&name)?.is_none() {
                    let bytes = whole.load().map_err(lost)?.into_owned();
                    self.objects.create(&name, vec![bytes.into()])?;
                }
                (size, digests)
            }
            Ok((Bytes::TooLarge { bytes, digests, .. }, _)) => (bytes, digests),
            Err(unread) => {
                let content = match (&input.trouble, unread.failure) {
                    (Some(Trouble::Link), _) => Content::Link,
                    (_, Some(why)) => Content::Unreadable(why),
                    (_, None) => Content::Special,
                };
                return Ok(Entry::of(input, input.bytes, content));
            }
        };
        let content = Content::Digests {
            blake3: digests.blake3,
            sha256: digests.sha256,
        };
        Ok(Entry::of(input, bytes, content))
    }
}

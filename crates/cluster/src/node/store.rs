//! The store as a run sees it.

use crate::bundle::{self, File};
use crate::error::Error;
use crate::job::{self, Job, JobId, Mark};
use crate::node::{Node, locked};
use bytes::Bytes;
use mugai_batch::{Brief, Bytes as Content, Input, Made, Slot, Stamp, Store, Unread};
use mugai_core::{Refusal, Resource, Spool, Spooled, Untrusted};
use mugai_engine::Digests;
use serde::Deserialize;
use std::io;

/// What of a report says what its files are.
#[derive(Deserialize)]
struct Targets {
    outputs: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    target: String,
}

impl Node<'_> {
    fn job(&self, slot: Slot) -> Option<(JobId, Job)> {
        let state = locked(&self.state);
        let held = state.held.get(&slot)?;
        Some((held.id, held.job.clone()))
    }

    fn content(&self, job: &Job) -> Result<Vec<u8>, Unread> {
        let because = |why: &str| Unread::because(why.to_owned());
        match self.cluster.objects.get(&job.content(), job.bytes) {
            Err(Error::Foreign(_)) => Err(because("the store has something larger under its name")),
            Err(error) => Err(because(&error.to_string())),
            Ok(None) => Err(because("the store has no such content")),
            Ok(Some(bytes)) => {
                if blake3::hash(&bytes).to_hex().as_str() != job.blake3 {
                    return Err(because("the store has other content under its digest"));
                }
                self.metrics.read(bytes.len());
                Ok(bytes.into())
            }
        }
    }

    fn write(&self, made: &Made<'_>) -> Result<(), Error> {
        let wrong = |what: &str| Error::Local(format!("result: {what}"));
        let slot = Slot::parse(&made.slot).ok_or_else(|| wrong("no slot"))?;
        let (id, _) = self.job(slot).ok_or_else(|| wrong("no job"))?;
        let targets: Targets =
            serde_json::from_str(made.report.get()).map_err(|_| wrong("no report"))?;
        let brief = Brief::parse(made.report.get()).map_err(|_| wrong("no report"))?;
        let (mut files, mut contents) = (Vec::new(), Vec::new());
        for (placed, target) in made.outputs.iter().zip(targets.outputs) {
            let content = locked(&self.staged).remove(&placed.staged);
            contents.push(content.ok_or_else(|| wrong("nothing is staged"))?);
            files.push(File {
                name: placed.place.clone(),
                target: target.target,
                bytes: placed.bytes,
                blake3: placed.blake3.clone(),
            });
        }
        let bytes = files
            .iter()
            .fold(0u64, |sum, file| sum.saturating_add(file.bytes));
        let result =
            bundle::encode(made.report, &files, contents).map_err(|_| wrong("no report"))?;
        // marks before the result, so that whoever counts results finds their marks
        for mark in Mark::ALL {
            let set = match mark {
                Mark::Partly => brief.partly && !brief.withheld,
                Mark::Withheld => brief.withheld,
                Mark::Alarm => brief.alarm,
            };
            if set {
                let name = format!("{}/{id}", mark.folder(&self.rules));
                self.cluster.objects.create(&name, vec![Bytes::new()])?;
            }
        }
        // somebody else may have been first: their result is as good
        self.cluster
            .objects
            .create(&job::result(&self.rules, id), result)?;
        self.metrics.written(bytes);
        Ok(())
    }
}

impl Store for Node<'_> {
    fn read(
        &self,
        input: &Input,
        limit: u64,
        _: &Spool,
    ) -> Result<(Content, Option<Stamp>), Unread> {
        let job = self.job(Slot::of(input));
        let (_, job) = job.ok_or_else(|| Unread::because("no job".to_owned()))?;
        if job.bytes > limit {
            let content = Content::TooLarge {
                bytes: job.bytes,
                digests: Digests {
                    sha256: job.sha256,
                    blake3: job.blake3,
                },
                refusal: Refusal::Overrun {
                    resource: Resource::Bytes,
                    limit,
                },
            };
            return Ok((content, None));
        }
        Ok((Content::Whole(Untrusted::new(self.content(&job)?)), None))
    }

    fn stage(&self, name: &str, content: &Spooled) -> io::Result<()> {
        let content = content.load();
        let content = content.map_err(|why| io::Error::other(why.to_string()))?;
        let bytes = Bytes::copy_from_slice(&content);
        locked(&self.staged).insert(name.to_owned(), bytes);
        Ok(())
    }

    fn seal(&self, made: &Made<'_>) -> io::Result<()> {
        let written = self.write(made);
        let mut staged = locked(&self.staged);
        for placed in made.outputs {
            staged.remove(&placed.staged);
        }
        drop(staged);
        Ok(written?)
    }

    fn settle(&self) -> io::Result<()> {
        Ok(())
    }

    fn publish(&self, _: &str, _: &str, _: bool) -> io::Result<()> {
        Ok(())
    }

    fn size(&self, _: &str) -> io::Result<Option<u64>> {
        Ok(None)
    }

    fn remove(&self, _: &str) -> io::Result<()> {
        Ok(())
    }
}

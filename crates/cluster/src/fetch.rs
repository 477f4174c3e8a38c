//! Brings results into a folder.

use crate::Cluster;
use crate::batch::{self, BatchName, Entry};
use crate::bundle;
use crate::error::Error;
use crate::job::{JobId, result};
use mugai_batch::{Delivery, Input, OutputFolder, Received, Rules, Stop, Summary, Unread};
use mugai_core::{Patience, Untrusted};
use mugai_engine::{Order, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

/// The largest result that is read, in bytes.
const MOST_BYTES: u64 = 4 << 30;

/// What is fetched.
#[derive(Clone, Copy)]
pub struct Fetch<'a> {
    /// The batch.
    pub batch: &'a BatchName,
    /// The rules.
    pub rules: Rules<'a>,
    /// How many results are read at a time.
    pub jobs: usize,
    /// Asks for an early end; the same call goes on where it was.
    pub stop: &'a Stop,
}

/// A report, as far as it is changed: the place of the input, and those of the files.
#[derive(Deserialize, Serialize)]
struct Report<'a> {
    #[serde(borrow)]
    schema: &'a RawValue,
    id: &'a RawValue,
    engine: &'a RawValue,
    policy: &'a RawValue,
    input: From,
    verdict: &'a RawValue,
    refusal: &'a RawValue,
    #[serde(borrow)]
    outputs: Vec<To<'a>>,
    parts: &'a RawValue,
    totals: &'a RawValue,
}

#[derive(Deserialize, Serialize)]
struct From {
    path: String,
    bytes: u64,
    sha256: String,
    blake3: String,
}

#[derive(Deserialize, Serialize)]
struct To<'a> {
    path: String,
    #[serde(borrow)]
    target: &'a RawValue,
    bytes: &'a RawValue,
    sha256: &'a RawValue,
    blake3: &'a RawValue,
}

impl Cluster {
    /// Brings the results of a batch into `folder`, as a run over its files would have put them there; what
    /// lies there already is not fetched again. Every file goes through its checker first.
    ///
    /// # Errors
    /// [`Error`]; what is in its place stays.
    pub fn fetch(
        &self,
        fetch: Fetch<'_>,
        folder: &OutputFolder,
        each: impl FnMut(&Input, Received<'_>),
    ) -> Result<Summary, Error> {
        let rules = fetch.rules.id();
        let dead = self.runtime.block_on(self.dispatch.dead(&rules))?.jobs;
        let (mut entries, mut inputs) = (Vec::new(), Vec::new());
        batch::read(&self.objects, fetch.batch, |entry| {
            inputs.push(Arc::new(entry.input()?));
            entries.push(entry);
            Ok(())
        })?;
        let key = |index: usize| match &entries.get(index)?.content {
            batch::Content::Digests { blake3, .. } => Some(fetch.rules.key(blake3)),
            batch::Content::Link | batch::Content::Special | batch::Content::Unreadable(_) => None,
        };
        let get = |index: usize| {
            let entry = entries.get(index).zip(inputs.get(index));
            let (entry, input) = entry.ok_or_else(|| io::Error::other("no such input"))?;
            self.one((&fetch.rules, &rules), entry, input, &dead)
        };
        let received = folder.receive(&inputs, (fetch.jobs, fetch.stop), key, get, each);
        received.map_err(|error| Error::Local(error.to_string()))
    }

    fn one(
        &self,
        (rules, named): (&Rules<'_>, &str),
        entry: &Entry,
        input: &Input,
        dead: &BTreeSet<JobId>,
    ) -> io::Result<Option<Delivery>> {
        let Some(id) = entry.id(rules)? else {
            return refused(rules, input).map(Some);
        };
        let Some(found) = self.objects.get(&result(named, id), MOST_BYTES)? else {
            if !dead.contains(&id) {
                return Ok(None);
            }
            let letter = self.runtime.block_on(self.dispatch.letter(named, id))?;
            return Err(io::Error::other(format!(
                "dead letter: {}",
                crate::error::plain(&letter.reason)
            )));
        };
        let (report, files) = bundle::decode(&found)?;
        let read: Report<'_> = serde_json::from_str(report.get()).map_err(|_| foreign())?;
        let batch::Content::Digests { blake3, .. } = &entry.content else {
            return Err(foreign());
        };
        if read.outputs.len() != files.len() || read.input.blake3 != *blake3 {
            return Err(foreign());
        }
        let label = input.label();
        Ok(Some(Delivery {
            files,
            failure: None,
            report: Box::new(move |places| placed(&report, &label, places)),
        }))
    }
}

fn foreign() -> io::Error {
    Error::Foreign("the report of a result".to_owned()).into()
}

/// A report with the places of this folder.
fn placed(report: &RawValue, label: &str, places: &[String]) -> io::Result<Box<RawValue>> {
    let mut report: Report<'_> = serde_json::from_str(report.get())?;
    label.clone_into(&mut report.input.path);
    for (output, place) in report.outputs.iter_mut().zip(places) {
        place.clone_into(&mut output.path);
    }
    Ok(serde_json::value::to_raw_value(&report)?)
}

/// An input that was never opened: the report says why, and a notice stands in its place.
fn refused(rules: &Rules<'_>, input: &Input) -> io::Result<Delivery> {
    let trouble = input.trouble.as_ref().ok_or_else(foreign)?;
    let unread = Unread::of(trouble);
    let order = Order {
        input: Untrusted::new(Vec::new()),
        name: Some(input.name.clone()),
        label: input.label(),
        policy: rules.policy,
        from: rules.from,
        to: rules.to,
        passwords: &[],
        patience: Patience::default(),
    };
    let outcome = mugai_engine::refuse(&order, 0, None, unread.refusal);
    let files = match outcome.verdict {
        Verdict::Sanitised(files) => files,
        Verdict::Withheld(_) => outcome.notice.into_iter().collect(),
    };
    let mut report = outcome.report;
    Ok(Delivery {
        files,
        failure: unread.failure,
        report: Box::new(move |places| {
            for (output, place) in report.outputs.iter_mut().zip(places) {
                place.clone_into(&mut output.path);
            }
            Ok(serde_json::value::to_raw_value(&report)?)
        }),
    })
}

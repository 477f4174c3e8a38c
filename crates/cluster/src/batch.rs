//! What was submitted together: a list of inputs in the store, in groups, under a name.

use crate::error::Error;
use crate::job::{Job, JobId, is_digest};
use crate::objects::{Created, Objects};
use bytes::Bytes;
use mugai_batch::{Folder, Input, Rules, Trouble};
use mugai_core::SafeName;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

/// Where batches lie.
const BATCHES: &str = "batches";
/// What says that all groups of a batch are there.
const END: &str = "end.json";
/// The largest group that is read, in bytes.
const MOST_BYTES: u64 = 64 << 20;

/// The name of a batch: 1 to 64 letters, digits, `-` and `_`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchName(String);

impl FromStr for BatchName {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        if crate::config::is_word(name) {
            Ok(Self(name.to_owned()))
        } else {
            Err("1 to 64 letters, digits, - and _")
        }
    }
}

impl fmt::Display for BatchName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One input of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    /// Where it lay, for reports.
    pub(crate) path: String,
    /// The folder of its outputs, below the output folder.
    pub(crate) out: String,
    /// What it is called, made safe.
    pub(crate) name: String,
    /// See [`Input::shares_stem`].
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) shares_stem: bool,
    /// Its size in bytes.
    pub(crate) bytes: u64,
    /// What became of it.
    pub(crate) content: Content,
}

/// What of an input the store has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Content {
    /// It, under its BLAKE3; or nothing but digests, if it is larger than what any rule opens.
    Digests {
        /// BLAKE3 in hex.
        blake3: String,
        /// SHA-256 in hex.
        sha256: String,
    },
    /// Nothing: it is a link.
    Link,
    /// Nothing: it is no regular file.
    Special,
    /// Nothing: it could not be read, and why.
    Unreadable(String),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
const fn is_false(value: &bool) -> bool {
    !*value
}

impl Entry {
    /// As it is planned, with what was found in it.
    pub(crate) fn of(input: &Input, bytes: u64, content: Content) -> Self {
        Self {
            path: input.label(),
            out: input.out.to_string_lossy().into_owned(),
            name: input.name.as_str().to_owned(),
            shares_stem: input.shares_stem,
            bytes,
            content,
        }
    }

    /// The input as a plan has it. Others may have written into the store: no path leads out.
    pub(crate) fn input(&self) -> Result<Input, Error> {
        let wrong = || Error::Foreign("an input".to_owned());
        let safe = |name: &str| SafeName::check(name).is_ok();
        if !self.out.is_empty() && !self.out.split('/').all(safe) {
            return Err(wrong());
        }
        let path = Path::new(&self.path);
        Ok(Input {
            folder: Arc::new(Folder::named(path.parent().unwrap_or(Path::new("")))),
            raw: path.file_name().unwrap_or(path.as_os_str()).into(),
            out: Path::new(&self.out).into(),
            name: SafeName::check(&self.name).map_err(|_| wrong())?,
            shares_stem: self.shares_stem,
            bytes: self.bytes,
            trouble: match &self.content {
                Content::Digests { .. } => None,
                Content::Link => Some(Trouble::Link),
                Content::Special => Some(Trouble::Special),
                Content::Unreadable(why) => Some(Trouble::Unreadable(crate::error::plain(why))),
            },
        })
    }

    /// Its job; none if there is nothing to be done.
    pub(crate) fn job(&self) -> Result<Option<Job>, Error> {
        let Content::Digests { blake3, sha256 } = &self.content else {
            return Ok(None);
        };
        let name = SafeName::check(&self.name);
        match name {
            Ok(name) if is_digest(blake3) && is_digest(sha256) => {
                Ok(Some(Job::new(&name, self.bytes, blake3, sha256)))
            }
            Ok(_) | Err(_) => Err(Error::Foreign("an input".to_owned())),
        }
    }

    /// The name of its job.
    pub(crate) fn id(&self, rules: &Rules<'_>) -> Result<Option<JobId>, Error> {
        Ok(self.job()?.map(|job| job.id(rules)))
    }
}

/// What says that a batch is whole.
#[derive(Serialize, Deserialize)]
struct End {
    groups: usize,
    inputs: u64,
}

/// Writes a group. It may be there already, of a submission that was broken off, if it is the same.
pub(crate) fn write(
    objects: &Objects,
    batch: &BatchName,
    group: usize,
    entries: &[Entry],
) -> Result<(), Error> {
    let mut text = Vec::new();
    for entry in entries {
        serde_json::to_writer(&mut text, entry).map_err(|error| Error::store("batch", error))?;
        text.push(b'\n');
    }
    same(objects, batch, &format!("{group:08}.jsonl"), text)
}

/// Writes that a batch is whole.
pub(crate) fn end(
    objects: &Objects,
    batch: &BatchName,
    groups: usize,
    inputs: u64,
) -> Result<(), Error> {
    let text = serde_json::to_vec(&End { groups, inputs });
    let text = text.map_err(|error| Error::store("batch", error))?;
    same(objects, batch, END, text)
}

fn same(objects: &Objects, batch: &BatchName, name: &str, text: Vec<u8>) -> Result<(), Error> {
    let name = format!("{BATCHES}/{batch}/{name}");
    let text = Bytes::from(text);
    if objects.create(&name, vec![text.clone()])? == Created::Before
        && objects.get(&name, MOST_BYTES)? != Some(text)
    {
        return Err(Error::Asked(format!(
            "batch {batch} was submitted before, of other files or of files that changed since; name another one"
        )));
    }
    Ok(())
}

/// All batches that there are.
pub(crate) fn all(objects: &Objects) -> Result<Vec<BatchName>, Error> {
    let names = objects.names(BATCHES)?;
    names
        .iter()
        .map(|name| {
            name.parse()
                .map_err(|_| Error::Foreign(format!("batch {name}")))
        })
        .collect()
}

/// Reads a batch, group by group, and tells whether it is whole.
pub(crate) fn read(
    objects: &Objects,
    batch: &BatchName,
    mut each: impl FnMut(Entry) -> Result<(), Error>,
) -> Result<bool, Error> {
    let folder = format!("{BATCHES}/{batch}");
    let foreign = |what: &str| Error::Foreign(format!("batch {batch}, {what}"));
    let names = objects.names(&folder)?;
    if names.is_empty() {
        return Err(Error::Asked(format!("there is no batch {batch}")));
    }
    let (mut groups, mut inputs) = (0usize, 0u64);
    for name in names.iter().filter(|name| name.as_str() != END) {
        let text = objects.get(&format!("{folder}/{name}"), MOST_BYTES)?;
        let text = text.ok_or_else(|| foreign(name))?;
        for line in text
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            each(serde_json::from_slice(line).map_err(|_| foreign(name))?)?;
            inputs = inputs.saturating_add(1);
        }
        groups = groups.saturating_add(1);
    }
    let Some(end) = objects.get(&format!("{folder}/{END}"), MOST_BYTES)? else {
        return Ok(false);
    };
    let end: End = serde_json::from_slice(&end).map_err(|_| foreign(END))?;
    if end.groups != groups || end.inputs != inputs {
        return Err(Error::Foreign(format!(
            "batch {batch} has {groups} groups with {inputs} inputs, of {} with {}",
            end.groups, end.inputs
        )));
    }
    Ok(true)
}

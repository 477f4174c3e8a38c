//! A piece of work, and what it is called wherever it appears.

use mugai_batch::Rules;
use mugai_core::SafeName;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The version of the layout of messages.
const VERSION: u32 = 1;

/// One input to be sanitised: content and name. What a node needs to know stands in it; by which rules
/// is the node's own business, and says so in the subject of the message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Job {
    v: u32,
    /// What the file is called, made safe: a reader may go by its extension, and it stands in notices.
    pub(crate) name: String,
    /// Its size in bytes.
    pub(crate) bytes: u64,
    /// Its BLAKE3 in hex, under which the store has it.
    pub(crate) blake3: String,
    /// Its SHA-256 in hex.
    pub(crate) sha256: String,
}

/// The name of a job, and of its result: 32 digits of hex made of content, rules and file name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct JobId([u8; 16]);

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl JobId {
    pub(crate) fn parse(hex: &str) -> Option<Self> {
        let bytes = data_encoding::HEXLOWER.decode(hex.as_bytes()).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }
}

impl Job {
    pub(crate) fn new(name: &SafeName, bytes: u64, blake3: &str, sha256: &str) -> Self {
        Self {
            v: VERSION,
            name: name.as_str().to_owned(),
            bytes,
            blake3: blake3.to_owned(),
            sha256: sha256.to_owned(),
        }
    }

    /// A message that somebody sent: why it is none of ours, if so.
    pub(crate) fn parse(message: &[u8]) -> Result<(Self, SafeName), &'static str> {
        let job: Self = serde_json::from_slice(message).map_err(|_| "the message is no job")?;
        if job.v != VERSION {
            return Err("the message has another layout");
        }
        if !is_digest(&job.blake3) || !is_digest(&job.sha256) {
            return Err("the message has no digest");
        }
        let name = SafeName::check(&job.name).map_err(|_| "the message has no safe name")?;
        Ok((job, name))
    }

    pub(crate) fn message(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(self)
    }

    /// What it is called under these rules.
    pub(crate) fn id(&self, rules: &Rules<'_>) -> JobId {
        let mut hasher = blake3::Hasher::new();
        // a key has one length, so the name begins where it ends
        hasher.update(rules.key(&self.blake3).hex().as_bytes());
        hasher.update(self.name.as_bytes());
        let mut id = [0; 16];
        hasher.finalize_xof().fill(&mut id);
        JobId(id)
    }

    /// Where its content lies.
    pub(crate) fn content(&self) -> String {
        content(&self.blake3)
    }
}

/// Where content with this BLAKE3 lies.
pub(crate) fn content(blake3: &str) -> String {
    format!("inputs/{blake3}")
}

/// The folder of all results under these rules; the last part of their names are those of their jobs.
pub(crate) fn results(rules: &str) -> String {
    format!("results/{rules}")
}

/// Where the result of a job lies.
pub(crate) fn result(rules: &str, id: JobId) -> String {
    format!("results/{rules}/{id}")
}

/// What of a verdict can be told without opening a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Something inside was withheld.
    Partly,
    /// All of it was withheld.
    Withheld,
    /// A refusal of our own doing is in it.
    Alarm,
}

impl Mark {
    pub(crate) const ALL: [Self; 3] = [Self::Partly, Self::Withheld, Self::Alarm];

    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Partly => "partly",
            Self::Withheld => "withheld",
            Self::Alarm => "alarm",
        }
    }

    /// The folder of all marks of this kind; the last part of their names are those of their jobs.
    pub(crate) fn folder(self, rules: &str) -> String {
        format!("marks/{rules}/{}", self.code())
    }
}

pub(crate) fn is_digest(hex: &str) -> bool {
    let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    hex.len() == 64 && hex.bytes().all(digit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_engine::Policy;

    fn job(name: &str, fill: &str) -> Job {
        let (name, _) = SafeName::clean(name);
        Job::new(&name.unwrap(), 3, &fill.repeat(64), &"0".repeat(64))
    }

    #[test]
    fn what_was_sent_is_read_and_nothing_else() {
        let sent = job("a.eml", "a");
        let message = sent.message().unwrap();
        assert_eq!(Job::parse(&message).unwrap().0, sent);
        let text = String::from_utf8(message).unwrap();
        for (from, to) in [
            ("\"v\":1", "\"v\":2"),
            ("a.eml", "../a.eml"),
            ("aaa", "AAA"),
            ("000", "00"),
            ("\"v\":1", "\"v\":1,\"policy\":\"x\""),
            ("{", ""),
        ] {
            let other = text.replacen(from, to, 1);
            assert!(Job::parse(other.as_bytes()).is_err(), "{other}");
        }
    }

    #[test]
    fn another_name_content_or_rule_is_another_job() {
        let policy = Policy::preset("text-only").unwrap();
        let strict = Policy::preset("strict").unwrap();
        let rules = |policy, context| Rules {
            policy,
            from: "internet",
            to: "lgwan",
            context,
        };
        let ids = [
            job("a.eml", "a").id(&rules(&policy, "")),
            job("b.eml", "a").id(&rules(&policy, "")),
            job("a.eml", "b").id(&rules(&policy, "")),
            job("a.eml", "a").id(&rules(&strict, "")),
            job("a.eml", "a").id(&rules(&policy, "font")),
        ];
        let all: std::collections::BTreeSet<_> = ids.into_iter().collect();
        assert_eq!(all.len(), ids.len());
        assert_eq!(JobId::parse(&ids[0].to_string()), Some(ids[0]));
        assert_eq!(job("a.eml", "a").id(&rules(&policy, "")), ids[0]);
    }
}

//! What happened to every part, for auditors: one JSON object an input.

use mugai_core::{Finding, FindingCode, Loss, MAX_NAMES, Named, Refusal, Spooled};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// The version of the layout; it changes when a field changes its meaning or goes.
pub const SCHEMA: &str = "mugai.report/1";

/// How often a job is begun whose worker is lost. A file that loses every one of them is withheld.
pub const TRIES: u32 = 3;

/// SHA-256 and BLAKE3 of some bytes, in hex.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Digests {
    /// SHA-256 (FIPS 180-4), for other people's systems.
    pub sha256: String,
    /// BLAKE3, for ours.
    pub blake3: String,
}

impl Digests {
    /// The digests of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self::new(&Sha256::digest(bytes), blake3::hash(bytes).as_bytes())
    }

    /// The digests of bytes that may be in a file.
    ///
    /// # Errors
    /// As of [`Spooled::load`].
    pub fn of_spooled(content: &Spooled) -> Result<Self, Refusal> {
        Self::both(content).map(|(_, digests)| digests)
    }

    /// The same, and BLAKE3 by itself.
    pub(crate) fn both(content: &Spooled) -> Result<(blake3::Hash, Self), Refusal> {
        let (mut sha256, mut blake3) = (Sha256::new(), blake3::Hasher::new());
        content.each(|bytes| {
            sha256.update(bytes);
            blake3.update(bytes);
            Ok::<(), Refusal>(())
        })?;
        let blake3 = blake3.finalize();
        let digests = Self::new(&sha256.finalize(), blake3.as_bytes());
        Ok((blake3, digests))
    }

    /// Digests that were taken elsewhere.
    #[must_use]
    pub fn new(sha256: &[u8], blake3: &[u8; 32]) -> Self {
        Self {
            sha256: hex(sha256),
            blake3: hex(blake3),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// What became of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Written again, with nothing found that had to change.
    Kept,
    /// Written again, with changes that its findings name.
    Rewritten,
    /// Left out because nothing of it belongs into the output.
    Removed,
    /// Left out because of its refusal; a notice stands in its place.
    Withheld,
}

/// Why something was withheld.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefusalReport {
    /// The stable code.
    pub code: &'static str,
    /// Rule and place, in words of ours.
    pub detail: String,
}

impl From<&Refusal> for RefusalReport {
    fn from(refusal: &Refusal) -> Self {
        Self {
            code: refusal.code(),
            detail: refusal.to_string(),
        }
    }
}

/// A finding with its count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FindingReport {
    /// The stable code.
    pub code: &'static str,
    /// What was done.
    pub action: &'static str,
    /// How often.
    pub count: u32,
    /// What it is called in the file, where it is told with names: 16 at most.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}

/// One part of the input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartReport {
    /// Its place: `0` is the input itself.
    pub path: String,
    /// Its name, made safe.
    pub name: Option<String>,
    /// The media type that it was said to be.
    pub declared: Option<String>,
    /// What it is.
    pub kind: &'static str,
    /// What the policy does with this kind.
    pub treatment: &'static str,
    /// What became of it.
    pub verdict: Status,
    /// Why it was withheld.
    pub refusal: Option<RefusalReport>,
    /// What it became, where it became a file of its own.
    pub output: Option<String>,
    /// What was seen in it.
    pub findings: Vec<FindingReport>,
    /// Its size, transfer encoding undone, in bytes.
    pub bytes_in: u64,
    /// The size of what it became, in bytes.
    pub bytes_out: u64,
    /// Deterministic work spent on it.
    pub steps: u64,
}

/// The ledger: how many parts there were and what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// All parts, the input itself included.
    pub parts: u64,
    /// Parts by what became of them.
    pub kept: u64,
    /// Parts by what became of them.
    pub rewritten: u64,
    /// Parts by what became of them.
    pub removed: u64,
    /// Parts by what became of them.
    pub withheld: u64,
    /// All findings, by their counts.
    pub findings: u64,
    /// All steps.
    pub steps: u64,
}

impl Totals {
    /// Sums up the parts.
    #[must_use]
    pub fn of(parts: &[PartReport]) -> Self {
        let mut totals = Self::default();
        for part in parts {
            let slot = match part.verdict {
                Status::Kept => &mut totals.kept,
                Status::Rewritten => &mut totals.rewritten,
                Status::Removed => &mut totals.removed,
                Status::Withheld => &mut totals.withheld,
            };
            *slot = slot.saturating_add(1);
            totals.parts = totals.parts.saturating_add(1);
            totals.steps = totals.steps.saturating_add(part.steps);
            for finding in &part.findings {
                totals.findings = totals.findings.saturating_add(u64::from(finding.count));
            }
        }
        totals
    }
}

/// The file that came in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InputReport {
    /// Its path or name as the caller gave it, made safe for logs.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its digests; missing when it could not be read.
    #[serde(flatten)]
    pub digests: Option<Digests>,
}

/// A file that went out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OutputReport {
    /// Its path below the output folder.
    pub path: String,
    /// The profile that it was verified against.
    pub target: &'static str,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its digests.
    #[serde(flatten)]
    pub digests: Digests,
}

/// Which rules decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyReport {
    /// The name of the policy.
    pub name: String,
    /// The BLAKE3 of the parsed policy.
    pub hash: String,
    /// The zone that the file came from.
    pub from: String,
    /// The zone that it goes to.
    pub to: String,
}

/// Everything about one input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// The number that notices name, made from the digest of the input.
    pub id: String,
    /// The version of the engine.
    pub engine: &'static str,
    /// Which rules decided.
    pub policy: PolicyReport,
    /// The file that came in.
    pub input: InputReport,
    /// `sanitised` or `withheld`.
    pub verdict: &'static str,
    /// Why it was withheld.
    pub refusal: Option<RefusalReport>,
    /// The files that went out.
    pub outputs: Vec<OutputReport>,
    /// Every part of the input, each once, parents before children.
    pub parts: Vec<PartReport>,
    /// The ledger.
    pub totals: Totals,
}

impl Report {
    /// Whether anything at all was withheld.
    #[must_use]
    pub const fn withheld_any(&self) -> bool {
        self.totals.withheld > 0
    }

    /// Whether any part of it was lost with its worker, or with its checker. Either may be killed by others, the kernel above all
    /// when there is no memory left: that must not cost a sound file its delivery, so that such a job may be
    /// begun again, [`TRIES`] times in all.
    #[must_use]
    pub fn lost_a_worker(&self) -> bool {
        let crash = Refusal::Lost(Loss::Crash).code();
        let of_checker = RefusalReport::from(&Refusal::CHECKER_LOST);
        let parts = self.parts.iter();
        parts
            .filter_map(|part| part.refusal.as_ref())
            .any(|refusal| refusal.code == crash || *refusal == of_checker)
    }

    /// Whether a refusal of ours (`unverified`, `internal`) is among the parts: an alarm.
    #[must_use]
    pub fn alarm(&self) -> bool {
        let ours = |refusal: &RefusalReport| matches!(refusal.code, "unverified" | "internal");
        self.parts
            .iter()
            .filter_map(|p| p.refusal.as_ref())
            .chain(&self.refusal)
            .any(ours)
    }
}

/// Findings on their way into a report, each code once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Findings(
    BTreeMap<FindingCode, u32>,
    BTreeMap<FindingCode, BTreeSet<String>>,
);

impl Findings {
    pub(crate) fn add(&mut self, code: FindingCode, count: u32) {
        if let Some(Finding { code, count }) = Finding::times(code, count) {
            let sum = self.0.entry(code).or_insert(0);
            *sum = sum.saturating_add(count);
        }
    }

    /// Says what a finding is called; told only with one that was added.
    pub(crate) fn name(&mut self, named: &Named) {
        let known = self.1.entry(named.code()).or_default();
        if known.len() < MAX_NAMES {
            known.insert(named.name().as_str().to_owned());
        }
    }

    /// Takes over what `code` is called in `other`.
    pub(crate) fn name_as(&mut self, code: FindingCode, other: &Self) {
        for named in other.names(code).filter_map(|name| Named::new(code, name)) {
            self.name(&named);
        }
    }

    /// What `code` is called, in the order of the alphabet.
    pub(crate) fn names(&self, code: FindingCode) -> impl Iterator<Item = &str> {
        self.1.get(&code).into_iter().flatten().map(String::as_str)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn has(&self, code: FindingCode) -> bool {
        self.0.contains_key(&code)
    }

    /// How many times something was found.
    pub(crate) fn count(&self, code: FindingCode) -> u32 {
        self.0.get(&code).copied().unwrap_or_default()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (FindingCode, u32)> + '_ {
        self.0.iter().map(|(code, count)| (*code, *count))
    }

    pub(crate) fn report(&self) -> Vec<FindingReport> {
        self.iter()
            .map(|(code, count)| FindingReport {
                code: code.code(),
                action: code.action().code(),
                count,
                names: self.names(code).map(str::to_owned).collect(),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_standards() {
        let d = Digests::of(b"abc");
        assert_eq!(
            d.sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(
            d.blake3,
            "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85"
        );
    }
}

//! What is kept of a report until its call is told of.

use mugai_core::Resource;
use mugai_engine::{PartReport, Report, Status};

/// A job, as far as it is told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The ticket of the job.
    pub id: String,
    /// The name of the policy.
    pub policy: String,
    /// The BLAKE3 of the policy, in hex.
    pub policy_hash: String,
    /// The zone that the file came from.
    pub from: String,
    /// The zone that it goes to.
    pub to: String,
    /// `sanitised` or `withheld`.
    pub verdict: &'static str,
    /// Why all of it was withheld; `none` when it was not.
    pub refusal: &'static str,
    /// Whether a mistake of ours is among the refusals.
    pub alarm: bool,
    /// What the file was called, made plain; only where names may be told.
    pub file: Option<String>,
    /// The parts, the root first.
    pub parts: Vec<Part>,
}

/// A part, as far as it is told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its place: `0` is the file itself.
    pub path: String,
    /// What it is.
    pub kind: &'static str,
    /// What the policy does with this kind.
    pub treatment: &'static str,
    /// What became of it.
    pub verdict: &'static str,
    /// Why it was withheld; `none` when it was not.
    pub refusal: &'static str,
    /// The limit that it met, where it met one.
    pub limit: Option<&'static str>,
    /// What was seen in it, and how often.
    pub findings: Vec<(&'static str, u32)>,
    /// Its size, in bytes.
    pub bytes_in: u64,
    /// The size of what it became, in bytes.
    pub bytes_out: u64,
    /// What it was called, made plain; only where names may be told.
    pub file: Option<String>,
}

/// What is told where there is no refusal.
pub(crate) const NONE: &str = "none";

/// The limit that no purse has: time.
pub(crate) const DEADLINE: &str = "deadline";

impl Summary {
    /// What is told of a report; `names` says whether names of files are.
    #[must_use]
    pub fn of(report: &Report, names: bool) -> Self {
        let refusal = report.refusal.as_ref();
        Self {
            id: report.id.clone(),
            policy: report.policy.name.clone(),
            policy_hash: report.policy.hash.clone(),
            from: report.policy.from.clone(),
            to: report.policy.to.clone(),
            verdict: report.verdict,
            refusal: refusal.map_or(NONE, |refusal| refusal.code),
            alarm: report.alarm(),
            file: names.then(|| crate::plain(&report.input.path)),
            parts: report.parts.iter().map(|part| one(part, names)).collect(),
        }
    }

    /// How many parts became what: kept, rewritten, removed, withheld.
    #[must_use]
    pub fn counts(&self) -> [usize; 4] {
        ["kept", "rewritten", "removed", "withheld"].map(|verdict| {
            let parts = self.parts.iter();
            parts.filter(|part| part.verdict == verdict).count()
        })
    }

    /// All findings, by their counts.
    #[must_use]
    pub fn findings(&self) -> u64 {
        let all = self.parts.iter().flat_map(|part| &part.findings);
        all.fold(0, |sum, (_, count)| sum.saturating_add(u64::from(*count)))
    }

    /// What the file itself is.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.parts.first().map_or("unopened", |part| part.kind)
    }
}

fn one(part: &PartReport, names: bool) -> Part {
    let refusal = part.refusal.as_ref();
    let file = part.name.as_ref().filter(|_| names);
    Part {
        path: part.path.clone(),
        kind: part.kind,
        treatment: part.treatment,
        verdict: match part.verdict {
            Status::Kept => "kept",
            Status::Rewritten => "rewritten",
            Status::Removed => "removed",
            Status::Withheld => "withheld",
        },
        refusal: refusal.map_or(NONE, |refusal| refusal.code),
        limit: refusal.and_then(|refusal| limit(refusal.code, &refusal.detail)),
        findings: part.findings.iter().map(|f| (f.code, f.count)).collect(),
        bytes_in: part.bytes_in,
        bytes_out: part.bytes_out,
        file: file.map(|name| crate::plain(name)),
    }
}

/// The limit behind a refusal, by its code and its words, which are ours.
fn limit(code: &str, detail: &str) -> Option<&'static str> {
    match code {
        "lost_deadline" => Some(DEADLINE),
        "overrun" => {
            let words = detail.strip_prefix("overrun: ")?;
            let (name, _) = words.split_once(' ')?;
            LIMITS.into_iter().find(|limit| *limit == name)
        }
        _ => None,
    }
}

/// Every limit that a part can meet.
pub(crate) const LIMITS: [&str; 6] = [
    Resource::Bytes.code(),
    Resource::Pixels.code(),
    Resource::Parts.code(),
    Resource::Depth.code(),
    Resource::Steps.code(),
    DEADLINE,
];

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::{Loss, Refusal};

    #[test]
    fn limits_are_told_from_the_words_of_refusals() {
        let all = [
            Resource::Bytes,
            Resource::Pixels,
            Resource::Parts,
            Resource::Depth,
            Resource::Steps,
        ];
        for resource in all {
            let refusal = Refusal::Overrun { resource, limit: 7 };
            let told = limit(refusal.code(), &refusal.to_string());
            assert_eq!(told, Some(resource.code()));
        }
        let late = Refusal::Lost(Loss::Deadline);
        assert_eq!(limit(late.code(), &late.to_string()), Some(DEADLINE));
        let other = Refusal::malformed("x: y");
        assert_eq!(limit(other.code(), &other.to_string()), None);
    }
}

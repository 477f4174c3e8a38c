//! What of `report.jsonl` people look at.

use mugai_core::Line;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::{self, BufRead};

/// The longest line that is read, in bytes.
const MOST_BYTES: u64 = 1 << 28;

/// One input.
#[derive(Clone, Debug, Deserialize)]
pub struct Row {
    /// The ticket that notices name.
    pub id: String,
    /// The file that came in.
    pub input: InputRow,
    /// `sanitised` or `withheld`.
    pub verdict: String,
    /// Why it was withheld.
    pub refusal: Option<RefusalRow>,
    /// The files that went out.
    pub outputs: Vec<OutputRow>,
    /// Its parts.
    pub parts: Vec<PartRow>,
    /// The rules.
    pub policy: PolicyRow,
}

/// The file that came in.
#[derive(Clone, Debug, Deserialize)]
pub struct InputRow {
    /// Where it lay.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its SHA-256 in hex.
    pub sha256: Option<String>,
}

/// Why something was withheld.
#[derive(Clone, Debug, Deserialize)]
pub struct RefusalRow {
    /// The stable code.
    pub code: String,
    /// Rule and place.
    pub detail: String,
}

/// A file that went out.
#[derive(Clone, Debug, Deserialize)]
pub struct OutputRow {
    /// Where it lies below the output folder.
    pub path: String,
}

/// A part of an input.
#[derive(Clone, Debug, Deserialize)]
pub struct PartRow {
    /// Its place.
    pub path: String,
    /// Its name.
    pub name: Option<String>,
    /// What it is.
    pub kind: String,
    /// Why it was withheld.
    pub refusal: Option<RefusalRow>,
    /// What was seen in it.
    pub findings: Vec<FindingRow>,
}

/// Something seen.
#[derive(Clone, Debug, Deserialize)]
pub struct FindingRow {
    /// The stable code.
    pub code: String,
    /// How often.
    pub count: u64,
}

/// The rules.
#[derive(Clone, Debug, Deserialize)]
pub struct PolicyRow {
    /// The name of the policy.
    pub name: String,
    /// The zone that the file came from.
    pub from: String,
    /// The zone that it goes to.
    pub to: String,
}

/// What became of an input, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Came {
    /// Delivered whole.
    Sanitised,
    /// Delivered with something withheld inside.
    Partly,
    /// Withheld.
    Withheld,
}

impl Row {
    /// What became of it.
    #[must_use]
    pub fn came(&self) -> Came {
        if self.verdict != "sanitised" {
            Came::Withheld
        } else if self.parts.iter().any(|part| part.refusal.is_some()) {
            Came::Partly
        } else {
            Came::Sanitised
        }
    }

    /// What it is.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.parts.first().map_or("unopened", |root| &root.kind)
    }

    /// What was seen in all of its parts, by code.
    #[must_use]
    pub fn findings(&self) -> BTreeMap<&str, u64> {
        let mut all = BTreeMap::new();
        for finding in self.parts.iter().flat_map(|part| &part.findings) {
            let sum: &mut u64 = all.entry(finding.code.as_str()).or_default();
            *sum = sum.saturating_add(finding.count);
        }
        all
    }

    /// Why it was withheld, or the first of its parts that was.
    #[must_use]
    pub fn reason(&self) -> Option<&RefusalRow> {
        let parts = || self.parts.iter().filter_map(|part| part.refusal.as_ref());
        self.refusal.as_ref().or_else(|| parts().next())
    }

    /// Reports are files, and others may have written into them.
    fn cleaned(mut self) -> Self {
        let clean = |text: &mut String| {
            let (line, _) = Line::clean(text);
            line.as_str().clone_into(text);
        };
        clean(&mut self.input.path);
        clean(&mut self.id);
        for output in &mut self.outputs {
            clean(&mut output.path);
        }
        for part in &mut self.parts {
            part.name.as_mut().map(clean);
            clean(&mut part.kind);
        }
        self
    }
}

/// Reads a report and calls `each` for every input of it.
///
/// # Errors
/// What the file system says; the number of a line that is no report.
pub fn read(mut report: impl BufRead, mut each: impl FnMut(Row)) -> io::Result<()> {
    let mut number = 0u64;
    let mut line = Vec::new();
    loop {
        line.clear();
        number = number.saturating_add(1);
        let mut limited = io::Read::take(&mut report, MOST_BYTES);
        if limited.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let row: Row = serde_json::from_slice(&line)
            .map_err(|_| io::Error::other(format!("line {number} is no report")))?;
        each(row.cleaned());
    }
}

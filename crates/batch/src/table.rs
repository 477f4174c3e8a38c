//! Reports for people at a terminal.

use crate::summary::Summary;
use mugai_engine::{Report, report::PartReport};
use std::fmt::Write as _;

/// The longest list of findings in one line.
const MAX_FINDINGS: usize = 4;

/// One input: a line for itself and, where `parts` is set, one for each of its parts.
#[must_use]
pub fn lines(report: &Report, parts: bool) -> String {
    let mut out = String::new();
    let to = report
        .outputs
        .first()
        .map_or("-", |output| output.path.as_str());
    let totals = &report.totals;
    let _ = writeln!(
        out,
        "{:<9} {} -> {to}  [{}: {} parts, {} withheld, {} findings]",
        report.verdict,
        report.input.path,
        report.id,
        totals.parts,
        totals.withheld,
        totals.findings
    );
    if let Some(refusal) = &report.refusal {
        let _ = writeln!(out, "          {}", refusal.detail);
    }
    if parts {
        let path = report.parts.iter().map(|p| p.path.len()).max().unwrap_or(1);
        for part in &report.parts {
            let _ = writeln!(out, "  {:<path$} {}", part.path, line(part));
        }
    }
    out
}

fn line(part: &PartReport) -> String {
    let verdict = match part.verdict {
        mugai_engine::Status::Kept => "kept",
        mugai_engine::Status::Rewritten => "rewritten",
        mugai_engine::Status::Removed => "removed",
        mugai_engine::Status::Withheld => "withheld",
    };
    let mut out = format!("{verdict:<9} {:<10} {:<8}", part.kind, part.treatment);
    if let Some(name) = &part.name {
        let _ = write!(out, " {name}");
    }
    if let Some(output) = part
        .output
        .as_ref()
        .filter(|output| Some(*output) != part.name.as_ref())
    {
        let _ = write!(out, " -> {output}");
    }
    if let Some(refusal) = &part.refusal {
        let _ = write!(out, "  ({})", refusal.detail);
    }
    let mut findings: Vec<String> = part
        .findings
        .iter()
        .take(MAX_FINDINGS)
        .map(|f| format!("{} {}", f.code, f.count))
        .collect();
    if part.findings.len() > MAX_FINDINGS {
        findings.push("…".to_owned());
    }
    if !findings.is_empty() {
        let _ = write!(out, "  {}", findings.join(", "));
    }
    out
}

/// The whole run in one line.
#[must_use]
pub fn summary_line(summary: &Summary) -> String {
    let mut out = format!(
        "{} files: {} sanitised, {} sanitised with parts withheld, {} withheld",
        summary.inputs, summary.sanitised, summary.partly, summary.withheld
    );
    if summary.before > 0 {
        let _ = write!(out, " ({} of them before)", summary.before);
    }
    if summary.skipped > 0 {
        let _ = write!(out, ", {} new ones not taken", summary.skipped);
    }
    if summary.failed > 0 {
        let _ = write!(out, ", {} failed", summary.failed);
    }
    if summary.alarms > 0 {
        let _ = write!(out, ", {} ALARMS", summary.alarms);
    }
    out
}

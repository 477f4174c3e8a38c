//! Counts over a report.

use crate::report::japanese;
use crate::report::rows::{Came, Row};
use std::collections::BTreeMap;
use std::fmt::Write;

/// How many inputs came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Delivered whole.
    pub sanitised: u64,
    /// Delivered with something withheld inside.
    pub partly: u64,
    /// Withheld.
    pub withheld: u64,
}

impl Counts {
    fn add(&mut self, came: Came) {
        let slot = match came {
            Came::Sanitised => &mut self.sanitised,
            Came::Partly => &mut self.partly,
            Came::Withheld => &mut self.withheld,
        };
        *slot = slot.saturating_add(1);
    }

    /// All of them.
    #[must_use]
    pub const fn all(&self) -> u64 {
        self.sanitised
            .saturating_add(self.partly)
            .saturating_add(self.withheld)
    }
}

/// Counts over a whole report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All inputs.
    pub inputs: Counts,
    /// Bytes of all inputs.
    pub bytes: u64,
    /// By kind of the input.
    pub kinds: BTreeMap<String, Counts>,
    /// By code of a finding: inputs with it.
    pub findings: BTreeMap<String, u64>,
    /// By code of a refusal: inputs with it.
    pub refusals: BTreeMap<String, u64>,
    /// Policies, with their zones.
    pub policies: BTreeMap<String, u64>,
}

impl Tally {
    /// Counts one input.
    pub fn add(&mut self, row: &Row) {
        let came = row.came();
        self.inputs.add(came);
        self.bytes = self.bytes.saturating_add(row.input.bytes);
        self.kinds
            .entry(row.kind().to_owned())
            .or_default()
            .add(came);
        for code in row.findings().into_keys() {
            one(&mut self.findings, code);
        }
        let parts = row.parts.iter().filter_map(|part| part.refusal.as_ref());
        let mut codes: Vec<&str> = parts.chain(&row.refusal).map(|r| r.code.as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        for code in codes {
            one(&mut self.refusals, code);
        }
        let policy = &row.policy;
        let name = format!("{} ({} → {})", policy.name, policy.from, policy.to);
        one(&mut self.policies, &name);
    }

    /// The counts as text, for a terminal: in Japanese with words, and codes behind them.
    #[must_use]
    pub fn text(&self, is_japanese: bool) -> String {
        let words = if is_japanese {
            [
                "件",
                "無害化",
                "一部除去",
                "除去",
                "種類　　　",
                "除去の理由",
                "検出事項　",
            ]
        } else {
            [
                "files",
                "sanitised",
                "parts withheld",
                "withheld",
                "kind   ",
                "refusal",
                "finding",
            ]
        };
        let [files, sanitised, partly, withheld, kind, refusal, finding] = words;
        let Counts {
            sanitised: s,
            partly: p,
            withheld: w,
        } = self.inputs;
        let mut out = format!(
            "{} {files}: {s} {sanitised}, {p} {partly}, {w} {withheld}\n",
            self.inputs.all()
        );
        // words are of different widths, so that numbers come first
        let called = |code: &str| match japanese::called(code).filter(|_| is_japanese) {
            Some(word) => format!("{word} ({code})"),
            None => code.to_owned(),
        };
        for (name, counts) in &self.kinds {
            let _ = writeln!(
                out,
                "{kind} {:>9}  {}  ({} {partly}, {} {withheld})",
                counts.all(),
                called(name),
                counts.partly,
                counts.withheld
            );
        }
        for (word, map) in [(refusal, &self.refusals), (finding, &self.findings)] {
            for (name, count) in map {
                let _ = writeln!(out, "{word} {count:>9}  {}", called(name));
            }
        }
        out
    }
}

fn one(map: &mut BTreeMap<String, u64>, key: &str) {
    let slot = map.entry(key.to_owned()).or_default();
    *slot = slot.saturating_add(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_before_codes() {
        let mut tally = Tally::default();
        tally.kinds.insert(
            "sheet".to_owned(),
            Counts {
                sanitised: 10,
                partly: 2,
                withheld: 1,
            },
        );
        tally.refusals.insert("malformed".to_owned(), 1);
        tally.findings.insert("office.macro".to_owned(), 3);
        tally.findings.insert("of.tomorrow".to_owned(), 4);
        tally.inputs = *tally.kinds.get("sheet").unwrap();
        let ja = tally.text(true);
        for line in [
            "13 件: 10 無害化, 2 一部除去, 1 除去\n",
            "種類　　　        13  Excelブック (sheet)  (2 一部除去, 1 除去)\n",
            "除去の理由         1  形式の破損 (malformed)\n",
            "検出事項　         4  of.tomorrow\n",
            " (office.macro)\n",
        ] {
            assert!(ja.contains(line), "{line} in\n{ja}");
        }
        let en = tally.text(false);
        assert!(
            en.contains("finding         3  office.macro\n") && en.is_ascii(),
            "{en}"
        );
    }
}

//! A report as a table for spreadsheets (RFC 4180, UTF-8 with a byte order mark, which Excel needs to
//! take it for UTF-8).

use crate::report::japanese as words;
use crate::report::rows::{Came, Row};
use mugai_core::Lang;
use mugai_engine::notice;
use std::borrow::Cow;
use std::io::{self, Write};

const JA: [&str; 13] = [
    "受付番号",
    "入力",
    "バイト",
    "SHA-256",
    "判定",
    "種類",
    "理由",
    "詳細",
    "部分の数",
    "除去された部分",
    "検出事項",
    "出力",
    "ポリシー",
];
const EN: [&str; 13] = [
    "ticket",
    "input",
    "bytes",
    "sha256",
    "verdict",
    "kind",
    "refusal",
    "detail",
    "parts",
    "parts_withheld",
    "findings",
    "outputs",
    "policy",
];

/// Writes rows into a table, head first.
///
/// # Errors
/// What `out` says, or what `rows` does.
pub fn write(
    mut out: impl Write,
    japanese: bool,
    rows: impl FnOnce(&mut dyn FnMut(Row)) -> io::Result<()>,
) -> io::Result<()> {
    out.write_all("\u{feff}".as_bytes())?;
    let mut table = csv::WriterBuilder::new()
        .quote_style(csv::QuoteStyle::Always)
        .terminator(csv::Terminator::CRLF)
        .from_writer(out);
    table.write_record(if japanese { JA } else { EN })?;
    let mut result = Ok(());
    rows(&mut |row| {
        if result.is_ok() {
            let cells = cells(&row, japanese);
            result = table.write_record(cells.iter().map(|cell| guard(cell).into_owned()));
        }
    })?;
    result?;
    table.flush()
}

fn cells(row: &Row, japanese: bool) -> [String; 13] {
    let came = match (row.came(), japanese) {
        (Came::Sanitised, true) => "無害化",
        (Came::Partly, true) => "一部除去",
        (Came::Withheld, true) => "除去",
        (Came::Sanitised, false) => "sanitised",
        (Came::Partly, false) => "parts withheld",
        (Came::Withheld, false) => "withheld",
    };
    let reason = row.reason();
    let findings = row.findings().into_iter();
    let word = |code: &str| {
        let found = words::called(code).filter(|_| japanese);
        found.map_or_else(|| code.to_owned(), str::to_owned)
    };
    let findings: Vec<String> = findings
        .map(|(code, n)| format!("{} {n}", word(code)))
        .collect();
    let lang = if japanese { Lang::Ja } else { Lang::En };
    let outputs: Vec<&str> = row.outputs.iter().map(|o| o.path.as_str()).collect();
    let withheld = row
        .parts
        .iter()
        .filter(|part| part.refusal.is_some())
        .count();
    let policy = &row.policy;
    [
        row.id.clone(),
        row.input.path.clone(),
        row.input.bytes.to_string(),
        row.input.sha256.clone().unwrap_or_default(),
        came.to_owned(),
        word(row.kind()),
        reason.map(|r| word(&r.code)).unwrap_or_default(),
        reason
            .map(|r| notice::detail(lang, &r.detail))
            .unwrap_or_default(),
        row.parts.len().to_string(),
        withheld.to_string(),
        findings.join(" / "),
        outputs.join(" / "),
        format!("{} ({} → {})", policy.name, policy.from, policy.to),
    ]
}

/// What makes a spreadsheet take a cell for a formula; full-width forms count in Japanese ones.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
/// Where a spreadsheet of another locale would begin a new cell.
const ENDS: [char; 7] = [',', ';', '\t', '|', '\r', '\n', '"'];

/// Puts an apostrophe before whatever could become a formula, at the beginning of a cell or of what
/// another locale takes for one (CWE-1236).
fn guard(cell: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut fresh = true;
    let mut changed = false;
    for c in cell.chars() {
        if fresh && FORMULA.contains(&c) {
            out.push('\'');
            changed = true;
        }
        fresh = ENDS.contains(&c) || (fresh && c.is_whitespace());
        out.push(c);
    }
    if changed {
        Cow::Owned(out)
    } else {
        Cow::Borrowed(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_becomes_a_formula() {
        for (cell, want) in [
            ("=1+1", "'=1+1"),
            ("a;=cmd|' /C calc'!A0", "a;'=cmd|' /C calc'!A0"),
            (" \t@SUM(1)", " \t'@SUM(1)"),
            ("＝1", "'＝1"),
            ("a\"\n-1", "a\"\n'-1"),
            ("a-b=c.eml", "a-b=c.eml"),
            ("in/a.eml", "in/a.eml"),
            ("", ""),
        ] {
            assert_eq!(guard(cell), want, "{cell:?}");
        }
    }
}

//! A report as one page that needs nothing but itself: no file beside it, no network, no server.
//!
//! Texts of inputs reach the page as JSON only, and the script puts them there as text, never as
//! markup. The policy of the page (Content-Security-Policy) allows its own script and style by their
//! digests, and nothing else.

use crate::report::japanese;
use crate::report::rows::{Came, Row};
use crate::report::tally::{Counts, Tally};
use data_encoding::BASE64;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io::{self, Write};

const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");
const PAGE: &str = include_str!("page/page.html");

/// The most rows of the table. With more inputs, those that came through whole are left out first.
const MOST_ROWS: usize = 50_000;
/// The most bars of a chart: more than there are codes. A report is a file, and others may have written into it.
const MOST_BARS: usize = 400;
/// The length of a whole bar, in units of the drawing.
const BAR: u64 = 400;

/// Writes the page of a report.
///
/// # Errors
/// What `out` says.
pub fn write(mut out: impl Write, japanese: bool, tally: &Tally, rows: &[Row]) -> io::Result<()> {
    let (listed, left) = listed(rows);
    let csp = format!(
        "default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'",
        source(SCRIPT),
        source(STYLE)
    );
    let mut page = PAGE;
    while let Some((before, rest)) = page.split_once("{{") {
        out.write_all(before.as_bytes())?;
        let (name, rest) = rest.split_once("}}").unwrap_or((rest, ""));
        match name {
            "lang" => out.write_all(if japanese { b"ja" } else { b"en" })?,
            "csp" => out.write_all(escape(&csp).as_bytes())?,
            "style" => out.write_all(STYLE.as_bytes())?,
            "script" => out.write_all(SCRIPT.as_bytes())?,
            "counts" => out.write_all(counts(tally).as_bytes())?,
            "kinds" => out.write_all(kinds(tally).as_bytes())?,
            "findings" => out.write_all(bars(&tally.findings, "finding").as_bytes())?,
            "refusals" => out.write_all(bars(&tally.refusals, "refusal").as_bytes())?,
            "left" => write!(out, "{left}")?,
            "names" => out.write_all(escape(&names(tally, &listed)).as_bytes())?,
            "rows" => table(&mut out, &listed)?,
            _ => return Err(io::Error::other("the page asks for something unknown")),
        }
        page = rest;
    }
    out.write_all(page.as_bytes())?;
    out.flush()
}

/// The rows of the table, and how many are left out.
fn listed(rows: &[Row]) -> (Vec<&Row>, usize) {
    let telling = rows.iter().filter(|row| row.came() != Came::Sanitised);
    let mut room = MOST_ROWS.saturating_sub(telling.count());
    let mut listed = Vec::new();
    for row in rows {
        if listed.len() == MOST_ROWS {
            break;
        }
        if row.came() != Came::Sanitised {
            listed.push(row);
        } else if room > 0 {
            room = room.saturating_sub(1);
            listed.push(row);
        }
    }
    let left = rows.len().saturating_sub(listed.len());
    (listed, left)
}

/// Names an inline script or style in a policy (CSP Level 3, section 2.3.1).
fn source(text: &str) -> String {
    format!(
        "'sha256-{}'",
        BASE64.encode(&Sha256::digest(text.as_bytes()))
    )
}

fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

/// The table as JSON in which no `<` is left, so that nothing in it ends the element.
fn table(out: &mut impl Write, rows: &[&Row]) -> io::Result<()> {
    out.write_all(b"[")?;
    for (number, row) in rows.iter().enumerate() {
        let came = match row.came() {
            Came::Sanitised => 0,
            Came::Partly => 1,
            Came::Withheld => 2,
        };
        let findings: Vec<_> = row.findings().into_iter().collect();
        let outputs: Vec<&str> = row
            .outputs
            .iter()
            .map(|output| output.path.as_str())
            .collect();
        let parts: Vec<_> = row
            .parts
            .iter()
            .filter_map(|part| {
                let refusal = part.refusal.as_ref()?;
                Some(json!([part.path, part.name, part.kind, refusal.detail]))
            })
            .collect();
        let reason = row.refusal.as_ref().map(|refusal| &refusal.detail);
        let row = json!([
            came,
            row.input.path,
            row.kind(),
            row.input.bytes,
            row.id,
            reason,
            findings,
            outputs,
            parts
        ]);
        let text = row.to_string().replace('<', "\\u003c");
        if number > 0 {
            out.write_all(b",\n")?;
        }
        out.write_all(text.as_bytes())?;
    }
    out.write_all(b"]")
}

/// What stands in a report in codes, and what refusals say of themselves, in Japanese, as JSON.
fn names(tally: &Tally, rows: &[&Row]) -> String {
    let codes = [&tally.findings, &tally.refusals]
        .into_iter()
        .flat_map(|map| map.keys());
    let parts = || rows.iter().flat_map(|row| &row.parts);
    let kinds = tally.kinds.keys().chain(parts().map(|part| &part.kind));
    let name = |code: &String| Some((code.clone(), japanese::called(code)?.into()));
    let mut names: serde_json::Map<_, _> = codes.chain(kinds).filter_map(name).collect();
    let refusals = rows.iter().filter_map(|row| row.refusal.as_ref());
    for refusal in refusals.chain(parts().filter_map(|part| part.refusal.as_ref())) {
        if !names.contains_key(&refusal.detail) {
            let reason = japanese::reason(&refusal.detail);
            names.insert(refusal.detail.clone(), reason.into());
        }
    }
    serde_json::Value::Object(names).to_string()
}

fn counts(tally: &Tally) -> String {
    let Counts {
        sanitised,
        partly,
        withheld,
    } = tally.inputs;
    let mut out = String::from("<div class=\"tiles\">");
    for (class, ja, en, count) in [
        ("all", "入力", "files", tally.inputs.all()),
        ("ok", "無害化", "sanitised", sanitised),
        ("some", "一部除去", "parts withheld", partly),
        ("no", "除去", "withheld", withheld),
    ] {
        let _ = write!(
            out,
            "<div class=\"tile {class}\"><b>{count}</b><span class=\"ja\">{ja}</span><span class=\"en\">{en}</span></div>"
        );
    }
    out.push_str("</div>");
    out.push_str(&bar(&tally.inputs, tally.inputs.all()));
    let policies: Vec<String> = tally.policies.keys().map(|name| escape(name)).collect();
    let _ = write!(
        out,
        "<p class=\"note\"><span class=\"ja\">ポリシー</span><span class=\"en\">Policy</span>: {}</p>",
        policies.join(", ")
    );
    out
}

/// One bar in up to three colours, of which `most` is the whole length.
fn bar(counts: &Counts, most: u64) -> String {
    let length = |count: u64| count.saturating_mul(BAR).checked_div(most).unwrap_or(0);
    let mut out = format!(
        "<svg viewBox=\"0 0 {BAR} 14\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{} / {} / {}\">",
        counts.sanitised, counts.partly, counts.withheld
    );
    let mut at = 0u64;
    for (class, count) in [
        ("ok", counts.sanitised),
        ("some", counts.partly),
        ("no", counts.withheld),
    ] {
        if count > 0 {
            // what is there is seen
            let width = length(count).max(2);
            let _ = write!(
                out,
                "<rect class=\"{class}\" x=\"{at}\" y=\"0\" width=\"{width}\" height=\"14\"/>"
            );
            at = at.saturating_add(width);
        }
    }
    out.push_str("</svg>");
    out
}

fn kinds(tally: &Tally) -> String {
    let mut kinds: Vec<(&String, &Counts)> = tally.kinds.iter().collect();
    kinds.sort_by_key(|(name, counts)| (std::cmp::Reverse(counts.all()), *name));
    let most = kinds.first().map_or(0, |(_, counts)| counts.all());
    let rows = kinds
        .iter()
        .take(MOST_BARS)
        .map(|(name, counts)| (name.as_str(), bar(counts, most), counts.all()));
    list(rows, "kind", kinds.len())
}

fn bars(map: &std::collections::BTreeMap<String, u64>, filter: &str) -> String {
    let mut codes: Vec<(&String, u64)> = map.iter().map(|(name, count)| (name, *count)).collect();
    codes.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
    let most = codes.first().map_or(0, |(_, count)| *count);
    let rows = codes.iter().take(MOST_BARS).map(|(name, count)| {
        let counts = Counts {
            partly: *count,
            ..Counts::default()
        };
        (name.as_str(), bar(&counts, most), *count)
    });
    list(rows, filter, codes.len())
}

/// Bars with their names, of `all` that there are; a click on a name looks for it in the table.
fn list<'a>(
    rows: impl Iterator<Item = (&'a str, String, u64)>,
    filter: &str,
    all: usize,
) -> String {
    let mut out = String::from("<ul class=\"bars\">");
    for (name, bar, count) in rows {
        let label = match japanese::called(name) {
            Some(ja) => {
                let (ja, en) = (escape(ja), escape(name));
                format!("<span class=\"ja\">{ja}</span><span class=\"en\">{en}</span>")
            }
            None => escape(name),
        };
        let name = escape(name);
        let _ = write!(
            out,
            "<li><button type=\"button\" title=\"{name}\" data-{filter}=\"{name}\">{label}</button>{bar}<b>{count}</b></li>"
        );
    }
    out.push_str("</ul>");
    let more = all.saturating_sub(MOST_BARS);
    if more > 0 {
        let _ = write!(
            out,
            "<p class=\"note\"><span class=\"ja\">ほか {more} 種類</span><span class=\"en\">and {more} more</span></p>"
        );
    }
    out
}

#[cfg(test)]
mod tests;

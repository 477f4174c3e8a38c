//! Documents that are written from the tables of the code.

use crate::Outcome;
use mugai_core::{FindingCode, Kind};
use std::fmt::Write as _;
use std::path::Path;

/// A document and how it is made.
type Document = (&'static str, fn() -> String);

/// All of them, below the root.
const ALL: [Document; 2] = [("docs/findings.md", findings), ("docs/kinds.md", kinds)];

/// Writes all documents.
pub(crate) fn write(root: &Path) -> Outcome {
    ALL.iter().try_for_each(|(path, make)| {
        let path = root.join(path);
        std::fs::write(&path, make()).map_err(|error| format!("{}: {error}", path.display()))
    })
}

/// The documents that say something else than the code does.
pub(crate) fn outdated(root: &Path) -> Vec<String> {
    ALL.iter()
        .filter(|(path, make)| std::fs::read_to_string(root.join(path)).ok() != Some(make()))
        .map(|(path, _)| format!("{path} is not current: run `cargo xtask docs`"))
        .collect()
}

fn findings() -> String {
    let mut out = String::from(
        "# Findings\n\n\
         What a reader or a writer sees and does, as it stands in reports. Codes are stable. This page is\n\
         written by `cargo xtask docs` from the table in `crates/core/src/finding.rs`.\n\n\
         * `noted`: seen and left as it is\n\
         * `rewritten`: told again in another form\n\
         * `removed`: left out of the output\n\
         * `withheld`: a reason to withhold the part\n",
    );
    let mut area = "";
    for code in FindingCode::ALL {
        let (of, _) = code.code().split_once('.').unwrap_or((code.code(), ""));
        if of != area {
            area = of;
            let _ = write!(
                out,
                "\n## {area}\n\n| code | action | about |\n|---|---|---|\n"
            );
        }
        let _ = writeln!(
            out,
            "| `{}` | {} | {} |",
            code.code(),
            code.action().code(),
            code.about()
        );
    }
    out
}

fn kinds() -> String {
    let readers = mugai_testkit::corpus::readers();
    let mut out = String::from(
        "# Kinds of files\n\n\
         What content is recognised as. Names and declared types do not count, except between kinds of\n\
         text. A kind without a reader is recognised only to be withheld by its name. This page is written\n\
         by `cargo xtask docs` from the table in `crates/core/src/kind.rs`.\n\n\
         | kind | family | reader | media type | extensions |\n|---|---|---|---|---|\n",
    );
    for kind in Kind::ALL {
        let reader = if readers.contains(&kind.code()) {
            format!("[yes](formats/{}.md)", kind.code())
        } else {
            "no".to_owned()
        };
        let _ = writeln!(
            out,
            "| `{}` | {} | {reader} | `{}` | {} |",
            kind.code(),
            kind.family().code(),
            kind.media_type(),
            kind.extensions().join(" ")
        );
    }
    out
}

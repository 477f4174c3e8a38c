//! Files: how long they are, what they are called, and where unsafe code may be.

use std::path::{Path, PathBuf};

/// The longest source file, in lines.
const MOST_LINES: usize = 600;

/// Tables and generated code, which may be longer.
const TABLES: [&str; 1] = ["crates/proto/src/generated/mugai.v1.rs"];

/// Names under which anything at all collects.
const VAGUE: [&str; 6] = ["utils", "util", "common", "helpers", "types", "misc"];

/// The only places where unsafe code may be: the sandbox, and the hostile worker that tests send
/// against it.
const SANDBOX: [&str; 2] = ["crates/isolate/src/sandbox", "crates/isolate/tests/support"];

/// What follows the keyword where it is one: in texts and in names other things do.
const UNSAFE: [&str; 6] = ["{", "fn ", "impl ", "trait ", "extern ", "("];

pub(super) fn check(root: &Path, tracked: &[PathBuf]) -> Vec<String> {
    let mut problems = Vec::new();
    for path in tracked {
        let shown = path.display();
        let vague = path.components().any(|part| {
            let part = part.as_os_str().to_string_lossy();
            VAGUE.contains(&part.trim_end_matches(".rs"))
        });
        if vague {
            problems.push(format!("{shown}: a name that says nothing"));
        }
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = std::fs::read_to_string(root.join(path)).unwrap_or_default();
        let lines = text.lines().count();
        let table = TABLES.iter().any(|table| path.ends_with(table));
        if lines > MOST_LINES && !table {
            problems.push(format!("{shown}: {lines} lines, at most {MOST_LINES}"));
        }
        if !SANDBOX.iter().any(|place| path.starts_with(place)) && text.lines().any(is_unsafe) {
            problems.push(format!("{shown}: unsafe code outside of the sandbox"));
        }
    }
    problems
}

/// Whether the keyword stands on a line of code.
fn is_unsafe(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    let mut rest = code;
    while let Some((before, after)) = rest.split_once("unsafe") {
        let starts = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let follows = after.trim_start();
        let apart = after.starts_with([' ', '{', '(']);
        if starts && apart && UNSAFE.iter().any(|next| follows.starts_with(next)) {
            return true;
        }
        rest = after;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keyword_is_told_from_the_word() {
        // put together here, so that this file is not its own finding
        let keyword = ["un", "safe"].concat();
        for (line, want) in [
            ("KEY { x() }", true),
            ("pub KEY fn x() {}", true),
            ("#[KEY(no_mangle)]", true),
            ("#![forbid(KEY_code)]", false),
            ("// KEY { }", false),
            ("let name = \"name.KEY\";", false),
            ("\"wire: KEY file name\"", false),
        ] {
            assert_eq!(is_unsafe(&line.replace("KEY", &keyword)), want, "{line}");
        }
    }
}

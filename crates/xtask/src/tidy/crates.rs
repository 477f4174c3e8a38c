//! What every crate says at its beginning.

use crate::tidy::Package;
use std::path::Path;

/// The line that forbids unsafe code in the whole crate. Without the `!` it would bind the next
/// item only.
const FORBID: &str = "#![forbid(unsafe_code)]";

pub(super) fn check(root: &Path, packages: &[Package]) -> Vec<String> {
    let mut problems = Vec::new();
    for package in packages {
        let name = &package.name;
        if package.publish {
            problems.push(format!("{name}: publish.workspace = true is missing"));
        }
        if !inherits_lints(&package.folder) {
            problems.push(format!("{name}: lints.workspace = true is missing"));
        }
        // the hostile worker of the isolation tests does what no other program may
        let roots = package
            .roots
            .iter()
            .filter(|path| path.starts_with(package.folder.join("src")));
        for path in roots {
            let text = std::fs::read_to_string(path).unwrap_or_default();
            if !text.lines().any(|line| line == FORBID) {
                let shown = path.strip_prefix(root).unwrap_or(path);
                problems.push(format!("{}: no {FORBID}", shown.display()));
            }
        }
    }
    problems
}

fn inherits_lints(folder: &Path) -> bool {
    let text = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    let manifest: toml::Table = toml::from_str(&text).unwrap_or_default();
    let inherited = manifest
        .get("lints")
        .and_then(|lints| lints.get("workspace"))
        .and_then(toml::Value::as_bool);
    inherited == Some(true)
}

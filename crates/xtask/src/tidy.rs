//! The rules of the house that no compiler checks.

mod arrows;
mod crates;
mod files;
mod registry;
mod words;

use crate::{Outcome, codegen, docs};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Checks all rules and tells everything that breaks one.
pub(crate) fn all(root: &Path) -> Outcome {
    let packages = packages(root)?;
    let tracked = tracked(root)?;
    let mut problems = arrows::check(&packages);
    problems.extend(crates::check(root, &packages));
    problems.extend(registry::check(root));
    problems.extend(files::check(root, &tracked));
    problems.extend(words::check(root, &tracked));
    problems.extend(docs::outdated(root));
    problems.extend(codegen::outdated(root));
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems.join("\n"))
    }
}

/// A crate of ours, as `cargo metadata` tells it.
pub(crate) struct Package {
    /// Its name.
    pub(crate) name: String,
    /// The folder of its manifest.
    pub(crate) folder: PathBuf,
    /// Whether it may be published.
    pub(crate) publish: bool,
    /// The names of what it depends on when it is built for use: not for tests, not for its build.
    pub(crate) dependencies: Vec<String>,
    /// The roots of its library and its executables.
    pub(crate) roots: Vec<PathBuf>,
}

fn packages(root: &Path) -> Result<Vec<Package>, String> {
    let arguments = [
        "metadata",
        "--format-version",
        "1",
        "--no-deps",
        "--offline",
    ];
    let output = run(root, "cargo", &arguments)?;
    let data: Value = serde_json::from_str(&output).map_err(|error| error.to_string())?;
    let list = data.get("packages").and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .map(|package| read(package).ok_or_else(|| "cargo metadata: a package".to_owned()))
        .collect()
}

fn read(package: &Value) -> Option<Package> {
    let text = |value: &Value, key: &str| Some(value.get(key)?.as_str()?.to_owned());
    let normal = package
        .get("dependencies")?
        .as_array()?
        .iter()
        .filter(|dependency| dependency.get("kind").is_none_or(Value::is_null));
    let is_root = |target: &&Value| {
        let kinds = target.get("kind").and_then(Value::as_array);
        kinds
            .into_iter()
            .flatten()
            .any(|kind| matches!(kind.as_str(), Some("lib" | "bin")))
    };
    Some(Package {
        name: text(package, "name")?,
        folder: PathBuf::from(text(package, "manifest_path")?)
            .parent()?
            .to_owned(),
        publish: package.get("publish").is_none_or(Value::is_null),
        dependencies: normal
            .filter_map(|dependency| text(dependency, "name"))
            .collect(),
        roots: package
            .get("targets")?
            .as_array()?
            .iter()
            .filter(is_root)
            .filter_map(|target| text(target, "src_path").map(PathBuf::from))
            .collect(),
    })
}

/// The files under version control, from the root.
fn tracked(root: &Path) -> Result<Vec<PathBuf>, String> {
    // without -z, names beyond ASCII would be quoted
    let list = run(root, "git", &["ls-files", "-z"])?;
    Ok(list
        .split('\0')
        .filter(|name| !name.is_empty())
        .map(PathBuf::from)
        .filter(|path| root.join(path).is_file())
        .collect())
}

/// What a program prints that ends well.
pub(crate) fn run(root: &Path, program: &str, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{program} {}: {told}", arguments.join(" ")));
    }
    String::from_utf8(output.stdout).map_err(|error| error.to_string())
}

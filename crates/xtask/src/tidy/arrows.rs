//! Who may depend on whom (ARCHITECTURE.md, "Crates").

use crate::tidy::Package;

/// The crates of ours that each crate may use.
const MAY_USE: [(&str, &[&str]); 17] = [
    ("mugai-core", &[]),
    ("mugai-open", &["core"]),
    ("mugai-emit", &["core"]),
    ("mugai-verify", &["core"]),
    ("mugai-isolate", &["core"]),
    ("mugai-engine", &["core", "emit", "verify", "isolate"]),
    (
        "mugai-batch",
        &["core", "emit", "verify", "isolate", "engine"],
    ),
    ("mugai-cluster", &["core", "verify", "engine", "batch"]),
    ("mugai-proto", &[]),
    ("mugai-observe", &["core", "engine"]),
    (
        "mugai-server",
        &["core", "verify", "engine", "proto", "observe"],
    ),
    ("mugai-client", &["core", "proto"]),
    ("mugai-gate", &["core", "verify", "isolate"]),
    ("mugai-relay", &["core", "engine", "client", "observe"]),
    (
        "mugai",
        &[
            "core", "open", "verify", "isolate", "engine", "batch", "cluster", "server", "client",
            "relay",
        ],
    ),
    (
        "mugai-testkit",
        &[
            "core", "open", "emit", "verify", "isolate", "engine", "relay",
        ],
    ),
    ("mugai-xtask", &["core", "engine", "testkit"]),
];

/// What the trusted side reads its own output with must not be what it was read or written with.
const CHECKER: &str = "mugai-verify";
const OTHERS: [&str; 2] = ["mugai-open", "mugai-emit"];

pub(super) fn check(packages: &[Package]) -> Vec<String> {
    let mut problems = Vec::new();
    for package in packages {
        match MAY_USE.iter().find(|(name, _)| *name == package.name) {
            Some((_, may)) => problems.extend(forbidden(package, may)),
            None => problems.push(format!(
                "{}: a crate that xtask/src/tidy/arrows.rs does not know",
                package.name
            )),
        }
    }
    problems.extend(shared(packages));
    problems
}

fn forbidden(package: &Package, may: &[&str]) -> Vec<String> {
    package
        .dependencies
        .iter()
        .filter_map(|name| name.strip_prefix("mugai-"))
        .filter(|name| !may.contains(name))
        .map(|name| format!("{} must not depend on mugai-{name}", package.name))
        .collect()
}

/// Libraries that the checkers share with readers or writers.
fn shared(packages: &[Package]) -> Vec<String> {
    let of = |name: &str| {
        let package = packages.iter().find(|package| package.name == name);
        package.map_or(&[][..], |package| &package.dependencies)
    };
    let mut problems = Vec::new();
    for library in of(CHECKER).iter().filter(|name| !name.starts_with("mugai")) {
        for other in OTHERS {
            if of(other).contains(library) {
                problems.push(format!("{CHECKER} and {other} both use {library}"));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn package(name: &str, dependencies: &[&str]) -> Package {
        Package {
            name: name.to_owned(),
            folder: PathBuf::new(),
            publish: false,
            dependencies: dependencies.iter().map(|d| (*d).to_owned()).collect(),
            roots: Vec::new(),
        }
    }

    #[test]
    fn arrows_point_down_only() {
        for (name, uses, good) in [
            ("mugai-engine", &["mugai-core", "serde"][..], true),
            ("mugai-engine", &["mugai-open"], false),
            ("mugai-core", &["mugai-emit"], false),
            ("mugai-batch", &["mugai-open"], false),
            ("mugai-server", &["mugai-isolate"], false),
            ("mugai-client", &["mugai-engine"], false),
            ("mugai-new", &[], false),
        ] {
            let problems = check(&[package(name, uses)]);
            assert_eq!(problems.is_empty(), good, "{name} {uses:?}");
        }
    }

    #[test]
    fn checkers_have_libraries_of_their_own() {
        let packages = [
            package("mugai-open", &["zip"]),
            package("mugai-emit", &["flate2"]),
            package("mugai-verify", &["mugai-core", "flate2"]),
        ];
        assert_eq!(check(&packages).len(), 1);
    }
}

//! Bills of materials: what each program that is shipped is made of (`CycloneDX` 1.5, JSON).

use crate::Outcome;
use crate::tidy::run;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// What is shipped: the package, and the program that it makes.
pub(crate) const SHIPPED: [(&str, &str); 2] = [("mugai", "mugai"), ("mugai-gate", "mugai-verify")];

/// For which machine; features differ between some.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// A crate that is linked in.
#[derive(Debug, PartialEq, Eq)]
struct Crate {
    name: String,
    version: String,
    /// An expression of SPDX.
    licence: String,
    /// Where it runs in the compiler only.
    is_macro: bool,
}

/// Writes `<target>/sbom/<program>.cdx.json` for each program.
pub(crate) fn write(root: &Path) -> Outcome {
    let sums = checksums(root)?;
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into);
    let folder = target.join("sbom");
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    for (package, program) in SHIPPED {
        let crates = linked(root, package)?;
        let bill = bill(program, &crates, &sums)?;
        let mut text = serde_json::to_string_pretty(&bill).map_err(|error| error.to_string())?;
        text.push('\n');
        let path = folder.join(format!("{program}.cdx.json"));
        std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        println!("{}: {} crates", path.display(), crates.len());
    }
    Ok(())
}

/// The crates of a package, by name and version; itself is not among them.
fn linked(root: &Path, package: &str) -> Result<Vec<Crate>, String> {
    let arguments = [
        "tree",
        "--offline",
        "--locked",
        "--package",
        package,
        "--edges",
        "normal",
        "--target",
        TARGET,
        "--prefix",
        "none",
        "--format",
        "{p}|{l}",
    ];
    let text = run(root, "cargo", &arguments)?;
    let mut all = BTreeMap::new();
    for line in text.lines() {
        let one = read(line).ok_or_else(|| format!("cargo tree: {line:?}"))?;
        if one.name != package {
            all.insert((one.name.clone(), one.version.clone()), one);
        }
    }
    Ok(all.into_values().collect())
}

/// Reads `name v1.2.3 (proc-macro) (/where/it/is)|MIT OR Apache-2.0 (*)`.
fn read(line: &str) -> Option<Crate> {
    let (about, licence) = line.split_once('|')?;
    let mut words = about.split(' ');
    let name = words.next()?.to_owned();
    let version = words.next()?.strip_prefix('v')?.to_owned();
    let licence = licence.strip_suffix(" (*)").unwrap_or(licence);
    Some(Crate {
        name,
        version,
        // the older way to say OR
        licence: licence.replace('/', " OR "),
        is_macro: about.contains("(proc-macro)"),
    })
}

/// The SHA-256 of each crate that comes from the registry, by name and version.
fn checksums(root: &Path) -> Result<BTreeMap<(String, String), String>, String> {
    let text = std::fs::read_to_string(root.join("Cargo.lock")).map_err(|e| e.to_string())?;
    let lock: toml::Table = toml::from_str(&text).map_err(|error| error.to_string())?;
    let packages = lock.get("package").and_then(toml::Value::as_array);
    let packages = packages.ok_or("Cargo.lock: no packages")?;
    let text = |package: &toml::Value, key: &str| Some(package.get(key)?.as_str()?.to_owned());
    let with_sum = packages.iter().filter_map(|package| {
        let key = (text(package, "name")?, text(package, "version")?);
        Some((key, text(package, "checksum")?))
    });
    Ok(with_sum.collect())
}

/// The bill of one program. It has neither a time nor a number: the same tree gives the same bytes.
fn bill(
    program: &str,
    crates: &[Crate],
    sums: &BTreeMap<(String, String), String>,
) -> Result<Value, String> {
    let mut components = Vec::with_capacity(crates.len());
    for one in crates {
        let Crate { name, version, .. } = one;
        if one.licence.is_empty() {
            return Err(format!("{name} {version} says no licence"));
        }
        let mut component = json!({
            "type": "library",
            "bom-ref": format!("{name}@{version}"),
            "name": name,
            "version": version,
            "scope": if one.is_macro { "excluded" } else { "required" },
            "licenses": [{ "expression": one.licence }],
        });
        let sum = sums.get(&(name.clone(), version.clone()));
        match (sum, name.starts_with("mugai-")) {
            (Some(sum), _) => {
                let object = component.as_object_mut().ok_or("no object")?;
                let hashes = json!([{ "alg": "SHA-256", "content": sum }]);
                object.insert("hashes".to_owned(), hashes);
                let purl = format!("pkg:cargo/{name}@{version}");
                object.insert("purl".to_owned(), json!(purl));
            }
            (None, true) => {}
            (None, false) => return Err(format!("{name} {version} has no checksum")),
        }
        components.push(component);
    }
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": {
            "type": "application",
            "bom-ref": program,
            "name": program,
            "version": env!("CARGO_PKG_VERSION"),
            "licenses": [{ "expression": "MIT OR Apache-2.0" }],
        } },
        "components": components,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_tree_are_read() {
        let one = read("serde_derive v1.0.2 (proc-macro)|MIT/Apache-2.0 (*)").unwrap();
        assert_eq!(
            (one.name.as_str(), one.version.as_str()),
            ("serde_derive", "1.0.2")
        );
        assert_eq!(
            (one.licence.as_str(), one.is_macro),
            ("MIT OR Apache-2.0", true)
        );
        assert!(read("no line").is_none());
    }

    #[test]
    fn every_crate_has_a_licence_and_a_checksum() {
        let root = crate::root();
        let sums = checksums(&root).unwrap();
        for (package, program) in SHIPPED {
            let crates = linked(&root, package).unwrap();
            assert!(crates.len() > 20, "{program}");
            let bill = bill(program, &crates, &sums).unwrap();
            let components = bill["components"].as_array().unwrap();
            assert_eq!(components.len(), crates.len());
        }
        let strange = Crate {
            name: "strange".to_owned(),
            version: "1.0.0".to_owned(),
            licence: "MIT".to_owned(),
            is_macro: false,
        };
        assert!(bill("mugai", &[strange], &sums).is_err());
    }
}

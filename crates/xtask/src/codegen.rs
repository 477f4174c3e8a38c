//! The Rust of the `.proto` files, made without protoc and committed: a build needs no generator.

use crate::Outcome;
use prost::Message as _;
use std::path::{Path, PathBuf};

/// The sources, below `proto/`.
const SOURCES: [&str; 2] = ["mugai/v1/policy.proto", "mugai/v1/sanitise.proto"];

/// Where the results lie, below the root.
const GENERATED: &str = "crates/proto/src/generated";

/// What is made: the code, and the description of it that reflection hands out.
const CODE: &str = "mugai.v1.rs";
const DESCRIPTOR: &str = "mugai.v1.bin";

/// The description of the messages that callers rely on.
const BASE: &str = "proto/base.binpb";

/// Writes the generated files anew.
pub(crate) fn write(root: &Path) -> Outcome {
    let folder = root.join(GENERATED);
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    for (name, bytes) in make(root)? {
        std::fs::write(folder.join(name), bytes).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}

/// Writes the base that `buf breaking` holds the messages against: what callers may rely on from
/// now on.
pub(crate) fn write_base(root: &Path) -> Outcome {
    for (name, bytes) in make(root)? {
        if name == DESCRIPTOR {
            std::fs::write(root.join(BASE), bytes).map_err(|error| format!("{BASE}: {error}"))?;
        }
    }
    Ok(())
}

/// The generated files that say something else than the `.proto` files do.
pub(crate) fn outdated(root: &Path) -> Vec<String> {
    let made = match make(root) {
        Ok(made) => made,
        Err(error) => return vec![error],
    };
    made.into_iter()
        .filter(|(name, bytes)| {
            std::fs::read(root.join(GENERATED).join(name)).ok().as_ref() != Some(bytes)
        })
        .map(|(name, _)| format!("{GENERATED}/{name} is not current: run `cargo xtask codegen`"))
        .collect()
}

fn make(root: &Path) -> Result<Vec<(&'static str, Vec<u8>)>, String> {
    let proto = root.join("proto");
    let sources: Vec<PathBuf> = SOURCES.iter().map(|source| proto.join(source)).collect();
    let described = protox::compile(sources, [proto]).map_err(|error| error.to_string())?;
    // comments and places are for the generator; callers that reflect need the shapes alone
    let mut shapes = described.clone();
    for file in &mut shapes.file {
        file.source_code_info = None;
    }
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    tonic_prost_build::configure()
        .bytes(".")
        // it has passwords in it, and shows itself without them
        .skip_debug(["mugai.v1.Header"])
        .out_dir(folder.path())
        .compile_fds(described)
        .map_err(|error| error.to_string())?;
    let code = std::fs::read(folder.path().join(CODE)).map_err(|error| error.to_string())?;
    Ok(vec![(CODE, code), (DESCRIPTOR, shapes.encode_to_vec())])
}

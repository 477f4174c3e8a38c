//! Whether the same source gives the same program, wherever it lies.

use crate::Outcome;
use crate::tidy::run;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Folders whose names differ, in length too.
const PLACES: [&str; 2] = ["a", "quite/another-place"];

/// Builds the commit that is checked out in two folders and compares what comes of it, bit by bit. `program` is
/// one of those that are shipped, `mugai-verify` without it.
pub(crate) fn check(root: &Path, program: Option<&str>) -> Outcome {
    let program = program.unwrap_or("mugai-verify");
    let shipped = crate::sbom::SHIPPED;
    let Some((package, _)) = shipped.iter().find(|(_, name)| *name == program) else {
        return Err(format!("{program} is not shipped"));
    };
    let base = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut made: Vec<Vec<u8>> = Vec::new();
    for place in PLACES {
        let folder = base.path().join(place);
        source(root, &folder)?;
        println!("{}: building {program}", folder.display());
        let path = build(&folder, package, program)?;
        let bytes = std::fs::read(&path).map_err(|error| error.to_string())?;
        println!("{} bytes", bytes.len());
        made.push(bytes);
        // a build takes much room, and only its program is compared
        std::fs::remove_dir_all(&folder).map_err(|error| error.to_string())?;
    }
    match made.as_slice() {
        [one, other] if one == other => Ok(()),
        [one, other] => {
            let at = one.iter().zip(other).position(|(a, b)| a != b);
            Err(format!("{program} differs, first at byte {at:?}"))
        }
        _ => Err("nothing was built".to_owned()),
    }
}

/// The commit, without what lies beside it.
fn source(root: &Path, folder: &Path) -> Outcome {
    std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let archive = folder.with_extension("tar");
    let archive = archive.display().to_string();
    run(root, "git", &["archive", "--output", &archive, "HEAD"])?;
    run(folder, "tar", &["-xf", &archive])?;
    std::fs::remove_file(&archive).map_err(|error| error.to_string())
}

/// The documented way to build for others (docs/supply-chain.md): places are written as if they were always
/// the same.
fn build(folder: &Path, package: &str, program: &str) -> Result<PathBuf, String> {
    let home = |variable: &str, below: &str| {
        let given = std::env::var_os(variable).map(PathBuf::from);
        given.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(below)))
    };
    let mut flags = format!("--remap-path-prefix={}=/mugai", folder.display());
    for (variable, below, name) in [
        ("CARGO_HOME", ".cargo", "/cargo"),
        ("RUSTUP_HOME", ".rustup", "/rustup"),
    ] {
        if let Some(path) = home(variable, below) {
            // writing to a text never fails
            let _ = write!(flags, " --remap-path-prefix={}={name}", path.display());
        }
    }
    let target = folder.join("target");
    let built = Command::new("cargo")
        .args([
            "build",
            "--release",
            "--locked",
            "--quiet",
            "--package",
            package,
        ])
        .args(["--bin", program])
        .env("RUSTFLAGS", flags)
        .env("CARGO_TARGET_DIR", &target)
        .env("SOURCE_DATE_EPOCH", "0")
        .current_dir(folder)
        .stdin(Stdio::null())
        .status()
        .map_err(|error| format!("cargo: {error}"))?;
    if built.success() {
        Ok(target.join("release").join(program))
    } else {
        Err(format!("{program} could not be built"))
    }
}

//! Puts outputs into the output folder: whole or not at all.

use crate::plan::Input;
use mugai_core::{SafeName, Target};
use mugai_engine::{Outcome, Output, Verdict};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Writes what an outcome delivers, or its notice, and puts the paths into its report.
///
/// # Errors
/// What the file system says. Files that were written before stay: each is whole.
pub(crate) fn deliver(out: &Path, input: &Input, outcome: &mut Outcome) -> std::io::Result<()> {
    let empty = Vec::new();
    let outputs: Vec<&Output> = match &outcome.verdict {
        Verdict::Sanitised(outputs) => outputs.iter().collect(),
        Verdict::Withheld(_) => outcome.notice.iter().chain(&empty).collect(),
    };
    let folder = out.join(&input.folder);
    std::fs::create_dir_all(&folder)?;
    for (number, output) in outputs.into_iter().enumerate() {
        let name = name(input, output, number);
        write(&folder, &name, output.file.bytes())?;
        let path: PathBuf = input.folder.join(name.as_str());
        if let Some(report) = outcome.report.outputs.get_mut(number) {
            report.path = path.to_string_lossy().into_owned();
        }
    }
    Ok(())
}

/// The first output has the name of the input; what was found in it stands beside it.
fn name(input: &Input, output: &Output, number: usize) -> SafeName {
    let clean = |raw: String| {
        SafeName::clean(&raw)
            .0
            .unwrap_or_else(|| output.name.clone())
    };
    if number > 0 {
        return clean(format!("{}.{}", input.name, output.name));
    }
    if input.shares_stem && output.name != input.name && output.file.target() != Target::Eml {
        let extension = output.name.split_extension().1.unwrap_or("txt").to_owned();
        return clean(format!("{}.{extension}", input.name));
    }
    output.name.clone()
}

/// Writes beside the place, then renames: readers of the folder never see half a file.
fn write(folder: &Path, name: &SafeName, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = temporary(folder)?;
    file.write_all(bytes)?;
    file.persist(folder.join(name.as_str()))?;
    Ok(())
}

/// A temporary file that the umask of the user decides about once it is renamed.
pub(crate) fn temporary(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    tempfile::Builder::new()
        .prefix(".mugai-")
        .suffix(".part")
        .permissions(std::fs::Permissions::from_mode(0o666))
        .tempfile_in(folder)
}

//! The cases of `testdata/`: one folder each, `testdata/<format>/<case>/`.

use crate::make::{self, MakeError};
use std::path::{Path, PathBuf};

/// What stored samples are masked with, so that they set off no anti-virus scanner.
const MASK: u8 = 0xa5;

/// The extension of masked samples, behind their own.
const MASKED: &str = "masked";

/// One case: where it lies and what it is called.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// `<format>/<case>`.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
}

impl Place {
    /// The bytes of its input and the extension that belongs to them.
    ///
    /// # Errors
    /// What is wrong with the recipe, or why the stored input cannot be read.
    pub fn input(&self) -> Result<(Vec<u8>, String), MakeError> {
        let recipe = self.folder.join("make.toml");
        if recipe.is_file() {
            make::file(&recipe, &root())
        } else {
            stored(&self.folder)
        }
    }

    /// The format that the case belongs to.
    #[must_use]
    pub fn format(&self) -> &str {
        self.name.split('/').next().unwrap_or(&self.name)
    }
}

/// The folder of all cases.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata")
}

/// The folder of the small, hand-named regressions of the fuzz targets.
#[must_use]
pub fn regressions() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus")
}

/// All cases by name. A folder is a case when it has a `case.toml`.
///
/// # Errors
/// What the file system says.
pub fn cases() -> std::io::Result<Vec<Place>> {
    let root = root();
    let mut found = Vec::new();
    for format in folders(&root)? {
        for folder in folders(&format)? {
            let (Some(case), Some(format)) = (folder.file_name(), format.file_name()) else {
                continue;
            };
            if folder.join("case.toml").is_file() {
                let name = format!("{}/{}", format.to_string_lossy(), case.to_string_lossy());
                found.push(Place { name, folder });
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The folders right below `path`, sorted; none where `path` is missing.
fn folders(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> = files(path)?;
    found.retain(|path| path.is_dir());
    Ok(found)
}

/// Everything right below `path`, sorted; nothing where `path` is missing.
///
/// # Errors
/// What the file system says.
pub fn files(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(Vec::new());
    }
    let mut found = std::fs::read_dir(path)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<Vec<_>>>()?;
    found.sort();
    Ok(found)
}

/// An input that is stored as it is (`input.<ext>`) or masked (`input.<ext>.masked`).
pub(crate) fn stored(folder: &Path) -> Result<(Vec<u8>, String), MakeError> {
    let files = files(folder).map_err(MakeError::new)?;
    let named = |path: &&PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("input.")
    };
    let path = files
        .iter()
        .find(named)
        .ok_or_else(|| MakeError::new("neither make.toml nor input.*"))?;
    let bytes = std::fs::read(path).map_err(MakeError::new)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let extension = name.strip_prefix("input.").unwrap_or_default();
    Ok(match extension.strip_suffix(MASKED) {
        Some(own) => (masked(&bytes), own.trim_end_matches('.').to_owned()),
        None => (bytes, extension.to_owned()),
    })
}

/// Masks bytes, or takes the mask off again.
#[must_use]
pub fn masked(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| byte ^ MASK).collect()
}

/// The codes of the kinds that there is a reader for, in the order of their registry.
#[must_use]
pub fn readers() -> Vec<&'static str> {
    mugai_open::formats::ALL
        .iter()
        .map(|format| format.spec().kind.code())
        .collect()
}

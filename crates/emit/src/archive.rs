//! Archives: one form of ZIP file, its files those of other writers. The profile is in
//! `docs/profiles/zip.md`.

mod seal;

pub use seal::sealed;

use crate::ooxml::zip::Zip;
use mugai_core::{Draft, Refusal, Target};

/// A file of an archive.
#[derive(Clone, Debug)]
pub struct Member<'a> {
    /// Its path: safe names, parted by `/`; no two may differ by case only.
    pub path: String,
    /// What it is.
    pub target: Target,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// Writes an archive, in the order of `members`.
///
/// # Errors
/// [`Refusal::Malformed`] for more than 65,535 files or 4 GiB.
pub fn zip(members: &[Member<'_>]) -> Result<Draft, Refusal> {
    let mut zip = Zip::archive();
    for member in members {
        if is_loose(member.target) {
            zip.deflated(&member.path, member.bytes)?;
        } else {
            zip.stored(&member.path, member.bytes)?;
        }
    }
    Ok(Draft::new(Target::Zip, zip.finish()?))
}

/// Whether files of a target are not compressed already.
const fn is_loose(target: Target) -> bool {
    match target {
        Target::Txt | Target::Csv | Target::Eml | Target::Mbox => true,
        Target::Png
        | Target::Jpeg
        | Target::Pdf
        | Target::Docx
        | Target::Xlsx
        | Target::Pptx
        | Target::Odt
        | Target::Ods
        | Target::Odp
        | Target::Zip => false,
    }
}

//! Archives: one form of ZIP file, its files those of other writers. The profile is in
//! `docs/profiles/zip.md`.

mod seal;

pub use seal::sealed;

use crate::ooxml::zip::{Entry, FAST, Zip};
use mugai_core::{Draft, Refusal, Spool, Target};
use std::borrow::Cow;

/// A file of an archive.
#[derive(Clone, Debug)]
pub struct Member<'a> {
    /// Its path: safe names, parted by `/`; no two may differ by case only.
    pub path: String,
    /// What it is.
    pub target: Target,
    /// Its bytes.
    pub bytes: Cow<'a, [u8]>,
}

/// Writes an archive, in the order of `members`, in memory.
///
/// # Errors
/// [`Refusal::Malformed`] for more than 65,535 files or 4 GiB.
pub fn zip(members: &[Member<'_>]) -> Result<Draft, Refusal> {
    let mut packer = Packer::new(Spool::memory());
    for member in members {
        packer.put(
            &member.path,
            &Ready::of(member.target, Cow::Borrowed(&*member.bytes))?,
        )?;
    }
    packer.finish()
}

/// A file that is ready to be put into an archive: packing takes time, and may be done elsewhere.
pub struct Ready<'a>(Entry<'a>);

impl<'a> Ready<'a> {
    /// Packs a file, unless its target is packed already.
    ///
    /// # Errors
    /// [`Refusal::Internal`] where the compressor fails.
    pub fn of(target: Target, bytes: Cow<'a, [u8]>) -> Result<Self, Refusal> {
        Ok(Self(if is_loose(target) {
            Entry::deflated(&bytes, FAST)?
        } else {
            Entry::stored(bytes)
        }))
    }
}

impl std::fmt::Debug for Ready<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ready")
    }
}

/// Writes an archive file by file: none is needed any more once it is put.
pub struct Packer(Zip);

impl Packer {
    /// One whose archive is put into `spool` as it grows.
    #[must_use]
    pub const fn new(spool: Spool) -> Self {
        Self(Zip::archive(spool))
    }

    /// Puts the next file; `path` as of a [`Member`].
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for more than 65,535 files or 4 GiB.
    pub fn put(&mut self, path: &str, file: &Ready<'_>) -> Result<(), Refusal> {
        self.0.put(path, &file.0)
    }

    /// The whole archive.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for more than 4 GiB.
    pub fn finish(self) -> Result<Draft, Refusal> {
        Ok(Draft::new(Target::Zip, self.0.finish()?))
    }
}

impl std::fmt::Debug for Packer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Packer")
    }
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

//! Archives: one form of ZIP file, its files those of other writers. The profile is in
//! `docs/profiles/zip.md`.

mod seal;

pub use seal::sealed;

use crate::ooxml::zip::{Entry, FAST, Zip};
use mugai_core::{Draft, Refusal, Spool, Spooled, Target};
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
            &Ready::of(member.target, &Spooled::new(member.bytes.to_vec()))?,
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
    pub fn of(target: Target, content: &'a Spooled) -> Result<Self, Refusal> {
        Ok(Self(if is_loose(target) {
            Entry::deflated(content, FAST)?
        } else {
            Entry::stored(content.load()?)
        }))
    }
}

/// A file that was packed some time before it is put into an archive.
pub struct Packed(Entry<'static>, Spooled);

impl Packed {
    /// Packs a file, which then waits in `spool`.
    ///
    /// # Errors
    /// [`Refusal::Internal`] where the compressor fails, or what is kept cannot be kept.
    pub fn of(content: &Spooled, spool: &Spool) -> Result<Self, Refusal> {
        let mut entry = Entry::deflated(content, FAST)?;
        let packed = entry.take();
        Ok(Self(entry, spool.keep(Spooled::new(packed))?))
    }

    /// The file, ready to be put.
    ///
    /// # Errors
    /// As of [`Spooled::load`].
    pub fn ready(&self) -> Result<Ready<'_>, Refusal> {
        Ok(Ready(self.0.with(self.1.load()?)))
    }
}

impl std::fmt::Debug for Packed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Packed")
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

/// Whether files of a target are packed in an archive: the others are packed already.
#[must_use]
pub const fn is_loose(target: Target) -> bool {
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

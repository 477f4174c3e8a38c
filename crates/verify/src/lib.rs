//! The checkers: each accepts only the narrow profile that we promise to write.
//!
//! They share no code and no parsing library with the readers and writers, and recognise our
//! profile, not the format: whatever else a file may be allowed to be by its standard is refused.
#![forbid(unsafe_code)]

mod archive;
mod csv;
mod eml;
mod inflate;
mod jpeg;
mod mbox;
mod odf;
mod ooxml;
mod pdf;
mod png;
mod recognise;
mod text;

pub use recognise::recognise;

use mugai_core::{Draft, Target, Violation};
use std::sync::Arc;

/// A file that passed its checker: the only thing that is delivered or stored as clean.
///
/// A clone shares its bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Verified {
    target: Target,
    bytes: Arc<Vec<u8>>,
}

impl Verified {
    /// What it is.
    #[must_use]
    pub const fn target(&self) -> Target {
        self.target
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// What is remembered of a file that passed its checker, once it is not there any more: what it is, its length,
/// and the BLAKE3 of its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    target: Target,
    length: usize,
    hash: blake3::Hash,
}

impl Mark {
    fn of(target: Target, bytes: &[u8]) -> Self {
        Self {
            target,
            length: bytes.len(),
            hash: blake3::hash(bytes),
        }
    }
}

impl From<&Verified> for Mark {
    fn from(file: &Verified) -> Self {
        Self::of(file.target, &file.bytes)
    }
}

impl std::fmt::Debug for Verified {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Verified({} {} bytes)",
            self.target.code(),
            self.bytes.len()
        )
    }
}

/// Checks a draft against the profile of its target.
///
/// Parts of a message that equal one of `known` byte by byte are not checked again.
///
/// # Errors
/// The rule that the draft breaks, and where.
pub fn verify(draft: Draft, known: &[&Verified]) -> Result<Verified, Violation> {
    check(draft.target(), draft.bytes(), known)?;
    Ok(Verified {
        target: draft.target(),
        bytes: Arc::new(draft.into_bytes()),
    })
}

/// As [`verify`], and does something else with the same bytes meanwhile, on a thread of its own.
///
/// # Errors
/// The rule that the draft breaks, and where.
pub fn verify_beside<T: Send>(
    draft: Draft,
    known: &[&Verified],
    beside: impl FnOnce(&[u8]) -> T + Send,
) -> Result<(Verified, T), Violation> {
    let bytes = draft.bytes();
    let (checked, done) = std::thread::scope(|scope| {
        let beside = scope.spawn(|| beside(bytes));
        (check(draft.target(), bytes, known), beside.join())
    });
    checked?;
    let done = done.map_err(|_| Violation::of("what was done beside the check was lost"))?;
    let verified = Verified {
        target: draft.target(),
        bytes: Arc::new(draft.into_bytes()),
    };
    Ok((verified, done))
}

/// Checks a draft that is an archive of the files that `marks` are of, in their order, and of nothing else.
///
/// # Errors
/// The rule that it breaks, and where.
pub fn verify_archive(draft: Draft, marks: &[Mark]) -> Result<Verified, Violation> {
    if draft.target() != Target::Zip {
        return Err(Violation::of("zip: no archive"));
    }
    archive::of_marks(draft.bytes(), marks)?;
    Ok(Verified {
        target: draft.target(),
        bytes: Arc::new(draft.into_bytes()),
    })
}

/// Checks the form of a draft that is the archive `plain`, closed with a password.
///
/// # Errors
/// The rule that it breaks, and where.
pub fn verify_closed(plain: &Verified, draft: Draft) -> Result<Verified, Violation> {
    if draft.target() != Target::Zip {
        return Err(Violation::of("zip: only archives are closed"));
    }
    archive::seal::check(plain, draft.bytes())?;
    Ok(Verified {
        target: draft.target(),
        bytes: Arc::new(draft.into_bytes()),
    })
}

/// Checks bytes against the profile of `target`.
///
/// # Errors
/// The rule that they break, and where.
pub fn check(target: Target, bytes: &[u8], known: &[&Verified]) -> Result<(), Violation> {
    match target {
        Target::Txt => text::check(bytes),
        Target::Csv => csv::check(bytes),
        Target::Png => png::check(bytes),
        Target::Jpeg => jpeg::check(bytes),
        Target::Pdf => pdf::check(bytes),
        Target::Docx | Target::Xlsx | Target::Pptx => ooxml::check(target, bytes),
        Target::Zip => archive::check(bytes, known),
        Target::Odt | Target::Ods | Target::Odp => odf::check(target, bytes),
        Target::Eml => eml::check(bytes, known),
        Target::Mbox => mbox::check(bytes, known),
    }
}

/// Recognises which of our targets `bytes` claim to be, and checks them against its profile.
///
/// # Errors
/// The rule that they break, and where.
pub fn check_any(bytes: &[u8]) -> Result<Target, Violation> {
    let target = recognise(bytes).ok_or(Violation::of("none of our targets"))?;
    check(target, bytes, &[])?;
    Ok(target)
}

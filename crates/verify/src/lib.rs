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
mod judge;
mod known;
mod mbox;
mod odf;
mod ooxml;
mod pdf;
mod png;
mod question;
mod recognise;
mod text;

pub use judge::{Elsewhere, Judge};
pub use question::{answer, answer_from};
pub use recognise::recognise;

use known::Known;
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
    /// A draft that was accepted.
    fn accepted(draft: Draft) -> Self {
        Self {
            target: draft.target(),
            bytes: Arc::new(draft.into_bytes()),
        }
    }

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

/// Checks a draft against the profile of its target, in this process.
///
/// Files in a message or an archive that equal one of `known` byte by byte are not checked again.
///
/// # Errors
/// The rule that the draft breaks, and where.
pub fn verify(draft: Draft, known: &[&Verified]) -> Result<Verified, Violation> {
    check(draft.target(), draft.bytes(), known)?;
    Ok(Verified::accepted(draft))
}

/// Checks bytes against the profile of `target`, in this process.
///
/// # Errors
/// The rule that they break, and where.
pub fn check(target: Target, bytes: &[u8], known: &[&Verified]) -> Result<(), Violation> {
    inside(target, bytes, Known::files(known))
}

/// The same in one thread, for a process that is confined to it.
///
/// # Errors
/// The rule that they break, and where.
pub fn check_alone(target: Target, bytes: &[u8]) -> Result<(), Violation> {
    inside(target, bytes, Known::marks(&[]))
}

fn inside(target: Target, bytes: &[u8], known: Known<'_>) -> Result<(), Violation> {
    match target {
        Target::Txt => text::check(bytes),
        Target::Csv => csv::check(bytes),
        Target::Png => png::check(bytes),
        Target::Jpeg => jpeg::check(bytes),
        Target::Pdf => pdf::check(bytes),
        Target::Docx | Target::Xlsx | Target::Pptx => ooxml::check(target, bytes),
        Target::Zip => archive::nested(bytes, known, 0),
        Target::Odt | Target::Ods | Target::Odp => odf::check(target, bytes),
        Target::Eml => eml::nested(bytes, known, 0),
        Target::Mbox => mbox::nested(bytes, known, 0),
    }
}

/// Recognises which of our targets `bytes` claim to be, and checks them against its profile, in one thread.
///
/// # Errors
/// The rule that they break, and where.
pub fn check_any(bytes: &[u8]) -> Result<Target, Violation> {
    let target = recognise(bytes).ok_or(Violation::of("none of our targets"))?;
    check_alone(target, bytes)?;
    Ok(target)
}

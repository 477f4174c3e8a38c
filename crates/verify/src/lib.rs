//! The checkers: each accepts only the narrow profile that we promise to write.
//!
//! They share no code and no parsing library with the readers and writers, and recognise our
//! profile, not the format: whatever else a file may be allowed to be by its standard is refused.
#![forbid(unsafe_code)]

mod jpeg;
mod pdf;
mod png;
mod csv;
mod eml;
mod mbox;
mod recognise;
mod text;

pub use recognise::recognise;

use mugai_core::{Draft, Target, Violation};

/// A file that passed its checker: the only thing that is delivered or stored as clean.
#[derive(Clone, PartialEq, Eq)]
pub struct Verified {
    target: Target,
    bytes: Vec<u8>,
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
        bytes: draft.into_bytes(),
    })
}

/// Checks bytes against the profile of `target`.
///
/// # Errors
/// The rule that they break, and where.
pub fn check(target: Target, bytes: &[u8], _known: &[&Verified]) -> Result<(), Violation> {
    match target {
        Target::Png => png::check(bytes),
        Target::Jpeg => jpeg::check(bytes),
        Target::Pdf => pdf::check(bytes),
        Target::Txt | Target::Csv | Target::Eml | Target::Mbox => {
pub fn check(target: Target, bytes: &[u8], known: &[&Verified]) -> Result<(), Violation> {
    match target {
        Target::Txt => text::check(bytes),
        Target::Csv => csv::check(bytes),
        Target::Eml => eml::check(bytes, known),
        Target::Mbox => mbox::check(bytes, known),
        Target::Png | Target::Jpeg | Target::Pdf => {
            Err(Violation::of("no checker for this target"))
        }
    }
}

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
use mugai_core::places;
use mugai_core::{Draft, Places, Refusal, Spool, Spooled, Target, Violation};
use std::borrow::Cow;

/// A file that passed its checker: the only thing that is delivered or stored as clean.
///
/// A clone shares its bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Verified {
    target: Target,
    content: Spooled,
}

impl Verified {
    /// A draft that was accepted.
    fn accepted(draft: Draft) -> Self {
        Self {
            target: draft.target(),
            content: draft.into_content(),
        }
    }

    /// What it is.
    #[must_use]
    pub const fn target(&self) -> Target {
        self.target
    }

    /// Its bytes, wherever they lie.
    #[must_use]
    pub const fn content(&self) -> &Spooled {
        &self.content
    }

    /// How many bytes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.content.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.content.is_empty()
    }

    /// Its bytes in memory.
    ///
    /// # Errors
    /// As of [`Spooled::load`].
    pub fn load(&self) -> Result<Cow<'_, [u8]>, Refusal> {
        self.content.load()
    }

    /// The same file, which waits in `spool` until it is needed.
    ///
    /// # Errors
    /// As of [`Spool::keep`].
    pub fn kept_in(self, spool: &Spool) -> Result<Self, Refusal> {
        Ok(Self {
            target: self.target,
            content: spool.keep(self.content)?,
        })
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
    /// The mark of a file.
    ///
    /// # Errors
    /// As of [`Spooled::load`].
    pub fn of(file: &Verified) -> Result<Self, Refusal> {
        let mut hash = blake3::Hasher::new();
        file.content.each(|bytes| {
            hash.update(bytes);
            Ok::<(), Refusal>(())
        })?;
        Ok(Self::with_hash(file, hash.finalize()))
    }

    /// The mark of a file of which the BLAKE3 was taken before.
    #[must_use]
    pub fn with_hash(file: &Verified, hash: blake3::Hash) -> Self {
        Self {
            target: file.target,
            length: file.len(),
            hash,
        }
    }
}

impl std::fmt::Debug for Verified {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Verified({} {} bytes)",
            self.target.code(),
            self.content.len()
        )
    }
}

/// Checks a draft against the profile of its target, in this process.
///
/// Files in a message or an archive, and pictures in a document, that equal one of `known` byte by byte are not
/// checked again.
///
/// # Errors
/// The rule that the draft breaks, and where.
pub fn verify(draft: Draft, known: &[&Verified]) -> Result<Verified, Violation> {
    inside(draft.target(), &mut draft.content(), Known::files(known))?;
    Ok(Verified::accepted(draft))
}

/// Checks bytes against the profile of `target`, in this process.
///
/// # Errors
/// The rule that they break, and where.
pub fn check(target: Target, bytes: &[u8], known: &[&Verified]) -> Result<(), Violation> {
    inside(target, &mut &*bytes, Known::files(known))
}

/// The same in one thread, for a process that is confined to it.
///
/// # Errors
/// The rule that they break, and where.
pub fn check_alone(target: Target, bytes: &[u8]) -> Result<(), Violation> {
    inside(target, &mut &*bytes, Known::marks(&[]))
}

/// Whoever has the draft does not hand it out.
const GONE: Violation = Violation::of("verifier: a draft that is not there");

/// Of a large PDF file one page is here at a time, of anything else all of it.
fn inside(target: Target, draft: &mut dyn Places, known: Known<'_>) -> Result<(), Violation> {
    if target == Target::Pdf {
        return pdf::check_places(draft);
    }
    here(target, &places::whole(draft).ok_or(GONE)?, known)
}

fn here(target: Target, bytes: &[u8], known: Known<'_>) -> Result<(), Violation> {
    match target {
        Target::Txt => text::check(bytes),
        Target::Csv => csv::check(bytes),
        Target::Png => png::check(bytes),
        Target::Jpeg => jpeg::check(bytes),
        Target::Pdf => pdf::check(bytes),
        Target::Docx | Target::Xlsx | Target::Pptx => ooxml::check(target, bytes, known),
        Target::Zip => archive::nested(bytes, known, 0),
        Target::Odt | Target::Ods | Target::Odp => odf::check(target, bytes, known),
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

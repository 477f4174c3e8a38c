//! What a reader is.

use crate::formats;
use mugai_core::{Cx, Kind, Refusal, Remark, Treatment};

/// How sure a reader is that some bytes are of its format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sniff {
    /// They are not.
    No,
    /// They may be; text formats cannot say more.
    Perhaps,
    /// They bear the format's own mark.
    Yes,
}

/// What a reader is for.
#[derive(Debug)]
pub struct Spec {
    /// The kind that it reads.
    pub kind: Kind,
    /// The standard that it follows.
    pub reference: &'static str,
    /// The treatments that it can do.
    pub treatments: &'static [Treatment],
}

/// A reader of one format.
pub trait Format: Sync {
    /// What it is for.
    fn spec(&self) -> &'static Spec;

    /// Whether bytes, seen from their beginning, are of this format.
    fn sniff(&self, head: &[u8]) -> Sniff;

    /// Reads all of `input`, or refuses it.
    ///
    /// # Errors
    /// Any [`Refusal`] but `Lost` and `Unverified`.
    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal>;
}

/// Why a kind is not opened that nobody here reads.
fn no_reader(kind: Kind) -> Refusal {
    const TOLD: [(Kind, &str); 4] = [
        (
            Kind::Odf,
            "odf: a flat document, a drawing, a formula or a database, which is not opened",
        ),
        (
            Kind::Ar,
            "ar: an archive of programs, which is not unpacked",
        ),
        (
            Kind::Cpio,
            "cpio: an archive of a kind that is not unpacked",
        ),
        (Kind::Iso, "iso: an image of a disc, which is not unpacked"),
    ];
    let told = TOLD.iter().find(|(known, _)| *known == kind);
    Refusal::unsupported(told.map_or("no reader for this kind", |(_, why)| *why))
}

/// Calls the reader of `kind` if the order allows it.
pub(crate) fn dispatch(kind: Kind, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let treatment = cx.assignment().treatments.of(kind.family());
    if treatment == Treatment::Withhold {
        return Err(Refusal::Forbidden(Remark::fixed(
            "policy: this kind is withheld",
        )));
    }
    let format = formats::ALL
        .iter()
        .find(|format| format.spec().kind == kind)
        .ok_or(no_reader(kind))?;
    if !format.spec().treatments.contains(&treatment) {
        return Err(Refusal::unsupported("no such treatment for this kind"));
    }
    format.open(input, cx)
}

//! The readers: untrusted bytes in, safe pieces out. Only confined workers may call them.
//!
//! A reader sees a slice and a [`Cx`]; it has no clock, file, network, environment or thread, and
//! pays for every loop, allocation and level that the input asks for. Containers do not call other
//! readers: what is inside becomes a child piece and is opened by itself.
#![forbid(unsafe_code)]

pub mod charset;
pub mod formats;
pub mod identify;
mod reader;
mod unpack;
mod unread;

use mugai_core::{Cx, FindingCode, Fonts, Kind, NoFonts, Opener, Patience, Refusal, Request};
pub use reader::{Format, Sniff, Spec};
use std::borrow::Cow;
pub use unread::unread;

/// Recognises `input`, and opens it with the reader of its kind as `cx` orders.
///
/// # Errors
/// Whatever the reader refuses, [`Refusal::Unsupported`] where there is none, and
/// [`Refusal::Forbidden`] where the order is to withhold this kind. Findings are sent either way.
pub fn open(input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let result = unpacked(input, cx).and_then(|input| {
        let kind = identify::identify(&input, cx)?;
        match formats::encrypted::package(&input, kind, cx)? {
            Some(package) => {
                cx.note(FindingCode::OfficePassword);
                cx.detach();
                let kind = identify::identify(&package, cx)?;
                of_kind(kind, &package, cx)
            }
            None => of_kind(kind, &input, cx),
        }
    });
    cx.flush()?;
    result
}

fn of_kind(kind: Kind, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
    cx.kind(kind)?;
    identify::refuse_encrypted(input, kind, cx)?;
    let result = reader::dispatch(kind, input, cx);
    if result.is_err() && identify::is_volume(input, kind, cx.hints()) {
        return result.map_err(volume);
    }
    result
}

/// What cannot be read because the rest of it is in other files is said to be just that.
fn volume(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Malformed(_)
        | Refusal::Ambiguous(_)
        | Refusal::Unsupported(_)
        | Refusal::Forbidden(_) => Refusal::unsupported("archive: one volume of several"),
        other @ (Refusal::Encrypted(_)
        | Refusal::Overrun { .. }
        | Refusal::Lost(_)
        | Refusal::Unverified(_)
        | Refusal::Internal(_)) => other,
    }
}

/// A member of an archive comes as it is packed there.
fn unpacked<'a>(input: &'a [u8], cx: &mut Cx<'_>) -> Result<Cow<'a, [u8]>, Refusal> {
    let Some(packed) = &cx.assignment().hints.packed else {
        return Ok(Cow::Borrowed(input));
    };
    let content = unpack::member(input, packed, &cx.hints().passwords, cx)?;
    cx.note_times(
        FindingCode::ArchivePassword,
        u32::from(packed.cipher.is_some()),
    );
    if matches!(content, Cow::Owned(_)) {
        cx.detach();
    }
    Ok(content)
}

/// Opens parts in this very process, without any fence: for tests and development only.
#[derive(Default)]
pub struct InProcess<F = NoFonts> {
    /// The fonts that readers may use.
    pub fonts: F,
}

impl<F: Fonts + Sync> Opener for InProcess<F> {
    fn open(&self, request: Request<'_>, _: Patience<'_>) -> Result<(), Refusal> {
        let mut cx = Cx::new(
            request.assignment,
            request.budget,
            &self.fonts,
            request.sink,
        )
        .over(request.input);
        open(&request.input.load()?, &mut cx)
    }
}

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

use mugai_core::{Cx, FindingCode, Fonts, Kind, NoFonts, Opener, Patience, Refusal, Request};
pub use reader::{Format, Sniff, Spec};

/// Recognises `input`, and opens it with the reader of its kind as `cx` orders.
///
/// # Errors
/// Whatever the reader refuses, [`Refusal::Unsupported`] where there is none, and
/// [`Refusal::Forbidden`] where the order is to withhold this kind. Findings are sent either way.
pub fn open(input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let result =
        identify::identify(input, cx).and_then(|kind| {
            match formats::encrypted::package(input, kind, cx)? {
                Some(package) => {
                    cx.note(FindingCode::OfficePassword);
                    let kind = identify::identify(&package, cx)?;
                    of_kind(kind, &package, cx)
                }
                None => of_kind(kind, input, cx),
            }
        });
    cx.flush()?;
    result
}

fn of_kind(kind: Kind, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
    cx.kind(kind)?;
    identify::refuse_encrypted(input, kind, cx)?;
    reader::dispatch(kind, input, cx)
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
        open(request.input.bytes(), &mut cx)
    }
}

//! Documents of 一太郎 8 and later (jtd, jtt, and packed jtdc, jttc): the text of the body.
//!
//! The format is not published. What is read here is the text stream, which two independent projects
//! describe alike (see `docs/formats/jtd.md`); all else is left behind, macros and objects noted.

#[cfg(test)]
mod tests;
mod text;
mod unpack;

use crate::formats::ole::{self, Ole, Shape};
use crate::reader::{Format, Sniff, Spec};
use mugai_core::{Cx, Kind, Piece, Refusal, Treatment};

/// The reader of jtd, jtt, jtdc and jttc.
#[derive(Debug)]
pub(super) struct Jtd;

/// The streams that are told, in their order.
const TEXTS: [&str; 4] = ["Header", "DocumentText", "Footnote", "LayoutBoxText"];
/// The stream of a packed document.
const PACKED: &str = "JSCompDocument";

impl Format for Jtd {
    fn spec(&self) -> &'static Spec {
        &Spec {
            kind: Kind::Jtd,
            reference: "not published; see docs/formats/jtd.md",
            treatments: &[Treatment::Text],
        }
    }

    fn sniff(&self, head: &[u8]) -> Sniff {
        ole::sniff(head)
    }

    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        let mut outer = Ole::read(input, cx)?;
        if outer.find(PACKED, Shape::Stream)?.is_none() {
            return tell(&mut outer, cx);
        }
        ole::note(&outer, &[PACKED], cx);
        let packed = outer.stream(PACKED, cx)?.unwrap_or_default();
        let inner = unpack::document(&packed, cx)?;
        let mut inner = Ole::read(&inner, cx)?;
        if inner.find(PACKED, Shape::Stream)?.is_some() {
            return Err(Refusal::malformed("jtd: packed more than once"));
        }
        tell(&mut inner, cx)
    }
}

fn tell(ole: &mut Ole<'_>, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    ole::note(ole, &TEXTS, cx);
    let mut out = String::new();
    let mut found = false;
    for name in TEXTS {
        let Some(stream) = ole.stream(name, cx)? else {
            continue;
        };
        found |= name == "DocumentText";
        // what is beside the body is in streams of more forms than one
        match text::tell(&stream, cx) {
            Ok(text) if !text.trim().is_empty() => {
                out.push_str(text.trim_end_matches('\n'));
                out.push('\n');
            }
            Err(refusal) if name == "DocumentText" => return Err(refusal),
            Err(refusal @ Refusal::Overrun { .. }) => return Err(refusal),
            Ok(_) | Err(_) => {}
        }
    }
    if !found {
        return Err(Refusal::malformed("jtd: no text"));
    }
    let text = cx.text(&out);
    cx.put(Piece::Text(text))
}

//! Documents of 一太郎 8 and later (jtd, jtt, and packed jtdc, jttc): the text of all sheets.
//!
//! The format is not published. What is read here is the text stream, which independent projects
//! describe alike (see `docs/formats/jtd.md`); all else is left behind, macros and objects noted.

mod sheets;
mod store;
#[cfg(test)]
mod tests;
mod text;
mod unpack;

use crate::formats::ole::{self, Ole, Shape};
use crate::reader::{Format, Sniff, Spec};
use mugai_core::{Cx, FindingCode, Kind, Piece, Refusal, Treatment};

/// The reader of jtd, jtt, jtdc and jttc.
#[derive(Debug)]
pub(super) struct Jtd;

/// The streams that are told, in their order.
const TEXTS: [&str; 4] = ["Header", BODY, "Footnote", "LayoutBoxText"];
const BODY: &str = "DocumentText";
/// What is read below the root.
const KNOWN: [&str; 6] = [
    "Header",
    BODY,
    "Footnote",
    "LayoutBoxText",
    "ObjectSheets",
    "DocItemInfo",
];
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
    ole::note(ole, &KNOWN, cx);
    let sheets = sheets::read(ole, cx)?;
    let mut root = [None; TEXTS.len()];
    for (place, name) in root.iter_mut().zip(TEXTS) {
        *place = ole.within(0, name, Shape::Stream)?;
    }
    let mut out = String::new();
    if let Some(name) = sheets.first.filter(|_| !sheets.further.is_empty()) {
        heading(&name, &mut out, cx);
    }
    if !streams(ole, root, &mut out, cx)? {
        return Err(Refusal::malformed("jtd: no text"));
    }
    for (name, places) in sheets.further {
        out.push('\n');
        heading(&name, &mut out, cx);
        let found = streams(ole, places, &mut out, cx)?;
        cx.note_times(FindingCode::OfficePart, u32::from(!found));
    }
    let text = cx.text(&out);
    cx.put(Piece::Text(text))
}

/// The name of a sheet, on a line of its own as in workbooks.
fn heading(name: &str, out: &mut String, cx: &mut Cx<'_>) {
    out.push('[');
    out.push_str(cx.line(name).as_str());
    out.push_str("]\n");
}

/// Tells the streams of a sheet, which are at these places, and whether its body was among them.
fn streams(
    ole: &mut Ole<'_>,
    places: [Option<usize>; TEXTS.len()],
    out: &mut String,
    cx: &mut Cx<'_>,
) -> Result<bool, Refusal> {
    let mut found = false;
    for (name, place) in TEXTS.into_iter().zip(places) {
        let Some(place) = place else {
            continue;
        };
        let stream = ole.content(place, cx)?;
        found |= name == BODY;
        // what is beside the body is in streams of more forms than one
        match text::tell(&stream, cx) {
            Ok(text) if !text.trim().is_empty() => {
                out.push_str(text.trim_end_matches('\n'));
                out.push('\n');
            }
            Err(refusal) if name == BODY => return Err(refusal),
            Err(refusal @ Refusal::Overrun { .. }) => return Err(refusal),
            Ok(_) | Err(_) => {}
        }
    }
    Ok(found)
}

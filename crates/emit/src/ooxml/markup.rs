//! One part as XML.

use mugai_core::markup::vocabulary::{Attribute, Element, Space};
use mugai_core::markup::{Event, PartKind, Place, extension, is_of_sheet, write_plain};
use mugai_core::{Markup, Refusal};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// A part and where its relationships lead, in the order of their numbers.
pub(crate) struct Written<'a> {
    pub(crate) xml: String,
    pub(crate) leads: Vec<Lead<'a>>,
    /// Cells of it have metadata.
    pub(crate) dynamic: bool,
}

/// Where a relationship leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lead<'a> {
    /// Within the document.
    Place(Place),
    /// To a page or a mail address.
    Address(&'a str),
}

/// Writes a part; `say` tells what stands for the lead of a number, counted from 1.
pub(crate) fn write<'a>(
    part: &'a Markup,
    say: &mut dyn FnMut(Lead<'a>, usize, &mut String),
) -> Result<Written<'a>, Refusal> {
    let mut leads: Vec<Lead<'_>> = Vec::new();
    let mut known: BTreeMap<Lead<'_>, usize> = BTreeMap::new();
    let mut number = |lead| {
        *known.entry(lead).or_insert_with(|| {
            leads.push(lead);
            leads.len()
        })
    };
    for need in part.needs() {
        number(Lead::Place(Place::Part(*need)));
    }
    let mut refer = |attribute, lead, out: &mut String| {
        attribute_name(attribute, out);
        say(lead, number(lead), out);
        out.push('"');
    };
    // names are longer than their numbers, and have no lengths beside them
    let mut out = String::with_capacity(part.encoded().len().saturating_mul(2));
    out.push_str(super::DECLARATION);
    let mut open: Vec<Element> = Vec::new();
    let (mut head, mut dynamic) = (false, false);
    let mut events = part.events().peekable();
    while let Some(event) = events.next() {
        if head && !is_of_head(&event) {
            out.push('>');
            head = false;
        }
        match event {
            Event::Open(element) => {
                out.push('<');
                name(element, &mut out);
                if open.is_empty() {
                    declare(part, &mut out);
                }
                said(element, &open, events.peek(), &mut out);
                open.push(element);
                head = true;
            }
            Event::Attribute(attribute, value) => {
                dynamic |= attribute.word() == "cm";
                attribute_name(attribute, &mut out);
                escape(&plain(value, open.last()), true, &mut out);
                out.push('"');
            }
            Event::Reference(attribute, place) => {
                refer(attribute, Lead::Place(place), &mut out);
            }
            Event::Link(attribute, address) => {
                refer(attribute, Lead::Address(address), &mut out);
            }
            Event::Text(text) => escape(&plain(text, open.last()), false, &mut out),
            Event::Close => {
                let element = open
                    .pop()
                    .ok_or(Refusal::internal("ooxml: an end too many"))?;
                if head {
                    out.push_str("/>");
                    head = false;
                } else {
                    out.push_str("</");
                    name(element, &mut out);
                    out.push('>');
                }
            }
        }
    }
    Ok(Written {
        xml: out,
        leads,
        dynamic,
    })
}

/// Whether it stands in a start tag, or ends an element that may have nothing in it.
const fn is_of_head(event: &Event<'_>) -> bool {
    matches!(
        event,
        Event::Attribute(..) | Event::Reference(..) | Event::Link(..) | Event::Close
    )
}

/// What is said of an element that is nobody's choice: which extension it is, in which words a formula is told.
fn said(element: Element, open: &[Element], next: Option<&Event<'_>>, out: &mut String) {
    if element.is("x:ext") {
        which(open, next, out);
    } else if element.is("math:annotation") {
        // the only words that are told beside the markup of a formula
        out.push_str(" encoding=\"StarMath 5.0\"");
    }
}

/// Which extension it is, as what it stands in and what it holds tell.
fn which(open: &[Element], next: Option<&Event<'_>>, out: &mut String) {
    let within = open.iter().rev().nth(1).copied();
    let holds = match next {
        Some(Event::Open(element)) => Some(*element),
        Some(_) | None => None,
    };
    let name = within.and_then(|within| extension(within, holds));
    out.push_str(" uri=\"");
    out.push_str(name.unwrap_or_default());
    out.push('"');
}

/// Sheets are written without a prefix: many programs that read them look for none.
fn prefix(space: Option<Space>) -> &'static str {
    match space.map_or("", Space::prefix) {
        "x" => "",
        prefix => prefix,
    }
}

/// A text where it stands: in spreadsheets what looks like the number of a character would be read as one.
fn plain<'t>(text: &'t str, element: Option<&Element>) -> Cow<'t, str> {
    if element.copied().is_some_and(is_of_sheet) {
        write_plain(text)
    } else {
        Cow::Borrowed(text)
    }
}

/// The prefix that sheets are written without.
const BARE: &str = "x:";

fn name(element: Element, out: &mut String) {
    let word = element.word();
    out.push_str(word.strip_prefix(BARE).unwrap_or(word));
}

fn attribute_name(attribute: Attribute, out: &mut String) {
    let word = attribute.word();
    out.push(' ');
    out.push_str(word.strip_prefix(BARE).unwrap_or(word));
    out.push_str("=\"");
}

/// Every namespace of the part, at its root.
fn declare(part: &Markup, out: &mut String) {
    let main = part.kind().root().space();
    let mut spaces: BTreeSet<Space> = main.into_iter().collect();
    // formulas of ODF name their language by a prefix, which is a namespace of its own, and sets of settings have one
    if main.is_some_and(|space| space.prefix() == "office") {
        let named = if part.kind() == PartKind::OpenSettings {
            "ooo"
        } else {
            "of"
        };
        spaces.extend(Space::all().find(|space| space.prefix() == named));
    }
    spaces.extend(part.spaces());
    for space in spaces {
        let prefix = prefix(Some(space));
        if prefix == "xml" {
            continue;
        }
        out.push_str(if prefix.is_empty() {
            " xmlns"
        } else {
            " xmlns:"
        });
        out.push_str(prefix);
        out.push_str("=\"");
        out.push_str(space.uri());
        out.push('"');
    }
}

pub(crate) fn escape(text: &str, attribute: bool, out: &mut String) {
    let special = |b: &u8| match b {
        b'&' | b'<' | b'>' => true,
        b'"' | b'\n' | b'\t' => attribute,
        _ => false,
    };
    let mut rest = text;
    while let Some(at) = rest.as_bytes().iter().position(special) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        let mut chars = from.chars();
        out.push_str(match chars.next() {
            Some('&') => "&amp;",
            Some('<') => "&lt;",
            Some('>') => "&gt;",
            Some('"') => "&quot;",
            Some('\n') => "&#10;",
            _ => "&#9;",
        });
        rest = chars.as_str();
    }
    out.push_str(rest);
}

//! Documents as text: what was told in the vocabulary, without its looks.

use crate::formats::symbols::Symbols;
use mugai_core::markup::vocabulary::Element;
use mugai_core::markup::{Event, Flavour, PartKind, Place};
use mugai_core::{Cx, Markup, Refusal, Resource};

/// The text of all parts that people read, in their order.
pub(super) fn text(flavour: Flavour, parts: &[Markup], cx: &Cx<'_>) -> Result<String, Refusal> {
    let (mut raw, beside) = match flavour {
        Flavour::Word => (word(parts), &[PartKind::Chart, PartKind::DiagramData][..]),
        Flavour::Sheet => (
            sheets(parts, cx)?,
            &[PartKind::Drawing, PartKind::Chart][..],
        ),
        // diagrams of slides are shapes of theirs already
        Flavour::Slides => (slides(parts), &[PartKind::Chart][..]),
    };
    // texts of boxes, titles of charts
    for part in parts.iter().filter(|part| beside.contains(&part.kind())) {
        flow(part, &mut raw);
    }
    Ok(raw)
}

/// Pays for what the cells of a spreadsheet say: one long string may be said by many of them, and
/// whoever opens the document pays for each.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn pay(parts: &[Markup], cx: &Cx<'_>) -> Result<(), Refusal> {
    let strings = strings(parts);
    if strings.iter().map(String::len).max().unwrap_or(0) < 256 {
        return Ok(());
    }
    for sheet in parts
        .iter()
        .filter(|part| part.kind() == PartKind::Worksheet)
    {
        let mut shared = false;
        for event in sheet.events() {
            match event {
                Event::Open(element) if element.is("x:c") => shared = false,
                Event::Attribute(attribute, "s") if attribute.local() == "t" => shared = true,
                Event::Text(index) if shared => {
                    let text = index.parse::<usize>().ok().and_then(|n| strings.get(n));
                    cx.charge_len(Resource::Steps, text.map_or(0, String::len) / 16)?;
                }
                Event::Open(_)
                | Event::Attribute(..)
                | Event::Reference(..)
                | Event::Link(..)
                | Event::Text(_)
                | Event::Close => {}
            }
        }
    }
    Ok(())
}

fn word(parts: &[Markup]) -> String {
    let order = [
        PartKind::Header,
        PartKind::Document,
        PartKind::Footnotes,
        PartKind::Endnotes,
        PartKind::Footer,
    ];
    let mut out = String::new();
    for kind in order {
        for part in parts.iter().filter(|part| part.kind() == kind) {
            let before = out.len();
            flow(part, &mut out);
            if out.len() > before && kind != PartKind::Document {
                out.push('\n');
            }
        }
    }
    out
}

/// Running text: paragraphs are lines, cells are parted by tabs.
pub(super) fn flow(part: &Markup, out: &mut String) {
    let mut open: Vec<Element> = Vec::new();
    let mut symbol = (None, Symbols::None);
    for event in part.events() {
        match event {
            Event::Open(element) => {
                open.push(element);
                symbol = (None, Symbols::None);
                match element.local() {
                    "tab" if inside(&open, "r") => out.push('\t'),
                    "br" | "cr" => out.push('\n'),
                    "noBreakHyphen" => out.push('-'),
                    _ => {}
                }
            }
            Event::Text(text) => {
                let last = open.last().copied();
                if last.is_some_and(|e| e.local() == "t") {
                    out.push_str(text);
                }
            }
            Event::Close => {
                let Some(element) = open.pop() else { continue };
                let in_cell = open.iter().any(|e| e.local() == "tc");
                match element.local() {
                    "sym" if element.is("w:sym") => {
                        let (code, font) = symbol;
                        out.extend(code.map(|code| font.letter(code)));
                    }
                    "p" if in_cell => out.push(' '),
                    "p" | "tr" => {
                        trim(out);
                        out.push('\n');
                    }
                    "tc" => {
                        trim(out);
                        out.push('\t');
                    }
                    _ => {}
                }
            }
            Event::Attribute(attribute, value) => match attribute.word() {
                "w:char" => {
                    symbol.0 = u32::from_str_radix(value, 16).ok().and_then(char::from_u32);
                }
                "w:font" => symbol.1 = Symbols::named(&value.to_lowercase()),
                _ => {}
            },
            Event::Reference(..) | Event::Link(..) => {}
        }
    }
}

fn inside(open: &[Element], parent: &str) -> bool {
    open.iter()
        .rev()
        .nth(1)
        .is_some_and(|e| e.local() == parent)
}

/// Takes blanks off the end of the last line.
fn trim(out: &mut String) {
    let length = out.trim_end_matches([' ', '\t']).len();
    out.truncate(length);
}

fn slides(parts: &[Markup]) -> String {
    let mut out = String::new();
    let order = order(parts, "p:sldId");
    for (count, number) in (1u32..).zip(order) {
        let Some(slide) = usize::try_from(number).ok().and_then(|n| parts.get(n)) else {
            continue;
        };
        out.push('[');
        out.push_str(&count.to_string());
        out.push_str("]\n");
        flow(slide, &mut out);
        for need in slide.needs() {
            let notes = usize::try_from(*need).ok().and_then(|n| parts.get(n));
            if let Some(notes) = notes.filter(|p| p.kind() == PartKind::NotesSlide) {
                flow(notes, &mut out);
            }
        }
        out.push('\n');
    }
    out
}

/// The parts that the main part names with an element, in order.
pub(super) fn order(parts: &[Markup], name: &str) -> Vec<u32> {
    let mut found = Vec::new();
    let mut here = false;
    for event in parts.first().into_iter().flat_map(Markup::events) {
        match event {
            Event::Open(element) => here = element.is(name),
            Event::Reference(_, Place::Part(number)) if here => found.push(number),
            Event::Text(_)
            | Event::Attribute(..)
            | Event::Reference(..)
            | Event::Link(..)
            | Event::Close => {}
        }
    }
    found
}

fn sheets(parts: &[Markup], cx: &Cx<'_>) -> Result<String, Refusal> {
    let strings = strings(parts);
    let mut out = String::new();
    let names = sheet_names(parts);
    for (number, name) in order(parts, "x:sheet").into_iter().zip(names) {
        let Some(sheet) = usize::try_from(number).ok().and_then(|n| parts.get(n)) else {
            continue;
        };
        out.push('[');
        out.push_str(&name);
        out.push_str("]\n");
        rows(sheet, &strings, &mut out, cx)?;
        out.push('\n');
    }
    Ok(out)
}

/// The names of sheets, in order.
pub(super) fn sheet_names(parts: &[Markup]) -> Vec<String> {
    let mut names = Vec::new();
    let mut here = false;
    for event in parts.first().into_iter().flat_map(Markup::events) {
        match event {
            Event::Open(element) => here = element.is("x:sheet"),
            Event::Attribute(attribute, value) if here && attribute.local() == "name" => {
                names.push(value.to_owned());
            }
            Event::Text(_)
            | Event::Attribute(..)
            | Event::Reference(..)
            | Event::Link(..)
            | Event::Close => {}
        }
    }
    names
}

/// The shared strings, without the readings beside them.
fn strings(parts: &[Markup]) -> Vec<String> {
    let mut all = Vec::new();
    let mut open: Vec<Element> = Vec::new();
    let mut one = String::new();
    let table = parts
        .iter()
        .find(|part| part.kind() == PartKind::SharedStrings);
    for event in table.into_iter().flat_map(Markup::events) {
        match event {
            Event::Open(element) => open.push(element),
            Event::Text(text) => {
                let reading = open.iter().any(|e| e.local() == "rPh");
                if !reading && open.last().is_some_and(|e| e.local() == "t") {
                    one.push_str(text);
                }
            }
            Event::Close => {
                if open.pop().is_some_and(|e| e.local() == "si") {
                    all.push(std::mem::take(&mut one));
                }
            }
            Event::Attribute(..) | Event::Reference(..) | Event::Link(..) => {}
        }
    }
    all
}

/// The most columns that are kept apart by tabs: far columns of sparse sheets would be tabs only.
const MAX_TABS: u32 = 256;

fn rows(sheet: &Markup, strings: &[String], out: &mut String, cx: &Cx<'_>) -> Result<(), Refusal> {
    let mut open: Vec<Element> = Vec::new();
    let (mut value, mut column) = (String::new(), 0u32);
    // of the cell: where it says it is, and whether its value is the number of a string
    let (mut place, mut shared) = (None, false);
    for event in sheet.events() {
        match event {
            Event::Open(element) => {
                open.push(element);
                if element.is("x:c") {
                    (place, shared) = (None, false);
                    value.clear();
                } else if element.is("x:row") {
                    column = 0;
                }
            }
            Event::Attribute(attribute, text) if open.last().is_some_and(|e| e.is("x:c")) => {
                match attribute.local() {
                    "r" => place = Some(column_of(text)),
                    "t" => shared = text == "s",
                    _ => {}
                }
            }
            Event::Text(text) if open.last().is_some_and(|e| e.is("x:v") || e.is("x:t")) => {
                value.push_str(text);
            }
            Event::Close => {
                let Some(element) = open.pop() else { continue };
                if element.is("x:c") {
                    let at = place.unwrap_or(column);
                    for _ in column..at.min(MAX_TABS) {
                        out.push('\t');
                    }
                    column = column.max(at);
                    let text = if shared {
                        value
                            .trim()
                            .parse::<usize>()
                            .ok()
                            .and_then(|n| strings.get(n))
                            .map_or("", String::as_str)
                    } else {
                        value.as_str()
                    };
                    cx.charge_len(Resource::Bytes, text.len())?;
                    out.push_str(&text.replace(['\n', '\t'], " "));
                } else if element.is("x:row") {
                    trim(out);
                    out.push('\n');
                }
            }
            Event::Text(_) | Event::Attribute(..) | Event::Reference(..) | Event::Link(..) => {}
        }
    }
    Ok(())
}

/// The column of a cell, from 0: 28 for `AC7`.
fn column_of(cell: &str) -> u32 {
    let letters = cell.bytes().take_while(u8::is_ascii_alphabetic).take(3);
    let number = letters.fold(0u32, |sum, byte| {
        let digit = u32::from(byte.to_ascii_uppercase().saturating_sub(b'A')).saturating_add(1);
        sum.saturating_mul(26).saturating_add(digit)
    });
    number.saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::markup::Builder;
    use mugai_core::markup::vocabulary::Attribute;

    #[test]
    fn symbols_are_what_their_fonts_show() {
        let mut builder = Builder::new(PartKind::Document);
        let mut push = |event| builder.push(event).unwrap();
        let attribute = |local| {
            let space = Element::named("w:sym").unwrap().space();
            Attribute::find(space, local).unwrap()
        };
        for name in ["w:document", "w:body", "w:p", "w:r"] {
            push(Event::Open(Element::named(name).unwrap()));
        }
        for (font, code) in [("Wingdings", "F0FC"), ("Symbol", "F0B7"), ("Arial", "00BD")] {
            push(Event::Open(Element::named("w:sym").unwrap()));
            push(Event::Attribute(attribute("font"), font));
            push(Event::Attribute(attribute("char"), code));
            push(Event::Close);
        }
        (0..4).for_each(|_| push(Event::Close));
        let part = builder.finish().unwrap();
        let mut out = String::new();
        flow(&part, &mut out);
        assert_eq!(out, "✓•½\n");
    }
}

//! Documents as text: what was told in the vocabulary, without its looks.

mod bullets;
mod charts;
mod numbers;
mod pages;
mod sheets;

use crate::formats::field;
use crate::formats::formula::{Formula, Sign};
use crate::formats::numbers::before;
use crate::formats::symbols::Symbols;
use bullets::{Bullets, Layout};
use mugai_core::markup::vocabulary::Element;
use mugai_core::markup::{Event, Flavour, PartKind, Place};
use mugai_core::{Cx, Markup, Refusal, Resource};
use numbers::Numbers;
pub(super) use sheets::named as sheets_named;
use std::collections::{BTreeMap, BTreeSet};

/// The text of all parts that people read, in their order.
pub(super) fn text(flavour: Flavour, parts: &[Markup], cx: &Cx<'_>) -> Result<String, Refusal> {
    let mut told = BTreeSet::new();
    let (mut raw, others) = match flavour {
        Flavour::Word => (
            word(parts),
            &[
                PartKind::Chart,
                PartKind::ChartShapes,
                PartKind::DiagramData,
            ][..],
        ),
        Flavour::Sheet => (sheets::tell(parts, &mut told, cx)?, &sheets::BESIDE[..]),
        // diagrams of slides are shapes of theirs already
        Flavour::Slides => (slides(parts), &[PartKind::Chart, PartKind::ChartShapes][..]),
    };
    // texts of boxes, titles of charts
    let named = named(parts);
    for (number, part) in (0u32..).zip(parts) {
        // the models of diagrams that became shapes are named by nothing any more
        let is_model = part.kind() == PartKind::DiagramData;
        if !others.contains(&part.kind())
            || told.contains(&number)
            || (is_model && !named.contains(&number))
        {
            continue;
        }
        beside(part, &mut raw);
    }
    Ok(raw)
}

/// The texts of boxes, or the titles and values of a chart.
fn beside(part: &Markup, out: &mut String) {
    flow(part, out);
    if part.kind() == PartKind::Chart {
        charts::tell(part, out);
    }
}

/// Pays for what the cells of a spreadsheet say: one long string may be said by many of them, and
/// whoever opens the document pays for each.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn pay(parts: &[Markup], cx: &Cx<'_>) -> Result<(), Refusal> {
    let strings = sheets::strings(parts);
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

/// The numbers of the parts that others name, where there are models of diagrams among them.
fn named(parts: &[Markup]) -> BTreeSet<u32> {
    if !parts
        .iter()
        .any(|part| part.kind() == PartKind::DiagramData)
    {
        return BTreeSet::new();
    }
    let events = parts.iter().flat_map(Markup::events);
    let named = events.filter_map(|event| match event {
        Event::Reference(_, Place::Part(number)) => Some(number),
        Event::Open(_)
        | Event::Attribute(..)
        | Event::Reference(..)
        | Event::Link(..)
        | Event::Text(_)
        | Event::Close => None,
    });
    named.collect()
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
    let mut numbers = Numbers::read(parts);
    for kind in order {
        for part in parts.iter().filter(|part| part.kind() == kind) {
            let before = out.len();
            numbered(part, &mut numbers, &Layout::default(), &mut out);
            if out.len() > before && kind != PartKind::Document {
                out.push('\n');
            }
        }
    }
    out
}

/// Running text: paragraphs are lines, cells are parted by tabs.
pub(super) fn flow(part: &Markup, out: &mut String) {
    numbered(part, &mut Numbers::default(), &Layout::default(), out);
}

/// Running text, with the numbers of its paragraphs; those of shapes may come of a layout.
fn numbered(part: &Markup, numbers: &mut Numbers, layout: &Layout, out: &mut String) {
    let mut teller = Teller::default();
    for event in part.events() {
        match event {
            Event::Open(element) => teller.begin(element, layout, out),
            Event::Attribute(attribute, value) => teller.attribute(attribute.local(), value),
            Event::Text(text) => {
                if teller.open.last().is_some_and(|e| e.local() == "t") {
                    out.extend(teller.formula.before(text, out));
                    out.push_str(text);
                }
            }
            Event::Close => teller.end(numbers, out),
            Event::Reference(..) | Event::Link(..) => {}
        }
    }
}

/// What is open while a text is told.
#[derive(Default)]
struct Teller {
    open: Vec<Element>,
    /// Where the reading that is being told begins, and one that is whole.
    reading: (usize, String),
    /// The font and the code of a letter of a font.
    symbol: (String, u32),
    /// Of the paragraph that is open.
    place: numbers::Place,
    bullets: Bullets,
    /// Where the paragraph of a shape begins.
    paragraph: usize,
    formula: Formula,
    /// One of the formulas that stand in lines of their own has been told.
    in_lines: bool,
}

impl Teller {
    fn begin(&mut self, element: Element, layout: &Layout, out: &mut String) {
        self.open.push(element);
        self.bullets.begin(element, layout);
        if element.is("a:p") {
            self.paragraph = out.len();
        }
        if let Some(name) = of_formula(element) {
            return self.begin_formula(name, out);
        }
        match element.local() {
            "tab" if inside(&self.open, "r") => out.push('\t'),
            "br" | "cr" => out.push('\n'),
            "noBreakHyphen" => out.push('-'),
            "rt" => self.reading.0 = out.len(),
            "sym" => self.symbol = Default::default(),
            "pPr" => self.place = numbers::Place::default(),
            _ => {}
        }
    }

    fn attribute(&mut self, name: &str, value: &str) {
        let Some(element) = self.open.last() else {
            return;
        };
        if let Some(part) = of_formula(*element) {
            if let Some(sign) = Sign::of(part).filter(|_| name == "val") {
                self.formula.say(sign, value);
            }
            return;
        }
        match (element.local(), name) {
            ("sym", "font") => value.clone_into(&mut self.symbol.0),
            ("sym", "char") => self.symbol.1 = u32::from_str_radix(value, 16).unwrap_or(0),
            (local, "val") => self.place.say(local, value),
            _ => self.bullets.attribute(*element, name, value),
        }
    }

    fn end(&mut self, numbers: &mut Numbers, out: &mut String) {
        let Some(element) = self.open.pop() else {
            return;
        };
        if element.is("a:p") {
            self.number(out);
        }
        if let Some(name) = of_formula(element) {
            if Formula::knows(name) {
                self.formula.end(out);
            }
            return;
        }
        let in_cell = self.open.iter().any(|e| e.local() == "tc");
        match element.local() {
            "p" if in_cell => out.push(' '),
            "p" | "tr" => {
                trim(out);
                out.push('\n');
            }
            "tc" => {
                trim(out);
                out.push('\t');
            }
            // properties come first in a paragraph, and the number before its text
            "pPr" if element.is("w:pPr") && self.open.last().is_some_and(|e| e.is("w:p")) => {
                if let Some(number) = numbers.next(&self.place) {
                    out.push_str(&number);
                    out.push(' ');
                }
            }
            // the reading stands before what it is the reading of
            "rt" => self.reading.1 = out.split_off(self.reading.0.min(out.len())),
            "ruby" => {
                let reading = std::mem::take(&mut self.reading.1);
                if !reading.trim().is_empty() {
                    out.push('（');
                    out.push_str(&reading);
                    out.push('）');
                }
            }
            "sym" => out.extend(self.letter()),
            _ => {}
        }
    }

    fn begin_formula(&mut self, name: &str, out: &mut String) {
        match name {
            // each stands in a line of its own
            "oMath"
                if inside(&self.open, "oMathPara")
                    && std::mem::replace(&mut self.in_lines, true) =>
            {
                out.push('\n');
            }
            "oMathPara" => self.in_lines = false,
            _ => {}
        }
        if let Some(sign) = Sign::of(name) {
            self.formula.say(sign, "");
        }
        self.formula.begin(name, out);
    }

    /// Puts the number of the paragraph of a shape before it, if it says anything.
    fn number(&mut self, out: &mut String) {
        let text = out.get(self.paragraph..).unwrap_or_default();
        if text.trim().is_empty() {
            return;
        }
        if let Some(number) = self.bullets.next() {
            before(out, self.paragraph, &number);
        }
    }

    fn letter(&self) -> Option<char> {
        let (font, code) = &self.symbol;
        let letter = char::from_u32(*code).filter(|_| *code > 0)?;
        let private = matches!(letter, '\u{f000}'..='\u{f0ff}');
        let shown = field::by_font(font, letter);
        shown.or_else(|| {
            Some(if private {
                Symbols::Dings.letter(letter)
            } else {
                letter
            })
        })
    }
}

/// The name of a part of a formula.
fn of_formula(element: Element) -> Option<&'static str> {
    element.word().strip_prefix("m:")
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
    let layouts = (0u32..)
        .zip(parts)
        .filter(|(_, part)| part.kind() == PartKind::SlideLayout);
    let layouts: BTreeMap<u32, Layout> = layouts.map(|(n, part)| (n, Layout::read(part))).collect();
    let none = Layout::default();
    for (count, number) in (1u32..).zip(order) {
        let Some(slide) = usize::try_from(number).ok().and_then(|n| parts.get(n)) else {
            continue;
        };
        out.push('[');
        out.push_str(&count.to_string());
        out.push_str("]\n");
        let layout = slide.needs().iter().find_map(|need| layouts.get(need));
        let layout = layout.unwrap_or(&none);
        numbered(slide, &mut Numbers::default(), layout, &mut out);
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

//! Spreadsheets as text: sheets under their names, cells as they are shown, parted by tabs.

use super::pages::Pages;
use super::{beside, trim};
use crate::formats::book::{Code, number_shown, tabs, text_shown};
use crate::formats::ooxml::rich::place;
use mugai_core::markup::vocabulary::Element;
use mugai_core::markup::{Event, PartKind, Place};
use mugai_core::{Cx, Markup, Refusal, Resource};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// What lies on a sheet or beside it, and has text.
pub(super) const BESIDE: [PartKind; 3] =
    [PartKind::Drawing, PartKind::Chart, PartKind::ChartShapes];

/// The text of all sheets, each with what lies on it; the numbers of the parts that were told so are left in `told`.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn tell(
    parts: &[Markup],
    told: &mut BTreeSet<u32>,
    cx: &Cx<'_>,
) -> Result<String, Refusal> {
    let strings = strings(parts);
    let mut out = String::new();
    let formats = Formats::read(parts, cx)?;
    for (number, name) in named(parts) {
        let Some(sheet) = usize::try_from(number).ok().and_then(|n| parts.get(n)) else {
            continue;
        };
        out.push('[');
        out.push_str(&name);
        out.push_str("]\n");
        let pages = Pages::read(sheet, &name);
        let lines = |lines: &[String], out: &mut String| {
            lines.iter().try_for_each(|line| {
                cx.charge_len(Resource::Bytes, line.len())?;
                out.push_str(line);
                out.push('\n');
                Ok(())
            })
        };
        lines(&pages.above, &mut out)?;
        rows(sheet, (&strings, &formats), &mut out, cx)?;
        on(sheet, parts, told, &mut out);
        lines(&pages.below, &mut out)?;
        out.push('\n');
    }
    Ok(out)
}

/// Tells the boxes and charts that a sheet names, and what these name.
fn on(sheet: &Markup, parts: &[Markup], told: &mut BTreeSet<u32>, out: &mut String) {
    let mut waiting = vec![sheet];
    while let Some(part) = waiting.pop() {
        let mut named = Vec::new();
        for event in part.events() {
            let Event::Reference(_, Place::Part(number)) = event else {
                continue;
            };
            let part = usize::try_from(number).ok().and_then(|n| parts.get(n));
            if let Some(part) = part.filter(|part| BESIDE.contains(&part.kind()))
                && told.insert(number)
            {
                beside(part, out);
                named.push(part);
            }
        }
        waiting.extend(named.into_iter().rev());
    }
}

/// The sheets of a workbook in order, with their names.
pub(in crate::formats::ooxml) fn named(parts: &[Markup]) -> Vec<(u32, String)> {
    let mut found = Vec::new();
    let (mut here, mut name) = (false, String::new());
    for event in parts.first().into_iter().flat_map(Markup::events) {
        match event {
            Event::Open(element) => {
                here = element.is("x:sheet");
                name.clear();
            }
            Event::Attribute(attribute, value) if here && attribute.local() == "name" => {
                value.clone_into(&mut name);
            }
            Event::Reference(_, Place::Part(number)) if here => found.push((number, name.clone())),
            Event::Text(_)
            | Event::Attribute(..)
            | Event::Reference(..)
            | Event::Link(..)
            | Event::Close => {}
        }
    }
    found
}

/// The shared strings, without the readings beside them.
pub(super) fn strings(parts: &[Markup]) -> Vec<String> {
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

/// The formats of numbers, by the number of the look that cells name (ECMA-376 part 1, section 18.8.10).
#[derive(Default)]
struct Formats {
    looks: Vec<Rc<Code>>,
    from_1904: bool,
}

impl Formats {
    fn read(parts: &[Markup], cx: &Cx<'_>) -> Result<Self, Refusal> {
        let mut own: BTreeMap<u32, String> = BTreeMap::new();
        let mut looks = Vec::new();
        let mut formats = Self::default();
        let mut open: Vec<Element> = Vec::new();
        let (mut number, mut of) = (0u32, 0u32);
        let styles = parts
            .iter()
            .filter(|part| part.kind() == PartKind::SheetStyles);
        for event in styles.chain(parts.first()).flat_map(Markup::events) {
            match event {
                Event::Open(element) => {
                    open.push(element);
                    (number, of) = (0, 0);
                }
                Event::Attribute(attribute, value) => {
                    let Some(element) = open.last() else { continue };
                    match attribute.local() {
                        "numFmtId" => {
                            number = value.parse().unwrap_or(0);
                            of = number;
                        }
                        "formatCode" if element.is("x:numFmt") => {
                            own.insert(number, value.to_owned());
                        }
                        "date1904" if element.is("x:workbookPr") => {
                            formats.from_1904 = matches!(value, "1" | "true");
                        }
                        _ => {}
                    }
                }
                Event::Close => {
                    let Some(element) = open.pop() else { continue };
                    if element.is("x:xf") && open.last().is_some_and(|e| e.is("x:cellXfs")) {
                        looks.push(of);
                    }
                    of = 0;
                }
                Event::Text(_) | Event::Reference(..) | Event::Link(..) => {}
            }
        }
        // many looks share a format, which is read once
        let mut read: BTreeMap<u32, Rc<Code>> = BTreeMap::new();
        for number in looks {
            let code = match (read.get(&number), own.get(&number)) {
                (Some(code), _) => Rc::clone(code),
                (None, Some(code)) => Rc::new(Code::paid(code, cx)?),
                (None, None) => {
                    let built_in = u16::try_from(number).map(Code::built_in);
                    Rc::new(built_in.unwrap_or_default())
                }
            };
            read.insert(number, Rc::clone(&code));
            formats.looks.push(code);
        }
        Ok(formats)
    }

    fn code(&self, look: usize) -> Option<&Code> {
        self.looks.get(look).map(Rc::as_ref)
    }

    /// A number as a cell of a look shows it.
    fn shown(&self, value: &str, look: usize) -> Option<String> {
        let value: f64 = value.trim().parse().ok()?;
        Some(number_shown(
            value,
            self.looks.get(look).map(Rc::as_ref),
            self.from_1904,
        ))
    }
}

/// A cell that is open.
#[derive(Default)]
struct Cell {
    /// Where it says it is.
    place: Option<u32>,
    kind: Kind,
    look: usize,
    value: String,
}

/// What a value is (ECMA-376 part 1, section 18.18.11).
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Number,
    Bool,
    /// The number of a shared string.
    Shared,
    /// Itself.
    Text,
}

impl Cell {
    fn attribute(&mut self, name: &str, text: &str) {
        match name {
            "r" => {
                let column = place(text).map(|(column, _)| column);
                self.place = column.and_then(|column| u32::try_from(column).ok());
            }
            "s" => self.look = text.parse().unwrap_or(0),
            "t" => {
                self.kind = match text {
                    "s" => Kind::Shared,
                    "b" => Kind::Bool,
                    "n" => Kind::Number,
                    _ => Kind::Text,
                };
            }
            _ => {}
        }
    }

    fn shown<'c>(
        &'c self,
        strings: &'c [String],
        formats: &Formats,
        cx: &Cx<'_>,
    ) -> Result<Cow<'c, str>, Refusal> {
        let value = self.value.as_str();
        let text = match self.kind {
            Kind::Shared => {
                let number = value.trim().parse::<usize>().ok();
                let text = number.and_then(|number| strings.get(number));
                text.map_or("", String::as_str)
            }
            Kind::Text => value,
            Kind::Bool if value.trim() == "0" => return Ok(Cow::Borrowed("FALSE")),
            Kind::Bool => return Ok(Cow::Borrowed("TRUE")),
            Kind::Number => {
                let shown = formats.shown(value, self.look);
                return Ok(shown.map_or(Cow::Borrowed(value), Cow::Owned));
            }
        };
        text_shown(text, formats.code(self.look), cx)
    }
}

fn rows(
    sheet: &Markup,
    (strings, formats): (&[String], &Formats),
    out: &mut String,
    cx: &Cx<'_>,
) -> Result<(), Refusal> {
    let mut open: Vec<Element> = Vec::new();
    let mut cell = Cell::default();
    // of the row: where a cell stands that does not say it, the column behind which the last value was told, if one was
    let (mut next, mut column, mut within) = (0u32, 0u32, false);
    for event in sheet.events() {
        match event {
            Event::Open(element) => {
                open.push(element);
                if element.is("x:c") {
                    cell = Cell::default();
                } else if element.is("x:row") {
                    (next, column, within) = (0, 0, false);
                }
            }
            Event::Attribute(attribute, text) if open.last().is_some_and(|e| e.is("x:c")) => {
                cell.attribute(attribute.local(), text);
            }
            Event::Text(text) if open.last().is_some_and(|e| e.is("x:v") || e.is("x:t")) => {
                // readings stand beside what they are the readings of
                if !open.iter().any(|e| e.is("x:rPh")) {
                    cell.value.push_str(text);
                }
            }
            Event::Close => {
                let Some(element) = open.pop() else { continue };
                if element.is("x:c") {
                    let at = cell.place.unwrap_or(next);
                    next = at.saturating_add(1);
                    if cell.value.is_empty() {
                        continue;
                    }
                    out.extend((0..tabs(column, within, at)).map(|_| '\t'));
                    (column, within) = (at.max(column), true);
                    let text = cell.shown(strings, formats, cx)?;
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

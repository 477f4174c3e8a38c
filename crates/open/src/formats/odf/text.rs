//! Documents as text: paragraphs are lines, cells are parted by tabs, sheets and slides have a heading.

use super::numbers::{Numbers, is_paragraph};
use crate::formats::numbers::{before, is_beside_number};
use mugai_core::markup::vocabulary::Element;
use mugai_core::markup::{Event, PartKind, Place};
use mugai_core::{Cx, Markup, Refusal, Resource};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// What a list that ended is remembered with, in bytes.
const LIST: u64 = 512;
/// The most columns that are kept apart by tabs: far columns of sparse sheets would be tabs only.
const MAX_TABS: u64 = 256;

/// How many elements are open where one begins that stands above or below pages.
const MARGIN: usize = 4;

#[derive(Default)]
struct Writer {
    numbers: Numbers,
    /// Where the paragraphs begin that are open.
    paragraphs: Vec<usize>,
    out: String,
    open: Vec<Element>,
    slides: u32,
    /// Of the cell that is open: where its text begins, how often it repeats, its value without text.
    cell: Option<(usize, u64, String)>,
    /// Of the row that is open: where it begins, how often it repeats.
    row: Option<(usize, u64)>,
    /// How many blanks an element stands for.
    blanks: u64,
    /// Notes, which are told behind the text, and the one that is open.
    notes: String,
    citation: Option<usize>,
    /// Where what is declared begins, while it is open.
    declared: Option<usize>,
    /// How many bodies of notes, and declarations, are open in each other: the outermost ones count.
    depths: (usize, usize),
    note: Option<Note>,
    of: Told,
    /// Whether there was a number of a page in the paragraph that is open.
    counts: bool,
    /// The formulas, by the numbers of their parts.
    formulas: Rc<BTreeMap<u32, String>>,
    /// The names of the kinds of pages that are used, if they are those of sheets, and whether the one that is open is not.
    used: Option<Rc<BTreeSet<String>>>,
    unused: bool,
    /// Where what stands above or below pages begins, that nobody sees it, and all of it that was told.
    margin: usize,
    unseen: bool,
    seen: BTreeSet<String>,
}

/// A note whose body is open.
struct Note {
    /// Where the body begins.
    from: usize,
    /// The cell in which its mark stands.
    cell: Option<(usize, u64, String)>,
}

/// The text of a chart: its titles, and the table of what it shows.
///
/// # Errors
/// As [`text`].
pub(super) fn chart(chart: &Markup, cx: &Cx<'_>) -> Result<String, Refusal> {
    Writer::of(Told::Body, Numbers::default()).told(chart, cx)
}

/// What is told of a part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Told {
    #[default]
    Body,
    /// What stands above, or below, the text of every page.
    Headers,
    Footers,
}

impl Told {
    /// Whether what lies in these elements is told.
    fn holds(self, open: &[Element]) -> bool {
        let names = match self {
            Self::Body => return open.get(1).is_some_and(|e| e.is("office:body")),
            Self::Headers => ["style:header", "style:header-first", "style:header-left"],
            Self::Footers => ["style:footer", "style:footer-first", "style:footer-left"],
        };
        // of a master page, in the list of them
        open.get(3)
            .is_some_and(|e| names.iter().any(|name| e.is(name)))
    }
}

/// The text of the body of a document, whose styles may stand in a part of their own, and its formulas. What stands above
/// and below the pages of texts and sheets stands before and behind it, once.
///
/// # Errors
/// [`Refusal::Overrun`] for cells and rows that repeat more text than the purse allows.
pub(super) fn text(
    content: &Markup,
    styles: Option<&Markup>,
    formulas: BTreeMap<u32, String>,
    cx: &Cx<'_>,
) -> Result<String, Refusal> {
    let of_sheet = content.kind() == PartKind::OpenSheet;
    let formulas = Rc::new(formulas);
    let used = of_sheet.then(|| Rc::new(pages(content)));
    let margin = |told: Told| match styles {
        Some(styles) if of_sheet || content.kind() == PartKind::OpenText => {
            let writer = Writer {
                formulas: Rc::clone(&formulas),
                used: used.clone(),
                ..Writer::of(told, Numbers::read(styles, None, cx)?)
            };
            writer.told(styles, cx)
        }
        Some(_) | None => Ok(String::new()),
    };
    let body = Writer {
        // what stands above it is told before it
        out: margin(Told::Headers)?,
        formulas: Rc::clone(&formulas),
        ..Writer::of(Told::Body, Numbers::read(content, styles, cx)?)
    };
    let mut out = body.told(content, cx)?;
    let footers = margin(Told::Footers)?;
    if !footers.is_empty() {
        cx.charge_len(Resource::Bytes, footers.len())?;
        out.push('\n');
        out.push_str(&footers);
    }
    Ok(out)
}

impl Writer {
    fn of(told: Told, numbers: Numbers) -> Self {
        Self {
            numbers,
            of: told,
            ..Self::default()
        }
    }

    fn told(mut self, part: &Markup, cx: &Cx<'_>) -> Result<String, Refusal> {
        for event in part.events() {
            match event {
                Event::Open(element) => self.begin(element),
                Event::Attribute(attribute, value) => self.attribute(attribute.local(), value),
                Event::Text(text) => self.say(text),
                Event::Close => self.end(cx)?,
                Event::Reference(_, Place::Part(number)) => self.formula(number, cx)?,
                Event::Reference(..) | Event::Link(..) => {}
            }
        }
        if !self.notes.is_empty() {
            self.out.push('\n');
            self.out.push_str(&self.notes);
        }
        Ok(self.out)
    }

    fn in_body(&self) -> bool {
        !self.unseen && !self.unused && self.of.holds(&self.open)
    }

    fn begin(&mut self, element: Element) {
        let parent = self.open.last().copied();
        self.open.push(element);
        if self.open.len() == MARGIN {
            (self.margin, self.unseen) = (self.out.len(), false);
        }
        if !self.in_body() {
            return;
        }
        self.numbers.begin(element, parent);
        if is_paragraph(element) {
            self.paragraphs.push(self.out.len());
            self.counts = false;
        }
        if self.of_sheet() && (element.is("text:page-number") || element.is("text:page-count")) {
            self.counts = true;
        }
        if element.is("draw:page") {
            self.slides = self.slides.saturating_add(1);
            self.out.push('[');
            self.out.push_str(&self.slides.to_string());
            self.out.push_str("]\n");
        } else if element.is("text:s") {
            self.blanks = 1;
        } else if element.is("text:tab") {
            self.out.push('\t');
        } else if element.is("text:ruby-text") {
            // the reading stands behind what it is the reading of
            self.out.push('（');
        } else if element.is("text:line-break") {
            self.out.push(if self.cell.is_some() { ' ' } else { '\n' });
        } else if element.is("text:note-citation") {
            self.citation = Some(self.out.len());
        } else if is_declared(element).is_some() {
            self.depths.1 = self.depths.1.saturating_add(1);
            if self.depths.1 == 1 {
                self.declared = Some(self.out.len());
            }
        } else if element.is("text:note-body") {
            self.depths.0 = self.depths.0.saturating_add(1);
            if self.depths.0 == 1 {
                self.note = Some(Note {
                    from: self.out.len(),
                    cell: self.cell.take(),
                });
            }
        } else if element.is("table:table-row") {
            self.row = Some((self.out.len(), 1));
        } else if is_cell(element) {
            self.cell = Some((self.out.len(), 1, String::new()));
        }
    }

    fn attribute(&mut self, name: &str, value: &str) {
        if let Some(used) = &self.used
            && name == "name"
            && self.open.last().is_some_and(|e| e.is("style:master-page"))
        {
            self.unused = !used.contains(value);
        }
        let Some(element) = self.open.last().copied().filter(|_| self.in_body()) else {
            return;
        };
        self.numbers.attribute(element, name, value);
        match name {
            "display" if self.of != Told::Body && self.open.len() == MARGIN => {
                self.unseen = value == "false";
            }
            "name" if element.is("table:table") && self.is_sheet() => {
                self.out.push('[');
                self.out.push_str(value);
                self.out.push_str("]\n");
            }
            "c" if element.is("text:s") => self.blanks = value.parse().unwrap_or(1),
            "number-rows-repeated" => {
                if let Some(row) = &mut self.row {
                    row.1 = value.parse().unwrap_or(1);
                }
            }
            "number-columns-repeated" if is_cell(element) => {
                if let Some(cell) = &mut self.cell {
                    cell.1 = value.parse().unwrap_or(1);
                }
            }
            "value" | "date-value" | "time-value" | "boolean-value" | "string-value"
                if is_cell(element) =>
            {
                if let Some(cell) = &mut self.cell {
                    value.clone_into(&mut cell.2);
                }
            }
            _ => {}
        }
    }

    /// A formula stands where its frame does.
    fn formula(&mut self, number: u32, cx: &Cx<'_>) -> Result<(), Refusal> {
        if let Some(text) = self.formulas.get(&number).filter(|_| self.in_body()) {
            cx.charge_len(Resource::Bytes, text.len())?;
            self.out.push_str(text);
            // one that stands in no paragraph is one
            if self.paragraphs.is_empty() {
                self.out.push('\n');
            }
        }
        Ok(())
    }

    /// Whether the pages are those of sheets, of which numbers and names are not told.
    const fn of_sheet(&self) -> bool {
        self.used.is_some()
    }

    fn is_sheet(&self) -> bool {
        self.open.get(2).is_some_and(|e| e.is("office:spreadsheet"))
    }

    fn say(&mut self, text: &str) {
        let shown = |e: &Element| {
            !(e.is("svg:title") || e.is("svg:desc") || (self.of_sheet() && is_of_print(*e)))
        };
        if self.in_body() && self.open.last().is_some_and(shown) {
            self.out.push_str(&text.replace('\n', " "));
        }
    }

    fn end(&mut self, cx: &Cx<'_>) -> Result<(), Refusal> {
        let body = self.in_body();
        if body && self.of != Told::Body && self.open.len() == MARGIN {
            self.end_margin(cx)?;
        }
        let Some(element) = self.open.pop() else {
            return Ok(());
        };
        if !body {
            return Ok(());
        }
        self.number(element, cx)?;
        if element.is("text:s") {
            for _ in 0..self.blanks.min(1_000) {
                self.out.push(' ');
            }
        } else if is_paragraph(element) {
            self.out.push(if self.cell.is_some() { ' ' } else { '\n' });
        } else if element.is("text:ruby-text") {
            if self.out.ends_with('（') {
                self.out.pop();
            } else {
                self.out.push('）');
            }
        } else if element.is("svg:title") || element.is("svg:desc") {
        } else if element.is("text:note-citation") {
            self.cite(cx)?;
        } else if element.is("text:note-body") {
            self.end_note(cx)?;
        } else if let Some(shows) = is_declared(element) {
            self.end_declared(shows, cx)?;
        } else if is_cell(element) {
            self.end_cell(cx)?;
        } else if element.is("table:table-row") {
            self.end_row(cx)?;
        } else if element.is("table:table") || element.is("draw:page") {
            self.out.push('\n');
        }
        Ok(())
    }

    /// Puts the number of a paragraph before it, where it ends. Empty ones of slides have none.
    fn number(&mut self, element: Element, cx: &Cx<'_>) -> Result<(), Refusal> {
        if element.is("text:list") {
            cx.charge(Resource::Bytes, LIST)?;
        }
        let start = if is_paragraph(element) {
            self.paragraphs.pop().unwrap_or(0)
        } else {
            self.out.len()
        };
        if is_paragraph(element) && std::mem::take(&mut self.counts) {
            // what parts the number from that of all pages goes with them
            let said = self.out.split_off(start.min(self.out.len()));
            let said =
                said.trim_matches(|c: char| c.is_whitespace() || matches!(c, '/' | '-' | '／'));
            if said.chars().any(char::is_numeric) || !is_beside_number(said) {
                self.out.push_str(said);
            }
        }
        let text = self.out.get(start..).unwrap_or_default();
        let shown = self.slides == 0 || !text.trim().is_empty();
        if let Some(number) = self.numbers.end(element, shown) {
            cx.charge_len(Resource::Bytes, number.len().saturating_add(1))?;
            before(&mut self.out, start, &number);
        }
        Ok(())
    }

    /// A note begins with the mark that stands in the text.
    fn cite(&mut self, cx: &Cx<'_>) -> Result<(), Refusal> {
        let start = self.citation.take().unwrap_or(self.out.len());
        let mark = self.out.get(start..).unwrap_or_default();
        cx.charge_len(Resource::Bytes, mark.len().saturating_add(1))?;
        self.notes.push_str(mark);
        self.notes.push(' ');
        Ok(())
    }

    fn end_note(&mut self, cx: &Cx<'_>) -> Result<(), Refusal> {
        self.depths.0 = self.depths.0.saturating_sub(1);
        if self.depths.0 > 0 {
            return Ok(());
        }
        let Some(Note { from, cell }) = self.note.take() else {
            return Ok(());
        };
        self.cell = cell;
        let body = self.cut(from);
        cx.charge_len(Resource::Bytes, body.len().saturating_add(1))?;
        self.notes.push_str(body.trim());
        self.notes.push('\n');
        Ok(())
    }

    /// What was told from a place on, which is told elsewhere or not at all.
    fn cut(&mut self, from: usize) -> String {
        if self.out.is_char_boundary(from) {
            self.out.split_off(from)
        } else {
            String::new()
        }
    }

    /// Takes what is declared out of the text.
    fn end_declared(&mut self, shows: bool, cx: &Cx<'_>) -> Result<(), Refusal> {
        self.depths.1 = self.depths.1.saturating_sub(1);
        if self.depths.1 > 0 {
            return Ok(());
        }
        let from = self.declared.take().unwrap_or(self.out.len());
        let said = self.cut(from);
        if shows {
            cx.charge_len(Resource::Bytes, said.len().saturating_add(1))?;
            self.notes.push_str(said.trim());
            self.notes.push('\n');
        }
        Ok(())
    }

    /// What stands above or below pages is told once, however many kinds of pages have it.
    fn end_margin(&mut self, cx: &Cx<'_>) -> Result<(), Refusal> {
        let mut said = self.cut(self.margin);
        if self.of_sheet() {
            let lines = said.lines().map(str::trim_end);
            let full: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
            said = full.join("\n");
        }
        let text = said.trim();
        cx.charge_len(Resource::Steps, text.len())?;
        if !text.is_empty() && !self.seen.contains(text) {
            cx.charge_len(Resource::Bytes, text.len().saturating_add(64))?;
            self.seen.insert(text.to_owned());
            self.out.push_str(text);
            self.out.push_str("\n\n");
        }
        Ok(())
    }

    fn end_cell(&mut self, cx: &Cx<'_>) -> Result<(), Refusal> {
        let Some((from, repeats, value)) = self.cell.take() else {
            return Ok(());
        };
        let mut text = self.out.split_off(from.min(self.out.len()));
        if text.trim().is_empty() {
            text = value;
        }
        let text = text.trim();
        let times = if text.is_empty() {
            repeats.min(MAX_TABS)
        } else {
            repeats
        };
        for _ in 0..times {
            cx.charge_len(Resource::Bytes, text.len().saturating_add(1))?;
            self.out.push_str(text);
            self.out.push('\t');
        }
        Ok(())
    }

    fn end_row(&mut self, cx: &Cx<'_>) -> Result<(), Refusal> {
        let Some((from, repeats)) = self.row.take() else {
            return Ok(());
        };
        let row = self.out.split_off(from.min(self.out.len()));
        let row = row.trim_end();
        // empty rows tell where the next full one is, as far as a person would scroll
        let times = if row.is_empty() {
            repeats.min(1)
        } else {
            repeats
        };
        for _ in 0..times {
            cx.charge_len(Resource::Bytes, row.len().saturating_add(1))?;
            self.out.push_str(row);
            self.out.push('\n');
        }
        Ok(())
    }
}

/// Whether an element holds texts that are no content where they stand: what is told when a cell is filled in, the
/// title that an index gets; and whether they show somewhere, as headers and footers of slides do.
fn is_declared(element: Element) -> Option<bool> {
    let names = [
        ("text:index-title-template", false),
        ("table:help-message", false),
        ("table:error-message", false),
        ("presentation:header-decl", true),
        ("presentation:footer-decl", true),
        ("presentation:date-time-decl", true),
    ];
    let found = names.iter().find(|(name, _)| element.is(name));
    found.map(|(_, shows)| *shows)
}

/// The names of the kinds of pages that the sheets of a document have.
fn pages(content: &Markup) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut last = None;
    for event in content.events() {
        match event {
            Event::Open(element) => last = Some(element),
            Event::Attribute(attribute, value)
                if attribute.local() == "master-page-name"
                    && last.is_some_and(|element: Element| element.is("style:style")) =>
            {
                names.insert(value.to_owned());
            }
            Event::Attribute(..)
            | Event::Text(_)
            | Event::Reference(..)
            | Event::Link(..)
            | Event::Close => {}
        }
    }
    if names.is_empty() {
        names.insert("Default".to_owned());
    }
    names
}

/// Whether an element says what is another thing whenever a sheet is drawn, or its name, which is told already.
fn is_of_print(element: Element) -> bool {
    let names = [
        "text:page-number",
        "text:page-count",
        "text:sheet-name",
        "text:date",
        "text:time",
    ];
    names.iter().any(|name| element.is(name))
}

fn is_cell(element: Element) -> bool {
    element.is("table:table-cell") || element.is("table:covered-table-cell")
}

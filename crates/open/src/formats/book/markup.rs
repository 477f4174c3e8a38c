//! A workbook in the vocabulary of Office Open XML: values, formats of numbers, merged cells, widths.

use super::paper::paper;
use super::{Area, Book, Cell, Look, Row, Sheet, Value, error, look};
use crate::formats::ooxml;
use mugai_core::markup::vocabulary::{Attribute, Element, Space};
use mugai_core::markup::{Builder, Event, PartKind, Place, scrub};
use mugai_core::{Cx, FindingCode, Markup, Piece, Refusal, Resource};
use std::collections::{BTreeMap, BTreeSet};

/// The longest text of a cell and name of a sheet, in characters.
const MAX_TEXT: usize = 32_767;
const MAX_NAME: usize = 31;

/// Hands over the parts of a workbook: itself, its looks, its sheets.
///
/// # Errors
/// [`Refusal::Malformed`] for a workbook without sheets, [`Refusal::Overrun`].
pub(in crate::formats) fn put(mut book: Book, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    if book.sheets.is_empty() {
        return Err(Refusal::malformed("book: no sheet"));
    }
    let mut sheets = std::mem::take(&mut book.sheets);
    wrap(&mut book, &mut sheets);
    let names = names(&sheets);
    cx.put(Piece::Markup(workbook(&book, &sheets, &names)?))?;
    let mut scribe = Scribe::new(PartKind::SheetStyles)?;
    look::write(&book, &mut scribe)?;
    cx.put(Piece::Markup(scribe.finish()?))?;
    for mut sheet in sheets {
        sheet.sort(cx)?;
        cx.note_times(FindingCode::OfficePart, u32::from(!sheet.boxes.is_empty()));
        let part = worksheet(&sheet, &book, cx)?;
        cx.put(Piece::Markup(part))?;
    }
    for part in book.beside.parts {
        cx.put(Piece::Markup(part))?;
    }
    for (path, picture) in book.beside.pictures {
        ooxml::put_picture(&path, picture, cx)?;
    }
    Ok(())
}

/// Texts of several lines are seen as such: programs show one line, or the last one, where a look does not say that lines
/// are broken.
fn wrap(book: &mut Book, sheets: &mut [Sheet]) {
    let mut known: BTreeMap<usize, usize> = BTreeMap::new();
    for cell in sheets.iter_mut().flat_map(|sheet| &mut sheet.cells) {
        let Value::Text(text) = &cell.value else {
            continue;
        };
        if !text.contains('\n') {
            continue;
        }
        if book.looks.is_empty() {
            book.looks = (0..book.formats.len().max(1)).map(Look::of).collect();
        }
        let Some(look) = book.looks.get(cell.look).filter(|look| !look.wrap) else {
            continue;
        };
        let look = Look {
            wrap: true,
            ..*look
        };
        cell.look = *known.entry(cell.look).or_insert_with(|| {
            book.looks.push(look);
            book.looks.len().saturating_sub(1)
        });
    }
}

/// Names as spreadsheets allow them, each once.
fn names(sheets: &[Sheet]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    // the next number of a name that many have
    let mut next: BTreeMap<String, u32> = BTreeMap::new();
    let mut names = Vec::new();
    for (number, sheet) in (1u32..).zip(sheets) {
        let (clean, _) = scrub(&sheet.name);
        let mut name: String = clean
            .chars()
            .map(|c| if "[]:*?/\\\n\t".contains(c) { '_' } else { c })
            .take(MAX_NAME)
            .collect();
        if name.trim().is_empty() {
            name = format!("Sheet{number}");
        }
        let base: String = name.chars().take(MAX_NAME.saturating_sub(7)).collect();
        let mut again = next.get(&base.to_lowercase()).copied().unwrap_or(2);
        while !seen.insert(name.to_lowercase()) {
            name = format!("{base} ({again})");
            again = again.saturating_add(1);
            next.insert(base.to_lowercase(), again);
        }
        names.push(name);
    }
    names
}

fn attribute(name: &str) -> Option<Attribute> {
    match name.split_once(':') {
        Some((prefix, local)) => {
            let space = Space::all().find(|space| space.prefix() == prefix)?;
            Attribute::find(Some(space), local)
        }
        None => Attribute::find(None, name),
    }
}

/// Builds a part from names.
pub(in crate::formats) struct Scribe(Builder);

impl Scribe {
    /// Goes on with a part that has begun.
    pub(in crate::formats) const fn over(part: Builder) -> Self {
        Self(part)
    }

    /// The part as far as it is.
    pub(in crate::formats) fn into_part(self) -> Builder {
        self.0
    }

    /// The part needs part `number` without naming it.
    pub(in crate::formats) fn need(&mut self, number: u32) {
        self.0.need(number);
    }

    /// The relationship of the element that has just begun.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] where it has none.
    pub(in crate::formats) fn refer(&mut self, number: u32) -> Result<(), Refusal> {
        let reference = attribute("r:id").ok_or(Refusal::internal("book: no reference"))?;
        self.0
            .push(Event::Reference(reference, Place::Part(number)))
    }

    /// The picture of the element that has just begun.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] where it has none.
    pub(in crate::formats) fn picture(&mut self, place: u32) -> Result<(), Refusal> {
        let embed = attribute("r:embed").ok_or(Refusal::internal("book: no picture"))?;
        self.0.push(Event::Reference(embed, Place::Picture(place)))
    }

    pub(in crate::formats) fn new(kind: PartKind) -> Result<Self, Refusal> {
        let mut scribe = Self(Builder::new(kind));
        scribe.0.push(Event::Open(kind.root()))?;
        Ok(scribe)
    }

    pub(in crate::formats) fn open(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
    ) -> Result<(), Refusal> {
        let unknown = Refusal::internal("book: a name outside of the vocabulary");
        let element = Element::named(name).ok_or(unknown.clone())?;
        self.0.push(Event::Open(element))?;
        for (name, value) in attributes {
            let attribute = attribute(name).ok_or(unknown.clone())?;
            self.0.push(Event::Attribute(attribute, value))?;
        }
        Ok(())
    }

    pub(in crate::formats) fn text(&mut self, text: &str) -> Result<(), Refusal> {
        self.0.push(Event::Text(text))
    }

    pub(in crate::formats) fn close(&mut self) -> Result<(), Refusal> {
        self.0.push(Event::Close)
    }

    pub(in crate::formats) fn leaf(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
    ) -> Result<(), Refusal> {
        self.open(name, attributes)?;
        self.close()
    }

    pub(in crate::formats) fn finish(mut self) -> Result<Markup, Refusal> {
        self.close()?;
        self.0.finish()
    }
}

fn workbook(book: &Book, sheets: &[Sheet], names: &[String]) -> Result<Markup, Refusal> {
    let mut scribe = Scribe::new(PartKind::Workbook)?;
    scribe.need(1);
    if let Some(theme) = book.beside.theme {
        scribe.need(theme);
    }
    if book.standard {
        scribe.leaf("x:fileVersion", &[("appName", "xl")])?;
    }
    if book.date1904 {
        scribe.leaf("x:workbookPr", &[("date1904", "1")])?;
    }
    // a workbook of which nothing is seen cannot be opened
    let all_hidden = sheets.iter().all(|sheet| sheet.hidden);
    scribe.open("x:sheets", &[])?;
    for ((number, sheet), name) in (1u32..).zip(sheets).zip(names) {
        let id = number.to_string();
        let mut attributes = vec![("name", name.as_str()), ("sheetId", id.as_str())];
        if sheet.hidden && !(all_hidden && number == 1) {
            attributes.push(("state", "hidden"));
        }
        scribe.open("x:sheet", &attributes)?;
        scribe.refer(number.saturating_add(1))?;
        scribe.close()?;
    }
    scribe.close()?;
    scribe.finish()
}

fn worksheet(sheet: &Sheet, book: &Book, cx: &mut Cx<'_>) -> Result<Markup, Refusal> {
    let mut scribe = Scribe::new(PartKind::Worksheet)?;
    if sheet.paper.fit.is_some() {
        scribe.open("x:sheetPr", &[])?;
        scribe.leaf("x:pageSetUpPr", &[("fitToPage", "1")])?;
        scribe.close()?;
    }
    if let Some(height) = sheet.height.filter(|height| (0.0..=409.5).contains(height)) {
        let height = format!("{height:.2}");
        let width = sheet.default_width.map(|width| format!("{width:.2}"));
        let mut attributes = vec![("defaultRowHeight", height.as_str())];
        attributes.extend(
            width
                .iter()
                .map(|width| ("defaultColWidth", width.as_str())),
        );
        scribe.leaf("x:sheetFormatPr", &attributes)?;
    }
    columns(&mut scribe, sheet, book)?;
    scribe.open("x:sheetData", &[])?;
    let mut cells = sheet.cells.iter().peekable();
    let mut rows = sheet.rows.iter().peekable();
    loop {
        // the next row of which anything is told
        let (cell, told) = (
            cells.peek().map(|cell| cell.row),
            rows.peek().map(|(n, _)| **n),
        );
        let Some(number) = cell.into_iter().chain(told).min() else {
            break;
        };
        let row = rows.next_if(|(n, _)| **n == number).map(|(_, row)| *row);
        open_row(&mut scribe, number, row.unwrap_or_default(), book)?;
        while let Some(cell) = cells.next_if(|cell| cell.row == number) {
            put_cell(&mut scribe, cell, book, cx)?;
        }
        scribe.close()?;
    }
    scribe.close()?;
    if !sheet.merged.is_empty() {
        scribe.open(
            "x:mergeCells",
            &[("count", &sheet.merged.len().to_string())],
        )?;
        for area in &sheet.merged {
            scribe.leaf("x:mergeCell", &[("ref", &named(area))])?;
        }
        scribe.close()?;
    }
    paper(&mut scribe, &sheet.paper)?;
    if let Some(drawing) = sheet.drawing {
        scribe.open("x:drawing", &[])?;
        scribe.refer(drawing)?;
        scribe.close()?;
    }
    scribe.finish()
}

fn columns(scribe: &mut Scribe, sheet: &Sheet, book: &Book) -> Result<(), Refusal> {
    if sheet.columns.is_empty() {
        return Ok(());
    }
    scribe.open("x:cols", &[])?;
    for columns in &sheet.columns {
        let min = columns.first.saturating_add(1).to_string();
        let max = columns.last.saturating_add(1).to_string();
        let width = format!("{:.2}", columns.width);
        let look = columns.look.to_string();
        let mut attributes = vec![
            ("min", min.as_str()),
            ("max", max.as_str()),
            ("width", width.as_str()),
            ("customWidth", "1"),
        ];
        if book.has(columns.look) {
            attributes.push(("style", look.as_str()));
        }
        if columns.hidden {
            attributes.push(("hidden", "1"));
        }
        scribe.leaf("x:col", &attributes)?;
    }
    scribe.close()
}

fn open_row(scribe: &mut Scribe, number: u32, row: Row, book: &Book) -> Result<(), Refusal> {
    let (number, look) = (number.saturating_add(1).to_string(), row.look.to_string());
    let height = row.height.map(|height| format!("{height:.2}"));
    let mut attributes = vec![("r", number.as_str())];
    if book.has(row.look) {
        attributes.extend([("s", look.as_str()), ("customFormat", "1")]);
    }
    if let Some(height) = &height {
        attributes.push(("ht", height.as_str()));
        if row.fixed {
            attributes.push(("customHeight", "1"));
        }
    }
    if row.hidden {
        attributes.push(("hidden", "1"));
    }
    scribe.open("x:row", &attributes)
}

fn put_cell(scribe: &mut Scribe, cell: &Cell, book: &Book, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let place = place(cell.row, cell.column);
    let style = cell.look.to_string();
    let mut attributes = vec![("r", place.as_str())];
    if book.has(cell.look) {
        attributes.push(("s", style.as_str()));
    }
    let (kind, value) = match &cell.value {
        Value::Blank => {
            cx.charge(Resource::Steps, 1)?;
            return scribe.leaf("x:c", &attributes);
        }
        Value::Number(value) if value.is_finite() => ("", format!("{value:?}")),
        Value::Number(_) => ("e", error(0x24).to_owned()),
        Value::Bool(value) => ("b", u8::from(*value).to_string()),
        Value::Error(code) => ("e", error(*code).to_owned()),
        Value::Text(text) => ("inlineStr", (**text).to_owned()),
    };
    if !kind.is_empty() {
        attributes.push(("t", kind));
    }
    cx.charge_len(Resource::Bytes, value.len())?;
    cx.charge_len(Resource::Steps, value.len().div_ceil(16))?;
    scribe.open("x:c", &attributes)?;
    if kind == "inlineStr" {
        let (clean, scrubbed) = scrub(&value);
        cx.note_scrubbed(scrubbed);
        scribe.open("x:is", &[])?;
        scribe.open("x:t", &[("xml:space", "preserve")])?;
        let cut = clean.char_indices().nth(MAX_TEXT).map(|(at, _)| at);
        cx.note_times(FindingCode::TextTruncated, u32::from(cut.is_some()));
        let text = clean.get(..cut.unwrap_or(clean.len())).unwrap_or_default();
        scribe.0.push(Event::Text(text))?;
        scribe.close()?;
        scribe.close()?;
    } else {
        scribe.open("x:v", &[])?;
        scribe.0.push(Event::Text(&value))?;
        scribe.close()?;
    }
    scribe.close()
}

/// `B3`, for row 2 and column 1.
/// What a cell is called, by its row and column counted from 0: `AC7`.
pub(in crate::formats) fn place(row: u32, column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column.saturating_add(1);
    while rest > 0 {
        let digit = rest.saturating_sub(1) % 26;
        letters.push(b'A'.saturating_add(u8::try_from(digit).unwrap_or(0)));
        rest = rest.saturating_sub(1) / 26;
    }
    let letters: String = letters.iter().rev().map(|b| char::from(*b)).collect();
    format!("{letters}{}", row.saturating_add(1))
}

fn named(area: &Area) -> String {
    format!(
        "{}:{}",
        place(area.rows.0, area.columns.0),
        place(area.rows.1, area.columns.1)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheets_of_one_name_are_counted() {
        let sheet = |name: &str| Sheet {
            name: name.to_owned(),
            ..Sheet::default()
        };
        let mut sheets: Vec<Sheet> = (0..3_000).map(|_| sheet("表")).collect();
        sheets.extend([sheet("a"), sheet("A"), sheet("a (2)"), sheet("a")]);
        let names = names(&sheets);
        let seen: BTreeSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
        assert_eq!(seen.len(), names.len());
        assert_eq!(names.get(2_999).map(String::as_str), Some("表 (3000)"));
    }
}

//! Workbooks of Excel 5 to 2003 ([MS-XLS], BIFF5 and BIFF8): values as they are shown or written anew.
//!
//! Formulas are replaced by their last values. Macro sheets, modules and charts are left behind.

mod cells;
mod globals;
mod locked;
mod looks;
mod page;
mod records;
mod strings;
#[cfg(test)]
mod tests;

use crate::formats::book::{self, Book};
use crate::formats::ole::{self, Ole};
use crate::formats::ooxml;
use crate::reader::{Format, Sniff, Spec};
pub(super) use cells::rk;
use globals::Shape;
use mugai_core::{Cx, Family, FindingCode, Kind, Piece, Refusal, Remark, Treatment};
use records::Records;

/// The reader of xls and xlt.
#[derive(Debug)]
pub(super) struct Xls;

impl Format for Xls {
    fn spec(&self) -> &'static Spec {
        &Spec {
            kind: Kind::Xls,
            reference: "[MS-XLS]",
            treatments: &[Treatment::Text, Treatment::Rebuild],
        }
    }

    fn sniff(&self, head: &[u8]) -> Sniff {
        ole::sniff(head)
    }

    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        if !input.starts_with(ole::MARK) {
            // a stream without its container, which Excel opens, too
            return workbook(input, cx);
        }
        let mut ole = Ole::read(input, cx)?;
        ole::note(&ole, &STREAMS, cx);
        let mut stream = ole.stream("Workbook", cx)?;
        if stream.is_none() {
            stream = ole.stream("Book", cx)?;
        }
        let stream = stream.ok_or(Refusal::malformed("xls: no workbook"))?;
        drop(ole);
        workbook(&stream, cx)
    }
}

const STREAMS: [&str; 3] = ["Workbook", "Book", "\u{1}CompObj"];

/// How encrypted workbooks are told of.
const ENCRYPTED: Refusal = Refusal::Encrypted(Remark::fixed("xls: encrypted"));

fn workbook(stream: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let opened = locked::unlocked(stream, cx)?;
    let stream = opened.as_deref().unwrap_or(stream);
    let mut globals = globals::read(stream, cx)?;
    let mut book = Book {
        formats: std::mem::take(&mut globals.codes),
        fonts: std::mem::take(&mut globals.looks.fonts),
        fills: std::mem::take(&mut globals.looks.fills),
        borders: std::mem::take(&mut globals.looks.borders),
        looks: globals.looks.all.clone(),
        date1904: globals.date1904,
        ..Book::default()
    };
    let list = std::mem::take(&mut globals.sheets);
    let mut places = std::collections::BTreeSet::new();
    for entry in list {
        if !places.insert(entry.at) {
            return Err(Refusal::Ambiguous(Remark::fixed(
                "xls: two sheets in one place",
            )));
        }
        match entry.shape {
            Shape::Cells => {
                cx.note_times(FindingCode::OfficeHidden, u32::from(entry.hidden));
                let part = stream
                    .get(entry.at..)
                    .ok_or(Refusal::malformed("xls: a sheet beyond the end"))?;
                let mut sheet = cells::read(part, &globals, cx)?;
                cx.line(&entry.name).as_str().clone_into(&mut sheet.name);
                sheet.hidden = entry.hidden;
                book.sheets.push(sheet);
            }
            Shape::Macros => cx.note(FindingCode::OfficeMacro),
            Shape::Other => cx.note(FindingCode::OfficePart),
        }
    }
    finish(book, Family::Sheet, cx)
}

/// Hands over a workbook as the order for its family says.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn finish(book: Book, family: Family, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    if cx.assignment().treatments.of(family) == Treatment::Rebuild {
        return book::put(book, cx);
    }
    let mut beside = ooxml::told(&book.beside.parts);
    for (_, picture) in &book.beside.pictures {
        ooxml::letters(picture, &mut beside, cx)?;
    }
    let mut text = book::tell(book, cx)?;
    text.push_str(&beside);
    let text = cx.text(&text);
    cx.put(Piece::Text(text))
}

/// Whether a workbook says at its beginning that it is encrypted.
///
/// # Errors
/// [`Refusal::Overrun`]; what else is wrong, its reader tells.
pub(crate) fn is_encrypted(input: &[u8], cx: &Cx<'_>) -> Result<bool, Refusal> {
    let mut head = ole::head(input, "Workbook", 1024, cx)?;
    if head.is_empty() {
        head = ole::head(input, "Book", 1024, cx)?;
    }
    let mut records = Records::new(&head);
    while let Some(record) = records.next() {
        match record.id {
            records::FILE_PASS => return Ok(true),
            // what may stand before it
            records::BOF | records::WRITE_PROTECT | records::INTERFACE | records::TEMPLATE => {}
            _ => return Ok(false),
        }
    }
    Ok(false)
}

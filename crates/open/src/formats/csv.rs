//! Tables of text (RFC 4180, and as spreadsheets write them): one row at a time.
//!
//! Values stay what they are. What a spreadsheet would run as a formula is only counted here; the
//! writer is the one that makes it a text.

mod cells;
mod delimiter;
mod formula;
mod sheet;
#[cfg(test)]
mod tests;

use crate::charset;
use crate::formats::book;
use crate::reader::{Format, Sniff, Spec};
use cells::{Cells, End};
use mugai_core::table::MAX_CELLS;
use mugai_core::{Cell, Cx, Family, FindingCode, Kind, Piece, Refusal, Resource, Row, Treatment};
use std::borrow::Cow;

/// The reader of CSV and its like.
#[derive(Debug)]
pub(super) struct Csv;

impl Format for Csv {
    fn spec(&self) -> &'static Spec {
        &Spec {
            kind: Kind::Csv,
            reference: "RFC 4180",
            treatments: &[Treatment::Text, Treatment::Rebuild],
        }
    }

    fn sniff(&self, head: &[u8]) -> Sniff {
        let separated = head.iter().any(|b| matches!(b, b',' | b';' | b'\t'));
        if separated && !head.contains(&0) {
            Sniff::Perhaps
        } else {
            Sniff::No
        }
    }

    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        // decoding, guessing, parting and cleaning each look at every byte
        cx.charge_len(Resource::Steps, input.len().div_ceil(4).saturating_add(1))?;
        let label = cx.hints().charset.as_ref().map(mugai_core::Token::as_str);
        let decoded = charset::decode(input, label);
        charset::note(&decoded, cx);
        let (text, delimiter) = delimiter::find(&decoded.text, cx.hints());
        rows(text, delimiter, cx)
    }
}

fn rows(text: &str, delimiter: u8, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let rebuilds = cx.assignment().treatments.of(Family::Csv) == Treatment::Rebuild;
    let mut book = rebuilds.then(sheet::Rows::new);
    let mut row = Vec::new();
    // how many cells the first row that has any contents is wide
    let mut width = None;
    for (raw, end) in Cells::new(text, delimiter) {
        if row.len() >= MAX_CELLS {
            return Err(Refusal::malformed("csv: more than 16384 cells in a row"));
        }
        cx.charge(Resource::Steps, 4)?;
        let value = cx.text(&formula::constant(&raw).map_or(raw, Cow::Owned));
        if formula::is_formula(value.as_str()) {
            cx.note(FindingCode::CsvFormula);
        }
        row.push(Cell::text(value));
        if end == End::Row {
            let done = std::mem::take(&mut row);
            let blank = done.len() == 1 && done.iter().all(|cell| cell.as_str().is_empty());
            if !blank && *width.get_or_insert(done.len()) != done.len() {
                cx.note(FindingCode::CsvRagged);
            }
            match &mut book {
                Some(rows) => {
                    let bytes = done.iter().map(|cell| cell.as_str().len()).sum();
                    cx.charge_len(Resource::Bytes, bytes)?;
                    rows.push(&done, cx)?;
                }
                None => cx.put(Piece::Row(Row::new(done)?))?,
            }
        }
    }
    match book {
        Some(rows) => book::put(rows.finish(), cx),
        None => Ok(()),
    }
}

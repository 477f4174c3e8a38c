//! Spreadsheets as values: what the readers of old and binary workbooks and of tables of text have in
//! common. Formulas are not kept, their last values are.

mod code;
mod date;
mod markup;
mod number;
#[cfg(test)]
mod tests;
mod text;

pub(super) use code::Code;
pub(super) use markup::put;
use mugai_core::{Cx, Refusal, Resource};
use std::rc::Rc;
pub(super) use text::tell;

/// The most rows and columns of a sheet ([MS-XLSB] and ECMA-376 have the same).
const MAX_ROWS: u32 = 1_048_576;
const MAX_COLUMNS: u32 = 16_384;
/// The most merged areas of a sheet that are kept: each is compared with all others.
const MAX_MERGED: usize = 2_048;

/// A workbook.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) sheets: Vec<Sheet>,
    /// How numbers are shown, by the number that cells name.
    pub(super) formats: Vec<Code>,
    /// Days are counted from 1904 on.
    pub(super) date1904: bool,
}

/// A sheet.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) hidden: bool,
    cells: Vec<Cell>,
    merged: Vec<Area>,
    /// First and last column, width in characters.
    widths: Vec<(u32, u32, f64)>,
    /// What stands in boxes over the cells.
    pub(super) boxes: Vec<String>,
}

/// A cell with a value.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub(super) row: u32,
    pub(super) column: u32,
    pub(super) value: Value,
    /// The place of its format in the list of the book.
    pub(super) format: usize,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// A number, a date, a time.
    Number(f64),
    /// A text; many cells may share one.
    Text(Rc<str>),
    Bool(bool),
    /// An error, by its code ([MS-XLS] 2.5.10).
    Error(u8),
}

/// Rows and columns from first to last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) rows: (u32, u32),
    pub(super) columns: (u32, u32),
}

impl Area {
    const fn meets(&self, other: &Self) -> bool {
        self.rows.0 <= other.rows.1
            && other.rows.0 <= self.rows.1
            && self.columns.0 <= other.columns.1
            && other.columns.0 <= self.columns.1
    }
}

impl Sheet {
    /// Adds a cell.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for a place beyond the sheet, [`Refusal::Overrun`].
    pub(super) fn push(&mut self, cell: Cell, cx: &Cx<'_>) -> Result<(), Refusal> {
        if cell.row >= MAX_ROWS || cell.column >= MAX_COLUMNS {
            return Err(Refusal::malformed("book: a cell beyond the sheet"));
        }
        cx.charge(Resource::Bytes, 64)?;
        cx.charge(Resource::Steps, 8)?;
        self.cells.push(cell);
        Ok(())
    }

    /// Adds a merged area, if it meets none of those before it.
    ///
    /// # Errors
    /// [`Refusal::Overrun`]
    pub(super) fn merge(&mut self, area: Area, cx: &Cx<'_>) -> Result<(), Refusal> {
        cx.charge_len(Resource::Steps, self.merged.len() / 4)?;
        let single = area.rows.0 == area.rows.1 && area.columns.0 == area.columns.1;
        let ordered = area.rows.0 <= area.rows.1 && area.columns.0 <= area.columns.1;
        let inside = area.rows.1 < MAX_ROWS && area.columns.1 < MAX_COLUMNS;
        let free = self.merged.iter().all(|other| !area.meets(other));
        if !single && ordered && inside && free && self.merged.len() < MAX_MERGED {
            self.merged.push(area);
        }
        Ok(())
    }

    /// Sets the width of columns, in characters; ranges come in order.
    pub(super) fn width(&mut self, first: u32, last: u32, width: f64) {
        let free = self.widths.last().is_none_or(|(_, end, _)| *end < first);
        let inside = first <= last && last < MAX_COLUMNS && (0.0..=255.0).contains(&width);
        if free && inside {
            self.widths.push((first, last, width));
        }
    }

    /// Cells by row and column, each place once: what comes later counts.
    fn sort(&mut self, cx: &Cx<'_>) -> Result<(), Refusal> {
        cx.charge_len(Resource::Steps, self.cells.len().saturating_mul(4))?;
        self.cells.sort_by_key(|cell| (cell.row, cell.column));
        self.cells.dedup_by(|later, earlier| {
            let same = (later.row, later.column) == (earlier.row, earlier.column);
            if same {
                std::mem::swap(later, earlier);
            }
            same
        });
        Ok(())
    }
}

/// What an error is shown as.
pub(super) const fn error(code: u8) -> &'static str {
    match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0f => "#VALUE!",
        0x17 => "#REF!",
        0x1d => "#NAME?",
        0x24 => "#NUM!",
        _ => "#N/A",
    }
}

//! Spreadsheets as values: what the readers of old and binary workbooks and of tables of text have in
//! common. Formulas are not kept, their last values are.

mod code;
mod date;
mod look;
mod markup;
mod merged;
mod number;
mod paper;
mod spelling;
#[cfg(test)]
mod tests;
mod text;

pub(super) use code::Code;
pub(super) use look::{Border, Color, Fill, Font, Line, Look};
pub(super) use markup::{Scribe, place, put};
use mugai_core::{Cx, FindingCode, Markup, Refusal, Resource};
use std::collections::BTreeMap;
use std::rc::Rc;
pub(super) use text::{tabs, tell, text_shown};

/// The most rows and columns of a sheet ([MS-XLSB] and ECMA-376 have the same).
const MAX_ROWS: u32 = 1_048_576;
const MAX_COLUMNS: u32 = 16_384;
/// The most merged areas of a sheet that are kept.
const MAX_MERGED: usize = 65_536;

/// A workbook.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) sheets: Vec<Sheet>,
    /// How numbers are shown, by the number that cells name.
    pub(super) formats: Vec<Code>,
    /// Days are counted from 1904 on.
    pub(super) date1904: bool,
    /// Looks by the numbers that cells name; where there are none, cells name formats.
    pub(super) looks: Vec<Look>,
    /// Fonts, the first one that of cells that say nothing.
    pub(super) fonts: Vec<Font>,
    pub(super) fills: Vec<Fill>,
    pub(super) borders: Vec<Border>,
    /// What sheets have beside their cells.
    pub(super) beside: Beside,
    /// Whether it was written by the program that set the standard, whose heights of rows are believed.
    pub(super) standard: bool,
}

/// The drawings of sheets, told already, and what they name.
#[derive(Debug, Default)]
pub(super) struct Beside {
    /// Parts, whose numbers follow those of the sheets.
    pub(super) parts: Vec<Markup>,
    /// Pictures, with their paths.
    pub(super) pictures: Vec<(String, Vec<u8>)>,
    /// The number of the theme.
    pub(super) theme: Option<u32>,
}

/// A sheet.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) hidden: bool,
    cells: Vec<Cell>,
    merged: Vec<Area>,
    columns: Vec<Columns>,
    /// What stands in boxes over the cells.
    pub(super) boxes: Vec<String>,
    /// The number of its drawing among the parts of the workbook.
    pub(super) drawing: Option<u32>,
    /// The height of rows that say nothing, in points.
    pub(super) height: Option<f64>,
    /// The width of columns that say nothing, in characters.
    pub(super) default_width: Option<f64>,
    rows: BTreeMap<u32, Row>,
    pub(super) paper: Paper,
}

/// Columns beside each other.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Columns {
    pub(super) first: u32,
    pub(super) last: u32,
    /// In characters.
    pub(super) width: f64,
    pub(super) hidden: bool,
    /// The look of cells that are not told.
    pub(super) look: usize,
}

/// What is said of a row.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Row {
    /// In points.
    pub(super) height: Option<f64>,
    /// Whether somebody said the height, or the program found it.
    pub(super) fixed: bool,
    pub(super) hidden: bool,
    /// The look of cells that are not told.
    pub(super) look: usize,
}

/// How a sheet is printed.
#[derive(Debug, Default)]
pub(super) struct Paper {
    /// Left, right, top, bottom, header and footer, in inches.
    pub(super) margins: Option<[f64; 6]>,
    /// The number of the size of paper.
    pub(super) size: u32,
    /// In percent.
    pub(super) scale: u32,
    pub(super) landscape: bool,
    /// In the middle from left to right, from top to bottom; with the names of rows and columns; with their lines.
    pub(super) options: [bool; 4],
    /// Above and below the page, and the same on even pages and on the first one.
    pub(super) lines: [String; 6],
    /// Whether even pages, the first page have lines of their own.
    pub(super) other: [bool; 2],
    /// Rows and columns before which a page ends.
    pub(super) breaks: [Vec<u32>; 2],
    /// Whether it is made to fit on so many pages, across and down.
    pub(super) fit: Option<(u32, u32)>,
}

/// A cell with a value.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub(super) row: u32,
    pub(super) column: u32,
    pub(super) value: Value,
    /// The place of its look in the list of the book, or of its format where there is none.
    pub(super) look: usize,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// Nothing but a look.
    Blank,
    /// A number, a date, a time.
    Number(f64),
    /// A text; many cells may share one.
    Text(Rc<str>),
    Bool(bool),
    /// An error, by its code ([MS-XLS] 2.5.10).
    Error(u8),
}

/// A number as a format shows it; as spreadsheets show one without a format where there is none.
pub(super) fn number_shown(value: f64, code: Option<&Code>, from_1904: bool) -> String {
    code.map_or_else(
        || number::general(value),
        |code| number::show(value, code, from_1904),
    )
}

/// Rows and columns from first to last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) rows: (u32, u32),
    pub(super) columns: (u32, u32),
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

    /// Adds a merged area. Of those that meet, one stays.
    ///
    /// # Errors
    /// [`Refusal::Overrun`]
    pub(super) fn merge(&mut self, area: Area, cx: &mut Cx<'_>) -> Result<(), Refusal> {
        cx.charge(Resource::Steps, 32)?;
        let single = area.rows.0 == area.rows.1 && area.columns.0 == area.columns.1;
        let ordered = area.rows.0 <= area.rows.1 && area.columns.0 <= area.columns.1;
        let inside = area.rows.1 < MAX_ROWS && area.columns.1 < MAX_COLUMNS;
        if single || !ordered || !inside {
            return Ok(());
        }
        if self.merged.len() < MAX_MERGED {
            cx.charge(Resource::Bytes, 96)?;
            self.merged.push(area);
        } else {
            cx.note(FindingCode::OfficePart);
        }
        Ok(())
    }

    /// Says something of a row.
    ///
    /// # Errors
    /// [`Refusal::Overrun`]
    pub(super) fn row(&mut self, number: u32, mut row: Row, cx: &Cx<'_>) -> Result<(), Refusal> {
        row.height = row.height.filter(|height| (0.0..=409.5).contains(height));
        let said = row.height.is_some() || row.hidden || row.look > 0;
        if said && number < MAX_ROWS {
            cx.charge(Resource::Bytes, 64)?;
            self.rows.insert(number, row);
        }
        Ok(())
    }

    /// Says something of columns, which come in order.
    pub(super) fn columns(&mut self, columns: Columns) {
        let Columns {
            first, last, width, ..
        } = columns;
        let free = self.columns.last().is_none_or(|before| before.last < first);
        let inside = first <= last && last < MAX_COLUMNS && (0.0..=255.0).contains(&width);
        if free && inside {
            self.columns.push(columns);
        }
    }

    /// Cells by row and column, each place once: what comes later counts. Merged areas, no two in one place.
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
        merged::part(&mut self.merged);
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

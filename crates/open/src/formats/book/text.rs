//! A workbook as text: sheets under their names, cells as they are shown, parted by tabs.

use super::{Book, Cell, Value, error, number_shown};
use mugai_core::{Cx, Refusal, Resource};

/// The most columns that are kept apart by tabs: far columns of sparse sheets would be tabs only.
const MAX_TABS: u32 = 256;

/// The text of all sheets.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(in crate::formats) fn tell(mut book: Book, cx: &Cx<'_>) -> Result<String, Refusal> {
    let mut out = String::new();
    let sheets = std::mem::take(&mut book.sheets);
    for mut sheet in sheets {
        sheet.sort(cx)?;
        out.push('[');
        out.push_str(&sheet.name);
        out.push_str("]\n");
        let (mut row, mut column) = (None, 0u32);
        let blank = |cell: &&Cell| cell.value == Value::Blank;
        for cell in sheet.cells.iter().filter(|cell| !blank(cell)) {
            if row.is_some_and(|row| row != cell.row) {
                out.push('\n');
            }
            if row != Some(cell.row) {
                (row, column) = (Some(cell.row), 0);
            }
            let tabs = cell.column.min(MAX_TABS).saturating_sub(column);
            out.extend((0..tabs).map(|_| '\t'));
            column = cell.column.max(column);
            let text = shown(cell, &book);
            cx.charge_len(Resource::Bytes, text.len().saturating_add(8))?;
            cx.charge_len(Resource::Steps, text.len().div_ceil(16))?;
            out.push_str(&text.replace(['\n', '\r', '\t'], " "));
        }
        if row.is_some() {
            out.push('\n');
        }
        for text in &sheet.boxes {
            out.push_str(text.trim_end());
            out.push('\n');
        }
        out.push('\n');
    }
    Ok(out)
}

fn shown(cell: &Cell, book: &Book) -> String {
    match &cell.value {
        Value::Blank => String::new(),
        Value::Text(text) => (**text).to_owned(),
        Value::Bool(true) => "TRUE".to_owned(),
        Value::Bool(false) => "FALSE".to_owned(),
        Value::Error(code) => error(*code).to_owned(),
        Value::Number(value) => number_shown(*value, book.code(cell.look), book.date1904),
    }
}

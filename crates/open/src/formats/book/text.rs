//! A workbook as text: sheets under their names, cells as they are shown, parted by tabs.

use super::{Book, Cell, Code, Value, error, number, number_shown, paper};
use mugai_core::{Cx, Refusal, Resource};
use std::borrow::Cow;

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
        // the row, the column in it, and whether anything of the row was told
        let (mut row, mut column, mut within) = (None, 0u32, false);
        let blank = |cell: &&Cell| cell.value == Value::Blank;
        for cell in sheet.cells.iter().filter(|cell| !blank(cell)) {
            if row.is_some_and(|row| row != cell.row) {
                out.push('\n');
            }
            if row != Some(cell.row) {
                (row, column, within) = (Some(cell.row), 0, false);
            }
            let tabs = tabs(column, within, cell.column);
            cx.charge(Resource::Bytes, tabs.into())?;
            out.extend((0..tabs).map(|_| '\t'));
            (column, within) = (cell.column.max(column), true);
            let text = shown(cell, &book, cx)?;
            cx.charge_len(Resource::Bytes, text.len().saturating_add(8))?;
            cx.charge_len(Resource::Steps, text.len().div_ceil(16))?;
            out.push_str(&text.replace(['\n', '\r', '\t'], " "));
        }
        if row.is_some() {
            out.push('\n');
        }
        for line in paper::told(&sheet.paper) {
            cx.charge_len(Resource::Bytes, line.len().saturating_add(8))?;
            cx.charge_len(Resource::Steps, line.len())?;
            out.push_str(&line.replace(['\n', '\r', '\t'], " "));
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

/// A text as a format shows it, which may put words around it.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(in crate::formats) fn text_shown<'t>(
    text: &'t str,
    code: Option<&Code>,
    cx: &Cx<'_>,
) -> Result<Cow<'t, str>, Refusal> {
    let Some(section) = code.and_then(Code::of_texts) else {
        return Ok(Cow::Borrowed(text));
    };
    // a code may show the text any number of times
    let times = section.pieces.len().saturating_mul(text.len());
    cx.charge_len(Resource::Bytes, times)?;
    Ok(Cow::Owned(number::words(&section.pieces, text)))
}

/// The tabs between two values of a row: from the column behind which the last one was told, if any was, to that of the
/// next. Far columns are not counted any more, but no two values run together.
pub(in crate::formats) fn tabs(last: u32, is_within: bool, next: u32) -> u32 {
    let tabs = next.min(MAX_TABS).saturating_sub(last);
    tabs.max(u32::from(is_within))
}

fn shown(cell: &Cell, book: &Book, cx: &Cx<'_>) -> Result<String, Refusal> {
    let code = book.code(cell.look);
    Ok(match &cell.value {
        Value::Blank => String::new(),
        Value::Text(text) => text_shown(text, code, cx)?.into_owned(),
        Value::Bool(true) => "TRUE".to_owned(),
        Value::Bool(false) => "FALSE".to_owned(),
        Value::Error(code) => error(*code).to_owned(),
        Value::Number(value) => number_shown(*value, code, book.date1904),
    })
}

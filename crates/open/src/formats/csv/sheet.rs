//! A table of text as a sheet of a workbook.

use crate::formats::book::{Book, Cell, Code, Sheet, Value};
use mugai_core::{Cx, Refusal};

/// A workbook of one sheet that grows by rows.
pub(super) struct Rows {
    sheet: Sheet,
    row: u32,
}

impl Rows {
    pub(super) fn new() -> Self {
        let mut sheet = Sheet::default();
        "Sheet1".clone_into(&mut sheet.name);
        Self { sheet, row: 0 }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for more rows than a sheet has, [`Refusal::Overrun`].
    pub(super) fn push(&mut self, cells: &[mugai_core::Cell], cx: &Cx<'_>) -> Result<(), Refusal> {
        for (column, cell) in (0u32..).zip(cells) {
            if cell.as_str().is_empty() {
                continue;
            }
            let value = number(cell.as_str())
                .map_or_else(|| Value::Text(cell.as_str().into()), Value::Number);
            let cell = Cell {
                row: self.row,
                column,
                value,
                look: 0,
            };
            self.sheet.push(cell, cx)?;
        }
        self.row = self.row.saturating_add(1);
        Ok(())
    }

    pub(super) fn finish(self) -> Book {
        Book {
            sheets: vec![self.sheet],
            formats: vec![Code::default()],
            ..Book::default()
        }
    }
}

/// A number that stays the same when it is kept as one, and is shown as it stands: no leading zeros, which codes
/// and phone numbers have, no blanks, at most 11 digits. Programs show longer ones with an exponent where no format
/// is said, and they are numbers of persons and companies.
fn number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let short = digits.bytes().filter(u8::is_ascii_digit).count() <= 11;
    let plain = whole == "0" || !whole.starts_with('0');
    let exact = !digits.contains('.') || !fraction.ends_with('0');
    let fits = all(whole) && all(fraction) && short && plain && exact && text != "-0";
    fits.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn only_what_stays_the_same_is_a_number() {
        for text in ["0", "12", "-5", "0.5", "-1234.25", "12345678901"] {
            assert!(number(text).is_some(), "{text}");
        }
        for text in [
            "",
            "-",
            "-0",
            "00",
            "012",
            "1.0",
            "1.",
            ".5",
            "1e5",
            "+1",
            "1,000",
            " 1",
            "１",
            "123456789012",
            "1234567890123",
            "-123456.789012",
            "=1",
            "0x1",
            "nan",
            "inf",
        ] {
            assert!(number(text).is_none(), "{text}");
        }
    }
}

//! CSV: UTF-8 with a byte order mark, CRLF, quoted by RFC 4180, no cell that runs.
//!
//! The byte order mark is there because spreadsheets in Japan take CSV without one for CP932.
//!
//! Quotes alone do not keep a cell whole: where a spreadsheet splits at `;` or tabs, as it does in
//! other countries' settings, a quote that does not stand at the start of a field means nothing,
//! and `x;=cmd` or a second line `=cmd` becomes a cell of its own. So every stretch of a cell
//! between `;`, tab and line end is looked at as if it were a cell.

use crate::defang::{Defanged, defang};
use mugai_core::{Draft, Piece, Refusal, Row, Target, Writer};
use std::borrow::Cow;

/// Where spreadsheets may split a line besides at commas.
const SPLITS: [char; 3] = [';', '\t', '\n'];
/// What makes a cell a formula in one spreadsheet or another; full-width forms count as well.
const STARTS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// What was made harmless in a sheet, and how often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Disarmed {
    /// Cells, or stretches of cells, that would have run as formulas.
    pub formulas: u32,
    /// Links, tags and encoded blocks in cells.
    pub text: Defanged,
}

/// A CSV file in the making.
pub struct Sheet {
    out: String,
    disarmed: Disarmed,
}

impl Default for Sheet {
    fn default() -> Self {
        Self {
            out: String::from('\u{feff}'),
            disarmed: Disarmed::default(),
        }
    }
}

impl Sheet {
    /// Writes one row.
    pub fn row(&mut self, row: &Row) {
        for (column, cell) in row.cells().iter().enumerate() {
            if column > 0 {
                self.out.push(',');
            }
            let text = defang(cell.as_str(), &mut self.disarmed.text);
            let value = guard(&text, &mut self.disarmed.formulas);
            quote(&value, &mut self.out);
        }
        self.out.push_str("\r\n");
    }

    /// What was made harmless so far.
    #[must_use]
    pub const fn disarmed(&self) -> Disarmed {
        self.disarmed
    }

    /// The file.
    #[must_use]
    pub fn draft(self) -> Draft {
        Draft::new(Target::Csv, self.out.into_bytes())
    }
}

/// A writer of CSV files.
#[must_use]
pub fn writer() -> Box<dyn Writer> {
    Box::new(Sheet::default())
}

impl Writer for Sheet {
    fn put(&mut self, piece: Piece) -> Result<(), Refusal> {
        let Piece::Row(row) = piece else {
            return Err(Refusal::internal("csv: a piece that is not a row"));
        };
        self.row(&row);
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Draft, Refusal> {
        Ok(self.draft())
    }
}

/// Puts `'` before every stretch of a cell that a spreadsheet would run.
fn guard<'a>(cell: &'a str, formulas: &mut u32) -> Cow<'a, str> {
    let suspicious = cell.starts_with('\t') || cell.contains(STARTS);
    if !suspicious {
        return Cow::Borrowed(cell);
    }
    let mut out = String::with_capacity(cell.len().saturating_add(1));
    for (index, stretch) in cell.split_inclusive(SPLITS).enumerate() {
        let leading_tab = index == 0 && stretch.starts_with('\t');
        if leading_tab || is_formula(stretch) {
            out.push('\'');
            *formulas = formulas.saturating_add(1);
        }
        out.push_str(stretch);
    }
    Cow::Owned(out)
}

fn is_formula(stretch: &str) -> bool {
    let value = stretch.trim_matches(|c: char| c.is_whitespace() || c == '"' || c == ';');
    value.starts_with(STARTS) && !is_number(value) && !is_phone(value) && !is_dash(value)
}

/// `-500`, `+1,234.5`, `-1.5e3`, `-3%`, and the same in full width.
fn is_number(value: &str) -> bool {
    let Some(unsigned) = value.strip_prefix(['+', '-', '＋', '－']) else {
        return false;
    };
    let unsigned = unsigned.strip_suffix(['%', '％']).unwrap_or(unsigned);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let whole = |part: &str| part.chars().all(|c| is_digit(c) || matches!(c, ',' | '，'));
    let (integer, fraction) = mantissa.split_once(['.', '．']).unwrap_or((mantissa, ""));
    mantissa.starts_with(is_digit)
        && whole(integer)
        && fraction.chars().all(is_digit)
        && exponent.is_none_or(|e| {
            let digits = e.strip_prefix(['+', '-']).unwrap_or(e);
            !digits.is_empty() && digits.chars().all(is_digit)
        })
}

/// `+81-3-1234-5678`, `+81 (3) 1234 5678`.
fn is_phone(value: &str) -> bool {
    let Some(number) = value.strip_prefix(['+', '＋']) else {
        return false;
    };
    let digits = number.chars().filter(|c| is_digit(*c)).count();
    number.starts_with(is_digit)
        && (7..=15).contains(&digits)
        && number
            .chars()
            .all(|c| is_digit(c) || matches!(c, '-' | '－' | ' ' | '(' | ')'))
}

/// A dash, or several, stands for "nothing" in many sheets.
fn is_dash(value: &str) -> bool {
    value.chars().all(|c| matches!(c, '-' | '－'))
}

const fn is_digit(c: char) -> bool {
    matches!(c, '0'..='9' | '０'..='９')
}

/// Writes a cell, in quotes where it has to be (RFC 4180 section 2) or where another setting of
/// the spreadsheet would split it.
fn quote(value: &str, out: &mut String) {
    let special = |c: char| matches!(c, '"' | ',' | ';' | '\t' | '\n');
    let blank_end = value.starts_with(' ') || value.ends_with(' ');
    if !blank_end && !value.contains(special) {
        out.push_str(value);
        return;
    }
    out.push('"');
    for (index, piece) in value.split('"').enumerate() {
        if index > 0 {
            out.push_str("\"\"");
        }
        out.push_str(piece);
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::defang::tests::hostile_text;
    use mugai_core::{Cell, Text};
    use proptest::prelude::*;

    fn line(cells: &[&str]) -> String {
        let mut sheet = Sheet::default();
        let cells = cells.iter().map(|c| Cell::text(Text::clean(c).0)).collect();
        sheet.row(&Row::new(cells).unwrap());
        let text = String::from_utf8(sheet.draft().into_content().into_vec().unwrap()).unwrap();
        text.strip_prefix('\u{feff}').unwrap().to_owned()
    }

    #[test]
    fn formulas_are_guarded_and_numbers_are_not() {
        for (cell, want) in [
            ("=1+1", "'=1+1"),
            ("＝１＋１", "'＝１＋１"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
            ("-2+3", "'-2+3"),
            ("\u{3000}=1", "'\u{3000}=1"),
            ("-500", "-500"),
            ("－５００", "－５００"),
            ("+1,234.5", "\"+1,234.5\""),
            ("-1.5e3", "-1.5e3"),
            ("-3%", "-3%"),
            ("+81-3-1234-5678", "+81-3-1234-5678"),
            ("+81-3", "'+81-3"),
            ("-", "-"),
            ("－－", "－－"),
            ("1,234", "\"1,234\""),
            ("a=b", "a=b"),
            ("'=1", "'=1"),
            ("x;=1", "\"x;'=1\""),
            ("x; -5", "\"x; -5\""),
            ("x\ty", "\"x\ty\""),
            ("\tx", "\"'\tx\""),
            ("x\n=1", "\"x\n'=1\""),
            ("\"=1\"", "\"'\"\"=1\"\"\""),
            ("", ""),
            (" a", "\" a\""),
            ("-e5", "'-e5"),
            ("-1e", "'-1e"),
        ] {
            assert_eq!(line(&[cell]), format!("{want}\r\n"), "{cell:?}");
        }
    }

    #[test]
    fn cells_are_defanged_and_counted() {
        let mut sheet = Sheet::default();
        let cells = ["http://a.jp", "data:", "=x"];
        let cells = cells.map(|c| Cell::text(Text::clean(c).0)).to_vec();
        sheet.row(&Row::new(cells).unwrap());
        assert_eq!(sheet.disarmed().formulas, 1);
        assert_eq!(sheet.disarmed().text.links, 2);
        let bytes = sheet.draft().into_content().into_vec().unwrap();
        assert_eq!(bytes, "\u{feff}hxxp://a.jp,data[:],'=x\r\n".as_bytes());
    }
    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_second_run_changes_nothing(text in hostile_text()) {
            let clean = defang(&text, &mut Defanged::default()).into_owned();
            let once = guard(&clean, &mut 0).into_owned();
            prop_assert_eq!(defang(&once, &mut Defanged::default()).into_owned(), once.clone());
            prop_assert_eq!(guard(&once, &mut 0).into_owned(), once);
        }
    }
}

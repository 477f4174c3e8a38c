//! Parts of records ([MS-XLSB] 2.1.4): the workbook, its strings, its formats, its sheets.

use super::page::Page;
use crate::formats::book::{Area, Cell, Columns, Look, Row, Sheet, Value};
use crate::formats::ole::little::{f64_at, part, size_at, u8_at, u16_at, u32_at, utf16};
use crate::formats::xls::rk;
use mugai_core::{Cx, FindingCode, Refusal, Resource};
use std::rc::Rc;

const ROW: u16 = 0;
const BLANK: u16 = 1;
const CELL_RK: u16 = 2;
const CELL_ERROR: u16 = 3;
const CELL_BOOL: u16 = 4;
const CELL_NUMBER: u16 = 5;
const CELL_TEXT: u16 = 6;
const CELL_SHARED: u16 = 7;
const FORMULA_TEXT: u16 = 8;
const FORMULA_NUMBER: u16 = 9;
const FORMULA_BOOL: u16 = 10;
const FORMULA_ERROR: u16 = 11;
/// Cells behind another one, without a column of their own: they are of the kinds from `BLANK` on.
const SHORT_BLANK: u16 = 12;
const SHORT_SHARED: u16 = 18;
const STRING: u16 = 19;
const NAME: u16 = 39;
const DEFAULTS: u16 = 485;
const COLUMN: u16 = 60;
const CELL_RICH: u16 = 62;
const BOOK: u16 = 153;
const SHEET: u16 = 156;
const MERGED: u16 = 176;
const LINK: u16 = 494;
const VERSION: u16 = 128;

/// The most sheets.
const MAX_SHEETS: usize = 4_096;

pub(super) const CUT: Refusal = Refusal::malformed("xlsb: a record ends early");
const ALONE: Refusal = Refusal::malformed("xlsb: a cell behind none");

/// Walks over records: a kind of one or two bytes, a length in groups of seven bits.
pub(super) struct Records<'a> {
    rest: &'a [u8],
}

impl<'a> Records<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn next(&mut self, cx: &Cx<'_>) -> Result<Option<(u16, &'a [u8])>, Refusal> {
        let Some((low, rest)) = self.rest.split_first() else {
            return Ok(None);
        };
        self.rest = rest;
        let mut kind = u16::from(*low);
        if low & 0x80 != 0 {
            let high = self.byte()?;
            kind = u16::from(low & 0x7f) | u16::from(high & 0x7f) << 7;
        }
        let mut length = 0usize;
        for shift in [0u32, 7, 14, 21] {
            let byte = self.byte()?;
            length |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let (content, rest) = self.rest.split_at_checked(length).ok_or(CUT)?;
        self.rest = rest;
        cx.charge_len(Resource::Steps, (length / 16).saturating_add(4))?;
        Ok(Some((kind, content)))
    }

    fn byte(&mut self) -> Result<u8, Refusal> {
        let (first, rest) = self.rest.split_first().ok_or(CUT)?;
        self.rest = rest;
        Ok(*first)
    }
}

/// A string behind its length in characters, and where it ends.
pub(super) fn string(content: &[u8], at: usize) -> Option<(String, usize)> {
    let count = size_at(content, at)?;
    let start = at.checked_add(4)?;
    if count == usize::try_from(u32::MAX).ok()? {
        // no string at all
        return Some((String::new(), start));
    }
    let length = count.checked_mul(2)?;
    Some((
        utf16(part(content, start, length)?),
        start.checked_add(length)?,
    ))
}

/// A line of the list of sheets.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) relation: String,
    pub(super) hidden: bool,
}

/// What the workbook says.
#[derive(Default)]
pub(super) struct Workbook {
    pub(super) sheets: Vec<Entry>,
    pub(super) date1904: bool,
    /// Whether it names the program that set the standard.
    pub(super) standard: bool,
}

/// Reads the workbook.
///
/// # Errors
/// [`Refusal::Malformed`], [`Refusal::Overrun`]
pub(super) fn workbook(bytes: &[u8], cx: &mut Cx<'_>) -> Result<Workbook, Refusal> {
    let mut records = Records { rest: bytes };
    let mut workbook = Workbook::default();
    while let Some((kind, content)) = records.next(cx)? {
        match kind {
            VERSION => {
                workbook.standard = string(content, 16).is_some_and(|(name, _)| name == "xl");
            }
            BOOK => workbook.date1904 = u32_at(content, 0).is_some_and(|flags| flags & 1 != 0),
            SHEET => {
                let state = u32_at(content, 0).ok_or(CUT)?;
                let (relation, at) = string(content, 8).ok_or(CUT)?;
                let (name, _) = string(content, at).ok_or(CUT)?;
                if workbook.sheets.len() >= MAX_SHEETS {
                    return Err(Refusal::malformed("xlsb: too many sheets"));
                }
                workbook.sheets.push(Entry {
                    name,
                    relation,
                    hidden: state != 0,
                });
            }
            NAME => {
                // what runs when the book is opened or closed has a name that says so
                let name = string(content, 9).map(|(name, _)| name.to_lowercase());
                let hook = name.is_some_and(|name| {
                    let bare = name.strip_prefix("_xlnm.").unwrap_or(&name);
                    bare.starts_with("auto_")
                });
                cx.note_times(FindingCode::OfficeMacro, u32::from(hook));
            }
            _ => {}
        }
    }
    Ok(workbook)
}

/// The shared strings.
///
/// # Errors
/// [`Refusal::Malformed`], [`Refusal::Overrun`]
pub(super) fn strings(bytes: &[u8], cx: &Cx<'_>) -> Result<Vec<Rc<str>>, Refusal> {
    let mut records = Records { rest: bytes };
    let mut all: Vec<Rc<str>> = Vec::new();
    while let Some((kind, content)) = records.next(cx)? {
        if kind == STRING {
            let (text, _) = string(content, 1).ok_or(CUT)?;
            cx.charge_len(Resource::Bytes, text.len().saturating_add(32))?;
            all.push(text.into());
        }
    }
    Ok(all)
}

/// Reads a sheet.
///
/// # Errors
/// [`Refusal::Malformed`], [`Refusal::Overrun`]
pub(super) fn sheet(
    bytes: &[u8],
    strings: &[Rc<str>],
    looks: &[Look],
    cx: &mut Cx<'_>,
) -> Result<Sheet, Refusal> {
    let mut records = Records { rest: bytes };
    let mut sheet = Sheet::default();
    let mut row = 0;
    let mut column = None;
    let mut formulas = 0u32;
    let mut page = Page::default();
    while let Some((kind, content)) = records.next(cx)? {
        match kind {
            ROW => {
                row = row_of(&mut sheet, content, cx)?;
                column = None;
            }
            BLANK..=SHORT_SHARED | CELL_RICH => {
                formulas = formulas.saturating_add(u32::from((8..=11).contains(&kind)));
                let short = (SHORT_BLANK..=SHORT_SHARED).contains(&kind);
                let (here, kind, body) = if short {
                    let before: u32 = column.ok_or(ALONE)?;
                    let here = before.checked_add(1).ok_or(ALONE)?;
                    (here, kind.saturating_sub(FORMULA_ERROR), content)
                } else {
                    let here = u32_at(content, 0).ok_or(CUT)?;
                    (here, kind, content.get(4..).ok_or(CUT)?)
                };
                column = Some(here);
                let Some(value) = value(kind, body, strings, cx)? else {
                    continue;
                };
                let look = look(body, 0)?;
                let seen = looks.get(look).is_some_and(Look::is_seen);
                if value == Value::Blank && !seen {
                    continue;
                }
                let cell = Cell {
                    row,
                    column: here,
                    value,
                    look,
                };
                sheet.push(cell, cx)?;
            }
            MERGED => {
                let number = |at: usize| u32_at(content, at).ok_or(CUT);
                let area = Area {
                    rows: (number(0)?, number(4)?),
                    columns: (number(8)?, number(12)?),
                };
                sheet.merge(area, cx)?;
            }
            COLUMN => columns(&mut sheet, content, cx)?,
            DEFAULTS => {
                let width = u32_at(content, 0).unwrap_or(0);
                sheet.default_width = if width == u32::MAX {
                    usual_width(u16_at(content, 4))
                } else {
                    (width < 255 << 8).then(|| f64::from(width) / 256.0)
                };
                sheet.height = u16_at(content, 6).map(|twips| f64::from(twips) / 20.0);
            }
            LINK => cx.note(FindingCode::OfficeLink),
            _ => page.read(&mut sheet.paper, kind, content)?,
        }
    }
    cx.note_times(FindingCode::OfficeFormula, formulas);
    Ok(sheet)
}

/// What a row says of itself; its number comes back.
fn row_of(sheet: &mut Sheet, content: &[u8], cx: &mut Cx<'_>) -> Result<u32, Refusal> {
    let row = u32_at(content, 0).ok_or(CUT)?;
    let flags = u8_at(content, 11).unwrap_or(0);
    let hidden = flags & 0x10 != 0;
    cx.note_times(FindingCode::OfficeHidden, u32::from(hidden));
    let fixed = flags & 0x20 != 0;
    let height = u16_at(content, 8).map(|twips| f64::from(twips) / 20.0);
    // one that the program found itself is told where it is another than most rows have
    let usual = sheet.height;
    let other = |height: &f64| usual.is_some_and(|usual| (usual - height).abs() > 0.01);
    let told = Row {
        height: height.filter(|height| fixed || other(height)),
        fixed,
        hidden,
        look: if flags & 0x40 == 0 {
            0
        } else {
            look(content, 4)?
        },
    };
    sheet.row(row, told, cx)?;
    Ok(row)
}

/// The width of columns that hold so many characters (ECMA-376 part 1, 18.3.1.81): five dots more, of the seven
/// that a digit has. Programs take eight characters where nothing is said, and know their font.
fn usual_width(characters: Option<u16>) -> Option<f64> {
    let said = characters.filter(|count| (1..255).contains(count) && *count != 8);
    said.map(|count| f64::from(count) + 5.0 / 7.0)
}

fn columns(sheet: &mut Sheet, content: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let number = |at: usize| u32_at(content, at).ok_or(CUT);
    let hidden = u16_at(content, 16).is_some_and(|flags| flags & 1 != 0);
    cx.note_times(FindingCode::OfficeHidden, u32::from(hidden));
    sheet.columns(Columns {
        first: number(0)?,
        last: number(4)?,
        width: f64::from(number(8)?) / 256.0,
        hidden,
        look: look(content, 12)?,
    });
    Ok(())
}

/// The number of a look.
fn look(content: &[u8], at: usize) -> Result<usize, Refusal> {
    let number = u32_at(content, at).ok_or(CUT)? & 0x00ff_ffff;
    Ok(usize::try_from(number).unwrap_or(usize::MAX))
}

/// The value of a cell, whose look and flags come first.
fn value(
    kind: u16,
    content: &[u8],
    strings: &[Rc<str>],
    cx: &mut Cx<'_>,
) -> Result<Option<Value>, Refusal> {
    Ok(Some(match kind {
        BLANK => Value::Blank,
        CELL_RK => Value::Number(rk(u32_at(content, 4).ok_or(CUT)?)),
        CELL_ERROR | FORMULA_ERROR => Value::Error(u8_at(content, 4).ok_or(CUT)?),
        CELL_BOOL | FORMULA_BOOL => Value::Bool(u8_at(content, 4).ok_or(CUT)? != 0),
        CELL_NUMBER | FORMULA_NUMBER => Value::Number(f64_at(content, 4).ok_or(CUT)?),
        CELL_SHARED => {
            let text = size_at(content, 4).and_then(|at| strings.get(at));
            let Some(text) = text else {
                // a text that is not there
                cx.note(FindingCode::TextTruncated);
                return Ok(None);
            };
            Value::Text(text.clone())
        }
        CELL_TEXT | FORMULA_TEXT | CELL_RICH => {
            let at = if kind == CELL_RICH { 5 } else { 4 };
            let (text, _) = string(content, at).ok_or(CUT)?;
            cx.charge_len(Resource::Bytes, text.len())?;
            Value::Text(text.into())
        }
        _ => return Ok(None),
    }))
}

//! A sheet of cells ([MS-XLS] 2.1.7.20.5).

use super::globals::Globals;
use super::page;
use super::records::{self, Record, Records};
use super::strings::Parts;
use crate::formats::art;
use crate::formats::book::{Area, Cell, Columns, Look, Row, Sheet, Value};
use crate::formats::ole::little::{f64_at, part, size_at, u8_at, u16_at, u32_at};
use mugai_core::{Cx, FindingCode, Refusal, Resource};

/// The mark of the beginning of a sheet of cells, and of a chart in a sheet.
const WORKSHEET: u16 = 0x0010;
/// Kinds of objects: a comment; and those that are no controls.
const COMMENT: u16 = 0x19;
const NO_CONTROLS: [u16; 11] = [0, 1, 2, 3, 4, 5, 6, 8, 9, COMMENT, 0x1e];
/// Boxes and buttons.
const WITH_TEXT: [u16; 2] = [6, 7];
/// Charts and pictures, which are left out. A chart has a part of the stream of its own behind it.
const CHART: u16 = 5;
const PICTURE: u16 = 8;
/// The drop-down of a filter, which is written as a list.
const DROP_DOWN: u16 = 0x14;
/// How many texts of boxes are kept, and how long they are.
const MAX_BOXES: usize = 1_000;

/// A sheet on its way.
struct Reader<'a> {
    globals: &'a Globals,
    sheet: Sheet,
    /// The cell whose formula gave a text, which follows.
    waiting: Option<(u32, u32, usize)>,
    object: u16,
    formulas: u32,
}

/// Reads a sheet from its beginning on.
///
/// # Errors
/// [`Refusal::Malformed`], [`Refusal::Overrun`]
pub(super) fn read(stream: &[u8], globals: &Globals, cx: &mut Cx<'_>) -> Result<Sheet, Refusal> {
    let mut records = Records::new(stream);
    let first = records.next();
    let begins = first.is_some_and(|first| {
        first.id == records::BOF && u16_at(first.content, 2) == Some(WORKSHEET)
    });
    if !begins {
        return Err(Refusal::malformed("xls: no sheet where one should be"));
    }
    let mut reader = Reader {
        globals,
        sheet: Sheet::default(),
        waiting: None,
        object: 0,
        formulas: 0,
    };
    // charts within the sheet have a beginning and an end of their own
    let mut depth = 0u32;
    while let Some(record) = records.next() {
        cx.charge_len(
            Resource::Steps,
            (record.content.len() / 16).saturating_add(4),
        )?;
        match record.id {
            records::BOF => {
                let told = depth > 0 || reader.object == CHART;
                cx.note_times(FindingCode::OfficePart, u32::from(!told));
                depth = depth.saturating_add(1);
            }
            records::EOF if depth == 0 => break,
            records::EOF => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            records::BOX_TEXT => {
                let parts = records.continued(cx)?;
                reader.box_text(record.content, parts, cx)?;
            }
            records::FORMULA_TEXT => {
                let parts = Parts::new(record.content, records.continued(cx)?);
                reader.formula_text(record.content, parts, cx)?;
            }
            _ => reader.take(record, cx)?,
        }
    }
    cx.note_times(FindingCode::OfficeFormula, reader.formulas);
    Ok(reader.sheet)
}

impl Reader<'_> {
    fn take(&mut self, record: Record<'_>, cx: &mut Cx<'_>) -> Result<(), Refusal> {
        let content = record.content;
        match record.id {
            records::LABEL_SHARED => {
                let text = size_at(content, 6).and_then(|at| self.globals.strings.get(at));
                match text {
                    Some(text) => self.cell(content, Value::Text(text.clone()), cx)?,
                    // a text that is not there: the table ended early
                    None => cx.note(FindingCode::TextTruncated),
                }
            }
            records::LABEL | records::RICH => {
                if let Some(text) = self.globals.spelling.at(content, 6, true) {
                    cx.charge_len(Resource::Bytes, text.len())?;
                    self.cell(content, Value::Text(text.into()), cx)?;
                }
            }
            records::NUMBER => {
                if let Some(value) = f64_at(content, 6) {
                    self.cell(content, Value::Number(value), cx)?;
                }
            }
            records::RK => {
                if let Some(value) = u32_at(content, 6) {
                    self.cell(content, Value::Number(rk(value)), cx)?;
                }
            }
            records::RK_ROW => self.row_of_numbers(content, cx)?,
            records::BLANK | records::BLANK_ROW => self.blank(content, cx)?,
            records::ROW_HEIGHT => {
                self.sheet.height = u16_at(content, 2).map(|twips| f64::from(twips) / 20.0);
            }
            records::BOOL => {
                if let Some((value, error)) = u8_at(content, 6).zip(u8_at(content, 7)) {
                    let value = if error == 0 {
                        Value::Bool(value != 0)
                    } else {
                        Value::Error(value)
                    };
                    self.cell(content, value, cx)?;
                }
            }
            // versions differ only in what follows the value
            records::FORMULA | 0x0206 | 0x0406 => self.formula(content, cx)?,
            records::MERGED => self.merged(content, cx)?,
            records::COLUMNS => self.columns(content, cx),
            records::ROW => self.row(content, cx)?,
            records::OBJECT => {
                self.object = u16_at(content, 4).unwrap_or(0);
                self.old_text(content, cx)?;
                let control = !NO_CONTROLS.contains(&self.object) && self.object != DROP_DOWN;
                cx.note_times(FindingCode::OfficeControl, u32::from(control));
                let left = matches!(self.object, CHART | PICTURE);
                cx.note_times(FindingCode::OfficePart, u32::from(left));
            }
            records::DRAWING => {
                for letters in art::told(content, cx)? {
                    self.text(letters);
                }
            }
            records::NOTE => cx.note(FindingCode::OfficeComment),
            records::LINK => cx.note(FindingCode::OfficeLink),
            records::QUERY | records::CONNECTION => cx.note(FindingCode::OfficeCustomXml),
            _ => page::read(&mut self.sheet.paper, &record, self.globals.spelling),
        }
        Ok(())
    }

    fn row(&mut self, content: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        let flags = u16_at(content, 12).unwrap_or(0);
        let (hidden, fixed) = (flags & 0x20 != 0, flags & 0x40 != 0);
        cx.note_times(FindingCode::OfficeHidden, u32::from(hidden));
        // in twentieths of a point, if it is another one than that of all rows
        let height = u16_at(content, 6).filter(|twips| fixed || twips & 0x8000 == 0);
        let look = u16_at(content, 14).filter(|_| flags & 0x80 != 0);
        let look = look.map_or(0, |look| self.look(usize::from(look & 0xfff)));
        let told = Row {
            height: height.map(|twips| f64::from(twips & 0x7fff) / 20.0),
            fixed,
            hidden,
            look,
        };
        let number = u16_at(content, 0).map_or(u32::MAX, u32::from);
        self.sheet.row(number, told, cx)
    }

    /// Row, column and look stand at the beginning of every cell.
    fn cell(&mut self, content: &[u8], value: Value, cx: &Cx<'_>) -> Result<(), Refusal> {
        let Some((row, column, look)) = self.place(content) else {
            return Ok(());
        };
        self.sheet.push(
            Cell {
                row,
                column,
                value,
                look,
            },
            cx,
        )
    }

    fn place(&self, content: &[u8]) -> Option<(u32, u32, usize)> {
        let (row, column) = (u16_at(content, 0)?, u16_at(content, 2)?);
        let look = usize::from(u16_at(content, 4)?);
        Some((row.into(), column.into(), self.look(look)))
    }

    /// A look that there is.
    fn look(&self, number: usize) -> usize {
        if number < self.globals.looks.all.len() {
            number
        } else {
            0
        }
    }

    /// Empty cells of which something is seen.
    fn blank(&mut self, content: &[u8], cx: &Cx<'_>) -> Result<(), Refusal> {
        let Some((row, first)) = u16_at(content, 0).zip(u16_at(content, 2)) else {
            return Ok(());
        };
        let looks = content.get(4..).unwrap_or_default().as_chunks::<2>().0;
        // behind those of several cells stands the last column
        let count = looks.len().saturating_sub(1).max(1);
        for (column, look) in (u32::from(first)..).zip(looks.iter().take(count)) {
            let look = self.look(usize::from(u16::from_le_bytes(*look)));
            let seen = self.globals.looks.all.get(look);
            if seen.is_some_and(Look::is_seen) {
                let cell = Cell {
                    row: row.into(),
                    column,
                    value: Value::Blank,
                    look,
                };
                self.sheet.push(cell, cx)?;
            }
        }
        Ok(())
    }

    fn row_of_numbers(&mut self, content: &[u8], cx: &Cx<'_>) -> Result<(), Refusal> {
        let Some((row, first)) = u16_at(content, 0).zip(u16_at(content, 2)) else {
            return Ok(());
        };
        let body = content.get(4..content.len().saturating_sub(2));
        let cells = body.unwrap_or_default().as_chunks::<6>().0;
        for (column, six) in (u32::from(first)..).zip(cells) {
            let look = usize::from(u16_at(six, 0).unwrap_or(0));
            let value = rk(u32_at(six, 2).unwrap_or(0));
            self.sheet.push(
                Cell {
                    row: row.into(),
                    column,
                    value: Value::Number(value),
                    look: self.look(look),
                },
                cx,
            )?;
        }
        Ok(())
    }

    fn formula(&mut self, content: &[u8], cx: &Cx<'_>) -> Result<(), Refusal> {
        self.formulas = self.formulas.saturating_add(1);
        if u16_at(content, 12) != Some(0xffff) {
            return match f64_at(content, 6) {
                Some(value) => self.cell(content, Value::Number(value), cx),
                None => Ok(()),
            };
        }
        let value = u8_at(content, 8).unwrap_or(0);
        match u8_at(content, 6) {
            Some(0) => {
                self.waiting = self.place(content);
                Ok(())
            }
            Some(1) => self.cell(content, Value::Bool(value != 0), cx),
            Some(2) => self.cell(content, Value::Error(value), cx),
            _ => Ok(()),
        }
    }

    fn formula_text(
        &mut self,
        content: &[u8],
        mut parts: Parts<'_>,
        cx: &Cx<'_>,
    ) -> Result<(), Refusal> {
        let Some((row, column, look)) = self.waiting.take() else {
            return Ok(());
        };
        let text = if self.globals.spelling.new {
            parts.string()
        } else {
            self.globals.spelling.at(content, 0, true)
        };
        let Some(text) = text else { return Ok(()) };
        cx.charge_len(Resource::Bytes, text.len())?;
        self.sheet.push(
            Cell {
                row,
                column,
                value: Value::Text(text.into()),
                look,
            },
            cx,
        )
    }

    fn merged(&mut self, content: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        let count = usize::from(u16_at(content, 0).unwrap_or(0));
        let areas = content.get(2..).unwrap_or_default().as_chunks::<8>().0;
        for area in areas.iter().take(count) {
            let number = |at: usize| u16_at(area, at).map_or(0, u32::from);
            let area = Area {
                rows: (number(0), number(2)),
                columns: (number(4), number(6)),
            };
            self.sheet.merge(area, cx)?;
        }
        Ok(())
    }

    fn columns(&mut self, content: &[u8], cx: &mut Cx<'_>) {
        let number = |at: usize| u16_at(content, at).unwrap_or(0);
        let (first, last, width) = (number(0), number(2), number(4));
        let hidden = number(8) & 1 != 0;
        cx.note_times(FindingCode::OfficeHidden, u32::from(hidden));
        self.sheet.columns(Columns {
            first: first.into(),
            last: last.min(255).into(),
            width: f64::from(width) / 256.0,
            hidden,
            look: self.look(usize::from(number(6))),
        });
    }

    /// The text of a box stands in the records behind it; that of a comment is left out.
    fn box_text(&mut self, content: &[u8], parts: Vec<&[u8]>, cx: &Cx<'_>) -> Result<(), Refusal> {
        let object = std::mem::take(&mut self.object);
        let count = usize::from(u16_at(content, 10).unwrap_or(0));
        if count == 0 || object == COMMENT {
            return Ok(());
        }
        // each of those records says first how wide its characters are
        if let Some(text) = Parts::new(&[], parts).characters(count, false) {
            cx.charge_len(Resource::Bytes, text.len())?;
            self.text(text.replace('\r', "\n"));
        }
        Ok(())
    }

    /// Before Excel 97 the text of a box or a button stands in the object itself: behind its name and what it runs,
    /// whose lengths stand before (the layout as `LibreOffice` reads it).
    fn old_text(&mut self, content: &[u8], cx: &Cx<'_>) -> Result<(), Refusal> {
        if self.globals.spelling.new || !WITH_TEXT.contains(&self.object) {
            return Ok(());
        }
        let number = |at: usize| u16_at(content, at).map_or(0, usize::from);
        let mut at = 70usize;
        if number(30) > 0 {
            let name = u8_at(content, at).map_or(0, usize::from);
            // up to the next even place
            at = at.saturating_add(name.saturating_add(1).next_multiple_of(2));
        }
        let text = part(content, at.saturating_add(number(26)), number(44));
        if let Some(bytes) = text.filter(|bytes| !bytes.is_empty()) {
            cx.charge_len(Resource::Bytes, bytes.len().saturating_mul(3))?;
            cx.charge_len(Resource::Steps, bytes.len())?;
            let (text, _) = self
                .globals
                .spelling
                .charset
                .decode_without_bom_handling(bytes);
            self.text(text.replace('\r', "\n"));
        }
        Ok(())
    }

    /// A text over the cells.
    fn text(&mut self, text: String) {
        if self.sheet.boxes.len() < MAX_BOXES {
            self.sheet.boxes.push(text);
        }
    }
}

/// A number in four bytes ([MS-XLS] 2.5.217): the upper part of a float, or a whole number, either of
/// them perhaps in hundredths.
pub(in crate::formats) fn rk(bits: u32) -> f64 {
    let value = if bits & 2 != 0 {
        f64::from(bits.cast_signed() >> 2)
    } else {
        f64::from_bits(u64::from(bits & !3) << 32)
    };
    if bits & 1 != 0 { value / 100.0 } else { value }
}

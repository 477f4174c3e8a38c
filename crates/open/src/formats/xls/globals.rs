//! What holds for the whole workbook ([MS-XLS] 2.1.7.20.3): its sheets, strings, formats.

use super::looks::{self, Looks};
use super::records::{self, Records};
use super::strings::{Parts, Spelling, shared};
use super::{ENCRYPTED, records::Record};
use crate::formats::book::Code;
use crate::formats::ole::little::{size_at, u8_at, u16_at};
use crate::formats::rtf::of_page;
use mugai_core::{Cx, FindingCode, Refusal, Resource};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The most sheets and looks.
const MAX_SHEETS: usize = 4_096;
const MAX_LOOKS: usize = 65_536;
/// Versions of records.
const BIFF_5: u16 = 0x0500;
const BIFF_8: u16 = 0x0600;

/// What a sheet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Cells,
    Macros,
    Other,
}

/// A line of the list of sheets.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) at: usize,
    pub(super) name: String,
    pub(super) hidden: bool,
    pub(super) shape: Shape,
}

/// What was read.
#[derive(Debug)]
pub(super) struct Globals {
    pub(super) spelling: Spelling,
    pub(super) sheets: Vec<Entry>,
    pub(super) strings: Vec<Rc<str>>,
    pub(super) date1904: bool,
    pub(super) looks: Looks,
    /// The codes of all formats in use, the general one first.
    pub(super) codes: Vec<Code>,
    formats: BTreeMap<u16, Code>,
}

impl Globals {
    /// The codes of all formats in use, the general one first.
    fn codes(&self) -> Vec<Code> {
        let mut codes = vec![Code::default()];
        for number in self.used() {
            codes.push(match self.formats.get(&number) {
                Some(code) => code.clone(),
                None => Code::built_in(number),
            });
        }
        codes
    }

    fn used(&self) -> Vec<u16> {
        let mut used: Vec<u16> = self.looks.formats().filter(|n| *n != 0).collect();
        used.sort_unstable();
        used.dedup();
        used
    }

    /// The places of all looks' formats among the codes.
    fn places(&self) -> Vec<usize> {
        let used = self.used();
        let place = |number: u16| {
            used.binary_search(&number)
                .map_or(0, |at| at.saturating_add(1))
        };
        self.looks.formats().map(place).collect()
    }
}

/// Reads the first part of a workbook.
///
/// # Errors
/// [`Refusal::Encrypted`], [`Refusal::Unsupported`] for versions before Excel 5,
/// [`Refusal::Malformed`], [`Refusal::Overrun`].
pub(super) fn read(stream: &[u8], cx: &mut Cx<'_>) -> Result<Globals, Refusal> {
    let mut records = Records::new(stream);
    let first = records
        .next()
        .ok_or(Refusal::malformed("xls: no beginning"))?;
    let version = u16_at(first.content, 0).unwrap_or(0);
    if first.id != records::BOF || !matches!(version, BIFF_5 | BIFF_8) {
        return Err(Refusal::unsupported("xls: a version before Excel 5"));
    }
    let mut globals = Globals {
        spelling: Spelling {
            new: version == BIFF_8,
            charset: encoding_rs::WINDOWS_1252,
        },
        sheets: Vec::new(),
        strings: Vec::new(),
        date1904: false,
        looks: Looks::default(),
        codes: Vec::new(),
        formats: BTreeMap::new(),
    };
    while let Some(record) = records.next() {
        cx.charge_len(
            Resource::Steps,
            (record.content.len() / 16).saturating_add(4),
        )?;
        match record.id {
            records::EOF => {
                globals.codes = globals.codes();
                let places = globals.places();
                globals.looks.settle(&places, globals.spelling.new);
                return Ok(globals);
            }
            records::FILE_PASS => return Err(ENCRYPTED),
            records::STRINGS => {
                let parts = Parts::new(record.content, records.continued(cx)?);
                globals.strings = shared(parts, cx)?;
            }
            _ => globals.take(record, cx)?,
        }
    }
    Err(Refusal::malformed("xls: no end of the workbook"))
}

impl Globals {
    fn take(&mut self, record: Record<'_>, cx: &mut Cx<'_>) -> Result<(), Refusal> {
        let content = record.content;
        match record.id {
            records::CODE_PAGE => {
                let page = u16_at(content, 0).map_or(0, u32::from);
                self.spelling.charset = of_page(page).unwrap_or(self.spelling.charset);
            }
            records::DATE_1904 => self.date1904 = u16_at(content, 0) == Some(1),
            records::LOOK if self.looks.len() < MAX_LOOKS => {
                cx.charge(Resource::Bytes, 64)?;
                self.looks.push(content);
            }
            records::FONT => {
                // some programs say a code page that their texts are not of
                let is_japanese = u8_at(content, 12) == Some(looks::JAPANESE);
                if !self.spelling.new
                    && is_japanese
                    && self.spelling.charset == encoding_rs::WINDOWS_1252
                {
                    self.spelling.charset = encoding_rs::SHIFT_JIS;
                    cx.note(FindingCode::TextCharsetLie);
                }
                cx.charge(Resource::Bytes, 96)?;
                self.looks.font(content, self.spelling);
            }
            records::COLORS => self.looks.colors(content),
            records::FORMAT => {
                let code = self.spelling.at(content, 2, self.spelling.new);
                if let Some((number, code)) = u16_at(content, 0).zip(code)
                    && self.formats.len() < MAX_SHEETS
                {
                    self.formats.insert(number, Code::paid(&code, cx)?);
                }
            }
            records::SHEET => self.sheet(content)?,
            records::BOOK_LINK => {
                // the book itself, and functions that programs add
                let own = matches!(u16_at(content, 2), Some(0x0401 | 0x3a01));
                cx.note_times(FindingCode::OfficeExternal, u32::from(!own));
            }
            records::NAME => {
                let built_in = u16_at(content, 0).is_some_and(|flags| flags & 0x20 != 0);
                let length = u8_at(content, 3);
                let at = if self.spelling.new { 15 } else { 14 };
                // names of what runs when the book is opened or closed
                let runs = matches!(u8_at(content, at), Some(1 | 2 | 0x0a | 0x0b));
                let hook = built_in && length == Some(1) && runs;
                cx.note_times(FindingCode::OfficeMacro, u32::from(hook));
            }
            records::MODULES => cx.note(FindingCode::OfficeMacro),
            records::CONNECTION | records::QUERY => cx.note(FindingCode::OfficeCustomXml),
            _ => {}
        }
        Ok(())
    }

    fn sheet(&mut self, content: &[u8]) -> Result<(), Refusal> {
        let bad = Refusal::malformed("xls: the list of sheets");
        let at = size_at(content, 0).ok_or(bad.clone())?;
        let (state, kind) = u8_at(content, 4)
            .zip(u8_at(content, 5))
            .ok_or(bad.clone())?;
        let name = self.spelling.at(content, 6, false).ok_or(bad.clone())?;
        if self.sheets.len() >= MAX_SHEETS {
            return Err(bad);
        }
        self.sheets.push(Entry {
            at,
            name,
            hidden: state & 3 != 0,
            shape: match kind {
                0 => Shape::Cells,
                1 | 6 => Shape::Macros,
                _ => Shape::Other,
            },
        });
        Ok(())
    }
}

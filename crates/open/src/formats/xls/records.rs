//! Records of a workbook ([MS-XLS] 2.1.4): a number, a length, a content.

use mugai_core::{Cx, Refusal, Resource};

pub(super) const FORMULA: u16 = 0x0006;
pub(super) const EOF: u16 = 0x000a;
pub(super) const NAME: u16 = 0x0018;
pub(super) const NOTE: u16 = 0x001c;
pub(super) const DATE_1904: u16 = 0x0022;
pub(super) const FILE_PASS: u16 = 0x002f;
pub(super) const CONTINUE: u16 = 0x003c;
pub(super) const FONT: u16 = 0x0031;
pub(super) const CODE_PAGE: u16 = 0x0042;
pub(super) const OBJECT: u16 = 0x005d;
pub(super) const TEMPLATE: u16 = 0x0060;
pub(super) const COLUMNS: u16 = 0x007d;
pub(super) const SHEET: u16 = 0x0085;
pub(super) const WRITE_PROTECT: u16 = 0x0086;
pub(super) const COLORS: u16 = 0x0092;
pub(super) const RK_ROW: u16 = 0x00bd;
pub(super) const BLANK_ROW: u16 = 0x00be;
pub(super) const MODULES: u16 = 0x00d3;
pub(super) const RICH: u16 = 0x00d6;
pub(super) const LOOK: u16 = 0x00e0;
pub(super) const INTERFACE: u16 = 0x00e1;
pub(super) const MERGED: u16 = 0x00e5;
pub(super) const DRAWING: u16 = 0x00ec;
pub(super) const STRINGS: u16 = 0x00fc;
pub(super) const LABEL_SHARED: u16 = 0x00fd;
pub(super) const QUERY: u16 = 0x01ad;
pub(super) const BOOK_LINK: u16 = 0x01ae;
pub(super) const BOX_TEXT: u16 = 0x01b6;
pub(super) const LINK: u16 = 0x01b8;
pub(super) const BLANK: u16 = 0x0201;
pub(super) const NUMBER: u16 = 0x0203;
pub(super) const LABEL: u16 = 0x0204;
pub(super) const BOOL: u16 = 0x0205;
pub(super) const FORMULA_TEXT: u16 = 0x0207;
pub(super) const ROW: u16 = 0x0208;
pub(super) const ROW_HEIGHT: u16 = 0x0225;
pub(super) const RK: u16 = 0x027e;
pub(super) const FORMAT: u16 = 0x041e;
pub(super) const BOF: u16 = 0x0809;
pub(super) const CONNECTION: u16 = 0x0876;

/// A record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'a> {
    pub(super) id: u16,
    pub(super) content: &'a [u8],
}

/// Walks over records.
#[derive(Clone, Copy, Debug)]
pub(super) struct Records<'a> {
    rest: &'a [u8],
}

impl<'a> Records<'a> {
    pub(super) const fn new(stream: &'a [u8]) -> Self {
        Self { rest: stream }
    }

    /// The next record; `None` at the end, or where one is cut.
    pub(super) fn next(&mut self) -> Option<Record<'a>> {
        let (head, rest) = self.rest.split_first_chunk::<4>()?;
        let [a, b, c, d] = *head;
        let length = usize::from(u16::from_le_bytes([c, d]));
        let (content, rest) = rest.split_at_checked(length)?;
        self.rest = rest;
        Some(Record {
            id: u16::from_le_bytes([a, b]),
            content,
        })
    }

    /// The contents of the records that continue the last one. Each is paid for before it is kept: there may be
    /// millions of empty ones, and many sheets may end in the same ones.
    ///
    /// # Errors
    /// [`Refusal::Overrun`]
    pub(super) fn continued(&mut self, cx: &Cx<'_>) -> Result<Vec<&'a [u8]>, Refusal> {
        let mut parts = Vec::new();
        let mut ahead = *self;
        while let Some(record) = ahead.next().filter(|record| record.id == CONTINUE) {
            let steps = (record.content.len() / 16).saturating_add(4);
            cx.charge_len(Resource::Steps, steps)?;
            // a slice, and as much while the list grows
            cx.charge(Resource::Bytes, 32)?;
            parts.push(record.content);
            *self = ahead;
        }
        Ok(parts)
    }
}

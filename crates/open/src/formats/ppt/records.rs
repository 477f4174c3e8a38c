//! Records of a presentation ([MS-PPT] 2.3.1): version and instance, kind, length, content.

use crate::formats::ole::little::{part, size_at, u16_at};

pub(super) const DOCUMENT: u16 = 0x03e8;
pub(super) const SLIDE: u16 = 0x03ee;
pub(super) const SLIDE_ATOM: u16 = 0x03ef;
pub(super) const NOTES: u16 = 0x03f0;
pub(super) const SLIDE_PLACE: u16 = 0x03f3;
pub(super) const SLIDE_SHOW: u16 = 0x03f9;
pub(super) const MACROS: u16 = 0x03ff;
pub(super) const SOUND: u16 = 0x07e6;
pub(super) const OUTLINE_TEXT: u16 = 0x0f9e;
pub(super) const TEXT_HEADER: u16 = 0x0f9f;
pub(super) const TEXT_WIDE: u16 = 0x0fa0;
pub(super) const TEXT_NARROW: u16 = 0x0fa8;
pub(super) const OBJECT_EMBEDDED: u16 = 0x0fcc;
pub(super) const OBJECT_LINKED: u16 = 0x0fce;
pub(super) const LINK: u16 = 0x0fd7;
pub(super) const FIELD_NUMBER: u16 = 0x0fd8;
pub(super) const HEADERS: u16 = 0x0fd9;
pub(super) const CONTROL: u16 = 0x0fee;
pub(super) const SLIDE_LIST: u16 = 0x0ff0;
pub(super) const ACTION: u16 = 0x0ff3;
pub(super) const EDIT: u16 = 0x0ff5;
pub(super) const FIELD_TIME: u16 = 0x0ff7;
pub(super) const FIELD_DATE: u16 = 0x0ff8;
pub(super) const FIELD_HEADER: u16 = 0x0ff9;
pub(super) const FIELD_FOOTER: u16 = 0x0ffa;
pub(super) const FILM: u16 = 0x1006;
pub(super) const FILM_PLAYER: u16 = 0x1007;
pub(super) const SOUND_DISC: u16 = 0x100e;
pub(super) const SOUND_EMBEDDED: u16 = 0x100f;
pub(super) const SOUND_LINKED: u16 = 0x1010;
pub(super) const FIELD_FORMAT: u16 = 0x1015;
pub(super) const TAGS: u16 = 0x1388;
pub(super) const TAG_DATA: u16 = 0x138b;
pub(super) const PLACES: u16 = 0x1772;
pub(super) const COMMENT: u16 = 0x2ee0;
pub(super) const LOCK: u16 = 0x2f14;

/// Bytes of the head of a record.
pub(super) const HEAD: usize = 8;

/// A record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'a> {
    pub(super) kind: u16,
    pub(super) instance: u16,
    /// It holds records.
    pub(super) container: bool,
    pub(super) content: &'a [u8],
}

/// The record at a place of the stream.
pub(super) fn at(stream: &[u8], place: usize) -> Option<Record<'_>> {
    let head = u16_at(stream, place)?;
    let length = size_at(stream, place.checked_add(4)?)?;
    Some(Record {
        kind: u16_at(stream, place.checked_add(2)?)?,
        instance: head >> 4,
        container: head & 0xf == 0xf,
        content: part(stream, place.checked_add(HEAD)?, length)?,
    })
}

/// The records in the content of another one: those in containers come right behind their container, so
/// that depth costs nothing.
pub(super) struct Within<'a> {
    rest: &'a [u8],
}

impl<'a> Within<'a> {
    pub(super) const fn new(content: &'a [u8]) -> Self {
        Self { rest: content }
    }

    /// The next record; `None` at the end, or where one is cut.
    pub(super) fn next(&mut self) -> Option<Record<'a>> {
        let record = at(self.rest, 0)?;
        let step = if record.container {
            HEAD
        } else {
            HEAD.checked_add(record.content.len())?
        };
        self.rest = self.rest.get(step..)?;
        Some(record)
    }

    /// Leaves out what is in the container that came last.
    pub(super) fn skip(&mut self, record: &Record<'_>) {
        self.rest = self.rest.get(record.content.len()..).unwrap_or_default();
    }
}

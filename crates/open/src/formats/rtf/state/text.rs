//! Bytes and characters, and where they go.

use super::State;
use crate::formats::rtf::charset;
use crate::formats::rtf::destination::Destination;
use crate::formats::rtf::fonts::Face;

/// The longest name of a property that is looked at, in bytes.
const MAX_NAME: usize = 32;

impl State {
    /// Whether the last byte is the first one of a character of two.
    pub(in crate::formats::rtf) const fn is_half(&self) -> bool {
        self.half
    }

    /// A byte of text.
    pub(in crate::formats::rtf) fn byte(&mut self, byte: u8) {
        let group = self
            .groups
            .last()
            .map(|group| (group.face, group.destination));
        let (face, destination) = group.unwrap_or((Face::Page, Destination::Nothing));
        let charset = match face {
            Face::Coded(charset) => charset,
            Face::Page | Face::Symbols(_) => self.page,
        };
        let is_symbol = matches!(face, Face::Symbols(_));
        self.half = !self.half && !is_symbol && charset::leads(charset, byte);
        if self.skips() {
            return;
        }
        match destination {
            Destination::Fonts => return self.fonts.byte(byte),
            Destination::Nothing
            | Destination::Property
            | Destination::Form
            | Destination::Looks => return,
            Destination::Body
            | Destination::Note
            | Destination::Margin
            | Destination::FieldCode
            | Destination::Choice
            | Destination::Name
            | Destination::Sign => {}
        }
        self.set(|group| group.fresh = false);
        if let Face::Symbols(symbols) = face {
            return self.char(symbols.letter(char::from(byte)));
        }
        // half a character before and half behind a change of fonts are one, if both fonts say so
        if charset != self.charset {
            let half = self.half;
            self.flush();
            (self.charset, self.half) = (charset, half);
        }
        self.bytes.push(byte);
    }

    /// Decodes the bytes that wait.
    pub(super) fn flush(&mut self) {
        self.half = false;
        if let Some(high) = self.high.take() {
            self.lone(high);
        }
        if self.bytes.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.bytes);
        let (text, lossy) = self.charset.decode_without_bom_handling(&bytes);
        self.undecodable |= lossy;
        self.put_all(&text);
    }

    fn lone(&mut self, _: u16) {
        self.undecodable = true;
        self.put(char::REPLACEMENT_CHARACTER);
    }

    /// A character that is text at this place, behind the bytes that wait.
    pub(super) fn char(&mut self, c: char) {
        self.flush();
        self.put(c);
    }

    pub(super) fn put_all(&mut self, text: &str) {
        for c in text.chars() {
            self.put(c);
        }
    }

    pub(super) fn put(&mut self, c: char) {
        let Some(group) = self.groups.last().filter(|group| !group.deleted) else {
            return;
        };
        match group.destination {
            Destination::Nothing
            | Destination::Fonts
            | Destination::Form
            | Destination::Property
            | Destination::Looks => {}
            Destination::Choice => {
                if let Some(form) = &mut self.form {
                    form.letter(c);
                }
            }
            Destination::Name => {
                if self.name.len() < MAX_NAME {
                    self.name.push(c);
                }
            }
            Destination::Sign => self.sign(c),
            // a code is never told
            Destination::FieldCode => {
                if !self.fields.shows() {
                    self.fields.code(c);
                }
            }
            Destination::Body | Destination::Note | Destination::Margin => {
                if self.fields.shows() {
                    self.fields.fill(c);
                    let destination = group.destination;
                    let told = place(&mut self.out, &mut self.margin, destination);
                    let parted = self.formula.before(c.encode_utf8(&mut [0; 4]), told);
                    told.extend(parted);
                    told.push(c);
                }
            }
        }
    }

    pub(super) fn push(&mut self, c: char) {
        let destination = self.group().destination;
        self.told(destination).push(c);
    }

    /// Where text of a destination is told.
    pub(super) const fn told(&mut self, destination: Destination) -> &mut String {
        place(&mut self.out, &mut self.margin, destination)
    }

    /// A unit of UTF-16, as `\u` gives it: signed, and followed by what other readers show. Some programs give whole
    /// characters, where they need two units.
    pub(super) fn unicode(&mut self, number: i32) {
        let group = self.group();
        self.half = false;
        if !self.bytes.is_empty() {
            self.flush();
        }
        self.skipping = group.skip;
        let whole = u32::try_from(number).ok().filter(|code| *code > 0xffff);
        let unit = u16::try_from(number.rem_euclid(65_536)).unwrap_or(0);
        let before = self.high.take();
        match (before, unit) {
            (Some(high), 0xdc00..=0xdfff) if whole.is_none() => {
                let pair = char::decode_utf16([high, unit]).next().and_then(Result::ok);
                return self.put(pair.unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            (Some(high), _) => self.lone(high),
            (None, _) => {}
        }
        if whole.is_none() && matches!(unit, 0xd800..=0xdbff) {
            self.high = Some(unit);
            return;
        }
        let c = char::from_u32(whole.unwrap_or(u32::from(unit)));
        let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
        self.put(match group.face {
            Face::Symbols(symbols) => symbols.letter(c),
            Face::Page | Face::Coded(_) => c,
        });
    }
}

/// The one of both in which text of a destination is told.
pub(super) const fn place<'t>(
    out: &'t mut String,
    margin: &'t mut String,
    destination: Destination,
) -> &'t mut String {
    if matches!(destination, Destination::Margin) {
        margin
    } else {
        out
    }
}

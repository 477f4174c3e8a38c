//! Groups and what they inherit; the text as it grows.

use super::charset;
use super::destination::{self, Destination};
use crate::formats::field::Fields;
use encoding_rs::{Encoding, WINDOWS_1252};
use mugai_core::{Cx, FindingCode, Refusal};
use std::collections::BTreeMap;

/// The deepest nesting of groups. Word itself ends at some thousands; what is nested deeper is made so.
const MAX_DEPTH: usize = 2_000;
/// The most fonts whose charsets are kept.
const MAX_FONTS: usize = 4_096;
/// How much of the text of margins is kept, in bytes.
const MAX_MARGIN: usize = 1 << 20;

/// What holds up to the end of a group.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the format, independent of the others"
)]
struct Group {
    destination: Destination,
    /// The charset of the font.
    font: Option<&'static Encoding>,
    /// How many bytes follow a character in Unicode, for readers that know none.
    skip: u32,
    hidden: bool,
    deleted: bool,
    /// The group is a field: its end ends it.
    field: bool,
    /// In a pair of texts of which the second one, in Unicode, counts.
    pair: bool,
    /// `\*` stood at its beginning: a destination that is not known is dropped.
    star: bool,
    /// Nothing but controls has come so far.
    fresh: bool,
}

/// A reader at its place.
#[derive(Debug)]
pub(super) struct State {
    groups: Vec<Group>,
    page: &'static Encoding,
    fonts: BTreeMap<i32, &'static Encoding>,
    /// The font that is told of in the font table, or set.
    font: i32,
    default_font: i32,
    /// Bytes that wait for their charset, which they have in common.
    bytes: Vec<u8>,
    charset: &'static Encoding,
    /// Half of a pair of UTF-16.
    high: Option<u16>,
    /// Bytes to skip behind a character in Unicode.
    skipping: u32,
    out: String,
    margin: String,
    fields: Fields,
    undecodable: bool,
}

impl Default for State {
    fn default() -> Self {
        let ground = Group {
            destination: Destination::Body,
            font: None,
            skip: 1,
            hidden: false,
            deleted: false,
            field: false,
            pair: false,
            star: false,
            fresh: true,
        };
        Self {
            groups: vec![ground],
            page: WINDOWS_1252,
            fonts: BTreeMap::new(),
            font: 0,
            default_font: 0,
            bytes: Vec::new(),
            charset: WINDOWS_1252,
            high: None,
            skipping: 0,
            out: String::new(),
            margin: String::new(),
            fields: Fields::default(),
            undecodable: false,
        }
    }
}

impl State {
    fn group(&self) -> Group {
        self.groups.last().copied().unwrap_or(Group {
            destination: Destination::Nothing,
            font: None,
            skip: 1,
            hidden: false,
            deleted: false,
            field: false,
            pair: false,
            star: false,
            fresh: false,
        })
    }

    fn set(&mut self, change: impl FnOnce(&mut Group)) {
        if let Some(group) = self.groups.last_mut() {
            change(group);
        }
    }

    pub(super) fn open(&mut self) -> Result<(), Refusal> {
        self.flush();
        self.skipping = 0;
        if self.groups.len() >= MAX_DEPTH {
            return Err(Refusal::malformed("rtf: groups nested too deep"));
        }
        let group = self.group();
        self.groups.push(Group {
            field: false,
            star: false,
            fresh: true,
            ..group
        });
        Ok(())
    }

    /// Whether the whole text has ended comes back.
    pub(super) fn close(&mut self, cx: &mut Cx<'_>) -> bool {
        self.flush();
        self.skipping = 0;
        if self.groups.len() <= 1 {
            return true;
        }
        let group = self.groups.pop();
        if group.is_some_and(|group| group.field)
            && let Some(shown) = self.fields.end(cx)
        {
            self.push_str(&shown);
        }
        let before = self.group().destination;
        match group.map(|group| group.destination) {
            Some(Destination::Note) if before != Destination::Note => self.push('\n'),
            Some(Destination::Margin) if before != Destination::Margin => self.margin.push('\n'),
            _ => {}
        }
        self.groups.len() <= 1
    }

    pub(super) fn symbol(&mut self, symbol: u8) {
        match symbol {
            b'*' => self.set(|group| group.star = true),
            b'~' => self.char('\u{a0}'),
            b'_' => self.char('-'),
            b'{' | b'}' | b'\\' => self.byte(symbol),
            b'\t' => self.char('\t'),
            // optional hyphens, entries of indices
            _ => {}
        }
    }

    /// A byte of text.
    pub(super) fn byte(&mut self, byte: u8) {
        if self.skipping > 0 {
            self.skipping = self.skipping.saturating_sub(1);
            return;
        }
        let group = self.group();
        if matches!(group.destination, Destination::Nothing | Destination::Fonts) {
            return;
        }
        self.set(|group| group.fresh = false);
        let charset = group.font.unwrap_or(self.page);
        // half a character before and half behind a change of fonts are one, if both fonts say so
        if charset != self.charset {
            self.flush();
            self.charset = charset;
        }
        self.bytes.push(byte);
    }

    /// Decodes the bytes that wait.
    fn flush(&mut self) {
        if let Some(high) = self.high.take() {
            self.lone(high);
        }
        if self.bytes.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.bytes);
        let (text, lossy) = self.charset.decode_without_bom_handling(&bytes);
        self.undecodable |= lossy;
        for c in text.chars() {
            self.put(c);
        }
    }

    fn lone(&mut self, _: u16) {
        self.undecodable = true;
        self.put(char::REPLACEMENT_CHARACTER);
    }

    /// A character that is text at this place, behind the bytes that wait.
    fn char(&mut self, c: char) {
        if self.skipping > 0 {
            self.skipping = self.skipping.saturating_sub(1);
            return;
        }
        self.flush();
        self.put(c);
    }

    fn put(&mut self, c: char) {
        let group = self.group();
        if group.deleted || matches!(group.destination, Destination::Nothing | Destination::Fonts) {
            return;
        }
        if !self.fields.shows() {
            if group.destination == Destination::FieldCode {
                self.fields.code(c);
            }
            return;
        }
        self.push(c);
    }

    fn push(&mut self, c: char) {
        if self.group().destination == Destination::Margin {
            if self.margin.len() < MAX_MARGIN {
                self.margin.push(c);
            }
        } else {
            self.out.push(c);
        }
    }

    fn push_str(&mut self, text: &str) {
        for c in text.chars() {
            self.push(c);
        }
    }

    /// A unit of UTF-16, as `\u` gives it: signed, and followed by what other readers show.
    fn unicode(&mut self, number: i32) {
        let skip = self.group().skip;
        if !self.bytes.is_empty() {
            self.flush();
        }
        let unit = u16::try_from(number.rem_euclid(65_536)).unwrap_or(0);
        match (self.high.take(), unit) {
            (Some(high), 0xdc00..=0xdfff) => {
                let pair = char::decode_utf16([high, unit]).next().and_then(Result::ok);
                self.put(pair.unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            (before, 0xd800..=0xdbff) => {
                if let Some(high) = before {
                    self.lone(high);
                }
                self.high = Some(unit);
            }
            (before, unit) => {
                if let Some(high) = before {
                    self.lone(high);
                }
                let c = char::from_u32(u32::from(unit));
                self.put(c.unwrap_or(char::REPLACEMENT_CHARACTER));
            }
        }
        self.skipping = skip;
    }

    pub(super) fn word(
        &mut self,
        word: &[u8],
        number: Option<i32>,
        cx: &mut Cx<'_>,
    ) -> Result<(), Refusal> {
        if word == b"u" {
            if let Some(number) = number {
                self.unicode(number);
            }
            return Ok(());
        }
        // what is skipped is text: a control word ends it
        self.skipping = 0;
        if let Some((destination, code)) = destination::of(word) {
            return self.enter(word, destination, code, cx);
        }
        let group = self.group();
        if group.star && group.fresh {
            // a destination that nobody knows
            self.set(|group| {
                group.destination = Destination::Nothing;
                group.fresh = false;
            });
            return Ok(());
        }
        if let Some(mark) = mark(word) {
            self.char(mark);
            return Ok(());
        }
        self.setting(word, number, group, cx);
        Ok(())
    }

    /// A word that changes charsets or looks.
    fn setting(&mut self, word: &[u8], number: Option<i32>, group: Group, cx: &mut Cx<'_>) {
        let on = number != Some(0);
        match word {
            b"uc" => {
                let skip = u32::try_from(number.unwrap_or(1)).unwrap_or(1).min(16);
                self.set(|group| group.skip = skip);
            }
            b"ansicpg" => {
                let page = u32::try_from(number.unwrap_or(0)).ok();
                self.page = page.and_then(charset::of_page).unwrap_or(self.page);
            }
            b"mac" => self.page = encoding_rs::MACINTOSH,
            b"deff" => self.default_font = number.unwrap_or(0),
            b"f" | b"loch" | b"hich" | b"dbch" if group.destination == Destination::Fonts => {
                self.font = number.unwrap_or(0);
            }
            b"fcharset" if group.destination == Destination::Fonts => self.charset(number),
            b"cpg" if group.destination == Destination::Fonts => {
                let page = number.and_then(|n| u32::try_from(n).ok());
                self.font_page(page.and_then(charset::of_page));
            }
            b"f" => {
                let font = self.fonts.get(&number.unwrap_or(0)).copied();
                self.look(|group| group.font = font);
            }
            b"plain" => {
                let font = self.fonts.get(&self.default_font).copied();
                self.look(|group| {
                    (group.font, group.hidden, group.deleted) = (font, false, false);
                });
            }
            b"v" => {
                if on && !group.hidden && group.destination == Destination::Body {
                    cx.note(FindingCode::OfficeHidden);
                }
                self.look(|group| group.hidden = on);
            }
            b"deleted" => {
                if on && !group.deleted {
                    cx.note(FindingCode::OfficeRevision);
                }
                self.look(|group| group.deleted = on);
            }
            b"objocx" => cx.note(FindingCode::OfficeControl),
            b"objautlink" | b"objlink" | b"objupdate" | b"subdocument" | b"includepicture" => {
                cx.note(FindingCode::OfficeExternal);
            }
            _ => {}
        }
    }

    /// A change of looks, before which what waits is told in the old ones.
    fn look(&mut self, change: impl FnOnce(&mut Group)) {
        let before = self.group();
        if let Some(high) = self.high.take() {
            self.lone(high);
        }
        let mut after = before;
        change(&mut after);
        if after.hidden != before.hidden || after.deleted != before.deleted {
            self.flush();
        }
        self.set(|group| *group = after);
    }

    fn charset(&mut self, number: Option<i32>) {
        let of = charset::of_font(number.unwrap_or(0));
        // a font of symbols, or of the charset of the document
        self.font_page(of);
    }

    fn font_page(&mut self, page: Option<&'static Encoding>) {
        if let Some(page) = page.filter(|_| self.fonts.len() < MAX_FONTS) {
            self.fonts.insert(self.font, page);
        }
    }

    fn enter(
        &mut self,
        word: &[u8],
        destination: Destination,
        code: Option<FindingCode>,
        cx: &mut Cx<'_>,
    ) -> Result<(), Refusal> {
        self.flush();
        let group = self.group();
        let second = word == b"ud" && group.pair;
        if group.destination == Destination::Nothing && !second {
            return Ok(());
        }
        if let Some(code) = code {
            cx.note(code);
        }
        match word {
            b"upr" => self.set(|group| group.pair = true),
            b"field" if !group.field => {
                self.fields.begin()?;
                self.set(|group| group.field = true);
            }
            b"fldrslt" => self.fields.separate(),
            _ => {}
        }
        // what is inside of margins and notes stays there
        let kept = destination == Destination::Body
            && matches!(group.destination, Destination::Margin | Destination::Note);
        if destination == Destination::Note && group.destination != Destination::Note {
            self.push('\n');
        }
        self.set(|group| {
            if !kept {
                group.destination = destination;
            }
            group.fresh = false;
        });
        Ok(())
    }

    /// The text, with what stands in the margins behind it.
    pub(super) fn finish(mut self, cx: &mut Cx<'_>) -> String {
        self.groups.truncate(1);
        self.flush();
        cx.note_times(FindingCode::TextUndecodable, u32::from(self.undecodable));
        let mut out = self.out;
        let mut seen: Vec<&str> = Vec::new();
        for line in self.margin.lines().map(str::trim_end) {
            if seen.len() < 64 && !line.is_empty() && !seen.contains(&line) {
                if seen.is_empty() {
                    out.push('\n');
                }
                out.push_str(line);
                out.push('\n');
                seen.push(line);
            }
        }
        out
    }
}

/// The character that a word stands for.
fn mark(word: &[u8]) -> Option<char> {
    Some(match word {
        b"par" | b"line" | b"page" | b"sect" | b"column" | b"row" | b"nestrow" | b"softline" => {
            '\n'
        }
        b"tab" | b"cell" | b"nestcell" => '\t',
        b"emdash" => '—',
        b"endash" => '–',
        b"lquote" => '‘',
        b"rquote" => '’',
        b"ldblquote" => '“',
        b"rdblquote" => '”',
        b"bullet" => '•',
        b"emspace" | b"enspace" | b"qmspace" => ' ',
        _ => return None,
    })
}

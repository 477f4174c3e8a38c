//! Groups and what they inherit; what each control word does.

mod math;
mod text;

use super::charset;
use super::destination::{self, Destination};
use super::fonts::{Face, Fonts};
use crate::formats::field::Fields;
use crate::formats::field::form::{Form, Kind};
use crate::formats::formula::{Formula, Sign};
use encoding_rs::{Encoding, SHIFT_JIS, WINDOWS_1252};
use mugai_core::{Cx, FindingCode, Refusal, Resource};
use std::collections::BTreeSet;

/// The deepest nesting of groups. Word itself ends at some thousands; what is nested deeper is made so.
const MAX_DEPTH: usize = 2_000;
/// Japanese, as the language of a document.
const JAPANESE: i32 = 1041;
/// The property of a shape that is its text, where letters are drawn as shapes.
const DRAWN_TEXT: &str = "gtextUNICODE";

/// What holds up to the end of a group.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the format, independent of the others"
)]
struct Group {
    destination: Destination,
    /// What the bytes of the font are.
    face: Face,
    /// How many bytes follow a character in Unicode, for readers that know none.
    skip: u32,
    hidden: bool,
    deleted: bool,
    /// The group is a field: its end ends it.
    field: bool,
    /// One of the groups inside may be told after all, as part of this: the second one of a pair of texts, which is in
    /// Unicode, or the value of a property that is text.
    inside: Option<Destination>,
    /// The same of the group around it.
    around: Option<Destination>,
    /// `\*` stood at its beginning: a destination that is not known is dropped.
    star: bool,
    /// Nothing but controls has come so far.
    fresh: bool,
    /// It is a part of a formula: its end ends it.
    formula: bool,
    /// It is a sign of one.
    sign: Option<Sign>,
}

impl Group {
    const fn of(destination: Destination, fresh: bool) -> Self {
        Self {
            destination,
            face: Face::Page,
            skip: 1,
            hidden: false,
            deleted: false,
            field: false,
            inside: None,
            around: None,
            star: false,
            fresh,
            formula: false,
            sign: None,
        }
    }

    /// Whether text in both goes to the same place.
    fn tells_as(&self, other: &Self) -> bool {
        self.destination == other.destination
            && self.deleted == other.deleted
            && !self.formula
            && !self.field
    }
}

/// A reader at its place.
#[derive(Debug)]
pub(super) struct State {
    groups: Vec<Group>,
    page: &'static Encoding,
    /// Whether the document says its code page itself.
    page_told: bool,
    fonts: Fonts,
    default_font: i32,
    /// Bytes that wait for their charset, which they have in common.
    bytes: Vec<u8>,
    charset: &'static Encoding,
    /// The last byte was the first one of two.
    half: bool,
    /// Half of a pair of UTF-16.
    high: Option<u16>,
    /// Bytes to skip behind a character in Unicode.
    skipping: u32,
    out: String,
    margin: String,
    fields: Fields,
    form: Option<Form>,
    formula: Formula,
    /// The name of the last property of a shape.
    name: String,
    undecodable: bool,
}

impl Default for State {
    fn default() -> Self {
        Self {
            groups: vec![Group::of(Destination::Body, true)],
            page: WINDOWS_1252,
            page_told: false,
            fonts: Fonts::default(),
            default_font: 0,
            bytes: Vec::new(),
            charset: WINDOWS_1252,
            half: false,
            high: None,
            skipping: 0,
            out: String::new(),
            margin: String::new(),
            fields: Fields::default(),
            form: None,
            formula: Formula::default(),
            name: String::new(),
            undecodable: false,
        }
    }
}

impl State {
    fn group(&self) -> Group {
        let last = self.groups.last().copied();
        last.unwrap_or(Group::of(Destination::Nothing, false))
    }

    fn set(&mut self, change: impl FnOnce(&mut Group)) {
        if let Some(group) = self.groups.last_mut() {
            change(group);
        }
    }

    /// A group begins. What waits goes on waiting: half a character may stand in front of it.
    pub(super) fn open(&mut self) -> Result<(), Refusal> {
        self.skipping = 0;
        if self.groups.len() >= MAX_DEPTH {
            return Err(Refusal::malformed("rtf: groups nested too deep"));
        }
        let group = self.group();
        self.groups.push(Group {
            field: false,
            inside: None,
            around: group.inside,
            star: false,
            fresh: true,
            formula: false,
            sign: None,
            ..group
        });
        Ok(())
    }

    /// Whether the whole text has ended comes back.
    pub(super) fn close(&mut self, cx: &mut Cx<'_>) -> Result<bool, Refusal> {
        self.skipping = 0;
        let group = self.group();
        let around = self.groups.iter().rev().nth(1).copied();
        let Some(around) = around else {
            self.flush();
            return Ok(true);
        };
        if !group.tells_as(&around) {
            self.flush();
        }
        self.end_formula(cx)?;
        self.groups.pop();
        if group.field {
            let form = self.form.take().and_then(Form::shown);
            if let Some(shown) = self.fields.end(form, cx) {
                self.put_all(&shown);
            }
        }
        if group.destination != around.destination {
            match group.destination {
                Destination::Note => self.push('\n'),
                Destination::Margin => self.margin.push('\n'),
                Destination::Fonts => self.fonts.end(),
                // a text that is drawn as a shape has no paragraphs
                Destination::Body if around.destination == Destination::Property => {
                    self.push('\n');
                }
                Destination::Body
                | Destination::FieldCode
                | Destination::Form
                | Destination::Choice
                | Destination::Property
                | Destination::Name
                | Destination::Looks
                | Destination::Sign
                | Destination::Nothing => {}
            }
        }
        Ok(self.groups.len() <= 1)
    }

    /// Whether a control stands for one of the characters that are skipped ("Unicode RTF").
    const fn skips(&mut self) -> bool {
        let skips = self.skipping > 0;
        self.skipping = self.skipping.saturating_sub(1);
        skips
    }

    pub(super) fn symbol(&mut self, symbol: u8) {
        if matches!(symbol, b'{' | b'}' | b'\\') {
            return self.byte(symbol);
        }
        if self.skips() {
            return;
        }
        match symbol {
            b'*' => self.set(|group| group.star = true),
            b'~' => self.char('\u{a0}'),
            b'_' => self.char('-'),
            b'\t' => self.char('\t'),
            // optional hyphens, entries of indices
            _ => {}
        }
    }

    /// Bytes that are no text.
    pub(super) const fn blob(&mut self) {
        self.skips();
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
        if self.skips() {
            return Ok(());
        }
        if let Some((destination, code)) = destination::of(word) {
            return self.enter(word, destination, code, cx);
        }
        if self.begin_formula(word) {
            return Ok(());
        }
        let group = self.group();
        if group.star && group.fresh {
            // a destination that nobody knows
            self.flush();
            self.set(|group| {
                group.destination = Destination::Nothing;
                group.fresh = false;
            });
            return Ok(());
        }
        match group.destination {
            Destination::Fonts => self.fonts.word(word, number),
            Destination::Form => {
                if let Some(form) = &mut self.form {
                    choose(form, word, number.unwrap_or(0));
                }
            }
            Destination::Body
            | Destination::Note
            | Destination::Margin
            | Destination::FieldCode
            | Destination::Choice
            | Destination::Property
            | Destination::Name
            | Destination::Looks
            | Destination::Sign
            | Destination::Nothing => match mark(word) {
                Some(mark) => self.char(mark),
                None => self.setting(word, number, group, cx),
            },
        }
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
                if let Some(page) = page.and_then(charset::of_page) {
                    (self.page, self.page_told) = (page, true);
                }
            }
            // without a word about it, the code page is that of the machine that wrote it
            b"deflang" | b"deflangfe" if !self.page_told && number == Some(JAPANESE) => {
                self.page = SHIFT_JIS;
            }
            b"mac" if !self.page_told => self.page = encoding_rs::MACINTOSH,
            b"deff" => self.default_font = number.unwrap_or(0),
            b"f" => {
                let face = self.fonts.face(number.unwrap_or(0));
                self.set(|group| group.face = face);
            }
            b"plain" => {
                let face = self.fonts.face(self.default_font);
                self.look(|group| {
                    (group.face, group.hidden, group.deleted) = (face, false, false);
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
        let mut after = before;
        change(&mut after);
        if after.deleted != before.deleted {
            self.flush();
        }
        self.set(|group| *group = after);
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
        let told = match word {
            b"ud" => group.around,
            b"sv" if self.name == DRAWN_TEXT => group.around,
            _ => None,
        };
        if group.destination == Destination::Nothing && told.is_none() {
            return Ok(());
        }
        if let Some(code) = code {
            cx.note(code);
        }
        match word {
            b"upr" | b"sp" => self.set(|group| group.inside = Some(group.destination)),
            b"sn" => self.name.clear(),
            b"formfield" => self.form = Some(Form::default()),
            b"ffl" => self.form.iter_mut().for_each(Form::choice),
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
            if let Some(told) = told {
                group.destination = told;
            } else if !kept {
                group.destination = destination;
            }
            group.fresh = false;
        });
        Ok(())
    }

    /// The text, with what stands in the margins behind it, each line of that once.
    ///
    /// # Errors
    /// [`Refusal::Overrun`]
    pub(super) fn finish(mut self, cx: &mut Cx<'_>) -> Result<String, Refusal> {
        self.flush();
        self.close_formula(cx)?;
        cx.note_times(FindingCode::TextUndecodable, u32::from(self.undecodable));
        let mut out = self.out;
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        cx.charge_len(Resource::Steps, self.margin.len())?;
        for line in self.margin.lines().map(str::trim_end) {
            if line.is_empty() || seen.contains(line) {
                continue;
            }
            cx.charge(Resource::Bytes, 64)?;
            if seen.is_empty() {
                out.push('\n');
            }
            out.push_str(line);
            out.push('\n');
            seen.insert(line);
        }
        Ok(out)
    }
}

/// What a word says of a field of a form ("Form Fields").
fn choose(form: &mut Form, word: &[u8], number: i32) {
    /// Nothing was chosen: what was chosen at first counts.
    const UNDEFINED: i32 = 25;
    let place = usize::try_from(number).ok();
    match word {
        b"fftype" => {
            form.kind = match number {
                1 => Some(Kind::Box),
                2 => Some(Kind::List),
                _ => None,
            };
        }
        b"ffres" => form.result = place.filter(|_| number != UNDEFINED),
        b"ffdefres" => form.first = place.unwrap_or(0),
        _ => {}
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

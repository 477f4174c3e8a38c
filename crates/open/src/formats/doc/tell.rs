//! Characters of a document as text ([MS-DOC] 2.4.1, 2.8.26).

use super::beside::Beside;
use super::fib::{Fib, Story};
use super::fonts;
use super::lists::{self, Lists};
use super::looks::{self, Change, Look, Looks};
use super::pieces::{self, Letters, Run};
use crate::formats::art;
use crate::formats::field::Fields;
use crate::formats::field::form::Form;
use crate::formats::numbers::before;
use crate::formats::ole::little::size_at;
use mugai_core::{Cx, FindingCode, Refusal, Resource};
use std::collections::BTreeSet;
use std::ops::Range;

/// The order in which stories are told, and whether they are.
const ORDER: [Story; 6] = [
    Story::Headers,
    Story::Main,
    Story::Boxes,
    Story::Footnotes,
    Story::Endnotes,
    Story::HeaderBoxes,
];

/// The text of a document.
pub(super) fn text(
    fib: &Fib,
    main: &[u8],
    table: &[u8],
    beside: &mut Beside<'_, '_>,
    cx: &mut Cx<'_>,
) -> Result<String, Refusal> {
    let runs = pieces::read(fib, table, cx)?;
    let slice = |range: &Range<usize>| table.get(range.clone()).unwrap_or_default();
    let fonts = if fib.old {
        Vec::new()
    } else {
        fonts::names(slice(&fib.fonts), cx)?
    };
    let source = lists::Source {
        // of no length where there are none, and else without what lies behind it
        lists: if fib.lists.is_empty() {
            &[]
        } else {
            table.get(fib.lists.start..).unwrap_or_default()
        },
        named: slice(&fib.named),
        styles: slice(&fib.styles),
        fonts: &fonts,
    };
    let mut teller = Teller {
        main,
        lists: Lists::read(&source, cx)?,
        paragraph: 0,
        width: 1,
        characters: looks::read(main, slice(&fib.characters), None, cx)?,
        paragraphs: looks::read(main, slice(&fib.paragraphs), Some(&mut *beside), cx)?,
        exact: !fib.paragraphs.is_empty(),
        fonts,
        runs,
        change: Change::default(),
        out: String::new(),
        fields: Fields::default(),
        hidden: 0,
        deleted: 0,
        look: Look::default(),
        last: None,
        form: None,
        beside,
    };
    for story in ORDER {
        let mut start = 0usize;
        for (of, length) in &fib.stories {
            let end = start.saturating_add(*length);
            if *of == story && *length > 0 {
                let before = teller.out.len();
                if story == Story::Headers {
                    teller.headers(start, *length, slice(&fib.headers), cx)?;
                } else {
                    teller.tell(start..end, cx)?;
                }
                if teller.out.len() > before && !teller.out.ends_with("\n\n") {
                    teller.out.push('\n');
                }
            }
            start = end;
        }
    }
    teller.drawings(slice(&fib.drawings), cx)?;
    let comments = fib
        .stories
        .iter()
        .any(|(s, n)| *s == Story::Comments && *n > 0);
    cx.note_times(FindingCode::OfficeComment, u32::from(comments));
    cx.note_times(FindingCode::OfficeHidden, teller.hidden);
    cx.note_times(FindingCode::OfficeRevision, teller.deleted);
    Ok(teller.out)
}

struct Teller<'a, 'b, 'c> {
    main: &'a [u8],
    runs: Vec<Run>,
    characters: Looks,
    paragraphs: Looks,
    /// Whether looks tell where rows end.
    exact: bool,
    fonts: Vec<String>,
    lists: Lists,
    /// Where the paragraph begins that is being told: its number is known at its end.
    paragraph: usize,
    /// Bytes of the characters that are being told.
    width: usize,
    /// What the piece says of all of its characters.
    change: Change,
    out: String,
    fields: Fields,
    /// Stretches of hidden and of deleted text.
    hidden: u32,
    deleted: u32,
    /// Of the character before.
    look: Look,
    /// The last character, where it was an end of a cell.
    last: Option<char>,
    /// What the field of a form that is open shows.
    form: Option<Form>,
    beside: &'a mut Beside<'b, 'c>,
}

impl Teller<'_, '_, '_> {
    /// Headers and footers: the first six stories are lines between text and notes, and every section
    /// repeats what the one before it has, as empty ones. What is the same is told once.
    fn headers(
        &mut self,
        start: usize,
        length: usize,
        list: &[u8],
        cx: &mut Cx<'_>,
    ) -> Result<(), Refusal> {
        if list.is_empty() {
            return self.tell(start..start.saturating_add(length), cx);
        }
        let count = (list.len() / 4).saturating_sub(2);
        let mut told: BTreeSet<String> = BTreeSet::new();
        for number in 6..count {
            cx.charge(Resource::Steps, 16)?;
            let place = |n: usize| size_at(list, n.saturating_mul(4)).unwrap_or(0).min(length);
            let (from, to) = (place(number), place(number.saturating_add(1)));
            if from >= to {
                continue;
            }
            let before = self.out.len();
            self.tell(start.saturating_add(from)..start.saturating_add(to), cx)?;
            let new = self.out.get(before..).unwrap_or_default().trim();
            cx.charge_len(Resource::Steps, new.len())?;
            if new.is_empty() || told.contains(new) {
                self.out.truncate(before);
            } else {
                cx.charge_len(Resource::Bytes, new.len().saturating_add(64))?;
                told.insert(new.to_owned());
            }
        }
        Ok(())
    }

    /// Letters that are drawings themselves. What all drawings have in common comes first; before each part behind it, of
    /// the body or of headers, stands a byte ([MS-DOC] 2.9.172).
    fn drawings(&mut self, drawings: &[u8], cx: &Cx<'_>) -> Result<(), Refusal> {
        let mut rest = drawings;
        let mut skip = 0usize;
        while let Some(part) = rest.get(skip..) {
            cx.charge(Resource::Steps, 4)?;
            let Some(length) = size_at(part, 4) else {
                break;
            };
            let (here, behind) = part
                .split_at_checked(length.saturating_add(8))
                .unwrap_or((part, &[]));
            for letters in art::told(here, cx)? {
                self.out.push_str(&letters);
                self.out.push('\n');
            }
            (rest, skip) = (behind, 1);
        }
        Ok(())
    }

    /// Tells the characters at `places` of the text.
    fn tell(&mut self, places: Range<usize>, cx: &mut Cx<'_>) -> Result<(), Refusal> {
        self.fields = Fields::default();
        self.paragraph = self.out.len();
        let from = self
            .runs
            .partition_point(|run| run.places.end <= places.start);
        let runs: Vec<Run> = self
            .runs
            .iter()
            .skip(from)
            .take_while(|run| run.places.start < places.end)
            .cloned()
            .collect();
        for run in runs {
            cx.charge(Resource::Steps, 8)?;
            let here = places.start.max(run.places.start)..places.end.min(run.places.end);
            let bytes = run
                .bytes(self.main, &here)
                .ok_or(Refusal::malformed("doc: text beyond the end"))?;
            cx.charge_len(Resource::Bytes, bytes.len().saturating_mul(2))?;
            cx.charge_len(Resource::Steps, bytes.len())?;
            self.change = run.change;
            self.width = run.width();
            let skipped = here.start.saturating_sub(run.places.start);
            let start = run
                .start
                .saturating_add(skipped.saturating_mul(run.width()));
            match run.letters {
                Letters::Wide => self.wide(bytes, start, cx)?,
                Letters::Narrow(charset) => {
                    let (text, _) = charset.decode_without_bom_handling(bytes);
                    // characters of two bytes shift what is behind them: looks are not known there
                    let exact = charset.is_single_byte();
                    for (number, c) in text.chars().enumerate() {
                        let at = start.saturating_add(number);
                        self.character(c, if exact { at } else { usize::MAX }, cx)?;
                    }
                }
            }
        }
        if !self.out.ends_with('\n') && !self.out.is_empty() {
            self.out.push('\n');
        }
        Ok(())
    }

    fn wide(&mut self, bytes: &[u8], start: usize, cx: &mut Cx<'_>) -> Result<(), Refusal> {
        let units = bytes.as_chunks::<2>().0.iter();
        let mut at = start;
        for unit in char::decode_utf16(units.map(|two| u16::from_le_bytes(*two))) {
            let c = unit.unwrap_or(char::REPLACEMENT_CHARACTER);
            self.character(c, at, cx)?;
            at = at.saturating_add(c.len_utf16().saturating_mul(2));
        }
        Ok(())
    }

    fn character(&mut self, c: char, at: usize, cx: &mut Cx<'_>) -> Result<(), Refusal> {
        let look = self.change.over(self.characters.at(at));
        let before = std::mem::replace(&mut self.look, look);
        let begins = |now: bool, before: bool| u32::from(now && !before);
        self.deleted = self
            .deleted
            .saturating_add(begins(look.deleted, before.deleted));
        self.hidden = self
            .hidden
            .saturating_add(begins(look.hidden, before.hidden));
        if look.deleted {
            return Ok(());
        }
        let last = std::mem::take(&mut self.last);
        let c = match look.symbol {
            Some((font, letter)) if c == '(' => {
                let font = self.fonts.get(usize::from(font)).map_or("", String::as_str);
                fonts::shown(font, letter)
            }
            _ => c,
        };
        match c {
            '\u{13}' => {
                self.form = None;
                self.fields.begin()?;
            }
            '\u{14}' => self.fields.separate(),
            '\u{15}' => {
                let form = self.form.take().and_then(Form::shown);
                if let Some(shown) = self.fields.end(form, cx) {
                    self.out.push_str(&shown);
                }
            }
            '\u{1}' if !self.fields.shows() => {
                if let Some(at) = look.data {
                    self.form = self.beside.form(at, cx)?;
                }
            }
            c if !self.fields.shows() => self.fields.code(c),
            '\u{7}' => self.cell(at, last, cx)?,
            '\r' => {
                self.number(at, cx)?;
                self.out.push('\n');
                self.paragraph = self.out.len();
            }
            '\u{c}' => {
                // the end of a section is one of a paragraph, that of a page is none
                let ends = self.paragraphs.ends(at, self.width);
                if ends {
                    self.number(at, cx)?;
                }
                self.out.push('\n');
                if ends {
                    self.paragraph = self.out.len();
                }
            }
            '\u{b}' | '\u{e}' => self.out.push('\n'),
            '\u{1e}' => self.out.push('-'),
            '\t' => self.out.push('\t'),
            // pictures, marks of notes, optional hyphens
            '\0'..='\u{1f}' => {}
            c => {
                self.fields.fill(c);
                self.out.push(c);
            }
        }
        Ok(())
    }

    /// The end of a cell, or of a row: there the mark stands again, with a look of its own.
    fn cell(&mut self, at: usize, last: Option<char>, cx: &Cx<'_>) -> Result<(), Refusal> {
        let row = if self.exact {
            self.change.over(self.paragraphs.at(at)).row_end
        } else {
            last == Some('\u{7}')
        };
        if row {
            let length = self.out.trim_end_matches('\t').len();
            self.out.truncate(length);
            self.out.push('\n');
        } else {
            self.number(at, cx)?;
            self.out.push('\t');
            self.last = Some('\u{7}');
        }
        self.paragraph = self.out.len();
        Ok(())
    }

    /// Puts the number of a paragraph before it, at the mark that ends it. One that nobody sees has none.
    fn number(&mut self, at: usize, cx: &Cx<'_>) -> Result<(), Refusal> {
        if self.look.hidden {
            return Ok(());
        }
        let look = self.change.over(self.paragraphs.at(at));
        if let Some(number) = self.lists.next(look, cx)? {
            before(&mut self.out, self.paragraph, &number);
        }
        Ok(())
    }
}

//! Invitations and calendars (iCalendar, RFC 5545; vCalendar 1.0) and business cards (vCard 2.1, 3.0,
//! RFC 6350), told as text.
//!
//! # Limitations
//! Rules of repetition are shown as they are written; time zones by the name that the file gives them.

mod entry;
mod property;
#[cfg(test)]
mod tests;
mod time;

use crate::charset;
use crate::reader::{Format, Sniff, Spec};
use entry::{CARD, DEPUTY, ENTRY, Entry, Label, NOTHING, NOTHING_CARD, heading, word};
use mugai_core::{Cx, FindingCode, Kind, Lang, Piece, Refusal, Resource, Treatment};
use property::{CardLines, INNER_CARD, Property};
use std::borrow::Cow;

/// The reader of calendars.
pub(super) struct Calendar;

/// The reader of business cards.
pub(super) struct Card;

/// Things that act or load, or are no text.
const ACTIVE: [&str; 8] = [
    "ATTACH",
    "IMAGE",
    "SOURCE",
    "PHOTO",
    "LOGO",
    "SOUND",
    "KEY",
    "CONFERENCE",
];

/// Components of calendars that are told.
const ENTRIES: [&str; 4] = ["VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY"];

/// The component that is a card. Alone of those that are told it may stand in another one.
const CARD_KIND: &str = "VCARD";

/// How many components may be open, one in the other. Calendars have three, cards one a deputy.
const DEPTH_MAX: usize = 32;

const TOO_DEEP: Refusal = Refusal::malformed("calendar: nested too deeply");

impl Format for Calendar {
    fn spec(&self) -> &'static Spec {
        &Spec {
            kind: Kind::Calendar,
            reference: "RFC 5545",
            treatments: &[Treatment::Text],
        }
    }

    fn sniff(&self, head: &[u8]) -> Sniff {
        begins(head, b"BEGIN:VCALENDAR")
    }

    /// Tells entries, tasks, journals and busy times, one behind the other, or that there are none.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] when there is neither a whole entry nor a whole calendar without any,
    /// [`Refusal::Overrun`].
    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        tell(input, &ENTRIES, &ENTRY, cx)
    }
}

impl Format for Card {
    fn spec(&self) -> &'static Spec {
        &Spec {
            kind: Kind::Vcard,
            reference: "RFC 6350",
            treatments: &[Treatment::Text],
        }
    }

    fn sniff(&self, head: &[u8]) -> Sniff {
        begins(head, b"BEGIN:VCARD")
    }

    /// Tells cards, one behind the other.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] when there is no card, [`Refusal::Overrun`].
    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        tell(input, &[CARD_KIND], &CARD, cx)
    }
}

fn begins(head: &[u8], mark: &[u8]) -> Sniff {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let head = head.get(..mark.len()).unwrap_or_default();
    if head.eq_ignore_ascii_case(mark) {
        Sniff::Perhaps
    } else {
        Sniff::No
    }
}

fn unfold<'a>(input: &'a [u8], cx: &Cx<'_>) -> Result<Cow<'a, [u8]>, Refusal> {
    // a zero is of no charset whose bytes can be looked at one by one
    if input.contains(&0) {
        return Ok(Cow::Borrowed(input));
    }
    let unfolded = property::unfolded(input);
    if let Cow::Owned(unfolded) = &unfolded {
        cx.charge_len(Resource::Bytes, unfolded.len())?;
    }
    Ok(unfolded)
}

fn tell(
    input: &[u8],
    kinds: &'static [&'static str],
    labels: &[(&str, Label)],
    cx: &mut Cx<'_>,
) -> Result<(), Refusal> {
    cx.charge_len(Resource::Steps, input.len())?;
    let label = cx.hints().charset.as_ref().map(mugai_core::Token::as_str);
    let unfolded = unfold(input, cx)?;
    let decoded = charset::decode(&unfolded, label.or(Some("utf-8")));
    charset::note(&decoded, cx);
    let japanese = cx.params().lang == Lang::Ja;
    let mut reader = Reader::new(kinds, labels, japanese);
    let mut rest = &*decoded.text;
    while let Some(line) = property::next_line(&mut rest) {
        if let Some(property) = Property::parse(&line) {
            reader.property(&property, cx)?;
        }
    }
    let out = reader.finish(cx)?;
    let text = cx.text(&out);
    cx.put(Piece::Text(text))
}

/// A file on its way to text.
struct Reader<'l> {
    kinds: &'static [&'static str],
    labels: &'l [(&'l str, Label)],
    japanese: bool,
    /// The open components, the innermost last.
    open: Vec<String>,
    /// The entries that begin in the outermost one that is open, itself first, in the order of their
    /// beginnings.
    entries: Vec<Entry>,
    /// Those that are open, by their places, the innermost last.
    inside: Vec<usize>,
    /// What is asked or answered by the entries that follow.
    method: Option<Label>,
    /// A calendar was read from its beginning to its end.
    is_whole: bool,
    /// An entry was read from its beginning to its end.
    told: bool,
    /// What `entries` hold, in bytes.
    held: usize,
    /// The most that they held, which is paid for.
    paid: usize,
    /// What is told of those that have ended.
    out: String,
}

impl<'l> Reader<'l> {
    const fn new(
        kinds: &'static [&'static str],
        labels: &'l [(&'l str, Label)],
        japanese: bool,
    ) -> Self {
        Self {
            kinds,
            labels,
            japanese,
            open: Vec::new(),
            entries: Vec::new(),
            inside: Vec::new(),
            method: None,
            is_whole: false,
            told: false,
            held: 0,
            paid: 0,
            out: String::new(),
        }
    }

    fn property(&mut self, property: &Property, cx: &mut Cx<'_>) -> Result<(), Refusal> {
        match property.name.as_str() {
            "BEGIN" => self.begin(&property.value, cx)?,
            "END" => self.end(&property.value, cx)?,
            "METHOD" if self.inside.is_empty() => self.method = heading(&property.value),
            INNER_CARD if property.is_card() => self.inner_card(property, cx)?,
            name if ACTIVE.contains(&name) && !property.is_reading() => {
                cx.note(FindingCode::CalendarActive);
            }
            _ => {
                let depth = self.open.len();
                let entry = self.inside.last().and_then(|at| self.entries.get_mut(*at));
                // what stands in an alarm in an entry is none of it
                if let Some(entry) = entry.filter(|entry| entry.depth == depth) {
                    let kept = entry.take(property, self.labels, self.japanese);
                    self.hold(kept, cx)?;
                }
            }
        }
        Ok(())
    }

    fn begin(&mut self, kind: &str, cx: &mut Cx<'_>) -> Result<(), Refusal> {
        let kind = kind.trim().to_ascii_uppercase();
        if kind == "VALARM" {
            cx.note(FindingCode::CalendarActive);
        }
        if kind == "VCALENDAR" {
            self.method = None;
        }
        let told = self.kinds.iter().find(|told| **told == kind).copied();
        if told.is_some_and(|told| told != CARD_KIND) {
            // entries do not stand in one another (RFC 5545 section 3.6): the one before has lost its end
            self.end_entries(cx)?;
        }
        if self.open.len() >= DEPTH_MAX {
            return Err(TOO_DEEP);
        }
        self.open.push(kind);
        if let Some(kind) = told {
            let heading = match self.inside.last() {
                Some(_) if kind == CARD_KIND => Some(DEPUTY),
                _ => self.method,
            };
            self.hold(entry::ENTRY_BYTES, cx)?;
            self.inside.push(self.entries.len());
            let depth = self.open.len();
            self.entries.push(Entry::new(kind, depth, heading));
        }
        Ok(())
    }

    /// Pays for what is kept until an entry ends: for the most that is kept at a time, since it goes then.
    fn hold(&mut self, bytes: usize, cx: &Cx<'_>) -> Result<(), Refusal> {
        self.held = self.held.saturating_add(bytes);
        let more = self.held.saturating_sub(self.paid);
        cx.charge_len(Resource::Bytes, more)?;
        self.paid = self.paid.saturating_add(more);
        Ok(())
    }

    /// Closes the innermost component of a kind, and all in it that has no end of its own.
    fn end(&mut self, kind: &str, cx: &Cx<'_>) -> Result<(), Refusal> {
        let kind = kind.trim().to_ascii_uppercase();
        let Some(place) = self.open.iter().rposition(|open| *open == kind) else {
            return Ok(());
        };
        self.is_whole |= kind == "VCALENDAR";
        self.close_to(place, cx)
    }

    /// Closes the outermost entry that is open, and all in it.
    fn end_entries(&mut self, cx: &Cx<'_>) -> Result<(), Refusal> {
        let outermost = self.inside.first().and_then(|at| self.entries.get(*at));
        match outermost.map(|entry| entry.depth) {
            Some(depth) => self.close_to(depth.saturating_sub(1), cx),
            None => Ok(()),
        }
    }

    fn close_to(&mut self, depth: usize, cx: &Cx<'_>) -> Result<(), Refusal> {
        self.open.truncate(depth);
        while let Some(entry) = self.inside.last().and_then(|at| self.entries.get(*at))
            && entry.depth > depth
        {
            self.told = true;
            self.inside.pop();
        }
        if self.inside.is_empty() {
            self.write(cx)?;
        }
        Ok(())
    }

    /// A card within a card, as the value of a property (RFC 2426 section 3.5.4).
    fn inner_card(&mut self, property: &Property, cx: &mut Cx<'_>) -> Result<(), Refusal> {
        let depth = self.open.len();
        let mut waiting = vec![CardLines::of(property, cx)?];
        while let Some(mut lines) = waiting.pop() {
            while let Some(line) = lines.next() {
                cx.charge_len(Resource::Steps, line.len())?;
                let Some(inner) = Property::parse(&line) else {
                    continue;
                };
                if inner.name == INNER_CARD && inner.is_card() {
                    if waiting.len() >= DEPTH_MAX {
                        return Err(TOO_DEEP);
                    }
                    waiting.push(lines);
                    lines = CardLines::of(&inner, cx)?;
                } else {
                    self.property(&inner, cx)?;
                }
            }
        }
        self.close_to(depth, cx)
    }

    /// Writes down the entries that were gathered.
    fn write(&mut self, cx: &Cx<'_>) -> Result<(), Refusal> {
        let before = self.out.len();
        for entry in std::mem::take(&mut self.entries) {
            // what it is for says something even where nothing else does
            let says = entry.says() || entry.heading.is_some_and(|over| over != DEPUTY);
            if !says {
                continue;
            }
            if !self.out.is_empty() {
                self.out.push('\n');
            }
            if let Some(heading) = entry.heading {
                self.write_heading(heading);
            }
            if entry.says() {
                entry.write(self.labels, self.japanese, &mut self.out);
            } else {
                self.write_nothing();
            }
        }
        self.held = 0;
        cx.charge_len(Resource::Bytes, self.out.len().saturating_sub(before))
    }

    fn write_heading(&mut self, heading: Label) {
        self.out.push_str(word(heading, self.japanese));
        self.out.push_str("\n\n");
    }

    fn write_nothing(&mut self) {
        let nothing = if self.kinds.contains(&CARD_KIND) {
            NOTHING_CARD
        } else {
            NOTHING
        };
        self.out.push_str(word(nothing, self.japanese));
        self.out.push('\n');
    }

    /// All that was read, as text.
    fn finish(mut self, cx: &mut Cx<'_>) -> Result<String, Refusal> {
        // a calendar may be empty; a file that ends within its only entry is broken
        if !self.told && (!self.inside.is_empty() || !self.is_whole) {
            return Err(Refusal::malformed("calendar: no entry in it"));
        }
        let cut = self.inside.len();
        if cut > 0 {
            cx.note_times(
                FindingCode::CalendarCut,
                u32::try_from(cut).unwrap_or(u32::MAX),
            );
            self.write(cx)?;
        }
        if self.out.is_empty() {
            if let Some(heading) = self.method {
                self.write_heading(heading);
            }
            self.write_nothing();
        }
        Ok(self.out)
    }
}

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
use entry::{CARD, DEPUTY, ENTRY, Entry, Label, NOTHING, heading, word};
use mugai_core::{Cx, FindingCode, Kind, Lang, Piece, Refusal, Resource, Treatment};
use property::{INNER_CARD, Property};
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
        tell(input, &["VCARD"], &CARD, cx)
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
    let mut reader = Reader {
        kinds,
        labels,
        japanese,
        open: Vec::new(),
        entries: Vec::new(),
        inside: Vec::new(),
        method: None,
        is_whole: false,
    };
    for line in property::lines(&decoded.text) {
        reader.line(&line, cx)?;
    }
    let out = reader.finish()?;
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
    /// The entries, in the order of their beginnings.
    entries: Vec<Entry>,
    /// Those that are open, by their places, the innermost last.
    inside: Vec<usize>,
    /// What is asked or answered by the entries that follow.
    method: Option<Label>,
    /// A calendar was read from its beginning to its end.
    is_whole: bool,
}

impl Reader<'_> {
    fn line(&mut self, line: &str, cx: &mut Cx<'_>) -> Result<(), Refusal> {
        let Some(property) = Property::parse(line) else {
            return Ok(());
        };
        match property.name.as_str() {
            "BEGIN" => self.begin(&property.value, cx),
            "END" => self.end(&property.value, cx)?,
            "METHOD" if self.inside.is_empty() => self.method = heading(&property.value),
            INNER_CARD if property.is_card() => self.inner_card(&property, cx)?,
            name if ACTIVE.contains(&name) => cx.note(FindingCode::CalendarActive),
            _ => {
                let depth = self.open.len();
                let entry = self.inside.last().and_then(|at| self.entries.get_mut(*at));
                // what stands in an alarm in an entry is none of it
                if let Some(entry) = entry.filter(|entry| entry.depth == depth) {
                    entry.take(&property, self.labels, self.japanese);
                }
            }
        }
        Ok(())
    }

    fn begin(&mut self, kind: &str, cx: &mut Cx<'_>) {
        let kind = kind.trim().to_ascii_uppercase();
        if kind == "VALARM" {
            cx.note(FindingCode::CalendarActive);
        }
        if kind == "VCALENDAR" {
            self.method = None;
        }
        self.open.push(kind.clone());
        if self.kinds.contains(&kind.as_str()) {
            let heading = match self.inside.last() {
                Some(_) if kind == "VCARD" => Some(DEPUTY),
                _ => self.method,
            };
            self.inside.push(self.entries.len());
            let depth = self.open.len();
            self.entries.push(Entry::new(kind, depth, heading));
        }
    }

    /// Closes the innermost component of a kind, and all in it that has no end of its own.
    fn end(&mut self, kind: &str, cx: &Cx<'_>) -> Result<(), Refusal> {
        let kind = kind.trim().to_ascii_uppercase();
        let place = self.open.iter().rposition(|open| *open == kind);
        let walked = self.open.len().saturating_sub(place.unwrap_or(0));
        cx.charge_len(Resource::Steps, walked)?;
        if let Some(place) = place {
            self.is_whole |= kind == "VCALENDAR";
            self.close_to(place);
        }
        Ok(())
    }

    fn close_to(&mut self, depth: usize) {
        self.open.truncate(depth);
        while let Some(entry) = self.inside.last().and_then(|at| self.entries.get_mut(*at))
            && entry.depth > depth
        {
            entry.whole = true;
            self.inside.pop();
        }
    }

    /// A card within a card, as the value of a property (RFC 2426 section 3.5.4).
    fn inner_card(&mut self, property: &Property, cx: &mut Cx<'_>) -> Result<(), Refusal> {
        // each level has its line ends escaped once more: what is in it gets shorter with each
        let depth = self.open.len();
        let mut waiting = vec![property.card_lines()];
        while let Some(mut lines) = waiting.pop() {
            while let Some(line) = lines.next() {
                cx.charge_len(Resource::Steps, line.len())?;
                let inner = Property::parse(&line).filter(|p| p.name == INNER_CARD && p.is_card());
                if let Some(inner) = inner {
                    waiting.push(lines);
                    lines = inner.card_lines();
                } else {
                    self.line(&line, cx)?;
                }
            }
        }
        self.close_to(depth);
        Ok(())
    }

    /// All that was read, as text.
    fn finish(self) -> Result<String, Refusal> {
        let begun = !self.entries.is_empty();
        let mut out = String::new();
        for entry in self.entries.into_iter().filter(|entry| entry.whole) {
            if !out.is_empty() {
                out.push('\n');
            }
            if let Some(heading) = entry.heading {
                out.push_str(word(heading, self.japanese));
                out.push_str("\n\n");
            }
            entry.write(self.labels, self.japanese, &mut out);
        }
        if out.is_empty() {
            // a calendar may be empty; one that ends within its only entry is broken
            if begun || !self.is_whole {
                return Err(Refusal::malformed("calendar: no entry in it"));
            }
            if let Some(heading) = self.method {
                out.push_str(word(heading, self.japanese));
                out.push_str("\n\n");
            }
            out.push_str(word(NOTHING, self.japanese));
            out.push('\n');
        }
        Ok(out)
    }
}

//! Invitations and calendars (iCalendar, RFC 5545; vCalendar 1.0) and business cards (vCard 2.1, 3.0,
//! RFC 6350), told as text.
//!
//! # Limitations
//! Rules of repetition are shown as they are written; time zones by the name that the file gives them.

mod property;
mod time;

use crate::charset;
use crate::reader::{Format, Sniff, Spec};
use mugai_core::{Cx, FindingCode, Kind, Lang, Piece, Refusal, Resource, Treatment};
use property::Property;
use std::borrow::Cow;
use std::fmt::Write as _;

/// The reader of calendars.
pub(super) struct Calendar;

/// The reader of business cards.
pub(super) struct Card;

/// A label in Japanese and in English.
type Label = (&'static str, &'static str);

/// What is told of an entry of a calendar, in this order.
const ENTRY: [(&str, Label); 12] = [
    ("SUMMARY", ("件名", "Subject")),
    ("DTSTART", ("開始", "Begins")),
    ("DTEND", ("終了", "Ends")),
    ("DUE", ("期限", "Due")),
    ("DURATION", ("所要時間", "Duration")),
    ("RRULE", ("繰り返し", "Repeats")),
    ("LOCATION", ("場所", "Place")),
    ("ORGANIZER", ("主催者", "Organiser")),
    ("ATTENDEE", ("参加者", "Attendee")),
    ("STATUS", ("状態", "Status")),
    ("URL", ("URL", "URL")),
    ("DESCRIPTION", ("説明", "Description")),
];

/// What is told of a card.
const CARD: [(&str, Label); 10] = [
    ("FN", ("氏名", "Name")),
    ("ORG", ("組織", "Organisation")),
    ("TITLE", ("役職", "Title")),
    ("ROLE", ("職務", "Role")),
    ("TEL", ("電話", "Phone")),
    ("EMAIL", ("メール", "Mail")),
    ("ADR", ("住所", "Address")),
    ("URL", ("URL", "URL")),
    ("BDAY", ("生年月日", "Birthday")),
    ("NOTE", ("備考", "Note")),
];

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

    /// Tells entries and tasks, one behind the other.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] when there is no entry, [`Refusal::Overrun`].
    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        tell(input, &["VEVENT", "VTODO", "VJOURNAL"], &ENTRY, cx)
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

/// An entry that is being read: what is told of it, by its place in the list.
struct Entry {
    kind: String,
    lines: Vec<(usize, String)>,
    /// The parts of the name, for a card without a whole one.
    name: Option<String>,
    /// Its last day, where it has no times.
    last: Option<String>,
}

impl Entry {
    const fn new(kind: String) -> Self {
        Self {
            kind,
            lines: Vec::new(),
            name: None,
            last: None,
        }
    }

    /// Takes a property in, if it is one that is told.
    fn take(&mut self, property: &Property, labels: &[(&str, Label)], japanese: bool) {
        let name = property.name.as_str();
        if name == "N" && self.kind == "VCARD" {
            self.name.get_or_insert_with(|| property.shown(japanese));
        } else if let Some(place) = labels.iter().position(|(of, _)| *of == name) {
            let shown = property.shown(japanese);
            if name == "DTEND" && time::is_day(&property.value) {
                self.last = Some(shown.clone());
            }
            self.lines.push((place, shown));
        }
    }

    /// What is told of it, in the order of `labels`.
    fn into_lines(mut self, labels: &[(&str, Label)]) -> Vec<(usize, String)> {
        let place = |name: &str| labels.iter().position(|(of, _)| *of == name);
        let (name, begin, end) = (place("FN"), place("DTSTART"), place("DTEND"));
        // vCard 2.1 asks for N, and telephones write nothing else
        if let (Some(place), Some(parts)) = (name, self.name)
            && !self
                .lines
                .iter()
                .any(|(of, name)| *of == place && !name.trim().is_empty())
        {
            self.lines.retain(|(of, _)| *of != place);
            self.lines.push((place, parts));
        }
        // one day has no end of its own
        let first = self.lines.iter().find(|(of, _)| Some(*of) == begin);
        if first.is_some_and(|(_, first)| self.last.as_ref().is_some_and(|last| last <= first)) {
            self.lines.retain(|(of, _)| Some(*of) != end);
        }
        self.lines.sort_by_key(|(place, _)| *place);
        self.lines
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
    entries: &[&str],
    labels: &[(&str, Label)],
    cx: &mut Cx<'_>,
) -> Result<(), Refusal> {
    cx.charge_len(Resource::Steps, input.len())?;
    let label = cx.hints().charset.as_ref().map(mugai_core::Token::as_str);
    let unfolded = unfold(input, cx)?;
    let decoded = charset::decode(&unfolded, label.or(Some("utf-8")));
    charset::note(&decoded, cx);
    let japanese = cx.params().lang == Lang::Ja;
    let mut out = String::new();
    // the innermost component counts: an alarm in an entry is none of it
    let mut open: Vec<String> = Vec::new();
    let mut entry: Option<Entry> = None;
    let mut told = 0u32;
    for line in property::lines(&decoded.text) {
        let Some(property) = Property::parse(&line) else {
            continue;
        };
        match property.name.as_str() {
            "BEGIN" => {
                let kind = property.value.trim().to_ascii_uppercase();
                if kind == "VALARM" {
                    cx.note(FindingCode::CalendarActive);
                }
                if entries.contains(&kind.as_str()) && entry.is_none() {
                    entry = Some(Entry::new(kind.clone()));
                }
                open.push(kind);
            }
            "END" => {
                let kind = open.pop().unwrap_or_default();
                if let Some(done) = entry.take_if(|entry| entry.kind == kind) {
                    told = told.saturating_add(1);
                    write(done, labels, japanese, &mut out);
                }
            }
            "METHOD" if property.value.trim().eq_ignore_ascii_case("CANCEL") => {
                out.push_str(if japanese {
                    "予定の取り消し\n\n"
                } else {
                    "Cancelled\n\n"
                });
            }
            name if ACTIVE.contains(&name) => cx.note(FindingCode::CalendarActive),
            _ => {
                let inside = open.last();
                if let Some(entry) = entry.as_mut().filter(|e| inside == Some(&e.kind)) {
                    entry.take(&property, labels, japanese);
                }
            }
        }
    }
    if told == 0 {
        return Err(Refusal::malformed("calendar: no entry in it"));
    }
    let text = cx.text(&out);
    cx.put(Piece::Text(text))
}

fn write(entry: Entry, labels: &[(&str, Label)], japanese: bool, out: &mut String) {
    if !out.is_empty() {
        out.push('\n');
    }
    for (place, value) in entry.into_lines(labels) {
        let Some((_, (ja, en))) = labels.get(place) else {
            continue;
        };
        let label = if japanese { ja } else { en };
        // writing to a string cannot fail
        let _ = if value.contains('\n') {
            writeln!(out, "{label}:\n{}", value.trim_end())
        } else {
            writeln!(out, "{label}: {value}")
        };
    }
}

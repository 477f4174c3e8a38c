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
}

fn tell(
    input: &[u8],
    entries: &[&str],
    labels: &[(&str, Label)],
    cx: &mut Cx<'_>,
) -> Result<(), Refusal> {
    cx.charge_len(Resource::Steps, input.len())?;
    let label = cx.hints().charset.as_ref().map(mugai_core::Token::as_str);
    let decoded = charset::decode(input, label.or(Some("utf-8")));
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
                    entry = Some(Entry {
                        kind: kind.clone(),
                        lines: Vec::new(),
                    });
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
            name => {
                let place = labels.iter().position(|(of, _)| *of == name);
                let inside = entry.as_ref().is_some_and(|e| open.last() == Some(&e.kind));
                if let (Some(place), Some(entry), true) = (place, &mut entry, inside) {
                    entry.lines.push((place, property.shown(japanese)));
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

fn write(mut entry: Entry, labels: &[(&str, Label)], japanese: bool, out: &mut String) {
    if !out.is_empty() {
        out.push('\n');
    }
    entry.lines.sort_by_key(|(place, _)| *place);
    for (place, value) in entry.lines {
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

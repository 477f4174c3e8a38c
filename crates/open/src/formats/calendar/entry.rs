//! What is told of an entry or a card, in which order and under which names.

use super::property::{INNER_CARD, Property};
use super::time;
use mugai_core::is_line_end;
use std::fmt::Write as _;

/// A label in Japanese and in English.
pub(super) type Label = (&'static str, &'static str);

/// What is told of an entry of a calendar, in this order.
pub(super) const ENTRY: [(&str, Label); 20] = [
    ("SUMMARY", ("件名", "Subject")),
    ("RECURRENCE-ID", ("対象の回", "Occurrence")),
    ("DTSTART", ("開始", "Begins")),
    ("DTEND", ("終了", "Ends")),
    ("DUE", ("期限", "Due")),
    ("COMPLETED", ("完了", "Completed")),
    ("DURATION", ("所要時間", "Duration")),
    ("FREEBUSY", ("空き状況", "Free or busy")),
    ("RRULE", ("繰り返し", "Repeats")),
    ("RDATE", ("追加の日時", "Also on")),
    ("EXRULE", ("除外の規則", "Except by rule")),
    ("EXDATE", ("除外の日時", "Except on")),
    ("LOCATION", ("場所", "Place")),
    ("ORGANIZER", ("主催者", "Organiser")),
    ("ATTENDEE", ("参加者", "Attendee")),
    ("CONTACT", ("連絡先", "Contact")),
    ("STATUS", ("状態", "Status")),
    ("URL", ("URL", "URL")),
    ("COMMENT", ("コメント", "Comment")),
    ("DESCRIPTION", ("説明", "Description")),
];

/// What is told of a card.
pub(super) const CARD: [(&str, Label); 16] = [
    ("FN", ("氏名", "Name")),
    (READING, ("フリガナ", "Name, as read")),
    (
        "X-PHONETIC-LAST-NAME",
        ("フリガナ(姓)", "Last name, as read"),
    ),
    (
        "X-PHONETIC-FIRST-NAME",
        ("フリガナ(名)", "First name, as read"),
    ),
    ("X-PHONETIC-ORG", ("組織の読み", "Organisation, as read")),
    ("ORG", ("組織", "Organisation")),
    ("TITLE", ("役職", "Title")),
    ("ROLE", ("職務", "Role")),
    ("TEL", ("電話", "Phone")),
    (FAX, ("FAX", "Fax")),
    ("EMAIL", ("メール", "Mail")),
    ("ADR", ("住所", "Address")),
    ("URL", ("URL", "URL")),
    ("BDAY", ("生年月日", "Birthday")),
    (INNER_CARD, DEPUTY),
    ("NOTE", ("備考", "Note")),
];

/// The place of telephone numbers that are those of fax machines.
const FAX: &str = "(FAX)";

/// The place of names as they are read, which telephones keep as a sound (`IrMC`).
const READING: &str = "(READING)";

/// What stands over an entry that is called off.
const CANCELLED: Label = ("予定の取り消し", "Cancelled");

/// What stands over an entry: what is asked or answered by it (RFC 5546 section 1.4).
pub(super) fn heading(method: &str) -> Option<Label> {
    Some(match method.trim().to_ascii_uppercase().as_str() {
        "CANCEL" => CANCELLED,
        "REPLY" => ("出欠の回答", "Reply"),
        "COUNTER" => ("変更の提案", "Changes proposed"),
        "DECLINECOUNTER" => ("変更の提案を断る連絡", "Proposed changes declined"),
        "ADD" => ("日程の追加", "Dates added"),
        "REFRESH" => ("最新の予定の問い合わせ", "Request for the latest version"),
        _ => return None,
    })
}

/// What stands over a card within a card.
pub(super) const DEPUTY: Label = ("代理人", "Deputy");

/// Says for a calendar without entries that there are none.
pub(super) const NOTHING: Label = ("予定は書かれていません。", "There is no entry in it.");

/// Says for cards of which nothing is told that there is nothing.
pub(super) const NOTHING_CARD: Label = (
    "氏名や連絡先は書かれていません。",
    "There is no name or address in it.",
);

/// What an entry takes, without what its lines hold, in bytes.
pub(super) const ENTRY_BYTES: usize =
    size_of::<Entry>().saturating_add(LINE_BYTES.saturating_mul(4));

/// What a line takes besides its text, in bytes: its place in a list that grows to the double, and
/// what the memory for the text takes for itself.
const LINE_BYTES: usize = size_of::<(usize, String)>()
    .saturating_mul(2)
    .saturating_add(16);

/// The word of a language.
pub(super) const fn word((ja, en): Label, japanese: bool) -> &'static str {
    if japanese { ja } else { en }
}

/// An entry that is being read: what is told of it, by its place in the list.
pub(super) struct Entry {
    pub(super) kind: &'static str,
    /// How many components are open in it, itself included: only what stands in it alone is its own.
    pub(super) depth: usize,
    /// What stands over it.
    pub(super) heading: Option<Label>,
    lines: Vec<(usize, String)>,
    /// The parts of the name, for a card without a whole one.
    name: Option<String>,
    /// Its last day, where it has no times.
    last: Option<String>,
}

impl Entry {
    pub(super) const fn new(kind: &'static str, depth: usize, heading: Option<Label>) -> Self {
        Self {
            kind,
            depth,
            heading,
            lines: Vec::new(),
            name: None,
            last: None,
        }
    }

    /// Takes a property in, if it is one that is told; gives the bytes that this takes.
    pub(super) fn take(
        &mut self,
        property: &Property,
        labels: &[(&str, Label)],
        japanese: bool,
    ) -> usize {
        // Outlook and others leave it in what calls an entry off
        if property.is_confirmed() && self.heading == Some(CANCELLED) {
            return 0;
        }
        let mut kept = 0usize;
        let name = match property.name.as_str() {
            "TEL" if property.is_of_type("FAX") => FAX,
            "SOUND" if property.is_reading() => READING,
            name => name,
        };
        if name == "N" && self.kind == "VCARD" {
            let name = self.name.get_or_insert_with(|| property.shown(japanese));
            kept = name.len();
        } else if let Some(place) = labels.iter().position(|(of, _)| *of == name) {
            let shown = property.shown(japanese);
            if name == "DTEND" && time::is_day(&property.value) {
                self.last = Some(shown.clone());
            }
            if name != INNER_CARD || !shown.trim().is_empty() {
                kept = shown.capacity().saturating_add(LINE_BYTES);
                self.lines.push((place, shown));
            }
        }
        kept
    }

    /// Whether anything is told of it.
    pub(super) const fn says(&self) -> bool {
        !self.lines.is_empty() || self.name.is_some()
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

    /// Writes it down. Lines of a value stand behind two blanks: none can be taken for a field.
    pub(super) fn write(self, labels: &[(&str, Label)], japanese: bool, out: &mut String) {
        for (place, value) in self.into_lines(labels) {
            let Some((_, label)) = labels.get(place) else {
                continue;
            };
            let label = word(*label, japanese);
            let value = value.replace("\r\n", "\n");
            let mut lines = value.trim_end().split(is_line_end).map(str::trim_end);
            let first = lines.next().unwrap_or_default();
            let mut more = lines.peekable();
            // writing to a string cannot fail
            if more.peek().is_none() {
                let _ = writeln!(out, "{label}: {first}");
                continue;
            }
            let _ = writeln!(out, "{label}:");
            let mut blank = false;
            for line in std::iter::once(first).chain(more) {
                if line.is_empty() {
                    blank = true;
                    continue;
                }
                if std::mem::take(&mut blank) {
                    out.push('\n');
                }
                let _ = writeln!(out, "  {line}");
            }
        }
    }
}

//! Lines of content: a name, parameters and a value (RFC 5545 section 3.1, RFC 6350 section 3.3).

use super::entry::{Label, word};
use super::time;
use crate::charset;
use crate::formats::mail::transfer::quoted;
use mugai_core::{Cx, Refusal, Resource};
use std::borrow::Cow;

/// Undoes folds before the characters are known, as a fold may stand within one (RFC 5545 section 3.1).
/// What stands behind `=` may be the end of a line of quoted-printable, and is left to [`next_line`].
pub(super) fn unfolded(input: &[u8]) -> Cow<'_, [u8]> {
    let folds = memchr::memchr_iter(b'\n', input);
    let mut out = Vec::new();
    let mut from = 0usize;
    for at in folds {
        let behind = at.saturating_add(1);
        let before = input.get(from..at).unwrap_or_default();
        let before = before.strip_suffix(b"\r").unwrap_or(before);
        let folded = matches!(input.get(behind), Some(b' ' | b'\t'));
        if folded && !before.is_empty() && before.last() != Some(&b'=') {
            out.extend_from_slice(before);
            from = behind.saturating_add(1);
        }
    }
    if from == 0 {
        return Cow::Borrowed(input);
    }
    out.extend_from_slice(input.get(from..).unwrap_or_default());
    Cow::Owned(out)
}

/// Takes a line, with its folds undone, from the beginning of `rest`. In the older format a value of
/// quoted-printable goes on behind `=`, and a blank at the beginning of what follows is part of it
/// (RFC 2045 section 6.7, rule 5).
pub(super) fn next_line(rest: &mut &str) -> Option<String> {
    let mut line = take_line(rest)?.to_owned();
    let quoted = split(&line).is_some_and(|(head, _)| is_quoted(head));
    while !rest.is_empty() {
        if quoted && line.ends_with('=') {
            line.pop();
        } else if let Some(folded) = rest.strip_prefix([' ', '\t']) {
            *rest = folded;
        } else {
            break;
        }
        line.push_str(take_line(rest).unwrap_or_default());
    }
    Some(line)
}

/// What stands before the next line end, or before the end.
fn take_line<'t>(rest: &mut &'t str) -> Option<&'t str> {
    if rest.is_empty() {
        return None;
    }
    let (line, behind) = rest.split_once('\n').unwrap_or((rest, ""));
    *rest = behind;
    Some(line.strip_suffix('\r').unwrap_or(line))
}

/// Whether a parameter before the value says so: `ENCODING=QUOTED-PRINTABLE`, or the word by itself, as vCard 2.1 has it.
fn is_quoted(head: &str) -> bool {
    parameters(head).skip(1).any(|parameter| {
        let value = parameter.rsplit('=').next().unwrap_or_default();
        value.trim().eq_ignore_ascii_case("QUOTED-PRINTABLE")
    })
}

/// The property whose value is the card of somebody who acts for the owner of a card (RFC 2426 section 3.5.4).
pub(super) const INNER_CARD: &str = "AGENT";

/// What an entry says that stands.
const CONFIRMED: &str = "CONFIRMED";

/// One line.
pub(super) struct Property {
    /// Its name in upper case, without a group before it.
    pub(super) name: String,
    /// Its parameters, names in upper case.
    params: Vec<(String, String)>,
    /// Its value, transfer encoding undone.
    pub(super) value: String,
}

impl Property {
    /// `None` for a line without a colon.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let (head, value) = split(line)?;
        let mut parts = parameters(head);
        let name = parts.next()?.to_ascii_uppercase();
        let name = name.rsplit('.').next().unwrap_or_default().to_owned();
        let params: Vec<(String, String)> = parts
            .map(|part| {
                let (key, value) = part.split_once('=').unwrap_or(("TYPE", part));
                let value = value.trim_matches('"');
                (key.to_ascii_uppercase(), value.to_owned())
            })
            .collect();
        let mut property = Self {
            name,
            params,
            value: value.to_owned(),
        };
        if is_quoted(head) {
            let bytes = quoted::decode(value.as_bytes());
            property.value = charset::decode(&bytes, property.param("CHARSET"))
                .text
                .into_owned();
        }
        Some(property)
    }

    fn param(&self, name: &str) -> Option<&str> {
        let found = self.params.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Whether one of its types is `kind`: `TEL;TYPE=WORK,FAX`, `TEL;TYPE=WORK;TYPE=FAX`, `TEL;WORK;FAX`.
    pub(super) fn is_of_type(&self, kind: &str) -> bool {
        let types = self.params.iter().filter(|(key, _)| key == "TYPE");
        types
            .flat_map(|(_, value)| value.split(','))
            .any(|word| word.trim().eq_ignore_ascii_case(kind))
    }

    /// Whether it says how a name is read, and is no recording.
    pub(super) fn is_reading(&self) -> bool {
        self.name == "SOUND" && self.is_of_type("X-IRMC-N")
    }

    /// Whether the value is a card.
    pub(super) fn is_card(&self) -> bool {
        const BEGIN: &str = "BEGIN:VCARD";
        let value = self.value.trim_start();
        value
            .get(..BEGIN.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(BEGIN))
    }

    /// An address of a person, with the name where there is one.
    fn person(&self) -> String {
        let address = without_mailto(&self.value);
        match self.param("CN") {
            Some(name) if name != address => format!("{name} <{address}>"),
            _ => address.to_owned(),
        }
    }

    /// What somebody who is invited answered (RFC 5545 section 3.2.12; `STATUS` in vCalendar 1.0).
    fn answer(&self, japanese: bool) -> Option<String> {
        let status = self.param("PARTSTAT").or(self.param("STATUS"))?;
        let label: Label = match status.trim().to_ascii_uppercase().as_str() {
            "ACCEPTED" | "CONFIRMED" => ("承諾", "accepted"),
            "DECLINED" => ("辞退", "declined"),
            "TENTATIVE" => ("仮の承諾", "tentative"),
            "DELEGATED" => ("委任", "delegated"),
            "COMPLETED" => ("完了", "completed"),
            "IN-PROCESS" => ("着手", "in process"),
            _ => return None,
        };
        let answer = word(label, japanese);
        Some(match self.param("DELEGATED-TO") {
            Some(other) => format!("{answer}: {}", without_mailto(other)),
            None => answer.to_owned(),
        })
    }

    /// How an entry stands (RFC 5545 section 3.8.1.11); a word of somebody's own as it is.
    fn status(&self, japanese: bool) -> String {
        let label: Label = match self.value.trim().to_ascii_uppercase().as_str() {
            "TENTATIVE" => ("仮", "tentative"),
            CONFIRMED => ("確定", "confirmed"),
            "CANCELLED" => ("取り消し", "cancelled"),
            "NEEDS-ACTION" => ("未着手", "needs action"),
            "IN-PROCESS" => ("進行中", "in process"),
            "COMPLETED" => ("完了", "completed"),
            "DRAFT" => ("下書き", "draft"),
            "FINAL" => ("確定版", "final"),
            _ => return unescape(&self.value),
        };
        word(label, japanese).to_owned()
    }

    /// Whether it says that an entry stands.
    pub(super) fn is_confirmed(&self) -> bool {
        self.name == "STATUS" && self.value.trim().eq_ignore_ascii_case(CONFIRMED)
    }

    /// An address in the order of its language. One with a postcode of Japan goes from the large to the small.
    fn address(&self, japanese: bool) -> String {
        let parts = unescaped_parts(&self.value);
        let part = |place: usize| parts.get(place).map_or("", String::as_str);
        let code = part(5);
        let code = code.trim();
        let code = code.strip_prefix('〒').unwrap_or(code).trim_start();
        if !(japanese && is_postcode_of_japan(code)) {
            return joined(parts.iter().map(String::as_str));
        }
        let code = format!("〒{code}");
        // region, locality, street, extended address, box, country (RFC 6350 section 6.3.1)
        let others = [4, 3, 2, 1, 0, 6].map(part);
        joined(std::iter::once(code.as_str()).chain(others))
    }

    /// Times and periods of a list.
    fn times(&self, japanese: bool) -> String {
        let zone = self.param("TZID");
        let shown = |period: &str| {
            // from a time to another, or for so long (RFC 5545 section 3.3.9)
            let (begin, end) = period.split_once('/').unwrap_or((period, ""));
            let begin = time::shown(begin, zone, japanese);
            match end.trim() {
                "" => begin,
                length if length.starts_with(['P', '+']) => {
                    format!("{begin} ({})", time::length(length, japanese))
                }
                end => format!("{begin} - {}", time::shown(end, zone, japanese)),
            }
        };
        // semicolons in vCalendar 1.0
        let periods = self.value.split([',', ';']);
        let periods = periods.filter(|period| !period.trim().is_empty());
        periods.map(shown).collect::<Vec<_>>().join(", ")
    }

    /// The value as people read it.
    pub(super) fn shown(&self, japanese: bool) -> String {
        match self.name.as_str() {
            // the day behind the last one (RFC 5545 section 3.6.1)
            "DTEND" if time::is_day(&self.value) => time::day_before(&self.value),
            "DTSTART" | "DTEND" | "DUE" | "COMPLETED" => {
                time::shown(&self.value, self.param("TZID"), japanese)
            }
            "RECURRENCE-ID" => {
                let time = time::shown(&self.value, self.param("TZID"), japanese);
                let range = self.param("RANGE").unwrap_or_default();
                if range.eq_ignore_ascii_case("THISANDFUTURE") {
                    let further = word(("以後すべて", "and all that follow"), japanese);
                    format!("{time} ({further})")
                } else {
                    time
                }
            }
            "EXDATE" | "RDATE" => self.times(japanese),
            "FREEBUSY" => {
                let kind = self.param("FBTYPE").unwrap_or_default();
                let label: Label = match kind.to_ascii_uppercase().as_str() {
                    "FREE" => ("空き", "free"),
                    "BUSY-UNAVAILABLE" => ("不在", "unavailable"),
                    "BUSY-TENTATIVE" => ("仮の予定", "tentative"),
                    _ => ("予定あり", "busy"),
                };
                format!("{} ({})", self.times(japanese), word(label, japanese))
            }
            "ORGANIZER" => self.person(),
            "ATTENDEE" => match self.answer(japanese) {
                Some(answer) => format!("{} ({answer})", self.person()),
                None => self.person(),
            },
            "DURATION" => time::length(&self.value, japanese),
            "STATUS" => self.status(japanese),
            "ADR" => self.address(japanese),
            "ORG" | "N" | "SOUND" => {
                joined(unescaped_parts(&self.value).iter().map(String::as_str))
            }
            _ => unescape(&self.value),
        }
    }
}

/// What of some parts says something.
fn joined<'p>(parts: impl Iterator<Item = &'p str>) -> String {
    let full = parts.filter(|part| !part.trim().is_empty());
    full.collect::<Vec<_>>().join(" ")
}

/// `100-0001`, with or without the dash.
fn is_postcode_of_japan(code: &str) -> bool {
    let code = code.as_bytes();
    let (first, last) = code.split_at_checked(3).unwrap_or((code, &[]));
    let last = last.strip_prefix(b"-").unwrap_or(last);
    let are_digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    first.len() == 3 && last.len() == 4 && are_digits(first) && are_digits(last)
}

/// The lines of a card that is the value of a property.
pub(super) struct CardLines {
    text: String,
    at: usize,
}

impl CardLines {
    /// Unescapes the value, which is paid for, as it waits while a card in it is read.
    pub(super) fn of(property: &Property, cx: &Cx<'_>) -> Result<Self, Refusal> {
        let value = property.value.trim_start();
        cx.charge_len(Resource::Bytes, value.len())?;
        Ok(Self {
            text: unescape(value),
            at: 0,
        })
    }
}

impl Iterator for CardLines {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let mut rest = self.text.get(self.at..)?;
        let line = next_line(&mut rest);
        self.at = self.text.len().saturating_sub(rest.len());
        line
    }
}

fn without_mailto(address: &str) -> &str {
    const SCHEME: &str = "mailto:";
    let address = address.trim();
    let scheme = address.get(..SCHEME.len());
    if scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME)) {
        address.get(SCHEME.len()..).unwrap_or_default()
    } else {
        address
    }
}

/// Name and value at the first colon outside of quotes.
fn split(line: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let place = line.find(|c| {
        quoted ^= c == '"';
        c == ':' && !quoted
    })?;
    Some((line.get(..place)?, line.get(place.saturating_add(1)..)?))
}

/// What stands between semicolons outside of quotes.
fn parameters(head: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    head.split(move |c| {
        quoted ^= c == '"';
        c == ';' && !quoted
    })
}

/// `\n`, `\,`, `\;` and `\\` (RFC 5545 section 3.3.11).
fn unescape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(other) => out.push(other),
                None => {}
            },
            other => out.push(other),
        }
    }
    out
}

/// The parts of a structured value.
fn unescaped_parts(value: &str) -> Vec<String> {
    let mut escaped = false;
    value
        .split(move |c| {
            let part = c == ';' && !escaped;
            escaped = c == '\\' && !escaped;
            part
        })
        .map(unescape)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_printable_goes_on_with_blanks() {
        let lines = |mut rest: &str| {
            let next = std::iter::from_fn(move || next_line(&mut rest));
            next.collect::<Vec<_>>()
        };
        let quoted = "NOTE;ENCODING=QUOTED-PRINTABLE:long and =\r\n goes on=\n=\n=20x\r\nFN:y=\n z";
        assert_eq!(
            lines(quoted),
            [
                "NOTE;ENCODING=QUOTED-PRINTABLE:long and  goes on=20x",
                "FN:y=z"
            ]
        );
        assert_eq!(
            lines("A;QUOTED-PRINTABLE:b\n c=\nd\n\n e\n"),
            ["A;QUOTED-PRINTABLE:bcd", "e"]
        );
        assert_eq!(lines("A;QUOTED-PRINTABLE:b=\n"), ["A;QUOTED-PRINTABLE:b="]);
    }

    #[test]
    fn folds_within_characters_are_undone() {
        for (raw, want) in [
            (
                &b"A:\xe4\xbc\r\n \x9a\r\nB:x\n\ty\r\n"[..],
                "A:\u{4f1a}\r\nB:xy\r\n",
            ),
            (b"A:\xe4\n \xbc\n \x9a\n", "A:\u{4f1a}\n"),
            (b"A:b\r\nC:d", "A:b\r\nC:d"),
            (b"A:b=\r\n =41", "A:b=\r\n =41"),
            (b"\n x", "\n x"),
            (b"", ""),
        ] {
            assert_eq!(*unfolded(raw), *want.as_bytes(), "{want:?}");
        }
    }
}

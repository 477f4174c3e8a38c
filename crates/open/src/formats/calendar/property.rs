//! Lines of content: a name, parameters and a value (RFC 5545 section 3.1, RFC 6350 section 3.3).

use super::time;
use crate::charset;
use crate::formats::mail::transfer::quoted;
use std::borrow::Cow;

/// Undoes folds before the characters are known, as a fold may stand within one (RFC 5545 section 3.1).
/// What stands behind `=` may be the end of a line of quoted-printable, and is left to [`lines`].
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

/// Lines with their folds undone; in the older format a value of quoted-printable goes on behind `=`.
pub(super) fn lines(text: &str) -> impl Iterator<Item = String> + '_ {
    let mut rest = text.lines().peekable();
    std::iter::from_fn(move || {
        let mut line = rest.next()?.to_owned();
        let quoted = is_quoted(&line);
        while let Some(next) = rest.peek() {
            if let Some(fold) = next.strip_prefix([' ', '\t']) {
                line.push_str(fold);
            } else if quoted && line.ends_with('=') {
                line.pop();
                line.push_str(next);
            } else {
                break;
            }
            rest.next();
        }
        Some(line)
    })
}

fn is_quoted(line: &str) -> bool {
    let head = line.split(':').next().unwrap_or_default();
    head.to_ascii_uppercase().contains("QUOTED-PRINTABLE")
}

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

    /// The value as people read it.
    pub(super) fn shown(&self, japanese: bool) -> String {
        match self.name.as_str() {
            // the day behind the last one (RFC 5545 section 3.6.1)
            "DTEND" if time::is_day(&self.value) => time::day_before(&self.value),
            "DTSTART" | "DTEND" | "DUE" => time::shown(&self.value, self.param("TZID"), japanese),
            "ORGANIZER" | "ATTENDEE" => {
                let address = self.value.trim();
                let address = address
                    .get(..7)
                    .filter(|scheme| scheme.eq_ignore_ascii_case("mailto:"))
                    .map_or(address, |scheme| {
                        address.get(scheme.len()..).unwrap_or_default()
                    });
                match self.param("CN") {
                    Some(name) if name != address => format!("{name} <{address}>"),
                    _ => address.to_owned(),
                }
            }
            "ADR" | "ORG" | "N" => {
                let parts = unescaped_parts(&self.value);
                let full = parts.into_iter().filter(|part| !part.trim().is_empty());
                full.collect::<Vec<_>>().join(" ")
            }
            _ => unescape(&self.value),
        }
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

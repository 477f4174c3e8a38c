//! Values with parameters: Content-Type and Content-Disposition (RFC 2045 section 5.1), with
//! sections and charsets (RFC 2231), from text that is already Unicode.

use crate::charset;
use crate::formats::mail::transfer::hex_byte;
use crate::formats::mail::words;
use mugai_core::{Cx, Refusal, Resource};

/// The most parameters, and with that the most sections of one, that are read.
const MAX_PARAMS: usize = 1_000;

/// A value and its parameters.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parameterised {
    /// What stands before the first semicolon, without comments, in lower case.
    pub value: String,
    params: Vec<Param>,
}

/// One parameter as it stands, or one section of it.
#[derive(Debug, PartialEq, Eq)]
struct Param {
    /// The name without its stars, in lower case.
    name: String,
    /// The number of the section, RFC 2231 section 3.
    section: Option<u32>,
    /// Whether the value is percent-encoded, RFC 2231 section 4.
    extended: bool,
    value: String,
}

/// A parameter put together and decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decoded {
    /// Its text.
    pub text: String,
    /// Whether all of it could be decoded.
    pub whole: bool,
}

impl Parameterised {
    /// Reads a value. Nothing is wrong enough to be refused; what is no parameter is left out.
    pub(super) fn parse(value: &str) -> Self {
        let mut cursor = Cursor { rest: value };
        let head = cursor.until_semicolon();
        let mut head = head.split('(').next().unwrap_or_default().trim();
        if let Some((short, before)) = without_semicolon(head) {
            // from there on again: a quoted value may hold a semicolon
            let start = value.len().saturating_sub(value.trim_start().len());
            let rest = value.get(start.saturating_add(before)..);
            cursor.rest = rest.unwrap_or_default();
            head = short;
        }
        let mut params = Vec::new();
        while params.len() < MAX_PARAMS {
            let Some((name, value)) = cursor.param() else {
                break;
            };
            params.extend(Param::named(name, value));
        }
        Self {
            value: head.to_ascii_lowercase(),
            params,
        }
    }

    /// The value of a parameter that stands plain: the first, and how many there are in any form.
    pub(super) fn plain(&self, name: &str) -> (Option<&str>, usize) {
        let mut all = self.params.iter().filter(|param| param.name == name);
        let first = all
            .clone()
            .find(|param| !param.extended && param.section.is_none());
        let first = first.or_else(|| all.next());
        let count = self.params.iter().filter(|p| p.name == name).count();
        (first.map(|param| param.value.as_str()), count)
    }

    /// A parameter that holds one word: a charset, a flag. Blanks and comments behind it go.
    pub(super) fn word(&self, name: &str) -> Option<&str> {
        let value = self.plain(name).0?;
        let value = value.split(['(', ' ', '\t', ';']).find(|w| !w.is_empty())?;
        Some(value.trim_matches(['\'', '"']))
    }

    /// Whether a parameter is given only in a form of RFC 2231.
    pub(super) fn is_extended(&self, name: &str) -> bool {
        let mut all = self.params.iter().filter(|p| p.name == name).peekable();
        all.peek().is_some() && all.all(|param| param.extended || param.section.is_some())
    }

    /// The forms in which `name` stands plain (RFC 2047 words decoded), in their order.
    ///
    /// # Errors
    /// [`Refusal::Overrun`]
    pub(super) fn plain_texts(&self, name: &str, cx: &mut Cx<'_>) -> Result<Vec<Decoded>, Refusal> {
        self.params
            .iter()
            .filter(|p| p.name == name && !p.extended && p.section.is_none())
            .map(|param| decoded_words(&param.value, cx))
            .collect()
    }

    /// The parameter in its RFC 2231 form: `name*`, or its sections in the order of their numbers.
    ///
    /// # Errors
    /// [`Refusal::Overrun`]
    pub(super) fn extended_text(
        &self,
        name: &str,
        cx: &mut Cx<'_>,
    ) -> Result<Option<Decoded>, Refusal> {
        let mut sections: Vec<&Param> = self
            .params
            .iter()
            .filter(|p| p.name == name && (p.extended || p.section.is_some()))
            .collect();
        if sections.is_empty() {
            return Ok(None);
        }
        // one `name*` beside sections counts alone: it is whole
        if let Some(single) = sections.iter().position(|p| p.section.is_none()) {
            let param = sections.swap_remove(single);
            sections = vec![param];
        }
        sections.sort_by_key(|p| p.section);
        sections.dedup_by_key(|p| p.section);
        join(&sections, cx).map(Some)
    }
}

impl Param {
    /// Splits the stars off a name: `name*`, `name*0`, `name*0*`.
    fn named(name: &str, value: String) -> Option<Self> {
        let (name, extended) = match name.strip_suffix('*') {
            Some(name) => (name, true),
            None => (name, false),
        };
        let (name, section) = match name.split_once('*') {
            Some((name, number)) => (name, Some(number.parse().ok()?)),
            None => (name, None),
        };
        (!name.is_empty()).then(|| Self {
            name: name.to_ascii_lowercase(),
            section,
            extended,
            value,
        })
    }
}

/// Joins sections as bytes and decodes them once: a character, even the three characters of one
/// percent escape, may be cut anywhere.
fn join(sections: &[&Param], cx: &mut Cx<'_>) -> Result<Decoded, Refusal> {
    if sections.iter().all(|section| !section.extended) {
        let whole: String = sections.iter().map(|s| s.value.as_str()).collect();
        return decoded_words(&whole, cx);
    }
    let mut label = None;
    let mut bytes = Vec::new();
    let mut escaped = String::new();
    for (index, section) in sections.iter().enumerate() {
        let mut value = section.value.as_str();
        if index == 0 && section.extended {
            (label, value) = charset_prefix(value);
        }
        if section.extended {
            escaped.push_str(value);
        } else {
            percent_decode(&std::mem::take(&mut escaped), &mut bytes);
            bytes.extend_from_slice(value.as_bytes());
        }
    }
    percent_decode(&escaped, &mut bytes);
    cx.charge_len(Resource::Bytes, bytes.len())?;
    let decoded = charset::decode(&bytes, label);
    charset::note(&decoded, cx);
    Ok(Decoded {
        whole: decoded.undecodable == 0,
        text: decoded.text.into_owned(),
    })
}

/// Splits `charset'language'` off; a value without it is all text.
fn charset_prefix(value: &str) -> (Option<&str>, &str) {
    let mut parts = value.splitn(3, '\'');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(label), Some(_), Some(text)) => {
            let label = label.trim();
            ((!label.is_empty()).then_some(label), text)
        }
        _ => (None, value),
    }
}

fn percent_decode(text: &str, out: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    loop {
        rest = match rest {
            [b'%', high, low, after @ ..] if let Some(byte) = hex_byte(*high, *low) => {
                out.push(byte);
                after
            }
            [byte, after @ ..] => {
                out.push(*byte);
                after
            }
            [] => return,
        };
    }
}

fn decoded_words(value: &str, cx: &mut Cx<'_>) -> Result<Decoded, Refusal> {
    let text = if words::has_words(value) {
        words::decode(value, cx)?
    } else {
        value.to_owned()
    };
    Ok(Decoded {
        whole: !text.contains(char::REPLACEMENT_CHARACTER),
        text,
    })
}

/// `text/plain charset=…`, `text/plain, charset=…`: the value, and how much stands before the parameters.
fn without_semicolon(head: &str) -> Option<(&str, usize)> {
    let blank = |c: char| c.is_whitespace() || c == ',';
    // a type may have blanks around its slash
    let slash = head.find('/').map_or(0, |slash| slash.saturating_add(1));
    let (main, sub) = head.split_at_checked(slash)?;
    let lead = sub.len().saturating_sub(sub.trim_start().len());
    let end = lead.saturating_add(sub.trim_start().find(blank)?);
    let (value, behind) = head.split_at_checked(main.len().saturating_add(end))?;
    let behind = behind.trim_start_matches(blank);
    let name = behind.split_once('=')?.0.trim_end();
    let before = head.len().saturating_sub(behind.len());
    (!name.is_empty() && !name.contains(blank)).then_some((value, before))
}

struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    fn until_semicolon(&mut self) -> &'a str {
        let (head, rest) = self.rest.split_once(';').unwrap_or((self.rest, ""));
        self.rest = rest;
        head
    }

    /// The next `name=value`.
    fn param(&mut self) -> Option<(&'a str, String)> {
        loop {
            self.skip_blanks_and_comments();
            if self.rest.is_empty() {
                return None;
            }
            let end = self.rest.find(['=', ';']).unwrap_or(self.rest.len());
            let (name, rest) = self.rest.split_at_checked(end)?;
            if let Some(rest) = rest.strip_prefix('=') {
                self.rest = rest.trim_start();
                let value = match self.rest.strip_prefix('"') {
                    Some(rest) => self.quoted(rest),
                    None => self.until_semicolon().trim().to_owned(),
                };
                return Some((name.trim(), value));
            }
            self.rest = rest.strip_prefix(';').unwrap_or_default();
        }
    }

    /// A quoted string whose first quote is behind us. A backslash only escapes a quote or a
    /// backslash: senders who write Windows paths do not double theirs.
    fn quoted(&mut self, text: &'a str) -> String {
        let mut value = String::new();
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    let rest = text.get(at.saturating_add(1)..).unwrap_or_default();
                    self.rest = rest;
                    self.tail(&mut value);
                    return value;
                }
                '\\' => match chars.next_if(|(_, next)| matches!(next, '"' | '\\')) {
                    Some((_, escaped)) => value.push(escaped),
                    None => value.push('\\'),
                },
                _ => value.push(c),
            }
        }
        self.rest = "";
        value
    }

    /// Goes to the next semicolon. More words between a closing quote and it belong to the value:
    /// `"=?utf-8?B?…?=" "=?utf-8?B?…?="`.
    fn tail(&mut self, value: &mut String) {
        let tail = self.until_semicolon();
        if words::has_words(tail) {
            value.push_str(&tail.replace('"', ""));
        }
    }

    fn skip_blanks_and_comments(&mut self) {
        loop {
            let rest = self
                .rest
                .trim_start_matches(|c: char| c.is_whitespace() || c == ';');
            self.rest = rest;
            let Some(comment) = rest.strip_prefix('(') else {
                return;
            };
            self.rest = comment.split_once(')').map_or("", |(_, after)| after);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_plain_parameters() {
        for (raw, value, name, want) in [
            ("text/plain", "text/plain", "charset", None),
            (
                "Text/Plain; Charset=UTF-8",
                "text/plain",
                "charset",
                Some("UTF-8"),
            ),
            (
                "text/plain (x); (y) charset = \"UTF-8\" (z)",
                "text/plain",
                "charset",
                Some("UTF-8"),
            ),
            (
                "text/plain; charset=us-ascii (Plain)",
                "text/plain",
                "charset",
                Some("us-ascii"),
            ),
            (
                "text/plain;;; ;charset='utf-8'",
                "text/plain",
                "charset",
                Some("utf-8"),
            ),
            (
                "a; x; boundary=\"a;b\\\"c\"",
                "a",
                "boundary",
                Some("a;b\"c"),
            ),
            ("a; boundary=--=_x/y:z", "a", "boundary", Some("--=_x/y:z")),
            ("a; boundary=\"open", "a", "boundary", Some("open")),
            ("", "", "charset", None),
        ] {
            is_read(raw, value, name, want);
        }
    }

    /// Whether the value and a parameter are those.
    fn is_read(raw: &str, value: &str, name: &str, want: Option<&str>) {
        let got = Parameterised::parse(raw);
        assert_eq!(got.value, value, "{raw:?}");
        let found = if name == "boundary" {
            got.plain(name).0
        } else {
            got.word(name)
        };
        assert_eq!(found, want, "{raw:?}");
    }

    #[test]
    fn a_semicolon_that_is_missing() {
        for (raw, value, name, want) in [
            (
                "text/plain charset=iso-2022-jp",
                "text/plain",
                "charset",
                Some("iso-2022-jp"),
            ),
            (
                " Text/Plain, charset = \"a;b\"; x=y",
                "text/plain",
                "charset",
                Some("a"),
            ),
            (
                "multipart/mixed boundary=\"a;b\"",
                "multipart/mixed",
                "boundary",
                Some("a;b"),
            ),
            (
                "text / plain; charset=x",
                "text / plain",
                "charset",
                Some("x"),
            ),
            (
                "text / plain charset=x",
                "text / plain",
                "charset",
                Some("x"),
            ),
            ("attachment boundary=x", "attachment", "boundary", Some("x")),
        ] {
            is_read(raw, value, name, want);
        }
    }

    #[test]
    fn sections_are_numbered_and_bounded() {
        let many: Vec<String> = (0..100_000).map(|n| format!("f*{n}=x")).collect();
        let got = Parameterised::parse(&format!("a; {}", many.join("; ")));
        assert_eq!(got.params.len(), MAX_PARAMS);
        assert!(Param::named("f*x*", String::new()).is_none());
        assert!(Param::named("*", String::new()).is_none());
    }
}

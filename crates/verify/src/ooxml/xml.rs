//! The one form of XML that we write: one declaration, no comment, no document type, one blank
//! before each attribute, double quotes, seven references.

use mugai_core::Violation;
use std::borrow::Cow;

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// The attributes of an element, in order.
pub(crate) type Attributes<'a> = Vec<(&'a str, Cow<'a, str>)>;

/// One piece of a file.
#[derive(Debug)]
pub(crate) enum Token<'a> {
    Start(&'a str, Attributes<'a>),
    Empty(&'a str, Attributes<'a>),
    End(&'a str),
    Text(Cow<'a, str>),
}

pub(crate) struct Tokens<'a> {
    all: &'a str,
    at: usize,
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(content: &'a [u8]) -> Result<Self, Violation> {
        let all = std::str::from_utf8(content).map_err(|_| Violation::of("xml: not UTF-8"))?;
        if !all.starts_with(DECLARATION) {
            return Err(Violation::of("xml: declaration"));
        }
        Ok(Self {
            all,
            at: DECLARATION.len(),
        })
    }

    fn rest(&self) -> &'a str {
        self.all.get(self.at..).unwrap_or_default()
    }

    fn wrong<T>() -> Result<T, Violation> {
        Err(Violation::of("xml: of another form than ours"))
    }

    fn skip(&mut self, length: usize) {
        self.at = self.at.saturating_add(length);
    }

    pub(crate) fn next(&mut self) -> Result<Option<Token<'a>>, Violation> {
        let rest = self.rest();
        if rest.is_empty() {
            return Ok(None);
        }
        let Some(inner) = rest.strip_prefix('<') else {
            let length = rest.find('<').unwrap_or(rest.len());
            let raw = rest.get(..length).unwrap_or_default();
            self.skip(length);
            return Ok(Some(Token::Text(Self::undo(raw)?)));
        };
        if let Some(closing) = inner.strip_prefix('/') {
            let Some(length) = closing.find('>') else {
                return Self::wrong();
            };
            let name = closing.get(..length).unwrap_or_default();
            self.skip(length.saturating_add(3));
            return if is_name(name) {
                Ok(Some(Token::End(name)))
            } else {
                Self::wrong()
            };
        }
        let ends = |byte: u8| matches!(byte, b' ' | b'>' | b'/');
        let Some(length) = inner.bytes().position(ends) else {
            return Self::wrong();
        };
        let name = inner.get(..length).unwrap_or_default();
        if !is_name(name) {
            return Self::wrong();
        }
        self.skip(length.saturating_add(1));
        let mut attributes = Vec::new();
        loop {
            let rest = self.rest();
            if rest.starts_with('>') {
                self.skip(1);
                return Ok(Some(Token::Start(name, attributes)));
            }
            if rest.starts_with("/>") {
                self.skip(2);
                return Ok(Some(Token::Empty(name, attributes)));
            }
            attributes.push(self.attribute()?);
        }
    }

    fn attribute(&mut self) -> Result<(&'a str, Cow<'a, str>), Violation> {
        let rest = self.rest();
        let found = rest.strip_prefix(' ').and_then(|rest| {
            let length = rest.bytes().position(|byte| byte == b'=')?;
            let (name, rest) = rest.split_at_checked(length)?;
            let rest = rest.strip_prefix("=\"")?;
            let ends = |byte: u8| matches!(byte, b'"' | b'<' | b'>' | b'\n' | b'\t');
            let length = rest.bytes().position(ends)?;
            let (value, behind) = rest.split_at_checked(length)?;
            (behind.starts_with('"') && is_name(name)).then_some((name, value))
        });
        let Some((name, value)) = found else {
            return Self::wrong();
        };
        self.skip(name.len().saturating_add(value.len()).saturating_add(4));
        Ok((name, Self::undo(value)?))
    }

    /// Undoes references.
    fn undo(raw: &'a str) -> Result<Cow<'a, str>, Violation> {
        let (mut ends, mut refers) = (false, false);
        for byte in raw.bytes() {
            ends |= byte == b'>';
            refers |= byte == b'&';
        }
        if ends {
            return Self::wrong();
        }
        if !refers {
            return Ok(Cow::Borrowed(raw));
        }
        let mut pieces = raw.split('&');
        let mut out = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let Some((name, rest)) = piece.split_once(';') else {
                return Self::wrong();
            };
            out.push(match name {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                "#10" => '\n',
                "#9" => '\t',
                _ => return Self::wrong(),
            });
            out.push_str(rest);
        }
        Ok(Cow::Owned(out))
    }
}

fn is_name(name: &str) -> bool {
    // with a second colon two readers could part it in two ways
    let mut parts = false;
    !name.is_empty()
        && name.bytes().all(|b| match b {
            b':' => !std::mem::replace(&mut parts, true),
            b'_' | b'-' | b'.' => true,
            _ => b.is_ascii_alphanumeric(),
        })
}

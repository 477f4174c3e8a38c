//! Short texts of our own wording that may stand in refusals, findings and logs.

use std::borrow::Cow;
use std::fmt;

/// The longest remark, in bytes.
const MAX_BYTES: usize = 96;

/// A short remark of plain ASCII: letters, digits, space and `- _ . : / ( ) # , = < >`.
///
/// Remarks name a rule and a place (`png: IHDR length`). They never quote the input: the alphabet
/// has no quotes, control characters or markup, so even a worker that lies cannot forge a log line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Remark(Cow<'static, str>);

impl Remark {
    /// A remark that is written in our own source.
    #[must_use]
    pub const fn fixed(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// A remark that came over the wire: `None` when it is too long or leaves the alphabet.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() <= MAX_BYTES && text.bytes().all(allowed))
            .then(|| Self(Cow::Owned(text.into())))
    }

    /// The text of the remark.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn allowed(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b" -_.:/()#,=<>".contains(&byte)
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_alphabet_and_the_length_pass() {
        assert!(Remark::parse("png: IHDR length (13)").is_some());
        assert!(Remark::parse(&"a".repeat(MAX_BYTES)).is_some());
        assert!(Remark::parse(&"a".repeat(MAX_BYTES + 1)).is_none());
        for bad in ["line\nbreak", "quote\"", "日本", "tab\t", "|", "\u{1b}[0m"] {
            assert!(Remark::parse(bad).is_none(), "{bad:?}");
        }
    }
}

//! Addresses of envelopes (RFC 5321, section 4.1.2; RFC 6531): checked, and passed on letter by letter.

use std::fmt;

/// The longest path, in bytes: more than the 256 of RFC 5321, for addresses in UTF-8.
const MOST: usize = 512;

/// A path without its angle brackets. It holds no control character, and neither a space nor an angle
/// bracket outside of quotes: whatever it says, it cannot end its command or begin another one.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Path(String);

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // addresses are nobody's business in a log
        f.write_str("Path")
    }
}

impl Path {
    /// Reads `<path>` at the beginning of `text`; gives the rest, too. `None` when it is not one.
    pub(crate) fn read(text: &str) -> Option<(Self, &str)> {
        let inner = text.strip_prefix('<')?;
        let end = end(inner)?;
        let (path, rest) = inner.split_at_checked(end)?;
        let rest = rest.strip_prefix('>')?;
        (path.len() <= MOST && (path.is_empty() || is_address(path)))
            .then(|| (Self(path.to_owned()), rest))
    }

    /// The address; empty for that of bounces, `<>`.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is `<>`.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it is written in ASCII alone.
    pub(crate) fn is_ascii(&self) -> bool {
        self.0.is_ascii()
    }

    /// What is behind the last @, in small letters; empty without one.
    pub(crate) fn domain(&self) -> String {
        let domain = self.0.rsplit_once('@').map_or("", |(_, domain)| domain);
        domain.to_lowercase()
    }
}

/// Where the path ends: the first `>` outside of quotes.
fn end(text: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (place, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '>' if !quoted => return Some(place),
            _ => {}
        }
    }
    None
}

/// A local part, in quotes or not, and a domain; or a local part alone, as of `postmaster`. Routes
/// (`@a,@b:c@d`) are refused, as RFC 5321 allows (appendix C).
fn is_address(path: &str) -> bool {
    if path.chars().any(char::is_control) {
        return false;
    }
    let domain = match path.strip_prefix('"') {
        Some(quoted) => {
            let Some(end) = closing(quoted) else {
                return false;
            };
            let rest = quoted.get(end.saturating_add(1)..).unwrap_or_default();
            if rest.is_empty() {
                return true;
            }
            let Some(domain) = rest.strip_prefix('@') else {
                return false;
            };
            domain
        }
        None => match path.rsplit_once('@') {
            Some((local, domain)) => {
                if local.is_empty() || !local.chars().all(is_atom) {
                    return false;
                }
                domain
            }
            None => return path.chars().all(is_atom),
        },
    };
    !domain.is_empty() && domain.chars().all(is_domain)
}

/// Where a quoted string ends, its opening quote left out.
fn closing(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (place, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(place),
            _ => {}
        }
    }
    None
}

/// What a local part may have without quotes: atoms and dots; and what is found in the wild there.
fn is_atom(letter: char) -> bool {
    !letter.is_whitespace() && !"<>()[]\\,;:\"@".contains(letter)
}

/// A domain, or an address in brackets.
fn is_domain(letter: char) -> bool {
    letter.is_ascii_alphanumeric()
        || "-._[]:".contains(letter)
        || !letter.is_ascii() && !letter.is_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_passed_on_as_they_are() {
        for (text, path, rest) in [
            ("<>", "", ""),
            ("<a@b.jp> SIZE=1", "a@b.jp", " SIZE=1"),
            ("<\"a b>\"@b.jp>", "\"a b>\"@b.jp", ""),
            ("<\"a\\\"> \"@b.jp>x", "\"a\\\"> \"@b.jp", "x"),
            ("<postmaster>", "postmaster", ""),
            ("<da..me.@docomo.ne.jp>", "da..me.@docomo.ne.jp", ""),
            ("<a+b=c@[192.0.2.1]>", "a+b=c@[192.0.2.1]", ""),
            ("<a@[IPv6:2001:db8::1]>", "a@[IPv6:2001:db8::1]", ""),
            ("<田中@例.jp>", "田中@例.jp", ""),
        ] {
            let (read, left) = Path::read(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((read.as_str(), left), (path, rest), "{text}");
        }
    }

    #[test]
    fn what_could_be_taken_for_more_is_refused() {
        for text in [
            "a@b.jp",
            "<a@b.jp",
            "<a b@c.jp>",
            "<a@b.jp\r\nRCPT TO:<c@d.jp>",
            "<a@b.jp\n>",
            "<\"a\r\nb\"@c.jp>",
            "<\"a@b.jp>",
            "<\"a\"b@c.jp>",
            "<@a,@b:c@d>",
            "<a@>",
            "<@b>",
            "<a@b c>",
            "<a@b<c>>",
            "<a\u{3000}b@c.jp>",
            "<a@b.jp\0>",
        ] {
            assert!(Path::read(text).is_none(), "{text:?}");
        }
        assert!(Path::read(&format!("<{}@b.jp>", "a".repeat(MOST))).is_none());
    }
}

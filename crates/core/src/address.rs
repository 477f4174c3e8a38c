//! Mail addresses (RFC 5322 section 3.4, RFC 6531 for letters other than ASCII).

use crate::refusal::Refusal;
use crate::text::Line;

/// The longest local part, twice that of RFC 5321 section 4.5.3.1: return paths and tickets have longer ones
/// and are delivered; and the longest domain (same section).
const MAX_LOCAL: usize = 128;
const MAX_DOMAIN: usize = 255;

/// A strict address `local@domain`.
///
/// The local part has no control character, blank, or any of `" ( ) < > [ ] : ; , \ @`. Dots may
/// stand anywhere (`a..b.@`), as Japanese carriers gave such addresses out; the writer quotes them.
/// The domain is letters, digits, `-` and `.`, or letters beyond ASCII.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AddrSpec {
    local: String,
    domain: String,
}

impl AddrSpec {
    /// Reads `local@domain`; the local part may stand in quotes.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for anything else.
    pub fn parse(raw: &str) -> Result<Self, Refusal> {
        const WRONG: Refusal = Refusal::malformed("address: not a strict addr-spec");
        let (local, domain) = raw.rsplit_once('@').ok_or(WRONG)?;
        let local = local
            .strip_prefix('"')
            .and_then(|l| l.strip_suffix('"'))
            .unwrap_or(local);
        let local_ok =
            !local.is_empty() && local.len() <= MAX_LOCAL && local.chars().all(local_char);
        let domain_ok = !domain.is_empty()
            && domain.len() <= MAX_DOMAIN
            && domain.chars().all(domain_char)
            && domain
                .split('.')
                .all(|label| !label.is_empty() && label.len() <= 63);
        // nothing invisible, and no second reading of the same bytes
        let clean = Line::check(raw).is_ok();
        if local_ok && domain_ok && clean {
            Ok(Self {
                local: local.to_owned(),
                domain: domain.to_owned(),
            })
        } else {
            Err(WRONG)
        }
    }

    /// The part before the `@`, without quotes.
    #[must_use]
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The part behind the `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Whether a header may have it. Addresses beyond ASCII need SMTPUTF8 all the way. One that looks like an encoded
    /// word becomes another address in readers that decode first and split afterwards.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        self.local.is_ascii() && self.domain.is_ascii() && !self.local.contains("=?")
    }

    /// The address as it is written in a header: quoted where its dots ask for it.
    #[must_use]
    pub fn to_wire(&self) -> String {
        if self.local.split('.').all(|atom| !atom.is_empty()) {
            format!("{}@{}", self.local, self.domain)
        } else {
            format!("\"{}\"@{}", self.local, self.domain)
        }
    }
}

fn local_char(c: char) -> bool {
    match c {
        '!'..='~' => !"\"()<>[]:;,\\@".contains(c),
        _ => c > '\u{9f}' && !c.is_whitespace(),
    }
}

fn domain_char(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(c, '-' | '.' | '_')
        || (c > '\u{9f}' && c.is_alphanumeric())
}

/// A name and an address; either may be missing, not both.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mailbox {
    name: Option<Line>,
    address: Option<AddrSpec>,
}

impl Mailbox {
    /// `None` when both are missing or blank.
    #[must_use]
    pub fn new(name: Option<Line>, address: Option<AddrSpec>) -> Option<Self> {
        let name = name.filter(|n| !n.is_empty());
        (name.is_some() || address.is_some()).then_some(Self { name, address })
    }

    /// The display name.
    #[must_use]
    pub const fn name(&self) -> Option<&Line> {
        self.name.as_ref()
    }

    /// How many bytes this takes at most in a header, with the comma and the folds. Names that are not simple go into
    /// encoded words (RFC 2047): one for up to 39 bytes, else of 64 characters for 36 to 39 bytes or, where accents may
    /// not be parted from what they stand on, for half of that.
    #[must_use]
    pub fn room(&self) -> usize {
        const WORD: usize = 67;
        /// Brackets, quotes, a comma, and a fold before name and address.
        const AROUND: usize = 11;
        /// Of the address that stands for none.
        const NOBODY: usize = 23;
        let name = self.name.as_ref().map_or("", Line::as_str);
        let simple = |b: u8| b.is_ascii_alphanumeric() || b" .'_-&+/!#*".contains(&b);
        let address = self.address.as_ref().map_or(0, |a| a.to_wire().len());
        let is_simple = name.len() <= 60 && name.bytes().all(simple) && !name.contains("  ");
        let is_written = self.address.as_ref().is_some_and(AddrSpec::is_writable);
        // marks, joiners, selectors and tones stand in these blocks
        let joins = |c: char| matches!(c, '\u{300}'..='\u{36f}' | '\u{3099}' | '\u{309a}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f000}'..);
        let each = if name.chars().any(joins) { 19 } else { 36 };
        let words = |bytes: usize| match bytes {
            0..=39 => bytes.div_ceil(3).saturating_mul(4).saturating_add(15),
            _ => bytes.div_ceil(each).saturating_add(1).saturating_mul(WORD),
        };
        if name.is_empty() && is_written {
            return address.saturating_add(6);
        }
        let (shown, address) = match (is_simple, is_written) {
            (true, true) => (name.len(), address),
            (false, true) => (words(name.len()), address),
            (_, false) => (
                words(name.len().saturating_add(address).saturating_add(3)),
                NOBODY,
            ),
        };
        shown.saturating_add(address).saturating_add(AROUND)
    }

    /// The address, unless what stood there was none.
    #[must_use]
    pub const fn address(&self) -> Option<&AddrSpec> {
        self.address.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strict_addresses() {
        for (raw, wire) in [
            ("a@city.example.lg.jp", "a@city.example.lg.jp"),
            ("foo..bar.@docomo.ne.jp", "\"foo..bar.\"@docomo.ne.jp"),
            ("\"foo..bar.\"@docomo.ne.jp", "\"foo..bar.\"@docomo.ne.jp"),
            ("山田@例え.jp", "山田@例え.jp"),
        ] {
            assert_eq!(AddrSpec::parse(raw).unwrap().to_wire(), wire);
        }
        let (long, longer) = ("a".repeat(128), "a".repeat(129));
        assert!(AddrSpec::parse(&format!("{long}@b.jp")).is_ok());
        assert!(AddrSpec::parse(&format!("{longer}@b.jp")).is_err());
        for bad in [
            "",
            "a",
            "@b",
            "a@",
            "a@b>\r\nBcc: q",
            "a b@c",
            "a@b c",
            "a@[127.0.0.1]",
            "a@b..c",
            "a\u{202e}@b.c",
            "<a@b>",
            "a\"b@c",
            "a@b@c",
            "a,b@c",
        ] {
            assert!(AddrSpec::parse(bad).is_err(), "{bad:?}");
        }
    }
}

//! What a mail server found out about who sent a message (RFC 8601), typed.

/// The longest name of a host (RFC 1035, section 3.1), in bytes.
const MAX_HOST: usize = 253;

/// The most fields, and results in one, that are carried.
pub const MAX_RESULTS: usize = 20;

/// A way to tell who sent a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AuthMethod {
    /// RFC 7489.
    Dmarc,
    /// RFC 6376.
    Dkim,
    /// RFC 7208.
    Spf,
    /// RFC 8617.
    Arc,
}

impl AuthMethod {
    /// Every method, in the order of their wire tags and of our header.
    pub const ALL: [Self; 4] = [Self::Dmarc, Self::Dkim, Self::Spf, Self::Arc];

    /// The word of RFC 8601.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Dmarc => "dmarc",
            Self::Dkim => "dkim",
            Self::Spf => "spf",
            Self::Arc => "arc",
        }
    }
}

/// What came of it (RFC 8601, section 2.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuthVerdict {
    /// There was nothing to tell it by.
    None,
    /// It is who it says.
    Pass,
    /// It is not.
    Fail,
    /// Probably not.
    Softfail,
    /// Nothing is said.
    Neutral,
    /// A rule of the verifier's own forbids it.
    Policy,
    /// It could not be found out now.
    Temperror,
    /// It cannot be found out.
    Permerror,
}

impl AuthVerdict {
    /// Every verdict, in the order of their wire tags.
    pub const ALL: [Self; 8] = [
        Self::None,
        Self::Pass,
        Self::Fail,
        Self::Softfail,
        Self::Neutral,
        Self::Policy,
        Self::Temperror,
        Self::Permerror,
    ];

    /// The word of RFC 8601.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Softfail => "softfail",
            Self::Neutral => "neutral",
            Self::Policy => "policy",
            Self::Temperror => "temperror",
            Self::Permerror => "permerror",
        }
    }
}

/// The name of a host: letters, digits, dots, hyphens and underscores, in small letters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Host(String);

impl Host {
    /// `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let good = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        ((1..=MAX_HOST).contains(&text.len()) && text.bytes().all(good))
            .then(|| Self(text.to_ascii_lowercase()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthResult {
    /// How it was found out.
    pub method: AuthMethod,
    /// What was.
    pub verdict: AuthVerdict,
    /// The domain that it is about, where one is named.
    pub domain: Option<Host>,
}

/// The results of one field, and who says so. Whether that may be believed is not the reader's business: any
/// sender can write such a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthResults {
    /// The server that says it found them out.
    pub server: Host,
    /// In the order of the field, at most [`MAX_RESULTS`].
    pub results: Vec<AuthResult>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_plain() {
        assert_eq!(
            Host::parse("MX.City.example").unwrap().as_str(),
            "mx.city.example"
        );
        assert!(Host::parse(&"a".repeat(MAX_HOST)).is_some());
        for bad in [
            "",
            "a b",
            "a;b",
            "例.jp",
            "a\r\nb",
            &"a".repeat(MAX_HOST + 1),
        ] {
            assert!(Host::parse(bad).is_none(), "{bad:?}");
        }
    }
}

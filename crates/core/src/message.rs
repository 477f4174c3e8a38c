//! The headers of a message that are carried over, each typed.

use crate::address::Mailbox;
use crate::auth::AuthResults;
use crate::refusal::Refusal;
use crate::text::Line;

/// The longest message identifier, in bytes.
const MAX_MSG_ID: usize = 250;
/// How many identifiers of a References header are carried: the last ones.
pub const MAX_REFERENCES: usize = 20;
/// The most mailboxes in one header.
pub const MAX_MAILBOXES: usize = 2_000;
/// The most bytes that the mailboxes of one header may take where they are written. RFC 5322 sets no limit, but
/// Postfix cuts a header at 60,000 bytes as soon as a milter is behind it, which would break the last mailbox.
pub const MAX_MAILBOXES_BYTES: usize = 56_000;

/// A message identifier, `local@domain` without its angle brackets (RFC 5322 section 3.6.4).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MsgId(String);

impl MsgId {
    /// Reads an identifier, with or without its angle brackets.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] unless it is printable ASCII without blanks and angle brackets, has
    /// one `@` with something on both sides, and at most 250 bytes.
    pub fn parse(raw: &str) -> Result<Self, Refusal> {
        let id = raw
            .strip_prefix('<')
            .and_then(|r| r.strip_suffix('>'))
            .unwrap_or(raw);
        let sides = id
            .split_once('@')
            .is_some_and(|(l, d)| !l.is_empty() && !d.is_empty() && !d.contains('@'));
        let chars = id
            .bytes()
            .all(|b| matches!(b, b'!'..=b'~') && !matches!(b, b'<' | b'>'));
        if sides && chars && id.len() <= MAX_MSG_ID {
            Ok(Self(id.to_owned()))
        } else {
            Err(Refusal::malformed("message: not a message identifier"))
        }
    }

    /// The identifier without angle brackets.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A point in time with the zone that it was written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Date {
    unix_seconds: i64,
    offset_minutes: i16,
}

impl Date {
    /// Years 1970 to 9999, zones from -16:00 to +16:00.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] outside of these.
    pub fn new(unix_seconds: i64, offset_minutes: i16) -> Result<Self, Refusal> {
        if (0..=253_402_300_799).contains(&unix_seconds) && (-960..=960).contains(&offset_minutes) {
            Ok(Self {
                unix_seconds,
                offset_minutes,
            })
        } else {
            Err(Refusal::malformed("message: date out of range"))
        }
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn unix_seconds(&self) -> i64 {
        self.unix_seconds
    }

    /// Minutes east of Greenwich.
    #[must_use]
    pub const fn offset_minutes(&self) -> i16 {
        self.offset_minutes
    }
}

/// The first piece of a message: everything of its header that is carried.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Envelope {
    /// The authors.
    pub from: Vec<Mailbox>,
    /// The recipients.
    pub to: Vec<Mailbox>,
    /// The recipients of copies.
    pub cc: Vec<Mailbox>,
    /// Where answers go.
    pub reply_to: Vec<Mailbox>,
    /// The subject.
    pub subject: Option<Line>,
    /// The date of writing.
    pub date: Option<Date>,
    /// The identifier of this message.
    pub message_id: Option<MsgId>,
    /// What this message answers.
    pub in_reply_to: Vec<MsgId>,
    /// The thread, at most the last [`MAX_REFERENCES`].
    pub references: Vec<MsgId>,
    /// The mailing list (RFC 2919), ASCII.
    pub list_id: Option<Line>,
    /// Whether and how this message was made without a person (RFC 3834).
    pub auto_submitted: Option<Line>,
    /// `bulk`, `list` or `junk`.
    pub precedence: Option<Line>,
    /// What servers say that they found out about the sender, the topmost field first, at most
    /// [`MAX_RESULTS`](crate::auth::MAX_RESULTS).
    pub auth: Vec<AuthResults>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_ids() {
        assert_eq!(MsgId::parse("<a.b@c>").unwrap().as_str(), "a.b@c");
        let long = format!("{}@c", "a".repeat(MAX_MSG_ID - 2));
        assert!(MsgId::parse(&long).is_ok());
        assert!(MsgId::parse(&format!("a{long}")).is_err());
        for bad in [
            "",
            "a",
            "@",
            "a@",
            "a b@c",
            "a@b\r\nBcc:x",
            "a@b@c",
            "<a@b",
            "あ@b",
        ] {
            assert!(MsgId::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn dates_at_and_past_their_ends() {
        assert!(Date::new(0, -960).is_ok());
        assert!(Date::new(253_402_300_799, 960).is_ok());
        assert!(Date::new(-1, 0).is_err());
        assert!(Date::new(253_402_300_800, 0).is_err());
        assert!(Date::new(0, 961).is_err());
    }
}

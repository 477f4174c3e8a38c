//! Why a message is not taken now. Whatever it is, the mail server keeps the message and comes again: no
//! reply of the relay is final, for a final one would have the mail server write to a forged sender.

use std::fmt;

/// Why a mail is put off, for figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Something here does not work.
    Here,
    /// There is no room, in memory or on disk.
    Room,
    /// Whoever sanitises does not answer, or does not work.
    Sanitiser,
    /// The mail could not be sanitised in time.
    Deadline,
    /// The next mail server does not take it, or cannot be reached.
    Next,
    /// The client said something out of order.
    Protocol,
    /// Other rules apply to a further recipient.
    Rules,
    /// The mail goes round.
    Loop,
    /// The connection is closed.
    Closing,
}

impl Cause {
    pub(crate) const ALL: [Self; 9] = [
        Self::Here,
        Self::Room,
        Self::Sanitiser,
        Self::Deadline,
        Self::Next,
        Self::Protocol,
        Self::Rules,
        Self::Loop,
        Self::Closing,
    ];

    /// Its label.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Here => "here",
            Self::Room => "room",
            Self::Sanitiser => "sanitiser",
            Self::Deadline => "deadline",
            Self::Next => "next",
            Self::Protocol => "protocol",
            Self::Rules => "rules",
            Self::Loop => "loop",
            Self::Closing => "closing",
        }
    }
}

/// A trouble, as the reply says it: a code that begins with 4, an enhanced status (RFC 3463), and words
/// of ours. No text of a stranger is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    code: u16,
    status: &'static str,
    words: String,
    cause: Cause,
}

impl Trouble {
    /// Something here does not work.
    pub(crate) fn here(words: impl Into<String>) -> Self {
        Self::of(451, "4.3.0", words, Cause::Here)
    }

    /// Whoever sanitises does not answer, or does not work.
    pub(crate) fn sanitiser(words: impl Into<String>) -> Self {
        Self::of(451, "4.3.0", words, Cause::Sanitiser)
    }

    /// The mail could not be sanitised in time.
    pub(crate) fn late() -> Self {
        let words = "the mail could not be sanitised in time";
        Self::of(451, "4.3.0", words, Cause::Deadline)
    }

    /// The mail goes round.
    pub(crate) fn round() -> Self {
        Self::of(451, "4.3.0", "the mail goes round", Cause::Loop)
    }

    /// There is no room, in memory or on disk.
    pub(crate) fn full(words: impl Into<String>) -> Self {
        Self::of(452, "4.3.1", words, Cause::Room)
    }

    /// The one who takes sanitised mails does not take this one.
    pub(crate) fn next(words: impl Into<String>) -> Self {
        Self::of(451, "4.4.0", words, Cause::Next)
    }

    /// The client said something out of order, or that is not understood.
    pub(crate) fn said(words: impl Into<String>) -> Self {
        Self::of(451, "4.5.2", words, Cause::Protocol)
    }

    /// A recipient to whom other rules apply, where a mail cannot become two.
    pub(crate) fn others() -> Self {
        Self::of(
            452,
            "4.5.3",
            "other rules apply: to this recipient by itself, please",
            Cause::Rules,
        )
    }

    /// The connection is closed after this.
    pub(crate) fn closing(words: impl Into<String>) -> Self {
        Self::of(421, "4.3.2", words, Cause::Closing)
    }

    fn of(code: u16, status: &'static str, words: impl Into<String>, cause: Cause) -> Self {
        Self {
            code,
            status,
            words: words.into(),
            cause,
        }
    }

    /// Why, for figures.
    pub(crate) const fn cause(&self) -> Cause {
        self.cause
    }

    /// The code and the enhanced status, as a milter gives them to its mail server.
    #[must_use]
    pub fn reply(&self) -> String {
        format!("{} {} {}", self.code, self.status, self.words)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

impl std::error::Error for Trouble {}

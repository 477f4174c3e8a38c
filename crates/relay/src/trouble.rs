//! Why a message is not taken now. Whatever it is, the mail server keeps the message and comes again: no
//! reply of the relay is final, for a final one would have the mail server write to a forged sender.

use std::fmt;

/// A trouble, as the reply says it: a code that begins with 4, an enhanced status (RFC 3463), and words
/// of ours. No text of a stranger is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    code: u16,
    status: &'static str,
    words: String,
}

impl Trouble {
    /// Something here does not work.
    pub(crate) fn here(words: impl Into<String>) -> Self {
        Self::of(451, "4.3.0", words)
    }

    /// There is no room, in memory or on disk.
    pub(crate) fn full(words: impl Into<String>) -> Self {
        Self::of(452, "4.3.1", words)
    }

    /// The one who takes sanitised mails does not take this one.
    pub(crate) fn next(words: impl Into<String>) -> Self {
        Self::of(451, "4.4.0", words)
    }

    /// The client said something out of order, or that is not understood.
    pub(crate) fn said(words: impl Into<String>) -> Self {
        Self::of(451, "4.5.2", words)
    }

    /// A recipient to whom other rules apply, where a mail cannot become two.
    pub(crate) fn others() -> Self {
        Self::of(
            452,
            "4.5.3",
            "other rules apply: to this recipient by itself, please",
        )
    }

    /// The connection is closed after this.
    pub(crate) fn closing(words: impl Into<String>) -> Self {
        Self::of(421, "4.3.2", words)
    }

    fn of(code: u16, status: &'static str, words: impl Into<String>) -> Self {
        Self {
            code,
            status,
            words: words.into(),
        }
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

//! Why there is nothing to deliver.

use std::fmt;
use tonic::Code;

/// Hold the file: deliver nothing, and try again later.
///
/// For a mail relay this is a 4xx answer, whatever the trouble is: the message stays in the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// What happened in the last try.
    pub trouble: Trouble,
    /// How many tries there were.
    pub tries: u32,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The service, or the way to it, answered with a status; its text is not shown to anybody
    /// without being escaped.
    Status(Code, String),
    /// The answer was not what an honest service gives: the rule that it broke.
    Answer(&'static str),
    /// The time was over.
    Deadline,
}

impl Trouble {
    /// Whether it may be gone at the next try: the others are here to stay until somebody changes
    /// the request or the configuration.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::Status(code, _) => {
                matches!(
                    code,
                    Code::Unavailable
                        | Code::ResourceExhausted
                        | Code::Aborted
                        | Code::Unknown
                        | Code::Internal
                )
            }
            Self::Answer(_) => true,
            Self::Deadline => false,
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(code, text) => write!(f, "{code:?}: {}", text.escape_debug()),
            Self::Answer(rule) => write!(f, "an answer that cannot be trusted: {rule}"),
            Self::Deadline => f.write_str("the time was over"),
        }
    }
}

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "held, nothing to deliver: {} (tries: {})",
            self.trouble, self.tries
        )
    }
}

impl std::error::Error for Hold {}

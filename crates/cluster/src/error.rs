//! What can go wrong between machines.

use mugai_core::Line;
use std::fmt;

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The queue cannot be reached, or refuses.
    Queue(String),
    /// The store cannot be reached, or refuses.
    Store(String),
    /// What the command line asks for cannot be.
    Asked(String),
    /// What lies in the store is not what we write.
    Foreign(String),
    /// Something of this machine.
    Local(String),
}

impl Error {
    pub(crate) fn queue(what: &str, error: impl fmt::Display) -> Self {
        Self::Queue(plain(&format!("{what}: {error}")))
    }

    pub(crate) fn store(what: &str, error: impl fmt::Display) -> Self {
        Self::Store(plain(&format!("{what}: {error}")))
    }
}

/// What others say, as one line without anything that a terminal would act on.
pub(crate) fn plain(text: &str) -> String {
    Line::clean(text).0.as_str().to_owned()
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Queue(what) => write!(f, "queue: {what}"),
            Self::Store(what) => write!(f, "store: {what}"),
            Self::Foreign(what) => write!(f, "store: {what}: not of our making"),
            Self::Asked(what) | Self::Local(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for Error {}

impl From<Error> for std::io::Error {
    fn from(error: Error) -> Self {
        Self::other(error)
    }
}

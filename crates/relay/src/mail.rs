//! A message on its way through the relay.

use crate::smtp::command::Parameter;
use crate::smtp::path::Path;
use bytes::Bytes;
use mugai_core::Untrusted;
use std::fs::File;

/// A recipient, and what is said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recipient {
    /// Its address.
    pub(crate) path: Path,
    /// NOTIFY and ORCPT (RFC 3461).
    pub(crate) parameters: Vec<Parameter>,
}

/// What is said about a message before it comes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Envelope {
    /// The sender.
    pub(crate) sender: Path,
    /// RET and ENVID (RFC 3461).
    pub(crate) parameters: Vec<Parameter>,
    /// Whether SMTPUTF8 was asked for.
    pub(crate) utf8: bool,
    /// What the mail server told of the client.
    pub(crate) attributes: Vec<(String, String)>,
    /// In the order of their commands.
    pub(crate) recipients: Vec<Recipient>,
}

impl Envelope {
    /// The number under which the mail server holds the message; empty when it did not say.
    pub(crate) fn queue_id(&self) -> &str {
        let mut all = self.attributes.iter();
        let ident = all.find(|(name, _)| name == "IDENT");
        let ident = ident.map_or("", |(_, value)| value.as_str());
        let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte);
        if ident.len() <= 128 && ident.bytes().all(harmless) {
            ident
        } else {
            ""
        }
    }
}

/// The message itself.
#[derive(Debug)]
pub(crate) enum Content {
    /// In memory, which copies share.
    Held(Untrusted),
    /// Larger than any that is opened: in an unlinked file, with its size.
    TooLarge(File, u64),
}

impl Content {
    /// Its size in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        match self {
            Self::Held(mail) => u64::try_from(mail.len()).unwrap_or(u64::MAX),
            Self::TooLarge(_, bytes) => *bytes,
        }
    }
}

/// A whole message.
#[derive(Debug)]
pub(crate) struct Mail {
    pub(crate) envelope: Envelope,
    pub(crate) content: Content,
    /// The BLAKE3 of the content.
    pub(crate) digest: blake3::Hash,
}

/// A mail as it goes on.
#[derive(Debug)]
pub(crate) struct New {
    /// Seals, each a field ended by CRLF; empty where there are none.
    pub(crate) seal: String,
    /// What was made, as its checker has seen it.
    pub(crate) mail: Bytes,
}

impl New {
    /// What is sent, in pieces of whole lines.
    pub(crate) fn pieces(&self) -> [&[u8]; 2] {
        [self.seal.as_bytes(), &self.mail]
    }
}

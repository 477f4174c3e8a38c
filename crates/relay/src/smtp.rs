//! SMTP and LMTP as a relay on both of its sides needs them (RFC 5321, RFC 2033).

pub(crate) mod client;
pub(crate) mod command;
pub(crate) mod data;
pub(crate) mod dialogue;
pub(crate) mod lines;
pub(crate) mod path;

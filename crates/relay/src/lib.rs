//! The relay: mails come from a mail server over SMTP, LMTP or the milter protocol, are sanitised by the
//! service or by an engine of its own, and go back to the mail server.
//!
//! It has no queue. A mail is taken only once the mail server behind it has taken what was made of it;
//! until then it lies in the queue of the mail server in front. Whatever goes wrong is said with a reply
//! that lets the mail server try again: nothing is lost, nothing goes back to a sender, and nothing goes on
//! as it came.
#![forbid(unsafe_code)]

mod about;
mod check;
mod clock;
pub mod config;
mod desk;
mod digest;
mod figures;
mod hold;
mod mail;
mod milter;
mod notice;
#[cfg(any(test, feature = "oracle"))]
pub mod oracle;
mod receive;
mod record;
mod repeat;
mod sanitise;
mod seal;
mod serve;
mod smtp;
mod trouble;
mod way;

pub use check::{Step, check};
pub use config::{Config, ConfigError};
pub use digest::digest;
pub use sanitise::{Embedded, Policies, Sanitiser, policies};
pub use serve::{Read, Relay, ServeError, serve};
pub use trouble::Trouble;

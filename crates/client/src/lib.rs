//! A client of the service that cannot be used to fail open.
//!
//! [`Client::sanitise`] ends in one of two ways. An [`Answer`] was verified: every frame arrived,
//! every digest is right, and the report is about the very bytes that were sent. Everything else,
//! from a refused connection to one wrong byte, is a [`Hold`]: keep the file, deliver nothing, try
//! again later. There is no third way, and no way to get at an output that was not verified.
#![forbid(unsafe_code)]

mod check;
mod client;
mod connect;
mod hold;
mod retry;
mod send;

pub use client::{Answer, Client, File, Job, Verdict, Zones};
pub use connect::{ConnectError, Endpoint, Tls};
pub use hold::{Hold, Trouble};
pub use mugai_core::Password;
pub use retry::Retry;

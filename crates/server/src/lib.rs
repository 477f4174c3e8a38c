//! The gRPC service.
//!
//! A front door: it receives a file, has the engine sanitise it on a bounded set of threads, and
//! hands out what the engine delivers. It knows no format and opens nothing; a caller that sees
//! anything but a whole answer has nothing to deliver.
//!
//! What bounds it: a call takes a seat before its body is read, room in bytes before its file is,
//! and a place among the jobs before it is opened. Who finds no seat or no room is told at once
//! when to come again.
#![forbid(unsafe_code)]

mod admit;
mod answer;
mod caller;
pub mod config;
mod docket;
mod gate;
mod intake;
mod job;
mod keys;
mod metrics;
mod policies;
mod rules;
mod sanitise;
mod serve;
mod spool;

pub use config::{Config, ConfigError};
pub use policies::Policies;
pub use serve::{Read, Reload, ServeError, Service, check_certificates, serve, transport};

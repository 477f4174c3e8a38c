//! The order of events: what is opened when, which policy decides, what the report says.
//!
//! [`sanitise`] is total: every part of a job gets exactly one outcome, and the ledger is checked
//! before a verdict is given. No variant of [`Verdict`] means "passed as it was".
#![forbid(unsafe_code)]

pub mod job;
pub mod notice;
pub mod policy;
pub mod report;
pub mod settings;

pub use job::{Order, Outcome, Output, Verdict, refuse, sanitise};
pub use policy::{Isolation, Policy, PolicyError, Route, passwords_of};
pub use report::{Digests, PartReport, Report, Status};

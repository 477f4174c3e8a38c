//! What is told of the service: metrics, logs, traces, and events for those who watch over it.
//!
//! One [`Observer`] stands behind a service. It is told of every [`Call`] once it is over, and tells
//! it on: it counts (Prometheus), writes one line (`tracing`), sends spans (OTLP) where they are
//! wanted, and events (syslog, CEF) where they are. Nothing here holds a call up: spans and events
//! wait in bounded queues, and what finds no place is dropped and counted.
//!
//! Architecture invariant: labels of metrics come from closed tables of ours, never from a caller
//! or a file. Names of files are told only where the configuration says so, and then made plain.
#![forbid(unsafe_code)]

mod call;
mod config;
mod events;
mod log;
mod metrics;
mod observer;
mod openings;
mod page;
mod plain;
mod reason;
mod siem;
mod summary;
mod traces;

pub use call::{Call, Parent, Rpc, Times, Work};
pub use config::{Config, Facility, Format, Otlp, Raw, Syslog, Target};
pub use events::{Event, What};
pub use metrics::{Count, Counts, Gauges, Levels, Metric, Register, Seconds, Spread, Spreads};
pub use observer::{ObserveError, Observer, Waiting};
pub use openings::{Opening, Watch};
pub use page::serve_page;
pub use plain::plain;
pub use reason::{Reason, Stage};
pub use summary::{Part, Summary};

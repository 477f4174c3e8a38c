//! Programs of others at our service: a client in Python, a reader of metrics.
//!
//! They come from `PyPI` into a virtual environment below `target/`, once; without it, or without
//! Python, these tests skip and say so.
#![expect(
    clippy::expect_used,
    clippy::print_stderr,
    reason = "what a test needs and does not get fails it, and a skip is told"
)]

mod client;
mod environment;
mod hostile;
mod metrics;
mod served;

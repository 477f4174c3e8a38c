//! The relay between a mail server and the next one, all of them in this process.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::arithmetic_side_effects,
    reason = "what a test needs and does not get fails it"
)]

mod deliver;
mod hostile;
mod milter;
mod protocol;
mod sealed;
mod sink;
mod trouble;
mod world;

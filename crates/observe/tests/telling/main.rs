//! What is told of calls, and what never is.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what a test needs and does not get fails it"
)]

mod lines;
mod pages;
mod receivers;
mod spans;
mod world;

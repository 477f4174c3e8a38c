//! Properties of whole runs: the number of workers does not matter, and what is dropped is gone.
#![expect(
    clippy::expect_used,
    reason = "what a test needs and does not get fails it"
)]

mod canary;
mod charges;
mod pages;
mod pdf_threats;
mod workers;

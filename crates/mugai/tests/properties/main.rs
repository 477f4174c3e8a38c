//! Properties of whole runs: the number of workers does not matter, and what is dropped is gone.
#![expect(
    clippy::expect_used,
    reason = "what a test needs and does not get fails it"
)]

mod canary;
// charges do not fail in builds for work
#[cfg(debug_assertions)]
mod charges;
mod pages;
mod pdf_threats;
mod workers;

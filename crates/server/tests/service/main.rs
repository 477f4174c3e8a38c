//! The service, over a Unix socket of its own for every test.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what a test needs and does not get fails it"
)]

mod bounds;
mod connections;
mod deliver;
mod misuse;
mod reload;
mod rules;
mod secret;
mod spool;
mod tls;
mod told;
mod world;

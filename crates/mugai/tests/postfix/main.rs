//! The relay behind a Postfix of its own: what `docs/relay` ships is what runs here. These tests need root
//! and Debian's package postfix, and skip, saying so, without.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "what a test needs and does not get fails it"
)]

mod held;
mod killed;
mod mails;
mod sealed;
mod server;
mod sink;
mod through;

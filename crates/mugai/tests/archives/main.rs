//! Containers in containers, bombs, names and passwords.
#![expect(
    clippy::expect_used,
    clippy::arithmetic_side_effects,
    reason = "what a test needs and does not get fails it"
)]

mod bombs;
mod codes;
mod containers;
mod mails;
mod matrix;
mod names;
mod passwords;
mod unfold;

//! Containers in containers, bombs, names and passwords.
#![expect(
    clippy::expect_used,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "what a test needs and does not get fails it"
)]
#![expect(
    clippy::case_sensitive_file_extension_comparisons,
    clippy::format_collect,
    clippy::format_push_string,
    clippy::wildcard_enum_match_arm,
    reason = "containers and names here are small and of our own"
)]

mod bombs;
mod codes;
mod containers;
mod mails;
mod matrix;
mod names;
mod odd;
mod passwords;
mod quine;
mod unfold;

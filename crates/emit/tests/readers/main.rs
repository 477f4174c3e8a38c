//! What we write, as readers of mail that others wrote understand it.
#![expect(
    clippy::disallowed_methods,
    reason = "a test may look for files and measure time"
)]
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test may panic and print"
)]

mod agreement;
mod corpus;
mod python;

//! The executable as people use it.
#![expect(
    clippy::expect_used,
    reason = "what a test needs and does not get fails it"
)]

mod batch;
mod faults;
mod inspect;
mod kill;
mod killed;
mod office;
mod policy;
mod report;
mod sanitise;
mod serve;
mod trouble;
mod verify;
mod watch;
mod world;

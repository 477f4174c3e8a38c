//! Many machines: the executable with a real queue (nats-server) and a real S3 server (moto).
#![expect(
    clippy::expect_used,
    reason = "what a test needs and does not get fails it"
)]
#![expect(clippy::print_stderr, reason = "a test that skips says so")]

mod ends;
mod http;
mod kill;
mod round;
mod secure;
mod servers;
mod world;

//! Ports for servers that tests start.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

/// The first port, and how many there are. The kernel gives none of them to whoever connects: a server's port that is
/// asked for before the server has it could connect to itself there, and be taken by that.
const FIRST: u16 = 20_000;
const COUNT: u16 = 10_000;

/// A port at which nobody listens, and that no other test of this process gets.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn free() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // tests of other processes begin elsewhere, also of those that began at the same time
    let [low, high, ..] = std::process::id().to_le_bytes();
    let process = u16::from_le_bytes([low, high]).wrapping_mul(331);
    for _ in 0..COUNT {
        let number = NEXT.fetch_add(1, Ordering::Relaxed).wrapping_add(process) % COUNT;
        let port = FIRST.saturating_add(number);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no port is free");
}

//! What bounds the service.

use super::{ConfigError, units};
use serde::Deserialize;
use std::path::PathBuf;
use std::time::Duration;

/// What a file takes of the memory, in its own sizes: itself, its parts, what they became, and the
/// message that they are put together to.
pub const WEIGHT: u64 = 4;

/// More than this cannot be counted in the units of the admission.
const MOST_MEMORY: u64 = 64 << 40;

/// What bounds the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Memory for all files under way, in bytes; a file takes [`WEIGHT`] times its size.
    pub memory: u64,
    /// The largest file, in bytes.
    pub message: u64,
    /// The most calls at once, the waiting ones included.
    pub calls: u32,
    /// The most files that are opened at once, 1 to 1024.
    pub jobs: u16,
    /// The most connections at once.
    pub connections: u32,
    /// The most connections of one user, or from one address, at once.
    pub peer: u32,
    /// How long a new connection may take to begin to speak.
    pub handshake: Duration,
    /// How long a caller may take for its next frame, or to take ours.
    pub idle: Duration,
    /// How long a call may take from its beginning to the first of its answer, and from there to its
    /// end. It ends callers that send or take a body byte by byte.
    pub call: Duration,
    /// How long the service waits for calls under way when it is told to stop.
    pub stop: Duration,
    /// Files above this size wait on disk, in bytes; so do files whose size is not announced.
    pub spooled_above: u64,
    /// Room for all files that wait on disk, in bytes.
    pub spool: u64,
}

impl Default for Limits {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            memory: 1 << 30,
            message: 150 << 20,
            calls: 256,
            jobs: u16::try_from(cores).unwrap_or(1024).min(1024),
            connections: 64,
            peer: 32,
            handshake: Duration::from_secs(10),
            idle: Duration::from_secs(30),
            call: Duration::from_mins(10),
            stop: Duration::from_mins(2),
            spooled_above: 8 << 20,
            spool: 4 << 30,
        }
    }
}

/// How the memory is shared out. Large files never keep small ones waiting, nor the other way
/// round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shares {
    /// For files that are held in memory from their first byte, in bytes.
    pub(crate) small: u64,
    /// For files that come from the disk, in bytes; 0 when there are none.
    pub(crate) large: u64,
}

impl Limits {
    /// Whether there are files that wait on disk.
    pub(crate) const fn spools(&self) -> bool {
        self.message > self.spooled_above
    }

    /// Half of the memory for either kind, or as much as the largest file takes.
    pub(crate) fn shares(&self) -> Shares {
        let large = if self.spools() {
            let largest = self.message.saturating_mul(WEIGHT);
            largest.max(self.memory.div_ceil(2)).min(self.memory)
        } else {
            0
        };
        Shares {
            small: self.memory.saturating_sub(large),
            large,
        }
    }

    /// # Errors
    /// The first limit that cannot hold with the others.
    fn checked(self) -> Result<Self, ConfigError> {
        let wrong = |key, problem: String| Err(ConfigError::Value(key, problem));
        let in_memory = self.message.min(self.spooled_above);
        let on_disk = if self.spools() { self.message } else { 0 };
        if in_memory.saturating_add(on_disk).saturating_mul(WEIGHT) > self.memory {
            return wrong(
                "limits.memory",
                format!(
                    "less than {WEIGHT} times limits.message (and spool.above, where that is less): \
                     the largest file would never find room"
                ),
            );
        }
        if self.memory > MOST_MEMORY || self.spool > MOST_MEMORY {
            return wrong("limits.memory, spool.bytes", "over 64 TiB".to_owned());
        }
        if on_disk > self.spool {
            let problem = "less than limits.message: the largest file would never find room";
            return wrong("spool.bytes", problem.to_owned());
        }
        if self.calls == 0 || self.jobs == 0 || self.jobs > 1024 {
            return wrong("limits", "calls: at least 1; jobs: 1 to 1024".to_owned());
        }
        if self.peer == 0 || self.peer > self.connections {
            let problem = "at least 1, and at most limits.connections".to_owned();
            return wrong("limits.peer", problem);
        }
        Ok(self)
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLimits {
    memory: Option<String>,
    message: Option<String>,
    calls: Option<u32>,
    jobs: Option<u16>,
    connections: Option<u32>,
    peer: Option<u32>,
    handshake: Option<String>,
    idle: Option<String>,
    call: Option<String>,
    stop: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSpool {
    folder: Option<PathBuf>,
    above: Option<String>,
    bytes: Option<String>,
}

impl RawSpool {
    /// Where files wait that are too large to wait in memory.
    pub(super) fn folder(&self) -> PathBuf {
        let folder = self.folder.clone();
        folder.unwrap_or_else(|| PathBuf::from("/var/tmp"))
    }
}

pub(super) fn limits(raw: &RawLimits, spool: &RawSpool) -> Result<Limits, ConfigError> {
    let usual = Limits::default();
    let connections = raw.connections.unwrap_or(usual.connections);
    let bytes = |key, text: &Option<String>, usual| units::bytes(key, text.as_deref(), usual);
    let time = |key, text: &Option<String>, usual| units::time(key, text.as_deref(), usual);
    Limits {
        memory: bytes("limits.memory", &raw.memory, usual.memory)?,
        message: bytes("limits.message", &raw.message, usual.message)?,
        calls: raw.calls.unwrap_or(usual.calls),
        jobs: raw.jobs.unwrap_or(usual.jobs),
        connections,
        peer: raw.peer.unwrap_or_else(|| usual.peer.min(connections)),
        handshake: time("limits.handshake", &raw.handshake, usual.handshake)?,
        idle: time("limits.idle", &raw.idle, usual.idle)?,
        call: time("limits.call", &raw.call, usual.call)?,
        stop: time("limits.stop", &raw.stop, usual.stop)?,
        spooled_above: bytes("spool.above", &spool.above, usual.spooled_above)?,
        spool: bytes("spool.bytes", &spool.bytes, usual.spool)?,
    }
    .checked()
}

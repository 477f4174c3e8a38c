//! Memory for jobs: how much there is, and how much one takes.

use crate::queue::{Job, Next, Queue};
use std::io;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// What any job takes: a worker with its library, and a page of a picture.
const EACH: u64 = 32 << 20;

/// What a byte of an input takes: the input, its pieces, the output, and copies on either side of the
/// fence; measured on the largest mails (docs/performance.md).
const A_BYTE: u64 = 6;

/// How long somebody sleeps who waits for room or work: stops and additions are seen within that.
const NAP: Duration = Duration::from_millis(50);

/// Bytes of memory that an input of `bytes` takes, estimated from above. Pictures are an exception:
/// what they unfold to is bounded by the pixels of the policy, not by their size.
#[must_use]
pub const fn cost(bytes: u64) -> u64 {
    bytes.saturating_mul(A_BYTE).saturating_add(EACH)
}

/// Free memory, weighted in bytes.
#[derive(Debug)]
pub(crate) struct Room {
    free: Mutex<u64>,
    freed: Condvar,
}

impl Room {
    pub(crate) const fn of(bytes: u64) -> Self {
        Self {
            free: Mutex::new(bytes),
            freed: Condvar::new(),
        }
    }

    /// Waits for a job that fits. None when there is none any more, or `stop` says so.
    ///
    /// # Errors
    /// What the queue says: the run cannot go on.
    pub(crate) fn take(
        &self,
        queue: &dyn Queue,
        stop: impl Fn() -> bool,
    ) -> io::Result<Option<Job>> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if stop() {
                return Ok(None);
            }
            match queue.next(*free)? {
                Next::Job(job) => {
                    *free = free.saturating_sub(job.cost);
                    return Ok(Some(job));
                }
                Next::End => return Ok(None),
                Next::Wait => {
                    let woken = self.freed.wait_timeout(free, NAP);
                    free = woken.unwrap_or_else(PoisonError::into_inner).0;
                }
            }
        }
    }

    /// Gives back what a job took.
    pub(crate) fn give_back(&self, cost: u64) {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        *free = free.saturating_add(cost);
        drop(free);
        self.freed.notify_all();
    }
}

/// Bytes of memory that this process may use: that of the machine or of its control group.
#[must_use]
pub fn memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    let machine = kib.saturating_mul(1024);
    Some(group().map_or(machine, |group| group.min(machine)))
}

/// The limit of the control group (version 2), where there is one.
fn group() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/cgroup").ok()?;
    let path = text.lines().find_map(|line| line.strip_prefix("0::"))?;
    let mut least = None;
    // a limit of any group above holds too
    for group in std::path::Path::new(path.trim_start_matches('/')).ancestors() {
        let file = std::path::Path::new("/sys/fs/cgroup")
            .join(group)
            .join("memory.max");
        let limit = std::fs::read_to_string(file).ok();
        if let Some(limit) = limit.and_then(|text| text.trim().parse::<u64>().ok()) {
            least = Some(least.map_or(limit, |least: u64| least.min(limit)));
        }
    }
    least
}

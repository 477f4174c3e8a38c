//! Who is let in: seats for calls, room for files, places for jobs.

mod bound;
mod crew;

use crate::config::{Limits, WEIGHT};
use bound::Bound;
use crew::Crew;
pub(crate) use crew::Ordered;
use std::io;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

/// Room is counted in units of this many bytes, so that all memory fits into the semaphore.
const UNIT: u64 = 64 << 10;

/// When a caller that found no room should try again.
const RETRY: Duration = Duration::from_millis(250);

/// The bounds of the service.
#[derive(Debug)]
pub(crate) struct Admission {
    limits: RwLock<Limits>,
    seats: Bound,
    small: Bound,
    large: Bound,
    disk: Bound,
    crew: Crew,
}

/// Where a file waits for its job, and the room for it there.
#[derive(Debug)]
pub(crate) enum Berth {
    /// Memory for all that the job needs.
    Memory(Room),
    /// The disk; memory is only taken when the job begins.
    Disk(Room),
}

/// Room that was reserved.
#[derive(Debug)]
pub(crate) struct Room(OwnedSemaphorePermit);

impl Room {
    /// Gives back what is above so many bytes.
    pub(crate) fn shrink(&mut self, bytes: u64) {
        let keep = usize::try_from(bytes.div_ceil(UNIT).max(1)).unwrap_or(usize::MAX);
        let surplus = self.0.num_permits().saturating_sub(keep);
        drop(self.0.split(surplus));
    }
}

impl Admission {
    /// # Errors
    /// When there are no threads for the jobs to be had.
    pub(crate) fn new(limits: &Limits) -> io::Result<Self> {
        let shares = limits.shares();
        Ok(Self {
            limits: RwLock::new(*limits),
            seats: Bound::new(limits.calls.into()),
            small: Bound::new(shares.small / UNIT),
            large: Bound::new(shares.large / UNIT),
            disk: Bound::new(limits.spool / UNIT),
            crew: Crew::start(limits.jobs)?,
        })
    }

    /// Puts other limits in force; the number of jobs and the time of a call stay what they were.
    pub(crate) fn change(&self, limits: &Limits) {
        let mut current = self.limits.write().unwrap_or_else(PoisonError::into_inner);
        *current = Limits {
            jobs: current.jobs,
            call: current.call,
            ..*limits
        };
        let shares = limits.shares();
        self.seats.resize(limits.calls.into());
        self.small.resize(shares.small / UNIT);
        self.large.resize(shares.large / UNIT);
        self.disk.resize(limits.spool / UNIT);
    }

    /// The limits in force.
    pub(crate) fn limits(&self) -> Limits {
        *self.limits.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// A seat for a call, before anything of its body is read.
    ///
    /// # Errors
    /// `RESOURCE_EXHAUSTED` with `RetryInfo`.
    pub(crate) fn seat(&self) -> Result<OwnedSemaphorePermit, Status> {
        let seat = self.seats.take(1);
        seat.map_err(|_| full("too many calls at once"))
    }

    /// Memory for a file of `bytes`, before any of it is worked on.
    ///
    /// # Errors
    /// `OUT_OF_RANGE` for a file that is never taken, `RESOURCE_EXHAUSTED` with `RetryInfo` for one that
    /// finds no room now.
    pub(crate) fn room(&self, bytes: u64) -> Result<Room, Status> {
        self.at_most_largest(bytes)?;
        let room = self.small.take(units(bytes.saturating_mul(WEIGHT)));
        room.map(Room)
            .map_err(|_| full("no room for this file now"))
    }

    /// A berth for a file whose size was announced, or was not (0).
    ///
    /// # Errors
    /// As of [`Admission::room`].
    pub(crate) fn berth(&self, announced: u64) -> Result<Berth, Status> {
        self.at_most_largest(announced)?;
        let limits = self.limits();
        let most = self.most(announced);
        if !limits.spools() || (1..=limits.spooled_above).contains(&announced) {
            return self.room(most).map(Berth::Memory);
        }
        let disk = self.disk.take(units(most));
        disk.map(|disk| Berth::Disk(Room(disk)))
            .map_err(|_| full("no room on the disk for this file now"))
    }

    /// The most bytes that a file may have whose size was announced, or was not (0).
    pub(crate) fn most(&self, announced: u64) -> u64 {
        match announced {
            0 => self.limits().message,
            announced => announced,
        }
    }

    fn at_most_largest(&self, bytes: u64) -> Result<(), Status> {
        let largest = self.limits().message;
        if bytes > largest {
            return Err(Status::out_of_range(format!(
                "the largest file that is taken has {largest} bytes"
            )));
        }
        Ok(())
    }

    /// Memory for a file of `bytes` that comes from the disk, in the order of asking.
    pub(crate) async fn memory(&self, bytes: u64) -> Result<Room, Status> {
        let room = self.large.wait(units(bytes.saturating_mul(WEIGHT))).await;
        room.map(Room).map_err(|_| stopping())
    }

    /// Has a job done on a thread where it may block, in the order of asking.
    pub(crate) fn order<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Ordered<T> {
        self.crew.order(job)
    }

    /// What is in use of what there is: calls, bytes of memory and disk, jobs.
    pub(crate) fn in_use(&self) -> [(&'static str, u64, u64); 4] {
        let bytes = |(used, all): (u64, u64)| (used.saturating_mul(UNIT), all.saturating_mul(UNIT));
        let (calls, jobs) = (self.seats.in_use(), self.crew.in_use());
        let (small, large) = (bytes(self.small.in_use()), bytes(self.large.in_use()));
        let disk = bytes(self.disk.in_use());
        let memory = (
            small.0.saturating_add(large.0),
            small.1.saturating_add(large.1),
        );
        [
            ("calls", calls.0, calls.1),
            ("memory_bytes", memory.0, memory.1),
            ("spool_bytes", disk.0, disk.1),
            ("jobs", jobs.0, jobs.1),
        ]
    }
}

fn units(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT).max(1)).unwrap_or(u32::MAX)
}

/// Nothing was done; the caller may come again.
pub(crate) fn full(why: &str) -> Status {
    let again = ErrorDetails::with_retry_info(Some(RETRY));
    Status::with_error_details(Code::ResourceExhausted, why, again)
}

/// Nothing was done; the caller may come again, here or elsewhere.
pub(crate) fn stopping() -> Status {
    let again = ErrorDetails::with_retry_info(Some(RETRY));
    Status::with_error_details(Code::Unavailable, "the service is stopping", again)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits {
            memory: 8 << 20,
            message: 2 << 20,
            calls: 2,
            jobs: 1,
            ..Limits::default()
        }
    }

    /// Files above 128 KiB go to the disk, where there is room for one of the largest.
    fn spooling() -> Limits {
        Limits {
            memory: 9 << 20,
            spooled_above: 128 << 10,
            spool: 2 << 20,
            ..limits()
        }
    }

    #[test]
    fn room_is_weighted_and_comes_back() {
        let admission = Admission::new(&limits()).unwrap();
        let large = admission.room(2 << 20).unwrap();
        assert_eq!(
            admission.room(1).unwrap_err().code(),
            Code::ResourceExhausted
        );
        drop(large);
        let small: Vec<_> = (0..4).map(|_| admission.room(512 << 10).unwrap()).collect();
        let refused = admission.room(0).unwrap_err();
        assert!(refused.get_details_retry_info().is_some());
        drop(small);
        assert_eq!(admission.in_use()[1], ("memory_bytes", 0, 8 << 20));
    }

    #[test]
    fn room_can_be_given_back_in_part() {
        let admission = Admission::new(&limits()).unwrap();
        let mut room = admission.room(2 << 20).unwrap();
        room.shrink(1 << 20);
        assert_eq!(admission.in_use()[1].1, 1 << 20);
        room.shrink(8 << 20);
        assert_eq!(admission.in_use()[1].1, 1 << 20);
    }

    #[test]
    fn what_never_finds_room_is_told_so() {
        for limits in [limits(), spooling()] {
            let status = Admission::new(&limits)
                .unwrap()
                .berth((2 << 20) + 1)
                .unwrap_err();
            assert_eq!(status.code(), Code::OutOfRange);
        }
    }

    #[test]
    fn large_files_and_those_of_unknown_size_wait_on_disk() {
        let admission = Admission::new(&spooling()).unwrap();
        let small = admission.berth(128 << 10).unwrap();
        assert!(matches!(small, Berth::Memory(_)));
        let large = admission.berth((128 << 10) + 1).unwrap();
        assert!(matches!(large, Berth::Disk(_)));
        let unknown = admission.berth(0).unwrap_err();
        assert_eq!(unknown.code(), Code::ResourceExhausted);
        assert!(unknown.get_details_retry_info().is_some());
        drop(large);
        assert!(matches!(admission.berth(0).unwrap(), Berth::Disk(_)));
    }

    #[test]
    fn seats_run_out() {
        let admission = Admission::new(&limits()).unwrap();
        let _two = [admission.seat().unwrap(), admission.seat().unwrap()];
        let status = admission.seat().unwrap_err();
        assert_eq!(status.code(), Code::ResourceExhausted);
        assert!(
            status
                .get_details_retry_info()
                .unwrap()
                .retry_delay
                .is_some()
        );
    }
}

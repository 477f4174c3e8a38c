//! Who is let in: seats for calls, room for files, places for jobs.

use crate::config::{Limits, WEIGHT};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

/// Room is counted in units of this many bytes, so that all memory fits into the semaphore.
const UNIT: u64 = 64 << 10;

/// When a caller that found no room should try again.
const RETRY: Duration = Duration::from_millis(250);

/// The three bounds of the service.
#[derive(Debug)]
pub(crate) struct Admission {
    seats: Arc<Semaphore>,
    room: Arc<Semaphore>,
    jobs: Arc<Semaphore>,
    largest: u64,
    seats_all: usize,
    room_all: usize,
    jobs_all: usize,
}

impl Admission {
    pub(crate) fn new(limits: &Limits) -> Self {
        let seats_all = usize::try_from(limits.calls).unwrap_or(Semaphore::MAX_PERMITS);
        let room_all = usize::try_from(limits.memory / UNIT).unwrap_or(Semaphore::MAX_PERMITS);
        let jobs_all = usize::from(limits.jobs);
        Self {
            seats: Arc::new(Semaphore::new(seats_all)),
            room: Arc::new(Semaphore::new(room_all)),
            jobs: Arc::new(Semaphore::new(jobs_all)),
            largest: limits.message,
            seats_all,
            room_all,
            jobs_all,
        }
    }

    /// A seat for a call, before anything of its body is read.
    ///
    /// # Errors
    /// `RESOURCE_EXHAUSTED` with `RetryInfo`.
    pub(crate) fn seat(&self) -> Result<OwnedSemaphorePermit, Status> {
        Arc::clone(&self.seats)
            .try_acquire_owned()
            .map_err(|_| full("too many calls at once"))
    }

    /// Room for a file of `bytes`, before any of it is worked on.
    ///
    /// # Errors
    /// `OUT_OF_RANGE` for a file that is never taken, `RESOURCE_EXHAUSTED` with `RetryInfo` for one that
    /// finds no room now.
    pub(crate) fn room(&self, bytes: u64) -> Result<OwnedSemaphorePermit, Status> {
        if bytes > self.largest {
            return Err(Status::out_of_range(format!(
                "the largest file that is taken has {} bytes",
                self.largest
            )));
        }
        let units = bytes.saturating_mul(WEIGHT).div_ceil(UNIT).max(1);
        let units = u32::try_from(units).unwrap_or(u32::MAX);
        match Arc::clone(&self.room).try_acquire_many_owned(units) {
            Ok(permit) => Ok(permit),
            Err(TryAcquireError::NoPermits) => Err(full("no room for this file now")),
            Err(TryAcquireError::Closed) => Err(stopping()),
        }
    }

    /// A place among the jobs, in the order of asking.
    pub(crate) async fn place(&self) -> Result<OwnedSemaphorePermit, Status> {
        let place = Arc::clone(&self.jobs).acquire_owned().await;
        place.map_err(|_| stopping())
    }

    /// The largest file that is taken.
    pub(crate) const fn largest(&self) -> u64 {
        self.largest
    }

    /// What is in use of what there is: calls, bytes, jobs.
    pub(crate) fn in_use(&self) -> [(&'static str, u64, u64); 3] {
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let used = |all: usize, left: usize| count(all.saturating_sub(left));
        let (seats, room, jobs) = (
            self.seats.available_permits(),
            self.room.available_permits(),
            self.jobs.available_permits(),
        );
        [
            ("calls", used(self.seats_all, seats), count(self.seats_all)),
            (
                "memory_bytes",
                used(self.room_all, room).saturating_mul(UNIT),
                count(self.room_all).saturating_mul(UNIT),
            ),
            ("jobs", used(self.jobs_all, jobs), count(self.jobs_all)),
        ]
    }
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

    fn admission() -> Admission {
        Admission::new(&Limits {
            memory: 8 << 20,
            message: 2 << 20,
            calls: 2,
            jobs: 1,
            idle: Duration::from_secs(1),
            call: Duration::from_secs(1),
            stop: Duration::from_secs(1),
        })
    }

    #[test]
    fn room_is_weighted_and_comes_back() {
        let admission = admission();
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
    fn what_never_finds_room_is_told_so() {
        let status = admission().room((2 << 20) + 1).unwrap_err();
        assert_eq!(status.code(), Code::OutOfRange);
    }

    #[test]
    fn seats_run_out() {
        let admission = admission();
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

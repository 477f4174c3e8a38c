//! When workers may be started, where some did not come up.

use mugai_core::{Loss, Refusal};
use std::time::{Duration, Instant};

/// How long nobody tries to start a worker after none came up, and how long one who needs a worker waits for another to try.
pub(super) const BLOCK_TIME: Duration = Duration::from_secs(1);

/// What is known of the starts of workers.
#[derive(Default)]
pub(super) struct Starts {
    /// How many came up.
    up: u64,
    /// None came up lately.
    blocked: Option<Blocked>,
}

/// A time in which nobody tries to start a worker, because none came up.
struct Blocked {
    /// Its end: then somebody may try once, and it begins anew unless that worker comes up.
    until: Instant,
    /// What is said to whoever needs one meanwhile; `None` where he waits.
    refusal: Option<Refusal>,
}

/// That somebody may try to start a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Permit {
    /// More than once; else once, for all that need one.
    pub(super) often: bool,
    /// How many had come up before.
    up: u64,
}

impl Starts {
    /// Whether one who needs a worker since `since` may try to start one now; else how long he waits before he asks again.
    ///
    /// # Errors
    /// What is said where nobody waits; `Lost(Crash)` to one who has waited for [`BLOCK_TIME`]: others try, and what they start
    /// does not live either.
    pub(super) fn permit(
        &mut self,
        since: Instant,
        now: Instant,
    ) -> Result<Result<Permit, Duration>, Refusal> {
        let up = self.up;
        let Some(blocked) = &mut self.blocked else {
            return Ok(Ok(Permit { often: true, up }));
        };
        let left = blocked.until.saturating_duration_since(now);
        if left.is_zero() {
            blocked.until = now.checked_add(BLOCK_TIME).unwrap_or(now);
            return Ok(Ok(Permit { often: false, up }));
        }
        if let Some(refusal) = &blocked.refusal {
            return Err(refusal.clone());
        }
        let waited = now.saturating_duration_since(since);
        match BLOCK_TIME.checked_sub(waited) {
            Some(rest) if !rest.is_zero() => Ok(Err(left.min(rest))),
            _ => Err(Refusal::Lost(Loss::Crash)),
        }
    }

    /// Whether workers do not come up now.
    pub(super) fn are_blocked(&self) -> bool {
        self.blocked.is_some()
    }

    /// No worker came up of those that `permit` was for; `refusal` is what is said until the next one is tried, where nobody
    /// waits for that. If somebody else's came up meanwhile, workers do come up.
    pub(super) fn block(&mut self, permit: Permit, refusal: Option<Refusal>, now: Instant) {
        if self.up == permit.up {
            let until = now.checked_add(BLOCK_TIME).unwrap_or(now);
            self.blocked = Some(Blocked { until, refusal });
        }
    }

    /// A worker has come up.
    pub(super) fn came_up(&mut self) {
        self.up = self.up.wrapping_add(1);
        self.blocked = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CRASH: Refusal = Refusal::Lost(Loss::Crash);

    fn blocked(refusal: Option<Refusal>) -> (Starts, Instant) {
        let (mut starts, now) = (Starts::default(), Instant::now());
        let permit = starts.permit(now, now).unwrap().unwrap();
        assert!(permit.often);
        starts.block(permit, refusal, now);
        (starts, now)
    }

    #[test]
    fn where_they_were_killed_one_tries_and_the_others_wait_for_a_second_in_all() {
        let (mut starts, begin) = blocked(None);
        let at = |ms| begin + Duration::from_millis(ms);
        // both need one from now on
        assert_eq!(starts.permit(begin, begin), Ok(Err(Duration::from_secs(1))));
        assert_eq!(
            starts.permit(at(100), at(900)),
            Ok(Err(Duration::from_millis(100)))
        );
        let first = starts.permit(begin, at(1_000)).unwrap().unwrap();
        assert!(!first.often);
        // he waits for that try, and for no other
        assert_eq!(
            starts.permit(at(100), at(1_001)),
            Ok(Err(Duration::from_millis(99)))
        );
        assert_eq!(starts.permit(at(100), at(1_100)), Err(CRASH));
        starts.block(first, None, at(1_200));
        assert_eq!(
            starts.permit(at(1_200), at(2_199)),
            Ok(Err(Duration::from_millis(1)))
        );
        // the time to try is not missed for having waited as long
        assert!(starts.permit(at(1_200), at(2_200)).unwrap().is_ok());
        assert_eq!(starts.permit(at(1_200), at(2_200)), Err(CRASH));
    }

    #[test]
    fn where_the_machine_is_broken_nobody_waits() {
        const WHY: Refusal = Refusal::internal("test: broken");
        let (mut starts, begin) = blocked(Some(WHY));
        assert_eq!(starts.permit(begin, begin), Err(WHY));
        let then = begin + BLOCK_TIME;
        assert!(!starts.permit(then, then).unwrap().unwrap().often);
        assert_eq!(starts.permit(then, then), Err(WHY));
    }

    #[test]
    fn one_who_fails_blocks_nobody_where_another_has_come_up() {
        let (mut starts, now) = (Starts::default(), Instant::now());
        let permit = starts.permit(now, now).unwrap().unwrap();
        starts.came_up();
        starts.block(permit, None, now);
        assert!(!starts.are_blocked());
        // before the first attempt it says nothing
        let permit = starts.permit(now, now).unwrap().unwrap();
        starts.block(permit, None, now);
        assert!(starts.are_blocked());
        starts.came_up();
        assert!(!starts.are_blocked());
    }
}

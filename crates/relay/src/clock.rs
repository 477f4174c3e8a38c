//! Whether the wall clock may be believed, before anything is deleted because it is old.
//!
//! A clock that is set wrongly by years would make all originals old at once, and one that was wrong when they were
//! kept, and is set right, would as well. The clock that only counts tells both: what the two have counted since they
//! were last looked at must be the same.

use std::time::{Duration, Instant, SystemTime};

/// How much further than the other one the wall clock may have gone.
const JUMP: Duration = Duration::from_hours(1);
/// How long nothing is deleted after it went further: a person has a day to set it right.
const GRACE: Duration = Duration::from_hours(24);

/// Both clocks when they were looked at last.
#[derive(Debug)]
pub(crate) struct Clock {
    wall: SystemTime,
    steady: Instant,
    /// Until when the wall clock is not believed, by the other one.
    doubted: Option<Instant>,
}

/// What is known of the wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    Believed,
    /// It has gone further than the other one, by so much, since it was last looked at.
    Jumped(Duration),
    /// It did so within the last day.
    Doubted,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self {
            wall: SystemTime::now(),
            steady: Instant::now(),
            doubted: None,
        }
    }

    /// Looks at both clocks.
    pub(crate) fn look(&mut self) -> Trust {
        self.see(SystemTime::now(), Instant::now())
    }

    fn see(&mut self, wall: SystemTime, steady: Instant) -> Trust {
        let counted = steady.saturating_duration_since(self.steady);
        // one that went back makes nothing old
        let passed = wall.duration_since(self.wall).unwrap_or_default();
        (self.wall, self.steady) = (wall, steady);
        let further = passed.saturating_sub(counted);
        if further > JUMP {
            self.doubted = steady.checked_add(GRACE);
            return Trust::Jumped(further);
        }
        if self.doubted.is_some_and(|until| steady < until) {
            return Trust::Doubted;
        }
        self.doubted = None;
        Trust::Believed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_jumps_is_believed_again_after_a_day() {
        let mut clock = Clock::new();
        let (mut wall, mut steady) = (clock.wall, clock.steady);
        let hour = Duration::from_hours(1);
        let mut pass = |by: Duration, jump: Duration| {
            wall = wall.checked_add(by + jump).unwrap();
            steady = steady.checked_add(by).unwrap();
            clock.see(wall, steady)
        };
        assert_eq!(pass(hour, Duration::ZERO), Trust::Believed);
        // as far as daylight saving, or a machine that slept for a moment
        assert_eq!(pass(hour, hour), Trust::Believed);
        let years = Duration::from_hours(24 * 365 * 10);
        assert_eq!(pass(hour, years), Trust::Jumped(years));
        for _ in 0..23 {
            assert_eq!(pass(hour, Duration::ZERO), Trust::Doubted);
        }
        assert_eq!(pass(hour, Duration::ZERO), Trust::Believed);
        assert_eq!(pass(hour, years), Trust::Jumped(years));
    }

    #[test]
    fn a_clock_that_goes_back_and_is_set_right_jumps_once() {
        let mut clock = Clock::new();
        let (wall, steady) = (clock.wall, clock.steady);
        let day = Duration::from_hours(24);
        let back = wall.checked_sub(day).unwrap();
        assert_eq!(clock.see(back, steady), Trust::Believed);
        assert_eq!(clock.see(wall, steady), Trust::Jumped(day));
    }
}

//! Whether the wall clock may be believed, before anything is deleted because it is old.
//!
//! A clock that is set wrongly by years would make all originals old at once, and one that was wrong when they were
//! kept, and is set right, would as well. The clock that only counts, from the start of the machine and while it sleeps,
//! tells both: what the two have counted since they were last looked at must be the same.

use rustix::time::{ClockId, clock_gettime};
use std::time::{Duration, SystemTime};

/// How much further than the other one the wall clock may have gone.
const JUMP: Duration = Duration::from_hours(1);
/// How long nothing is deleted after it went further: a person has a day to set it right.
const GRACE: Duration = Duration::from_hours(24);

/// Both clocks when they were looked at last.
#[derive(Debug)]
pub(crate) struct Clock {
    wall: SystemTime,
    /// Since the machine started.
    counted: Duration,
    /// Until when the wall clock is not believed, by the other one.
    doubted: Option<Duration>,
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
            counted: counted(),
            doubted: None,
        }
    }

    /// Looks at both clocks.
    pub(crate) fn look(&mut self) -> Trust {
        self.see(SystemTime::now(), counted())
    }

    fn see(&mut self, wall: SystemTime, counted: Duration) -> Trust {
        let since = counted.saturating_sub(self.counted);
        // one that went back makes nothing old
        let passed = wall.duration_since(self.wall).unwrap_or_default();
        (self.wall, self.counted) = (wall, counted);
        let further = passed.saturating_sub(since);
        if further > JUMP {
            self.doubted = counted.checked_add(GRACE);
            return Trust::Jumped(further);
        }
        if self.doubted.is_some_and(|until| counted < until) {
            return Trust::Doubted;
        }
        self.doubted = None;
        Trust::Believed
    }
}

/// What the clock that only counts says.
fn counted() -> Duration {
    Duration::try_from(clock_gettime(ClockId::Boottime)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_jumps_is_believed_again_after_a_day() {
        let mut clock = Clock::new();
        let (mut wall, mut counted) = (clock.wall, clock.counted);
        let hour = Duration::from_hours(1);
        let mut pass = |by: Duration, jump: Duration| {
            wall = wall.checked_add(by + jump).unwrap();
            counted = counted.checked_add(by).unwrap();
            clock.see(wall, counted)
        };
        assert_eq!(pass(hour, Duration::ZERO), Trust::Believed);
        // as far as somebody sets a clock right by hand
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
        let (wall, counted) = (clock.wall, clock.counted);
        let day = Duration::from_hours(24);
        let back = wall.checked_sub(day).unwrap();
        assert_eq!(clock.see(back, counted), Trust::Believed);
        assert_eq!(clock.see(wall, counted), Trust::Jumped(day));
    }
}

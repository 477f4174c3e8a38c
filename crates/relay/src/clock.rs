//! Whether the wall clock may be believed, before anything is deleted because it is old.
//!
//! A clock that is set wrongly by years would make all originals old at once, and one that was wrong when they were
//! kept, and is set right, would as well. The clock that only counts, from the start of the machine and while it sleeps,
//! tells both: what the two have counted since they were last looked at must be the same. What was seen is kept in a file,
//! for the relay may not be running when the clock is set.

use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How much further than the other one the wall clock may have gone, in seconds.
const JUMP: u64 = 60 * 60;
/// The same where the machine was switched off meanwhile, and nothing counted: nobody leaves a mail server off for longer.
const OFF: u64 = 7 * 24 * 60 * 60;
/// How long nothing is deleted after it went further, in seconds: a person has a day to set it right.
const GRACE: u64 = 24 * 60 * 60;

const FILE: &str = "clock.json";
/// What tells one start of the machine from another (random(4)).
const BOOT: &str = "/proc/sys/kernel/random/boot_id";

/// Both clocks when they were looked at, in seconds since 1970 and since the machine started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    boot: String,
    wall: u64,
    counted: u64,
    /// Until when the wall clock is not believed, by the other one.
    doubted: Option<u64>,
}

/// The clocks as they were seen last.
#[derive(Debug)]
pub(crate) struct Clock {
    file: PathBuf,
    seen: Option<Seen>,
}

/// What is known of the wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    Believed,
    /// It has gone further than the other one, by so much, since it was last looked at.
    Jumped(Duration),
    /// It did so within the last day, or nobody looked at it before.
    Doubted,
}

impl Clock {
    /// What was seen last, by the file in a folder; one that is missing or cannot be read is as if nobody had looked.
    pub(crate) fn open(state: &Path) -> Self {
        let file = state.join(FILE);
        let seen = std::fs::read(&file).ok();
        let seen = seen.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Self { file, seen }
    }

    /// Looks at both clocks.
    pub(crate) fn look(&mut self) -> Trust {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = Seen {
            boot: std::fs::read_to_string(BOOT).unwrap_or_default(),
            wall: since.unwrap_or_default().as_secs(),
            counted: u64::try_from(clock_gettime(ClockId::Boottime).tv_sec).unwrap_or(0),
            doubted: None,
        };
        self.see(now)
    }

    fn see(&mut self, mut now: Seen) -> Trust {
        let grace = Some(now.counted.saturating_add(GRACE));
        let (further, doubted) = match &self.seen {
            None => (0, grace),
            // one that went back makes nothing old
            Some(seen) if seen.boot == now.boot => {
                let passed = now.wall.saturating_sub(seen.wall);
                let counted = now.counted.saturating_sub(seen.counted);
                let further = passed.saturating_sub(counted);
                (if further > JUMP { further } else { 0 }, seen.doubted)
            }
            Some(seen) => {
                let off = now.wall.saturating_sub(seen.wall);
                let off = off.saturating_sub(now.counted);
                // what is left of a doubt: a machine that starts anew every night is believed some day
                let left = seen.doubted.map(|until| until.saturating_sub(seen.counted));
                let until = left.map(|left| now.counted.saturating_add(left));
                (if off > OFF { off } else { 0 }, until)
            }
        };
        now.doubted = if further > 0 {
            grace
        } else {
            doubted.filter(|until| now.counted < *until)
        };
        let is_doubted = now.doubted.is_some();
        self.seen = Some(now);
        match further {
            0 if is_doubted => Trust::Doubted,
            0 => Trust::Believed,
            further => Trust::Jumped(Duration::from_secs(further)),
        }
    }

    /// Keeps what was seen for the next start.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn keep(&self) -> io::Result<()> {
        let folder = self.file.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&serde_json::to_vec(&self.seen).map_err(io::Error::other)?)?;
        file.as_file().sync_all()?;
        file.persist(&self.file)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 60 * 60;
    const YEARS: u64 = 10 * 365 * 24 * HOUR;

    /// A clock, and what it shows.
    struct Shown {
        clock: Clock,
        boot: &'static str,
        wall: u64,
        counted: u64,
    }

    impl Shown {
        /// One that is believed.
        fn new(folder: &Path) -> Self {
            let clock = Clock::open(folder);
            let mut shown = Self {
                clock,
                boot: "first",
                wall: YEARS,
                counted: HOUR,
            };
            assert_eq!(shown.pass(0, 0), Trust::Doubted);
            assert_eq!(shown.pass(24 * HOUR, 0), Trust::Believed);
            shown
        }

        fn pass(&mut self, by: u64, jump: u64) -> Trust {
            self.counted = self.counted.saturating_add(by);
            self.wall = self.wall.saturating_add(by).saturating_add(jump);
            let trust = self.clock.see(Seen {
                boot: self.boot.to_owned(),
                wall: self.wall,
                counted: self.counted,
                doubted: None,
            });
            self.clock.keep().unwrap();
            // the relay starts again
            self.clock = Clock::open(self.clock.file.parent().unwrap());
            trust
        }
    }

    #[test]
    fn a_clock_that_jumps_is_believed_again_after_a_day() {
        let folder = tempfile::tempdir().unwrap();
        let mut shown = Shown::new(folder.path());
        // as far as somebody sets a clock right by hand
        assert_eq!(shown.pass(HOUR, HOUR), Trust::Believed);
        let jumped = Trust::Jumped(Duration::from_secs(YEARS));
        assert_eq!(shown.pass(HOUR, YEARS), jumped);
        for _ in 0..23 {
            assert_eq!(shown.pass(HOUR, 0), Trust::Doubted);
        }
        assert_eq!(shown.pass(HOUR, 0), Trust::Believed);
        assert_eq!(shown.pass(HOUR, YEARS), jumped);
    }

    #[test]
    fn a_clock_that_goes_back_and_is_set_right_jumps_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut shown = Shown::new(folder.path());
        shown.wall -= YEARS;
        assert_eq!(shown.pass(0, 0), Trust::Believed);
        let jumped = Trust::Jumped(Duration::from_secs(YEARS));
        assert_eq!(shown.pass(0, YEARS), jumped);
    }

    #[test]
    fn a_machine_that_was_off_for_days_is_believed_and_one_for_years_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let mut shown = Shown::new(folder.path());
        (shown.boot, shown.counted) = ("second", 0);
        assert_eq!(shown.pass(60, 3 * 24 * HOUR), Trust::Believed);
        (shown.boot, shown.counted) = ("third", 0);
        let jumped = Trust::Jumped(Duration::from_secs(YEARS));
        assert_eq!(shown.pass(60, YEARS), jumped);
        // a doubt is not ended by another start, and not made longer
        assert_eq!(shown.pass(20 * HOUR, 0), Trust::Doubted);
        (shown.boot, shown.counted) = ("fourth", 0);
        assert_eq!(shown.pass(60, HOUR), Trust::Doubted);
        assert_eq!(shown.pass(4 * HOUR, 0), Trust::Believed);
    }

    #[test]
    fn what_cannot_be_read_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), "{\"boot\":").unwrap();
        let mut clock = Clock::open(folder.path());
        assert_eq!(clock.look(), Trust::Doubted);
        clock.keep().unwrap();
        assert_eq!(Clock::open(folder.path()).seen, clock.seen);
    }
}

//! Files over which the run failed rest, longer each time, until they change.

use super::look::{State, now};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The longest rest.
const LONGEST: Duration = Duration::from_hours(1);
/// With more files than this, those that are gone are forgotten.
const MANY: usize = 1000;

/// Files that rest.
#[derive(Debug)]
pub(super) struct Resting {
    shortest: Duration,
    files: BTreeMap<PathBuf, Rest>,
}

#[derive(Debug)]
struct Rest {
    state: State,
    failures: u32,
    until: Instant,
}

impl Resting {
    /// Nothing rests yet; the first rest of a file is `shortest`, and each one twice the one before.
    pub(super) const fn new(shortest: Duration) -> Self {
        Self {
            shortest,
            files: BTreeMap::new(),
        }
    }

    /// The run failed over a file that is in this state now; none where it is gone.
    pub(super) fn failed(&mut self, path: &Path, state: Option<State>, at: Instant) {
        let Some(state) = state else {
            return self.forget(path);
        };
        let known = self.files.get(path).filter(|rest| rest.state == state);
        let before = known.map_or(0, |rest| rest.failures);
        let times = 2u32.saturating_pow(before);
        let long = self.shortest.saturating_mul(times).min(LONGEST);
        let rest = Rest {
            state,
            failures: before.saturating_add(1),
            until: at.checked_add(long).unwrap_or(at),
        };
        self.files.insert(path.to_owned(), rest);
        if self.files.len() > MANY {
            self.files.retain(|path, _| now(path).is_some());
        }
    }

    /// A file was taken.
    pub(super) fn forget(&mut self, path: &Path) {
        self.files.remove(path);
    }

    /// Whether a file in this state rests. One that changed is another file.
    pub(super) fn holds(&self, path: &Path, state: State, at: Instant) -> bool {
        let rest = self.files.get(path);
        rest.is_some_and(|rest| rest.state == state && at < rest.until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const STATE: State = (1, 2, 3, 4, 5);

    #[test]
    fn rests_grow_until_the_file_changes() {
        let mut resting = Resting::new(SECOND * 30);
        let path = Path::new("a");
        let mut at = Instant::now();
        for seconds in [30, 60, 120, 240, 480, 960, 1920, 3600, 3600] {
            resting.failed(path, Some(STATE), at);
            let end = at + SECOND * seconds;
            let before = at + SECOND * (seconds - 1);
            assert!(resting.holds(path, STATE, before), "{seconds}");
            assert!(!resting.holds(path, STATE, end), "{seconds}");
            at = end;
        }
        let other = (9, 2, 3, 4, 5);
        resting.failed(path, Some(STATE), at);
        assert!(!resting.holds(path, other, at));
        resting.failed(path, Some(other), at);
        assert!(resting.holds(path, other, at + SECOND * 29));
        assert!(!resting.holds(path, other, at + SECOND * 30));
    }

    #[test]
    fn what_was_taken_or_is_gone_does_not_rest() {
        let mut resting = Resting::new(SECOND);
        let (path, at) = (Path::new("a"), Instant::now());
        for gone in [true, false] {
            resting.failed(path, Some(STATE), at);
            if gone {
                resting.failed(path, None, at);
            } else {
                resting.forget(path);
            }
            assert!(!resting.holds(path, STATE, at));
        }
    }
}

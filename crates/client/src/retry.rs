//! When to try again.

use crate::hold::Trouble;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

/// How often, and after what waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// The most tries, at least 1.
    pub tries: u32,
    /// The first wait; each further one is twice as long.
    pub first: Duration,
    /// The longest wait.
    pub longest: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            tries: 4,
            first: Duration::from_millis(100),
            longest: Duration::from_secs(5),
        }
    }
}

impl Retry {
    /// How long to wait after `tries` tries, if there is to be another. `said` is what the service
    /// said about it, which is at least waited for.
    pub(crate) fn wait(
        &self,
        tries: u32,
        trouble: &Trouble,
        said: Option<Duration>,
    ) -> Option<Duration> {
        if tries >= self.tries || !trouble.may_pass() {
            return None;
        }
        let factor = 1u32
            .checked_shl(tries.saturating_sub(1))
            .unwrap_or(u32::MAX);
        let wait = self.first.saturating_mul(factor).min(self.longest);
        Some(spread(wait).max(said.unwrap_or_default()))
    }
}

/// Between the half and the whole of `wait`, so that callers that were refused together do not come
/// again together.
fn spread(wait: Duration) -> Duration {
    let chance = RandomState::new().build_hasher().finish() % 512;
    let part = u32::try_from(chance).unwrap_or(0).saturating_add(512);
    wait.saturating_mul(part).checked_div(1024).unwrap_or(wait)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonic::Code;

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let retry = Retry::default();
        let busy = Trouble::Status(Code::ResourceExhausted, String::new());
        let wrong = Trouble::Status(Code::InvalidArgument, String::new());
        assert!(retry.wait(1, &busy, None).is_some());
        assert!(retry.wait(4, &busy, None).is_none());
        assert!(retry.wait(1, &wrong, None).is_none());
        assert!(retry.wait(1, &Trouble::Deadline, None).is_none());
    }

    #[test]
    fn waits_grow_and_heed_the_service() {
        let retry = Retry::default();
        let busy = Trouble::Status(Code::ResourceExhausted, String::new());
        let second = retry.wait(2, &busy, None).unwrap();
        assert!(second >= Duration::from_millis(100) && second <= Duration::from_millis(200));
        let said = Some(Duration::from_mins(1));
        assert_eq!(retry.wait(1, &busy, said), said);
    }
}

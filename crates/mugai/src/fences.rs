//! Which fences a pool has to have, by its policies, and what is said where one is missing.

use crate::say::complain;
use mugai_engine::{Isolation, Policy};
use mugai_isolate::{Fences, Pool};

/// What a machine may lack, where all policies say so.
const WITHOUT_LANDLOCK: Fences = Fences::REQUIRED.without(Fences::LANDLOCK_FILES);

/// The fences without which no part is opened by any of these policies.
pub(crate) fn required<'a>(policies: impl IntoIterator<Item = &'a Policy>) -> Fences {
    let mut policies = policies.into_iter().peekable();
    let lenient = |policy: &Policy| policy.isolation() == Isolation::WithoutLandlock;
    if policies.peek().is_some() && policies.all(lenient) {
        WITHOUT_LANDLOCK
    } else {
        Fences::REQUIRED
    }
}

/// Says which fences are missing that a policy did not ask for.
pub(crate) fn tell(pool: &Pool) {
    let missing = Fences::REQUIRED.without(pool.capabilities().fences);
    if !missing.is_empty() {
        complain!("mugai: this machine lacks fences, and the policy accepts it: {missing}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_policy_that_insists_is_enough() {
        let policy = |isolation: &str| {
            Policy::parse(&format!("name = \"a\"\nisolation = \"{isolation}\"\n"))
        };
        let strict = policy("worker").expect("a policy");
        let lenient = policy("worker-without-landlock").expect("a policy");
        assert_eq!(required([&strict]), Fences::REQUIRED);
        assert_eq!(required([&lenient, &strict]), Fences::REQUIRED);
        assert_eq!(required(std::iter::empty()), Fences::REQUIRED);
        let left = Fences::REQUIRED.without(required([&lenient]));
        assert_eq!(left, Fences::LANDLOCK_FILES);
    }
}

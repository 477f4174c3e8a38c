//! Pools of workers: with which fences by their policies, and with which fonts.

use crate::say::complain;
use crate::{fonts, limits, suite};
use mugai_engine::{Isolation, Policy};
use mugai_isolate::{Config, Fences, Groups, Pool};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The variable that names the control group below which workers have theirs; an empty one means none.
const VARIABLE: &str = "MUGAI_CGROUP";

/// What a machine may lack, where all policies say so.
const WITHOUT_LANDLOCK: Fences = Fences::REQUIRED.without(Fences::LANDLOCK_FILES);

/// A pool for `jobs` files at a time.
pub(crate) fn one(
    policy: &Policy,
    from: &str,
    to: &str,
    jobs: usize,
    given: &[PathBuf],
) -> Result<Pool, String> {
    let deadline = policy
        .route(from, to)
        .map_or(Duration::from_secs(10), |route| route.deadline);
    within(deadline, required([policy]), jobs, given, None)
}

/// A pool for `jobs` files at a time, each part of which may take as long as any of these policies says. What is large
/// waits in `spool`, or where it does by default.
pub(crate) fn of<'a>(
    policies: impl IntoIterator<Item = &'a Policy, IntoIter: Clone>,
    jobs: usize,
    given: &[PathBuf],
    spool: Option<&Path>,
) -> Result<Pool, String> {
    let policies = policies.into_iter();
    let routes = policies.clone().flat_map(Policy::routes);
    let longest = routes.map(|route| route.deadline).max();
    let longest = longest.unwrap_or_default();
    within(longest, required(policies), jobs, given, spool)
}

fn within(
    deadline: Duration,
    required: Fences,
    jobs: usize,
    given: &[PathBuf],
    spool: Option<&Path>,
) -> Result<Pool, String> {
    limits::enough_for(jobs)?;
    let usual = Config::default();
    let config = Config {
        workers: jobs,
        deadline,
        fonts: fonts::all(given)?,
        converter: suite::find(deadline),
        required,
        groups: groups(),
        spool: spool.map(Path::to_path_buf).or(usual.spool.clone()),
        ..usual
    };
    let pool = Pool::new(config).map_err(|error| error.to_string())?;
    let missing = Fences::REQUIRED.without(pool.capabilities().fences);
    if !missing.is_empty() {
        complain!("mugai: this machine lacks fences, and the policy accepts it: {missing}");
    }
    let named = std::env::var_os(VARIABLE).is_some_and(|folder| !folder.is_empty());
    if let (true, Err(reason)) = (named, pool.groups()) {
        complain!("mugai: workers have no control groups, which {VARIABLE} asks for: {reason}");
    }
    Ok(pool)
}

/// Where workers have their control groups: where we are told, else in the subtree that is delegated to us.
pub(crate) fn groups() -> Groups {
    match std::env::var_os(VARIABLE) {
        None => Groups::Delegated,
        Some(folder) if folder.is_empty() => Groups::Never,
        Some(folder) => Groups::In(PathBuf::from(folder)),
    }
}

/// The fences without which no part is opened by any of these policies.
fn required<'a>(policies: impl IntoIterator<Item = &'a Policy, IntoIter: Clone>) -> Fences {
    let mut policies = policies.into_iter().map(Policy::isolation).peekable();
    if policies
        .clone()
        .any(|isolation| isolation == Isolation::InGroups)
    {
        return Fences::REQUIRED.and(Fences::GROUP);
    }
    let lenient = |isolation| isolation == Isolation::WithoutLandlock;
    if policies.peek().is_some() && policies.all(lenient) {
        WITHOUT_LANDLOCK
    } else {
        Fences::REQUIRED
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
        let grouped = policy("worker-in-group").expect("a policy");
        let wanted = Fences::REQUIRED.and(Fences::GROUP);
        assert_eq!(required([&grouped]), wanted);
        assert_eq!(required([&lenient, &strict, &grouped]), wanted);
        let left = Fences::REQUIRED.without(required([&lenient]));
        assert_eq!(left, Fences::LANDLOCK_FILES);
    }
}

//! Landlock: no file, no TCP port, no signal and no abstract socket beyond the border.

use crate::fence::Fences;
use landlock::{
    ABI, Access, AccessFs, AccessNet, LandlockStatus, RestrictionStatus, Ruleset, RulesetAttr,
    RulesetError, RulesetStatus, Scope,
};

/// The newest version whose rights we ask for; an older kernel gives what it has.
const NEWEST: ABI = ABI::V7;

/// Forbids everything that the kernel lets Landlock forbid; returns what that is, and the version.
pub(super) fn restrict() -> (Fences, u32) {
    let Ok(status) = forbid_everything() else {
        return (Fences::NONE, 0);
    };
    let LandlockStatus::Available { effective_abi, .. } = status.landlock else {
        return (Fences::NONE, 0);
    };
    let mut fences = Fences::NONE;
    if status.ruleset == RulesetStatus::NotEnforced {
        return (fences, 0);
    }
    for (since, fence) in [
        (ABI::V1, Fences::LANDLOCK_FILES),
        (ABI::V4, Fences::LANDLOCK_NET),
        (ABI::V6, Fences::LANDLOCK_SCOPE),
    ] {
        if effective_abi >= since {
            fences = fences.and(fence);
        }
    }
    (fences, version(effective_abi))
}

/// A set of rules without a rule: what is handled is forbidden everywhere.
fn forbid_everything() -> Result<RestrictionStatus, RulesetError> {
    Ruleset::default()
        .handle_access(AccessFs::from_all(NEWEST))?
        .handle_access(AccessNet::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()?
        .restrict_self()
}

fn version(abi: ABI) -> u32 {
    let numbers = (0..=100).zip(0u32..);
    let mut named = numbers.filter(|(number, _)| ABI::from(*number) == abi);
    named.next().map_or(0, |(_, version)| version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_their_numbers() {
        assert_eq!(version(ABI::Unsupported), 0);
        assert_eq!(version(ABI::V1), 1);
        assert_eq!(version(ABI::V7), 7);
    }
}

//! The fences around a worker, as a set.

use std::fmt;

/// A set of fences: those asked for, required, or found standing.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fences(u32);

impl Fences {
    /// Limits of memory, processor time, file size, processes, core dumps and descriptors, none of which was left open by
    /// whoever started us.
    pub const LIMITS: Self = Self(1);
    /// The worker dies with the pool that started it.
    pub const PARENT_DEATH: Self = Self(1 << 1);
    /// No process of the same user can trace the worker or read its memory.
    pub const UNDUMPABLE: Self = Self(1 << 2);
    /// `no_new_privs`: executing a program gives no privileges.
    pub const NO_NEW_PRIVS: Self = Self(1 << 3);
    /// Landlock denies every access to files.
    pub const LANDLOCK_FILES: Self = Self(1 << 4);
    /// Landlock denies TCP as well (Linux 6.7).
    pub const LANDLOCK_NET: Self = Self(1 << 5);
    /// Landlock denies signals and abstract sockets across its border as well (Linux 6.12).
    pub const LANDLOCK_SCOPE: Self = Self(1 << 6);
    /// The allow-list of system calls; any other call kills the worker.
    pub const SECCOMP: Self = Self(1 << 7);
    /// A control group of its own, with limits of memory and processes, where a subtree was delegated to us. It is put
    /// up by the pool, not by the worker.
    pub const GROUP: Self = Self(1 << 8);

    /// No fence.
    pub const NONE: Self = Self(0);
    /// Every fence there is.
    pub const ALL: Self = Self(0x1ff);
    /// What a pool requires unless it is told otherwise: everything but the two newer abilities of
    /// Landlock, since the allow-list denies sockets and signals in any case, and but for the group, which has to be
    /// delegated by somebody.
    pub const REQUIRED: Self = Self::ALL
        .without(Self::LANDLOCK_NET)
        .without(Self::LANDLOCK_SCOPE)
        .without(Self::GROUP);

    const NAMES: [(Self, &'static str); 9] = [
        (Self::LIMITS, "limits"),
        (Self::PARENT_DEATH, "parent-death"),
        (Self::UNDUMPABLE, "undumpable"),
        (Self::NO_NEW_PRIVS, "no-new-privs"),
        (Self::LANDLOCK_FILES, "landlock-files"),
        (Self::LANDLOCK_NET, "landlock-net"),
        (Self::LANDLOCK_SCOPE, "landlock-scope"),
        (Self::SECCOMP, "seccomp"),
        (Self::GROUP, "cgroup"),
    ];

    /// Every fence by its name, the outermost first.
    pub fn each() -> impl Iterator<Item = (Self, &'static str)> {
        Self::NAMES.into_iter()
    }

    /// All fences of both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The fences of this set that are not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether all fences of `other` are in this set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        other.without(self).is_empty()
    }

    /// Whether there is no fence in this set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The set as it goes over the wire.
    pub(crate) const fn bits(self) -> u32 {
        self.0
    }

    /// The set from the wire; `None` when it has a fence that we do not know.
    pub(crate) fn from_bits(bits: u32) -> Option<Self> {
        Self::ALL.contains(Self(bits)).then_some(Self(bits))
    }
}

impl fmt::Display for Fences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (fence, name) in Self::NAMES {
            if self.contains(fence) {
                write!(f, "{separator}{name}")?;
                separator = ", ";
            }
        }
        if separator.is_empty() {
            f.write_str("none")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fences({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fence_has_one_name_and_one_bit() {
        let all = Fences::NAMES
            .iter()
            .fold(Fences::NONE, |sum, (fence, _)| sum.and(*fence));
        assert_eq!(all, Fences::ALL);
        assert_eq!(Fences::from_bits(Fences::ALL.bits()), Some(Fences::ALL));
        assert_eq!(Fences::from_bits(1 << 9), None);
    }

    #[test]
    fn missing_fences_are_named() {
        let missing = Fences::REQUIRED.without(Fences::REQUIRED.without(Fences::SECCOMP));
        assert_eq!(missing.to_string(), "seccomp");
        assert_eq!(Fences::NONE.to_string(), "none");
        assert_eq!(
            Fences::LIMITS.and(Fences::SECCOMP).to_string(),
            "limits, seccomp"
        );
    }
}

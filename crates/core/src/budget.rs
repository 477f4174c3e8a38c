//! The purse: what reading a part may cost.

use crate::refusal::Refusal;
use std::cell::Cell;

/// What can run out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Resource {
    /// Bytes decoded, inflated or produced.
    Bytes,
    /// Pixels decoded or drawn.
    Pixels,
    /// Parts found inside.
    Parts,
    /// Nesting depth. Charged once a level, counted from the root of the job.
    Depth,
    /// Deterministic units of work, about one simple operation each.
    Steps,
}

impl Resource {
    /// All resources, in the order of their wire tags.
    pub const ALL: [Self; 5] = [
        Self::Bytes,
        Self::Pixels,
        Self::Parts,
        Self::Depth,
        Self::Steps,
    ];

    /// The stable code for reports.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Pixels => "pixels",
            Self::Parts => "parts",
            Self::Depth => "depth",
            Self::Steps => "steps",
        }
    }
}

/// How much of each resource there is; units as in [`Resource`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Bytes decoded, inflated or produced.
    pub bytes: u64,
    /// Pixels decoded or drawn.
    pub pixels: u64,
    /// Parts found inside.
    pub parts: u64,
    /// Levels of nesting below the root.
    pub depth: u64,
    /// Deterministic work.
    pub steps: u64,
}

impl Limits {
    /// Nothing of anything.
    pub const NOTHING: Self = Self {
        bytes: 0,
        pixels: 0,
        parts: 0,
        depth: 0,
        steps: 0,
    };

    /// The limit of one resource.
    #[must_use]
    pub const fn of(&self, resource: Resource) -> u64 {
        match resource {
            Resource::Bytes => self.bytes,
            Resource::Pixels => self.pixels,
            Resource::Parts => self.parts,
            Resource::Depth => self.depth,
            Resource::Steps => self.steps,
        }
    }

    /// The lesser of both, resource by resource: how a part's cap meets what its job has left.
    #[must_use]
    pub fn least(self, other: Self) -> Self {
        Self {
            bytes: self.bytes.min(other.bytes),
            pixels: self.pixels.min(other.pixels),
            parts: self.parts.min(other.parts),
            depth: self.depth.min(other.depth),
            steps: self.steps.min(other.steps),
        }
    }

    /// What is left when `other` is taken away, resource by resource.
    #[must_use]
    const fn less(self, other: &Self) -> Self {
        Self {
            bytes: self.bytes.saturating_sub(other.bytes),
            pixels: self.pixels.saturating_sub(other.pixels),
            parts: self.parts.saturating_sub(other.parts),
            depth: self.depth.saturating_sub(other.depth),
            steps: self.steps.saturating_sub(other.steps),
        }
    }

    /// The sum of both, resource by resource.
    #[must_use]
    pub fn plus(mut self, other: &Self) -> Self {
        for resource in Resource::ALL {
            self = self.more(resource, other.of(resource));
        }
        self
    }

    /// The same with `amount` more of one resource.
    const fn more(mut self, resource: Resource, amount: u64) -> Self {
        let slot = match resource {
            Resource::Bytes => &mut self.bytes,
            Resource::Pixels => &mut self.pixels,
            Resource::Parts => &mut self.parts,
            Resource::Depth => &mut self.depth,
            Resource::Steps => &mut self.steps,
        };
        *slot = slot.saturating_add(amount);
        self
    }
}

/// A purse: charged *before* the work is done, never refunded.
///
/// It is a shared handle within one thread, so that every layer of a reader spends the same money.
#[derive(Debug)]
pub struct Budget {
    limits: Limits,
    bytes: Cell<u64>,
    pixels: Cell<u64>,
    parts: Cell<u64>,
    depth: Cell<u64>,
    steps: Cell<u64>,
    /// Whether what is charged now is somebody else's account.
    is_aside: Cell<bool>,
    /// What was charged on somebody else's account; part of what was spent.
    aside: Cell<Limits>,
    #[cfg(debug_assertions)]
    faults: Faults,
}

/// Charges that fail whatever is left, for tests of what becomes of a reader then; in builds for work there are none.
#[cfg(debug_assertions)]
#[derive(Debug)]
struct Faults {
    /// Charges so far.
    count: Cell<u64>,
    /// The number of the first charge that fails, counted from 1, and whether all behind it do.
    first: Cell<Option<(u64, bool)>>,
}

#[cfg(debug_assertions)]
impl Faults {
    const fn none() -> Self {
        Self {
            count: Cell::new(0),
            first: Cell::new(None),
        }
    }

    /// Counts a charge: whether it is one that fails.
    fn strikes(&self) -> bool {
        let number = self.count.get().saturating_add(1);
        self.count.set(number);
        let first = self.first.get();
        first.is_some_and(|(first, on)| number == first || (on && number > first))
    }
}

impl Budget {
    /// A full purse.
    #[must_use]
    pub const fn new(limits: Limits) -> Self {
        Self {
            limits,
            bytes: Cell::new(0),
            pixels: Cell::new(0),
            parts: Cell::new(0),
            depth: Cell::new(0),
            steps: Cell::new(0),
            is_aside: Cell::new(false),
            aside: Cell::new(Limits::NOTHING),
            #[cfg(debug_assertions)]
            faults: Faults::none(),
        }
    }

    /// A full purse of which charge `number` fails, counted from 1, and with `on` all behind it.
    #[cfg(debug_assertions)]
    #[must_use]
    pub fn failing(limits: Limits, number: u64, on: bool) -> Self {
        let budget = Self::new(limits);
        budget.faults.first.set(Some((number, on)));
        budget
    }

    /// How many charges there were.
    #[cfg(debug_assertions)]
    #[must_use]
    pub const fn charges(&self) -> u64 {
        self.faults.count.get()
    }

    /// Empties the account: all of the purse is there again. For the side that gives orders, before it gives one
    /// a second time.
    pub fn restart(&self) {
        for resource in Resource::ALL {
            self.cell(resource).set(0);
        }
        self.aside.set(Limits::NOTHING);
    }

    /// From now on what is charged is paid, but for somebody else (see [`crate::Share`]), or no longer so.
    pub fn set_aside(&self, is_aside: bool) {
        self.is_aside.set(is_aside);
    }

    /// Whether what is charged is paid for somebody else.
    pub const fn is_aside(&self) -> bool {
        self.is_aside.get()
    }

    /// What has been spent of everything on nobody else's account.
    #[must_use]
    pub fn own_spent(&self) -> Limits {
        self.all_spent().less(&self.aside.get())
    }

    /// The limits that this purse was filled with.
    #[must_use]
    pub const fn limits(&self) -> Limits {
        self.limits
    }

    const fn cell(&self, resource: Resource) -> &Cell<u64> {
        match resource {
            Resource::Bytes => &self.bytes,
            Resource::Pixels => &self.pixels,
            Resource::Parts => &self.parts,
            Resource::Depth => &self.depth,
            Resource::Steps => &self.steps,
        }
    }

    /// Pays `amount` of `resource` in advance.
    ///
    /// # Errors
    /// [`Refusal::Overrun`] when it is more than what is left; nothing is spent then.
    pub fn charge(&self, resource: Resource, amount: u64) -> Result<(), Refusal> {
        let limit = self.limits.of(resource);
        #[cfg(debug_assertions)]
        if self.faults.strikes() {
            return Err(Refusal::Overrun { resource, limit });
        }
        let cell = self.cell(resource);
        match cell.get().checked_add(amount) {
            Some(sum) if sum <= limit => {
                cell.set(sum);
                if self.is_aside.get() {
                    self.aside.set(self.aside.get().more(resource, amount));
                }
                Ok(())
            }
            _ => Err(Refusal::Overrun { resource, limit }),
        }
    }

    /// [`Self::charge`] for a length in memory.
    pub fn charge_len(&self, resource: Resource, amount: usize) -> Result<(), Refusal> {
        self.charge(resource, u64::try_from(amount).unwrap_or(u64::MAX))
    }

    /// What has been spent so far.
    #[must_use]
    pub fn spent(&self, resource: Resource) -> u64 {
        self.cell(resource).get()
    }

    /// What has been spent of everything so far.
    #[must_use]
    pub fn all_spent(&self) -> Limits {
        Limits {
            bytes: self.bytes.get(),
            pixels: self.pixels.get(),
            parts: self.parts.get(),
            depth: self.depth.get(),
            steps: self.steps.get(),
        }
    }

    /// Takes over what somebody else says to have spent from an equal purse: of each resource the
    /// greater of that and what was charged here.
    ///
    /// # Errors
    /// [`Refusal::Overrun`] when it says more than the purse held; nothing is taken over then.
    pub fn take_over(&self, spent: &Limits) -> Result<(), Refusal> {
        for resource in Resource::ALL {
            let limit = self.limits.of(resource);
            if spent.of(resource) > limit {
                return Err(Refusal::Overrun { resource, limit });
            }
        }
        for resource in Resource::ALL {
            let cell = self.cell(resource);
            cell.set(cell.get().max(spent.of(resource)));
        }
        Ok(())
    }

    /// What is left of everything.
    #[must_use]
    pub fn left(&self) -> Limits {
        let left = |r: Resource| self.limits.of(r).saturating_sub(self.spent(r));
        Limits {
            bytes: left(Resource::Bytes),
            pixels: left(Resource::Pixels),
            parts: left(Resource::Parts),
            depth: left(Resource::Depth),
            steps: left(Resource::Steps),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        bytes: 10,
        pixels: 20,
        parts: 3,
        depth: 2,
        steps: 100,
    };

    #[test]
    fn every_resource_stops_one_past_its_limit_and_not_at_it() {
        for resource in Resource::ALL {
            let budget = Budget::new(LIMITS);
            let limit = LIMITS.of(resource);
            assert_eq!(budget.charge(resource, limit), Ok(()));
            assert_eq!(
                budget.charge(resource, 1),
                Err(Refusal::Overrun { resource, limit }),
                "{resource:?}"
            );
            assert_eq!(budget.spent(resource), limit);
        }
    }

    #[test]
    fn what_is_paid_for_others_counts_for_the_limit_and_not_for_the_account() {
        let budget = Budget::new(LIMITS);
        budget.charge(Resource::Bytes, 3).unwrap();
        budget.set_aside(true);
        budget.charge(Resource::Bytes, 4).unwrap();
        budget.charge(Resource::Steps, 40).unwrap();
        budget.set_aside(false);
        budget.charge(Resource::Steps, 50).unwrap();
        assert!(budget.charge(Resource::Bytes, 4).is_err());
        assert!(budget.charge(Resource::Steps, 11).is_err());
        let own = budget.own_spent();
        assert_eq!((own.bytes, own.steps), (3, 50));
        assert_eq!(own.plus(&own).steps, 100);
        budget.restart();
        assert_eq!(budget.all_spent(), Limits::NOTHING);
        assert_eq!(budget.own_spent(), Limits::NOTHING);
        assert_eq!(budget.left(), LIMITS);
    }

    #[test]
    fn what_another_purse_spent_is_taken_over_once() {
        let budget = Budget::new(LIMITS);
        budget.charge(Resource::Bytes, 5).unwrap();
        budget.charge(Resource::Parts, 2).unwrap();
        let said = Limits {
            bytes: 8,
            pixels: 20,
            parts: 1,
            depth: 0,
            steps: 3,
        };
        budget.take_over(&said).unwrap();
        assert_eq!(
            budget.all_spent(),
            Limits {
                bytes: 8,
                pixels: 20,
                parts: 2,
                depth: 0,
                steps: 3
            }
        );
        let over = Limits {
            bytes: 11,
            steps: 50,
            ..said
        };
        assert!(budget.take_over(&over).is_err());
        assert_eq!(budget.spent(Resource::Steps), 3);
    }

    #[test]
    fn an_overflowing_charge_is_refused_and_spends_nothing() {
        let budget = Budget::new(Limits {
            bytes: u64::MAX,
            ..LIMITS
        });
        budget.charge(Resource::Bytes, 5).unwrap();
        assert!(budget.charge(Resource::Bytes, u64::MAX).is_err());
        assert_eq!(budget.spent(Resource::Bytes), 5);
    }
}

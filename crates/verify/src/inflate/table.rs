//! Tables of prefix codes (RFC 1951 section 3.2.2): the next bits say which code it is, how long it is, and what
//! it means.

use std::sync::LazyLock;

/// How many bits the first look takes; longer codes take a second one.
const FIRST: u32 = 10;
const FIRST_SIZE: usize = 1 << FIRST;
/// The longest code has 15 bits.
const MORE_SIZE: usize = 1 << (15 - FIRST);
const LONGEST: usize = 15;

/// The most further bits of a length or distance.
pub(super) const MOST_EXTRA: u8 = 13;
/// What an entry is, where it is not a length or distance of so many further bits.
pub(super) const LITERAL: u8 = 0x20;
pub(super) const END: u8 = 0x21;
const MORE: u8 = 0x22;
const NONE: u8 = 0x23;

/// What some bits mean.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    /// A byte, the least length or distance, or where to look on.
    pub(super) value: u16,
    /// How many bits it takes.
    pub(super) bits: u8,
    pub(super) what: u8,
}

impl Entry {
    const fn new(value: u16, what: u8) -> Self {
        Self {
            value,
            bits: 0,
            what,
        }
    }

    pub(super) const fn byte(self) -> u8 {
        self.value.to_le_bytes()[0]
    }
}

const NOTHING: Entry = Entry::new(0, NONE);

/// A code.
pub(super) struct Table {
    first: Box<[Entry; FIRST_SIZE]>,
    more: Vec<Entry>,
}

impl Table {
    /// What the lowest of `bits` mean.
    #[inline]
    pub(super) fn look(&self, bits: u64) -> Entry {
        const MASK: u64 = (1 << FIRST) - 1;
        let place = usize::try_from(bits & MASK).unwrap_or(0);
        let entry = self.first.get(place).copied().unwrap_or(NOTHING);
        if entry.what != MORE {
            return entry;
        }
        let mask = u64::try_from(MORE_SIZE).unwrap_or(1).wrapping_sub(1);
        let place = usize::try_from(bits >> FIRST & mask).unwrap_or(0);
        let place = usize::from(entry.value).wrapping_add(place);
        self.more.get(place).copied().unwrap_or(NOTHING)
    }

    /// The code of symbols whose codes have these lengths; `None` where it is not one.
    ///
    /// Every sequence of bits is a code, but where there is one symbol only, of one bit, or none.
    fn of(lengths: &[u8], mean: impl Fn(usize) -> Entry) -> Option<Self> {
        let mut next = starts(lengths)?;
        let mut table = Self {
            first: Box::new([NOTHING; FIRST_SIZE]),
            more: Vec::new(),
        };
        for (symbol, length) in lengths.iter().enumerate() {
            let Some(bits) = u32::from(*length).checked_sub(1) else {
                continue;
            };
            let next = next.get_mut(usize::from(*length))?;
            let code = usize::from(next.reverse_bits().wrapping_shr(15u32.checked_sub(bits)?));
            *next = next.wrapping_add(1);
            table.put(code, *length, mean(symbol))?;
        }
        Some(table)
    }

    /// Puts an entry wherever the lowest bits are `code`.
    fn put(&mut self, code: usize, length: u8, entry: Entry) -> Option<()> {
        let entry = Entry {
            bits: length,
            ..entry
        };
        let Some(behind) = u32::from(length)
            .checked_sub(FIRST)
            .filter(|more| *more > 0)
        else {
            let places = (code..FIRST_SIZE).step_by(1usize.wrapping_shl(u32::from(length)));
            for place in places {
                *self.first.get_mut(place)? = entry;
            }
            return Some(());
        };
        let first = self.first.get_mut(code & (FIRST_SIZE - 1))?;
        if first.what != MORE {
            *first = Entry::new(u16::try_from(self.more.len()).ok()?, MORE);
            let longer = self.more.len().checked_add(MORE_SIZE)?;
            self.more.resize(longer, NOTHING);
        }
        let start = usize::from(first.value);
        let places = (code >> FIRST..MORE_SIZE).step_by(1usize.wrapping_shl(behind));
        for place in places {
            *self.more.get_mut(start.checked_add(place)?)? = entry;
        }
        Some(())
    }
}

/// The first code of each length.
fn starts(lengths: &[u8]) -> Option<[u16; LONGEST + 1]> {
    let mut counts = [0u16; LONGEST + 1];
    for length in lengths.iter().filter(|length| **length > 0) {
        let count = counts.get_mut(usize::from(*length))?;
        *count = count.checked_add(1)?;
    }
    let mut starts = [0u16; LONGEST + 1];
    let mut code = 0u32;
    for (start, count) in starts.iter_mut().zip(counts) {
        *start = u16::try_from(code).unwrap_or(0);
        code = code.checked_add(u32::from(count))?.checked_mul(2)?;
    }
    let full = 1u32 << (LONGEST + 1);
    let few = counts.iter().sum::<u16>() == counts[1] && counts[1] < 2;
    (code == full || few).then_some(starts)
}

/// The code of the lengths of other codes.
pub(super) fn lengths(lengths: &[u8]) -> Option<Table> {
    Table::of(lengths, |symbol| {
        Entry::new(u16::try_from(symbol).unwrap_or(0), LITERAL)
    })
}

/// The code of bytes and lengths.
pub(super) fn codes(lengths: &[u8]) -> Option<Table> {
    Table::of(lengths, |symbol| match symbol {
        0..=255 => Entry::new(u16::try_from(symbol).unwrap_or(0), LITERAL),
        256 => Entry::new(0, END),
        285 => Entry::new(258, 0),
        _ => symbol
            .checked_sub(257)
            .and_then(|place| stepped(place, 4, 3))
            .filter(|_| symbol < 285)
            .unwrap_or(NOTHING),
    })
}

/// The code of distances.
pub(super) fn distances(lengths: &[u8]) -> Option<Table> {
    Table::of(lengths, |symbol| {
        stepped(symbol, 2, 1)
            .filter(|_| symbol < 30)
            .unwrap_or(NOTHING)
    })
}

/// Lengths and distances grow alike (section 3.2.5): after twice `each`, every `each` of them have one further bit.
fn stepped(place: usize, each: usize, least: usize) -> Option<Entry> {
    let Some(extra) = place.checked_div(each)?.checked_sub(1) else {
        return Some(Entry::new(
            u16::try_from(place.checked_add(least)?).ok()?,
            0,
        ));
    };
    let step = each.checked_add(place.checked_rem(each)?)?;
    let shift = u32::try_from(extra).ok()?;
    let value = step.checked_shl(shift)?.checked_add(least)?;
    Some(Entry::new(
        u16::try_from(value).ok()?,
        u8::try_from(extra).ok()?,
    ))
}

/// The codes that need not be told (section 3.2.6).
pub(super) fn fixed() -> (&'static Table, &'static Table) {
    static FIXED: LazyLock<Option<(Table, Table)>> = LazyLock::new(|| {
        let mut lengths = [8u8; 288];
        lengths.get_mut(144..256)?.fill(9);
        lengths.get_mut(256..280)?.fill(7);
        Some((codes(&lengths)?, distances(&[5; 32])?))
    });
    static EMPTY: LazyLock<Table> = LazyLock::new(|| Table {
        first: Box::new([NOTHING; FIRST_SIZE]),
        more: Vec::new(),
    });
    FIXED
        .as_ref()
        .map_or((&EMPTY, &EMPTY), |(codes, distances)| (codes, distances))
}

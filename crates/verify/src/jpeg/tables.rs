//! The example Huffman tables of ITU-T T.81, section K.3, and decoding with them.

use std::sync::LazyLock;

/// A table as it stands in a DHT segment (T.81 section B.2.4.2).
pub(super) struct Table {
    /// How many codes there are of 1 to 16 bits.
    pub(super) counts: [u8; 16],
    /// What they stand for, the shortest code first.
    pub(super) values: &'static [u8],
}

/// Table K.3: differences of DC values, luminance.
const DC_LUMA: Table = Table {
    counts: [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0],
    values: &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
};

/// Table K.4: differences of DC values, colour.
const DC_CHROMA: Table = Table {
    counts: [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0],
    values: &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
};

/// Table K.5: runs and sizes of AC values, luminance.
const AC_LUMA: Table = Table {
    counts: [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125],
    values: &[
        0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61,
        0x07, 0x22, 0x71, 0x14, 0x32, 0x81, 0x91, 0xA1, 0x08, 0x23, 0x42, 0xB1, 0xC1, 0x15, 0x52,
        0xD1, 0xF0, 0x24, 0x33, 0x62, 0x72, 0x82, 0x09, 0x0A, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x25,
        0x26, 0x27, 0x28, 0x29, 0x2A, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3A, 0x43, 0x44, 0x45,
        0x46, 0x47, 0x48, 0x49, 0x4A, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5A, 0x63, 0x64,
        0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A, 0x83,
        0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99,
        0x9A, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xA9, 0xAA, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6,
        0xB7, 0xB8, 0xB9, 0xBA, 0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xD2, 0xD3,
        0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA, 0xE1, 0xE2, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8,
        0xE9, 0xEA, 0xF1, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0xFA,
    ],
};

/// Table K.6: runs and sizes of AC values, colour.
const AC_CHROMA: Table = Table {
    counts: [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119],
    values: &[
        0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07, 0x61,
        0x71, 0x13, 0x22, 0x32, 0x81, 0x08, 0x14, 0x42, 0x91, 0xA1, 0xB1, 0xC1, 0x09, 0x23, 0x33,
        0x52, 0xF0, 0x15, 0x62, 0x72, 0xD1, 0x0A, 0x16, 0x24, 0x34, 0xE1, 0x25, 0xF1, 0x17, 0x18,
        0x19, 0x1A, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3A, 0x43, 0x44,
        0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5A, 0x63,
        0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A,
        0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97,
        0x98, 0x99, 0x9A, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xA9, 0xAA, 0xB2, 0xB3, 0xB4,
        0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA,
        0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA, 0xE2, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7,
        0xE8, 0xE9, 0xEA, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0xFA,
    ],
};

/// Class and identifier of each table, in the order that we write them.
const ALL: [(u8, Table); 4] = [
    (0x00, DC_LUMA),
    (0x10, AC_LUMA),
    (0x01, DC_CHROMA),
    (0x11, AC_CHROMA),
];

/// The tables of a file with `components` components: grey needs the first two.
pub(super) fn of(components: usize) -> impl Iterator<Item = &'static (u8, Table)> {
    ALL.iter().take(if components == 1 { 2 } else { 4 })
}

/// A table to decode with: length and meaning of the code at the top of every 16 bits, and the short codes of it,
/// which are nearly all that come, in a table that stays near.
pub(super) struct Lookup {
    long: Vec<(u8, u8)>,
    short: Vec<(u8, u8)>,
}

/// Bits that a short code has at most.
const SHORT: u8 = 9;

impl Lookup {
    /// Codes are consecutive numbers, one more bit long at each length (T.81 section C.2), so that
    /// their entries follow each other; what is left has no code.
    fn new(table: &Table) -> Self {
        let mut long = Vec::new();
        let mut values = table.values.iter();
        for (length, count) in (1u8..=16).zip(table.counts) {
            let span = 1usize.wrapping_shl(16u32.wrapping_sub(u32::from(length)));
            for value in values.by_ref().take(usize::from(count)) {
                long.extend(std::iter::repeat_n((length, *value), span));
            }
        }
        long.resize(65_536, (0, 0));
        let is_short = |entry: (u8, u8)| if entry.0 <= SHORT { entry } else { (0, 0) };
        let every = 1usize.wrapping_shl(u32::from(16 - SHORT));
        let short = long.iter().step_by(every).copied().map(is_short).collect();
        Self { long, short }
    }

    /// The bits and the meaning of the code that `pool` begins with.
    #[inline]
    pub(super) fn find(&self, pool: u64) -> Option<(u32, u8)> {
        let index = usize::try_from(pool >> (64 - SHORT)).ok()?;
        let (mut length, mut value) = *self.short.get(index)?;
        if length == 0 {
            (length, value) = *self.long.get(usize::try_from(pool >> 48).ok()?)?;
        }
        (length > 0).then_some((u32::from(length), value))
    }
}

/// All tables, to decode with.
pub(super) struct Decoders {
    luma: (Lookup, Lookup),
    chroma: (Lookup, Lookup),
}

/// They are the same for all files, and long: made once.
static DECODERS: LazyLock<Decoders> = LazyLock::new(|| Decoders {
    luma: (Lookup::new(&DC_LUMA), Lookup::new(&AC_LUMA)),
    chroma: (Lookup::new(&DC_CHROMA), Lookup::new(&AC_CHROMA)),
});

impl Decoders {
    pub(super) fn get() -> &'static Self {
        &DECODERS
    }

    /// The tables of DC and AC values.
    pub(super) const fn of(&self, chroma: bool) -> (&Lookup, &Lookup) {
        let (dc, ac) = if chroma { &self.chroma } else { &self.luma };
        (dc, ac)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_a_code_and_the_code_of_all_ones_is_none() {
        for (_, table) in ALL {
            let sum: usize = table.counts.iter().map(|c| usize::from(*c)).sum();
            assert_eq!(sum, table.values.len());
            let lookup = Lookup::new(&table);
            assert_eq!(lookup.long.len(), 65_536);
            assert_eq!(lookup.short.len(), 512);
            for (top, entry) in (0u64..).zip(&lookup.long) {
                let found = lookup.find(top << 48);
                let said = (entry.0 > 0).then_some((u32::from(entry.0), entry.1));
                assert_eq!(found, said);
            }
            assert!(lookup.find(u64::MAX).is_none());
            for value in table.values {
                assert!(lookup.long.iter().any(|(l, v)| *l > 0 && v == value));
            }
        }
    }
}

//! Decoding of a baseline scan, without making pixels of it (ITU-T T.81 section F.2).

use super::tables::{self, Lookup};
use mugai_core::Violation;

/// One component of a frame.
pub(super) struct Component {
    /// Blocks in each MCU.
    blocks: u32,
    /// Whether it uses the tables for colour.
    chroma: bool,
}

impl Component {
    pub(super) const LUMA: Self = Self {
        blocks: 1,
        chroma: false,
    };
    pub(super) const LUMA_2X2: Self = Self {
        blocks: 4,
        chroma: false,
    };
    pub(super) const CHROMA: Self = Self {
        blocks: 1,
        chroma: true,
    };
}

/// The largest quantised DC value of 8-bit samples (T.81 table F.1: categories up to 11).
const MAX_DC: i32 = 2047;

/// Decodes exactly `mcus` units from byte `at` on, and returns where the scan ends.
///
/// # Errors
/// A code that is none, coefficients past the 63rd, a DC value out of range, data that ends early,
/// or bits behind the last unit that are not all 1.
pub(super) fn check(
    bytes: &[u8],
    at: usize,
    components: &[Component],
    mcus: u64,
) -> Result<usize, Violation> {
    let mut bits = Bits::new(bytes, at);
    let tables = tables::Decoders::get();
    let mut levels = [0i32; 3];
    for _ in 0..mcus {
        for (component, level) in components.iter().zip(&mut levels) {
            let (dc, ac) = tables.of(component.chroma);
            for _ in 0..component.blocks {
                block(&mut bits, dc, ac, level)?;
            }
        }
    }
    bits.end()
}

/// One block of 64 coefficients; `level` is the DC value of the one before.
fn block(bits: &mut Bits<'_>, dc: &Lookup, ac: &Lookup, level: &mut i32) -> Result<(), Violation> {
    let size = u32::from(bits.symbol(dc)?);
    *level = level.wrapping_add(bits.signed(size)?);
    if !(-MAX_DC..=MAX_DC).contains(level) {
        return Err(bits.violation("jpeg: DC value"));
    }
    let mut place = 0u32;
    while place < 63 {
        let symbol = bits.symbol(ac)?;
        let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
        match (run, size) {
            (0, 0) => return Ok(()),
            (15, 0) => place = place.wrapping_add(16),
            _ => {
                place = place.wrapping_add(run).wrapping_add(1);
                bits.signed(size)?;
            }
        }
        // behind sixteen zeros there is always another coefficient
        if place > 63 || (place == 63 && size == 0) {
            return Err(bits.violation("jpeg: more than 63 AC values"));
        }
    }
    Ok(())
}

/// Bits of a scan, its stuffed zeros left out (T.81 section F.2.2.5).
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Bits that were read and not used, the next one highest.
    pool: u64,
    /// How many of them there are.
    held: u32,
}

impl<'a> Bits<'a> {
    const fn new(bytes: &'a [u8], at: usize) -> Self {
        Self {
            bytes,
            at,
            pool: 0,
            held: 0,
        }
    }

    fn violation(&self, rule: &'static str) -> Violation {
        Violation::at(rule, self.at)
    }

    /// Reads bytes up to the next marker, while there is room for them.
    fn fill(&mut self) {
        while self.held <= 56 {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let (byte, length) = match rest {
                [0xFF, 0x00, ..] => (0xFF, 2),
                [0xFF, ..] | [] => return,
                [byte, ..] => (*byte, 1),
            };
            let shift = 56u32.wrapping_sub(self.held);
            self.pool |= u64::from(byte).wrapping_shl(shift);
            self.held = self.held.wrapping_add(8);
            self.at = self.at.wrapping_add(length);
        }
    }

    /// Takes `count` bits, at most 16.
    #[inline]
    fn take(&mut self, count: u32) -> Result<u32, Violation> {
        if self.held < count {
            self.fill();
        }
        self.held = self
            .held
            .checked_sub(count)
            .ok_or(Violation::at("jpeg: scan ends early", self.at))?;
        let value = self
            .pool
            .checked_shr(64u32.wrapping_sub(count))
            .unwrap_or(0);
        self.pool = self.pool.wrapping_shl(count);
        u32::try_from(value).map_err(|_| self.violation("jpeg: scan"))
    }

    #[inline]
    fn symbol(&mut self, table: &Lookup) -> Result<u8, Violation> {
        if self.held < 16 {
            self.fill();
        }
        let (length, symbol) = table
            .find(self.pool)
            .ok_or(self.violation("jpeg: no such Huffman code"))?;
        self.take(length)?;
        Ok(symbol)
    }

    /// A value of `size` bits, at most 11 (T.81 section F.2.2.1, EXTEND).
    fn signed(&mut self, size: u32) -> Result<i32, Violation> {
        let value = i32::try_from(self.take(size)?).unwrap_or(0);
        let span = 1i32.wrapping_shl(size);
        if value.wrapping_mul(2) < span {
            Ok(value.wrapping_sub(span).wrapping_add(1))
        } else {
            Ok(value)
        }
    }

    /// Checks that less than a byte is left and that it is all 1, and returns the place behind it.
    fn end(mut self) -> Result<usize, Violation> {
        self.fill();
        let rest = self.held;
        let ones = 1u32.wrapping_shl(rest).wrapping_sub(1);
        if rest >= 8 || self.take(rest)? != ones {
            return Err(self.violation("jpeg: bits behind the last unit"));
        }
        Ok(self.at)
    }
}

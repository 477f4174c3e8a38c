//! The rows of a PNG: filter bytes, indices, and the bits behind the last pixel.

use mugai_core::Violation;

/// What IHDR and PLTE say.
pub(super) struct Layout {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Bits a sample: 1, 2, 4 or 8.
    pub(super) bits: u32,
    /// Samples a pixel.
    pub(super) samples: usize,
    pub(super) indexed: bool,
    /// Colours in the palette.
    pub(super) colours: usize,
}

impl Layout {
    /// Bytes of a row behind its filter byte.
    fn row_len(&self) -> usize {
        let bits = usize::try_from(self.bits).unwrap_or(usize::MAX);
        self.width
            .saturating_mul(self.samples)
            .saturating_mul(bits)
            .div_ceil(8)
    }

    /// Bytes of all rows with their filter bytes.
    pub(super) fn byte_len(&self) -> usize {
        self.row_len().saturating_add(1).saturating_mul(self.height)
    }
}

/// Checks each row of `data`, which has the length that `layout` asks for.
pub(super) fn check(layout: &Layout, data: &[u8]) -> Result<(), Violation> {
    let whole = layout.bits == 8 && !layout.indexed;
    let last_filter = if whole { 4 } else { 0 };
    let mut used = [false; 256];
    for row in data.chunks(layout.row_len().saturating_add(1)) {
        let Some((filter, row)) = row.split_first() else {
            break;
        };
        if *filter > last_filter {
            return Err(Violation::of("png: filter of a row"));
        }
        if !whole {
            packed_row(layout, row, &mut used)?;
        }
    }
    if layout.indexed && used.iter().take(layout.colours).any(|used| !used) {
        return Err(Violation::of("png: a colour that no pixel has"));
    }
    Ok(())
}

/// Notes which values occur; the bits behind the last pixel must be 0.
fn packed_row(layout: &Layout, row: &[u8], used: &mut [bool; 256]) -> Result<(), Violation> {
    let mask = u8::MAX.wrapping_shr(8u32.wrapping_sub(layout.bits));
    let mut left = layout.width;
    for byte in row {
        let mut shift = 8u32;
        while let Some(lower) = shift.checked_sub(layout.bits) {
            shift = lower;
            let value = byte.wrapping_shr(shift) & mask;
            let Some(fewer) = left.checked_sub(1) else {
                if value != 0 {
                    return Err(Violation::of("png: bits behind the last pixel"));
                }
                continue;
            };
            left = fewer;
            if layout.indexed && usize::from(value) >= layout.colours {
                return Err(Violation::of("png: index outside of the palette"));
            }
            if let Some(slot) = used.get_mut(usize::from(value)) {
                *slot = true;
            }
        }
    }
    Ok(())
}

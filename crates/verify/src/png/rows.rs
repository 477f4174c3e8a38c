//! The rows of a PNG: filter bytes, indices, the bits behind the last pixel, and what covers nothing.

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
    if layout.samples == 4 {
        return shown(layout, data);
    }
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

/// Checks rows of colours with opacity: some pixel does not cover all, and those that cover nothing are white.
fn shown(layout: &Layout, data: &[u8]) -> Result<(), Violation> {
    let length = layout.row_len();
    let mut above = vec![0u8; length];
    let mut row = vec![0u8; length];
    let mut covers_all = true;
    for stored in data.chunks(length.saturating_add(1)) {
        let Some((filter, stored)) = stored.split_first() else {
            break;
        };
        unfilter(*filter, stored, &above, &mut row)?;
        for [colour @ .., covers] in row.as_chunks::<4>().0 {
            covers_all &= *covers == u8::MAX;
            match *covers {
                0 if *colour != [u8::MAX; 3] => {
                    return Err(Violation::of("png: a colour that covers nothing"));
                }
                1..=3 => return Err(Violation::of("png: a colour that hardly covers")),
                0 | 255 => {}
                covers if colour.iter().all(|of| is_seen(*of, covers)) => {}
                _ => return Err(Violation::of("png: a colour that is not seen as it is")),
            }
        }
        std::mem::swap(&mut above, &mut row);
    }
    if covers_all {
        return Err(Violation::of("png: opacity that nothing is seen through"));
    }
    Ok(())
}

/// Whether a sample is the one that is written for what is seen of it on white: what little is seen tells less than a
/// sample could say.
fn is_seen(sample: u8, covers: u8) -> bool {
    let (ink, covers) = (u32::from(!sample), u32::from(covers));
    let seen = ink.saturating_mul(covers).saturating_add(127) / 255;
    let written = seen.saturating_mul(255).saturating_add(covers / 2);
    written.checked_div(covers) == Some(ink)
}

/// Undoes the filter of a row of pixels of four bytes (PNG section 9.2).
fn unfilter(filter: u8, stored: &[u8], above: &[u8], row: &mut [u8]) -> Result<(), Violation> {
    let (mut left, mut corner) = ([0u8; 4], [0u8; 4]);
    let pixels = stored.as_chunks::<4>().0.iter();
    let places = row.as_chunks_mut::<4>().0.iter_mut();
    for ((stored, up), place) in pixels.zip(above.as_chunks::<4>().0).zip(places) {
        for (at, sample) in place.iter_mut().enumerate() {
            let of = |pixel: &[u8; 4]| pixel.get(at).copied().unwrap_or(0);
            let (a, b, c) = (of(&left), of(up), of(&corner));
            let expected = match filter {
                0 => 0,
                1 => a,
                2 => b,
                3 => a.midpoint(b),
                4 => nearest(a, b, c),
                _ => return Err(Violation::of("png: filter of a row")),
            };
            *sample = of(stored).wrapping_add(expected);
        }
        left = *place;
        corner = *up;
    }
    Ok(())
}

/// Paeth's choice: what is nearest to `a + b - c`, in the order a, b, c (PNG section 9.4).
fn nearest(a: u8, b: u8, c: u8) -> u8 {
    let [wide_a, wide_b, wide_c] = [a, b, c].map(i16::from);
    let guess = wide_a.saturating_add(wide_b).saturating_sub(wide_c);
    let [far_a, far_b, far_c] = [wide_a, wide_b, wide_c].map(|of| of.abs_diff(guess));
    if far_a <= far_b && far_a <= far_c {
        a
    } else if far_b <= far_c {
        b
    } else {
        c
    }
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

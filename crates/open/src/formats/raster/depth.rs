//! From samples of any depth to eight bits.

/// How samples are stored. Words are in the byte order of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::formats) enum Depth {
    /// 1, 2 or 4 bits, the first sample highest, rows padded to bytes.
    Bits(u8),
    U8,
    U16,
    U32,
    U64,
    F32,
    F64,
}

impl Depth {
    /// Bytes a sample, rounded up.
    pub(in crate::formats) const fn bytes(self) -> u64 {
        match self {
            Self::Bits(_) | Self::U8 => 1,
            Self::U16 => 2,
            Self::U32 | Self::F32 => 4,
            Self::U64 | Self::F64 => 8,
        }
    }

    /// Whether eight bits cannot hold it.
    pub(in crate::formats) const fn is_deep(self) -> bool {
        self.bytes() > 1
    }

    /// Samples of eight bits, `row` of them in a row.
    pub(in crate::formats) fn to_eight(self, stored: Vec<u8>, row: usize) -> Vec<u8> {
        match self {
            Self::U8 => stored,
            Self::Bits(bits) => unpack(&stored, bits, row, true),
            Self::U16 => each(&stored, |w| from_u16(u16::from_ne_bytes(w))),
            Self::U32 => each(&stored, |w| from_u16(high_u32(u32::from_ne_bytes(w)))),
            Self::U64 => each(&stored, |w| from_u16(high_u64(u64::from_ne_bytes(w)))),
            Self::F32 => each(&stored, |w| from_float(f64::from(f32::from_ne_bytes(w)))),
            Self::F64 => each(&stored, |w| from_float(f64::from_ne_bytes(w))),
        }
    }
}

/// Samples of 1, 2 or 4 bits, spread over 0 to 255 if `scaled`, as they are otherwise.
pub(in crate::formats) fn unpack(stored: &[u8], bits: u8, row: usize, scaled: bool) -> Vec<u8> {
    let shifts: &[u32] = match bits {
        1 => &[7, 6, 5, 4, 3, 2, 1, 0],
        2 => &[6, 4, 2, 0],
        4 => &[4, 0],
        _ => &[0],
    };
    let (mask, level) = match bits {
        1 => (1, 255),
        2 => (3, 85),
        4 => (15, 17),
        _ => (255, 1u8),
    };
    let level = if scaled { level } else { 1 };
    let per_row = row.div_ceil(shifts.len().max(1)).max(1);
    let mut out = Vec::new();
    for packed in stored.chunks(per_row) {
        let samples = packed.iter().flat_map(|byte| {
            let sample = |shift: &u32| (byte.wrapping_shr(*shift) & mask).wrapping_mul(level);
            shifts.iter().map(sample)
        });
        out.extend(samples.take(row));
    }
    out
}

fn each<const N: usize>(stored: &[u8], f: impl Fn([u8; N]) -> u8) -> Vec<u8> {
    stored.as_chunks::<N>().0.iter().map(|w| f(*w)).collect()
}

/// The nearest of 256 levels: 65,535 becomes 255.
fn from_u16(value: u16) -> u8 {
    let scaled = u32::from(value).wrapping_mul(255).wrapping_add(32_895) >> 16;
    u8::try_from(scaled).unwrap_or(u8::MAX)
}

fn high_u32(value: u32) -> u16 {
    u16::try_from(value >> 16).unwrap_or(u16::MAX)
}

fn high_u64(value: u64) -> u16 {
    u16::try_from(value >> 48).unwrap_or(u16::MAX)
}

/// 0 to 1, what is outside being cut off and what is no number being 0.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the only way from a float to an integer; it saturates"
)]
fn from_float(value: f64) -> u8 {
    (value * 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_the_nearest_level() {
        for level in 0..=255u16 {
            assert_eq!(u16::from(from_u16(level * 257)), level);
        }
        assert_eq!((from_u16(128), from_u16(129)), (0, 1));
        let floats = [-1.0f32, 0.0, 0.5, 1.0, 7.0, f32::NAN];
        let stored = floats.iter().flat_map(|f| f.to_ne_bytes()).collect();
        assert_eq!(Depth::F32.to_eight(stored, 6), [0, 0, 128, 255, 255, 0]);
        let stored = 0xFFFF_0000u32.to_ne_bytes().to_vec();
        assert_eq!(Depth::U32.to_eight(stored, 1), [255]);
    }

    #[test]
    fn packed_rows_are_padded_to_bytes() {
        assert_eq!(
            unpack(&[0b1010_0000, 0b0100_0000], 1, 3, true),
            [255, 0, 255, 0, 255, 0]
        );
        assert_eq!(unpack(&[0b1101_0000], 2, 2, true), [255, 85]);
        assert_eq!(unpack(&[0x1F, 0x20], 4, 3, false), [1, 15, 2]);
        assert_eq!(unpack(&[], 4, 3, false), [0u8; 0]);
    }
}

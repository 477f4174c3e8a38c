//! Codes of run lengths (ITU-T T.4 tables 2 and 3, which T.6 refers to).

use super::bits::Bits;

/// White runs of 0 to 63.
const WHITE: &str = "00110101 000111 0111 1000 1011 1100 1110 1111 10011 10100 00111 01000 001000
000011 110100 110101 101010 101011 0100111 0001100 0001000 0010111 0000011 0000100 0101000 0101011
0010011 0100100 0011000 00000010 00000011 00011010 00011011 00010010 00010011 00010100 00010101
00010110 00010111 00101000 00101001 00101010 00101011 00101100 00101101 00000100 00000101 00001010
00001011 01010010 01010011 01010100 01010101 00100100 00100101 01011000 01011001 01011010 01011011
01001010 01001011 00110010 00110011 00110100";

/// White runs of 64, 128, … 1,728.
const LONG_WHITE: &str = "11011 10010 010111 0110111 00110110 00110111 01100100 01100101 01101000
01100111 011001100 011001101 011010010 011010011 011010100 011010101 011010110 011010111 011011000
011011001 011011010 011011011 010011000 010011001 010011010 011000 010011011";

/// Black runs of 0 to 63.
const BLACK: &str = "0000110111 010 11 10 011 0011 0010 00011 000101 000100 0000100 0000101 0000111
00000100 00000111 000011000 0000010111 0000011000 0000001000 00001100111 00001101000 00001101100
00000110111 00000101000 00000010111 00000011000 000011001010 000011001011 000011001100 000011001101
000001101000 000001101001 000001101010 000001101011 000011010010 000011010011 000011010100
000011010101 000011010110 000011010111 000001101100 000001101101 000011011010 000011011011
000001010100 000001010101 000001010110 000001010111 000001100100 000001100101 000001010010
000001010011 000000100100 000000110111 000000111000 000000100111 000000101000 000001011000
000001011001 000000101011 000000101100 000001011010 000001100110 000001100111";

/// Black runs of 64, 128, … 1,728.
const LONG_BLACK: &str = "0000001111 000011001000 000011001001 000001011011 000000110011
000000110100 000000110101 0000001101100 0000001101101 0000001001010 0000001001011 0000001001100
0000001001101 0000001110010 0000001110011 0000001110100 0000001110101 0000001110110 0000001110111
0000001010010 0000001010011 0000001010100 0000001010101 0000001011010 0000001011011 0000001100100
0000001100101";

/// Runs of 1,792, 1,856, … 2,560 of either colour.
const LONGER: &str = "00000001000 00000001100 00000001101 000000010010 000000010011 000000010100
000000010101 000000010110 000000010111 000000011100 000000011101 000000011110 000000011111";

/// Bits of the longest code.
const WINDOW: u32 = 13;

/// The codes of both colours.
pub(super) struct Tables {
    pub(super) white: Runs,
    pub(super) black: Runs,
}

impl Tables {
    pub(super) fn new() -> Self {
        Self {
            white: Runs::new(WHITE, LONG_WHITE),
            black: Runs::new(BLACK, LONG_BLACK),
        }
    }
}

/// The codes of one colour, by the next 13 bits: the run and the bits of its code.
pub(super) struct Runs(Vec<Option<(u32, u32)>>);

impl Runs {
    /// The longest run that has a code.
    pub(super) const LONGEST: u32 = 2560;

    fn new(short: &str, long: &str) -> Self {
        let mut runs = Self(vec![None; 1 << WINDOW]);
        let multiples = (64u32..).step_by(64);
        let codes = long.split_whitespace().chain(LONGER.split_whitespace());
        for (run, code) in (0u32..)
            .zip(short.split_whitespace())
            .chain(multiples.zip(codes))
        {
            runs.enter(run, code);
        }
        runs
    }

    /// Enters a code under all windows that begin with it.
    fn enter(&mut self, run: u32, code: &str) {
        let length = u32::try_from(code.len()).unwrap_or(WINDOW);
        let bits = usize::from_str_radix(code, 2).unwrap_or_default();
        let spare = WINDOW.saturating_sub(length);
        let first = bits.checked_shl(spare).unwrap_or_default();
        let count = 1usize.checked_shl(spare).unwrap_or_default();
        for place in self.0.iter_mut().skip(first).take(count) {
            *place = Some((run, length));
        }
    }

    /// Takes one code; returns its run.
    pub(super) fn take(&self, bits: &mut Bits<'_>) -> Option<u32> {
        let window = usize::try_from(bits.peek(WINDOW)?).ok()?;
        let (run, length) = (*self.0.get(window)?)?;
        bits.skip(length)?;
        Some(run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_begins_another() {
        for (short, long) in [(WHITE, LONG_WHITE), (BLACK, LONG_BLACK)] {
            let codes: Vec<&str> = [short, long, LONGER]
                .iter()
                .flat_map(|text| text.split_whitespace())
                .collect();
            assert_eq!(codes.len(), 64 + 27 + 13);
            for (at, one) in codes.iter().enumerate() {
                for (other_at, other) in codes.iter().enumerate() {
                    assert!(at == other_at || !other.starts_with(one), "{one} {other}");
                }
            }
        }
    }
}

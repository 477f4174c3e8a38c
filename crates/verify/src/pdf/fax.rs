//! Two colours in the code of facsimile group 4 (ITU-T T.6), in the one spelling that a picture has:
//! the standard leaves an encoder no choice, so a decoder can insist.

mod bits;
mod runs;

use bits::Bits;
use mugai_core::Violation;
use runs::{Runs, Tables};

/// End of line: two of them end the data (T.6 section 2.4.1.1).
const END_OF_LINE: (u32, u32) = (0b0000_0000_0001, 12);

/// How one step along a row is coded (T.6 table 1).
enum Mode {
    Pass,
    Horizontal,
    /// Where the colour changes, less where it does in the row above: -3 to 3.
    Vertical(i32),
}

/// Decodes `rows` rows of `width` pixels and checks that the data ends there, padded with zeros.
/// Returns whether a pixel is black.
pub(super) fn check(data: &[u8], width: u32, rows: u32, offset: usize) -> Result<bool, Violation> {
    let bad = Violation::at("pdf: fax data", offset);
    let tables = Tables::new();
    let mut bits = Bits::new(data);
    let mut above = Vec::new();
    let mut has_black = false;
    for _ in 0..rows {
        let row = row(&mut bits, &tables, &above, width).ok_or_else(|| bad.clone())?;
        has_black = has_black || !row.is_empty();
        above = row;
    }
    let (code, length) = END_OF_LINE;
    let ends = bits.take(length) == Some(code) && bits.take(length) == Some(code);
    (ends && bits.is_padding()).then_some(has_black).ok_or(bad)
}

/// The columns at which the colour of a row changes, from white on, given those of the row above.
fn row(bits: &mut Bits<'_>, tables: &Tables, above: &[u32], width: u32) -> Option<Vec<u32>> {
    let mut changes = Vec::new();
    // a0 of the standard; before the first pixel there is an imaginary white one
    let mut from = 0u32;
    let mut at_start = true;
    let mut is_black = false;
    let mut behind = 0usize;
    while from < width {
        // b1 and b2: the next change above to the other colour, and the one after it
        while above
            .get(behind)
            .is_some_and(|change| *change < from || (*change == from && !at_start))
        {
            behind = behind.checked_add(1)?;
        }
        let next = behind.checked_add(usize::from((behind % 2 == 1) != is_black))?;
        let b1 = above.get(next).copied().unwrap_or(width);
        let b2 = above.get(next.checked_add(1)?).copied().unwrap_or(width);
        let mode = mode(bits)?;
        let (a1, a2) = match mode {
            Mode::Pass => {
                if b2 >= width {
                    return None;
                }
                (from, at_start) = (b2, false);
                continue;
            }
            Mode::Vertical(by) => (b1.checked_add_signed(by)?, None),
            Mode::Horizontal => {
                let (first, second) = if is_black {
                    (&tables.black, &tables.white)
                } else {
                    (&tables.white, &tables.black)
                };
                let a1 = from.checked_add(run(bits, first, width)?)?;
                let a2 = a1.checked_add(run(bits, second, width)?)?;
                // what is near is coded by its distance, and a run of nothing is at the end only
                if a1.abs_diff(b1) <= 3 || (a2 == a1 && a1 != width) {
                    return None;
                }
                (a1, Some(a2))
            }
        };
        let end = a2.unwrap_or(a1);
        let moves = a1 > from || at_start;
        if !moves || end > width || b2 < a1 {
            return None;
        }
        changes.extend(
            [Some(a1), a2]
                .into_iter()
                .flatten()
                .filter(|at| *at < width),
        );
        // two changes bring the colour back
        is_black = is_black != a2.is_none();
        (from, at_start) = (end, false);
    }
    Some(changes)
}

fn mode(bits: &mut Bits<'_>) -> Option<Mode> {
    let zeros = bits.peek(7)?.leading_zeros().checked_sub(25)?;
    let right = |bits: &mut Bits<'_>, by: i32| {
        let is_right = bits.take(1)? == 1;
        Some(Mode::Vertical(if is_right {
            by
        } else {
            by.checked_neg()?
        }))
    };
    bits.take(zeros.checked_add(1)?)?;
    match zeros {
        0 => Some(Mode::Vertical(0)),
        1 => right(bits, 1),
        2 => Some(Mode::Horizontal),
        3 => Some(Mode::Pass),
        4 => right(bits, 2),
        5 => right(bits, 3),
        _ => None,
    }
}

/// A run of one colour: as many of the longest code as fit, at most one other multiple of 64, and
/// the rest.
fn run(bits: &mut Bits<'_>, runs: &Runs, width: u32) -> Option<u32> {
    let mut length = 0u32;
    let mut last = Runs::LONGEST;
    loop {
        let part = runs.take(bits)?;
        length = length.checked_add(part)?;
        if length > width {
            return None;
        }
        if part < 64 {
            return Some(length);
        }
        if last != Runs::LONGEST {
            return None;
        }
        last = part;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes of a text of binary digits, padded.
    fn bytes(text: &str) -> Vec<u8> {
        let digits: Vec<u8> = text.bytes().filter(|b| *b != b' ').map(|b| b & 1).collect();
        digits
            .chunks(8)
            .map(|chunk| {
                let byte = chunk.iter().fold(0u8, |byte, bit| byte << 1 | bit);
                byte << 8usize.saturating_sub(chunk.len())
            })
            .collect()
    }

    const END: &str = "000000000001 000000000001";

    fn decoded(code: &str, width: u32, rows: u32) -> Option<bool> {
        check(&bytes(&format!("{code}{END}")), width, rows, 0).ok()
    }

    #[test]
    fn white_rows_are_one_bit_each() {
        assert_eq!(decoded("111", 100, 3), Some(false));
        assert_eq!(decoded("11", 100, 3), None);
        assert_eq!(decoded("1111", 100, 3), None);
    }

    #[test]
    fn rows_of_the_standard() {
        // four white, three black, the rest white; then the same a pixel to the right; then white
        assert_eq!(decoded("001 1011 10 1", 12, 1), Some(true));
        assert_eq!(decoded("001 1011 10 1 011 011 1", 12, 2), Some(true));
        assert_eq!(decoded("001 1011 10 1 0001 1", 12, 2), Some(true));
        // black from the first pixel on
        assert_eq!(decoded("001 00110101 10 1", 12, 1), Some(true));
        assert_eq!(decoded("001 00110101 10 1 1 1 1", 12, 2), Some(true));
    }

    #[test]
    fn other_spellings_of_the_same_are_refused() {
        // a vertical code was due
        assert_eq!(decoded("001 10011 010 1", 9, 1), None);
        assert_eq!(decoded("001 1011 10 1 001 1011 10 1", 12, 2), None);
        // a run that passes the end
        assert_eq!(decoded("001 1011 10 1", 6, 1), None);
        // a pass where nothing is passed
        assert_eq!(decoded("0001 1", 12, 1), None);
        // a change right behind a pass, where a vertical code was due
        assert_eq!(decoded("001 1011 10 1 0001 001 00110101 10 1", 12, 2), None);
        // 64 as 64 and 0 but not as 63 and nothing more, nor in two codes
        assert_eq!(decoded("001 11011 00110101 10 1", 80, 1), Some(true));
        assert_eq!(decoded("001 11011 11011 00110101 10 1", 200, 1), None);
    }

    #[test]
    fn the_data_ends_where_it_must() {
        let good = bytes(&format!("001 1011 10 1{END}"));
        assert!(check(&good, 12, 1, 0).is_ok());
        for length in 0..good.len() {
            assert!(check(&good[..length], 12, 1, 0).is_err(), "{length}");
        }
        let mut longer = good.clone();
        longer.push(0);
        assert!(check(&longer, 12, 1, 0).is_err());
        let mut padded = good;
        *padded.last_mut().unwrap() |= 1;
        assert!(check(&padded, 12, 1, 0).is_err());
    }
}

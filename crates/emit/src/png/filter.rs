//! Row filters (PNG section 9): what is written is the difference to neighbouring pixels.

use super::reduce::{Form, Reduced};

/// Chooses a filter for each row and applies it.
pub(super) struct Filter {
    /// Bytes from a sample to the same sample of the pixel on its left; `None` filters nothing.
    step: Option<usize>,
    /// The row above, unfiltered; zeros above the first one.
    above: Vec<u8>,
    best: Vec<u8>,
    trial: Vec<u8>,
}

impl Filter {
    /// A filter for the rows of `reduced`.
    ///
    /// Indices and packed samples are no quantities, and drawings compress better by their
    /// repetitions than by their differences: both stay as they are.
    pub(super) fn new(reduced: &Reduced<'_>) -> Self {
        let step = match reduced.form {
            Form::Rgb => Some(3),
            Form::Rgba => Some(4),
            Form::Grey { bits: 8 } => Some(1),
            Form::Grey { .. } | Form::Palette { .. } => None,
        };
        let step = step.filter(|_| !reduced.is_flat());
        let length = if step.is_some() { reduced.row_len() } else { 0 };
        Self {
            step,
            above: vec![0; length],
            best: Vec::new(),
            trial: Vec::new(),
        }
    }

    /// The row as it is written: the number of its filter, and the filtered bytes.
    pub(super) fn apply(&mut self, row: &[u8]) -> &[u8] {
        self.best.clear();
        let Some(step) = self.step else {
            self.best.push(0);
            self.best.extend_from_slice(row);
            return &self.best;
        };
        let mut least = u64::MAX;
        for kind in [SUB, UP, PAETH] {
            self.trial.clear();
            self.trial.push(kind);
            fill(&mut self.trial, kind, row, &self.above, step);
            let weight = weight(&self.trial);
            if weight < least {
                least = weight;
                std::mem::swap(&mut self.best, &mut self.trial);
            }
        }
        self.above.copy_from_slice(row);
        &self.best
    }
}

const SUB: u8 = 1;
const UP: u8 = 2;
const PAETH: u8 = 4;

fn fill(out: &mut Vec<u8>, kind: u8, row: &[u8], above: &[u8], step: usize) {
    let rest = row.get(step..).unwrap_or_default();
    let upper = above.get(step..).unwrap_or_default();
    match kind {
        SUB => {
            out.extend(row.iter().take(step));
            out.extend(rest.iter().zip(row).map(|(x, left)| x.wrapping_sub(*left)));
        }
        UP => out.extend(row.iter().zip(above).map(|(x, up)| x.wrapping_sub(*up))),
        _ => {
            let first = row.iter().zip(above).take(step);
            out.extend(first.map(|(x, up)| x.wrapping_sub(*up)));
            let near = row.iter().zip(upper).zip(above);
            out.extend(
                rest.iter()
                    .zip(near)
                    .map(|(x, ((left, up), corner))| x.wrapping_sub(paeth(*left, *up, *corner))),
            );
        }
    }
}

/// The neighbour that is nearest to `left + up - corner` (PNG section 9.4).
fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let by_left = up.abs_diff(corner);
    let by_up = left.abs_diff(corner);
    let both = i16::from(up)
        .wrapping_sub(i16::from(corner))
        .wrapping_add(i16::from(left).wrapping_sub(i16::from(corner)));
    let by_corner = both.unsigned_abs();
    if by_left <= by_up && u16::from(by_left) <= by_corner {
        left
    } else if u16::from(by_up) <= by_corner {
        up
    } else {
        corner
    }
}

/// The sum of all differences, taken as signed: the least of it compresses best, as a rule of thumb.
fn weight(filtered: &[u8]) -> u64 {
    filtered
        .chunks(4096)
        .map(|part| {
            let sum = part.iter().fold(0u32, |sum, byte| {
                sum.wrapping_add(u32::from((*byte).min(byte.wrapping_neg())))
            });
            u64::from(sum)
        })
        .fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paeth_takes_the_nearest_neighbour_and_left_before_up() {
        for left in (0..=255u8).step_by(15) {
            for up in (0..=255u8).step_by(15) {
                for corner in (0..=255u8).step_by(15) {
                    let p = i32::from(left) + i32::from(up) - i32::from(corner);
                    let order = [left, up, corner];
                    let nearest = order.iter().min_by_key(|n| (i32::from(**n) - p).abs());
                    assert_eq!(paeth(left, up, corner), *nearest.unwrap());
                }
            }
        }
    }
}

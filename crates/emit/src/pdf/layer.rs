//! The text over a page: invisible, and each letter where it is seen.

use super::letters::{Letters, width};
use mugai_core::Run;
use std::fmt::Write as _;

/// How far a letter may stand from its place before it is moved there, in thousandths of the size;
/// behind a blank, where a move costs least, sooner.
const DRIFT: i64 = 300;
const DRIFT_AT_WORD: i64 = 120;
/// Moves are in steps of so many thousandths: the fewer different ones, the shorter the file.
const STEP: i64 = 20;

/// A run with what is live in it made harmless.
struct Shown {
    text: String,
    /// How far each character goes, in thousandths of the size.
    advances: Vec<i64>,
}

impl Shown {
    fn of(run: &Run) -> Self {
        let plain = run.text().as_str();
        let (harmless, _) = crate::text(plain.to_owned());
        let text = harmless.closed().trim().to_owned();
        let advances = run.advances().iter().map(|advance| i64::from(*advance));
        if text == plain {
            return Self {
                text,
                advances: advances.collect(),
            };
        }
        // another number of characters: they share the place
        let sum = advances.fold(0i64, i64::saturating_add);
        let count = text.chars().count();
        let each = sum
            .checked_div(i64::try_from(count).unwrap_or(1))
            .unwrap_or(0);
        Self {
            text,
            advances: vec![each; count],
        }
    }

    /// How wide letters are to be drawn, in percent of what the font says.
    fn scale(&self) -> i64 {
        let (mut wanted, mut own) = (0i64, 0i64);
        for (letter, advance) in self.text.chars().zip(&self.advances) {
            if letter != ' ' {
                wanted = wanted.saturating_add(*advance);
                own = own.saturating_add(i64::from(width(letter)));
            }
        }
        let percent = wanted.saturating_mul(100).checked_div(own).unwrap_or(100);
        percent.clamp(10, 900)
    }

    /// The strings and moves of the run.
    fn items(&self, scale: i64, letters: &mut Letters) -> String {
        let mut items = String::from("<");
        // how far the place of the next letter is from where it would come to stand
        let mut drift = 0i64;
        let mut is_word = false;
        for (index, (letter, advance)) in self.text.chars().zip(&self.advances).enumerate() {
            let most = if is_word { DRIFT_AT_WORD } else { DRIFT };
            if index > 0 && drift.saturating_abs() > most {
                // moves are scaled as letters are
                let back = drift.saturating_mul(-100).checked_div(scale).unwrap_or(0);
                let back = back.div_euclid(STEP).saturating_mul(STEP);
                if back != 0 {
                    let _ = write!(items, ">{back}<");
                    let moved = back.saturating_mul(scale).div_euclid(100);
                    drift = drift.saturating_add(moved);
                }
            }
            let _ = write!(items, "{:04X}", letters.code(letter));
            let own = i64::from(width(letter))
                .saturating_mul(scale)
                .div_euclid(100);
            drift = drift.saturating_add(*advance).saturating_sub(own);
            is_word = letter == ' ';
        }
        items.push('>');
        items
    }
}

/// Operators that write `runs` on a page that is `height` tenths of a point high; `None` where there
/// is nothing to write.
pub(super) fn operators(runs: &[Run], height: u32, letters: &mut Letters) -> Option<String> {
    let mut lines = String::new();
    let (mut size, mut scale) = (0u32, 100i64);
    for run in runs {
        let (x, below) = run.at();
        let Some(y) = height.checked_sub(below) else {
            continue;
        };
        let shown = Shown::of(run);
        if shown.text.is_empty() {
            continue;
        }
        if run.size() != size {
            size = run.size();
            let _ = writeln!(lines, "/F0 {size} Tf");
        }
        let fitting = shown.scale();
        if fitting != scale {
            scale = fitting;
            let _ = writeln!(lines, "{scale} Tz");
        }
        let (dx, dy) = run.direction();
        let [a, b, c] = [dx, dy.saturating_neg(), dy].map(decimal);
        let items = shown.items(scale, letters);
        let _ = writeln!(lines, "{a} {b} {c} {a} {x} {y} Tm[{items}]TJ");
    }
    (!lines.is_empty()).then(|| format!("\nq .1 0 0 .1 0 0 cm BT 3 Tr\n{lines}ET Q"))
}

/// Thousandths in their one spelling: `1`, `-.707`, `0`.
fn decimal(thousandths: i16) -> String {
    let sign = if thousandths < 0 { "-" } else { "" };
    let size = thousandths.unsigned_abs();
    let (whole, rest) = (size.div_euclid(1000), size.rem_euclid(1000));
    let digits = format!("{rest:03}");
    let digits = digits.trim_end_matches('0');
    match (whole, digits.is_empty()) {
        (_, true) => format!("{sign}{whole}"),
        (0, false) => format!("{sign}.{digits}"),
        (_, false) => format!("{sign}{whole}.{digits}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::Line;

    fn written(text: &str, advances: &[u16], direction: (i16, i16)) -> String {
        let line = Line::clean(text).0;
        let run = Run::new((720, 1000), direction, 105, line, advances.to_vec()).unwrap();
        operators(&[run], 8420, &mut Letters::default()).unwrap()
    }

    #[test]
    fn decimals_have_one_spelling() {
        for (thousandths, spelled) in [
            (0, "0"),
            (1000, "1"),
            (-1000, "-1"),
            (707, ".707"),
            (-50, "-.05"),
            (1005, "1.005"),
        ] {
            assert_eq!(decimal(thousandths), spelled);
        }
    }

    #[test]
    fn letters_that_fit_are_written_in_one_string() {
        assert_eq!(
            written("日本", &[1000, 1000], (1000, 0)),
            "\nq .1 0 0 .1 0 0 cm BT 3 Tr\n/F0 105 Tf\n1 0 0 1 720 7420 Tm[<65E5672C>]TJ\nET Q"
        );
        assert!(written("縦", &[1000], (0, 1000)).contains("0 -1 1 0 720 7420 Tm"));
        assert!(written("日本", &[500, 500], (1000, 0)).contains("50 Tz\n"));
    }

    #[test]
    fn letters_far_apart_are_moved() {
        // the gap behind the first is three letters wide
        let text = written("日本", &[4000, 1000], (1000, 0));
        assert!(
            text.contains("250 Tz\n") && !text.contains("]TJ\n["),
            "{text}"
        );
        let text = written("日 本", &[1000, 3000, 1000], (1000, 0));
        assert!(text.contains("<65E50020>-2740<672C>"), "{text}");
    }

    #[test]
    fn nothing_live_is_written() {
        let text = written("http://a.jp", &[500; 11], (1000, 0));
        assert!(text.contains("<006800780078"), "{text}");
    }
}

//! The text over a page: invisible, and each letter where it is seen.

use super::letters::{Letters, width};
use super::plain;
use mugai_core::Run;
use std::fmt::Write as _;

/// How far a letter may stand from its place before it is moved there, in thousandths of the size.
/// Behind a blank, and between full letters, a move does not look like a blank to those who read
/// the file; inside of a word it does.
const DRIFT_IN_WORD: i64 = 600;
const DRIFT: i64 = 80;
/// Moves are in steps of so many thousandths: the fewer different ones, the shorter the file.
const STEP: i64 = 20;
/// Full and half letters of one run have scales of their own when these differ by more percent.
const ALIKE: i64 = 8;

/// A run with what is live in it made harmless.
struct Shown {
    text: String,
    /// How far each character goes, in thousandths of the size.
    advances: Vec<i64>,
    face: Face,
}

/// The fonts of the text over a page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Face {
    /// Our own, of all letters.
    Wide,
    /// That of Latin letters, for runs that have no others.
    Plain,
}

impl Face {
    const fn name(self) -> &'static str {
        match self {
            Self::Wide => "F0",
            Self::Plain => "F2",
        }
    }

    /// What strings begin and end with.
    const fn ends(self) -> (char, char) {
        match self {
            Self::Wide => ('<', '>'),
            Self::Plain => ('(', ')'),
        }
    }

    fn width(self, letter: char) -> u16 {
        match self {
            Self::Wide => width(letter),
            Self::Plain => plain::width(letter),
        }
    }

    /// Full letters are as wide as they are high.
    fn is_full(self, letter: char) -> bool {
        self == Self::Wide && width(letter) == 1000
    }

    fn scale_of(self, letter: char, [half, full]: [i64; 2]) -> i64 {
        if self.is_full(letter) { full } else { half }
    }
}

impl Shown {
    fn of(run: &Run) -> Self {
        let advances = run.advances().iter().map(|advance| i64::from(*advance));
        let (plain, advances) = apart(run.text().as_str(), advances);
        let (harmless, _) = crate::text(plain.clone());
        let text = harmless.closed().trim().to_owned();
        let face = if text.chars().all(|letter| plain::code(letter).is_some()) {
            Face::Plain
        } else {
            Face::Wide
        };
        if text == plain {
            return Self {
                text,
                advances,
                face,
            };
        }
        // another number of characters: they share the place
        let sum = advances.into_iter().fold(0i64, i64::saturating_add);
        let count = text.chars().count();
        let each = sum
            .checked_div(i64::try_from(count).unwrap_or(1))
            .unwrap_or(0);
        Self {
            text,
            advances: vec![each; count],
            face,
        }
    }

    /// How wide half and full letters are to be drawn, in percent of what the font says.
    fn scales(&self) -> [i64; 2] {
        let (mut wanted, mut own) = ([0i64; 2], [0i64; 2]);
        for (letter, advance) in self.text.chars().zip(&self.advances) {
            if letter == ' ' {
                continue;
            }
            let class = usize::from(self.face.is_full(letter));
            if let Some((wanted, own)) = wanted.get_mut(class).zip(own.get_mut(class)) {
                *wanted = wanted.saturating_add(*advance);
                *own = own.saturating_add(i64::from(self.face.width(letter)));
            }
        }
        let percent = |wanted: i64, own: i64| {
            let percent = wanted.saturating_mul(100).checked_div(own);
            percent.map(|percent| percent.clamp(10, 900))
        };
        let [half, full] = [percent(wanted[0], own[0]), percent(wanted[1], own[1])];
        match (half, full) {
            (Some(half), Some(full)) if half.abs_diff(full) > ALIKE.unsigned_abs() => [half, full],
            (Some(half), Some(_)) if own[0] > own[1] => [half; 2],
            (_, Some(full)) => [full; 2],
            (Some(half), None) => [half; 2],
            (None, None) => [100; 2],
        }
    }

    /// The strings and moves of the run, `scales` wide; the scale it ends with comes back.
    fn items(&self, scales: [i64; 2], letters: &mut Letters) -> (String, i64) {
        let face = self.face;
        let (open, close) = face.ends();
        let mut items = format!("[{open}");
        // how far the place of the next letter is from where it would come to stand
        let mut drift = 0i64;
        let mut before = ' ';
        let first = self.text.chars().next();
        let mut scale = first.map_or(100, |first| face.scale_of(first, scales));
        for (index, (letter, advance)) in self.text.chars().zip(&self.advances).enumerate() {
            let wanted = if letter == ' ' {
                scale
            } else {
                face.scale_of(letter, scales)
            };
            if index > 0 && wanted != scale {
                let _ = write!(items, "{close}]TJ\n{wanted} Tz\n[{open}");
            } else {
                let is_apart = before == ' ' || (face.is_full(before) && face.is_full(letter));
                let most = if is_apart { DRIFT } else { DRIFT_IN_WORD };
                // moves are scaled as letters are
                let back = drift.saturating_mul(-100).checked_div(scale).unwrap_or(0);
                let back = back.div_euclid(STEP).saturating_mul(STEP);
                if index > 0 && back != 0 && drift.saturating_abs() > most {
                    let _ = write!(items, "{close}{back}{open}");
                    let moved = back.saturating_mul(scale).div_euclid(100);
                    drift = drift.saturating_add(moved);
                }
            }
            scale = wanted;
            match face {
                Face::Wide => {
                    let _ = write!(items, "{:04X}", letters.code(letter));
                }
                Face::Plain => items.push_str(&plain::spelled(letter)),
            }
            let own = i64::from(face.width(letter))
                .saturating_mul(scale)
                .div_euclid(100);
            drift = drift.saturating_add(*advance).saturating_sub(own);
            before = letter;
        }
        let _ = write!(items, "{close}]TJ");
        if face == Face::Plain {
            letters.use_plain();
        }
        (items, scale)
    }
}

/// Ligatures as the letters that they are made of, which share their place.
fn apart(text: &str, advances: impl Iterator<Item = i64>) -> (String, Vec<i64>) {
    let mut letters = String::new();
    let mut places = Vec::new();
    for (letter, advance) in text.chars().zip(advances) {
        let made_of = match letter {
            '\u{FB00}' => "ff",
            '\u{FB01}' => "fi",
            '\u{FB02}' => "fl",
            '\u{FB03}' => "ffi",
            '\u{FB04}' => "ffl",
            _ => {
                letters.push(letter);
                places.push(advance);
                continue;
            }
        };
        letters.push_str(made_of);
        let count = i64::try_from(made_of.len()).unwrap_or(1);
        let each = advance.checked_div(count).unwrap_or(0);
        places.extend(made_of.chars().map(|_| each));
    }
    (letters, places)
}

/// Operators that write `runs` on a page that is `height` tenths of a point high; `None` where there
/// is nothing to write.
pub(super) fn operators(runs: &[Run], height: u32, letters: &mut Letters) -> Option<String> {
    let mut lines = String::new();
    let (mut font, mut scale) = ((Face::Wide, 0u32), 100i64);
    for run in runs {
        let (left, below) = run.at();
        let Some(above) = height.checked_sub(below) else {
            continue;
        };
        let shown = Shown::of(run);
        if shown.text.is_empty() {
            continue;
        }
        let wanted = (shown.face, run.size());
        if wanted != font {
            font = wanted;
            let _ = writeln!(lines, "/{} {} Tf", font.0.name(), font.1);
        }
        let scales = shown.scales();
        let first = shown.text.chars().next().unwrap_or(' ');
        let fitting = shown.face.scale_of(first, scales);
        if fitting != scale {
            let _ = writeln!(lines, "{fitting} Tz");
        }
        let (dx, dy) = run.direction();
        let [a, b, c] = [dx, dy.saturating_neg(), dy].map(decimal);
        let (items, last) = shown.items(scales, letters);
        let _ = writeln!(lines, "{a} {b} {c} {a} {left} {above} Tm{items}");
        scale = last;
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
        assert!(
            text.contains("/F2 105 Tf\n") && text.contains("[(hxx"),
            "{text}"
        );
    }

    #[test]
    fn latin_lines_are_written_in_the_font_that_viewers_have() {
        let text = written("(50 %) caf\u{E9}", &[500; 11], (1000, 0));
        assert!(text.contains("[(\\(50"), "{text}");
        assert!(text.contains("caf\\351)"), "{text}");
        let text = written("\u{FB03}x", &[900, 500], (1000, 0));
        assert!(text.contains("(ffix)"), "{text}");
        let text = written("a 日", &[500, 500, 1000], (1000, 0));
        assert!(
            text.contains("/F0 105 Tf\n") && text.contains("<00610020"),
            "{text}"
        );
    }
}

//! Puts glyphs that follow each other on one line into runs.

use super::place::{Glyph, whole};
use mugai_core::layer::{MAX_RUN_CHARS, MAX_RUNS, MAX_TENTHS};
use mugai_core::{Cx, FindingCode, Line, Refusal, Run};

/// How far a glyph may stand off the line, and how far apart glyphs of one run are, in sizes.
const OFF_LINE: f64 = 0.15;
/// Vertical lines have their middle where it is in full letters: half ones stand beside it.
const OFF_MIDDLE: f64 = 0.35;
const BACK: f64 = 0.3;
const GAP: f64 = 1.6;
/// Between Latin letters, a gap so wide is a blank.
const BLANK: f64 = 0.17;
/// Below the middle of vertical writing lies its base line when it is turned, in sizes.
const TURNED: f64 = 0.38;

/// One run in the making.
struct Open {
    first: Glyph,
    /// The glyph before.
    last: Glyph,
    /// Characters, and how far from the beginning of the line each begins, in pixels.
    letters: Vec<(char, f64)>,
    /// Where the last one ends.
    end: f64,
}

/// Makes runs; `scale` is tenths of a point a pixel, across and down.
pub(in crate::formats::pdf) fn runs(
    glyphs: &[Glyph],
    scale: (f64, f64),
    cx: &mut Cx<'_>,
) -> Result<Vec<Run>, Refusal> {
    let mut runs = Vec::new();
    let mut open: Option<Open> = None;
    for glyph in glyphs {
        let fits = open.as_ref().is_some_and(|open| open.takes(glyph));
        if !fits && let Some(done) = open.take() {
            close(&done, scale, &mut runs, cx)?;
        }
        match &mut open {
            Some(open) => open.push(glyph),
            None if glyph.text.trim().is_empty() => {}
            None => open = Some(Open::of(glyph)),
        }
    }
    if let Some(done) = open {
        close(&done, scale, &mut runs, cx)?;
    }
    Ok(runs)
}

impl Open {
    fn of(glyph: &Glyph) -> Self {
        let mut open = Self {
            first: glyph.clone(),
            last: glyph.clone(),
            letters: Vec::new(),
            end: 0.0,
        };
        open.add(glyph, 0.0);
        open
    }

    fn takes(&self, glyph: &Glyph) -> bool {
        let first = &self.first;
        let turn = first.along.0 * glyph.along.0 + first.along.1 * glyph.along.1;
        let (along, across) = first.offset(glyph);
        let gap = along - self.end;
        turn > 0.999
            && first.vertical == glyph.vertical
            && (0.8..=1.25).contains(&(glyph.size / first.size))
            && across.abs() <= if first.vertical { OFF_MIDDLE } else { OFF_LINE } * first.size
            && gap >= -BACK * first.size
            && gap <= GAP * first.size
            && self.letters.len() < MAX_RUN_CHARS.saturating_div(2)
    }

    fn push(&mut self, glyph: &Glyph) {
        let (along, _) = self.first.offset(glyph);
        let gap = along - self.end;
        let before = self.letters.last().map_or(' ', |(letter, _)| *letter);
        let next = glyph.text.chars().next().unwrap_or(' ');
        let is_word = |c: char| !c.is_whitespace() && !is_wide(c);
        let is_apart = is_word(before) && is_word(next) && gap > BLANK * self.first.size;
        let far = gap > self.first.size && !before.is_whitespace() && !next.is_whitespace();
        if is_apart || far {
            self.letters.push((' ', self.end));
        }
        self.add(glyph, along);
    }

    fn add(&mut self, glyph: &Glyph, along: f64) {
        let count = super::place::float(glyph.text.chars().count()).max(1.0);
        let step = glyph.advance.max(0.0) / count;
        let mut at = along;
        for letter in glyph.text.chars() {
            let letter = if is_blank(letter) { ' ' } else { letter };
            self.letters.push((letter, at));
            at += step;
        }
        self.end = along + glyph.advance.max(0.0);
        self.last = glyph.clone();
    }
}

/// What becomes one blank of a line.
const fn is_blank(letter: char) -> bool {
    matches!(
        letter,
        '\t'..='\r' | '\u{85}' | '\u{a0}' | '\u{2028}' | '\u{2029}'
    )
}

/// Letters that are written without blanks between words.
pub(in crate::formats::pdf) const fn is_wide(c: char) -> bool {
    matches!(
        c,
        '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}'
    )
}

fn close(
    open: &Open,
    scale: (f64, f64),
    runs: &mut Vec<Run>,
    cx: &mut Cx<'_>,
) -> Result<(), Refusal> {
    let raw: String = open.letters.iter().map(|(letter, _)| *letter).collect();
    let mut line = cx.line(&raw);
    if line.as_str().is_empty() {
        return Ok(());
    }
    // some letters become several ones when they are cleaned
    if line.as_str().chars().count() > MAX_RUN_CHARS {
        cx.note(FindingCode::TextTruncated);
        let cut: String = line.as_str().chars().take(MAX_RUN_CHARS).collect();
        line = cx.line(&cut);
    }
    if runs.len() >= MAX_RUNS {
        cx.note(FindingCode::TextTruncated);
        return Ok(());
    }
    let kept = places(open, &line);
    let Some((start, _)) = kept.first().copied() else {
        return Ok(());
    };
    let glyph = &open.first;
    let (x, y) = glyph.along;
    let mut at = (glyph.at.0 + x * start, glyph.at.1 + y * start);
    if glyph.vertical {
        // turned a quarter, the base line lies to the left of the middle
        let down = TURNED * glyph.size;
        at = (at.0 - y * down, at.1 + x * down);
    }
    let along = (x * scale.0, y * scale.1);
    let stretch = along.0.hypot(along.1);
    let size = glyph.size * stretch;
    let direction = (
        thousandths(along.0 / stretch),
        thousandths(along.1 / stretch),
    );
    let advances = kept
        .iter()
        .map(|(_, advance)| advance_of(advance / glyph.size))
        .collect();
    // letters that are cut by the edge of the page begin off it, and are read as those behind them
    let place = |side: f64| tenths(side.max(0.0));
    let Some(at) = place(at.0 * scale.0).zip(place(at.1 * scale.1)) else {
        return Ok(());
    };
    let size = tenths(size).unwrap_or(1).max(1);
    runs.push(Run::new(at, direction, size, line, advances)?);
    Ok(())
}

/// For each character of the clean `line` where it begins and how far it goes, in pixels.
fn places(open: &Open, line: &Line) -> Vec<(f64, f64)> {
    let mut letters = open.letters.iter().peekable();
    let mut starts: Vec<f64> = Vec::new();
    let mut end = open.end;
    for wanted in line.as_str().chars() {
        // what is cleaned away stands between those that are kept, and gives them its place
        while let Some((letter, _)) = letters.peek()
            && *letter != wanted
            && mugai_core::Text::clean(letter.encode_utf8(&mut [0; 4]))
                .0
                .as_str()
                != wanted.encode_utf8(&mut [0; 4])
        {
            letters.next();
        }
        let at = letters.next().map_or(end, |(_, at)| *at);
        starts.push(at);
    }
    if let Some((_, at)) = letters.next() {
        end = *at;
    }
    let nexts = starts.iter().skip(1).copied().chain([end]);
    starts
        .iter()
        .zip(nexts)
        .map(|(start, next)| (*start, (next - start).max(0.0)))
        .collect()
}

/// A place or size in tenths; `None` off the page.
fn tenths(side: f64) -> Option<u32> {
    let whole = u32::try_from(whole(side + 0.5)).ok()?;
    (whole <= MAX_TENTHS).then_some(whole)
}

fn thousandths(side: f64) -> i16 {
    i16::try_from(whole(side * 1000.0 + 0.5)).unwrap_or(0)
}

fn advance_of(sizes: f64) -> u16 {
    u16::try_from(whole(sizes * 1000.0 + 0.5)).unwrap_or(if sizes > 0.0 { u16::MAX } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::{Assignment, Budget, Hints, Limits, NoFonts, Params, Treatments};
    use mugai_testkit::show::Tape;

    /// The runs of letters that stand ten pixels apart.
    fn told(letters: &[&str]) -> Vec<Run> {
        let limits = Limits {
            bytes: 1 << 20,
            pixels: 0,
            parts: 0,
            depth: 0,
            steps: 1 << 20,
        };
        let assignment = Assignment {
            hints: Hints::default(),
            treatments: Treatments::nothing(),
            limits,
            params: Params::default(),
        };
        let budget = Budget::new(limits);
        let mut tape = Tape::default();
        let mut cx = Cx::new(&assignment, &budget, &NoFonts, &mut tape);
        let mut at = 0.0;
        let mut glyphs = Vec::new();
        for text in letters {
            glyphs.push(Glyph {
                text: (*text).into(),
                at: (at, 50.0),
                along: (1.0, 0.0),
                size: 10.0,
                advance: 10.0,
                vertical: false,
            });
            at += 10.0;
        }
        runs(&glyphs, (1.0, 1.0), &mut cx).unwrap()
    }

    #[test]
    fn letters_behind_an_end_of_line_keep_their_places() {
        for end in ["\n", "\u{b}", "\u{c}", "\u{85}", "\u{2028}", "\u{2029}"] {
            let runs = told(&["a", end, "b", "c"]);
            let [run] = runs.as_slice() else {
                panic!("{end:?}: {runs:?}");
            };
            assert_eq!(run.text().as_str(), "a bc", "{end:?}");
            assert_eq!(run.advances(), [1000; 4], "{end:?}");
        }
    }

    #[test]
    fn a_run_that_becomes_too_long_is_cut() {
        // each becomes three characters when it is composed
        let letters = vec!["\u{fb2c}"; 999];
        let runs = told(&letters);
        assert!(!runs.is_empty());
        for run in runs {
            assert!(run.text().as_str().chars().count() <= MAX_RUN_CHARS);
        }
    }
}

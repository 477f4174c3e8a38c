//! Formulas as documents of Word and RTF have them ("Math", ISO/IEC 29500-1 section 22.1), as one line of text.
//!
//! The line is near to the linear form of Unicode Technical Note 28: fractions with a stroke, powers
//! and indices behind their signs, brackets where a piece is more than one thing. Where that form
//! needs signs that nobody reads, it is what people write in mails.

mod lines;

use lines::{runs_on, shown};

/// How deep parts may lie in each other, and how much text may be moved for them, in bytes; those beyond are as their
/// pieces.
const MAX_DEPTH: usize = 256;
const MAX_WORK: usize = 256 << 20;

/// What stands in a formula, by the names that both formats have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Fraction,
    Root,
    /// Sums, integrals: with a sign in front.
    Large,
    Brackets,
    Function,
    Scripts,
    /// With its scripts in front.
    Before,
    LimitBelow,
    LimitAbove,
    Matrix,
    Cells,
    Lines,
    Accent,
    Bar,
    Brace,
    /// Looks alone: a frame, a place that is kept free.
    Box,
    /// Letters.
    Run,
    Piece(Piece),
}

/// What a piece is of the part that it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Base,
    Above,
    Below,
    Degree,
    Lower,
    Upper,
    Limit,
    Name,
}

/// What is said of a part: signs, and how its pieces stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// The sign of a sum, of an accent.
    Own,
    First,
    Last,
    Between,
    /// `bar`, `skw`, `lin`, `noBar` (`ST_FType`).
    Stroke,
    /// `top`, `bot` (`ST_TopBot`).
    Place,
}

impl Sign {
    /// The sign that an element or a control word names.
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "chr" => Self::Own,
            "begChr" => Self::First,
            "endChr" => Self::Last,
            "sepChr" => Self::Between,
            "type" => Self::Stroke,
            "pos" => Self::Place,
            _ => return None,
        })
    }
}

impl Part {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "f" => Self::Fraction,
            "rad" => Self::Root,
            "nary" => Self::Large,
            "d" => Self::Brackets,
            "func" => Self::Function,
            "sSub" | "sSup" | "sSubSup" => Self::Scripts,
            "sPre" => Self::Before,
            "limLow" => Self::LimitBelow,
            "limUpp" => Self::LimitAbove,
            "m" => Self::Matrix,
            "mr" => Self::Cells,
            "eqArr" => Self::Lines,
            "acc" => Self::Accent,
            "bar" => Self::Bar,
            "groupChr" => Self::Brace,
            "box" | "borderBox" | "phant" => Self::Box,
            "r" => Self::Run,
            "e" => Self::Piece(Piece::Base),
            "num" => Self::Piece(Piece::Above),
            "den" => Self::Piece(Piece::Below),
            "deg" => Self::Piece(Piece::Degree),
            "sub" => Self::Piece(Piece::Lower),
            "sup" => Self::Piece(Piece::Upper),
            "lim" => Self::Piece(Piece::Limit),
            "fName" => Self::Piece(Piece::Name),
            _ => return None,
        })
    }
}

/// A part that is open, or one that is whole.
#[derive(Debug)]
struct Open {
    part: Part,
    /// Where it begins in what is told.
    start: usize,
    pieces: Vec<(Piece, String)>,
    signs: Vec<(Sign, String)>,
}

impl Open {
    /// What is said of a sign; empty where it is said that there is none.
    fn sign(&self, sign: Sign) -> Option<&str> {
        let said = self.signs.iter().rev().find(|(of, _)| *of == sign);
        said.map(|(_, text)| text.as_str())
    }

    /// Takes a piece out; empty if there is none. Of those that come twice, all.
    fn take(&mut self, piece: Piece) -> String {
        let mut taken = String::new();
        self.pieces.retain(|(of, text)| {
            if *of == piece {
                taken.push_str(text);
            }
            *of != piece
        });
        taken
    }

    /// Takes the pieces out, with something between each two.
    fn joined(&mut self, between: &str) -> String {
        let pieces = std::mem::take(&mut self.pieces);
        let texts: Vec<String> = pieces.into_iter().map(|(_, text)| text).collect();
        texts.join(between)
    }
}

/// The parts of a formula that are open while it is told.
#[derive(Debug, Default)]
pub(super) struct Formula {
    open: Vec<Open>,
    /// How many are open beyond what is followed.
    beyond: usize,
    /// How much text was moved.
    work: usize,
    /// Where a part ended that letters would run into: `x^2` and `y`.
    ended: Option<usize>,
}

impl Formula {
    /// Whether a name is that of a part.
    pub(super) fn knows(name: &str) -> bool {
        Part::of(name).is_some()
    }

    /// How long what was told since the innermost part began is, in bytes.
    pub(super) fn length(&self, out: &str) -> usize {
        let start = self.open.last().map_or(0, |open| open.start);
        out.len().saturating_sub(start)
    }

    /// Begins the part that an element or a control word names (without the `m` that all of them
    /// have); `false` if it names none.
    pub(super) fn begin(&mut self, name: &str, out: &str) -> bool {
        let Some(part) = Part::of(name) else {
            return false;
        };
        if self.beyond > 0 || self.open.len() >= MAX_DEPTH || self.work >= MAX_WORK {
            self.beyond = self.beyond.saturating_add(1);
            return true;
        }
        self.open.push(Open {
            part,
            start: out.len(),
            pieces: Vec::new(),
            signs: Vec::new(),
        });
        true
    }

    /// What is said of a sign of the innermost part; more of it is put behind what was said.
    pub(super) fn say(&mut self, sign: Sign, text: &str) {
        let Some(open) = self.open.last_mut().filter(|_| self.beyond == 0) else {
            return;
        };
        match open.signs.iter_mut().find(|(of, _)| *of == sign) {
            Some((_, said)) => said.push_str(text),
            None => open.signs.push((sign, text.to_owned())),
        }
    }

    /// Ends the innermost part, which `begin` said `true` of.
    pub(super) fn end(&mut self, out: &mut String) {
        if self.beyond > 0 {
            self.beyond = self.beyond.saturating_sub(1);
            self.ended = Some(out.len());
            return;
        }
        self.work = self.work.saturating_add(self.length(out));
        let Some(mut open) = self.open.pop() else {
            return;
        };
        // somebody else took away what was told there
        if !out.is_char_boundary(open.start) {
            open.start = out.len();
        }
        let around = self.open.last_mut();
        match (open.part, around) {
            (Part::Run, _) => {
                // where equations that stand below each other meet
                if self.open.iter().any(|open| open.part == Part::Lines) {
                    let letters = out.split_off(open.start);
                    out.extend(letters.chars().filter(|c| *c != '&'));
                }
            }
            (Part::Piece(piece), Some(around)) if !matches!(around.part, Part::Piece(_)) => {
                let text = out.split_off(open.start);
                around.pieces.push((piece, text.trim().to_owned()));
            }
            (Part::Piece(_), _) => {}
            (Part::Cells, Some(around)) if around.part == Part::Matrix => {
                let stray = out.split_off(open.start);
                around
                    .pieces
                    .push((Piece::Base, open.joined(", ") + &stray));
            }
            (part, around) => {
                let stray = out.split_off(open.start);
                let is_bare = !around.is_some_and(|piece| matches!(piece.part, Part::Piece(_)));
                let in_brackets = self.open.iter().rev().nth(1);
                let in_brackets = in_brackets.is_some_and(|o| o.part == Part::Brackets);
                let mut text = shown(&mut open);
                if part == Part::Matrix && (is_bare || !in_brackets) {
                    text = format!("[{text}]");
                }
                // pieces that such a part does not have
                text.push_str(&open.joined(" "));
                self.put(part, &text, out);
                out.push_str(&stray);
            }
        }
    }

    /// What has to stand before text that follows what was told: a blank, where a part ended that it would run into.
    pub(super) fn before(&self, text: &str, out: &str) -> Option<char> {
        let is_parted = self.ended != Some(out.len());
        (!is_parted && run_on(out, text)).then_some(' ')
    }

    fn put(&mut self, part: Part, text: &str, out: &mut String) {
        let begin = self.open.last().map_or(0, |open| open.start);
        let told = out.get(begin..).unwrap_or_default();
        // two and a half are `2 1/2`, and two numbers are two
        let is_apart = part == Part::Fraction || told.ends_with(char::is_numeric);
        if run_on(told, text) && (is_apart || self.ended == Some(out.len())) {
            out.push(' ');
        }
        out.push_str(text);
        self.ended = Some(out.len());
    }
}

/// Whether the end of a text and the beginning of another would be read together.
fn run_on(before: &str, behind: &str) -> bool {
    let letters = before.chars().next_back().zip(behind.chars().next());
    letters.is_some_and(|(before, behind)| runs_on(before, behind))
}

#[cfg(test)]
mod tests;

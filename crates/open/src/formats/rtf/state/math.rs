//! Formulas ("Math"), as one line of text: fractions with a stroke, powers and indices behind their signs.

use super::State;
use crate::formats::rtf::destination::Destination;
use mugai_core::{Cx, Refusal, Resource};

/// What a group is of a formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    None,
    /// Its pieces follow each other.
    Row,
    Fraction,
    Root,
    /// With a sign in front, an integral if nothing else is said.
    Large,
    Brackets,
    Function,
    LimitBelow,
    LimitAbove,
    /// Pieces that stand below each other, rows of a matrix among them.
    Lines,
    Cells,
    /// A piece.
    Piece,
    /// What it looks like.
    Looks,
    /// Signs of it: the first and the last one, and that between pieces.
    Sign(u8),
}

/// What is said of a sign.
#[derive(Clone, Copy, Debug)]
enum Said {
    /// Nothing: it is the usual one.
    Nothing,
    /// That there is none.
    None,
    Sign(char),
}

/// A group of a formula.
#[derive(Clone, Copy, Debug)]
pub(super) struct Formula {
    part: Part,
    /// How many pieces have begun.
    pieces: u32,
    /// What was said of its signs.
    signs: [Said; 3],
    /// Where it begins in what is told, and where the bracket around it is.
    bracket: Option<(usize, usize)>,
}

impl Formula {
    pub(super) const NONE: Self = Self {
        part: Part::None,
        pieces: 0,
        signs: [Said::Nothing; 3],
        bracket: None,
    };

    pub(super) const fn is_none(&self) -> bool {
        matches!(self.part, Part::None)
    }

    fn sign(&self, place: usize, usual: char) -> Option<char> {
        match self.signs.get(place) {
            Some(Said::Nothing) | None => Some(usual),
            Some(Said::None) => None,
            Some(Said::Sign(sign)) => Some(*sign),
        }
    }
}

const FIRST: u8 = 0;
const LAST: u8 = 1;
const BETWEEN: u8 = 2;

/// The part that a control word begins.
fn of(word: &[u8]) -> Option<Part> {
    Some(match word {
        b"mf" => Part::Fraction,
        b"mrad" => Part::Root,
        b"mnary" => Part::Large,
        b"md" => Part::Brackets,
        b"mfunc" => Part::Function,
        b"mlimLow" => Part::LimitBelow,
        b"mlimUpp" => Part::LimitAbove,
        b"mm" | b"meqArr" => Part::Lines,
        b"mmr" => Part::Cells,
        b"msSub" | b"msSup" | b"msSubSup" | b"msPre" | b"macc" | b"mbar" | b"mbox"
        | b"mborderBox" | b"mgroupChr" | b"mphant" => Part::Row,
        b"me" | b"mnum" | b"mden" | b"mdeg" | b"msub" | b"msup" | b"mlim" | b"mfName" => {
            Part::Piece
        }
        b"mchr" | b"mbegChr" => Part::Sign(FIRST),
        b"mendChr" => Part::Sign(LAST),
        b"msepChr" => Part::Sign(BETWEEN),
        [b'm', .., b'P', b'r'] => Part::Looks,
        _ => return None,
    })
}

impl State {
    /// Begins a part of a formula, if the word does.
    pub(super) fn begin_formula(&mut self, word: &[u8]) -> bool {
        let Some(part) = of(word) else { return false };
        let group = self.group();
        match (part, group.destination) {
            (_, Destination::Nothing) => return true,
            (Part::Sign(_), Destination::Looks) => {}
            // looks of something else
            (Part::Sign(_), _) => return false,
            (_, Destination::Body | Destination::Note | Destination::Margin) => {}
            _ => return true,
        }
        self.flush();
        self.set(|group| {
            group.fresh = false;
            group.formula.part = part;
            if part == Part::Looks {
                group.destination = Destination::Looks;
            } else if matches!(part, Part::Sign(_)) {
                group.destination = Destination::Sign;
            }
        });
        if let Part::Sign(place) = part {
            self.name_sign(place, None);
        } else if matches!(part, Part::Piece | Part::Cells) {
            self.piece(word);
        }
        true
    }

    /// What stands between the pieces of a part, and in front of the first one.
    fn piece(&mut self, word: &[u8]) {
        let place = self.groups.len().saturating_sub(2);
        let Some(around) = self.groups.get_mut(place) else {
            return;
        };
        let formula = around.formula;
        around.formula.pieces = formula.pieces.saturating_add(1);
        let is_first = formula.pieces == 0;
        match (formula.part, is_first) {
            (Part::Large, true) => self.put_sign(formula.sign(0, '∫')),
            (Part::Brackets, true) => self.put_sign(formula.sign(0, '(')),
            (Part::Brackets, false) => {
                self.put_sign(formula.sign(usize::from(BETWEEN), '|'));
            }
            (Part::Lines, false) => self.put_all("; "),
            (Part::Cells, false) => self.put_all(", "),
            (Part::Function, false) => self.put(' '),
            _ => {}
        }
        let mark = match (word, formula.part) {
            (b"mden", _) => Some("/"),
            (b"msup", _) | (b"mlim", Part::LimitAbove) => Some("^"),
            (b"msub" | b"mlim", _) => Some("_"),
            (b"me", Part::Root) => Some("√"),
            (b"mnum" | b"mdeg", _) => Some(""),
            _ => None,
        };
        if let Some(mark) = mark {
            let destination = self.group().destination;
            let start = self.told(destination).len();
            self.put_all(mark);
            let bracket = self.told(destination).len();
            self.put('(');
            self.set(|group| group.formula.bracket = Some((start, bracket)));
        }
    }

    /// A sign of a part, told two groups further inside.
    pub(super) fn sign(&mut self, c: char) {
        if let Part::Sign(place) = self.group().formula.part {
            self.name_sign(place, Some(c));
        }
    }

    fn put_sign(&mut self, sign: Option<char>) {
        if let Some(sign) = sign {
            self.put(sign);
        }
    }

    fn name_sign(&mut self, place: u8, sign: Option<char>) {
        let of = self.groups.len().saturating_sub(3);
        if let Some(group) = self.groups.get_mut(of)
            && let Some(slot) = group.formula.signs.get_mut(usize::from(place))
        {
            *slot = sign.map_or(Said::None, Said::Sign);
        }
    }

    /// Ends the part of a formula that the innermost group is.
    pub(super) fn end_formula(&mut self, cx: &Cx<'_>) -> Result<(), Refusal> {
        let group = self.group();
        let formula = group.formula;
        if formula.part == Part::Brackets && formula.pieces > 0 {
            formula
                .sign(usize::from(LAST), ')')
                .into_iter()
                .for_each(|c| self.put(c));
        }
        let Some((start, bracket)) = formula.bracket else {
            return Ok(());
        };
        let told = self.told(group.destination);
        let Some(inside) = told.get(bracket..).and_then(|text| text.strip_prefix('(')) else {
            return Ok(());
        };
        cx.charge_len(Resource::Steps, inside.len() / 16)?;
        if inside.is_empty() {
            told.truncate(start);
        } else if inside.chars().all(char::is_alphanumeric) {
            // one thing needs no brackets
            told.remove(bracket);
        } else {
            self.put(')');
        }
        Ok(())
    }
}

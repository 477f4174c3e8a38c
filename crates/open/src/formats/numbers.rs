//! The numbers before paragraphs, as word processors count them: they stand nowhere in the text.
//!
//! A list has a kind, whose levels share their numbers with all other lists of that kind (ECMA-376 part 1, section 17.9;
//! [MS-DOC] 2.4.6.3).

use super::numeral::numeral;
use super::symbols::Symbols;
use std::collections::BTreeMap;

/// Levels of a list.
pub(super) const LEVELS: usize = 9;
/// The longest text of a number that is told, in bytes: programs allow 31 letters.
const MAX_TEXT: usize = 128;

/// The longest name that is looked up, in bytes: programs write 253 letters. Names are looked up at each paragraph.
const MAX_NAME: usize = 256;

/// The name of a list or a style, cut where no program would have written it.
pub(super) fn name(raw: &str) -> String {
    let end = raw.floor_char_boundary(MAX_NAME);
    raw.get(..end).unwrap_or_default().to_owned()
}

/// Whether a text that has the number of a page says nothing without it: `第 ページ`, `of`.
pub(super) fn is_beside_number(text: &str) -> bool {
    let mut rest = text.to_lowercase();
    for word in ["ページ", "頁", "第", "全", "page", "of", "seite"] {
        rest = rest.replace(word, "");
    }
    !rest.chars().any(char::is_alphabetic)
}

/// A level of a list.
#[derive(Clone, Debug)]
pub(super) struct Level {
    pub(super) start: u32,
    /// The name of the format (ECMA-376 part 1, section 17.18.59).
    pub(super) format: String,
    /// What is shown, with the numbers of levels as `%1`.
    pub(super) text: String,
    /// Whether numbers of the levels above are told by digits.
    pub(super) plain: bool,
    /// The font of a bullet.
    pub(super) font: Symbols,
    /// The level before which it begins anew, from 1; 0 is none.
    pub(super) restart: Option<usize>,
}

impl Default for Level {
    fn default() -> Self {
        Self {
            start: 1,
            format: "decimal".to_owned(),
            text: String::new(),
            plain: false,
            font: Symbols::None,
            restart: None,
        }
    }
}

/// The levels of a list by their number, from 0.
pub(super) type Levels = BTreeMap<usize, Level>;

/// A list that paragraphs name.
#[derive(Clone, Debug, Default)]
pub(super) struct List {
    pub(super) kind: String,
    /// Levels that begin elsewhere.
    pub(super) starts: BTreeMap<usize, u32>,
    /// Levels that look otherwise.
    pub(super) own: Levels,
}

/// The lists of a document, and how far they are counted.
#[derive(Debug, Default)]
pub(super) struct Counter {
    pub(super) kinds: BTreeMap<String, Levels>,
    pub(super) lists: BTreeMap<String, List>,
    /// By kinds: the numbers of the levels.
    counts: BTreeMap<String, [Option<u32>; LEVELS]>,
    /// Lists whose own starts were used.
    begun: BTreeMap<String, [bool; LEVELS]>,
}

impl Counter {
    /// What stands before the next paragraph of a level of a list, which is counted.
    pub(super) fn next(&mut self, list: &str, level: usize) -> Option<String> {
        let of = self.lists.get(list)?;
        let kind = self.kinds.get(&of.kind)?;
        let levels = |at: usize| of.own.get(&at).or_else(|| kind.get(&at));
        let here = levels(level)?;
        let counts = self.counts.entry(of.kind.clone()).or_default();
        let begun = self.begun.entry(list.to_owned()).or_default();
        let own = of.starts.get(&level).copied();
        let fresh = own.is_some() && begun.get(level) == Some(&false);
        let slot = counts.get_mut(level)?;
        *slot = Some(match (*slot, own) {
            (_, Some(start)) if fresh => start,
            (None, start) => start.unwrap_or(here.start),
            (Some(count), _) => count.saturating_add(1),
        });
        if let Some(begun) = begun.get_mut(level) {
            *begun = true;
        }
        for (below, count) in counts.iter_mut().enumerate().skip(level.saturating_add(1)) {
            let restart = levels(below).and_then(|level| level.restart);
            // by itself a level begins anew below any other one
            if restart.is_none_or(|at| at > level) {
                *count = None;
            }
        }
        here.shown(level, counts, &levels)
    }
}

impl Level {
    /// Takes what is shown; texts that no program writes are none.
    pub(super) fn say(&mut self, text: &str) {
        if text.len() <= MAX_TEXT {
            text.clone_into(&mut self.text);
        }
    }

    fn shown<'l>(
        &self,
        level: usize,
        counts: &[Option<u32>; LEVELS],
        levels: &impl Fn(usize) -> Option<&'l Self>,
    ) -> Option<String> {
        if self.format == "bullet" {
            return Some(bullet(self.text.chars().next()?, self.font).to_string());
        }
        let mut out = String::new();
        let mut letters = self.text.chars().peekable();
        while let Some(c) = letters.next() {
            let of = letters.peek().and_then(|digit| digit.to_digit(10));
            let of = of.and_then(|digit| usize::try_from(digit).ok());
            match of.filter(|of| c == '%' && (1..=LEVELS).contains(of)) {
                Some(of) => {
                    letters.next();
                    let at = of.saturating_sub(1);
                    let other = levels(at);
                    let start = other.map_or(1, |other| other.start);
                    let number = counts.get(at).copied().flatten().unwrap_or(start);
                    let format = if self.plain && at != level {
                        "decimal"
                    } else {
                        other.map_or("decimal", |other| other.format.as_str())
                    };
                    out.push_str(&numeral(number, format));
                }
                None => out.push(c),
            }
        }
        (!out.is_empty()).then_some(out)
    }
}

/// What a bullet shows in a font.
pub(super) fn bullet(letter: char, font: Symbols) -> char {
    let private = matches!(letter, '\u{f000}'..='\u{f0ff}');
    // most bullets are those of Symbol
    if private && font == Symbols::None {
        Symbols::Greek.letter(letter)
    } else {
        font.letter(letter)
    }
}

/// Puts the number of a paragraph before it, with a blank: its text begins at byte `at` of `out`, or a little before
/// where no character begins there.
pub(super) fn before(out: &mut String, at: usize, number: &str) {
    let at = out.floor_char_boundary(at);
    out.insert(at, ' ');
    out.insert_str(at, number);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_stands_before_its_paragraph() {
        let mut out = "甲\n乙".to_owned();
        before(&mut out, 4, "第1条");
        assert_eq!(out, "甲\n第1条 乙");
        before(&mut out, 1, "1.");
        before(&mut out, 99, "2.");
        assert_eq!(out, "1. 甲\n第1条 乙2. ");
    }
}

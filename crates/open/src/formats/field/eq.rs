//! Formulas of fields: `EQ \f(1,2)` (ISO/IEC 29500-1 section 17.16.5.21), as one line of text.
//!
//! Japanese documents have readings and rings around letters as such formulas:
//! `EQ \* jc2 \* hps10 \o\ad(\s\up 9(かな),漢字)`.

use crate::formats::symbols::circled;
use std::iter::Peekable;
use std::str::Chars;

/// How deep parts may lie in each other; those deeper are as their parts.
const MAX_DEPTH: usize = 32;
/// Signs that go around a letter.
const RINGS: &str = "○◯〇□◇△▽";

/// A part of a formula: what it is made by, and what it is made of.
#[derive(Default)]
struct Part {
    /// The letter behind the stroke; `None` for brackets that are written.
    switch: Option<char>,
    /// Options that are words of two letters, and signs that they name.
    raised: bool,
    lowered: bool,
    sign: Option<char>,
    left: Option<char>,
    right: Option<char>,
    columns: usize,
    pieces: Vec<Piece>,
}

/// One of the things between brackets.
#[derive(Default)]
struct Piece {
    text: String,
    /// What stands above it.
    over: String,
}

/// What a formula shows, by its code behind its name.
pub(super) fn shown(code: &str) -> String {
    let mut letters = code.chars().peekable();
    let mut open = vec![Part::of(None)];
    let mut next: Option<Part> = None;
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => stroke(&mut letters, &mut open, &mut next),
            '(' => {
                let part = next.take().unwrap_or_else(|| Part::of(None));
                if open.len() < MAX_DEPTH {
                    open.push(part);
                }
            }
            ')' if open.len() > 1 => close(&mut open),
            ',' | ';' if open.len() > 1 => {
                if let Some(part) = open.last_mut() {
                    part.pieces.push(Piece::default());
                }
            }
            // between an option and its brackets
            ' ' if next.is_some() => {}
            letter => {
                next = None;
                say(&mut open, letter);
            }
        }
    }
    while open.len() > 1 {
        close(&mut open);
    }
    let text = open.pop().map(|part| part.joined("")).unwrap_or_default();
    text.trim().to_owned()
}

fn say(open: &mut [Part], letter: char) {
    if let Some(piece) = open.last_mut().and_then(|part| part.pieces.last_mut()) {
        piece.text.push(letter);
    }
}

/// What stands behind a stroke: a letter that is meant as such, a switch, or an option of the one before.
fn stroke(letters: &mut Peekable<Chars<'_>>, open: &mut [Part], next: &mut Option<Part>) {
    let Some(first) = letters.next() else { return };
    match first {
        // looks of the whole field
        '*' | '#' | '@' => {
            word(letters);
            return;
        }
        first if !first.is_ascii_alphabetic() => {
            say(open, first);
            return;
        }
        _ => {}
    }
    let mut name = String::from(first.to_ascii_lowercase());
    while let Some(letter) = letters.next_if(char::is_ascii_alphabetic) {
        name.push(letter.to_ascii_lowercase());
    }
    let Some(part) = next.as_mut().filter(|_| name.len() > 1) else {
        *next = Some(Part::of(name.chars().next()));
        return;
    };
    match name.as_str() {
        "up" => part.raised = true,
        "do" => part.lowered = true,
        "su" => part.sign = Some('∑'),
        "pr" => part.sign = Some('∏'),
        "fc" | "vc" => part.sign = named(letters),
        "lc" => part.left = named(letters),
        "rc" => part.right = named(letters),
        "bc" => {
            part.left = named(letters);
            part.right = part.left.map(facing);
        }
        "co" => part.columns = number(letters),
        _ => {}
    }
    // distances
    number(letters);
}

/// A letter that an option names: `\lc\{`.
fn named(letters: &mut Peekable<Chars<'_>>) -> Option<char> {
    letters.next_if_eq(&'\\');
    letters.next()
}

fn number(letters: &mut Peekable<Chars<'_>>) -> usize {
    let mut number = 0usize;
    while let Some(letter) = letters.next_if(|c| matches!(c, ' ' | '-') || c.is_ascii_digit()) {
        if let Some(digit) = letter.to_digit(10) {
            let digit = usize::try_from(digit).unwrap_or(0);
            number = number.saturating_mul(10).saturating_add(digit);
        }
    }
    number
}

/// Skips a word, or what is in quotation marks.
fn word(letters: &mut Peekable<Chars<'_>>) {
    while letters.next_if_eq(&' ').is_some() {}
    if letters.next_if_eq(&'"').is_some() {
        letters.by_ref().find(|letter| *letter == '"');
        return;
    }
    while letters.next_if(|c| !matches!(c, ' ' | '\\')).is_some() {}
}

/// The other one of a pair of brackets.
const fn facing(left: char) -> char {
    match left {
        '(' => ')',
        '[' => ']',
        '{' => '}',
        '<' => '>',
        '〔' => '〕',
        '【' => '】',
        '「' => '」',
        other => other,
    }
}

/// Ends the innermost part, which becomes text of the one around it.
fn close(open: &mut Vec<Part>) {
    let Some(part) = open.pop() else { return };
    let is_reading = open.last().is_some_and(|around| around.switch == Some('o'));
    let Some(piece) = open.last_mut().and_then(|around| around.pieces.last_mut()) else {
        return;
    };
    if part.switch == Some('s') && part.raised && is_reading {
        piece.over.push_str(&part.joined(""));
    } else {
        piece.text.push_str(&part.told());
    }
}

impl Part {
    fn of(switch: Option<char>) -> Self {
        Self {
            switch,
            pieces: vec![Piece::default()],
            ..Self::default()
        }
    }

    fn joined(&self, between: &str) -> String {
        let texts: Vec<&str> = self
            .pieces
            .iter()
            .map(|piece| piece.text.as_str())
            .collect();
        texts.join(between)
    }

    fn piece(&self, place: usize) -> &str {
        self.pieces.get(place).map_or("", |piece| piece.text.trim())
    }

    /// A part as text.
    fn told(&self) -> String {
        let bound = |mark: &str, text: &str| {
            if text.is_empty() {
                String::new()
            } else {
                format!("{mark}{}", whole(text))
            }
        };
        match self.switch {
            None => format!("({})", self.joined(",")),
            Some('f') => format!("{}/{}", whole(self.piece(0)), whole(self.piece(1))),
            Some('r') if self.pieces.len() > 1 => {
                format!("{}√{}", self.piece(0), whole(self.piece(1)))
            }
            Some('r') => format!("√{}", whole(self.piece(0))),
            Some('i') => {
                let sign = self.sign.unwrap_or('∫');
                let (from, to) = (bound("_", self.piece(0)), bound("^", self.piece(1)));
                format!("{sign}{from}{to}{}", whole(self.piece(2)))
            }
            Some('b') => {
                let left = self.left.unwrap_or('(');
                let right = self.right.unwrap_or(')');
                format!("{left}{}{right}", self.joined(","))
            }
            Some('a') => self.rows(),
            Some('l') => self.joined(","),
            Some('s') if self.raised => bound("^", &self.joined("")),
            Some('s') if self.lowered => bound("_", &self.joined("")),
            Some('o') => self.overlaid(),
            _ => self.joined(""),
        }
    }

    /// An array, row by row.
    fn rows(&self) -> String {
        let texts: Vec<&str> = self.pieces.iter().map(|piece| piece.text.trim()).collect();
        let rows = texts.chunks(self.columns.max(1));
        let rows: Vec<String> = rows.map(|row| row.join(" ")).collect();
        rows.join("; ")
    }

    /// Letters over each other: a reading is told behind what it is for, and rings are left out.
    fn overlaid(&self) -> String {
        let over: String = self
            .pieces
            .iter()
            .map(|piece| piece.over.as_str())
            .collect();
        let is_ring = |text: &str| !text.is_empty() && text.chars().all(|c| RINGS.contains(c));
        let is_ringed = self.pieces.iter().any(|piece| {
            let text = piece.text.trim();
            !text.is_empty() && !is_ring(text)
        });
        let texts = || self.pieces.iter().map(|piece| piece.text.trim());
        let text: String = texts()
            .filter(|text| !(is_ringed && is_ring(text)))
            .collect();
        let circled = is_ringed && texts().any(|text| matches!(text, "○" | "◯" | "〇"));
        let text = if circled { ringed(text) } else { text };
        if over.is_empty() {
            text
        } else {
            format!("{text}（{over}）")
        }
    }
}

/// Letters in a ring, where there is one letter that is that; else the letters.
fn ringed(base: String) -> String {
    const RINGED: [(&str, char); 20] = [
        ("印", '㊞'),
        ("秘", '㊙'),
        ("注", '㊟'),
        ("上", '㊤'),
        ("中", '㊥'),
        ("下", '㊦'),
        ("左", '㊧'),
        ("右", '㊨'),
        ("優", '㊝'),
        ("適", '㊜'),
        ("休", '㊡'),
        ("写", '㊢'),
        ("正", '㊣'),
        ("医", '㊩'),
        ("学", '㊫'),
        ("監", '㊬'),
        ("企", '㊭'),
        ("資", '㊮'),
        ("協", '㊯'),
        ("夜", '㊰'),
    ];
    let text = base.trim();
    let number = || circled(text.parse().ok()?);
    let found = RINGED.iter().find(|(of, _)| *of == text).map(|(_, c)| *c);
    found.or_else(number).map_or(base, String::from)
}

/// A text that is one thing, in brackets if it is not.
fn whole(text: &str) -> String {
    let simple = |c: char| c.is_alphanumeric() || c == '.';
    if text.chars().all(simple) {
        text.to_owned()
    } else {
        format!("({text})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_one_line() {
        for (code, want) in [
            (r" \f(1,2)", "1/2"),
            (r" \f(a+b;2)", "(a+b)/2"),
            (r" x=\r(3,x+1)", "x=3√(x+1)"),
            (r" \r(2)", "√2"),
            (r" \i\su(i=1,n,x\s\do5(i))", "∑_(i=1)^n(x_i)"),
            (r" \i(0,1,x)", "∫_0^1x"),
            (r" x\s\up5(2)+1", "x^2+1"),
            (r" \b\bc\{(\a\al\co2(1,2,3,4))", "{1 2; 3 4}"),
            (r" \b(a)", "(a)"),
            (r" \l(1,2,3)", "1,2,3"),
            (r" f(x)", "f(x)"),
            (r" \f(f(x),2)", "(f(x))/2"),
            (r" \(a\,b\)", "(a,b)"),
            (r" \x\to(枠)", "枠"),
            (r" \o\ac(○,印)", "㊞"),
            (r" \o\ac(○,21)", "㉑"),
            (r" \o\ac(○,外)", "外"),
            (r" \o\ac(印,○)", "㊞"),
            (r" \o(○)", "○"),
            (r" \o\ad(\s\up 11(むがい),無害)", "無害（むがい）"),
            (
                r#" \* jc2 \* "Font:ＭＳ 明朝" \* hps10 \o\ad(\s\up 9(か),蚊)"#,
                "蚊（か）",
            ),
            (r" \o(", ""),
            ("\\", ""),
        ] {
            assert_eq!(shown(code), want, "{code}");
        }
    }

    #[test]
    fn formulas_have_a_depth() {
        let deep = format!(" {}x{}", r"\f(".repeat(600), ")".repeat(600));
        assert!(shown(&deep).contains('x'));
    }
}

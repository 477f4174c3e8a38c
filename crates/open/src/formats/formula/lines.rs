//! What a part of a formula looks like in a line.

use super::{Open, Part, Piece, Sign};

/// Whether two letters would be read together that belong to different parts: those of `1/2` and `x`, of `客数` and `千円`.
/// What is written in Japanese behind a formula is not (`x^2円`), and words of syllables never are: `は`, `です`.
pub(super) fn runs_on(before: char, behind: char) -> bool {
    let is_syllable = |c: char| matches!(c, '\u{3040}'..='\u{309f}');
    let is_japanese = |c: char| matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}');
    before.is_alphanumeric()
        && behind.is_alphanumeric()
        && !is_syllable(before)
        && !is_syllable(behind)
        && (!is_japanese(behind) || is_japanese(before))
}

/// A piece that stands next to a sign, in brackets unless it is one thing.
pub(super) fn grouped(text: &str) -> String {
    let is_one = text.chars().count() == 1
        || text.chars().all(|c| c.is_alphabetic() || is_mark(c))
        || text.chars().all(|c| c.is_numeric() || c == '.')
        || is_bracketed(text);
    if is_one && !text.is_empty() {
        text.to_owned()
    } else {
        format!("({text})")
    }
}

/// Marks that stand above or below the letter before them.
const fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{20d0}'..='\u{20ff}')
}

/// Whether the bracket that a text begins with is closed by its last letter.
fn is_bracketed(text: &str) -> bool {
    let Some(inside) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) else {
        return false;
    };
    let mut depth = 0usize;
    inside.chars().all(|c| {
        let closes = c == ')' && depth == 0;
        match c {
            '(' => depth = depth.saturating_add(1),
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        !closes
    }) && depth == 0
}

/// A sign and the piece behind it; nothing if there is no piece.
fn script(sign: char, piece: &str) -> String {
    if piece.is_empty() {
        return String::new();
    }
    format!("{sign}{}", grouped(piece))
}

/// What a part shows that is no piece and no run.
pub(super) fn shown(open: &mut Open) -> String {
    match open.part {
        Part::Fraction => fraction(open),
        Part::Root => root(&open.take(Piece::Degree), &open.take(Piece::Base)),
        Part::Large => {
            let sign = open.sign(Sign::Own).unwrap_or("∫").to_owned();
            let scripts = scripts(open);
            let space = if scripts.is_empty() { "" } else { " " };
            format!("{sign}{scripts}{space}{}", open.take(Piece::Base))
        }
        Part::Brackets => {
            let first = open.sign(Sign::First).unwrap_or("(").to_owned();
            let last = open.sign(Sign::Last).unwrap_or(")").to_owned();
            let between = open.sign(Sign::Between).unwrap_or("|").to_owned();
            format!("{first}{}{last}", open.joined(&between))
        }
        Part::Function => {
            let [name, of] = [Piece::Name, Piece::Base].map(|piece| open.take(piece));
            let space = if of.starts_with(['(', '[', '{', '|']) || of.is_empty() {
                ""
            } else {
                " "
            };
            format!("{name}{space}{of}")
        }
        Part::Scripts => {
            let base = open.take(Piece::Base);
            let base = if base.is_empty() {
                base
            } else {
                grouped(&base)
            };
            base + &scripts(open)
        }
        Part::Before => {
            let scripts = scripts(open);
            format!("({scripts}){}", grouped(&open.take(Piece::Base)))
        }
        Part::LimitBelow | Part::LimitAbove => {
            let sign = if open.part == Part::LimitBelow {
                '_'
            } else {
                '^'
            };
            let base = grouped(&open.take(Piece::Base));
            base + &script(sign, &open.take(Piece::Limit))
        }
        Part::Matrix | Part::Lines => open.joined("; "),
        Part::Cells => open.joined(", "),
        Part::Accent => {
            let accent = open.sign(Sign::Own).unwrap_or("\u{302}").to_owned();
            grouped(&open.take(Piece::Base)) + &accent
        }
        Part::Bar => {
            let is_above = open.sign(Sign::Place) == Some("top");
            over(&open.take(Piece::Base), is_above)
        }
        Part::Brace => {
            let brace = open.sign(Sign::Own).unwrap_or("⏟").to_owned();
            format!("{brace}({})", open.take(Piece::Base))
        }
        Part::Box | Part::Run | Part::Piece(_) => open.joined(""),
    }
}

fn fraction(open: &mut Open) -> String {
    let stroke = match open.sign(Sign::Stroke) {
        Some("noBar") => '¦',
        Some(_) | None => '/',
    };
    let [above, below] = [Piece::Above, Piece::Below].map(|piece| open.take(piece));
    if above.is_empty() && below.is_empty() {
        return String::new();
    }
    format!("{}{stroke}{}", grouped(&above), grouped(&below))
}

fn scripts(open: &mut Open) -> String {
    let lower = script('_', &open.take(Piece::Lower));
    lower + &script('^', &open.take(Piece::Upper))
}

/// A root: the third and the fourth have signs of their own, other numbers stand raised before it.
fn root(degree: &str, of: &str) -> String {
    let of = grouped(of);
    match degree {
        "" | "2" => format!("√{of}"),
        "3" => format!("∛{of}"),
        "4" => format!("∜{of}"),
        degree => match degree.chars().map(raised).collect::<Option<String>>() {
            Some(raised) => format!("{raised}√{of}"),
            None => format!("√({degree}&{of})"),
        },
    }
}

const fn raised(letter: char) -> Option<char> {
    Some(match letter {
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4' => '⁴',
        '5' => '⁵',
        '6' => '⁶',
        '7' => '⁷',
        '8' => '⁸',
        '9' => '⁹',
        'n' => 'ⁿ',
        'i' => 'ⁱ',
        _ => return None,
    })
}

/// A bar above or below a piece: a mark where it is one letter.
fn over(piece: &str, is_above: bool) -> String {
    let (mark, sign) = if is_above {
        ('\u{305}', '‾')
    } else {
        ('\u{332}', '＿')
    };
    if piece.chars().count() == 1 {
        format!("{piece}{mark}")
    } else {
        format!("{sign}{}", grouped(piece))
    }
}

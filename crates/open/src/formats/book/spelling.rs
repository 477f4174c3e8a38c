//! Codes of number formats as some programs and languages spell them, brought into the form that is known.

use super::code::is_known_bracket;

/// A code as all programs spell it: General by its name, years of eras by `e`. `bare` leaves out what stands in
/// brackets and nobody knows: names of languages.
pub(super) fn usual(raw: &str, bare: bool) -> String {
    let mut out = String::new();
    let mut rest = raw;
    while let Some((step, behind)) = step(rest) {
        match step {
            Step::Shown(shown) => out.push_str(shown),
            Step::Bracket(inside) if bare && is_name(inside) && !is_known_bracket(inside) => {}
            Step::Bracket(inside) => {
                out.push('[');
                out.push_str(inside);
                out.push(']');
            }
            Step::General => out.push_str("General"),
            Step::Letters('r' | 'R', 1) => out.push_str("ee"),
            Step::Letters('r' | 'R', _) => out.push_str("gggee"),
            Step::Letters(letter, count) => out.extend((0..count).map(|_| letter)),
        }
        rest = behind;
    }
    out
}

fn is_name(inside: &str) -> bool {
    inside.len() > 1 && inside.chars().all(|c| c.is_ascii_alphabetic())
}

/// What to show for a code that is not known, if it is one for dates or times: a serial number tells nobody the day.
pub(super) fn of_date(raw: &str) -> Option<&'static str> {
    let (mut date, mut time) = (false, false);
    let mut rest = raw;
    while let Some((step, behind)) = step(rest) {
        if let Step::Letters(letter, _) = step {
            match letter.to_ascii_lowercase() {
                'y' | 'd' | 'b' | 'g' | 'e' | 'r' => date = true,
                'h' | 's' => time = true,
                // the digits of a number
                '0' | '#' | '?' => return None,
                _ => {}
            }
        }
        rest = behind;
    }
    match (date, time) {
        (true, true) => Some("yyyy/m/d h:mm:ss"),
        (true, false) => Some("yyyy/m/d"),
        (false, true) => Some("h:mm:ss"),
        (false, false) => None,
    }
}

enum Step<'a> {
    /// What is shown as it stands, with its marks.
    Shown(&'a str),
    /// What stands in brackets.
    Bracket(&'a str),
    General,
    /// A letter that means something, and how often it stands.
    Letters(char, usize),
}

/// The first piece of a code, and what stands behind it.
fn step(rest: &str) -> Option<(Step<'_>, &str)> {
    let first = rest.chars().next()?;
    let shown = |length: usize| {
        let (shown, behind) = rest.split_at_checked(length).unwrap_or((rest, ""));
        Some((Step::Shown(shown), behind))
    };
    let behind = rest.get(first.len_utf8()..).unwrap_or_default();
    match first {
        '"' => shown(
            behind
                .find('"')
                .map_or(rest.len(), |at| at.saturating_add(2)),
        ),
        '\\' | '!' | '_' | '*' => {
            let next = behind.chars().next().map_or(0, char::len_utf8);
            shown(next.saturating_add(1))
        }
        '[' => match behind.split_once(']') {
            Some((inside, behind)) => Some((Step::Bracket(inside), behind)),
            None => shown(rest.len()),
        },
        'G' | 'g' => {
            let general = ["/標準", "eneral"].into_iter().find(|word| {
                let here = behind.get(..word.len());
                here.is_some_and(|here| here.eq_ignore_ascii_case(word))
            });
            match general {
                Some(word) => Some((Step::General, behind.get(word.len()..)?)),
                None => letters(first, rest),
            }
        }
        first if first.is_ascii_alphanumeric() || "#?".contains(first) => letters(first, rest),
        first => shown(first.len_utf8()),
    }
}

fn letters(first: char, rest: &str) -> Option<(Step<'_>, &str)> {
    let count = rest.chars().take_while(|c| *c == first).count();
    Some((Step::Letters(first, count), rest.get(count..)?))
}

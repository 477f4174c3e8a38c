//! Boxes: which ones elements make, what is drawn around them, and what is cut off.

use super::style::{at_most_a_pixel, number, pixels};

/// Which box an element makes (CSS Display 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Display {
    /// None.
    None,
    /// One on lines of its own.
    Block,
    /// One on lines of its own with a bullet or number.
    Item,
    /// One in the line.
    Inline,
    /// Another one.
    Other,
}

/// Styles of lines that can be seen (CSS Backgrounds 3 section 3.2).
const DRAWN: [&str; 8] = [
    "solid", "dashed", "dotted", "double", "groove", "ridge", "inset", "outset",
];

/// What `display` asks for.
pub(super) fn display(value: &str) -> Display {
    match value.to_ascii_lowercase().as_str() {
        "none" => Display::None,
        "block" | "flex" | "grid" | "table" | "flow-root" => Display::Block,
        "list-item" => Display::Item,
        "inline" => Display::Inline,
        _ => Display::Other,
    }
}

/// Whether a border property draws a line along a side, or takes all lines away; `None` where it
/// does neither.
pub(super) fn ruled(name: &[u8], value: &str) -> Option<bool> {
    let words = || value.split_ascii_whitespace();
    let among = |list: &[&str]| {
        words().any(|word| list.iter().any(|known| word.eq_ignore_ascii_case(known)))
    };
    let drawn = among(&DRAWN);
    let seen = drawn && !among(&["none", "hidden"]) && !words().any(is_zero);
    match name {
        b"border" => Some(seen),
        b"border-style" => Some(drawn),
        b"border-width" => words().all(is_zero).then_some(false),
        b"border-top" | b"border-right" | b"border-bottom" | b"border-left" => seen.then_some(true),
        _ => None,
    }
}

/// `0`, `0px`, `0.0pt`, but no `0)` of a colour.
fn is_zero(word: &str) -> bool {
    number(word)
        .is_some_and(|(n, unit)| n.abs() <= 0.0 && unit.bytes().all(|b| b.is_ascii_alphabetic()))
}

/// `clip` to nothing: `rect(0, 0, 0, 0)`, `rect(1px 1px 1px 1px)`.
pub(super) fn clips_all(value: &str) -> bool {
    let Some((_, inside)) = value.split_once('(') else {
        return false;
    };
    inside
        .trim_end_matches(')')
        .split([',', ' '])
        .filter(|word| !word.is_empty())
        .all(at_most_a_pixel)
}

/// Whether a `clip-path` leaves nothing of the box (CSS Shapes 1 section 3.1).
pub(super) fn cuts_all(value: &str) -> bool {
    let Some((shape, inside)) = value.split_once('(') else {
        return false;
    };
    let inside = inside.split(')').next().unwrap_or("");
    let mut words = inside
        .split(|c: char| c == ',' || c.is_ascii_whitespace())
        .filter(|word| !word.is_empty())
        .take_while(|word| !matches!(*word, "at" | "round"));
    match shape.trim().to_ascii_lowercase().as_str() {
        "inset" => {
            let sides: Vec<f32> = words.take(4).map(percent).collect();
            // of fewer than four sides the others are as the opposite ones, or as the first
            let side = |at: usize, or: usize| {
                let stated = sides.get(at).or_else(|| sides.get(or));
                stated.or(sides.first()).copied().unwrap_or(0.0)
            };
            side(0, 0) + side(2, 0) >= 100.0 || side(1, 0) + side(3, 1) >= 100.0
        }
        "circle" | "ellipse" => words.next().is_some_and(is_zero),
        // of polygons without area those that people write: all points in one corner
        "polygon" => {
            let all: Option<Vec<f32>> = words.map(pixels).collect();
            all.is_some_and(|all| !all.is_empty() && all.iter().all(|n| n.abs() <= 0.0))
        }
        _ => false,
    }
}

/// A share of a side in percent. Other lengths may be any share of it, and count as none.
fn percent(word: &str) -> f32 {
    match number(word) {
        Some((n, "%")) => n,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_borders() {
        for (name, value, want) in [
            ("border", "1px solid rgb(0, 0, 0)", Some(true)),
            ("border", "solid windowtext 1.0pt", Some(true)),
            ("border", "none", Some(false)),
            ("border", "0", Some(false)),
            ("border", "0 solid #000", Some(false)),
            ("border-style", "none none solid none", Some(true)),
            ("border-style", "none", Some(false)),
            ("border-width", "0 0px", Some(false)),
            ("border-width", "0 0 1px 0", None),
            ("border-left", "none", None),
            ("border-bottom", ".5pt solid #ccc", Some(true)),
            ("border-collapse", "collapse", None),
            ("border-color", "solid", None),
        ] {
            assert_eq!(ruled(name.as_bytes(), value), want, "{name}: {value}");
        }
    }
}

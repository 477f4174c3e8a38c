//! The closed grammar of drawn pages: one operator a line, each with its operands and ranges.
//!
//! A border (`q`, an outline, `W n`) ends with its `Q`; outlines are painted as soon as they are
//! built; between `BT` and `ET` there are places, codes, colours and opacity only.
#![expect(
    clippy::many_single_char_names,
    reason = "the entries of a transform have these names"
)]

use super::content::{Content, picture_name};
use super::layer::{items, whole};

/// The furthest place, in hundredths of a point.
const MAX_PLACE: i64 = 4_000_000;
/// Sides of boxes and moves of pictures are differences of two places.
const MAX_SIDE: i64 = 8_000_000;
/// Borders within each other.
const MAX_DEPTH: usize = 200;
/// Lengths of a dash pattern.
const MAX_DASHES: usize = 16;

/// The names of blend modes in the order of their tags.
pub(super) const BLENDS: [&str; 6] = [
    "Normal", "Multiply", "Screen", "Overlay", "Darken", "Lighten",
];

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// Any operator.
    Page,
    /// The outline of a border.
    Border(Outline),
    /// The outline of a fill or stroke.
    Path(Outline),
    /// Text.
    Text,
}

/// How far an outline is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outline {
    /// Nothing of it has come.
    Empty,
    /// A piece has begun, and nothing followed.
    Begun,
    /// Something to paint.
    Drawn,
    /// A piece was closed.
    Closed,
}

/// Reads the shapes of a page whose height is spelled `height`.
pub(super) fn read(operators: &str, height: &str) -> Option<Content> {
    let lines = operators
        .strip_prefix(&format!("q\n.01 0 0 -.01 0 {height} cm\n"))?
        .strip_suffix('Q')?;
    if !(lines.is_empty() || lines.ends_with('\n')) {
        return None;
    }
    let mut content = Content::default();
    let (mut at, mut depth) = (At::Page, 0usize);
    for line in lines.split_terminator('\n') {
        at = match at {
            At::Page => on_page(line, &mut depth, &mut content)?,
            At::Border(outline) => match (line, outline) {
                ("W n" | "W* n", Outline::Drawn | Outline::Closed) => At::Page,
                _ => At::Border(next(line, outline)?),
            },
            At::Path(outline) => match (line, outline) {
                ("f" | "f*" | "S", Outline::Drawn | Outline::Closed) => At::Page,
                _ => At::Path(next(line, outline)?),
            },
            At::Text => in_text(line, &mut content)?,
        };
    }
    (at == At::Page && depth == 0).then_some(content)
}

fn on_page(line: &str, depth: &mut usize, content: &mut Content) -> Option<At> {
    match line {
        "q" => {
            *depth = depth.checked_add(1).filter(|depth| *depth <= MAX_DEPTH)?;
            return Some(At::Border(Outline::Empty));
        }
        "Q" => {
            *depth = depth.checked_sub(1)?;
            return Some(At::Page);
        }
        "BT/F1 1 Tf" => return Some(At::Text),
        _ => {}
    }
    if let Some(rest) = line.strip_prefix("q ") {
        let (matrix, name) = rest.strip_suffix(" Do Q")?.split_once(" cm")?;
        let [a, b, c, d, e, f] = numbers(matrix, MAX_SIDE)?;
        let linear = [a, b, c, d].iter().all(|side| side.abs() <= MAX_PLACE);
        let moved = [e, f].iter().all(|side| side.abs() <= MAX_SIDE);
        content.shown.insert(picture_name(name)?);
        return (linear && moved).then_some(At::Page);
    }
    if setting(line, content).is_some() || pen(line).is_some() {
        return Some(At::Page);
    }
    next(line, Outline::Empty).map(At::Path)
}

/// One more piece of an outline.
fn next(line: &str, outline: Outline) -> Option<Outline> {
    use Outline::{Begun, Closed, Drawn, Empty};
    if line == "h" {
        return (outline == Drawn).then_some(Closed);
    }
    let (operands, operator) = line.rsplit_once(' ')?;
    match (operator, outline) {
        ("m", Empty | Drawn | Closed) => numbers::<2>(operands, MAX_PLACE).map(|_| Begun),
        ("l", Begun | Drawn) => numbers::<2>(operands, MAX_PLACE).map(|_| Drawn),
        ("c", Begun | Drawn) => numbers::<6>(operands, MAX_PLACE).map(|_| Drawn),
        ("re", Empty | Drawn | Closed) => numbers::<4>(operands, MAX_SIDE).map(|_| Closed),
        _ => None,
    }
}

/// Colours and opacity.
fn setting(line: &str, content: &mut Content) -> Option<()> {
    let (operands, operator) = line.rsplit_once(' ')?;
    match operator {
        "g" | "G" => level(operands),
        "rg" | "RG" => {
            let levels: Vec<&str> = operands.split(' ').collect();
            let [red, green, blue] = *levels.as_array::<3>()?;
            // a grey is said as one
            let is_grey = red == green && green == blue;
            [red, green, blue].into_iter().try_for_each(level)?;
            (!is_grey).then_some(())
        }
        "gs" => {
            let name = operands.strip_prefix("/G")?;
            let letters = name.find(|c: char| !c.is_ascii_digit())?;
            let (digits, blend) = name.split_at_checked(letters)?;
            let alpha: u8 = digits.parse().ok()?;
            let blend = BLENDS.iter().position(|known| *known == blend)?;
            content.mixes.insert((alpha, blend));
            (alpha.to_string() == digits).then_some(())
        }
        _ => None,
    }
}

fn pen(line: &str) -> Option<()> {
    let (operands, operator) = line.rsplit_once(' ')?;
    let is = |number: i64, range: std::ops::RangeInclusive<i64>| range.contains(&number);
    let fits = match operator {
        "w" => is(whole(operands)?, 0..=MAX_PLACE),
        "J" | "j" => is(whole(operands)?, 0..=2),
        "M" => is(decimal(operands)?, 1_000..=1_000_000),
        "d" => {
            let (lengths, phase) = operands.strip_prefix('[')?.split_once(']')?;
            let phase = whole(phase)?;
            if lengths.is_empty() {
                return (phase == 0).then_some(());
            }
            let lengths = lengths
                .split(' ')
                .map(whole)
                .collect::<Option<Vec<i64>>>()?;
            let all = lengths.iter().chain([&phase]);
            lengths.len() <= MAX_DASHES
                && all.into_iter().all(|length| is(*length, 0..=MAX_PLACE))
                && lengths.iter().any(|length| *length > 0)
        }
        _ => false,
    };
    fits.then_some(())
}

fn in_text(line: &str, content: &mut Content) -> Option<At> {
    if line == "ET" {
        return Some(At::Page);
    }
    if let Some((place, shown)) = line.split_once(" Tm[") {
        let [a, b, c, d, ..] = numbers::<6>(place, MAX_PLACE)?;
        let area = a.saturating_mul(d).saturating_sub(b.saturating_mul(c));
        content.runs.push(items(shown.strip_suffix("]TJ")?)?);
        return (area != 0).then_some(At::Text);
    }
    // what is in it is painted, and not drawn along
    let is_fill = line.ends_with(" g") || line.ends_with(" rg") || line.ends_with(" gs");
    (is_fill && setting(line, content).is_some()).then_some(At::Text)
}

/// Whole numbers that are at most `most` from 0, parted by blanks.
fn numbers<const N: usize>(said: &str, most: i64) -> Option<[i64; N]> {
    let mut all = [0; N];
    let mut words = said.split(' ');
    for number in &mut all {
        *number = whole(words.next()?).filter(|number| number.abs() <= most)?;
    }
    words.next().is_none().then_some(all)
}

/// A level from 0 to 1.
fn level(said: &str) -> Option<()> {
    (decimal(said)? <= 1_000).then_some(())
}

/// Thousandths in their one spelling: `1`, `.707`, `0`.
fn decimal(said: &str) -> Option<i64> {
    let (units, fraction) = match said.split_once('.') {
        Some((units, fraction)) => {
            let is_short = !fraction.is_empty() && fraction.len() <= 3 && !fraction.ends_with('0');
            (Some(units), Some(fraction).filter(|_| is_short)?)
        }
        None => (Some(said), ""),
    };
    let units = units?;
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let leads = match units {
        "" => !fraction.is_empty(),
        "0" => fraction.is_empty(),
        other => !other.starts_with('0'),
    };
    if !(leads && is_digits(units) && is_digits(fraction)) || units.len() > 7 {
        return None;
    }
    format!("0{units}{fraction:0<3}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "q\n.01 0 0 -.01 0 842 cm\nq\n0 0 100 100 re\nW n\n.5 0 1 rg\n/G128Multiply gs\n\
        1 2 m\n3 4 l\n5 6 7 8 9 -10 c\nh\nf*\n.2 G\n50 w\n1 J\n2 j\n1.5 M\n[3 0 4]1 d\n1 2 m\n3 4 l\nS\n\
        q 100 0 0 -50 7 8 cm/I12 Do Q\nBT/F1 1 Tf\n0 g\n1200 0 0 -1200 5 6 Tm[<00010002>-20<0003>]TJ\nET\nQ\nQ";

    #[test]
    fn what_is_written_is_read() {
        let content = read(GOOD, "842").unwrap();
        assert!(content.shown.contains(&12));
        assert!(content.mixes.contains(&(128, 1)));
        assert_eq!(content.runs, [vec![1, 2, 3]]);
        assert!(read("q\n.01 0 0 -.01 0 842 cm\nQ", "842").is_some());
    }

    #[test]
    fn nothing_else_is_read() {
        for (from, to) in [
            ("842", "841"),
            ("q\n0 0", "0 0"),
            ("W n\n", ""),
            ("W n", "W"),
            ("W n", "f"),
            ("f*", "W* n"),
            ("f*", "b"),
            ("f*\n", ""),
            ("f*", "f *"),
            ("0 0 100 100 re", "0 0 100 re"),
            ("0 0 100 100 re", "0 0 100 9000000 re"),
            ("0 0 100 100 re", "0 0 100 1e2 re"),
            ("0 0 100 100 re", "0 0 100  100 re"),
            (".5 0 1 rg", ".5 0 1.1 rg"),
            (".5 0 1 rg", "0.5 0 1 rg"),
            (".5 0 1 rg", ".50 0 1 rg"),
            (".5 0 1 rg", "1 1 1 rg"),
            (".5 0 1 rg", ".5 0 1 0 k"),
            (".5 0 1 rg", "/Cs1 cs"),
            (".5 0 1 rg", "/P1 scn"),
            ("/G128Multiply gs", "/G128Hue gs"),
            ("/G128Multiply gs", "/G256Multiply gs"),
            ("/G128Multiply gs", "/G0128Multiply gs"),
            ("/G128Multiply gs", "/GS0 gs"),
            ("1 2 m\n3", "3"),
            ("h\n", "h\nh\n"),
            ("h\nf*", "h\n1 2 l\nf*"),
            ("3 4 l\n5", "1 2 m\n1 2 m\n5"),
            ("5 6 7 8 9 -10 c", "5 6 7 8 c"),
            ("5 6 7 8 9 -10 c", "7 8 9 -10 v"),
            (".2 G", ".2001 G"),
            ("50 w", "-50 w"),
            ("50 w", "5.5 w"),
            ("1 J", "3 J"),
            ("1.5 M", ".9 M"),
            ("[3 0 4]1 d", "[0 0]1 d"),
            ("[3 0 4]1 d", "[]1 d"),
            ("[3 0 4]1 d", "[3 0 4] 1 d"),
            ("S\n", "S\n/Sh0 sh\n"),
            ("S\n", "S\nBI\n"),
            ("S\n", "S\n/P/MC0 BDC\n"),
            ("S\n", "S\nQ\nQ\n"),
            ("/I12 Do Q", "/I012 Do Q"),
            ("/I12 Do Q", "/Im0 Do Q"),
            ("/I12 Do Q", "/I12 Do"),
            ("7 8 cm", "7 8000001 cm"),
            ("BT/F1 1 Tf", "BT/F0 1 Tf"),
            ("BT/F1 1 Tf", "BT/F1 2 Tf"),
            ("0 g\n1200", "0 G\n1200"),
            ("0 g\n1200", "3 Tr\n1200"),
            ("1200 0 0 -1200", "1200 1200 1200 1200"),
            ("<0003>", "<000>"),
            ("<0003>", "(a)"),
            ("]TJ\nET", "]TJ"),
            ("ET\n", "ET\nET\n"),
            ("\nQ\nQ", "\nQ"),
            ("\nQ\nQ", "\nQ\nQ\nQ"),
            ("\nQ\nQ", "\n\nQ\nQ"),
        ] {
            let changed = GOOD.replacen(from, to, 1);
            assert_ne!(changed, GOOD, "{from:?}");
            assert!(read(&changed, "842").is_none(), "{from:?} {to:?}");
        }
    }
}

//! Numbers as their formats show them (ECMA-376 part 1, section 18.8.31).

use super::code::{Code, Piece, Section};
use super::date::{Moment, moment, whole};
use std::fmt::Write as _;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];
const YOUBI: [&str; 7] = ["日", "月", "火", "水", "木", "金", "土"];

/// A number without a format: at most 15 digits, as spreadsheets keep them.
pub(super) fn general(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if !value.is_finite() {
        return super::error(0x24).to_owned();
    }
    let scientific = format!("{value:.14e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-9..21).contains(&exponent) {
        let rounded: f64 = scientific.parse().unwrap_or(value);
        return format!("{rounded}");
    }
    let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}E{sign}{:02}", exponent.unsigned_abs())
}

/// A number as a code shows it.
pub(super) fn show(value: f64, code: &Code, from_1904: bool) -> String {
    let Some((section, value, minus)) = choose(value, code) else {
        return general(value);
    };
    let date = section.pieces.iter().any(|piece| {
        matches!(
            piece,
            Piece::Date(..) | Piece::Elapsed(..) | Piece::HalfDay(_)
        )
    });
    let shown = if date {
        let value = seconds(section, value);
        moment(value, from_1904).map(|at| date_shown(section, value, at))
    } else {
        digits(section, value)
    };
    let shown = shown.unwrap_or_else(|| general(value));
    let zero = !date && !shown.contains(|c: char| ('1'..='9').contains(&c));
    if minus && !zero {
        format!("-{shown}")
    } else {
        shown
    }
}

/// A time rounded to the last place that its section shows, where that shows a time at all.
fn seconds(section: &Section, value: f64) -> f64 {
    let pieces = &section.pieces;
    let time = |piece: &Piece| matches!(piece, Piece::Date('h' | 's', _) | Piece::Elapsed(..));
    let mut unit = 1.0;
    if pieces.iter().any(time) {
        let point = pieces.iter().skip_while(|piece| **piece != Piece::Point);
        let places = point.filter(|piece| matches!(piece, Piece::Digit(_)));
        unit = places.take(3).fold(1_000.0, |unit, _| unit / 10.0);
    }
    ((value * 86_400_000.0).round() / unit).round() * unit / 86_400_000.0
}

/// The section for a number, what it shows, and whether a minus stands before it.
fn choose(value: f64, code: &Code) -> Option<(&Section, f64, bool)> {
    let sections = code.of_numbers();
    if sections.iter().any(|section| section.condition.is_some()) {
        let fits = |section: &&Section| {
            let Some((operator, bound)) = &section.condition else {
                return true;
            };
            let bound: f64 = bound.parse().unwrap_or(0.0);
            match operator.as_str() {
                "<" => value < bound,
                "<=" => value <= bound,
                ">" => value > bound,
                ">=" => value >= bound,
                "<>" => value.total_cmp(&bound).is_ne(),
                _ => value.total_cmp(&bound).is_eq(),
            }
        };
        let at = sections.iter().position(|section| fits(&section))?;
        let minus = value < 0.0 && !is_for_negatives(sections, at);
        return Some((sections.get(at)?, value.abs(), minus));
    }
    match sections {
        [] => None,
        [one] => Some((one, value.abs(), value < 0.0)),
        [_, negative, ..] if value < 0.0 => Some((negative, value.abs(), false)),
        [_, _, zero, ..] if value == 0.0 => Some((zero, value, false)),
        [positive, ..] => Some((positive, value, false)),
    }
}

/// Whether no number above zero is shown by section `at`: then the section itself says that it is one below.
fn is_for_negatives(sections: &[Section], at: usize) -> bool {
    let parts = |section: &Section| {
        let (operator, bound) = section.condition.as_ref()?;
        Some((operator.clone(), bound.parse::<f64>().unwrap_or(0.0)))
    };
    match sections.get(at).and_then(parts) {
        Some((operator, bound)) => match operator.as_str() {
            "<" | "<=" => bound <= 0.0,
            ">" | ">=" | "<>" => false,
            _ => bound < 0.0,
        },
        // what is left over, where a section before it takes all above zero
        None => sections
            .iter()
            .take(at)
            .filter_map(parts)
            .any(|(operator, bound)| {
                operator == "<>" || (matches!(operator.as_str(), ">" | ">=") && bound <= 0.0)
            }),
    }
}

/// Digits of a number with `places` behind the point, rounded as people round, from the 15 that count.
fn decimal(value: f64, places: usize) -> Option<(String, String)> {
    let scientific = format!("{:.14e}", value.abs());
    let (mantissa, exponent) = scientific.split_once('e')?;
    let exponent: i32 = exponent.parse().ok()?;
    let mut all: Vec<u8> = mantissa
        .bytes()
        .filter(u8::is_ascii_digit)
        .map(|digit| digit.saturating_sub(b'0'))
        .collect();
    // where the point stands among the digits
    let mut point = exponent.checked_add(1)?;
    while point < 1 {
        all.insert(0, 0);
        point = point.checked_add(1)?;
        if all.len() > 400 {
            return None;
        }
    }
    let point = usize::try_from(point).ok().filter(|point| *point <= 400)?;
    let end = point.checked_add(places)?;
    let up = all.get(end).is_some_and(|digit| *digit >= 5);
    all.resize(end, 0);
    let mut carry = up;
    for digit in all.iter_mut().rev() {
        if !carry {
            break;
        }
        carry = *digit == 9;
        *digit = if carry { 0 } else { digit.saturating_add(1) };
    }
    let mut text: String = all
        .iter()
        .map(|digit| char::from(digit.saturating_add(b'0')))
        .collect();
    let mut point = point;
    if carry {
        text.insert(0, '1');
        point = point.checked_add(1)?;
    }
    let (integer, fraction) = text.split_at_checked(point)?;
    let integer = integer.trim_start_matches('0');
    Some((integer.to_owned(), fraction.to_owned()))
}

/// Everything of a section that is about digits; `None` for codes that are shown otherwise.
fn digits(section: &Section, value: f64) -> Option<String> {
    let pieces = &section.pieces;
    let is_digit = |piece: &Piece| matches!(piece, Piece::Digit(_));
    if pieces.contains(&Piece::General) || !pieces.iter().any(is_digit) {
        return Some(words(pieces, &general(value)));
    }
    if is_fraction(pieces) {
        return None;
    }
    let percents = pieces.iter().filter(|p| **p == Piece::Percent).count();
    let last = pieces.iter().rposition(is_digit)?;
    let point = pieces.iter().position(|p| *p == Piece::Point);
    let end = point.unwrap_or(last.checked_add(1)?);
    let thousands = pieces
        .iter()
        .skip(last.saturating_add(1))
        .take_while(|p| **p == Piece::Comma)
        .count();
    let mut scaled = value * 10f64.powi(i32::try_from(percents).ok()?.checked_mul(2)?);
    scaled /= 1000f64.powi(i32::try_from(thousands).ok()?);
    let exponent_at = pieces.iter().position(|p| matches!(p, Piece::Exponent(_)));
    let places = pieces
        .iter()
        .take(exponent_at.unwrap_or(usize::MAX))
        .skip(end)
        .filter(|p| is_digit(p))
        .count();
    if let Some(at) = exponent_at {
        return scientific(pieces, scaled, at, places);
    }
    let grouped = pieces
        .iter()
        .take(end)
        .skip_while(|p| !is_digit(p))
        .take(last)
        .any(|p| *p == Piece::Comma)
        && thousands_inside(pieces, end);
    let (integer, fraction) = decimal(scaled, places)?;
    Some(layout(pieces, end, &integer, &fraction, grouped))
}

/// Whether a slash stands between digits.
fn is_fraction(pieces: &[Piece]) -> bool {
    pieces.windows(3).any(|three| match three {
        [Piece::Digit(_), Piece::Slash, Piece::Digit(_)] => true,
        [Piece::Digit(_), Piece::Slash, Piece::Literal(below)] => {
            below.starts_with(|c: char| c.is_ascii_digit())
        }
        _ => false,
    })
}

/// Whether a comma stands between digits.
fn thousands_inside(pieces: &[Piece], end: usize) -> bool {
    let mut inside = pieces
        .iter()
        .take(end)
        .filter(|p| matches!(p, Piece::Digit(_) | Piece::Comma))
        .skip_while(|p| **p == Piece::Comma);
    let mut comma = false;
    inside.any(|piece| {
        let between = comma && *piece != Piece::Comma;
        comma |= *piece == Piece::Comma;
        between
    })
}

/// Puts digits into their places: those before the point from its right to its left.
fn layout(pieces: &[Piece], end: usize, integer: &str, fraction: &str, grouped: bool) -> String {
    let places = pieces
        .iter()
        .take(end)
        .filter(|p| matches!(p, Piece::Digit(_)))
        .count();
    let mut left = integer.len().max(places);
    let pad = left.saturating_sub(integer.len());
    let mut digits = integer.chars();
    let mut skipped = 0usize;
    let mut behind = fraction.chars();
    let rest = fraction.trim_end_matches('0').len();
    let mut shown = 0usize;
    let mut first = true;
    let mut out = String::new();
    for (number, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Digit(kind) if number < end => {
                // the first place takes all digits that have none of their own
                let take = if std::mem::take(&mut first) {
                    left.saturating_sub(places).saturating_add(1)
                } else {
                    1
                };
                for _ in 0..take {
                    let digit = if skipped < pad {
                        skipped = skipped.saturating_add(1);
                        match kind {
                            '0' => Some('0'),
                            '?' => Some(' '),
                            _ => None,
                        }
                    } else {
                        digits.next()
                    };
                    out.extend(digit);
                    left = left.saturating_sub(1);
                    if grouped && digit.is_some_and(|d| d != ' ') && left > 0 && left % 3 == 0 {
                        out.push(',');
                    }
                }
            }
            Piece::Digit(kind) => {
                let digit = behind.next().unwrap_or('0');
                shown = shown.saturating_add(1);
                match kind {
                    '0' => out.push(digit),
                    _ if shown <= rest => out.push(digit),
                    '?' => out.push(' '),
                    _ => {}
                }
            }
            Piece::Point => out.push('.'),
            Piece::Slash => out.push('/'),
            Piece::Percent => out.push('%'),
            Piece::Literal(text) => out.push_str(text),
            Piece::Comma
            | Piece::Exponent(_)
            | Piece::Date(..)
            | Piece::Elapsed(..)
            | Piece::HalfDay(_)
            | Piece::Text
            | Piece::General
            | Piece::FirstYear
            | Piece::Japanese
            | Piece::Silent(_) => {}
        }
    }
    out
}

fn scientific(pieces: &[Piece], value: f64, at: usize, places: usize) -> Option<String> {
    let text = format!("{value:.places$e}");
    let (mantissa, exponent) = text.split_once('e')?;
    let exponent: i32 = exponent.parse().ok()?;
    let plus = matches!(pieces.get(at), Some(Piece::Exponent(true)));
    let sign = match (exponent < 0, plus) {
        (true, _) => "-",
        (false, true) => "+",
        (false, false) => "",
    };
    let width = pieces
        .iter()
        .skip(at)
        .filter(|p| matches!(p, Piece::Digit(_)))
        .count();
    // what is shown before and behind the number
    let is_digit = |piece: &Piece| matches!(piece, Piece::Digit(_));
    let first = pieces.iter().position(is_digit)?;
    let last = pieces.iter().rposition(is_digit)?;
    let before = words(pieces.get(..first)?, "");
    let behind = words(pieces.get(last..)?, "");
    Some(format!(
        "{before}{mantissa}E{sign}{:0width$}{behind}",
        exponent.unsigned_abs()
    ))
}

/// A section with `value` in the place of what stands for all of it.
pub(super) fn words(pieces: &[Piece], value: &str) -> String {
    let mut out = String::new();
    for piece in pieces {
        match piece {
            Piece::Literal(text) => out.push_str(text),
            Piece::Text | Piece::General => out.push_str(value),
            Piece::Slash => out.push('/'),
            Piece::Percent => out.push('%'),
            Piece::Digit(_)
            | Piece::Point
            | Piece::Comma
            | Piece::Exponent(_)
            | Piece::Date(..)
            | Piece::Elapsed(..)
            | Piece::HalfDay(_)
            | Piece::FirstYear
            | Piece::Japanese
            | Piece::Silent(_) => {}
        }
    }
    out
}

fn date_shown(section: &Section, value: f64, at: Moment) -> String {
    let pieces = &section.pieces;
    let half = pieces.iter().any(|p| matches!(p, Piece::HalfDay(_)));
    let mut out = String::new();
    let mut fraction = false;
    for (number, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Date('m', count) if *count <= 2 && is_minute(pieces, number) => {
                padded(at.minute, *count, &mut out);
            }
            Piece::Date('h', count) if half => {
                let hour = at.hour.rem_euclid(12);
                padded(if hour == 0 { 12 } else { hour }, *count, &mut out);
            }
            Piece::Date('e', _) if is_first(pieces, at) => out.push('元'),
            Piece::Date(letter, count) => letters(*letter, *count, at, &mut out),
            Piece::Elapsed(unit, count) => {
                let scale = match unit {
                    'h' => 24.0,
                    'm' => 1_440.0,
                    _ => 86_400.0,
                };
                // what is a whole unit but for the last digit is that unit
                let units = whole((value * scale + 1e-6).floor()).unwrap_or(0);
                padded(units, *count, &mut out);
            }
            Piece::HalfDay(words) => {
                let japanese = pieces.contains(&Piece::Japanese) && *words == ["AM", "PM"];
                let [morning, evening] = if japanese {
                    ["午前", "午後"]
                } else {
                    *words
                };
                out.push_str(if at.hour < 12 { morning } else { evening });
            }
            Piece::Slash => out.push('/'),
            Piece::Point => {
                fraction = true;
                out.push('.');
            }
            Piece::Digit(_) if fraction => {
                let millis = format!("{:03}", at.milli);
                let places = pieces
                    .iter()
                    .filter(|p| matches!(p, Piece::Digit(_)))
                    .count();
                out.push_str(millis.get(..places.min(3)).unwrap_or_default());
                fraction = false;
            }
            Piece::Literal(text) => out.push_str(text),
            Piece::Comma => out.push(','),
            Piece::Percent => out.push('%'),
            Piece::Digit(_)
            | Piece::Exponent(_)
            | Piece::Text
            | Piece::General
            | Piece::FirstYear
            | Piece::Japanese
            | Piece::Silent(_) => {}
        }
    }
    out
}

/// Whether a year is the first one of its era and is called so.
fn is_first(pieces: &[Piece], at: Moment) -> bool {
    pieces.contains(&Piece::FirstYear) && at.era().is_some_and(|(.., year)| year == 1)
}

/// `m` is minutes behind hours and before seconds.
fn is_minute(pieces: &[Piece], at: usize) -> bool {
    let unit = |piece: &&Piece| matches!(piece, Piece::Date(..) | Piece::Elapsed(..));
    let is = |piece: Option<&Piece>, letter: char| matches!(piece, Some(Piece::Date(of, _) | Piece::Elapsed(of, _)) if *of == letter);
    let before = pieces.iter().take(at).rev().find(unit);
    let behind = pieces.iter().skip(at.saturating_add(1)).find(unit);
    is(before, 'h') || is(behind, 's')
}

fn padded(number: i64, count: u8, out: &mut String) {
    if count >= 2 {
        // writing to a string cannot fail
        let _ = write!(out, "{number:02}");
    } else {
        out.push_str(&number.to_string());
    }
}

fn letters(letter: char, count: u8, at: Moment, out: &mut String) {
    let name = |list: &[&'static str], number: i64| {
        let place = usize::try_from(number).unwrap_or(usize::MAX);
        list.get(place).copied().unwrap_or_default()
    };
    let month = name(&MONTHS, at.month.saturating_sub(1));
    let day = name(&DAYS, at.weekday);
    let youbi = name(&YOUBI, at.weekday);
    match (letter, count) {
        ('y', 1 | 2) => padded(at.year.rem_euclid(100), 2, out),
        ('y', _) => out.push_str(&at.year.to_string()),
        ('m', 1 | 2) => padded(at.month, count, out),
        ('m', 3) => out.push_str(month.get(..3).unwrap_or_default()),
        ('m', 5) => out.push_str(month.get(..1).unwrap_or_default()),
        ('m', _) => out.push_str(month),
        ('d', 1 | 2) => padded(at.day, count, out),
        ('d', 3) => out.push_str(day.get(..3).unwrap_or_default()),
        ('d', _) => out.push_str(day),
        ('h', _) => padded(at.hour, count, out),
        ('s', _) => padded(at.second, count, out),
        ('a', 1..=3) => out.push_str(youbi),
        ('a', _) => {
            out.push_str(youbi);
            out.push_str("曜日");
        }
        ('g', _) => {
            if let Some((mark, name, _)) = at.era() {
                match count {
                    1 => out.push(mark),
                    2 => out.extend(name.chars().next()),
                    _ => out.push_str(name),
                }
            }
        }
        ('e', _) => {
            let year = at.era().map_or(at.year, |(.., year)| year);
            padded(year, count, out);
        }
        _ => {}
    }
}

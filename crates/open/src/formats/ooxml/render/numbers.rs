//! The numbers before paragraphs (ECMA-376 part 1, section 17.9): they stand nowhere in the text, but are counted.

use crate::formats::symbols::{Symbols, circled};
use mugai_core::Markup;
use mugai_core::markup::vocabulary::Element;
use mugai_core::markup::{Event, PartKind};
use std::collections::BTreeMap;

/// Levels of a list.
const LEVELS: usize = 9;
/// The longest text of a number that is told, in bytes: programs allow 31 letters.
const MAX_TEXT: usize = 128;
/// How many styles are followed, one based on the other.
const MAX_STYLES: usize = 32;

/// A level of a list.
#[derive(Clone, Debug)]
struct Level {
    start: u32,
    format: String,
    /// What is shown, with the numbers of levels as `%1`.
    text: String,
    /// Whether numbers of the levels above are told by digits.
    plain: bool,
    /// The font of a bullet.
    font: Symbols,
    /// The level before which it begins anew, from 1; 0 is none.
    restart: Option<usize>,
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

/// A list that paragraphs name.
#[derive(Clone, Debug, Default)]
struct List {
    kind: String,
    /// Levels that begin elsewhere.
    starts: BTreeMap<usize, u32>,
}

/// A style of paragraphs.
#[derive(Clone, Debug, Default)]
struct Style {
    base: Option<String>,
    list: Option<String>,
    level: Option<usize>,
}

/// What a paragraph says of its place in a list.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    style: Option<String>,
    list: Option<String>,
    level: Option<usize>,
}

/// The lists of a document, and how far they are counted.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    kinds: BTreeMap<String, BTreeMap<usize, Level>>,
    /// Kinds that are told by the name of a style elsewhere: their own name, and that of the style.
    links: Vec<(String, String)>,
    named: BTreeMap<String, String>,
    lists: BTreeMap<String, List>,
    styles: BTreeMap<String, Style>,
    /// By kinds: the numbers of the levels.
    counts: BTreeMap<String, [Option<u32>; LEVELS]>,
    /// Lists whose own starts were used.
    begun: BTreeMap<String, [bool; LEVELS]>,
}

impl Numbers {
    /// The lists and styles of a document.
    pub(super) fn read(parts: &[Markup]) -> Self {
        let mut numbers = Self::default();
        for part in parts {
            if part.kind() == PartKind::Numbering {
                numbers.lists(part);
            } else if part.kind() == PartKind::Styles {
                numbers.styles(part);
            }
        }
        // lists that are told by a style are those that give themselves its name
        for (kind, style) in std::mem::take(&mut numbers.links) {
            let told = numbers
                .named
                .get(&style)
                .and_then(|of| numbers.kinds.get(of));
            if let Some(levels) = told.cloned() {
                numbers.kinds.insert(kind, levels);
            }
        }
        numbers
    }

    fn lists(&mut self, part: &Markup) {
        let (mut kind, mut list, mut level) = (String::new(), String::new(), 0usize);
        let mut open: Vec<Element> = Vec::new();
        for event in part.events() {
            match event {
                Event::Open(element) => {
                    // a mark without a value is one that is on
                    if element.local() == "isLgl" && level < LEVELS {
                        let levels = self.kinds.entry(kind.clone()).or_default();
                        levels.entry(level).or_default().plain = true;
                    }
                    open.push(element);
                }
                Event::Close => {
                    open.pop();
                }
                Event::Attribute(attribute, value) => {
                    let Some(element) = open.last() else { continue };
                    match (element.local(), attribute.local()) {
                        ("abstractNum", "abstractNumId") => value.clone_into(&mut kind),
                        ("num", "numId") => value.clone_into(&mut list),
                        ("abstractNumId", "val") => {
                            let of = self.lists.entry(list.clone()).or_default();
                            value.clone_into(&mut of.kind);
                        }
                        ("lvl" | "lvlOverride", "ilvl") => level = place(value),
                        // levels that no list has
                        _ if level >= LEVELS => {}
                        ("startOverride", "val") => {
                            let of = self.lists.entry(list.clone()).or_default();
                            of.starts.insert(level, value.parse().unwrap_or(1));
                        }
                        ("numStyleLink", "val") => {
                            self.links.push((kind.clone(), value.to_owned()));
                        }
                        ("styleLink", "val") => {
                            self.named.insert(value.to_owned(), kind.clone());
                        }
                        ("rFonts", "ascii" | "hAnsi")
                            if !open.iter().any(|e| e.local() == "lvlOverride") =>
                        {
                            let levels = self.kinds.entry(kind.clone()).or_default();
                            let of = levels.entry(level).or_default();
                            of.font = Symbols::named(value.trim().to_lowercase().as_str());
                        }
                        (name, "val") if !open.iter().any(|e| e.local() == "lvlOverride") => {
                            let levels = self.kinds.entry(kind.clone()).or_default();
                            levels.entry(level).or_default().say(name, value);
                        }
                        _ => {}
                    }
                }
                Event::Text(_) | Event::Reference(..) | Event::Link(..) => {}
            }
        }
    }

    fn styles(&mut self, part: &Markup) {
        let mut name = String::new();
        let mut open: Vec<Element> = Vec::new();
        for event in part.events() {
            match event {
                Event::Open(element) => open.push(element),
                Event::Close => {
                    open.pop();
                }
                Event::Attribute(attribute, value) => {
                    let Some(element) = open.last() else { continue };
                    let local = element.local();
                    if local == "style" && attribute.local() == "styleId" {
                        value.clone_into(&mut name);
                    }
                    if attribute.local() != "val" || !open.iter().any(|e| e.local() == "style") {
                        continue;
                    }
                    let style = self.styles.entry(name.clone()).or_default();
                    match local {
                        "basedOn" => style.base = Some(value.to_owned()),
                        "numId" => style.list = Some(value.to_owned()),
                        "ilvl" => style.level = Some(place(value)),
                        _ => {}
                    }
                }
                Event::Text(_) | Event::Reference(..) | Event::Link(..) => {}
            }
        }
    }

    /// What stands before the next paragraph, and counts it.
    pub(super) fn next(&mut self, place: &Place) -> Option<String> {
        let (list, level) = self.resolve(place)?;
        let of = self.lists.get(&list)?;
        let levels = self.kinds.get(&of.kind)?;
        let here = levels.get(&level)?;
        let counts = self.counts.entry(of.kind.clone()).or_default();
        let begun = self.begun.entry(list).or_default();
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
            let restart = levels.get(&below).and_then(|level| level.restart);
            // by itself a level begins anew below any other one
            if restart.is_none_or(|at| at > level) {
                *count = None;
            }
        }
        here.shown(level, counts, levels)
    }

    /// The list and the level of a paragraph: its own, or those of its style.
    fn resolve(&self, place: &Place) -> Option<(String, usize)> {
        let (mut list, mut level) = (place.list.clone(), place.level);
        let mut style = place.style.clone();
        for _ in 0..MAX_STYLES {
            if list.is_some() {
                break;
            }
            let Some(of) = style.as_ref().and_then(|style| self.styles.get(style)) else {
                break;
            };
            list.clone_from(&of.list);
            level = level.or(of.level);
            style.clone_from(&of.base);
        }
        // the list 0 is none
        let list = list.filter(|list| list != "0")?;
        Some((list, level.unwrap_or(0)))
    }
}

impl Place {
    /// An attribute within the properties of a paragraph.
    pub(super) fn say(&mut self, element: &str, value: &str) {
        match element {
            "pStyle" => self.style = Some(value.to_owned()),
            "numId" => self.list = Some(value.to_owned()),
            "ilvl" => self.level = Some(place(value)),
            _ => {}
        }
    }
}

fn place(value: &str) -> usize {
    value.parse().unwrap_or(0)
}

impl Level {
    fn say(&mut self, name: &str, value: &str) {
        match name {
            "start" => self.start = value.parse().unwrap_or(1),
            "numFmt" => value.clone_into(&mut self.format),
            "lvlText" if value.len() <= MAX_TEXT => value.clone_into(&mut self.text),
            "isLgl" => self.plain = !matches!(value, "0" | "false" | "off"),
            "lvlRestart" => self.restart = value.parse().ok(),
            _ => {}
        }
    }

    fn shown(
        &self,
        level: usize,
        counts: &[Option<u32>; LEVELS],
        levels: &BTreeMap<usize, Self>,
    ) -> Option<String> {
        if self.format == "bullet" {
            let bullet = self.text.chars().next()?;
            let private = matches!(bullet, '\u{f000}'..='\u{f0ff}');
            // most bullets are those of Symbol
            let font = if private && self.font == Symbols::None {
                Symbols::Greek
            } else {
                self.font
            };
            return Some(font.letter(bullet).to_string());
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
                    let other = levels.get(&at);
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

const AIUEO: &str =
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン";
const IROHA: &str = "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセスン";
const DIGITS: &str = "〇一二三四五六七八九";

/// A number by the name of its format (section 17.18.59); by digits where that is not known.
fn numeral(number: u32, format: &str) -> String {
    let from = |first: u32, last: u32, base: char| {
        let code = u32::from(base).checked_add(number.checked_sub(first)?)?;
        (first..=last)
            .contains(&number)
            .then(|| char::from_u32(code))?
            .map(String::from)
    };
    let letter = |all: &str| {
        let count = u32::try_from(all.chars().count()).ok()?;
        let at = number.checked_sub(1)?.checked_rem(count)?;
        all.chars().nth(usize::try_from(at).ok()?).map(String::from)
    };
    let found = match format {
        "none" => Some(String::new()),
        "decimalZero" => Some(format!("{number:02}")),
        "decimalFullWidth" | "decimalFullWidth2" => Some(wide(number)),
        "decimalEnclosedCircle" | "decimalEnclosedCircleChinese" => {
            circled(number).map(String::from)
        }
        "decimalEnclosedParen" => from(1, 20, '⑴'),
        "decimalEnclosedFullstop" => from(1, 20, '⒈'),
        "upperRoman" => roman(number),
        "lowerRoman" => roman(number).map(|roman| roman.to_ascii_lowercase()),
        "upperLetter" => latin(number),
        "lowerLetter" => latin(number).map(|letters| letters.to_ascii_lowercase()),
        "aiueo" | "aiueoFullWidth" => letter(AIUEO),
        "iroha" | "irohaFullWidth" => letter(IROHA),
        "ideographDigital" | "japaneseDigitalTenThousand" => Some(by_digit(number)),
        "japaneseCounting"
        | "chineseCounting"
        | "chineseCountingThousand"
        | "taiwaneseCounting" => kanji(number),
        "ordinal" => Some(format!("{number}.")),
        _ => None,
    };
    found.unwrap_or_else(|| number.to_string())
}

fn wide(number: u32) -> String {
    let digits = number.to_string();
    let wide = digits.chars().filter_map(|c| c.to_digit(10));
    wide.filter_map(|digit| char::from_u32(digit.saturating_add(0xff10)))
        .collect()
}

fn by_digit(number: u32) -> String {
    let digits = number.to_string();
    let places = digits.chars().filter_map(|c| c.to_digit(10));
    places
        .filter_map(|digit| DIGITS.chars().nth(usize::try_from(digit).ok()?))
        .collect()
}

/// As people count: 二十一, 百五.
fn kanji(number: u32) -> Option<String> {
    if !(1..10_000).contains(&number) {
        return None;
    }
    let mut out = String::new();
    for (unit, name) in [(1_000u32, "千"), (100, "百"), (10, "十"), (1, "")] {
        let digit = number.checked_div(unit)?.rem_euclid(10);
        if digit == 0 {
            continue;
        }
        if digit > 1 || unit == 1 {
            out.extend(DIGITS.chars().nth(usize::try_from(digit).ok()?));
        }
        out.push_str(name);
    }
    Some(out)
}

fn roman(number: u32) -> Option<String> {
    const SIGNS: [(u32, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    if !(1..4_000).contains(&number) {
        return None;
    }
    let mut rest = number;
    let mut out = String::new();
    for (value, sign) in SIGNS {
        while rest >= value {
            out.push_str(sign);
            rest = rest.saturating_sub(value);
        }
    }
    Some(out)
}

/// A, B, … Z, AA, BB, …
fn latin(number: u32) -> Option<String> {
    let at = number.checked_sub(1).filter(|at| *at < 26 * 16)?;
    let letter = char::from_u32(u32::from('A').checked_add(at.rem_euclid(26))?)?;
    let times = usize::try_from(at.div_euclid(26)).ok()?;
    Some(std::iter::repeat_n(letter, times.saturating_add(1)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_as_their_formats_say() {
        for (number, format, want) in [
            (3, "decimal", "3"),
            (3, "decimalFullWidth", "３"),
            (12, "decimalEnclosedCircle", "⑫"),
            (21, "decimalEnclosedCircle", "㉑"),
            (36, "decimalEnclosedCircle", "㊱"),
            (51, "decimalEnclosedCircle", "51"),
            (2, "aiueoFullWidth", "イ"),
            (3, "iroha", "ハ"),
            (10, "japaneseCounting", "十"),
            (21, "japaneseCounting", "二十一"),
            (105, "japaneseCounting", "百五"),
            (20, "ideographDigital", "二〇"),
            (4, "upperRoman", "IV"),
            (28, "lowerLetter", "bb"),
            (0, "upperLetter", "0"),
            (7, "whatever", "7"),
        ] {
            assert_eq!(numeral(number, format), want, "{number} {format}");
        }
    }
}

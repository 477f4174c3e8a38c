//! The operators of a page: pictures or shapes, and invisible text over them.

use super::{flate, layer, shapes};
use mugai_core::Violation;
use std::collections::BTreeSet;

/// The most bytes of the operators of one page.
const MAX_CONTENT: usize = 256 << 20;
/// The most pictures of a page that is made of them: those among its letters, and the letters.
const MAX_PICTURES: usize = 17;
/// Where the text over a page begins.
const OVER: &str = "\nq .1 0 0 .1 0 0 cm BT 3 Tr\n";

/// What the operators of a page say.
#[derive(Default)]
pub(super) struct Content {
    /// The text over the page.
    pub(super) text: Option<layer::Texts>,
    /// Object numbers of the pictures that it shows.
    pub(super) shown: BTreeSet<u32>,
    /// Its graphics states: opacity of 255 and number of the blend mode.
    pub(super) mixes: BTreeSet<(u8, usize)>,
    /// Its visible text, in codes.
    pub(super) runs: Vec<Vec<u16>>,
}

impl Content {
    /// Whether there is text over the page in that font.
    pub(super) fn says(&self, face: layer::Face) -> bool {
        let mut texts = self.text.iter().flatten();
        texts.any(|text| text.face() == face)
    }
}

/// Reads the compressed operators of a page of that width and height, in hundredths of a point.
pub(super) fn read(data: &[u8], size: (u32, u32), offset: usize) -> Result<Content, Violation> {
    let bad = |rule| Violation::at(rule, offset);
    let operators = flate::inflate_up_to(data, MAX_CONTENT, offset)?;
    let operators = std::str::from_utf8(&operators).map_err(|_| bad("pdf: operators"))?;
    let (below, over) = match operators.split_once(OVER) {
        Some((below, over)) => (below, Some(over)),
        None => (operators, None),
    };
    let mut content = if below.is_empty() {
        // a blank page
        Content::default()
    } else {
        pictures(below, size)
            .or_else(|| shapes::read(below, &spell(size.1)))
            .ok_or(bad("pdf: operators of a page"))?
    };
    if let Some(over) = over {
        let text = layer::read(over).ok_or(bad("pdf: text operators"))?;
        content.text = Some(text);
    }
    Ok(content)
}

/// Pictures one behind the other: no more than [`MAX_PICTURES`], each once, and none over another but over the
/// first, which is below them all.
fn pictures(operators: &str, size: (u32, u32)) -> Option<Content> {
    let mut content = Content::default();
    let mut above: Vec<Place> = Vec::new();
    let mut rest = operators;
    loop {
        let (one, tail) = rest.split_once("\nQ")?;
        let (number, place) = picture(one, size)?;
        let is_free = above.iter().all(|other| !other.meets(&place));
        if !is_free || !content.shown.insert(number) || content.shown.len() > MAX_PICTURES {
            return None;
        }
        if content.shown.len() > 1 {
            above.push(place);
        }
        if tail.is_empty() {
            return Some(content);
        }
        rest = tail.strip_prefix('\n')?;
    }
}

/// Where a picture stands, in ten thousandths of a point.
struct Place {
    left: u64,
    bottom: u64,
    right: u64,
    top: u64,
}

impl Place {
    const fn meets(&self, other: &Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.bottom < other.top
            && other.bottom < self.top
    }
}

/// `q 595.25 0 0 842 .5 0 cm/I3 Do`: a picture within the page, and where it is there.
fn picture(operators: &str, size: (u32, u32)) -> Option<(u32, Place)> {
    let (place, shown) = operators.strip_prefix("q ")?.split_once(" cm")?;
    let numbers: Vec<&str> = place.split(' ').collect();
    let [width, "0", "0", height, left, bottom] = *numbers.as_array::<6>()? else {
        return None;
    };
    let ends = |start: &str, length: &str, side: u32| {
        let (start, length) = (decimal(start)?, decimal(length)?);
        let end = start.checked_add(length)?;
        (length > 0 && end <= u64::from(side).checked_mul(100)?).then_some((start, end))
    };
    let (left, right) = ends(left, width, size.0)?;
    let (bottom, top) = ends(bottom, height, size.1)?;
    let number = picture_name(shown.strip_suffix(" Do")?)?;
    let place = Place {
        left,
        bottom,
        right,
        top,
    };
    Some((number, place))
}

/// Hundredths of a point in their one spelling: `595.25`, `842`, `30.5`.
pub(super) fn spell(hundredths: u32) -> String {
    let (whole, rest) = (hundredths.div_euclid(100), hundredths.rem_euclid(100));
    let digits = format!("{rest:02}");
    match digits.trim_end_matches('0') {
        "" => whole.to_string(),
        digits => format!("{whole}.{digits}"),
    }
}

/// Ten thousandths in their one spelling: `595.28`, `.5`, `0`.
fn decimal(said: &str) -> Option<u64> {
    let (whole, rest) = match said.split_once('.') {
        Some((_, "")) => return None,
        Some((whole, rest)) => (whole, rest),
        None => (said, ""),
    };
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_short = rest.len() <= 4 && whole.len() <= 5 && !rest.ends_with('0');
    // no zero begins a number but the one that stands alone
    let is_number = said == "0" || (!said.is_empty() && !whole.starts_with('0'));
    if !(is_digits(whole) && is_digits(rest) && is_short && is_number) {
        return None;
    }
    format!("0{whole}{rest:0<4}").parse().ok()
}

/// The object number in `/I3`.
pub(super) fn picture_name(name: &str) -> Option<u32> {
    let digits = name.strip_prefix("/I")?;
    let number: u32 = digits.parse().ok()?;
    (number.to_string() == digits).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_have_one_spelling() {
        for (said, units) in [
            ("0", 0),
            (".5", 5_000),
            ("595.28", 5_952_800),
            ("7.0001", 70_001),
        ] {
            assert_eq!(decimal(said), Some(units), "{said}");
        }
        for said in [
            "", ".", "0.5", "5.", "00", "05", "5.50", ".00001", "-1", "+1", "1e3", "100000", " 1",
        ] {
            assert_eq!(decimal(said), None, "{said:?}");
        }
    }

    #[test]
    fn a_picture_stands_on_the_page() {
        let good = "q 99.5 0 0 50 .25 0 cm/I3 Do\nQ";
        let size = (10_000, 5_000);
        assert!(pictures(good, size).is_some());
        for (from, to) in [
            ("99.5", "99.7501"),
            ("99.5", "0"),
            (" 0 cm", " .0001 cm"),
            ("0 0 50", "0 1 50"),
            ("0 0 50", "0 0 -50"),
            (" Do", ""),
            ("/I3", "/I03"),
            ("cm/", "cm /"),
            ("\nQ", "\nq\nQ"),
        ] {
            let changed = good.replacen(from, to, 1);
            assert_ne!(changed, good);
            assert!(pictures(&changed, size).is_none(), "{from:?} {to:?}");
        }
    }

    #[test]
    fn pictures_stand_beside_each_other_on_the_first() {
        let size = (10_000, 5_000);
        let on = |count: usize| {
            let all = (1..count).map(|at| format!("q 2 0 0 2 {} 1 cm/I{} Do\nQ", at * 2, at + 3));
            let first = "q 99.5 0 0 50 .25 0 cm/I3 Do\nQ".to_owned();
            std::iter::once(first)
                .chain(all)
                .collect::<Vec<String>>()
                .join("\n")
        };
        for count in 1..=MAX_PICTURES {
            let content = pictures(&on(count), size).unwrap();
            assert_eq!(content.shown.len(), count);
        }
        assert!(pictures(&on(MAX_PICTURES + 1), size).is_none());
        let three = on(3);
        for (from, to) in [
            // over the second
            ("2 0 0 2 4 1", "2 0 0 2 3.9999 1"),
            ("2 0 0 2 4 1", "2 0 0 2 2 2.9999"),
            // twice
            ("/I5", "/I4"),
            ("/I5", "/I3"),
            ("Q\nq", "Q\n\nq"),
            ("Q\nq", "Q q"),
        ] {
            let changed = three.replacen(from, to, 1);
            assert_ne!(changed, three);
            assert!(pictures(&changed, size).is_none(), "{from:?} {to:?}");
        }
        let tail = three.clone() + "\n";
        assert!(pictures(&tail, size).is_none());
    }
}

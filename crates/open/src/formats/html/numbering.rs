//! What stands in front of list items (CSS Counter Styles 3, sections 6 and 7).

use super::names::Name;
use crate::formats::numeral;

/// A style of bullets or numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bullet {
    /// Nothing.
    None,
    /// A dot, circle or square.
    Dot,
    /// 1, 2, 3.
    Decimal,
    /// 01, 02, 03.
    Zero,
    /// a, b, c.
    Lower,
    /// A, B, C.
    Upper,
    /// i, ii, iii.
    LowerRoman,
    /// I, II, III.
    UpperRoman,
    /// α, β, γ.
    Greek,
    /// 一, 二, 三.
    Kanji,
    /// あ, い, う.
    Hiragana,
    /// ア, イ, ウ.
    Katakana,
    /// い, ろ, は.
    HiraganaIroha,
    /// イ, ロ, ハ.
    KatakanaIroha,
}

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const GREEK: &str = "αβγδεζηθικλμνξοπρστυφχψω";
const HIRAGANA: &str = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわゐゑをん";
const KATAKANA: &str = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヰヱヲン";
const HIRAGANA_IROHA: &str = "いろはにほへとちりぬるをわかよたれそつねならむうゐのおくやまけふこえてあさきゆめみしゑひもせす";
const KATAKANA_IROHA: &str = "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセス";

impl Bullet {
    /// What an element has by itself; `None` where it is that of the element around it.
    pub(super) const fn of_element(name: Name) -> Option<Self> {
        if matches!(name, Name::Ol) {
            Some(Self::Decimal)
        } else if name.is_list() {
            Some(Self::Dot)
        } else {
            None
        }
    }

    /// The value of a `type` attribute (HTML standard section 15.3.8), in which case counts.
    pub(super) fn of_attribute(value: &str) -> Option<Self> {
        match value {
            "1" => Some(Self::Decimal),
            "a" => Some(Self::Lower),
            "A" => Some(Self::Upper),
            "i" => Some(Self::LowerRoman),
            "I" => Some(Self::UpperRoman),
            _ => ["disc", "circle", "square"]
                .iter()
                .any(|word| value.eq_ignore_ascii_case(word))
                .then_some(Self::Dot),
        }
    }

    /// The value of `list-style-type`, or of `list-style` with it; `None` where it says nothing.
    pub(super) fn of_css(value: &str) -> Option<Self> {
        let lower = value.to_ascii_lowercase();
        // what a picture as bullet cannot show
        let words = lower
            .split_ascii_whitespace()
            .filter(|word| !word.contains('('));
        let mut found = None;
        for word in words {
            match word {
                "inside" | "outside" | "inherit" | "unset" => {}
                // `none` may be about the picture of the shorthand
                "none" => found = found.or(Some(Self::None)),
                _ => found = Some(Self::named(word)),
            }
        }
        found
    }

    /// The style of a name; one that nobody knows counts as `decimal`.
    fn named(word: &str) -> Self {
        match word {
            "disc" | "circle" | "square" | "initial" => Self::Dot,
            "decimal-leading-zero" => Self::Zero,
            "lower-alpha" | "lower-latin" => Self::Lower,
            "upper-alpha" | "upper-latin" => Self::Upper,
            "lower-roman" => Self::LowerRoman,
            "upper-roman" => Self::UpperRoman,
            "lower-greek" => Self::Greek,
            "cjk-ideographic"
            | "japanese-informal"
            | "trad-chinese-informal"
            | "simp-chinese-informal" => Self::Kanji,
            "hiragana" => Self::Hiragana,
            "katakana" => Self::Katakana,
            "hiragana-iroha" => Self::HiraganaIroha,
            "katakana-iroha" => Self::KatakanaIroha,
            // a text of its own, and what is closed or opened by a click
            _ if word.starts_with(['"', '\'']) || word.starts_with("disclosure") => Self::Dot,
            _ => Self::Decimal,
        }
    }

    /// What stands in front of the item of this number, `None` for nothing.
    pub(super) fn marker(self, number: i32) -> Option<String> {
        let written = match self {
            Self::None => return None,
            Self::Dot => return Some("・".to_owned()),
            Self::Decimal => None,
            Self::Zero => (0..10).contains(&number).then(|| format!("0{number}")),
            Self::Lower => letters(number, LOWER),
            Self::Upper => letters(number, LOWER).map(|text| text.to_ascii_uppercase()),
            Self::LowerRoman => roman(number).map(|text| text.to_ascii_lowercase()),
            Self::UpperRoman => roman(number),
            Self::Greek => letters(number, GREEK),
            Self::Kanji => kanji(number),
            Self::Hiragana => letters(number, HIRAGANA),
            Self::Katakana => letters(number, KATAKANA),
            Self::HiraganaIroha => letters(number, HIRAGANA_IROHA),
            Self::KatakanaIroha => letters(number, KATAKANA_IROHA),
        };
        let wide = written
            .as_ref()
            .is_some_and(|text| text.starts_with(|c| c >= '\u{3000}'));
        let end = if wide { "、" } else { ". " };
        Some(written.unwrap_or_else(|| number.to_string()) + end)
    }
}

/// A number in letters, of which the last is followed by the first twice; `None` below 1.
fn letters(number: i32, alphabet: &str) -> Option<String> {
    let count = i32::try_from(alphabet.chars().count()).ok()?;
    let mut rest = number;
    let mut reversed = Vec::new();
    while rest > 0 {
        let below = rest.checked_sub(1)?;
        let place = usize::try_from(below.checked_rem(count)?).ok()?;
        reversed.push(alphabet.chars().nth(place)?);
        rest = below.checked_div(count)?;
    }
    (number > 0).then(|| reversed.into_iter().rev().collect())
}

/// A number from 1 to 3999 in Roman numerals.
fn roman(number: i32) -> Option<String> {
    let number = u32::try_from(number).ok().filter(|number| *number < 4_000);
    numeral::roman(number?)
}

/// A number from 0 to 9999 as Japanese writes it.
fn kanji(number: i32) -> Option<String> {
    match u32::try_from(number).ok()? {
        0 => Some("〇".to_owned()),
        number => numeral::kanji(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_every_style() {
        for (bullet, number, want) in [
            (Bullet::None, 1, None),
            (Bullet::Dot, 1, Some("・")),
            (Bullet::Decimal, -2, Some("-2. ")),
            (Bullet::Zero, 7, Some("07. ")),
            (Bullet::Zero, 17, Some("17. ")),
            (Bullet::Lower, 1, Some("a. ")),
            (Bullet::Lower, 26, Some("z. ")),
            (Bullet::Upper, 27, Some("AA. ")),
            (Bullet::Upper, 703, Some("AAA. ")),
            (Bullet::Lower, 0, Some("0. ")),
            (Bullet::LowerRoman, 1_994, Some("mcmxciv. ")),
            (Bullet::UpperRoman, 4, Some("IV. ")),
            (Bullet::UpperRoman, 4_000, Some("4000. ")),
            (Bullet::Greek, 24, Some("ω. ")),
            (Bullet::Kanji, 1_010, Some("千十、")),
            (Bullet::Kanji, 21, Some("二十一、")),
            (Bullet::Kanji, 0, Some("〇、")),
            (Bullet::Kanji, 10_000, Some("10000. ")),
            (Bullet::Hiragana, 6, Some("か、")),
            (Bullet::Katakana, 48, Some("ン、")),
            (Bullet::HiraganaIroha, 3, Some("は、")),
            (Bullet::KatakanaIroha, 47, Some("ス、")),
            (Bullet::Lower, i32::MAX, Some("fxshrxw. ")),
            (Bullet::Decimal, i32::MIN, Some("-2147483648. ")),
        ] {
            assert_eq!(
                bullet.marker(number).as_deref(),
                want,
                "{bullet:?} {number}"
            );
        }
    }

    #[test]
    fn styles_by_their_names() {
        for (value, want) in [
            ("none", Some(Bullet::None)),
            ("NONE", Some(Bullet::None)),
            ("square inside none", Some(Bullet::Dot)),
            ("none upper-roman", Some(Bullet::UpperRoman)),
            ("inside url(a.png)", None),
            ("inherit", None),
            ("arabic-indic", Some(Bullet::Decimal)),
            ("'- '", Some(Bullet::Dot)),
        ] {
            assert_eq!(Bullet::of_css(value), want, "{value}");
        }
        assert_eq!(Bullet::of_attribute("I"), Some(Bullet::UpperRoman));
        assert_eq!(Bullet::of_attribute("Circle"), Some(Bullet::Dot));
        assert_eq!(Bullet::of_attribute("x"), None);
    }
}

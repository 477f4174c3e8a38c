//! Numbers before paragraphs as letters, by the names of their formats (ECMA-376 part 1, section 17.18.59), to which
//! those of other formats of documents are brought.

use super::symbols::circled;

const AIUEO: &str =
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン";
const IROHA: &str = "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセスン";
const DIGITS: &str = "〇一二三四五六七八九";
/// The digits of deeds, which nobody can make another digit of.
const LEGAL: &str = "零壱弐参四伍六七八九";
const STEMS: &str = "甲乙丙丁戊己庚辛壬癸";
const BRANCHES: &str = "子丑寅卯辰巳午未申酉戌亥";

/// The name of the format for white numbers on black rings, which only presentations have.
pub(super) const BLACK_CIRCLE: &str = "circleBlack";

/// A number by the name of its format; by digits where that is not known or has no such number.
pub(super) fn numeral(number: u32, format: &str) -> String {
    let from = |first: u32, last: u32, base: char| {
        let code = u32::from(base).checked_add(number.checked_sub(first)?)?;
        (first..=last)
            .contains(&number)
            .then(|| char::from_u32(code))?
            .map(String::from)
    };
    let once = |all: &str| {
        let at = usize::try_from(number.checked_sub(1)?).ok()?;
        all.chars().nth(at).map(String::from)
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
        BLACK_CIRCLE => from(1, 10, '❶').or_else(|| from(11, 20, '⓫')),
        "decimalEnclosedParen" => from(1, 20, '⑴'),
        "decimalEnclosedFullstop" => from(1, 20, '⒈'),
        "ideographEnclosedCircle" => from(1, 10, '㊀'),
        "numberInDash" => Some(format!("- {number} -")),
        "upperRoman" => roman(number).filter(|_| number < 4_000),
        "lowerRoman" => roman(number)
            .filter(|_| number < 4_000)
            .map(|roman| roman.to_ascii_lowercase()),
        "upperLetter" => latin(number),
        "lowerLetter" => latin(number).map(|letters| letters.to_ascii_lowercase()),
        "aiueo" | "aiueoFullWidth" => letter(AIUEO),
        "iroha" | "irohaFullWidth" => letter(IROHA),
        "ideographDigital" | "japaneseDigitalTenThousand" => Some(by_digit(number)),
        "japaneseCounting"
        | "chineseCounting"
        | "chineseCountingThousand"
        | "taiwaneseCounting" => kanji(number),
        "japaneseLegal" => counted(number, LEGAL, ["阡", "百", "拾"], false),
        "ideographTraditional" => once(STEMS),
        "ideographZodiac" => once(BRANCHES),
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

/// A number from 1 to 9999 as Japanese writes it: 二十一, 百五.
pub(super) fn kanji(number: u32) -> Option<String> {
    counted(number, DIGITS, ["千", "百", "十"], true)
}

/// As people count: 二十一, 百五; in deeds with a one before each unit: 壱百五.
fn counted(number: u32, digits: &str, units: [&str; 3], bare: bool) -> Option<String> {
    if !(1..10_000).contains(&number) {
        return None;
    }
    let [thousand, hundred, ten] = units;
    let mut out = String::new();
    for (unit, name) in [(1_000u32, thousand), (100, hundred), (10, ten), (1, "")] {
        let digit = number.checked_div(unit)?.rem_euclid(10);
        if digit == 0 {
            continue;
        }
        if digit > 1 || unit == 1 || !bare {
            out.extend(digits.chars().nth(usize::try_from(digit).ok()?));
        }
        out.push_str(name);
    }
    Some(out)
}

/// A number from 1 to 40,000 in Roman numerals; from 4,000 on there is no sign for them but many an M.
pub(super) fn roman(number: u32) -> Option<String> {
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
    if !(1..=40_000).contains(&number) {
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
            (4_000, "upperRoman", "4000"),
            (28, "lowerLetter", "bb"),
            (0, "upperLetter", "0"),
            (7, "whatever", "7"),
            (12, BLACK_CIRCLE, "⓬"),
            (21, BLACK_CIRCLE, "21"),
            (3, "ideographEnclosedCircle", "㊂"),
            (110, "japaneseLegal", "壱百壱拾"),
            (2, "ideographTraditional", "乙"),
            (11, "ideographTraditional", "11"),
            (12, "ideographZodiac", "亥"),
            (13, "ideographZodiac", "13"),
            (4, "numberInDash", "- 4 -"),
        ] {
            assert_eq!(numeral(number, format), want, "{number} {format}");
        }
    }
}

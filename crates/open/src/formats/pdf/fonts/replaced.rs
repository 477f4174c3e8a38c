//! Fonts that a document asked for, and that its pages, which an office suite made, are not drawn with.
//!
//! Pages name the fonts that they bring along; styles name more fonts than are used. So fonts were replaced where pages
//! have one that nobody asked for, and those that are told are the ones that were asked for and are not in the pages.

use super::{absent, names};
use std::collections::BTreeSet;

/// What names of fonts end with that is no part of the name of their family.
const ENDS: [&str; 12] = [
    "regular",
    "bold",
    "italic",
    "oblique",
    "medium",
    "light",
    "book",
    "roman",
    "normal",
    "identityh",
    "mt",
    "ps",
];
/// How parts of Japanese names are written in the names that programs of fonts have.
const SPELLINGS: [(&str, &str); 9] = [
    ("明朝", "mincho"),
    ("ゴシック", "gothic"),
    ("丸", "maru"),
    ("創英角", "soeikaku"),
    ("ポップ体", "poptai"),
    ("教科書体", "kyokashotai"),
    ("游", "yu"),
    ("メイリオ", "meiryo"),
    ("プロ", "pro"),
];
/// Fonts of bullets, which suites take from wherever they are.
const BULLETS: [&str; 3] = ["opensymbol", "symbol", "wingdings"];

/// The fonts of `asked` that were replaced, as they were asked for, where pages are drawn with those of `drawn`.
pub(in crate::formats::pdf) fn replaced<'a>(
    asked: impl Iterator<Item = &'a str>,
    drawn: &BTreeSet<String>,
) -> Vec<&'a str> {
    let drawn: BTreeSet<String> = drawn.iter().map(|name| family(name)).collect();
    let asked: Vec<(&str, String)> = asked.map(|name| (name, family(name))).collect();
    let strange = |name: &String| {
        !BULLETS.contains(&name.as_str()) && !asked.iter().any(|(_, asked)| asked == name)
    };
    if !drawn.iter().any(strange) {
        return Vec::new();
    }
    let missing = asked.iter().filter(|(_, name)| {
        !name.is_empty() && !BULLETS.contains(&name.as_str()) && !drawn.contains(name)
    });
    missing.map(|(name, _)| *name).collect()
}

/// The name of a family in one spelling, with neither blanks nor widths nor what says which of the family it is.
fn family(name: &str) -> String {
    let mut family = names::key(absent::bare_str(name));
    for (ours, theirs) in SPELLINGS {
        family = family.replace(ours, theirs);
    }
    while let Some(rest) = ENDS.iter().find_map(|end| family.strip_suffix(end)) {
        if rest.is_empty() {
            break;
        }
        family.truncate(rest.len());
    }
    family
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(asked: &[&'static str], drawn: &[&str]) -> Vec<&'static str> {
        let drawn = drawn.iter().map(|name| (*name).to_owned()).collect();
        replaced(asked.iter().copied(), &drawn)
    }

    #[test]
    fn fonts_that_nobody_asked_for_stand_for_those_that_are_missing() {
        let asked = ["ＭＳ 明朝", "Liberation Serif", "Calibri"];
        let drawn = ["BAAAAA+IPAMincho", "CAAAAA+LiberationSerif-Bold"];
        assert_eq!(of(&asked, &drawn), ["ＭＳ 明朝", "Calibri"]);
    }

    #[test]
    fn the_same_font_by_another_spelling_is_none_that_is_missing() {
        for (asked, drawn) in [
            ("ＭＳ 明朝", "BAAAAA+MS-Mincho"),
            ("MS PGothic", "BAAAAA+MS-PGothic"),
            ("Noto Sans CJK JP", "BAAAAA+NotoSansCJKjp-Regular"),
            ("Times New Roman", "BAAAAA+TimesNewRomanPS-BoldMT"),
            ("游ゴシック", "BAAAAA+YuGothic-Bold"),
            ("IPA明朝", "BAAAAA+IPAMincho"),
            ("HG丸ｺﾞｼｯｸM-PRO", "BAAAAA+HGMaruGothicMPRO"),
            ("HG創英角ﾎﾟｯﾌﾟ体", "BAAAAA+HGSoeiKakupoptai"),
            ("HGP創英角ｺﾞｼｯｸUB", "BAAAAA+HGPSoeiKakugothicUB"),
            ("HG教科書体", "BAAAAA+HGKyokashotai"),
            ("Arial", "OpenSymbol"),
        ] {
            assert!(of(&[asked], &[drawn]).is_empty(), "{asked} {drawn}");
        }
    }

    #[test]
    fn fonts_of_styles_that_nothing_uses_are_not_told() {
        assert!(of(&["IPAMincho", "Calibri"], &["BAAAAA+IPAMincho"]).is_empty());
    }
}

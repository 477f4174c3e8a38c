//! What face stands in for a font, by what the file says of it: its name, its flags, its collection.

use encoding_rs::SHIFT_JIS;
use hayro_interpret::font::StandardFont;
use mugai_core::cx::{FontNeed, Script, Strokes};
use unicode_normalization::UnicodeNormalization as _;

/// Flags of a font descriptor (ISO 32000-2, table 121).
const FIXED_PITCH: u32 = 1;
const SERIF: u32 = 1 << 1;
const ITALIC: u32 = 1 << 6;
const FORCE_BOLD: u32 = 1 << 18;
/// From this weight on a font is bold.
const BOLD_FROM: u32 = 600;

// Parts of names, as `key` spells them. Simple fonts do not tell their character collection.
const KOREAN: &[&str] = &[
    "batang",
    "gulim",
    "dotum",
    "gungsuh",
    "malgun",
    "hysm",
    "hygo",
    "hyhw",
    "myungjo",
    "myeongjo",
    "nanum",
    "applegothic",
    "cjkkr",
];
const TRADITIONAL: &[&str] = &[
    "mingliu",
    "jhenghei",
    "msung",
    "mhei",
    "dfkai",
    "細明體",
    "標楷體",
    "正黑體",
    "pingfangtc",
    "pingfanghk",
    "cjktc",
    "cjkhk",
];
const SIMPLIFIED: &[&str] = &[
    "simsun",
    "simhei",
    "simkai",
    "fangsong",
    "kaiti",
    "yahei",
    "dengxian",
    "stsong",
    "stheiti",
    "stkaiti",
    "songti",
    "heiti",
    "宋体",
    "黑体",
    "楷体",
    "微软",
    "pingfangsc",
    "cjksc",
];
const JAPANESE: &[&str] = &[
    "mincho",
    "明朝",
    "gothic",
    "ゴシック",
    "ryumin",
    "futogo",
    "futomin",
    "midashi",
    "jun101",
    "heisei",
    "平成",
    "kozmin",
    "kozgo",
    "小塚",
    "hiramin",
    "hirakaku",
    "hiramaru",
    "hiragino",
    "ヒラギノ",
    "meiryo",
    "メイリオ",
    "yumin",
    "yugo",
    "游",
    "bizud",
    "msui",
    "ipaex",
    "shueimin",
    "kyokasho",
    "教科書",
    "osaka",
    "cjkjp",
];
/// Latin fonts whose names contain one of those.
const LATIN_GOTHIC: &[&str] = &[
    "franklingothic",
    "centurygothic",
    "copperplategothic",
    "lettergothic",
    "newsgothic",
    "tradegothic",
    "bankgothic",
    "highwaygothic",
];
const CJK_SERIF: &[&str] = &[
    "mincho",
    "明朝",
    "ryumin",
    "futomin",
    "kozmin",
    "heiseimin",
    "hiramin",
    "yumin",
    "shueimin",
    "kyokasho",
    "教科書",
    "song",
    "宋",
    "simsun",
    "ming",
    "明體",
    "msung",
    "kai",
    "楷",
    "batang",
    "gungsuh",
    "hysm",
    "myungjo",
    "myeongjo",
    "serif",
];
const MONO: &[&str] = &[
    "courier",
    "mono",
    "consol",
    "menlo",
    "typewriter",
    "lettergothic",
    "cousine",
    "cmtt",
    "terminal",
    "fixed",
];
const SANS: &[&str] = &[
    "sans",
    "arial",
    "helvetica",
    "calibri",
    "verdana",
    "tahoma",
    "segoe",
    "trebuchet",
    "univers",
    "frutiger",
    "myriad",
    "futura",
    "roboto",
    "gothic",
    "geneva",
    "arimo",
    "candara",
    "corbel",
    "swiss",
];
const LATIN_SERIF: &[&str] = &[
    "times",
    "serif",
    "roman",
    "georgia",
    "cambria",
    "garamond",
    "palatino",
    "antiqua",
    "century",
    "schoolbook",
    "bodoni",
    "minion",
    "caslon",
    "baskerville",
    "didot",
    "constantia",
    "bookman",
    "charter",
    "utopia",
    "nimbusrom",
    "tinos",
    "cmr",
    "cmbx",
    "cmti",
];
const BOLD: &[&str] = &[
    "bold",
    "demi",
    "heavy",
    "black",
    "midashi",
    "futogo",
    "futomin",
    "ボールド",
    "太字",
];
const ITALICS: &[&str] = &["italic", "oblique", "イタリック", "斜体"];

/// What a font descriptor says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Described {
    /// `/Flags`; 0 where there are none.
    pub(super) flags: u32,
    /// `/FontWeight`; 0 where there is none.
    pub(super) weight: u32,
    /// Whether `/ItalicAngle` is another than 0.
    pub(super) leans: bool,
}

/// The name as it may be shown: UTF-8, else `Shift_JIS`, as Japanese producers write it (`ＭＳ 明朝`).
pub(super) fn shown(name: &[u8]) -> String {
    if let Ok(name) = std::str::from_utf8(name) {
        return name.to_owned();
    }
    let decoded = SHIFT_JIS.decode_without_bom_handling_and_without_replacement(name);
    decoded.map_or_else(
        || name.iter().map(|byte| char::from(*byte)).collect(),
        std::borrow::Cow::into_owned,
    )
}

/// The name in the one spelling that the lists have: compatibility forms, lower case, letters only.
pub(super) fn key(name: &str) -> String {
    let folded = name.nfkc().flat_map(char::to_lowercase);
    folded.filter(|c| c.is_alphanumeric()).collect()
}

/// What face is needed for a font called `name`; `of` is the script of its collection, where it has one.
pub(super) fn need(name: &str, of: Option<Script>, described: Described) -> FontNeed {
    let key = key(name);
    let has = |parts: &[&str]| parts.iter().any(|part| key.contains(part));
    let script = of.unwrap_or_else(|| {
        // the order counts: `HYGothic` is Korean
        if has(KOREAN) || key.chars().any(|c| matches!(c, '가'..='힣')) {
            Script::Korean
        } else if has(TRADITIONAL) {
            Script::Traditional
        } else if has(SIMPLIFIED) {
            Script::Simplified
        } else if has(LATIN_GOTHIC) {
            Script::Latin
        } else if has(JAPANESE) || !key.is_ascii() {
            Script::Japanese
        } else {
            Script::Latin
        }
    });
    let flag = |bit: u32| described.flags & bit != 0;
    let strokes = if script.is_cjk() {
        let is_sans = key.contains("sans") || key.contains("gothic") || key.contains("ゴシック");
        let is_said =
            is_sans || has(JAPANESE) || has(KOREAN) || has(SIMPLIFIED) || has(TRADITIONAL);
        if (has(CJK_SERIF) && !is_sans) || (!is_said && flag(SERIF)) {
            Strokes::Serif
        } else {
            Strokes::Sans
        }
    } else if has(MONO) {
        Strokes::Mono
    } else if has(SANS) {
        Strokes::Sans
    } else if has(LATIN_SERIF) {
        Strokes::Serif
    } else if flag(FIXED_PITCH) {
        Strokes::Mono
    } else if flag(SERIF) {
        Strokes::Serif
    } else {
        Strokes::Sans
    };
    let is_heavy = ["w6", "w7", "w8", "w9"]
        .iter()
        .any(|end| key.ends_with(end));
    FontNeed {
        script,
        strokes,
        bold: has(BOLD) || is_heavy || flag(FORCE_BOLD) || described.weight >= BOLD_FROM,
        italic: has(ITALICS) || flag(ITALIC) || described.leans,
    }
}

/// What one of the standard fonts is; `None` for signs and ornaments.
pub(super) const fn of_standard(font: StandardFont) -> Option<FontNeed> {
    let (strokes, bold, italic) = match font {
        StandardFont::Helvetica => (Strokes::Sans, false, false),
        StandardFont::HelveticaBold => (Strokes::Sans, true, false),
        StandardFont::HelveticaOblique => (Strokes::Sans, false, true),
        StandardFont::HelveticaBoldOblique => (Strokes::Sans, true, true),
        StandardFont::Courier => (Strokes::Mono, false, false),
        StandardFont::CourierBold => (Strokes::Mono, true, false),
        StandardFont::CourierOblique => (Strokes::Mono, false, true),
        StandardFont::CourierBoldOblique => (Strokes::Mono, true, true),
        StandardFont::TimesRoman => (Strokes::Serif, false, false),
        StandardFont::TimesBold => (Strokes::Serif, true, false),
        StandardFont::TimesItalic => (Strokes::Serif, false, true),
        StandardFont::TimesBoldItalic => (Strokes::Serif, true, true),
        StandardFont::ZapfDingBats | StandardFont::Symbol => return None,
    };
    Some(FontNeed {
        script: Script::Latin,
        strokes,
        bold,
        italic,
    })
}

/// The built-in face that is nearest to `need`.
pub(super) const fn standard(need: FontNeed) -> StandardFont {
    match (need.strokes, need.bold, need.italic) {
        (Strokes::Sans, false, false) => StandardFont::Helvetica,
        (Strokes::Sans, true, false) => StandardFont::HelveticaBold,
        (Strokes::Sans, false, true) => StandardFont::HelveticaOblique,
        (Strokes::Sans, true, true) => StandardFont::HelveticaBoldOblique,
        (Strokes::Mono, false, false) => StandardFont::Courier,
        (Strokes::Mono, true, false) => StandardFont::CourierBold,
        (Strokes::Mono, false, true) => StandardFont::CourierOblique,
        (Strokes::Mono, true, true) => StandardFont::CourierBoldOblique,
        (Strokes::Serif, false, false) => StandardFont::TimesRoman,
        (Strokes::Serif, true, false) => StandardFont::TimesBold,
        (Strokes::Serif, false, true) => StandardFont::TimesItalic,
        (Strokes::Serif, true, true) => StandardFont::TimesBoldItalic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> FontNeed {
        need(name, None, Described::default())
    }

    #[test]
    fn japanese_names_are_known_in_every_spelling() {
        let serif = [
            "MS-Mincho",
            "MSMincho",
            "@MS-PMincho",
            "ＭＳ 明朝",
            "ＭＳ Ｐ明朝",
            "Ryumin-Light",
            "HeiseiMin-W3",
            "KozMinPr6N-Regular",
            "KozMinPro-Regular-Acro",
            "HiraMinProN-W3",
            "ヒラギノ明朝 ProN W3",
            "游明朝",
            "YuMincho-Regular",
            "BIZ-UDMincho",
            "IPAexMincho",
        ];
        for name in serif {
            let found = named(name);
            assert_eq!(
                (found.script, found.strokes, found.bold),
                (Script::Japanese, Strokes::Serif, false),
                "{name}"
            );
        }
        let sans = [
            "MS-Gothic",
            "MSGothic",
            "ＭＳ ゴシック",
            "MS-UIGothic",
            "GothicBBB-Medium",
            "HeiseiKakuGo-W5",
            "KozGoPr6N-Medium",
            "HiraKakuProN-W3",
            "ヒラギノ角ゴ ProN W3",
            "游ゴシック",
            "YuGothic-Medium",
            "メイリオ",
            "Meiryo",
            "Jun101-Light",
            "IPAexGothic",
            "NotoSansCJKjp-Regular",
        ];
        for name in sans {
            let found = named(name);
            assert_eq!(
                (found.script, found.strokes, found.bold),
                (Script::Japanese, Strokes::Sans, false),
                "{name}"
            );
        }
        for name in [
            "MidashiGo-MB31",
            "FutoMinA101-Bold",
            "HiraKakuProN-W6",
            "MS-Mincho,Bold",
        ] {
            assert!(named(name).bold, "{name}");
        }
        // as Japanese producers write it in a name: #82l#82r#20#96#be#92#a9
        let bytes = b"\x82\x6c\x82\x72 \x96\xbe\x92\xa9";
        assert_eq!(shown(bytes), "ＭＳ 明朝");
        assert_eq!(named(&shown(bytes)).strokes, Strokes::Serif);
        // bytes that are nothing in particular
        assert_eq!(named(&shown(b"\x80\xff\xfe")).script, Script::Japanese);
    }

    #[test]
    fn other_scripts_and_latin_families_are_known() {
        for (name, script, strokes) in [
            ("SimSun", Script::Simplified, Strokes::Serif),
            ("MicrosoftYaHei-Bold", Script::Simplified, Strokes::Sans),
            ("PMingLiU", Script::Traditional, Strokes::Serif),
            ("HYGothic-Medium", Script::Korean, Strokes::Sans),
            ("HYSMyeongJo-Medium", Script::Korean, Strokes::Serif),
            ("맑은 고딕", Script::Korean, Strokes::Sans),
            ("FranklinGothic-Book", Script::Latin, Strokes::Sans),
            ("CenturyGothic", Script::Latin, Strokes::Sans),
            ("CenturySchoolbook", Script::Latin, Strokes::Serif),
            ("ArialMT", Script::Latin, Strokes::Sans),
            ("MicrosoftSansSerif", Script::Latin, Strokes::Sans),
            (
                "TimesNewRomanPS-BoldItalicMT",
                Script::Latin,
                Strokes::Serif,
            ),
            ("CourierNewPSMT", Script::Latin, Strokes::Mono),
            ("Consolas", Script::Latin, Strokes::Mono),
            ("Unheard", Script::Latin, Strokes::Sans),
        ] {
            let found = named(name);
            assert_eq!((found.script, found.strokes), (script, strokes), "{name}");
        }
        let found = named("TimesNewRomanPS-BoldItalicMT");
        assert!(found.bold && found.italic);
    }

    #[test]
    fn flags_decide_where_the_name_says_nothing() {
        let with = |flags| {
            need(
                "Unheard",
                None,
                Described {
                    flags,
                    ..Described::default()
                },
            )
        };
        assert_eq!(with(SERIF).strokes, Strokes::Serif);
        assert_eq!(with(FIXED_PITCH | SERIF).strokes, Strokes::Mono);
        assert!(with(ITALIC).italic && with(FORCE_BOLD).bold);
        let collected = need(
            "Unheard",
            Some(Script::Japanese),
            Described {
                flags: SERIF,
                ..Described::default()
            },
        );
        assert_eq!(
            (collected.script, collected.strokes),
            (Script::Japanese, Strokes::Serif)
        );
        // every standard font is found again by what it is
        for strokes in Strokes::ALL {
            for (bold, italic) in [(false, false), (false, true), (true, false), (true, true)] {
                let need = FontNeed {
                    script: Script::Latin,
                    strokes,
                    bold,
                    italic,
                };
                assert_eq!(of_standard(standard(need)), Some(need));
            }
        }
    }
}

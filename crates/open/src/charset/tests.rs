//! The hard cases, one a line, and that no bytes at all do harm.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "line numbers and bounds of small test inputs"
)]

use super::*;
use proptest::prelude::*;

/// A case: label (`-` for none), bytes in hex, wanted text, flags (`lie`, `bad=N`, `geta=N`).
struct Case {
    line: usize,
    label: Option<&'static str>,
    bytes: Vec<u8>,
    want: String,
    flags: &'static str,
}

fn cases() -> Vec<Case> {
    include_str!("tests/cases.txt")
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(index, line)| {
            let [label, hex, want, flags] = line
                .split('\t')
                .collect::<Vec<_>>()
                .try_into()
                .unwrap_or_else(|_| panic!("line {}: four columns", index + 1));
            Case {
                line: index + 1,
                label: (label != "-").then_some(label),
                bytes: hex
                    .split(' ')
                    .map(|byte| u8::from_str_radix(byte, 16).unwrap())
                    .collect(),
                want: want.replace("\\n", "\n").replace("\\r", "\r"),
                flags,
            }
        })
        .collect()
}

fn flags(decoded: &Decoded<'_>) -> String {
    let mut flags = Vec::new();
    if decoded.lie {
        flags.push("lie".to_owned());
    }
    if decoded.undecodable > 0 {
        flags.push(format!("bad={}", decoded.undecodable));
    }
    if decoded.geta > 0 {
        flags.push(format!("geta={}", decoded.geta));
    }
    flags.join(" ")
}

#[test]
fn every_hard_case_is_exact() {
    let cases = cases();
    assert!(cases.len() >= 120, "only {} cases", cases.len());
    let mut wrong = Vec::new();
    for case in &cases {
        let decoded = decode(&case.bytes, case.label);
        let got = flags(&decoded);
        if decoded.text != case.want || got != case.flags {
            wrong.push(format!(
                "line {}: {:?} is {:?} [{got}], not {:?} [{}]",
                case.line, case.label, decoded.text, case.want, case.flags
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn ascii_and_utf8_are_borrowed() {
    for (bytes, label) in [
        ("plain".as_bytes(), None),
        (b"plain", Some("iso-2022-jp")),
        (b"plain", Some("shift_jis")),
        ("漢字".as_bytes(), Some("utf-8")),
        ("漢字".as_bytes(), None),
        (b"\xef\xbb\xbf\xe6\xbc\xa2", Some("utf-8")),
    ] {
        assert!(matches!(decode(bytes, label).text, Cow::Borrowed(_)));
    }
}

#[test]
fn the_table_of_eucjp_ms_is_what_cp932_has_and_jis_x_0212_lacks() {
    let mut ibm = String::new();
    for lead in 0xfa..=0xfc_u8 {
        for trail in (0x40..=0x7e_u8).chain(0x80..=0xfc) {
            let Some(text) = encoding_rs::SHIFT_JIS
                .decode_without_bom_handling_and_without_replacement(&[lead, trail])
                .map(Cow::into_owned)
            else {
                continue;
            };
            let in_0212 = (0xa1..=0xed_u8)
                .flat_map(|a| (0xa1..=0xfe_u8).map(move |b| [0x8f, a, b]))
                .any(|cell| {
                    encoding_rs::EUC_JP
                        .decode_without_bom_handling_and_without_replacement(&cell)
                        .is_some_and(|c| c == text)
                });
            // the two that JIS X 0208 has itself
            if !in_0212 && !matches!(text.as_str(), "￢" | "∵") {
                ibm.push_str(&text);
            }
        }
    }
    assert_eq!(convert::IBM.chars().count(), 106);
    // eucJP-ms has № twice, and writes ￤ as the broken bar of JIS X 0212
    assert_eq!(convert::IBM.replace('№', ""), ibm.replace('￤', ""));
}

/// With a decoder that does more than constant work for an error this takes minutes.
#[test]
fn a_text_of_nothing_but_errors_is_no_bomb() {
    for (label, unit) in [
        ("utf-8", &b"\xff"[..]),
        ("shift_jis", b"\xff"),
        ("shift_jis", b"\x85\x40"),
        ("euc-jp", b"\xff"),
        ("iso-2022-jp", b"\x1b$B\xff"),
        ("iso-2022-jp", b"\x1b$A$\"\x1b$B$\"\xffa"),
        ("iso-2022-jp", b"\x1b$B$\"\nab"),
    ] {
        let decoded = decode_owned(&unit.repeat(1_000_000 / unit.len()), label);
        assert!(!decoded.is_empty());
    }
}

fn decode_owned(bytes: &[u8], label: &str) -> String {
    decode(bytes, Some(label)).text.into_owned()
}

#[test]
fn labels_in_any_spelling() {
    use label::{Charset, parse};
    for (label, want) in [
        (" Shift-JIS ", Charset::Sjis { x0213: false }),
        ("WINDOWS_31J", Charset::Sjis { x0213: false }),
        ("\"cp50221\"", Charset::Jis),
        ("ISO-2022-JP-2004", Charset::Jis),
        ("uft-8", Charset::Utf8),
        ("UTF8", Charset::Utf8),
        ("us-ascii", Charset::Weak { latin: false }),
        ("ISO_8859-1", Charset::Weak { latin: true }),
        ("Windows-1252", Charset::Weak { latin: true }),
        ("", Charset::Weak { latin: false }),
        ("日本", Charset::Weak { latin: false }),
        ("windows1251", Charset::Other(encoding_rs::WINDOWS_1251)),
        ("ibm866", Charset::Other(encoding_rs::IBM866)),
        ("ks_c_5601-1987", Charset::Other(encoding_rs::EUC_KR)),
        ("replacement", Charset::Weak { latin: false }),
    ] {
        assert_eq!(parse(label), want, "{label}");
    }
}

#[test]
fn a_western_label_is_believed_of_western_text_alone() {
    let french: &[u8] =
        b"Voil\xe0 l'\xe9t\xe9 \x96 une journ\xe9e \x93d\xe9j\xe0\x94 bien entam\xe9e.";
    let (japanese, _, _) = encoding_rs::SHIFT_JIS.encode("住民税のお知らせ（令和八年度）について");
    for label in ["windows-1252", "iso-8859-1", "cp1252"] {
        let decoded = decode(french, Some(label));
        assert_eq!(
            decoded.text,
            "Voilà l'été – une journée “déjà” bien entamée."
        );
        assert!(!decoded.lie);
        let decoded = decode(&japanese, Some(label));
        assert_eq!(decoded.text, "住民税のお知らせ（令和八年度）について");
        assert!(decoded.lie);
    }
}

const LABELS: &[Option<&str>] = &[
    None,
    Some("us-ascii"),
    Some("iso-8859-1"),
    Some("utf-8"),
    Some("utf-7"),
    Some("utf-16"),
    Some("utf-32"),
    Some("iso-2022-jp"),
    Some("shift_jis"),
    Some("shift_jisx0213"),
    Some("euc-jp"),
    Some("euc-jis-2004"),
    Some("iso-2022-kr"),
    Some("iso-2022-cn"),
    Some("hz-gb-2312"),
    Some("gb18030"),
    Some("big5"),
];

const PARTS: &[&[u8]] = &[
    b"\x1b$B",
    b"\x1b(B",
    b"\x1b(I",
    b"\x1b$(D",
    b"\x1b$(Q",
    b"\x1b$(P",
    b"\x1b$",
    b"\x1b",
    b"\x0e",
    b"\x0f",
    b"\n",
    b"\r\n",
    b"$\"",
    b"F|",
    b"a",
    b" ",
    b"\xb1",
    b"\x82\xa0",
    b"\xe3\x81\x82",
    b"\x1b$G!",
];

const WORDS: &[&str] = &[
    "お知らせ",
    "東京都庁",
    "市役所の",
    "について",
    "カタカナ",
    "です。",
    "令和",
    "ご確認ください",
    "abc ",
    "12:30",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic_and_texts_stay_small(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        label in proptest::sample::select(LABELS),
    ) {
        let decoded = decode(&bytes, label);
        prop_assert!(decoded.text.len() <= bytes.len() * 4 + 4);
    }

    #[test]
    fn escapes_and_cells_in_any_order(
        parts in proptest::collection::vec(proptest::sample::select(PARTS), 0..30),
        label in proptest::sample::select(LABELS),
    ) {
        let bytes = parts.concat();
        let decoded = decode(&bytes, label);
        prop_assert!(decoded.text.len() <= bytes.len() * 4 + 4);
    }

    #[test]
    fn any_unicode_text_comes_back_by_its_label(text in "[\\PC\n]{0,60}") {
        prop_assert_eq!(&decode(text.as_bytes(), Some("utf-8")).text, text.trim_start_matches('\u{feff}'));
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let decoded = decode(&wide, Some("utf-16le"));
        prop_assert_eq!(decoded.undecodable, 0);
    }

    #[test]
    fn japanese_texts_are_recognised_without_a_label(
        words in proptest::collection::vec(proptest::sample::select(WORDS), 2..20),
    ) {
        let text = words.concat();
        prop_assume!(words.iter().any(|w| w.contains(['お', 'の', 'に', 'カ', 'で', 'ご'])));
        for encoding in [encoding_rs::SHIFT_JIS, encoding_rs::EUC_JP, encoding_rs::ISO_2022_JP] {
            let (bytes, _, _) = encoding.encode(&text);
            prop_assert_eq!(&decode(&bytes, None).text, &text);
        }
    }
}

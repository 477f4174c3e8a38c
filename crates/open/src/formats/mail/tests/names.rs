//! File names: hard cases in the charsets and encodings of Japanese mail.

use super::encode::{bytes, percent, word, words};
use super::{Outcome, read};
use mugai_core::FindingCode;

const CHARSETS: [&str; 4] = ["utf-8", "shift_jis", "euc-jp", "iso-2022-jp"];
/// Ends in 0x5C in `Shift_JIS`, and holds 0x22 in ISO-2022-JP.
const TABLE: &str = "一覧表";
const PLAN: &str = "構造図表と、見積.pdf";

fn part(headers: &[u8]) -> Outcome {
    let mut mail = b"Subject: x\r\nContent-Type: application/octet-stream".to_vec();
    mail.extend_from_slice(headers);
    mail.extend_from_slice(b"\r\n\r\nx");
    read(mail)
}

fn name_of(outcome: &Outcome) -> String {
    let name = outcome.children()[0].name.clone();
    name.map_or("-".to_owned(), |name| name.as_str().to_owned())
}

fn disposition(params: impl AsRef<[u8]>) -> Outcome {
    let mut headers = b"\r\nContent-Disposition: attachment; ".to_vec();
    headers.extend_from_slice(params.as_ref());
    part(&headers)
}

fn filename(params: impl AsRef<[u8]>) -> String {
    name_of(&disposition(params))
}

/// Row 11: raw bytes between quotes; the quote that follows 0x5C ends the name all the same.
#[test]
fn raw_names() {
    for charset in CHARSETS {
        for text in [TABLE, PLAN, "能登ソ連.xlsx", "髙﨑①.docx"] {
            if charset == "iso-2022-jp" && text.contains('髙') {
                continue;
            }
            if charset == "euc-jp" && text.contains('髙') {
                continue;
            }
            let raw = bytes(charset, text);
            let quoted = [b"filename=\"", &raw[..], b"\"; size=3"].concat();
            assert_eq!(filename(&quoted), text, "{charset}");
            let bare = [b"filename=", &raw[..]].concat();
            assert_eq!(filename(&bare), text, "{charset}");
            let name = [b"; name=\"", &raw[..], b"\"; x=y"].concat();
            assert_eq!(name_of(&part(&name)), text, "{charset}");
        }
    }
}

/// Row 12: sections cut after every `width` characters of the encoded form, so inside of
/// characters and of percent escapes too; in order and reversed; plain and quoted.
#[test]
fn sections_cut_anywhere() {
    for charset in CHARSETS {
        let encoded = format!("{charset}'ja'{}", percent(&bytes(charset, PLAN)));
        for width in [1, 2, 3, 4, 7, 20, 300] {
            // the prefix with charset and language stands whole in the first section
            let first = charset.len() + 4;
            let (prefix, rest) = encoded.split_at(first);
            let mut pieces = vec![prefix.to_owned()];
            let chars: Vec<char> = rest.chars().collect();
            pieces.extend(chars.chunks(width).map(|c| c.iter().collect::<String>()));
            let mut sections: Vec<String> = pieces
                .iter()
                .enumerate()
                .map(|(n, piece)| format!("filename*{n}*={piece}"))
                .collect();
            assert_eq!(filename(sections.join(";\r\n ")), PLAN, "{charset} {width}");
            sections.reverse();
            assert_eq!(
                filename(sections.join("; ")),
                PLAN,
                "{charset} {width} reversed"
            );
            let quoted: Vec<String> = pieces
                .iter()
                .enumerate()
                .map(|(n, piece)| format!("filename*{n}*=\"{piece}\""))
                .collect();
            assert_eq!(
                filename(quoted.join("; ")),
                PLAN,
                "{charset} {width} quoted"
            );
        }
    }
}

#[test]
fn extended_names() {
    for charset in CHARSETS {
        let text = percent(&bytes(charset, TABLE));
        for value in [
            format!("filename*={charset}''{text}"),
            format!("filename*={charset}'ja'{text}"),
            format!("filename*=\"{charset}'ja-JP'{text}\""),
            format!("FILENAME* = {charset}''{text}; size=1"),
            format!("filename*0*={charset}''{text}"),
            format!("filename*0*={charset}''; filename*1*={text}"),
        ] {
            assert_eq!(filename(&value), TABLE, "{value}");
        }
        assert_eq!(
            name_of(&part(format!("; name*={charset}''{text}").as_bytes())),
            TABLE
        );
    }
    for (value, want) in [
        ("filename*0=abc; filename*1=.txt", "abc.txt"),
        (
            "filename*0*=utf-8''%E8%A1; filename*1*=%A8; filename*2=.txt",
            "表.txt",
        ),
        ("filename*0*=utf-8''%E8%A1%A; filename*1*=8.txt", "表.txt"),
        // the second byte of a Shift_JIS character left as it is, in a section that is not encoded
        (
            "filename*0*=shift_jis''%95; filename*1=\"\\\\\"; filename*2*=.txt",
            "表.txt",
        ),
        ("filename*=%E8%A1%A8.txt", "表.txt"),
        ("filename*=utf-8''100%.txt", "100%.txt"),
        ("filename*=''%E8%A1%A8.txt", "表.txt"),
    ] {
        assert_eq!(filename(value), want, "{value}");
    }
}

/// Row 13: encoded-words where RFC 2047 forbids them and everybody writes them.
#[test]
fn names_in_words() {
    for charset in CHARSETS {
        for method in ['B', 'Q'] {
            for width in [3, 8, 17, 200] {
                let value = words(charset, method, PLAN, width);
                for form in [
                    format!("filename=\"{value}\""),
                    format!("filename={value}"),
                    format!("filename=\r\n {value}; size=1"),
                ] {
                    assert_eq!(filename(&form), PLAN, "{form}");
                }
                let only_name = format!(";\r\n name=\"{value}\"");
                assert_eq!(name_of(&part(only_name.as_bytes())), PLAN, "{value}");
            }
            let apart = format!(
                "filename=\"{}\"\r\n \"{}\"",
                word(charset, method, &bytes(charset, "構造")),
                word(charset, method, &bytes(charset, "図.pdf"))
            );
            assert_eq!(filename(&apart), "構造図.pdf", "{apart}");
        }
        let sections = format!(
            "filename*0=\"{}\"; filename*1=\"{}\"",
            word(charset, 'B', &bytes(charset, "構造")),
            word(charset, 'B', &bytes(charset, "図.pdf"))
        );
        assert_eq!(filename(&sections), "構造図.pdf", "{charset}");
    }
}

/// Row 14.
#[test]
fn names_that_disagree() {
    let table = percent(TABLE.as_bytes());
    for (headers, want, conflict) in [
        (
            "; name=a.txt\r\nContent-Disposition: attachment; filename=a.txt".to_owned(),
            "a.txt",
            0,
        ),
        (
            "; name=b.exe\r\nContent-Disposition: attachment; filename=a.txt".to_owned(),
            "a.txt",
            1,
        ),
        (
            format!(
                "\r\nContent-Disposition: attachment; filename=a.txt; filename*=utf-8''{table}"
            ),
            TABLE,
            1,
        ),
        (
            "\r\nContent-Disposition: attachment; filename=a.txt; filename=b.exe".to_owned(),
            "a.txt",
            1,
        ),
        ("; name=b.exe; name*=utf-8''a.txt".to_owned(), "a.txt", 1),
        (
            "; name=whole.txt\r\nContent-Disposition: x; filename*=utf-8''%E8%A1.txt".to_owned(),
            "whole.txt",
            1,
        ),
        (
            "; name=a.txt\r\nContent-Disposition: attachment; filename=\"\"".to_owned(),
            "a.txt",
            0,
        ),
    ] {
        let outcome = part(headers.as_bytes());
        assert_eq!(name_of(&outcome), want, "{headers}");
        assert_eq!(
            outcome.count(FindingCode::MimeNameConflict),
            conflict,
            "{headers}"
        );
    }
}

/// Row 15.
#[test]
fn hostile_names() {
    use FindingCode::{NameBidi, NameTruncated, NameUnsafe};
    let long = "表".repeat(300);
    for (raw, want, code) in [
        ("請求書\u{202e}fdp.exe", "請求書fdp.exe", NameBidi),
        ("a\u{200b}b.txt", "ab.txt", NameBidi),
        ("a\0b.txt", "ab.txt", NameUnsafe),
        ("a\r\nBcc: x.txt", "a Bcc_ x.txt", NameUnsafe),
        ("../../x.txt", "x.txt", NameUnsafe),
        ("C:\\x\\表.txt", "表.txt", NameUnsafe),
        ("a.txt. . ", "a.txt", NameUnsafe),
        ("CON", "_CON", NameUnsafe),
        ("か\u{3099}.txt", "が.txt", FindingCode::MimeTypeLie),
        (long.as_str(), &long[..228], NameTruncated),
    ] {
        let encoded = percent(raw.as_bytes());
        let outcome = disposition(format!("filename*=utf-8''{encoded}"));
        assert_eq!(name_of(&outcome), want, "{raw:?}");
        let expected = u32::from(code != FindingCode::MimeTypeLie);
        assert_eq!(outcome.count(code), expected, "{raw:?}");
    }
    assert_eq!(filename("filename=\"C:\\temp\\a.txt\""), "a.txt");
    assert_eq!(filename("filename=\"...\""), "-");
}

#[test]
fn extensions_are_hinted() {
    for (name, want) in [
        ("a.PDF", Some("pdf")),
        ("a.tar.gz", Some("gz")),
        ("a.表", None),
        ("a", None),
        ("a.averylongextension", None),
    ] {
        let outcome = disposition(format!("filename*=utf-8''{}", percent(name.as_bytes())));
        let hint = outcome.children()[0].hints.extension.clone();
        assert_eq!(hint.as_ref().map(mugai_core::Token::as_str), want, "{name}");
    }
}

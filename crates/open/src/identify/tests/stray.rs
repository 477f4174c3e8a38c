//! Messages with bytes that no text has.

use super::*;

#[test]
fn a_message_may_hold_nul_and_a_binary_file_is_none() {
    let whole = "Received: x\r\nFrom: a@x.jp\r\nTo: b@x.jp\r\n";
    let zeros = "\0".repeat(4000);
    for (text, extension, want) in [
        (format!("{whole}Subject: a\0b\r\n\r\nc"), "", Kind::Mail),
        ("From: a\0\nSubject: b\n\nc".to_owned(), "eml", Kind::Mail),
        // what nobody calls a message needs more of a header
        ("From: a\0\nSubject: b\n\nc".to_owned(), "", Kind::Unknown),
        (format!("{whole}\r\na\0b{zeros}"), "", Kind::Mail),
        (
            format!("From a@b Mon Jan  1 00:00:00 2001\n{whole}\nx{zeros}"),
            "",
            Kind::Mbox,
        ),
        (
            format!("From a@b Mon Jan  1 00:00:00 2001\n{whole}\nx{zeros}"),
            "eml",
            Kind::Mail,
        ),
        // too many of them, or other controls, or no header
        (format!("{whole}{zeros}\r\n\r\n"), "eml", Kind::Unknown),
        (
            format!("Received: \x01\x02\x03\x04\nFrom: a\nTo: b\n\n{zeros}"),
            "eml",
            Kind::Unknown,
        ),
        (format!("\0\0\0{whole}\r\nx"), "", Kind::Unknown),
        (format!("x\0y\n{whole}\r\n{zeros}"), "", Kind::Unknown),
        (format!("From: a\nTo: b\n\n{zeros}"), "", Kind::Unknown),
        (format!("a note{zeros}"), "eml", Kind::Unknown),
        (zeros.clone(), "eml", Kind::Unknown),
    ] {
        let shown: String = text.escape_debug().take(100).collect();
        assert_eq!(
            look(text.as_bytes(), hints("", extension)).0,
            Ok(want),
            "{shown}"
        );
    }
    let wide: Vec<u8> = whole.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(look(&wide, hints("", "eml")).0, Ok(Kind::Unknown));
}

#[test]
fn a_text_may_hold_nul() {
    let body = |media: &str| Hints {
        body: true,
        ..hints(media, "")
    };
    let long = format!("{}{}", "text ".repeat(40), "\0".repeat(10));
    for (text, hints, want) in [
        ("a body\0 with one", body(""), Kind::Plain),
        ("te\0xt", body(""), Kind::Plain),
        ("t\0e\0xt", body(""), Kind::Unknown),
        ("<html>a page\0 with one", body(""), Kind::Html),
        (long.as_str(), body(""), Kind::Plain),
        (long.as_str(), hints("text/plain", ""), Kind::Plain),
        (long.as_str(), hints("", "txt"), Kind::Plain),
        (
            "#!/bin/sh\0 \0 \0 exit",
            hints("text/plain", "txt"),
            Kind::Script,
        ),
        (
            long.as_str(),
            hints("application/pdf", "txt"),
            Kind::Unknown,
        ),
        (long.as_str(), hints("", ""), Kind::Unknown),
        (long.as_str(), hints("", "js"), Kind::Script),
        ("\0\0\0\0", body(""), Kind::Unknown),
        ("\0\0a\0\0", body(""), Kind::Unknown),
        ("\0\x01\x02 a body of controls", body(""), Kind::Unknown),
        // every second byte: this is UTF-16
        ("a\0b\0c\0d\0e\0f\0g\0h\0", body(""), Kind::Plain),
        (
            "a\0b\0c\0d\0e\0f\0g\0h\0",
            hints("text/plain", ""),
            Kind::Plain,
        ),
        ("a\0b\0c\0d\0e\0f\0g\0h\0i", body(""), Kind::Unknown),
        ("a,b\0\n1,2\n3,4\n", hints("", "csv"), Kind::Csv),
        ("a,b\0\n1,2\n3,4\n", hints("text/csv", ""), Kind::Csv),
        ("a\tb\0\n1\t2\n3\t4\n", hints("", "tab"), Kind::Csv),
        (
            "<html>\0<p>a page of some length",
            hints("", "csv"),
            Kind::Plain,
        ),
        ("a,\0b,\0c,\0d,\0e,\0f", hints("", "csv"), Kind::Unknown),
    ] {
        let shown: String = text.escape_debug().take(60).collect();
        assert_eq!(look(text.as_bytes(), hints).0, Ok(want), "{shown}");
    }
}

#[test]
fn utf_16_needs_no_mark_where_it_is_clear() {
    let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    for (text, extension, want) in [
        ("市役所からのお知らせ\r\n日時: 四月", "", Kind::Plain),
        ("市役所からのお知らせ\r\n日時: 四月", "txt", Kind::Plain),
        ("氏名,住所\r\n山田 太郎,東京都\r\n", "csv", Kind::Csv),
        ("<html><p>お知らせ", "", Kind::Html),
        ("BEGIN:VCALENDAR\r\n", "", Kind::Calendar),
        ("#!/bin/sh\n", "", Kind::Script),
        ("From: a\nTo: b\nReceived: c\n", "", Kind::Unknown),
    ] {
        assert_eq!(
            look(&wide(text), hints("", extension)).0,
            Ok(want),
            "{text}"
        );
    }
}

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
        ("a\0b\0c\0d\0e\0f\0g\0h\0", body(""), Kind::Unknown),
        (
            "a\0b\0c\0d\0e\0f\0g\0h\0",
            hints("text/plain", ""),
            Kind::Unknown,
        ),
    ] {
        let shown: String = text.escape_debug().take(60).collect();
        assert_eq!(look(text.as_bytes(), hints).0, Ok(want), "{shown}");
    }
}

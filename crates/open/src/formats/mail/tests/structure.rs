//! MIME structure: what becomes of each part, and every lint.

use super::encode::base64;
use super::{Outcome, briefs, read};
use mugai_core::FindingCode;

/// A multipart of these parts, whose lines end as Unix writes them.
fn multipart(subtype: &str, boundary: &str, parts: &[&str]) -> String {
    let mut mail = format!("Content-Type: multipart/{subtype}; boundary={boundary}\n\npreamble\n");
    for part in parts {
        mail += &format!("--{boundary}\n{part}\n");
    }
    mail + &format!("--{boundary}--\nepilogue\n")
}

fn read_multipart(subtype: &str, parts: &[&str]) -> Outcome {
    read(multipart(subtype, "b", parts))
}

const HTML: &str = "Content-Type: text/html\n\n<p>h";
const PLAIN: &str = "Content-Type: text/plain\n\np";

#[test]
fn roles() {
    let alternative = multipart("alternative", "c", &[PLAIN, HTML]);
    let picture = "Content-Type: image/png\nContent-ID: <i@x>\n\nI";
    let related = multipart("related", "d", &[HTML, picture]);
    let mixed = multipart("mixed", "e", &[PLAIN, &alternative, PLAIN]);
    for (parts, subtype, want) in [
        (
            &[PLAIN, HTML][..],
            "alternative",
            &["body 0.0 text/plain -:p", "body 0.1 text/html -:<p>h"][..],
        ),
        (
            &[PLAIN, PLAIN],
            "mixed",
            &["body 0.0 text/plain -:p", "body 1.0 text/plain -:p"],
        ),
        (
            &[HTML, picture, HTML],
            "related",
            &[
                "body 0.0 text/html -:<p>h",
                "file image/png image-1:I",
                "file text/html -:<p>h",
            ],
        ),
        (&["\np"], "mixed", &["body 0.0 - -:p"]),
        (
            &["\nSubject: x\n\ny"],
            "digest",
            &["file message/rfc822 message.eml:Subject: x\n\ny"],
        ),
        (
            &[PLAIN, &related],
            "alternative",
            &[
                "body 0.0 text/plain -:p",
                "body 0.1 text/html -:<p>h",
                "file image/png image-1:I",
            ],
        ),
        (
            &[&alternative, PLAIN],
            "mixed",
            &[
                "body 0.0 text/plain -:p",
                "body 0.1 text/html -:<p>h",
                "body 1.0 text/plain -:p",
            ],
        ),
        (
            &[&alternative, picture],
            "related",
            &[
                "body 0.0 text/plain -:p",
                "body 0.1 text/html -:<p>h",
                "file image/png image-1:I",
            ],
        ),
        (
            &[&alternative, HTML],
            "alternative",
            &[
                "body 0.1 text/plain -:p",
                "body 0.2 text/html -:<p>h",
                "body 0.3 text/html -:<p>h",
            ],
        ),
        (
            &[&mixed, HTML],
            "alternative",
            &[
                // what stands around alternatives belongs to the best of them
                "body 0.2 text/plain -:p",
                "body 0.1 text/plain -:p",
                "body 0.2 text/html -:<p>h",
                "body 0.2 text/plain -:p",
                "body 0.3 text/html -:<p>h",
            ],
        ),
        (
            &[&multipart(
                "mixed",
                "f",
                &[&alternative, &multipart("alternative", "g", &[PLAIN, HTML])],
            )],
            "alternative",
            &[
                "body 0.1 text/plain -:p",
                "body 0.4 text/html -:<p>h",
                "body 0.3 text/plain -:p",
                "body 0.4 text/html -:<p>h",
            ],
        ),
        (
            &["Content-Disposition: attachment\n\np"],
            "mixed",
            &["file - -:p"],
        ),
        (
            &[
                "Content-Disposition: inline; filename=a.txt\n\np",
                "Content-Disposition: inline; filename=b.txt\n\nq",
            ],
            "mixed",
            &["body 0.0 - a.txt:p", "file - b.txt:q"],
        ),
        (
            &["Content-Type: text/calendar\n\nc"],
            "alternative",
            &["file text/calendar -:c"],
        ),
        (
            &["Content-Type: text/csv\n\nc"],
            "mixed",
            &["file text/csv -:c"],
        ),
        (
            &["Content-Type: text\n\nc"],
            "mixed",
            &["body 0.0 text/plain -:c"],
        ),
        (
            &["Content-Type: nonsense\n\nc"],
            "mixed",
            &["file application/octet-stream -:c"],
        ),
        (
            &[
                PLAIN,
                "Content-Type: message/delivery-status\n\nd",
                "Content-Type: message/rfc822\n\nm",
            ],
            "report",
            &[
                "body 0.0 text/plain -:p",
                "body 1.0 text/plain -:d",
                "file message/rfc822 message.eml:m",
            ],
        ),
        (
            &["Content-Type: text/rfc822-headers\n\nd"],
            "report",
            &["body 0.0 text/plain -:d"],
        ),
        (
            &[PLAIN, "Content-Type: application/pgp-signature\n\ns"],
            "signed",
            &[
                "body 0.0 text/plain -:p",
                "file application/pgp-signature -:s",
            ],
        ),
        (
            &["Content-Type: application/pgp-encrypted\n\nv", "\ne"],
            "encrypted",
            &["file application/pgp-encrypted -:v", "file - -:e"],
        ),
        (
            &[
                "Content-Type: application/pgp-encrypted\n\nVersion: 1\n",
                "\ne",
            ],
            "encrypted",
            &["file - -:e"],
        ),
        (
            &[
                "Content-Type: application/pgp-encrypted\n\nVersion: 1\n",
                "\ne",
            ],
            "mixed",
            &[
                "file application/pgp-encrypted -:Version: 1\n",
                "body 0.0 - -:e",
            ],
        ),
        (
            &["Content-Type: message/partial; id=x; number=1\n\nm"],
            "mixed",
            &["file message/partial -:m"],
        ),
        (
            &["Content-Type: message/external-body; access-type=URL\n\nm"],
            "mixed",
            &[],
        ),
        (
            &[
                "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeA==",
            ],
            "mixed",
            &["file message/rfc822 message.eml:Subject: x"],
        ),
    ] {
        let outcome = read_multipart(subtype, parts);
        assert_eq!(briefs(&outcome), want, "{subtype} {parts:?}");
    }
}

#[test]
fn forms_for_one_program_are_forms_of_the_body() {
    let amp = "Content-Type: text/x-amp-html\n\n<html>amp";
    assert_eq!(
        briefs(&read_multipart("alternative", &["\nt", amp, HTML])),
        [
            "body 0.0 - -:t",
            "body 0.1 text/x-amp-html -:<html>amp",
            "body 0.2 text/html -:<p>h"
        ]
    );
    assert_eq!(
        briefs(&read_multipart("mixed", &["\nt", amp])),
        ["body 0.0 - -:t", "file text/x-amp-html -:<html>amp"]
    );
}

#[test]
fn headers_of_bounced_messages_can_be_read() {
    let header = "From: =?utf-8?B?44GC?= <a@x.jp>\nSubject: =?iso-2022-jp?B?GyRCRnxLXBsoQg==?=\n =?iso-2022-jp?B?GyRCOGwbKEI=?=\nX-Broken: =?utf-8?Q?a=0D=0Ab?=\nno colon\n\nTo: 表";
    let part = format!("Content-Type: text/rfc822-headers; charset=us-ascii\n\n{header}");
    let outcome = read_multipart("report", &[&part]);
    assert_eq!(
        briefs(&outcome),
        [
            "body 0.0 text/plain -:From: あ <a@x.jp>\nSubject: 日本語\nX-Broken: a b\nno colon\n\nTo: 表"
        ]
    );
    let charset = outcome.children()[0].hints.charset.as_ref().unwrap();
    assert_eq!(charset.as_str(), "utf-8");
}

#[test]
fn reports_of_mail_systems_can_be_read() {
    let status = "Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; x@y.example\r\n\
        Diagnostic-Code: smtp; 550 5.1.1\r\n  =?utf-8?B?5a6b5YWI5LiN5piO?=\r\n\r\nFinal-Recipient: utf-8; \u{8868}@y.example\r\n";
    for media in [
        "message/delivery-status",
        "message/disposition-notification",
    ] {
        let part = format!("Content-Type: {media}\r\n\r\n{status}");
        let outcome = read_multipart("report", &[&part]);
        assert_eq!(
            briefs(&outcome),
            [
                "body 0.0 text/plain -:Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; x@y.example\n\
                 Diagnostic-Code: smtp; 550 5.1.1  宛先不明\n\nFinal-Recipient: utf-8; 表@y.example\n"
            ],
            "{media}"
        );
    }
}

#[test]
fn ruined_line_ends_are_mended() {
    let mail = "Subject: s\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n\r\ntwo\r\n--b\r\n\
        Content-Type: text/plain; name=a.txt\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\na=\r\nb\r\n--b--\r\n";
    let plain = briefs(&read(mail));
    assert_eq!(
        plain,
        ["body 0.0 - -:one\r\n\r\ntwo", "file text/plain a.txt:ab"]
    );
    for (end, own, malformed) in [
        ("\r\n", "\r\n", 0),
        ("\r\r\n", "\r\n", 1),
        ("\r", "\n", 1),
        ("\n", "\n", 0),
    ] {
        let outcome = read(mail.replace("\r\n", end));
        let want: Vec<_> = plain
            .iter()
            .map(|brief| brief.replace("\r\n", own))
            .collect();
        assert_eq!(briefs(&outcome), want, "{end:?}");
        assert_eq!(outcome.envelope().subject.as_ref().unwrap().as_str(), "s");
        assert_eq!(outcome.count(FindingCode::MailHeaderMalformed), malformed);
    }
}

#[test]
fn the_root_of_related_may_be_named() {
    let mail = "Content-Type: multipart/related; boundary=b; start=\"<r@x>\"\n\n\
        --b\nContent-Type: text/plain\n\nbeside\n\
        --b\nContent-Type: text/html\nContent-ID: <r@x>\n\nroot\n--b--\n";
    assert_eq!(
        briefs(&read(mail)),
        ["file text/plain -:beside", "body 0.0 text/html -:root"]
    );
}

#[test]
fn html_knows_its_pictures() {
    let outcome = read_multipart(
        "related",
        &[
            HTML,
            "Content-Type: image/png; name=\"logo.png\"\nContent-ID: <logo@x>\n\nI",
            "Content-Type: image/png\nContent-ID: <other@x>\n\nI",
            "Content-Type: image/png; name=\"none.png\"\nContent-ID: <none@x>\n\n",
        ],
    );
    let pictures = &outcome.children()[0].hints.pictures;
    let pictures: Vec<_> = pictures
        .iter()
        .map(|(id, n)| (id.as_str(), n.as_str()))
        .collect();
    assert_eq!(pictures, [("logo@x", "logo.png"), ("other@x", "image-1")]);
}

#[test]
fn hints_are_carried() {
    let outcome =
        read("Content-Type: Text/Plain; Charset=\"ISO-2022-JP\"; Format=Flowed; DelSp=Yes\n\nx");
    let hints = &outcome.children()[0].hints;
    assert_eq!(hints.charset.as_ref().unwrap().as_str(), "ISO-2022-JP");
    assert!(hints.flowed && hints.delsp && hints.body);
}

/// Row 18.
#[test]
fn transfer_encodings() {
    use FindingCode::{MimeBase64, MimeEncoding};
    for (encoding, body, want, lint) in [
        ("base64", "SGVsbG8=", "Hello", None),
        ("base64 (x)", "SGVsbG8=", "Hello", Some(MimeEncoding)),
        (
            "base64\nContent-Transfer-Encoding: 7bit",
            "SGVsbG8=",
            "Hello",
            Some(MimeEncoding),
        ),
        ("base64", "SGVsbG8", "Hello", Some(MimeBase64)),
        (
            "base64",
            "SGVsbG8=\nSGVsbG8=",
            "HelloHello",
            Some(MimeBase64),
        ),
        ("base64", "SGVs*bG8=", "Hello", Some(MimeBase64)),
        (
            "base64",
            "Hello, this is plain text.",
            "Hello, this is plain text.",
            Some(MimeBase64),
        ),
        ("quoted-printable", "H=C3=A9llo=\n!", "Héllo!", None),
        (
            "x-uuencode",
            "begin 644 cat.txt\n#0V%T\n`\nend",
            "Cat",
            None,
        ),
        ("x-uuencode", "nothing", "nothing", Some(MimeEncoding)),
        ("7bit", "a=41", "a=41", None),
        ("8bit", "é", "é", None),
        ("unheard-of", "a", "a", Some(MimeEncoding)),
    ] {
        let outcome = read(format!("Content-Transfer-Encoding: {encoding}\n\n{body}"));
        assert_eq!(
            outcome.children()[0].content.here().unwrap(),
            want.as_bytes(),
            "{encoding} {body}"
        );
        for code in [MimeBase64, MimeEncoding] {
            assert_eq!(
                outcome.count(code),
                u32::from(lint == Some(code)),
                "{encoding} {body}"
            );
        }
    }
}

#[test]
fn a_uuencoded_part_brings_its_name() {
    let outcome = read(
        "Content-Type: application/x\nContent-Transfer-Encoding: x-uue\n\nbegin 644 ../cat.txt\n#0V%T\n`\nend",
    );
    assert_eq!(briefs(&outcome), ["file application/x cat.txt:Cat"]);
}

/// Each mail with a lint that it must raise, and what is read from it.
#[test]
fn lints() {
    use FindingCode::*;
    let b64 = base64(&[0xaa; 60]);
    let head = "Content-Type: multipart/mixed; boundary=b\n\n";
    let nested_same = format!("{head}--b\n{head}--b\n\nx\n--b--\n--b\n\ny\n--b--\n");
    let long = "l".repeat(71);
    let huge = "h".repeat(999);
    for (mail, code, want) in [
        (format!("{head}--b\n\nx"), MimeUnterminated, &["x"][..]),
        (
            format!("{head}just text\n"),
            MimeNoDelimiter,
            &["just text\n"],
        ),
        (
            format!("{head}{b64}\n--b\n\nx\n--b--\n"),
            MimeHiddenArea,
            &["x"],
        ),
        (
            format!("{head}--b\n\nx\n--b--\n{b64}\n"),
            MimeHiddenArea,
            &["x"],
        ),
        (
            format!("{head}begin 644 a.exe\n--b\n\nx\n--b--\n"),
            MimeHiddenArea,
            &["x"],
        ),
        (
            "Content-Type: multipart/mixed\n\nx".to_owned(),
            MimeBoundary,
            &["x"],
        ),
        (
            "Content-Type: multipart/mixed; boundary=\"\"\n\nx".to_owned(),
            MimeBoundary,
            &["x"],
        ),
        (
            "Content-Type: multipart/mixed; boundary=b; boundary=c\n\n--b\n\nx\n--b--\n".to_owned(),
            MimeBoundary,
            &["x"],
        ),
        (
            "Content-Type: multipart/mixed; boundary*=us-ascii''b\n\n--b\n\nx\n--b--\n".to_owned(),
            MimeBoundary,
            &["x"],
        ),
        (
            format!(
                "Content-Type: multipart/mixed; boundary={long}\n\n--{long}\n\nx\n--{long}--\n"
            ),
            MimeBoundary,
            &["x"],
        ),
        (
            format!("Content-Type: multipart/mixed; boundary={huge}\n\n--{huge}\n"),
            MimeBoundary,
            &[&format!("--{huge}\n")],
        ),
        (nested_same, MimeBoundary, &["x", "y"]),
        (
            format!("{head}--b\n\nx\n--bc\ny\n--b--\n"),
            MimeBoundary,
            &["x\n--bc\ny"],
        ),
        (
            "Content-Type: text/plain\nContent-Type: text/html\n\nx".to_owned(),
            MimeDuplicateHeader,
            &["x"],
        ),
        (
            "MIME-Version: 1.0\nMIME-Version: 1.0\n\nx".to_owned(),
            MimeDuplicateHeader,
            &["x"],
        ),
        (
            format!("Content-Transfer-Encoding: base64\n{head}--b\n\nx\n--b--\n"),
            MimeEncoding,
            &["x"],
        ),
        (
            "Content-Type: message/partial\n\nx".to_owned(),
            MimePartial,
            &["x"],
        ),
        (
            "Content-Type: message/external-body\n\nx".to_owned(),
            MimeExternalBody,
            &[],
        ),
        (
            "Content-Type: multipart/signed; boundary=b\n\n--b\n\nx\n--b\n\ns\n--b--\n".to_owned(),
            MimeSigned,
            &["x", "s"],
        ),
        (
            "Content-Type: multipart/encrypted; boundary=b\n\n--b\n\nx\n--b--\n".to_owned(),
            MimeEncrypted,
            &["x"],
        ),
        (
            "Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nx".to_owned(),
            MimeEncrypted,
            &["x"],
        ),
    ] {
        let outcome = read(&mail);
        assert_eq!(outcome.count(code), 1, "{mail:?}");
        let contents: Vec<_> = outcome
            .children()
            .iter()
            .map(|c| String::from_utf8_lossy(c.content.here().unwrap()).into_owned())
            .collect();
        assert_eq!(contents, want, "{mail:?}");
    }
}

#[test]
fn a_clean_mail_has_no_lint() {
    let outcome = read_multipart(
        "mixed",
        &[
            PLAIN,
            HTML,
            "Content-Disposition: attachment; filename=a.txt\n\nx",
        ],
    );
    assert!(
        outcome.heard.findings.is_empty(),
        "{:?}",
        outcome.heard.findings
    );
}

/// Boundaries count at the start of a line only; an outer one ends all multiparts inside.
#[test]
fn delimiters() {
    let outer = "Content-Type: multipart/mixed; boundary=o\r\n\r\n";
    let inner = "Content-Type: multipart/alternative; boundary=i\r\n\r\n";
    for (mail, want) in [
        (
            format!("{outer}--o\r\n\r\nx --o\r\ny\r\n--o--\r\n"),
            &["x --o\r\ny"][..],
        ),
        (format!("{outer}--o \t\r\n\r\nx\r\n--o-- \r\n"), &["x"]),
        (
            format!("{outer}--o\r\n{inner}--i\r\n\r\nx\r\n--o\r\n\r\ny\r\n--o--\r\n"),
            &["x", "y"],
        ),
        (
            format!("{outer}--o\r\n{inner}--i\r\n\r\nx\r\n--i--\r\nz\r\n--o\r\n\r\ny\r\n--o--\r\n"),
            &["x", "y"],
        ),
        (
            format!("{outer}--o\r\n{inner}\r\n--o\r\n\r\ny\r\n--o--\r\n"),
            &["y"],
        ),
        (format!("{outer}--o\r\n--o\r\n\r\ny\r\n--o--\r\n"), &["y"]),
        (
            format!("{outer}--o\r\nContent-Type: text/plain\r\n--o\r\n\r\ny\r\n--o--\r\n"),
            &["y"],
        ),
        (format!("{outer}--o\r\n\r\nx\r\n\r\n--o--\r\n"), &["x\r\n"]),
        (format!("{outer}--o--\r\n"), &[]),
        (format!("{outer}--o"), &[]),
    ] {
        let outcome = read(&mail);
        let contents: Vec<_> = outcome
            .children()
            .iter()
            .map(|c| String::from_utf8_lossy(c.content.here().unwrap()).into_owned())
            .collect();
        assert_eq!(contents, want, "{mail:?}");
    }
}

#[test]
fn multiparts_are_followed_so_far_and_no_further() {
    let mut mail = String::new();
    for level in 0..40 {
        mail += &format!("Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n");
    }
    let outcome = read(mail + "\ndeep");
    assert_eq!(outcome.count(FindingCode::MimeNesting), 1);
    assert_eq!(outcome.children().len(), 1);
    let media = outcome.children()[0].hints.declared.clone();
    assert_eq!(media.unwrap().as_str(), "multipart/mixed");
}

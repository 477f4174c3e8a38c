//! Messages written by hand: one that passes, and what makes it fail.

use super::*;
use crate::Verified;
use mugai_core::Draft;

const PLAIN: &str = "From: \"Taro\" <taro@city.example.jp>\r\n\
    To: a@b.jp, =?UTF-8?B?44GC?=\r\n =?UTF-8?B?44GE?= <c@d.jp>\r\n\
    Subject: =?UTF-8?B?44GC?=\r\n\
    Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n\
    Message-ID: <1@a.jp>\r\n\
    References: <0@a.jp> <2@a.jp>\r\n\
    X-Mugai-Auth: v1; dmarc=pass a.jp; spf=none\r\n\
    MIME-Version: 1.0\r\n\
    X-Mugai-Result: v1; id=t1; verdict=sanitised\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\
    Content-Transfer-Encoding: base64\r\n\
    \r\n\
    aGVsbG8NCg==\r\n";

const MIXED: &str = "From: a@b.jp\r\n\
    MIME-Version: 1.0\r\n\
    X-Mugai-Result: v1; id=t1; verdict=sanitised\r\n\
    Content-Type: multipart/mixed;\r\n boundary=\"=_t1\"\r\n\
    \r\n\
    --=_t1\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\
    Content-Transfer-Encoding: base64\r\n\
    \r\n\
    aGVsbG8NCg==\r\n\
    --=_t1\r\n\
    Content-Type: text/plain; charset=utf-8;\r\n name=\"a b.txt\"\r\n\
    Content-Disposition: attachment;\r\n filename=\"a b.txt\"\r\n\
    Content-Transfer-Encoding: base64\r\n\
    \r\n\
    eAo=\r\n\
    --=_t1\r\n\
    Content-Type: text/csv; charset=utf-8;\r\n name=\"=?UTF-8?B?44GC?=\r\n =?UTF-8?B?LmNzdg==?=\"\r\n\
    Content-Disposition: attachment;\r\n filename*0*=UTF-8''%E3%81%82;\r\n filename*1*=.csv\r\n\
    Content-Transfer-Encoding: base64\r\n\
    \r\n\
    77u/YSxiDQo=\r\n\
    --=_t1--\r\n";

fn check(message: &[u8], known: &[&Verified]) -> Result<(), Violation> {
    // the confined checker has marks where the one in place has files; they must not differ
    let marks: Vec<crate::Mark> = known
        .iter()
        .map(|file| crate::Mark::of(file).unwrap())
        .collect();
    let here = crate::check(Target::Eml, message, known);
    let there = crate::answer(&crate::question::profile(Target::Eml, &marks), message);
    assert_eq!(here.is_ok(), there.is_ok());
    here
}

fn judge(message: &str) -> Result<(), Violation> {
    check(message.as_bytes(), &[])
}

/// `message` with one place changed; the place has to be there.
fn changed(message: &str, old: &str, new: &str) -> String {
    assert!(message.contains(old), "{old}");
    message.replacen(old, new, 1)
}

#[test]
fn messages_that_pass() {
    assert_eq!(judge(PLAIN), Ok(()));
    assert_eq!(judge(MIXED), Ok(()));
}

#[test]
fn results_about_senders_have_one_form() {
    for (old, new) in [
        ("dmarc=pass a.jp; spf=none", "spf=none; dmarc=pass a.jp"),
        ("dmarc=pass a.jp; spf=none", "dmarc=pass a.jp; dmarc=none"),
        ("dmarc=pass a.jp", "dmarc=passed a.jp"),
        ("dmarc=pass a.jp", "dmarc=pass a.jp b.jp"),
        ("dmarc=pass a.jp", "dmarc=pass A.jp"),
        ("dmarc=pass a.jp", "dmarc=pass (a.jp)"),
        ("dmarc=pass", "evil=pass"),
        ("v1; dmarc=pass a.jp; spf=none", "v1;"),
        ("v1; dmarc", "v2; dmarc"),
    ] {
        assert!(judge(&changed(PLAIN, old, new)).is_err(), "{new}");
    }
}

#[test]
fn injections_and_other_headers() {
    for (old, new) in [
        (
            "Message-ID: <1@a.jp>",
            "Message-ID: <1@a.jp>\r\nBcc: q@x.jp",
        ),
        ("Message-ID: <1@a.jp>", "Message-ID: 1@a.jp"),
        ("Message-ID: <1@a.jp>", "Message-ID: <1@a.jp> <2@a.jp>"),
        ("Message-ID: <1@a.jp>", "Message-ID: <1>"),
        ("<0@a.jp> <2@a.jp>", "<0@a.jp>\r\nX: <2@a.jp>"),
        ("<0@a.jp> <2@a.jp>", "<0@a.jp>  <2@a.jp>"),
        (
            "Subject: =?UTF-8?B?44GC?=",
            "Subject: =?UTF-8?B?YQ0KQmNjOiB4?=",
        ),
        ("Subject: =?UTF-8?B?44GC?=", "Subject: =?UTF-8?B?4oCu44GC?="),
        ("Subject: =?UTF-8?B?44GC?=", "Subject: =?UTF-8?Q?a?="),
        (
            "Subject: =?UTF-8?B?44GC?=",
            "Subject: \r\n =?UTF-8?B?44GC?=",
        ),
        ("Subject: =?UTF-8?B?44GC?=", "Subject: a\tb"),
        ("Subject: ", "subject: "),
        ("Subject: ", "Subject:"),
        ("Subject: ", "Subject : "),
        ("Subject: ", "X-Injected: "),
        (
            "Subject: =?UTF-8?B?44GC?=\r\n",
            "Subject: a\r\nSubject: b\r\n",
        ),
        (
            "From: \"Taro\" <taro@city.example.jp>",
            "From: a@b>\r\nBcc: q",
        ),
        ("From: ", "From: x@y.jp\r\nFrom: "),
        ("From: \"Taro\" <taro@city.example.jp>\r\n", ""),
        ("MIME-Version: 1.0\r\n", ""),
        ("MIME-Version: 1.0", "MIME-Version: 1.1"),
        ("X-Mugai-Result: v1; id=t1; verdict=sanitised\r\n", ""),
        ("verdict=sanitised", "verdict=Sanitised"),
        ("Content-Type: text/plain", "Content-Type: text/html"),
        ("charset=utf-8", "charset=utf-7"),
        ("Encoding: base64", "Encoding: 8bit"),
        ("Content-Transfer-Encoding: base64\r\n", ""),
        (" <c@d.jp>", "\r\n\t<c@d.jp>"),
        ("a@b.jp, ", "a@b.jp,"),
        ("Date: Thu", "Date: Fri"),
        ("\r\nTo:", "\nTo:"),
        ("\r\nTo:", "\rTo:"),
        ("Taro", "T\u{e9}ro"),
        ("Taro", "T\0ro"),
        ("\r\n\r\n", "\r\n"),
        ("aGVs", "aGVs\r\n"),
        ("aGVsbG8NCg==", "aGVsbG8NCh=="),
        ("aGVsbG8NCg==", "aGVsbG8NCg"),
        ("aGVsbG8NCg==\r\n", "aGVsbG8NCg==\r\n\r\n"),
        ("aGVsbG8NCg==\r\n", "aGVsbG8NCg=="),
        ("aGVsbG8NCg==\r\n", ""),
        ("aGVsbG8NCg==\r\n", "--=_t1--\r\n"),
        // hello without CRLF; with LF; http://x; U+202E; not UTF-8
        ("aGVsbG8NCg==", "aGVsbG8="),
        ("aGVsbG8NCg==", "aGVsbG8K"),
        ("aGVsbG8NCg==", "aHR0cDovL3gNCg=="),
        ("aGVsbG8NCg==", "4oCuDQo="),
        ("aGVsbG8NCg==", "/w0K"),
    ] {
        assert!(judge(&changed(PLAIN, old, new)).is_err(), "{old:?} {new:?}");
    }
}

#[test]
fn live_subjects() {
    for live in ["see http://a.jp", "=?UTF-8?B?44GCIHd3dy5hLmpw?=", "a <b> c"] {
        let subject = format!("Subject: {live}");
        let message = changed(PLAIN, "Subject: =?UTF-8?B?44GC?=", &subject);
        assert!(judge(&message).is_err(), "{live}");
    }
}

#[test]
fn other_parts() {
    let second = "--=_t1\r\nContent-Type: text/plain; charset=utf-8;\r\n name=\"a b.txt\"";
    for (old, new) in [
        ("boundary=\"=_t1\"", "boundary=\"=_t2\""),
        ("boundary=\"=_t1\"", "boundary==_t1"),
        ("boundary=\"=_t1\"", "boundary=\"=_t1\"; boundary=\"=_t2\""),
        ("id=t1", "id=t2"),
        ("multipart/mixed", "multipart/alternative"),
        ("\r\n\r\n--=_t1\r\n", "\r\n\r\npreamble\r\n--=_t1\r\n"),
        ("--=_t1--\r\n", "--=_t1--\r\nepilogue\r\n"),
        ("--=_t1--\r\n", "--=_t1--\r\n\r\n"),
        ("--=_t1--\r\n", "--=_t1--"),
        ("--=_t1--\r\n", ""),
        ("--=_t1--\r\n", "--=_t1 --\r\n"),
        (
            second,
            "--=_t1\r\nContent-Type: text/html; charset=utf-8;\r\n name=\"a b.txt\"",
        ),
        (
            second,
            "--=_t1\r\nContent-Type: text/plain;\r\n name=\"a b.txt\"",
        ),
        (
            second,
            "--=_t1\r\nX: y\r\nContent-Type: text/plain; charset=utf-8;\r\n name=\"a b.txt\"",
        ),
        ("attachment;", "inline;"),
        (" name=\"a b.txt\"", " name=\"a c.txt\""),
        (" filename=\"a b.txt\"", " filename=\"a b.exe\""),
        (" filename=\"a b.txt\"", " filename=a"),
        (" filename=\"a b.txt\"", " filename*=UTF-8''a%20b.txt"),
        (
            " filename=\"a b.txt\"",
            " filename=\"a b.txt\"; filename=\"x.exe\"",
        ),
        (
            "filename*0*=UTF-8''%E3%81%82",
            "filename*0*=UTF-8''%e3%81%82",
        ),
        (
            "filename*0*=UTF-8''%E3%81%82",
            "filename*0*=UTF-8''%E3%81%84",
        ),
        ("filename*0*=UTF-8''", "filename*0*=UTF-8'ja'"),
        ("filename*1*", "filename*2*"),
        ("filename*1*=.csv", "filename*1*=.csv;"),
        // a line of its own; another file type; not the text profile; not the CSV profile
        ("eAo=", "eAo=\r\neAo="),
        ("eAo=", "TVo="),
        ("eAo=", "PHNjcmlwdD4K"),
        ("77u/YSxiDQo=", "77u/PTENCg=="),
    ] {
        assert!(judge(&changed(MIXED, old, new)).is_err(), "{old:?} {new:?}");
    }
}

#[test]
fn names_that_lead_elsewhere() {
    // in both places, so that only the name itself is wrong
    for name in [
        "../a.txt", "a\\b.txt", "C:a.txt", "con.txt", "a.exe", "a", ".txt", "a.txt ",
    ] {
        let message = MIXED.replace("a b.txt", name);
        assert!(judge(&message).is_err(), "{name}");
    }
    // U+202E: a[RLO].csv
    let message = changed(
        MIXED,
        "=?UTF-8?B?44GC?=\r\n =?UTF-8?B?LmNzdg==?=",
        "=?UTF-8?B?YeKAri5jc3Y=?=",
    );
    let message = changed(
        &message,
        "filename*0*=UTF-8''%E3%81%82;\r\n filename*1*=.csv",
        "filename*=UTF-8''a%E2%80%AE.csv",
    );
    assert!(judge(&message).is_err());
}

#[test]
fn known_attachments_are_taken_byte_by_byte() {
    let pdf = Verified {
        target: Target::Pdf,
        content: b"x\n".to_vec().into(),
    };
    let message = MIXED.replace("a b.txt", "a b.pdf").replace(
        "text/plain; charset=utf-8;\r\n name=\"a b",
        "application/pdf;\r\n name=\"a b",
    );
    assert_eq!(check(message.as_bytes(), &[&pdf]), Ok(()));
    assert!(check(message.as_bytes(), &[]).is_err());
    // of the same bytes, but verified as something else
    let text = Verified {
        target: Target::Txt,
        content: b"x\n".to_vec().into(),
    };
    assert!(check(message.as_bytes(), &[&text]).is_err());
}

/// Attachments are found among the known files wherever these stand, and without them too.
#[test]
fn known_files_may_come_in_any_order() {
    let file = |target, bytes: &str| {
        crate::verify(Draft::new(target, bytes.as_bytes().to_vec()), &[]).unwrap()
    };
    let txt = file(Target::Txt, "x\n");
    let other = file(Target::Txt, "y\n");
    let csv = file(Target::Csv, "\u{feff}a,b\r\n");
    for known in [
        vec![],
        vec![&txt, &csv],
        vec![&csv, &txt],
        vec![&csv],
        vec![&other, &other, &other, &csv, &txt],
    ] {
        assert_eq!(check(MIXED.as_bytes(), &known), Ok(()));
    }
    // a file that is known for something else is looked at as what it is called here
    let bad = changed(MIXED, "eAo=", "PHNjcmlwdD4K");
    let script = Verified {
        target: Target::Csv,
        content: b"<script>\n".to_vec().into(),
    };
    assert!(check(bad.as_bytes(), &[&script]).is_err());
}

#[test]
fn no_field_is_so_long_that_servers_cut_it() {
    for (many, want) in [(7_200, Ok(())), (7_300, Err("eml: header too long"))] {
        let list = vec!["a@b.jp"; many].join(",\r\n ");
        let long = PLAIN.replace("To: a@b.jp", &format!("To: {list}"));
        let got = check(long.as_bytes(), &[]);
        let got = got.map_err(|violation| violation.rule.as_str().to_owned());
        assert_eq!(got, want.map_err(str::to_owned), "{many}");
    }
}

//! Checkers answer on any bytes, and never take one profile for another.

use mugai_core::Target;
use mugai_verify::{check, recognise};
use proptest::prelude::*;

const PAPER: [Target; 4] = [Target::Txt, Target::Csv, Target::Eml, Target::Mbox];

/// Lines that lead deep into the checker of messages.
fn lines() -> impl Strategy<Value = String> {
    let line = prop::sample::select(vec![
        "From MAILER-DAEMON Thu Jan  1 00:00:00 1970\n",
        "From: a@b.jp\r\n",
        "From: \"a\" <a@b.jp>, =?UTF-8?B?44GC?= <c@d>\r\n",
        "Subject: =?UTF-8?B?44GC?=\r\n",
        "Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n",
        "MIME-Version: 1.0\r\n",
        "X-Mugai-Result: v1; id=1; verdict=x\r\n",
        "Content-Type: text/plain; charset=utf-8\r\n",
        "Content-Type: multipart/mixed;\r\n",
        " boundary=\"=_1\"\r\n",
        "Content-Transfer-Encoding: base64\r\n",
        "\r\n",
        "--=_1\r\n",
        "Content-Type: application/octet-stream;\r\n",
        " name=\"=?UTF-8?B?44GCLmVtbA==?=\"\r\n",
        "Content-Disposition: attachment;\r\n",
        " filename*=UTF-8''%E3%81%82.eml\r\n",
        " filename*0*=UTF-8''%E3%81%82;\r\n",
        " filename*1*=.eml\r\n",
        "DQo=\r\n",
        "--=_1--\r\n",
        "\u{feff}a,\"b\"\"\"\r\n",
        "あ",
        "\n",
        "\r",
        " ",
        "\"",
    ]);
    prop::collection::vec(line, 0..24).prop_map(|lines| lines.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_judged(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for target in PAPER {
            let _ = check(target, &bytes, &[]);
        }
        let _ = recognise(&bytes);
    }

    #[test]
    fn any_order_of_lines_is_judged(text in lines()) {
        let passed: Vec<_> = PAPER
            .into_iter()
            .filter(|target| check(*target, text.as_bytes(), &[]).is_ok())
            .collect();
        // no file can be taken for one of another kind
        prop_assert!(passed.len() <= 1, "{passed:?}");
    }
}

#[test]
fn the_shortest_files_of_each_kind() {
    assert!(check(Target::Txt, b"\n", &[]).is_ok());
    assert!(check(Target::Csv, "\u{feff}".as_bytes(), &[]).is_ok());
    for target in PAPER {
        assert!(check(target, b"", &[]).is_err());
    }
    let violation = check(Target::Eml, b"", &[]).unwrap_err();
    assert_eq!(violation.offset, Some(0));
}

//! Subjects, names and addresses: hard cases in the charsets and encodings of Japanese mail.

use super::encode::{base64, bytes, word, words};
use super::{LIMITS, Outcome, read, read_with};
use mugai_core::{AddrSpec, FindingCode, Mailbox, Refusal};

fn with_header(name: &str, value: &[u8]) -> Outcome {
    let mut mail = name.as_bytes().to_vec();
    mail.extend_from_slice(b": ");
    mail.extend_from_slice(value);
    mail.extend_from_slice(b"\r\n\r\nx\r\n");
    read(mail)
}

fn subject(value: impl AsRef<[u8]>) -> String {
    let outcome = with_header("Subject", value.as_ref());
    let subject = outcome.envelope().subject.clone();
    subject.map(|line| line.as_str().to_owned()).unwrap()
}

/// `name <address>` of each mailbox, `-` for what is missing.
fn mailboxes(list: &[Mailbox]) -> Vec<String> {
    list.iter()
        .map(|mailbox| {
            let name = mailbox.name().map_or("-", |n| n.as_str());
            let address = mailbox.address().map_or("-".to_owned(), AddrSpec::to_wire);
            format!("{name} <{address}>")
        })
        .collect()
}

fn from(value: impl AsRef<[u8]>) -> Vec<String> {
    mailboxes(&with_header("From", value.as_ref()).envelope().from)
}

const CHARSETS: [&str; 4] = ["utf-8", "shift_jis", "euc-jp", "iso-2022-jp"];
const TEXT: &str = "市役所からのお知らせ:構造計算書と一覧表ソ能①";

/// Every charset, both encodings, cut into words at every width: whole characters come out of
/// words that were cut inside of them, and no U+FFFD, for ISO-2022-JP too, where a cut word has no
/// escape of its own.
#[test]
fn subjects_cut_anywhere() {
    let text = "市役所からのお知らせ:構造計算書と一覧表ソ能";
    let mut cases = 0;
    for charset in CHARSETS {
        for method in ['B', 'Q'] {
            for width in [1, 2, 3, 4, 5, 7, 11, 18, 45, 200] {
                let value = words(charset, method, text, width);
                assert_eq!(subject(&value), text, "{charset} {method} {width}");
                cases += 1;
            }
        }
    }
    assert_eq!(cases, 80);
}

/// Words that each stand alone, as RFC 2047 asks for: JIS words escape in and out.
#[test]
fn subjects_in_words_of_their_own() {
    for charset in CHARSETS {
        for method in ['B', 'Q'] {
            let first = word(charset, method, &bytes(charset, "市役所から"));
            let second = word(charset, method, &bytes(charset, "のお知らせ"));
            for between in ["\r\n ", " ", "\t", " \r\n\t ", ""] {
                let value = format!("{first}{between}{second}");
                assert_eq!(subject(value), "市役所からのお知らせ", "{charset} {method}");
            }
            let mixed = format!("Re: {first} / {second} (fwd)");
            assert_eq!(subject(mixed), "Re: 市役所から / のお知らせ (fwd)");
        }
    }
}

#[test]
fn subjects_with_two_methods_or_two_charsets() {
    let utf8 = "表構".as_bytes();
    let sjis = bytes("shift_jis", "表構");
    let (a, b) = utf8.split_at(4);
    let (c, d) = sjis.split_at(1);
    for (value, want) in [
        (word("utf-8", 'Q', a) + " " + &word("UTF-8", 'B', b), "表構"),
        (word("utf-8", 'B', a) + " " + &word("utf-8", 'Q', b), "表構"),
        (
            word("Shift_JIS", 'Q', c) + " " + &word("shift_jis", 'B', d),
            "表構",
        ),
        (
            word("utf-8", 'B', utf8) + " " + &word("shift_jis", 'B', &sjis),
            "表構表構",
        ),
        (word("utf-8*ja", 'B', utf8), "表構"),
        (word("utf-8*ja-JP", 'Q', utf8), "表構"),
    ] {
        assert_eq!(subject(value), want);
    }
}

/// Row 3: a word that ends in kanji mode, and a next one that goes on or starts anew.
#[test]
fn jis_words_cut_without_reset() {
    let jis = bytes("iso-2022-jp", "市役所");
    let open = jis.strip_suffix(b"\x1b(B").unwrap();
    let (head, tail) = open.split_at(5);
    for value in [
        word("iso-2022-jp", 'B', open),
        word("iso-2022-jp", 'B', head) + "\r\n " + &word("iso-2022-jp", 'B', tail),
        word("iso-2022-jp", 'B', head) + "\r\n " + &word("ISO-2022-JP", 'Q', tail),
    ] {
        assert_eq!(subject(value), "市役所");
    }
    let again = bytes("iso-2022-jp", "から");
    let value = word("iso-2022-jp", 'B', open) + " " + &word("iso-2022-jp", 'B', &again);
    assert_eq!(subject(value), "市役所から");
}

/// Labels that the charset tables of browsers do not know.
#[test]
fn subjects_under_the_labels_of_mail_programs() {
    for (label, charset) in [
        ("cp932", "shift_jis"),
        ("MS932", "shift_jis"),
        ("windows-31j", "shift_jis"),
        ("x-sjis", "shift_jis"),
        ("ibm943", "shift_jis"),
        ("iso-2022-jp-ms", "iso-2022-jp"),
        ("iso-2022-jp-1", "iso-2022-jp"),
        ("cp50220", "iso-2022-jp"),
        ("cp50221", "iso-2022-jp"),
        ("cp51932", "euc-jp"),
        ("eucjp-ms", "euc-jp"),
        ("uft-8", "utf-8"),
        ("cp65001", "utf-8"),
    ] {
        let value = word(label, 'B', &bytes(charset, TEXT));
        assert_eq!(subject(value), TEXT, "{label}");
    }
}

/// Row 11 for headers: raw bytes without any encoding, folded too.
#[test]
fn raw_subjects() {
    for charset in CHARSETS {
        let raw = bytes(charset, TEXT);
        assert_eq!(subject(&raw), TEXT, "{charset}");
        let mut folded = raw.clone();
        folded.extend_from_slice(b"\r\n ");
        folded.extend_from_slice(&raw);
        assert_eq!(subject(&folded), format!("{TEXT} {TEXT}"), "{charset}");
    }
}

#[test]
fn broken_words_stay_text() {
    for (value, want) in [
        ("=?utf-8?B?44GC", "=?utf-8?B?44GC"),
        ("=?utf-8?X?44GC?=", "=?utf-8?X?44GC?="),
        ("=?utf-8?B44GC?=", "=?utf-8?B44GC?="),
        ("=??B?44GC?=", "=??B?44GC?="),
        ("=?utf-8?B?open =?utf-8?B?44GC?=", "=?utf-8?B?open あ"),
        ("=?utf-8?B?44GC?=x", "あx"),
        ("x=?utf-8?B?44GC?=", "xあ"),
        ("=?utf-8?Q?a b_c?=", "a b c"),
        ("=?utf-8?B?44GC?= =?utf-8?B?44GE", "あ =?utf-8?B?44GE"),
        ("=?utf-8?B??=", ""),
        ("=?us-ascii?Q?=41?=", "A"),
        ("=?utf-8?Q?=E3=81?=", "\u{fffd}"),
        ("=?=?=?=", "=?=?=?="),
        ("\"=?utf-8?B?44GC?=\"", "\"あ\""),
        ("=?utf-8?Q?\"=E3=81=82\"_<x>?=", "\"あ\" <x>"),
        ("=?utf-8?B?4 4GC?=", "あ"),
    ] {
        assert_eq!(subject(value), want, "{value:?}");
    }
}

/// A word that its sender cut in mid-character does not spoil the next one.
#[test]
fn a_truncated_word_spoils_itself_only() {
    let cut = bytes("shift_jis", "市表");
    let whole = bytes("shift_jis", "構造");
    let value = word("shift_jis", 'B', &cut[..3]) + " " + &word("shift_jis", 'B', &whole);
    let got = subject(value);
    assert!(got.starts_with('市') && got.ends_with("造"), "{got}");
}

/// Row 19.
#[test]
fn a_subject_brings_no_header() {
    let value = word("utf-8", 'B', b"hello\r\nBcc: x@example.com\r\n\r\nbody\0");
    let outcome = with_header("Subject", value.as_bytes());
    let got = outcome.envelope().subject.clone().unwrap();
    assert_eq!(got.as_str(), "hello Bcc: x@example.com body");
    assert_eq!(outcome.count(FindingCode::MailHeaderInjection), 1);
    assert!(outcome.envelope().cc.is_empty());
}

#[test]
fn senders() {
    let name = |charset: &str| word(charset, 'B', &bytes(charset, "山田 太郎"));
    for (value, want) in [
        ("a@b.jp".to_owned(), "- <a@b.jp>"),
        ("<a@b.jp>".to_owned(), "- <a@b.jp>"),
        ("Taro <a@b.jp>".to_owned(), "Taro <a@b.jp>"),
        (
            "\"Yamada, Taro\" <a@b.jp>".to_owned(),
            "Yamada, Taro <a@b.jp>",
        ),
        (
            "\"a \\\"b\\\" c\" <a@b.jp>".to_owned(),
            "a \"b\" c <a@b.jp>",
        ),
        ("a@b.jp (Taro)".to_owned(), "Taro <a@b.jp>"),
        ("a@b.jp (Taro (x) \\) y)".to_owned(), "Taro x ) y <a@b.jp>"),
        (format!("{} <a@b.jp>", name("utf-8")), "山田 太郎 <a@b.jp>"),
        (
            format!("{} <a@b.jp>", name("shift_jis")),
            "山田 太郎 <a@b.jp>",
        ),
        (format!("{} <a@b.jp>", name("euc-jp")), "山田 太郎 <a@b.jp>"),
        (
            format!("{}\r\n\t<a@b.jp>", name("iso-2022-jp")),
            "山田 太郎 <a@b.jp>",
        ),
        (
            format!("\"{}\" <a@b.jp>", name("iso-2022-jp")),
            "山田 太郎 <a@b.jp>",
        ),
        (format!("a@b.jp ({})", name("utf-8")), "山田 太郎 <a@b.jp>"),
        (
            "=?utf-8?Q?Yamada,_Taro?= <a@b.jp>".to_owned(),
            "Yamada, Taro <a@b.jp>",
        ),
        (
            "foo..bar.@docomo.ne.jp".to_owned(),
            "- <\"foo..bar.\"@docomo.ne.jp>",
        ),
        (
            "\"foo..bar.\"@docomo.ne.jp".to_owned(),
            "- <\"foo..bar.\"@docomo.ne.jp>",
        ),
        (
            "T <\"foo..bar.\"@docomo.ne.jp>".to_owned(),
            "T <\"foo..bar.\"@docomo.ne.jp>",
        ),
        ("<@x.jp,@y.jp:a@b.jp>".to_owned(), "- <a@b.jp>"),
        ("T <mailto:a@b.jp>".to_owned(), "T <a@b.jp>"),
        ("T < a@b.jp (x) >".to_owned(), "T <a@b.jp>"),
        ("T <a@b.jp".to_owned(), "T <a@b.jp>"),
        ("T a@b.jp".to_owned(), "T <a@b.jp>"),
        ("\"T <a@b.jp>".to_owned(), "T <a@b.jp>"),
        ("山田 <a@例え.jp>".to_owned(), "山田 <a@例え.jp>"),
        ("山田(総務 <a@b.jp>".to_owned(), "山田(総務 <a@b.jp>"),
    ] {
        let outcome = with_header("From", value.as_bytes());
        assert_eq!(mailboxes(&outcome.envelope().from), [want], "{value:?}");
        assert_eq!(
            outcome.count(FindingCode::MailAddressInvalid),
            0,
            "{value:?}"
        );
    }
}

#[test]
fn raw_names_of_senders() {
    for charset in CHARSETS {
        let mut value = b"\"".to_vec();
        value.extend_from_slice(&bytes(charset, "総務課 能登 表"));
        value.extend_from_slice(b"\" <a@b.jp>");
        assert_eq!(from(&value), ["総務課 能登 表 <a@b.jp>"], "{charset}");
    }
}

#[test]
fn lists_and_groups() {
    for (value, want) in [
        ("a@b.jp, T <c@d.jp>", &["- <a@b.jp>", "T <c@d.jp>"][..]),
        ("a@b.jp; c@d.jp", &["- <a@b.jp>", "- <c@d.jp>"]),
        (
            "staff: a@b.jp, c@d.jp;, e@f.jp",
            &["- <a@b.jp>", "- <c@d.jp>", "- <e@f.jp>"],
        ),
        ("undisclosed-recipients:;", &[]),
        (" , ,a@b.jp,,", &["- <a@b.jp>"]),
        ("", &[]),
    ] {
        let outcome = with_header("To", value.as_bytes());
        assert_eq!(mailboxes(&outcome.envelope().to), want, "{value:?}");
    }
}

/// What holds no strict address is shown as a name, and never as an address.
#[test]
fn what_is_no_address() {
    let hidden = word("utf-8", 'B', b"x <evil@example.com>");
    let broken = word("utf-8", 'B', b"a@b.jp>\r\nBcc: q@example.com");
    for (value, want) in [
        ("nobody", "nobody <->"),
        ("T <not an address>", "T <->"),
        ("<not an address>", "not an address <->"),
        ("T <a@b@c.jp>", "T <->"),
        ("T <a@[127.0.0.1]>", "T <->"),
        (hidden.as_str(), "x <evil@example.com> <->"),
        (broken.as_str(), "a@b.jp> Bcc: q@example.com <->"),
    ] {
        let outcome = with_header("From", value.as_bytes());
        assert_eq!(mailboxes(&outcome.envelope().from), [want], "{value:?}");
        assert_eq!(
            outcome.count(FindingCode::MailAddressInvalid),
            1,
            "{value:?}"
        );
    }
}

/// Row 20.
#[test]
fn doubled_fields() {
    let outcome = read("From: a@b.jp\nSubject: one\nSubject: two\nFrom: a@b.jp\n\nx");
    assert_eq!(outcome.envelope().subject.as_ref().unwrap().as_str(), "one");
    assert_eq!(outcome.count(FindingCode::MailHeaderDuplicate), 2);
    let conflict = read_with(b"From: a@b.jp\nFrom: c@d.jp\n\nx", LIMITS);
    assert!(matches!(conflict.result, Err(Refusal::Ambiguous(_))));
    assert_eq!(conflict.count(FindingCode::MailFromConflict), 1);
    assert!(conflict.heard.pieces.is_empty());
}

#[test]
fn the_other_headers() {
    let outcome = read(concat!(
        "Received: x\r\nX-Mailer: y\r\n",
        "Authentication-Results: z; dkim=pass\r\n",
        "From: a@b.jp\r\nReply-To: c@d.jp\r\nCc: e@f.jp\r\n",
        "Date: Wed, 31 Jan 2024 12:00:00 +0900\r\n",
        "Message-ID: <m@b.jp>\r\nIn-Reply-To: Your message <n@b.jp>\r\n",
        "References: <1@b.jp>\r\n <2@b.jp> <broken> <3@b.jp>\r\n",
        "List-Id: Notices <notices.b.jp>\r\nAuto-Submitted: auto-replied; x=y\r\n",
        "Precedence: first-class\r\n\r\nx"
    ));
    let envelope = outcome.envelope();
    assert_eq!(mailboxes(&envelope.reply_to), ["- <c@d.jp>"]);
    assert_eq!(mailboxes(&envelope.cc), ["- <e@f.jp>"]);
    assert_eq!(envelope.date.unwrap().unix_seconds(), 1_706_670_000);
    assert_eq!(envelope.message_id.as_ref().unwrap().as_str(), "m@b.jp");
    assert_eq!(envelope.auth.len(), 1);
    let ids = |list: &[mugai_core::MsgId]| -> Vec<String> {
        list.iter().map(|id| id.as_str().to_owned()).collect()
    };
    assert_eq!(ids(&envelope.in_reply_to), ["n@b.jp"]);
    assert_eq!(ids(&envelope.references), ["1@b.jp", "2@b.jp", "3@b.jp"]);
    let line = |line: &Option<mugai_core::Line>| line.as_ref().map(|l| l.as_str().to_owned());
    assert_eq!(line(&envelope.list_id).unwrap(), "Notices <notices.b.jp>");
    assert_eq!(line(&envelope.auto_submitted).unwrap(), "auto-replied");
    assert_eq!(line(&envelope.precedence), None);
    for (code, count) in [
        (FindingCode::MailReplyToDiffers, 1),
        (FindingCode::MailMsgIdInvalid, 1),
        (FindingCode::MailAuthResults, 0),
        (FindingCode::MailHeaderDropped, 3),
    ] {
        assert_eq!(outcome.count(code), count, "{}", code.code());
    }
}

#[test]
fn the_last_references_are_kept() {
    let all: Vec<String> = (0..50).map(|n| format!("<{n}@x.jp>")).collect();
    let outcome = with_header("References", all.join(" ").as_bytes());
    let kept = &outcome.envelope().references;
    assert_eq!(kept.len(), 20);
    assert_eq!(kept[0].as_str(), "30@x.jp");
    assert_eq!(kept[19].as_str(), "49@x.jp");
}

#[test]
fn broken_header_lines() {
    for (mail, subject, body, malformed) in [
        ("From x Mon\nSubject: a\n\nb", "a", "b", 0),
        ("\r\n\r\nSubject: a\r\n\r\nb", "a", "b", 0),
        ("\u{feff}Subject: a\n\nb", "a", "b", 0),
        ("Subject : a\n\nb", "a", "b", 0),
        ("X: y\nbroken line\nSubject: a\n\nb", "a", "b", 1),
        (
            "Subject: a\nno header at all\n\nb",
            "a",
            "no header at all\n\nb",
            1,
        ),
        ("Subject: a\nlost\nX: y\n\nb", "a", "b", 1),
        (
            "Subject: a\nlost\n folded\n\tto it\nTo: x\n\nb",
            "a",
            "b",
            1,
        ),
        ("X: y\nlost\nand lost\nSubject: a\n\nb", "a", "b", 2),
        (
            "Subject: a\nDear all,\nlost line\nNote: b\n",
            "a",
            "Dear all,\nlost line\nNote: b\n",
            1,
        ),
        ("Subject: a\0b\n\nb", "ab", "b", 1),
        ("Subject: a\rb\n\nb", "a b", "b", 1),
    ] {
        let outcome = read(mail);
        let got = outcome.envelope().subject.clone().unwrap();
        assert_eq!(got.as_str(), subject, "{mail:?}");
        assert_eq!(
            outcome.children()[0].content.here().unwrap(),
            body.as_bytes(),
            "{mail:?}"
        );
        assert_eq!(
            outcome.count(FindingCode::MailHeaderMalformed),
            malformed,
            "{mail:?}"
        );
    }
}

#[test]
fn a_line_without_a_colon_is_part_of_no_field() {
    let outcome = read(
        "From: a@x.jp\nTo: b@x.jp\nno colon here\nSubject: s\n goes on\nnor here\nand here\nCc: c@x.jp\n\nb",
    );
    let envelope = outcome.envelope();
    assert_eq!(mailboxes(&envelope.from), ["- <a@x.jp>"]);
    assert_eq!(mailboxes(&envelope.to), ["- <b@x.jp>"]);
    assert_eq!(mailboxes(&envelope.cc), ["- <c@x.jp>"]);
    assert_eq!(envelope.subject.as_ref().unwrap().as_str(), "s goes on");
    assert_eq!(outcome.count(FindingCode::MailHeaderMalformed), 3);
    assert_eq!(outcome.count(FindingCode::MailAddressInvalid), 0);
}

#[test]
fn nul_is_no_part_of_a_header() {
    let outcome = read(
        "From: a\0@x.jp\nTo: \"b\0c\" <b@x.jp>\nSubject: =?utf-8?B?44G\0C?=\nContent-Type: text/ht\0ml\n\nb",
    );
    let envelope = outcome.envelope();
    assert_eq!(mailboxes(&envelope.from), ["- <a@x.jp>"]);
    assert_eq!(mailboxes(&envelope.to), ["bc <b@x.jp>"]);
    assert_eq!(envelope.subject.as_ref().unwrap().as_str(), "あ");
    assert_eq!(super::briefs(&outcome), ["body 0.0 text/html -:b"]);
    assert_eq!(outcome.count(FindingCode::MailHeaderMalformed), 4);
}

#[test]
fn a_long_subject_is_cut() {
    let outcome = with_header("Subject", "あ".repeat(10_000).as_bytes());
    let subject = outcome.envelope().subject.clone().unwrap();
    assert_eq!(subject.as_str().chars().count(), 4_000);
    assert_eq!(outcome.count(FindingCode::TextTruncated), 1);
    assert!(base64(b"").is_empty());
}

#[test]
fn a_list_of_recipients_is_cut_between_two_where_a_server_would_cut_one() {
    for (one, at_least) in [
        ("taro@city.example.lg.jp", 1_700),
        ("\"Taro Yamada\" <taro@city.example.lg.jp>", 1_200),
        ("=?UTF-8?B?5bGx55Sw?= <taro@city.example.lg.jp>", 850),
    ] {
        let outcome = with_header("To", vec![one; 2_500].join(", ").as_bytes());
        let to = &outcome.envelope().to;
        let room: usize = to.iter().map(Mailbox::room).sum();
        assert!(to.len() >= at_least, "{} of {one}", to.len());
        assert!(room <= mugai_core::message::MAX_MAILBOXES_BYTES, "{room}");
        assert_eq!(outcome.count(FindingCode::TextTruncated), 1);
    }
    let all = vec!["a@b.jp"; 2_000].join(", ");
    let outcome = with_header("To", all.as_bytes());
    assert_eq!(outcome.envelope().to.len(), 2_000);
    assert_eq!(outcome.count(FindingCode::TextTruncated), 0);
}

#[test]
fn mails_are_sniffed() {
    use crate::reader::{Format, Sniff};
    let long = format!("Subject: x\nX: {}", "y".repeat(20_000));
    for (head, want) in [
        ("Subject: x\n\nbody", Sniff::Perhaps),
        ("From a Mon\nReceived: x\n folded\n\n", Sniff::Perhaps),
        ("MIME-Version: 1.0\nX: cut in the mid", Sniff::Perhaps),
        (long.as_str(), Sniff::Perhaps),
        ("Name: value\n\n", Sniff::No),
        ("Dear all,\nSubject: x\n", Sniff::No),
        ("", Sniff::No),
    ] {
        assert_eq!(super::Mail.sniff(head.as_bytes()), want, "{head:.40?}");
    }
}

#[test]
fn results_of_authentication_are_typed() {
    let outcome = read(concat!(
        "Authentication-Results: MX.city.example 1; (a; comment) dkim=pass (good ; \\) key)\r\n",
        " reason=\"x; spf=fail\" header.d=Sender.example header.i=@other.example;\r\n",
        " spf = softfail smtp.mailfrom=a@sender.example; dmarc/1=HARDFAIL header.from=x.example;\r\n",
        " x-own=pass; arc=broken; iprev=pass policy.iprev=192.0.2.1\r\n",
        "Authentication-Results: forged.example; dkim=pass header.d=\"a b\"\r\n",
        "Authentication-Results: mx.city.example; none\r\n",
        "Authentication-Results: ; dkim=pass\r\n",
        "From: a@b.jp\r\n\r\nx"
    ));
    let shown: Vec<String> = outcome
        .envelope()
        .auth
        .iter()
        .map(|field| {
            let results = field.results.iter().map(|result| {
                let domain = result.domain.as_ref().map_or("-", mugai_core::Host::as_str);
                format!(
                    "{}={} {domain}",
                    result.method.code(),
                    result.verdict.code()
                )
            });
            format!(
                "{}: {}",
                field.server.as_str(),
                results.collect::<Vec<_>>().join("; ")
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "mx.city.example: dkim=pass sender.example; spf=softfail sender.example; dmarc=fail x.example",
            "forged.example: dkim=pass a",
        ]
    );
    assert_eq!(outcome.count(FindingCode::MailAuthResults), 2);
}

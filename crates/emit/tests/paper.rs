//! What the writers of text, tables, messages and mailboxes make, their checkers accept; and what
//! is changed afterwards in any byte of the frame, they refuse.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may panic"
)]

use mugai_core::{
    AddrSpec, AuthMethod, AuthResult, AuthResults, AuthVerdict, Cell, Date, Draft, Envelope, Host,
    Line, Links, Mailbox, MsgId, Piece, Row, SafeName, Spool, Target, Text,
};
use mugai_emit::eml::{Attachment, Mail, Stamp, message};
use mugai_emit::{csv, mbox, text};
use mugai_verify::{check, recognise, verify};
use proptest::prelude::*;

fn accepted(draft: &Draft) {
    if let Err(violation) = check(draft.target(), &draft.load().unwrap(), &[]) {
        panic!(
            "{violation:?}\n{}",
            String::from_utf8_lossy(&draft.load().unwrap())
        );
    }
    assert_eq!(recognise(&draft.load().unwrap()), Some(draft.target()));
}

fn words() -> impl Strategy<Value = String> {
    let hostile = prop::sample::select(vec![
        "http",
        "https",
        "ftp",
        ":",
        "//",
        "\\\\",
        "www",
        ".",
        "<",
        ">",
        "script",
        "a",
        "img",
        " ",
        "\n",
        "javascript",
        "data",
        "tel",
        "ms-",
        "x",
        "1",
        "begin",
        " 644 ",
        "=ybegin ",
        "-----BEGIN PGP",
        "\u{202e}",
        "\u{200b}",
        "葛\u{e0100}",
        "か\u{3099}",
        "👨\u{200d}👩",
        "表",
        "①",
        "=",
        "+",
        "-",
        "@",
        "＝",
        "－",
        ";",
        "\t",
        "\"",
        "'",
        ",",
        "5",
        "-500",
        "+81-3-1234-5678",
        "=?UTF-8?B?44GC?=",
        "\r\n",
        "(",
        ")",
        "~",
        "%",
        "?",
        "*",
        "\u{3000}",
        "\u{a0}",
        "file",
        "/",
        "!",
        "|",
    ]);
    prop_oneof![
        4 => prop::collection::vec(hostile, 0..20).prop_map(|words| words.concat()),
        1 => any::<String>(),
    ]
}

fn mailbox() -> impl Strategy<Value = Mailbox> {
    let address = prop::sample::select(vec![
        "",
        "a@b.jp",
        "taro.yamada@city.example.lg.jp",
        "a..b.@docomo.ne.jp",
        "山田@例え.jp",
        "=?utf-8?q?x?=@b.jp",
        "o'neil+tag@ex-ample.com",
        "0102018e9d1f3a5c-2f6a8e8a-1b2c-4d5e-8f90-aabbccddeeff-000000@ap-northeast-1.ses.example.com",
    ]);
    (words(), address).prop_filter_map("an empty mailbox", |(name, address)| {
        let name = Line::clean(&name).0;
        Mailbox::new(Some(name), AddrSpec::parse(address).ok())
    })
}

fn mailboxes() -> impl Strategy<Value = Vec<Mailbox>> {
    prop::collection::vec(mailbox(), 0..4)
}

fn id() -> impl Strategy<Value = MsgId> {
    "[!-;=?A-~]{1,90}@[a-z.]{1,9}".prop_filter_map("no identifier", |raw| MsgId::parse(&raw).ok())
}

/// What servers say about the sender.
fn auth() -> impl Strategy<Value = Vec<AuthResults>> {
    let result = (
        prop::sample::select(AuthMethod::ALL.to_vec()),
        prop::sample::select(AuthVerdict::ALL.to_vec()),
        prop::option::of("[A-Za-z0-9._-]{1,253}"),
    );
    let result = result.prop_map(|(method, verdict, domain)| AuthResult {
        method,
        verdict,
        domain: domain.as_deref().and_then(Host::parse),
    });
    let results = prop::collection::vec(result, 1..6).prop_filter_map("no host", |results| {
        let server = Host::parse("mx.city.example")?;
        Some(AuthResults { server, results })
    });
    prop::collection::vec(results, 0..3)
}

fn line() -> impl Strategy<Value = Option<Line>> {
    prop::option::of(words().prop_map(|raw| Line::clean(&raw).0))
}

fn envelope() -> impl Strategy<Value = Envelope> {
    let people = (mailboxes(), mailboxes(), mailboxes(), mailboxes());
    let ids = (
        prop::option::of(id()),
        prop::collection::vec(id(), 0..3),
        prop::collection::vec(id(), 0..30),
    );
    let date = prop::option::of((0i64..=253_402_300_799, -960i16..=960));
    let others = (line(), line(), line(), auth());
    (people, ids, date, line(), others).prop_map(
        |((from, to, cc, reply_to), ids, date, subject, others)| {
            let (list_id, auto_submitted, precedence, auth) = others;
            Envelope {
                from,
                to,
                cc,
                reply_to,
                subject,
                date: date.and_then(|(seconds, zone)| Date::new(seconds, zone).ok()),
                message_id: ids.0,
                in_reply_to: ids.1,
                references: ids.2,
                list_id,
                auto_submitted,
                precedence,
                auth,
            }
        },
    )
}

fn text_file(raw: &str) -> Draft {
    let mut writer = text::writer(Links::Defang);
    writer.put(Piece::Text(Text::clean(raw).0)).unwrap();
    writer.finish().unwrap()
}

fn sheet(rows: &[Vec<String>]) -> Draft {
    let mut writer = csv::writer();
    for row in rows {
        let cells = row.iter().map(|c| Cell::text(Text::clean(c).0)).collect();
        writer.put(Piece::Row(Row::new(cells).unwrap())).unwrap();
    }
    writer.finish().unwrap()
}

fn named(raw: &str, extension: &str) -> SafeName {
    let name = SafeName::clean(raw).0;
    let name = name.unwrap_or_else(|| SafeName::clean("x").0.unwrap());
    name.with_extension(extension, |_| false)
}

fn mail(envelope: &Envelope, body: &str, files: &[(SafeName, Draft)]) -> Draft {
    let attachments: Vec<_> = files
        .iter()
        .map(|(name, draft)| Attachment {
            name,
            target: draft.target(),
            content: draft.content(),
        })
        .collect();
    message(&Mail {
        envelope,
        body: &text(Text::clean(body).0.as_str().to_owned()).0,
        attachments: &attachments,
        result: Stamp::new("0a1b2c", "sanitised").unwrap(),
    })
    .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn texts_are_accepted(raw in words()) {
        accepted_text(&text_file(&raw));
    }

    #[test]
    fn sheets_are_accepted(rows in prop::collection::vec(prop::collection::vec(words(), 0..5), 0..4)) {
        let draft = sheet(&rows);
        accepted(&draft);
        // readers that know nothing of cells see nothing live either
        let whole = String::from_utf8(draft.into_content().into_vec().unwrap()).unwrap();
        let lines = whole.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        let lines = format!("{}\n", lines.trim_end_matches('\n'));
        prop_assert_eq!(check(Target::Txt, lines.as_bytes(), &[]), Ok(()));
    }

    #[test]
    fn messages_are_accepted(
        envelope in envelope(),
        body in words(),
        files in prop::collection::vec((words(), words()), 0..3),
    ) {
        let files: Vec<_> = files
            .iter()
            .enumerate()
            .map(|(index, (name, content))| {
                if index == 1 {
                    (named(name, "csv"), sheet(&[vec![content.clone()]]))
                } else {
                    (named(name, "txt"), text_file(content))
                }
            })
            .collect();
        let inner = mail(&envelope, &body, &files);
        accepted(&inner);
        let folder = mbox::mailbox([inner.content(), inner.content()], Spool::memory()).unwrap();
        accepted(&folder);
        // a message in a message, and a mailbox in a message
        let outer = mail(
            &envelope,
            "",
            &[(named("転送", "eml"), inner), (named("all", "mbox"), folder)],
        );
        accepted(&outer);
    }
}

/// A text may happen to start as another target does, so only its own checker is asked.
fn accepted_text(draft: &Draft) {
    assert_eq!(
        check(draft.target(), &draft.load().unwrap(), &[]),
        Ok(()),
        "{draft:?}"
    );
}

fn sample() -> Draft {
    let envelope = Envelope {
        from: vec![
            Mailbox::new(
                Some(Line::clean("山田 太郎").0),
                AddrSpec::parse("t@a.jp").ok(),
            )
            .unwrap(),
        ],
        to: vec![Mailbox::new(None, AddrSpec::parse("a..b@b.jp").ok()).unwrap()],
        subject: Some(Line::clean("会議のお知らせ").0),
        date: Date::new(1_700_000_000, 540).ok(),
        message_id: MsgId::parse("<1@a.jp>").ok(),
        precedence: Some(Line::clean("bulk").0),
        ..Envelope::default()
    };
    let long = "とても長い名前の請求書".repeat(4);
    let files = [
        (named("a b", "txt"), text_file("x")),
        (
            named(&long, "csv"),
            sheet(&[vec!["a".into(), "b\"c".into()]]),
        ),
    ];
    mail(&envelope, "本文です。\n", &files)
}

/// Which bytes of a message are frame, and which are words of the sender in it: letters and digits
/// of base64, addresses, identifiers, dates and names may change and still say something allowed.
fn is_frame(message: &[u8], at: usize) -> bool {
    let start = message[..at]
        .iter()
        .rposition(|b| *b == b'\n')
        .map_or(0, |i| i + 1);
    let line = &message[start..];
    let line = &line[..line.iter().position(|b| *b == b'\r').unwrap_or(line.len())];
    let column = at - start;
    let line = std::str::from_utf8(line).unwrap();
    let carried = [
        "From: ",
        "To: ",
        "Subject: ",
        "Date: ",
        "Message-ID: ",
        " =?UTF-8?B?",
    ];
    if let Some(name) = carried.iter().find(|name| line.starts_with(*name)) {
        return column < name.len() || column >= line.len();
    }
    let file = [" name=\"", " filename=\"", " filename*"]
        .iter()
        .any(|p| line.starts_with(p));
    if line.starts_with("X-Mugai-Result: ") {
        // the word behind verdict= is free
        return column < line.find("verdict=").unwrap() + 8 || column >= line.len();
    }
    let base64 = !line.is_empty() && !line.contains(['-', ':', ' ']);
    (!file && !base64) || column >= line.len()
}

#[test]
fn no_byte_of_the_frame_of_a_message_can_be_changed() {
    let draft = sample();
    accepted(&draft);
    let bytes = &*draft.load().unwrap();
    let refused = |mutant: &[u8], what: &str, at: usize| {
        assert!(
            check(Target::Eml, mutant, &[]).is_err(),
            "{what} at {at}\n{}",
            String::from_utf8_lossy(mutant)
        );
    };
    let mut tried = 0;
    for at in 0..bytes.len() {
        if !is_frame(bytes, at) {
            continue;
        }
        for new in [
            bytes[at] ^ 1,
            bytes[at] ^ 0x20,
            bytes[at] ^ 0x80,
            0,
            b'\r',
            b'\n',
            b' ',
            b'"',
        ] {
            if new != bytes[at] {
                let mut mutant = bytes.to_vec();
                mutant[at] = new;
                refused(&mutant, "change", at);
                tried += 1;
            }
        }
        let mut mutant = bytes.to_vec();
        mutant.remove(at);
        refused(&mutant, "deletion", at);
        for new in *b"\0\t\r\n A=;\"\xff" {
            // a word of the sender may grow at the end of its line
            let grows =
                bytes[at] == b'\r' && !matches!(new, 0 | b'\t' | b'\r' | b'\n' | 0xff | b' ');
            if grows {
                continue;
            }
            let mut mutant = bytes.to_vec();
            mutant.insert(at, new);
            refused(&mutant, "insertion", at);
            tried += 1;
        }
    }
    assert!(tried > 5_000, "{tried}");
}

/// Wherever a byte is changed, the bytes are refused or read back without control characters and
/// without a header that was not there.
#[test]
fn changed_words_of_the_sender_stay_inside_their_place() {
    let draft = sample();
    let bytes = &*draft.load().unwrap();
    let names = |message: &[u8]| -> Vec<String> {
        let text = String::from_utf8_lossy(message).into_owned();
        let lines = text.split("\r\n").filter(|l| l.contains(": "));
        lines
            .map(|l| l.split(':').next().unwrap().to_owned())
            .collect()
    };
    let wanted = names(bytes);
    for at in 0..bytes.len() {
        for new in [
            bytes[at] ^ 1,
            bytes[at] ^ 0x10,
            b'\r',
            b'\n',
            b':',
            b'<',
            b'"',
            b',',
            0x80,
        ] {
            let mut mutant = bytes.to_vec();
            mutant[at] = new;
            if check(Target::Eml, &mutant, &[]).is_ok() {
                assert_eq!(names(&mutant), wanted, "at {at}");
                assert!(
                    mutant
                        .iter()
                        .all(|b| matches!(b, b'\r' | b'\n' | b' '..=b'~'))
                );
            }
        }
    }
}

#[test]
fn the_same_mail_gives_the_same_bytes() {
    assert_eq!(&*sample().load().unwrap(), &*sample().load().unwrap());
}

#[test]
fn mailboxes_with_other_bytes_between_messages_are_refused() {
    let one = sample();
    let folder = mbox::mailbox([one.content(), one.content()], Spool::memory()).unwrap();
    let bytes = &*folder.load().unwrap();
    let starts: Vec<_> = (0..bytes.len())
        .filter(|at| bytes[*at..].starts_with(b"From MAILER"))
        .collect();
    assert_eq!(starts.len(), 2);
    for start in starts {
        for at in start..start + 44 {
            let mut mutant = bytes.to_vec();
            mutant[at] ^= 1;
            assert!(check(Target::Mbox, &mutant, &[]).is_err(), "{at}");
            let mut mutant = bytes.to_vec();
            mutant.remove(at);
            assert!(check(Target::Mbox, &mutant, &[]).is_err(), "{at}");
        }
    }
    for wrong in [
        &bytes[..0],
        &bytes[1..],
        &bytes[..bytes.len() - 1],
        &*one.load().unwrap(),
    ] {
        assert!(check(Target::Mbox, wrong, &[]).is_err());
    }
    let longer = [bytes, b"\n"].concat();
    assert!(check(Target::Mbox, &longer, &[]).is_err());
}

#[test]
fn messages_nested_without_end_are_refused() {
    let mut inner = mail(&Envelope::default(), "x", &[]);
    for depth in 0..18 {
        let verdict = verify(inner.clone(), &[]);
        assert_eq!(verdict.is_ok(), depth <= 16, "{depth}");
        inner = mail(&Envelope::default(), "x", &[(named("a", "eml"), inner)]);
    }
}

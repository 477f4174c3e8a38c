use super::*;

fn of(bytes: &[u8]) -> Spooled {
    Spooled::new(bytes.to_vec())
}
use crate::text::text;
use mugai_core::{AddrSpec, AuthMethod, AuthResult, AuthResults, AuthVerdict, Date, Host, Mailbox};

fn line(text: &str) -> Line {
    Line::clean(text).0
}

fn mailbox(name: &str, address: &str) -> Mailbox {
    let name = (!name.is_empty()).then(|| line(name));
    Mailbox::new(name, AddrSpec::parse(address).ok()).unwrap()
}

fn written(envelope: &Envelope, attachments: &[Attachment<'_>]) -> String {
    let draft = message(&Mail {
        envelope,
        body: &text("本文\n".to_owned()).0,
        attachments,
        result: Stamp::new("t-1", "sanitised").unwrap(),
    });
    String::from_utf8(draft.unwrap().into_content().into_vec().unwrap()).unwrap()
}

#[test]
fn every_header_in_its_place() {
    let envelope = Envelope {
        from: vec![mailbox("山田 太郎", "taro@city.example.lg.jp")],
        to: vec![mailbox("", "a..b.@docomo.ne.jp"), mailbox("Sato", "s@b.jp")],
        cc: vec![mailbox("社長", ""), mailbox("", "山田@例え.jp")],
        reply_to: vec![mailbox("", "r@b.jp")],
        subject: Some(line("Re: meeting")),
        date: Date::new(1_136_214_245, 540).ok(),
        message_id: MsgId::parse("<1@a.jp>").ok(),
        in_reply_to: vec![MsgId::parse("0@a.jp").unwrap()],
        references: vec![
            MsgId::parse("0@a.jp").unwrap(),
            MsgId::parse("(x)@a").unwrap(),
        ],
        list_id: Some(line("News <news.example.jp>")),
        auto_submitted: Some(line("Auto-Replied; owner-email=\"x\"")),
        precedence: Some(line("Bulk")),
        auth: vec![AuthResults {
            server: Host::parse("mx.a.jp").unwrap(),
            results: [AuthMethod::Spf, AuthMethod::Dmarc, AuthMethod::Spf]
                .map(|method| AuthResult {
                    method,
                    verdict: AuthVerdict::Pass,
                    domain: Host::parse("b.jp").filter(|_| method == AuthMethod::Dmarc),
                })
                .to_vec(),
        }],
    };
    let want = "From: =?UTF-8?B?5bGx55SwIOWkqumDjg==?= <taro@city.example.lg.jp>\r\n\
        To: <\"a..b.\"@docomo.ne.jp>, \"Sato\" <s@b.jp>\r\n\
        Cc: =?UTF-8?B?56S+6ZW3?= <unknown@unknown.invalid>,\r\n \
        =?UTF-8?B?5bGx55SwQOS+i+OBiC5qcA==?= <unknown@unknown.invalid>\r\n\
        Reply-To: r@b.jp\r\n\
        Subject: Re: meeting\r\n\
        Date: Tue, 03 Jan 2006 00:04:05 +0900\r\n\
        Message-ID: <1@a.jp>\r\n\
        In-Reply-To: <0@a.jp>\r\n\
        References: <0@a.jp>\r\n\
        List-Id: News <news.example.jp>\r\n\
        Auto-Submitted: auto-replied\r\n\
        Precedence: bulk\r\n\
        X-Mugai-Auth: v1; dmarc=pass b.jp; spf=pass\r\n\
        MIME-Version: 1.0\r\n\
        X-Mugai-Result: v1; id=t-1; verdict=sanitised\r\n\
        Content-Type: text/plain; charset=utf-8\r\n\
        Content-Transfer-Encoding: base64\r\n\
        \r\n\
        5pys5paHDQo=\r\n";
    assert_eq!(written(&envelope, &[]), want);
}

#[test]
fn attachments_and_their_two_names() {
    let names = ["a b.txt", "請求書.png"].map(|n| SafeName::clean(n).0.unwrap());
    let [text, picture] = &names;
    let files = [
        Attachment {
            name: text,
            target: Target::Txt,
            content: &of(b"x\n"),
        },
        Attachment {
            name: picture,
            target: Target::Png,
            content: &of(&[0x89]),
        },
    ];
    let want = "From: \"unknown\" <unknown@unknown.invalid>\r\n\
        MIME-Version: 1.0\r\n\
        X-Mugai-Result: v1; id=t-1; verdict=sanitised\r\n\
        Content-Type: multipart/mixed;\r\n boundary=\"=_t-1\"\r\n\
        \r\n\
        --=_t-1\r\n\
        Content-Type: text/plain; charset=utf-8\r\n\
        Content-Transfer-Encoding: base64\r\n\
        \r\n\
        5pys5paHDQo=\r\n\
        --=_t-1\r\n\
        Content-Type: text/plain; charset=utf-8;\r\n name=\"a b.txt\"\r\n\
        Content-Disposition: attachment;\r\n filename=\"a b.txt\"\r\n\
        Content-Transfer-Encoding: base64\r\n\
        \r\n\
        eAo=\r\n\
        --=_t-1\r\n\
        Content-Type: image/png;\r\n name=\"=?UTF-8?B?6KuL5rGC5pu4LnBuZw==?=\"\r\n\
        Content-Disposition: attachment;\r\n \
        filename*=UTF-8''%E8%AB%8B%E6%B1%82%E6%9B%B8.png\r\n\
        Content-Transfer-Encoding: base64\r\n\
        \r\n\
        iQ==\r\n\
        --=_t-1--\r\n";
    assert_eq!(written(&Envelope::default(), &files), want);
}

#[test]
fn what_cannot_be_attached() {
    let name = SafeName::clean("a.exe").0.unwrap();
    let envelope = Envelope::default();
    for (target, bytes) in [(Target::Txt, &b"x\n"[..]), (Target::Png, &[])] {
        let attachments = [Attachment {
            name: &name,
            target,
            content: &of(bytes),
        }];
        let mail = Mail {
            envelope: &envelope,
            body: &text(String::new()).0,
            attachments: &attachments,
            result: Stamp::new("1", "sanitised").unwrap(),
        };
        assert!(message(&mail).is_err());
    }
}

#[test]
fn stamps_are_narrow() {
    assert!(Stamp::new(&"a".repeat(64), "partly_withheld").is_ok());
    for (id, verdict) in [
        ("", "x"),
        ("a b", "x"),
        ("a\r\n", "x"),
        ("a;", "x"),
        ("a", ""),
        ("a", "X"),
        ("a", "x\r\n"),
        (&"a".repeat(65), "x"),
    ] {
        assert!(Stamp::new(id, verdict).is_err(), "{id:?} {verdict:?}");
    }
}

#[test]
fn addresses_that_look_like_encoded_words_are_not_written_as_such() {
    let from = vec![mailbox("", "=?utf-8?q?a=40evil.jp?=@b.jp")];
    let envelope = Envelope {
        from,
        ..Envelope::default()
    };
    let text = written(&envelope, &[]);
    assert!(text.starts_with("From: =?UTF-8?B?"));
    assert!(text.contains("unknown@unknown.invalid"));
}

#[test]
fn lines_are_short_unless_one_token_is_long() {
    let long = format!("{}@{}.jp", "l".repeat(64), "d".repeat(60));
    let references = (0..40)
        .map(|n| MsgId::parse(&format!("{n}.{}@a.jp", "r".repeat(30))).unwrap())
        .collect();
    let envelope = Envelope {
        from: vec![mailbox(&"とても長い名前".repeat(10), &long)],
        to: (0..9)
            .map(|n| mailbox("利用者", &format!("u{n}@b.jp")))
            .collect(),
        subject: Some(line(&"ascii subject ".repeat(20))),
        references,
        ..Envelope::default()
    };
    let name = SafeName::clean(&format!("{}.txt", "表".repeat(70)))
        .0
        .unwrap();
    let file = Attachment {
        name: &name,
        target: Target::Txt,
        content: &of(b"x\n"),
    };
    let text = written(&envelope, &[file]);
    assert_eq!(text.matches("@a.jp>").count(), MAX_REFERENCES);
    for one in text.split("\r\n") {
        let token = one.trim_start().trim_end_matches(',');
        assert!(one.len() <= 76 || !token.contains(' '), "{one}");
        assert!(one.is_ascii());
    }
}

#[test]
fn subjects_hold_nothing_live() {
    for (said, told, count) in [
        ("Re: meeting: 4/1", "Re: meeting: 4/1", 0),
        ("見る http://a.jp/x", "見る hxxp://a.jp/x", 1),
        ("<b>www.a.jp</b>", "＜b>www[.]a.jp＜/b>", 3),
        ("begin 644 a.exe", "| begin 644 a.exe", 1),
    ] {
        let (subject, counts) = subject(&line(said));
        assert_eq!(subject.as_str(), told);
        assert_eq!(counts.links + counts.markup + counts.auto_decode, count);
        assert_eq!(super::subject(&subject).0, subject);
        let envelope = Envelope {
            subject: Some(line(said)),
            ..Envelope::default()
        };
        assert!(!written(&envelope, &[]).contains("http://"));
    }
}

#[test]
fn mailboxes_take_no_more_room_than_they_say() {
    let long = "長い名前".repeat(100);
    let accents = "e\u{301}\u{302}\u{303}\u{304}".repeat(90);
    let quoted = "A. ".repeat(20) + "B";
    for name in [
        "",
        "x",
        "Taro Yamada",
        "山田 太郎",
        "a  b",
        "a+b",
        "=?x",
        &long,
        &accents,
        &quoted,
    ] {
        for address in [
            "",
            "taro@city.example.lg.jp",
            "a..b.@docomo.ne.jp",
            "山田@例え.jp",
        ] {
            let Some(one) = Mailbox::new(Some(line(name)), AddrSpec::parse(address).ok()) else {
                continue;
            };
            let envelope = Envelope {
                to: vec![one.clone(); 50],
                ..Envelope::default()
            };
            let text = written(&envelope, &[]);
            let (_, rest) = text.split_once("\r\nTo: ").unwrap();
            let (field, _) = rest.split_once("\r\nMIME-Version").unwrap();
            let room = one.room() * 50;
            assert!(
                field.len() <= room,
                "{name} {address}: {} of {room}",
                field.len()
            );
        }
    }
}

#[test]
fn no_field_is_longer_than_servers_take() {
    let long = "長".repeat(60_000);
    let envelope = Envelope {
        from: vec![mailbox(&long, "taro@city.example.lg.jp")],
        to: vec![mailbox(&long, "taro@city.example.lg.jp"); 10],
        cc: vec![mailbox("山田", "taro@city.example.lg.jp"); 3_000],
        reply_to: vec![mailbox(&long, "")],
        subject: Some(line(&long)),
        list_id: Some(line(&long)),
        ..Envelope::default()
    };
    let text = written(&envelope, &[]);
    let (header, _) = text.split_once("\r\n\r\n").unwrap();
    let fields: Vec<String> = header
        .replace("\r\n ", "\n")
        .split("\r\n")
        .map(str::to_owned)
        .collect();
    assert!(fields.len() >= 8, "{}", fields.len());
    for field in fields {
        let name: String = field.chars().take(20).collect();
        assert!(field.len() < 57_000, "{name}: {}", field.len());
    }
    let told = header.matches("<taro@city.example.lg.jp>").count();
    assert!(told > 800, "{told}");
}

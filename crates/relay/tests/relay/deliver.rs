//! What arrives.

use crate::world::{World, mail, with_program};
use mail_parser::MessageParser;
use mugai_core::{Lang, Target};
use mugai_verify::check;

fn subject(mail: &[u8]) -> String {
    let parsed = MessageParser::default().parse(mail).expect("a mail");
    parsed.subject().unwrap_or_default().to_owned()
}

fn text(mail: &[u8]) -> String {
    let parsed = MessageParser::default().parse(mail).expect("a mail");
    parsed.body_text(0).expect("a text").into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_is_made_anew_and_its_envelope_stays() {
    let world = World::new("").await;
    let mut talk = world.smtp().await;
    talk.good("XFORWARD NAME=sender.example ADDR=192.0.2.1 IDENT=4XkQ2z PROTO=ESMTP")
        .await;
    talk.good("MAIL FROM:<> SIZE=100 BODY=8BITMIME RET=HDRS ENVID=e1")
        .await;
    talk.good("RCPT TO:<b@city.example.jp> NOTIFY=NEVER ORCPT=rfc822;b@city.example.jp")
        .await;
    talk.good("RCPT TO:<\"c d\"@city.example.jp>").await;
    let reply = talk.data(&mail("one")).await;
    assert!(reply.starts_with("250 2.6.0"), "{reply}");
    // and another one over the same connection
    talk.envelope("", "a@sender.example", &["b@city.example.jp"])
        .await;
    assert!(talk.data(&mail("two")).await.starts_with("250 "));
    assert!(talk.ask("QUIT").await.starts_with("221 "));
    let taken = world.sink.taken();
    let [one, two] = taken.as_slice() else {
        panic!("{taken:?}")
    };
    let size = one.mail.len();
    assert_eq!(
        one.commands,
        [
            // the next one does not take PROTO
            "XFORWARD NAME=sender.example ADDR=192.0.2.1 IDENT=4XkQ2z".to_owned(),
            format!("MAIL FROM:<> SIZE={size} RET=HDRS ENVID=e1"),
            "RCPT TO:<b@city.example.jp> NOTIFY=NEVER ORCPT=rfc822;b@city.example.jp".to_owned(),
            "RCPT TO:<\"c d\"@city.example.jp>".to_owned(),
        ]
    );
    assert!(!two.commands[0].starts_with("XFORWARD"));
    for (taken, name) in [(one, "one"), (two, "two")] {
        assert_eq!(subject(&taken.mail), name);
        assert!(text(&taken.mail).starts_with("hello"));
        assert_eq!(check(Target::Eml, &taken.mail, &[]), Ok(()), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn recipients_of_other_rules_get_mails_of_their_own() {
    let rules = "[default]\npolicy = \"municipal-lgwan\"\n\
                 [[recipient]]\naddress = \"@text.example\"\npolicy = \"text-only\"\n";
    let world = World::new(rules).await;
    let to = [
        "a@city.example",
        "b@text.example",
        "c@city.example",
        "d@text.example",
    ];
    let reply = world.send("Q1", &to, &mail("split")).await;
    assert!(reply.starts_with("250 "), "{reply}");
    let taken = world.sink.taken();
    let recipients: Vec<_> = taken.iter().map(|taken| taken.recipients()).collect();
    assert_eq!(
        recipients,
        [
            ["a@city.example", "c@city.example"],
            ["b@text.example", "d@text.example"]
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_comes_again_is_not_delivered_again() {
    let world = World::new("").await;
    let to = ["a@city.example", "b@city.example"];
    for _ in 0..2 {
        assert!(world.send("Q1", &to, &mail("x")).await.starts_with("250 "));
    }
    assert_eq!(world.sink.taken().len(), 1);
    // the record outlives the relay
    let world = world.again("").await;
    assert!(world.send("Q1", &to, &mail("x")).await.starts_with("250 "));
    assert_eq!(world.sink.taken().len(), 1);
    // another number, another content, one more recipient
    assert!(world.send("Q2", &to, &mail("x")).await.starts_with("250 "));
    assert!(world.send("Q1", &to, &mail("y")).await.starts_with("250 "));
    let more = ["a@city.example", "c@city.example"];
    assert!(
        world
            .send("Q1", &more, &mail("x"))
            .await
            .starts_with("250 ")
    );
    let taken = world.sink.taken();
    assert_eq!(taken.len(), 4);
    assert_eq!(taken[3].recipients(), ["c@city.example"]);
    // who gives no number may mean it
    for _ in 0..2 {
        assert!(world.send("", &to, &mail("x")).await.starts_with("250 "));
    }
    assert_eq!(world.sink.taken().len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn originals_of_withheld_parts_are_kept() {
    let world = World::new("").await;
    let original = [with_program().as_slice(), b"\r\n"].concat();
    assert!(
        world
            .send("Q1", &["a@city.example"], &with_program())
            .await
            .starts_with("250 ")
    );
    let mail = &world.sink.taken()[0].mail;
    let body = text(mail);
    let id = body
        .split("MG-")
        .nth(1)
        .and_then(|rest| rest.get(..14))
        .expect("a number");
    let held = world.folder.path().join(format!("held/MG-{id}.eml"));
    assert_eq!(std::fs::read(held).expect("the original"), original);
    // nothing is kept of a mail that went on whole
    let before = std::fs::read_dir(world.folder.path().join("held"))
        .unwrap()
        .count();
    assert!(
        world
            .send("Q2", &["a@city.example"], &crate::world::mail("x"))
            .await
            .starts_with("250 ")
    );
    let after = std::fs::read_dir(world.folder.path().join("held"))
        .unwrap()
        .count();
    assert_eq!((before, after), (2, 2));
    let letters = mugai_relay::digest(&world.config, std::time::Duration::from_mins(1)).await;
    assert_eq!(letters, Ok(1));
    let digest = &world.sink.taken()[2];
    assert_eq!(digest.recipients(), ["a@city.example"]);
    assert!(digest.commands[0].starts_with("MAIL FROM:<> "));
    let body = text(&digest.mail);
    for word in [
        id,
        "run.exe [プログラム] この種類のファイルは規則により通過できません",
        "差出人: a[@]sender.example",
        "件名: x",
        "(日本時間)",
    ] {
        assert!(body.contains(word), "{word}\n{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_stands_for_what_is_too_large() {
    let world = World::new("[limits]\nmessage = \"1 MiB\"\n").await;
    let mut large = mail("large");
    large.resize(3 << 20, b'a');
    let reply = world.send("Q1", &["a@city.example"], &large).await;
    assert!(reply.starts_with("250 "), "{reply}");
    let mail = &world.sink.taken()[0].mail;
    assert!(subject(mail).contains("保留"));
    let body = text(mail);
    assert!(
        body.contains("エンベロープFrom: a[@]sender.example") && body.contains("理由"),
        "{body}"
    );
    // what the header says is known, though nobody opens the mail
    assert!(
        body.contains("差出人: a[@]sender.example") && body.contains("件名: large"),
        "{body}"
    );
    let held = std::fs::read_dir(world.folder.path().join("held")).unwrap();
    let sizes: Vec<u64> = held
        .map(|file| file.unwrap().metadata().unwrap().len())
        .collect();
    assert!(sizes.contains(&((3 << 20) + 2)), "{sizes:?}");
}

/// Whoever gets the letter must learn why, and the original must be found again.
#[tokio::test(flavor = "multi_thread")]
async fn data_without_a_header_leave_a_letter_with_a_reason() {
    let world = World::new("").await;
    let reply = world.send("Q1", &["a@city.example"], b"hello\r\nworld\r\n");
    let reply = reply.await;
    assert!(reply.starts_with("250 "), "{reply}");
    let mail = &world.sink.taken()[0].mail;
    assert!(subject(mail).contains("保留"));
    let body = text(mail);
    assert!(
        body.contains("このメールは無害化処理により取り除かれました。")
            && body.contains("メールの形式ではありません"),
        "{body}"
    );
    let held = std::fs::read_dir(world.folder.path().join("held")).unwrap();
    let journal = held
        .map(|file| file.unwrap().path())
        .find(|path| path.extension().is_some_and(|end| end == "jsonl"))
        .expect("a journal");
    let journal = std::fs::read_to_string(journal).unwrap();
    assert!(
        journal.contains("\"whole\":true") && journal.contains("\"reason\":\"malformed\""),
        "{journal}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_tells_nobody_of_the_others() {
    let world = World::new("[limits]\nmessage = \"1 MiB\"\n").await;
    let mut large = mail("large");
    large.resize(2 << 20, b'a');
    let all = ["a@city.example", "secret@city.example"];
    let reply = world.send("Q1", &all, &large).await;
    assert!(reply.starts_with("250 "), "{reply}");
    let taken = world.sink.taken();
    assert_eq!(taken[0].recipients(), all);
    let mail = String::from_utf8_lossy(&taken[0].mail).into_owned();
    assert!(!mail.contains("secret@") && !mail.contains("a@city.example>"));
    assert!(mail.contains("\r\nTo: "), "{mail}");
}

/// Large mails without a number of the mail server, of one size: each has a number of its own.
#[tokio::test(flavor = "multi_thread")]
async fn large_mails_do_not_stand_for_each_other() {
    let world = World::new("[limits]\nmessage = \"1 MiB\"\n").await;
    let mut config = world.config.clone();
    config.notice.lang = Lang::En;
    world.change(config);
    for filling in [b'a', b'b'] {
        let mut large = mail("large");
        large.resize(2 << 20, filling);
        let reply = world.send("", &["a@city.example"], &large).await;
        assert!(reply.starts_with("250 "), "{reply}");
    }
    let held = std::fs::read_dir(world.folder.path().join("held")).unwrap();
    let originals = held.filter(|file| {
        let name = file.as_ref().unwrap().file_name();
        name.to_string_lossy().starts_with("MG-")
    });
    assert_eq!(originals.count(), 2);
    let body = text(&world.sink.taken()[1].mail);
    assert!(
        body.contains("This mail was withheld") && body.contains("1048576"),
        "{body}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_template_of_notices_is_the_administrators() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "窓口は内線1234です。番号 {id}\n{notice}\n").unwrap();
    let world = World::new("[limits]\nmessage = \"1 MiB\"\n").await;
    let mut config = world.config.clone();
    config.notice.template = Some(file.path().to_owned());
    world.change(config);
    let mut large = mail("large");
    large.resize(2 << 20, b'a');
    assert!(
        world
            .send("Q1", &["a@city.example"], &large)
            .await
            .starts_with("250 ")
    );
    let body = text(&world.sink.taken()[0].mail);
    assert!(body.starts_with("窓口は内線1234です。番号 MG-"), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_goes_round_is_stopped() {
    let world = World::new("").await;
    let mut mail = mail("round");
    for round in 0..20 {
        let id = format!("Q{round}");
        let reply = world.send(&id, &["a@city.example"], &mail).await;
        if reply.starts_with("451 ") {
            assert!(round > 2, "{round}");
            return;
        }
        mail = world.sink.taken().pop().expect("a mail").mail;
        mail.truncate(mail.len() - 2);
    }
    panic!("it would go round for ever");
}

//! Tricks with lines, dots and addresses: one mail stays one mail, and nobody else gets it.

use crate::world::{World, mail};

/// What an attacker puts around a dot so that one of two servers takes it for the end of a mail.
const ENDS: [&[u8]; 8] = [
    b"\n.\n",
    b"\n.\r\n",
    b"\r\n.\n",
    b"\r.\r",
    b"\r\n.\r",
    b"\r.\r\n",
    b"\r\n\0.\r\n",
    b"\r\n.\r\r\n",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_cannot_hold_another_one() {
    let world = World::new("").await;
    for end in ENDS {
        let mut content = mail("outer");
        content.extend_from_slice(end);
        content.extend_from_slice(
            b"MAIL FROM:<mayor@city.example>\r\nRCPT TO:<all@city.example>\r\nDATA\r\n\
              Subject: inner\r\n\r\nsmuggled",
        );
        let mut talk = world.smtp().await;
        talk.envelope("", "a@sender.example", &["a@city.example"])
            .await;
        let reply = talk.data(&content).await;
        assert!(reply.starts_with("250 "), "{end:?}: {reply}");
        // had there been a second mail, its replies would come first
        assert!(talk.ask("QUIT").await.starts_with("221 "), "{end:?}");
    }
    let taken = world.sink.taken();
    assert_eq!(taken.len(), ENDS.len());
    for taken in taken {
        assert_eq!(taken.recipients(), ["a@city.example"]);
        assert!(
            taken
                .commands
                .iter()
                .all(|command| !command.contains("mayor"))
        );
        assert!(taken.mail.is_ascii());
        for (place, byte) in taken.mail.iter().enumerate() {
            match byte {
                b'\n' => assert_eq!(taken.mail[place - 1], b'\r'),
                b'\r' => assert_eq!(taken.mail[place + 1], b'\n'),
                _ => {}
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_that_end_otherwise_end_the_connection() {
    let world = World::new("").await;
    for line in [
        &b"MAIL FROM:<a@b.example>\nRCPT TO:<c@d.example>\r\n"[..],
        b"MAIL FROM:<a@b.example>\rRCPT TO:<c@d.example>\r\n",
        b"NOOP\n",
    ] {
        let mut talk = world.smtp().await;
        talk.write(line).await;
        assert!(talk.reply().await.starts_with("421 "));
        assert_eq!(talk.reply().await, "");
    }
    let mut talk = world.smtp().await;
    talk.write(&vec![b'a'; 100_000]).await;
    assert!(talk.reply().await.starts_with("421 "));
    assert!(world.sink.taken().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn data_that_come_before_they_are_asked_for_are_no_mail() {
    let world = World::new("").await;
    let mut talk = world.smtp().await;
    talk.write(
        b"MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n.\r\n",
    )
    .await;
    assert!(talk.reply().await.starts_with("250 "));
    assert!(talk.reply().await.starts_with("250 "));
    assert!(talk.reply().await.starts_with("421 "));
    assert_eq!(talk.reply().await, "");
    assert!(world.sink.taken().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_cannot_say_more_than_an_address() {
    let world = World::new("").await;
    let mut talk = world.smtp().await;
    talk.good("MAIL FROM:<a@b.example>").await;
    for path in [
        "<c@d.example> NOTIFY=NEVER\rRCPT",
        "<c@d.example>, <e@f.example>",
        "<c@d.example><e@f.example>",
        "<c d@e.example>",
        "<\"c\"d@e.example>",
        "<@x.example:c@d.example>",
        "c@d.example",
        "<>",
        "<c@d.example> X-EVIL=1",
        "<c@d.example> ORCPT=rfc822;a+0D+0ARCPT=",
    ] {
        let mut talk = world.smtp().await;
        talk.good("MAIL FROM:<a@b.example>").await;
        let reply = talk.ask(&format!("RCPT TO:{path}")).await;
        assert!(reply.starts_with('4'), "{path:?}: {reply}");
    }
    // a quoted address with all that is special in it goes on as it is
    let odd = "\"a>b <c> \\\" ,;:@\"@d.example";
    talk.good(&format!("RCPT TO:<{odd}>")).await;
    assert!(talk.data(&mail("x")).await.starts_with("250 "));
    assert_eq!(
        world.sink.taken()[0].commands[1],
        format!("RCPT TO:<{odd}>")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn long_lines_and_lone_dots_are_made_safe() {
    let world = World::new("").await;
    let mut content = mail("long");
    content.extend_from_slice(b"\r\n..dot\r\n");
    content.extend(vec![b'a'; 200_000]);
    content.extend_from_slice(b"\r\n...\r\n");
    assert!(
        world
            .send("", &["a@city.example"], &content)
            .await
            .starts_with("250 ")
    );
    let mail = &world.sink.taken()[0].mail;
    assert!(
        mail.split(|byte| *byte == b'\n')
            .all(|line| line.len() <= 1000)
    );
    let parsed = mail_parser::MessageParser::default()
        .parse(mail.as_slice())
        .unwrap();
    let text = parsed.body_text(0).unwrap();
    assert!(
        text.contains("\n.dot\n") || text.contains("\r\n.dot\r\n"),
        "a dot is lost"
    );
    assert!(
        text.contains("\n..\n") || text.contains("\r\n..\r\n"),
        "dots are lost"
    );
}

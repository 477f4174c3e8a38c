//! What mail servers say, in all the ways in which they may.

use crate::sink::Mood;
use crate::world::{World, mail};

#[tokio::test(flavor = "multi_thread")]
async fn commands_may_come_all_at_once() {
    let world = World::new("").await;
    let mut talk = world.smtp().await;
    talk.write(b"RSET\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nRCPT TO:<e@d.example>\r\nDATA\r\n").await;
    for code in ["250", "250", "250", "250", "354"] {
        assert!(talk.reply().await.starts_with(code));
    }
    // a client may go on behind the end of a mail
    let mut rest = mail("one");
    rest.extend_from_slice(b"\r\n.\r\nMAIL FROM:<>\r\nQUIT\r\n");
    talk.write(&rest).await;
    for code in ["250 2.6.0", "250 2.1.0", "221 2.0.0"] {
        assert!(talk.reply().await.starts_with(code));
    }
    assert_eq!(world.sink.taken().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_may_come_in_chunks() {
    let world = World::new("").await;
    let mut talk = world.smtp().await;
    talk.envelope("Q1", "a@b.example", &["c@d.example"]).await;
    let mail = b"Subject: chunks\r\n\r\na\r\n.\r\nb\r\n";
    let (first, second) = mail.split_at(10);
    talk.write(format!("BDAT {}\r\n", first.len()).as_bytes())
        .await;
    talk.write(first).await;
    assert!(talk.reply().await.starts_with("250 "));
    // nothing else may come between chunks
    assert!(talk.ask("RCPT TO:<e@d.example>").await.starts_with("451 "));
    talk.write(format!("BDAT {} LAST\r\n", second.len()).as_bytes())
        .await;
    talk.write(second).await;
    assert!(talk.reply().await.starts_with("250 2.6.0"));
    let taken = world.sink.taken();
    assert_eq!(taken.len(), 1);
    // chunks without a recipient are read, and refused
    talk.write(b"BDAT 6 LAST\r\nQUIT\r\n").await;
    assert!(talk.reply().await.starts_with("451 "));
    talk.write(b"BDAT 0 LAST\r\n").await;
    assert!(talk.reply().await.starts_with("451 "));
    assert_eq!(world.sink.taken().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rest_of_a_refused_message_is_no_message() {
    let world = World::new("").await;
    let mut talk = world.smtp().await;
    talk.good("MAIL FROM:<a@b.example>").await;
    // whatever it is refused for: here there is no recipient yet
    talk.write(b"BDAT 14\r\nSubject: a\r\n\r\n").await;
    assert!(talk.reply().await.starts_with("451 "));
    assert!(talk.ask("RCPT TO:<c@d.example>").await.starts_with("451 "));
    talk.write(b"BDAT 6 LAST\r\ntail\r\n").await;
    assert!(talk.reply().await.starts_with("451 "));
    assert!(world.sink.taken().is_empty());
    let mail = mail("x");
    talk.envelope("Q1", "a@b.example", &["c@d.example"]).await;
    assert!(talk.data(&mail).await.starts_with("250 "));
}

#[tokio::test(flavor = "multi_thread")]
async fn lmtp_has_a_reply_for_each_recipient() {
    let world = World::new("").await;
    world.sink.refuse("RCPT TO:<b@", "550 5.1.1 nobody");
    let mut talk = world.lmtp().await;
    talk.envelope(
        "Q1",
        "x@y.example",
        &["a@d.example", "b@d.example", "c@d.example"],
    )
    .await;
    let first = talk.data(&mail("x")).await;
    let (second, third) = (talk.reply().await, talk.reply().await);
    assert!(first.starts_with("250 ") && second.starts_with("451 ") && third.starts_with("250 "));
    world.sink.set(Mood::default());
    // the mail server comes again for the one that is left
    talk.envelope("Q1", "x@y.example", &["b@d.example"]).await;
    assert!(talk.data(&mail("x")).await.starts_with("250 "));
    let taken = world.sink.taken();
    assert_eq!(taken[1].recipients(), ["b@d.example"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_out_of_order_is_refused_for_now() {
    let world = World::new("").await;
    let mut talk = world.smtp().await;
    for command in [
        "DATA",
        "RCPT TO:<a@b.example>",
        "LHLO x",
        "HELP",
        "AUTH PLAIN",
        "STARTTLS",
        "MAIL FROM:<a@b.example> AUTH=<>",
    ] {
        assert!(
            talk.ask(command).await.starts_with("451 4.5.2"),
            "{command}"
        );
    }
    talk.good("MAIL FROM:<a@b.example>").await;
    assert!(
        talk.ask("MAIL FROM:<a@b.example>")
            .await
            .starts_with("451 ")
    );
    assert!(talk.ask("XFORWARD IDENT=x").await.starts_with("451 "));
    assert!(talk.ask("DATA").await.starts_with("451 "));
    talk.good("RSET").await;
    talk.good("NOOP").await;
    talk.envelope("Q1", "a@b.example", &["c@d.example"]).await;
    assert!(talk.data(&mail("x")).await.starts_with("250 "));
    // and for good once it becomes too much
    let mut last = String::new();
    for _ in 0..30 {
        last = talk.ask("HELP").await;
        if last.starts_with("421 ") {
            break;
        }
    }
    assert!(last.starts_with("421 "), "{last}");
    assert_eq!(talk.reply().await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_connections_are_told_to_come_again() {
    let world = World::new("[limits]\nconnections = 1\n").await;
    let first = world.smtp().await;
    let second = tokio::net::TcpStream::connect(world.addresses[0])
        .await
        .unwrap();
    let mut text = String::new();
    let mut second = tokio::io::BufReader::new(second);
    tokio::io::AsyncBufReadExt::read_line(&mut second, &mut text)
        .await
        .unwrap();
    assert!(text.starts_with("421 4.3.2"), "{text}");
    drop(first);
}

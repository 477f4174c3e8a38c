//! Whatever goes wrong, the mail stays in the queue, and comes through later.

use crate::sink::Mood;
use crate::world::{World, mail, with_program};
use mugai_relay::Config;
use std::sync::atomic::Ordering;
use std::time::Duration;

const TO: [&str; 1] = ["a@city.example"];

#[tokio::test(flavor = "multi_thread")]
async fn what_the_next_server_does_not_take_stays() {
    let world = World::new("").await;
    for (command, reply) in [
        ("EHLO", "421 4.3.2 busy"),
        ("EHLO", "554 5.3.2 never"),
        ("XFORWARD", "550 5.7.1 no"),
        ("MAIL", "550 5.7.1 never"),
        ("MAIL", "451 4.3.0 later"),
        ("RCPT", "550 5.1.1 nobody"),
        ("RCPT", "450 4.2.0 later"),
        ("DATA", "554 5.0.0 never"),
        (".", "554 5.6.0 spam"),
        (".", "451 4.3.0 later"),
        ("MAIL", "nonsense"),
    ] {
        world.sink.refuse(command, reply);
        let got = world.send("Q1", &TO, &mail("x")).await;
        assert!(got.starts_with("451 4.4.0"), "{command} {reply}: {got}");
    }
    for at in ["EHLO", "MAIL", "RCPT", "DATA", "."] {
        world.sink.set(Mood {
            leaves: Some((at, false)),
            ..Mood::default()
        });
        let got = world.send("Q1", &TO, &mail("x")).await;
        assert!(got.starts_with("451 4.4.0"), "{at}: {got}");
    }
    assert!(world.sink.taken().is_empty());
    world.sink.set(Mood::default());
    assert!(world.send("Q1", &TO, &mail("x")).await.starts_with("250 "));
    assert_eq!(world.sink.taken().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_served_is_not_served_again() {
    let world = World::new("").await;
    let to = ["a@city.example", "b@city.example", "c@city.example"];
    world.sink.refuse("RCPT TO:<b@", "450 4.2.0 later");
    let got = world.send("Q1", &to, &mail("x")).await;
    assert!(got.starts_with("451 "), "{got}");
    world.sink.set(Mood::default());
    assert!(world.send("Q1", &to, &mail("x")).await.starts_with("250 "));
    let taken = world.sink.taken();
    let recipients: Vec<_> = taken.iter().map(|taken| taken.recipients()).collect();
    // the sink notes a recipient that it refuses nowhere
    assert_eq!(
        recipients,
        [
            vec!["a@city.example", "c@city.example"],
            vec!["b@city.example"]
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_beyond_ascii_need_a_server_that_takes_them() {
    let world = World::new("").await;
    world.sink.set(Mood {
        lacks: vec!["SMTPUTF8"],
        ..Mood::default()
    });
    let mut talk = world.smtp().await;
    talk.good("MAIL FROM:<田中@例.jp> SMTPUTF8").await;
    talk.good("RCPT TO:<a@city.example>").await;
    assert!(talk.data(&mail("x")).await.starts_with("451 "));
    world.sink.set(Mood {
        lacks: vec!["PIPELINING", "DSN", "SIZE", "XFORWARD"],
        ..Mood::default()
    });
    talk.good("XFORWARD IDENT=Q1").await;
    talk.good("MAIL FROM:<田中@例.jp> SMTPUTF8 RET=FULL").await;
    talk.good("RCPT TO:<a@city.example> NOTIFY=NEVER").await;
    assert!(talk.data(&mail("x")).await.starts_with("250 "));
    let commands = &world.sink.taken()[0].commands;
    assert_eq!(
        *commands,
        [
            "MAIL FROM:<田中@例.jp> SMTPUTF8",
            "RCPT TO:<a@city.example>"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_that_cannot_be_started_withhold_nothing() {
    let world = World::new("").await;
    world.door.broken.store(true, Ordering::SeqCst);
    let got = world.send("Q1", &TO, &mail("x")).await;
    assert!(got.starts_with("451 4.3.0"), "{got}");
    world.door.broken.store(false, Ordering::SeqCst);
    assert!(world.send("Q1", &TO, &mail("x")).await.starts_with("250 "));
    assert_eq!(world.sink.taken().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_withholds_nothing() {
    let world = World::new("[limits]\ndeadline = \"1 ms\"\n").await;
    world.door.shut.store(true, Ordering::SeqCst);
    let small = mail("x");
    let door = std::sync::Arc::clone(&world.door);
    let opened = tokio::spawn(async move {
        // it may be over before anything was opened
        while door.opened.load(Ordering::SeqCst) == 0 && door.shut.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // the millisecond is over then
        tokio::time::sleep(Duration::from_millis(20)).await;
        door.shut.store(false, Ordering::SeqCst);
    });
    let got = world.send("Q1", &TO, &small).await;
    world.door.shut.store(false, Ordering::SeqCst);
    opened.await.unwrap();
    assert!(got.starts_with("451 4.3.0"), "{got}");
    assert!(world.sink.taken().is_empty());
    let mut config = world.config.clone();
    config.limits.deadline = Duration::from_mins(1);
    world.change(config);
    assert!(world.send("Q1", &TO, &mail("x")).await.starts_with("250 "));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_original_that_cannot_be_kept_is_not_withheld() {
    let world = World::new("").await;
    let held = world.folder.path().join("held");
    std::fs::remove_dir_all(&held).unwrap();
    let got = world.send("Q1", &TO, &with_program()).await;
    assert!(got.starts_with("452 4.3.1"), "{got}");
    assert!(world.sink.taken().is_empty());
    std::fs::create_dir(&held).unwrap();
    assert!(
        world
            .send("Q1", &TO, &with_program())
            .await
            .starts_with("250 ")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_away_is_waited_for() {
    let more = "[service]\naddress = \"/nonexistent/socket\"\n";
    let world = World::new("[limits]\ndeadline = \"1 s\"\n").await;
    let text = format!(
        "[listen]\nsmtp = \"127.0.0.1:0\"\n[next]\naddress = \"{}\"\n[state]\nfolder = \"{}\"\n\
         [notice]\nfrom = \"m@city.example\"\n[limits]\ndeadline = \"1 s\"\n{more}",
        world.config.next.address,
        world.folder.path().join("other").display()
    );
    let config = Config::parse(&text, Vec::new()).unwrap();
    let sanitiser = mugai_relay::Sanitiser::service(&config).unwrap().unwrap();
    std::fs::create_dir(world.folder.path().join("other")).unwrap();
    let steps = mugai_relay::check(&config, &sanitiser, None).await;
    assert_eq!(steps.len(), 3);
    assert!(steps[0].1.is_ok() && steps[1].1.is_err(), "{steps:?}");
    assert!(
        steps[2]
            .1
            .as_ref()
            .is_ok_and(|words| words.contains("SMTPUTF8")),
        "{steps:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_waits_for_mails_under_way() {
    let mut world = World::new("").await;
    world.door.shut.store(true, Ordering::SeqCst);
    let mut idle = world.smtp().await;
    let mut talk = world.smtp().await;
    talk.envelope("Q1", "a@sender.example", &TO).await;
    let sent = tokio::spawn(async move { (talk.data(&mail("x")).await, talk.reply().await) });
    while world.door.opened.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    world.stop();
    assert!(idle.reply().await.starts_with("421 4.3.2"));
    world.door.shut.store(false, Ordering::SeqCst);
    let (got, then) = sent.await.unwrap();
    assert!(got.starts_with("250 "), "{got}");
    assert!(then.starts_with("421 "), "{then}");
    world.running.await.unwrap();
    assert_eq!(world.sink.taken().len(), 1);
}

/// A relay that sanitises by itself has policies; one with a service has none.
#[tokio::test(flavor = "multi_thread")]
async fn another_sanitiser_takes_a_new_start() {
    let world = World::new("").await;
    let mut config = world.config.clone();
    config.service = Some(mugai_relay::config::Service::Unix("/nonexistent".into()));
    config.policies.clear();
    assert!(world.changed(config).is_err());
    assert!(world.send("Q1", &TO, &mail("x")).await.starts_with("250 "));
}

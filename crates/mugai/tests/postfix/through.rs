//! Mails go through, each once, each made anew.

use crate::mails::{is_ours, mails};
use crate::server::{Client, World};
use std::time::Duration;

/// `MUGAI_POSTFIX_MAILS` has more sent.
fn many() -> usize {
    let asked = std::env::var("MUGAI_POSTFIX_MAILS").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(300)
}

#[test]
fn all_mails_arrive_once_and_are_ours() {
    let Some(mut world) = World::new() else {
        return;
    };
    world.configure("");
    world.started();
    let many = many();
    let mails = mails(many);
    let mut client = world.client();
    let mut taken = 0;
    for (number, mail) in mails.iter().enumerate() {
        let from = if number % 10 == 0 {
            ""
        } else {
            "a@sender.example"
        };
        taken += usize::from(client.send(from, &format!("u{number}@city.example.lg.jp"), mail));
    }
    world.drained(Duration::from_mins(5));
    let all = world.sink.all();
    assert_eq!(all.len(), taken);
    for (recipient, arrived) in &all {
        assert_eq!(arrived.len(), 1, "{recipient}: {} times", arrived.len());
        if let Err(problem) = is_ours(&arrived[0]) {
            let text = String::from_utf8_lossy(&arrived[0]).into_owned();
            panic!(
                "{recipient}: {problem}\n{}",
                text.get(..2000).unwrap_or(&text)
            );
        }
    }
    assert_eq!(world.bounces(), [""; 0]);
    eprintln!("{many} mails shown to Postfix, {taken} taken, all arrived, each once, all verified");
}

#[test]
fn as_a_milter_too() {
    let Some(mut world) = World::new() else {
        return;
    };
    world.configure("");
    world.started();
    let port = mugai_testkit::ports::free();
    world.with_milter(port);
    let mails = mails(40);
    let (mut client, mut taken) = (Client::new(port), 0);
    for (number, mail) in mails.iter().enumerate() {
        let to = format!("u{number}@city.example.lg.jp");
        taken += usize::from(client.send("a@sender.example", &to, mail));
    }
    world.drained(Duration::from_mins(1));
    let all = world.sink.all();
    assert_eq!(all.len(), taken);
    for (recipient, arrived) in &all {
        assert_eq!(arrived.len(), 1, "{recipient}");
        if let Err(problem) = is_ours(&arrived[0]) {
            let text = String::from_utf8_lossy(&arrived[0]).into_owned();
            panic!(
                "{recipient}: {problem}\n{}",
                text.get(..2000).unwrap_or(&text)
            );
        }
    }
    // while the relay is away, the sender is told to come again
    world.kill();
    client = Client::new(port);
    std::thread::sleep(Duration::from_millis(100));
    client.refused("a@sender.example", "451");
}

#[test]
fn by_lmtp_too() {
    let Some(mut world) = World::new() else {
        return;
    };
    world.configure("[[recipient]]\naddress = \"@.city.example.lg.jp\"\npolicy = \"strict\"\n");
    world.by_lmtp();
    world.started();
    let mails = mails(40);
    let (mut client, mut taken) = (world.client(), 0);
    for (number, mail) in mails.iter().enumerate() {
        let one = format!("u{number}@city.example.lg.jp");
        let other = format!("v{number}@ward.city.example.lg.jp");
        let both = [one.as_str(), other.as_str()];
        taken += 2 * usize::from(client.send_to("a@sender.example", &both, mail));
    }
    world.drained(Duration::from_mins(1));
    let all = world.sink.all();
    assert_eq!(all.len(), taken);
    for (recipient, arrived) in &all {
        assert_eq!(arrived.len(), 1, "{recipient}");
        assert_eq!(is_ours(&arrived[0]), Ok(()), "{recipient}");
    }
    let postfix = world.postfix_log();
    assert!(postfix.contains("postfix/lmtp["), "it did not speak LMTP");
    assert_eq!(world.bounces(), [""; 0]);
}

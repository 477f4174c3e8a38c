//! Relay and service are killed again and again: nothing is lost, nothing bounces, and what is in the record
//! does not come twice.

use crate::held::Service;
use crate::mails::mails;
use crate::server::World;
use std::time::Duration;

/// `MUGAI_POSTFIX_KILLS` has them killed more often.
fn many() -> usize {
    let asked = std::env::var("MUGAI_POSTFIX_KILLS").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(12)
}

#[test]
fn nothing_is_lost_when_relay_and_service_are_killed() {
    let Some(mut world) = World::new() else {
        return;
    };
    let socket = world.folder.path().join("service");
    world.configure(&format!("[service]\naddress = \"{}\"\n", socket.display()));
    let mut service = Service::start(&world, &socket);
    world.started();
    let (kills, mut sent, mut next) = (many(), 0usize, 0usize);
    let mails = mails(kills * 20);
    let mut client = world.client();
    for kill in 0..kills {
        for _ in 0..20 {
            let to = format!("k{sent}@city.example.lg.jp");
            if client.send("a@sender.example", &to, &mails[next]) {
                sent += 1;
            }
            next += 1;
        }
        // at another moment of its work each time
        std::thread::sleep(Duration::from_millis(
            20 + u64::try_from(kill * 37 % 200).unwrap(),
        ));
        if kill % 4 == 3 {
            service.kill();
            service = Service::start(&world, &socket);
        } else {
            world.kill();
            world.started();
        }
    }
    world.drained(Duration::from_mins(10));
    let all = world.sink.all();
    let lost =
        (0..sent).filter(|number| !all.contains_key(&format!("k{number}@city.example.lg.jp")));
    assert_eq!(lost.collect::<Vec<_>>(), [0usize; 0]);
    assert_eq!(all.len(), sent);
    assert_eq!(world.bounces(), [""; 0]);
    // a mail that came twice was on its way when the relay was killed: at most one a connection
    let twice: Vec<_> = all
        .iter()
        .filter(|(_, arrived)| arrived.len() > 1)
        .collect();
    let (log, postfix) = (world.log(), world.postfix_log());
    for recipient in twice.iter().map(|(recipient, _)| recipient) {
        let id = queue_id(&postfix, recipient);
        let lines = |words: &str| {
            let ours = log.lines().filter(|line| line.contains(words));
            ours.filter(|line| line.contains(&format!("queue_id=\"{id}\"")))
                .count()
        };
        // had its first delivery been in the record, the second would have been left out
        let known = lines(" delivered queue_id").saturating_sub(lines("was delivered before"));
        assert!(
            known <= 1,
            "{recipient} came twice, and was known to be delivered"
        );
    }
    eprintln!(
        "{kills} killed, {sent} sent, 0 lost, 0 bounced, {} twice",
        twice.len()
    );
    assert!(twice.len() <= kills * 4);
}

/// The number that the mail had on its way to the relay.
fn queue_id(log: &str, recipient: &str) -> String {
    let line = log.lines().find(|line| {
        line.contains(&format!("to=<{recipient}>")) && line.contains("2.6.0 delivered")
    });
    let words = line.expect("a delivery to the relay").split(' ');
    let mut ids = words.filter_map(|word| word.strip_suffix(':'));
    ids.find(|word| word.len() > 8 && word.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        .expect("a number")
        .to_owned()
}

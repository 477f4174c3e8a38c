//! Nodes and the queue are killed (SIGKILL) while they work: nothing is lost, and nothing comes twice.

use crate::world::{Node, World};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// How long all of it may take at most.
const LONGEST: Duration = Duration::from_hours(1);
/// How many jobs; `MUGAI_CLUSTER_JOBS` says otherwise.
const JOBS: usize = 1000;
/// One in so many fails every time.
const POISON: usize = 100;
/// Nodes at work.
const NODES: usize = 2;
/// Between two killings of a node, and how many of them it takes until the queue is killed.
const PAUSE: Duration = Duration::from_millis(900);
const NODES_PER_SERVER: usize = 4;
/// How often the queue is killed. Each time it forgets what was acknowledged last, and gives it out again:
/// without an end to it all that is done would be to look at what is done.
const SERVERS: usize = 12;

/// What was killed.
#[derive(Debug, Default)]
struct Killed {
    nodes: usize,
    servers: usize,
}

/// Kills one thing after the other until all jobs have an end.
fn storm(world: &mut World, wanted: usize) -> Killed {
    let mut killed = Killed::default();
    let mut at_work: Vec<Node> = (0..NODES).map(|_| world.node(&[])).collect();
    let begin = Instant::now();
    let mut quiet = 0usize;
    // the store is asked now and then only, for that is work for it, too
    while !quiet.is_multiple_of(NODES_PER_SERVER) || world.objects("results") < wanted {
        assert!(begin.elapsed() < LONGEST, "no end");
        std::thread::sleep(PAUSE);
        if killed.servers == SERVERS {
            quiet = quiet.saturating_add(1);
            continue;
        }
        drop(at_work.remove(0));
        killed.nodes = killed.nodes.saturating_add(1);
        if killed.nodes.is_multiple_of(NODES_PER_SERVER) {
            world.nats.kill();
            std::thread::sleep(Duration::from_millis(300));
            world.nats.again();
            killed.servers = killed.servers.saturating_add(1);
        }
        at_work.push(world.node(&[]));
    }
    killed.nodes = killed.nodes.saturating_add(at_work.len());
    killed
}

/// Sends a message to a subject, as anybody may who is let in.
fn publish(port: u16, subject: &str, message: &str) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a server");
    let mut answer = [0; 4096];
    let _ = stream.read(&mut answer).expect("a greeting");
    let words = format!(
        "CONNECT {{\"verbose\":false}}\r\nPUB {subject} {}\r\n{message}\r\nPING\r\n",
        message.len()
    );
    stream.write_all(words.as_bytes()).expect("a message");
    let read = stream.read(&mut answer).expect("an answer");
    assert_eq!(answer.get(..4), Some(&b"PONG"[..]), "{read}");
}

/// The content of a mail.
fn text(number: usize) -> String {
    format!("From: a@example.jp\r\nSubject: {number}\r\n\r\n本日 {number}\r\n")
}

/// The mails that fail every time.
fn poisoned(jobs: usize) -> impl Iterator<Item = usize> {
    (0..jobs).step_by(POISON).take(jobs / POISON)
}

/// Spoils the content of some mails in the store: half of them is another text, half is gone. And sends
/// some messages that are no jobs.
fn poison(world: &World, jobs: usize, rules: &str) {
    for number in poisoned(jobs) {
        let name = format!("inputs/{}", blake3::hash(text(number).as_bytes()).to_hex());
        let other = text(number).replace("本日", "明日");
        let changed = (number / POISON).is_multiple_of(2);
        world.spoil(&name, changed.then_some(other.as_bytes()));
    }
    let junk = [
        "no job",
        "{}",
        "{\"v\":1,\"name\":\"a\",\"bytes\":1,\"blake3\":\"\",\"sha256\":\"\"}",
    ];
    for (number, message) in junk.into_iter().enumerate() {
        let subject = format!("mugai.jobs.{rules}.junk-{number}");
        publish(world.nats.port, &subject, message);
    }
}

/// What the queue forgot or holds without need is put right, and done.
fn settled(world: &World) -> (Vec<String>, serde_json::Value) {
    let mut rounds = Vec::new();
    loop {
        assert!(rounds.len() < 10, "no end: {rounds:?}");
        let worked = world.batch("work", &["--once"]);
        let (code, done) = world.json("reconcile", &[]);
        let (sent, purged) = (done.get("sent"), done.get("purged"));
        rounds.push(format!(
            "{}; sent {sent:?}, purged {purged:?}",
            worked.out.trim_end()
        ));
        if code != Some(130) {
            return (rounds, done);
        }
    }
}

#[test]
fn whoever_is_killed_nothing_is_lost_and_nothing_comes_twice() {
    // what is sent twice is there twice; a kill is no reason to give up a job
    let queue = "duplicates = 1\nack_wait = 2\ntries = 3\nbackoff = [0]\ndeliveries = 1000";
    let Some(mut world) = World::s3(queue) else {
        return;
    };
    let jobs = std::env::var("MUGAI_CLUSTER_JOBS").ok();
    let jobs = jobs.map_or(JOBS, |text| text.parse().expect("a number"));
    let good = jobs.saturating_sub(jobs / POISON);
    for number in 0..jobs {
        world.file(&format!("in/{number}.eml"), text(number).as_bytes());
    }
    let mut local = world.local(&["in"]);
    for times in [1, 2] {
        world.good("submit", &["--batch", "one", "in"]);
        let (_, status) = world.json("status", &[]);
        let messages = jobs.saturating_mul(times);
        assert_eq!(status["queue"]["messages"], messages, "{status}");
        std::thread::sleep(Duration::from_millis(1500));
    }
    let (_, status) = world.json("status", &[]);
    poison(&world, jobs, status["rules"].as_str().expect("a name"));
    let begin = Instant::now();
    let killed = storm(&mut world, good);
    println!("{jobs} jobs, twice, in {:?}: {killed:?}", begin.elapsed());
    assert!(killed.nodes > NODES, "too fast to kill anybody");
    let (rounds, done) = settled(&world);
    println!("{rounds:#?}");
    for (key, want) in [("done", good), ("dead", jobs / POISON), ("extra", 0)] {
        assert_eq!(done[key], want, "{key}: {done}");
    }
    assert_eq!(world.objects("results"), good);
    let (_, status) = world.json("status", &[]);
    assert_eq!(status["queue"]["messages"], 0, "{status}");
    assert_eq!(status["queue"]["in_flight"], 0, "{status}");
    // and all of it is what one machine makes
    let said = world.batch("fetch", &["--batch", "one", "-o", "out"]);
    assert_eq!(said.code, Some(4), "{said:?}");
    for number in poisoned(jobs) {
        local
            .remove(&format!("in/{number}.eml"))
            .expect("an output");
    }
    let mut out = world.tree("out");
    let report = out.remove("report.jsonl").expect("a report");
    local.remove("report.jsonl").expect("a report");
    assert!(out == local, "another tree");
    assert_eq!(String::from_utf8_lossy(&report).lines().count(), good);
}

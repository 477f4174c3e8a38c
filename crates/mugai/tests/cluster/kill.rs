//! Nodes and the queue are killed (SIGKILL) while they work: nothing is lost, and nothing comes twice.

use crate::world::{Node, World};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// How many jobs; `MUGAI_CLUSTER_JOBS` says otherwise.
const JOBS: usize = 1000;
/// One in so many fails every time.
const POISON: usize = 100;
/// Nodes at work.
const NODES: usize = 2;
/// Between two killings of a node, and how many of them it takes until the queue is killed.
const PAUSE: Duration = Duration::from_millis(900);
const NODES_PER_SERVER: usize = 4;

/// Kills one thing after the other until all jobs have an end, and tells how many nodes and servers that
/// were.
fn storm(world: &mut World, wanted: usize) -> (usize, usize) {
    let (mut nodes, mut servers) = (0, 0);
    let mut at_work: Vec<Node> = (0..NODES).map(|_| world.node(&[])).collect();
    let begin = Instant::now();
    while world.objects("results") < wanted {
        assert!(begin.elapsed() < Duration::from_secs(3000), "no end");
        std::thread::sleep(PAUSE);
        drop(at_work.remove(0));
        nodes += 1;
        if nodes % NODES_PER_SERVER == 0 {
            world.nats.kill();
            std::thread::sleep(Duration::from_millis(300));
            world.nats.again();
            servers += 1;
        }
        at_work.push(world.node(&[]));
    }
    nodes += at_work.len();
    (nodes, servers)
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

#[test]
fn whoever_is_killed_nothing_is_lost_and_nothing_comes_twice() {
    // what is sent twice is there twice; a kill is no reason to give up a job
    let queue = "duplicates = 1\nack_wait = 2\ntries = 3\nbackoff = [0]\ndeliveries = 1000";
    let Some(mut world) = World::s3(queue) else {
        return;
    };
    let jobs = std::env::var("MUGAI_CLUSTER_JOBS").ok();
    let jobs = jobs.map_or(JOBS, |text| text.parse().expect("a number"));
    let text =
        |number: usize| format!("From: a@example.jp\r\nSubject: {number}\r\n\r\n本日 {number}\r\n");
    for number in 0..jobs {
        world.file(&format!("in/{number}.eml"), text(number).as_bytes());
    }
    let mut local = world.local(&["in"]);
    for round in 0..2 {
        world.good("submit", &["--batch", "one", "in"]);
        let (_, status) = world.json("status", &[]);
        assert_eq!(
            status["queue"]["messages"],
            (jobs * (round + 1)) as u64,
            "{status}"
        );
        std::thread::sleep(Duration::from_millis(1500));
    }
    let poison = jobs / POISON;
    for number in (0..jobs).step_by(POISON).take(poison) {
        let name = format!("inputs/{}", blake3::hash(text(number).as_bytes()).to_hex());
        let other = text(number).replace("本日", "明日");
        world.spoil(
            &name,
            (number % (2 * POISON) == 0).then_some(other.as_bytes()),
        );
    }
    let (_, status) = world.json("status", &[]);
    let rules = status["rules"].as_str().expect("a name").to_owned();
    let junk = [
        "no job",
        "{}",
        "{\"v\":1,\"name\":\"a\",\"bytes\":1,\"blake3\":\"\",\"sha256\":\"\"}",
    ];
    for (number, message) in junk.into_iter().enumerate() {
        publish(
            world.nats.port,
            &format!("mugai.jobs.{rules}.junk-{number}"),
            message,
        );
    }
    let begin = Instant::now();
    let (nodes, servers) = storm(&mut world, jobs - poison);
    println!(
        "{jobs} jobs, twice: {nodes} nodes and {servers} servers killed in {:?}",
        begin.elapsed()
    );
    assert!(nodes > NODES, "too fast to kill anybody");
    // what the queue forgot or holds without need is put right, and done
    let mut rounds = 0;
    let done = loop {
        rounds += 1;
        assert!(rounds < 10, "no end");
        let worked = world.batch("work", &["--once"]);
        let (code, done) = world.json("reconcile", &[]);
        println!(
            "{}; sent {}, purged {}",
            worked.out.trim_end(),
            done["sent"],
            done["purged"]
        );
        if code != Some(130) {
            break done;
        }
    };
    assert_eq!(done["done"], (jobs - poison) as u64, "{done}");
    assert_eq!(done["dead"], poison as u64, "{done}");
    assert_eq!(done["extra"], 0, "{done}");
    assert_eq!(world.objects("results"), jobs - poison);
    let (_, status) = world.json("status", &[]);
    assert_eq!(status["queue"]["messages"], 0, "{status}");
    assert_eq!(status["queue"]["in_flight"], 0, "{status}");
    // and all of it is what one machine makes
    let said = world.batch("fetch", &["--batch", "one", "-o", "out"]);
    assert_eq!(said.code, Some(4), "{said:?}");
    for number in (0..jobs).step_by(POISON).take(poison) {
        local
            .remove(&format!("in/{number}.eml"))
            .expect("an output");
    }
    let mut out = world.tree("out");
    let report = out.remove("report.jsonl").expect("a report");
    let whole = local.remove("report.jsonl").expect("a report");
    assert!(out == local, "another tree");
    let lines = |report: &[u8]| String::from_utf8_lossy(report).lines().count();
    assert_eq!(lines(&report), lines(&whole) - poison);
}

//! Jobs that fail, and what a node tells.

use crate::servers::port;
use crate::world::{World, spawn};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

fn content(text: &str) -> String {
    format!("inputs/{}", blake3::hash(text.as_bytes()).to_hex())
}

#[test]
fn what_fails_every_time_becomes_a_dead_letter_that_can_be_tried_again() {
    let Some(world) = World::folder("tries = 3\nbackoff = [0]") else {
        return;
    };
    let texts = ["changed\n", "longer\n", "gone\n", "good\n"];
    for text in texts {
        world.file(&format!("in/{}.txt", text.trim()), text.as_bytes());
    }
    let local = world.local(&["in"]);
    world.good("submit", &["--batch", "one", "in"]);
    world.spoil(&content("changed\n"), Some(b"chanGed\n"));
    world.spoil(&content("longer\n"), Some(b"longer and longer\n"));
    world.spoil(&content("gone\n"), None);
    let said = world.batch("work", &["--once"]);
    assert_eq!(said.code, Some(4), "{said:?}");
    assert!(
        said.out
            .contains("6 given back after a failure, 3 dead letters"),
        "{said:?}"
    );
    let (code, done) = world.json("reconcile", &[]);
    assert_eq!(
        (code, &done["dead"], &done["sent"]),
        (Some(4), &3.into(), &0.into()),
        "{done}"
    );
    let letters = done["dead_letters"].to_string();
    for reason in ["other content", "something larger", "no such content"] {
        assert!(letters.contains(reason), "{letters}");
    }
    assert_eq!(done["queue"]["messages"], 0, "{done}");
    // they are not delivered, and the end says so
    let said = world.batch("fetch", &["--batch", "one", "-o", "out"]);
    assert_eq!(said.code, Some(4), "{said:?}");
    assert!(said.err.contains("dead letter: "), "{said:?}");
    // the administrator puts it right
    for text in texts {
        world.spoil(&content(text), Some(text.as_bytes()));
    }
    let (code, done) = world.json("reconcile", &["--retry-dead"]);
    assert_eq!((code, &done["sent"]), (Some(130), &3.into()), "{done}");
    world.good("work", &["--once"]);
    let (code, done) = world.json("reconcile", &[]);
    assert_eq!(
        (code, &done["done"], &done["dead"]),
        (Some(0), &4.into(), &0.into()),
        "{done}"
    );
    world.good("fetch", &["--batch", "one", "-o", "out"]);
    assert!(world.tree("out") == local, "another tree");
}

#[test]
fn a_result_that_is_not_of_our_making_is_not_delivered() {
    let Some(world) = World::folder("") else {
        return;
    };
    world.file("in/a.txt", b"a\n");
    world.good("submit", &["--batch", "one", "in"]);
    world.good("work", &["--once"]);
    let results = world.path("store/results");
    let rules = mugai_testkit::corpus::files(&results).expect("a folder");
    let result = &mugai_testkit::corpus::files(&rules[0]).expect("a folder")[0];
    let good = std::fs::read(result).expect("a result");
    let text = String::from_utf8(good.clone()).expect("a text");
    let blake3 = |text: &str| blake3::hash(text.as_bytes()).to_hex().to_string();
    let change = |from: &str, to: &str| {
        let other = text.replace(from, to);
        assert_ne!(other, text, "{from}");
        other
    };
    // somebody who knows how results are made, and has a text that turns itself round
    let round = "\u{202e}\n";
    let known = change(&blake3("a\n"), &blake3(round))
        .replace("\"bytes\":2", "\"bytes\":4")
        .replace("}]}\na\n", &format!("}}]}}\n{round}"));
    assert!(known.ends_with(round));
    for other in [
        change("}\na\n", "}\nb\n"),
        change("\"mugai\":\"result/1\"", "\"mugai\":\"result/2\""),
        change("\"name\":\"a.txt\"", "\"name\":\"../a.txt\""),
        known,
    ] {
        std::fs::write(result, &other).expect("a file");
        let said = world.batch("fetch", &["--batch", "one", "-o", "out"]);
        assert_eq!(said.code, Some(4), "{other}: {said:?}");
        assert!(!world.path("out/in/a.txt").exists(), "{other}");
    }
    std::fs::write(result, good).expect("a file");
    world.good("fetch", &["--batch", "one", "-o", "out"]);
    assert_eq!(
        std::fs::read(world.path("out/in/a.txt")).expect("a file"),
        b"a\n"
    );
}

#[test]
fn a_node_tells_how_it_is_doing() {
    let Some(world) = World::folder("") else {
        return;
    };
    for number in 0..20 {
        world.file(
            &format!("in/{number}.txt"),
            format!("{number}\n").as_bytes(),
        );
    }
    world.file("in/odd.xyz", b"\x00\x01\x02");
    world.good("submit", &["--batch", "one", "in"]);
    let port = port();
    let node = {
        let mut command = world.command(&["batch", "work", "-c", "batch.toml"]);
        command.env("MUGAI_BATCH__LISTEN__METRICS", format!("127.0.0.1:{port}"));
        spawn(&mut command)
    };
    let page = || {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
        stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").ok()?;
        let mut page = String::new();
        stream.read_to_string(&mut page).ok()?;
        Some(page)
    };
    let page = loop {
        let page = page().unwrap_or_default();
        if page.contains("mugai_batch_jobs_total{result=\"sanitised\"} 20")
            && page.contains("mugai_batch_jobs_total{result=\"withheld\"} 1")
        {
            break page;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let document = include_str!("../../../../docs/batch.md");
    for line in page.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let name = line.split(' ').next().expect("a name");
        assert!(
            document.contains(&format!("`{name}")),
            "{name} is not in docs/batch.md"
        );
    }
    assert!(
        page.contains("mugai_batch_workers{state=\"limit\"}"),
        "{page}"
    );
    let said = node.stop();
    assert_eq!(said.code, Some(1), "{said:?}");
}

/// A store that says yes to everything would replace results: it is found out before anything is done.
#[test]
fn a_store_that_writes_over_what_is_there_is_refused() {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a caller");
            let mut request = [0; 4096];
            while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                let read = stream.read(&mut request).unwrap_or(0);
                if read == 0
                    || request
                        .get(..read)
                        .is_some_and(|read| read.ends_with(b"mugai\n"))
                {
                    break;
                }
            }
            let answer =
                "HTTP/1.1 200 OK\r\nETag: \"a\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    let folder = tempfile::tempdir().expect("a folder");
    let config = format!(
        "[queue]\nurl = \"nats://127.0.0.1:1\"\n[store]\nurl = \"s3://bucket\"\nendpoint = \"http://127.0.0.1:{port}\"\n\
         access_key = \"a\"\nsecret_key = \"b\"\n"
    );
    std::fs::write(folder.path().join("batch.toml"), config).expect("a file");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_mugai"))
        .args(["batch", "status", "-c", "batch.toml"])
        .current_dir(folder.path())
        .output()
        .expect("the executable runs");
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{err}");
    assert!(err.contains("store.conditional = false"), "{err}");
}

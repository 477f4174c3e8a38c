//! `mugai serve` and `mugai send`: the service as a process, with workers of its own.

use crate::world::World;
use rustix::process::{Pid, Signal, kill_process};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A service in the folder of a test; killed when the test is over.
pub(crate) struct Served(pub(crate) Child);

impl Drop for Served {
    fn drop(&mut self) {
        // one that has ended is as good
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Served {
    pub(crate) fn start(world: &World) -> Self {
        configure(world);
        let log = std::fs::File::create(world.path("log")).expect("a file");
        let child = Command::new(env!("CARGO_BIN_EXE_mugai"))
            .args(["serve", "--config", "serve.toml"])
            .current_dir(world.path("."))
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the executable runs");
        let served = Self(child);
        while !log_of(world).contains("listening") {
            std::thread::sleep(Duration::from_millis(5));
        }
        served
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.0);
        kill_process(pid, signal).expect("it lives");
    }
}

fn configure(world: &World) {
    world.file("city.toml", policy("ja").as_bytes());
    let uid = rustix::process::getuid().as_raw();
    let text = format!(
        "policy = \"city\"\nlog = \"json\"\n[policies]\ncity = \"city.toml\"\nlgwan = \"municipal-lgwan\"\n\
         [listen]\nunix = \"socket\"\n[limits]\njobs = 2\n\
         [[caller]]\nname = \"test\"\nuid = {uid}\nzones = [{{ from = \"internet\", to = \"lgwan\" }}]\n"
    );
    world.file("serve.toml", text.as_bytes());
}

fn policy(lang: &str) -> String {
    format!(
        "name = \"city\"\n[[route]]\nfrom = \"internet\"\nto = \"lgwan\"\n[route.treat]\ntext = \"text\"\n[route.settings]\nlang = \"{lang}\"\n"
    )
}

fn log_of(world: &World) -> String {
    std::fs::read_to_string(world.path("log")).unwrap_or_default()
}

#[test]
fn what_is_sent_comes_back_as_the_batch_writes_it() {
    let world = World::new();
    world.case("mail/attachments", "a.eml");
    world.case("other/zip", "b.zip");
    let served = Served::start(&world);
    let send = |name: &str| {
        world.run(&[
            "send", name, "-s", "socket", "-o", "sent", "-p", "lgwan", "--json",
        ])
    };
    for name in ["a.eml", "b.zip"] {
        let batch = world.run(&["sanitise", name, "-o", "out", "--json"]);
        let said = send(name);
        assert_eq!(said.code, batch.code, "{}", said.err);
        assert_eq!(said.out, batch.out);
    }
    let read = |path: &str| std::fs::read(world.path(path)).expect("an output");
    for name in ["a.eml", "b.zip.withheld.txt"] {
        assert_eq!(read(&format!("sent/{name}")), read(&format!("out/{name}")));
    }
    served.signal(Signal::TERM);
    let mut served = served;
    assert_eq!(served.0.wait().expect("an end").code(), Some(0));
    assert!(!world.path("socket").exists());
    let log = log_of(&world);
    assert!(log.contains("\"code\":\"OK\""), "{log}");
    assert!(!log.contains("a.eml") && !log.contains("b.zip"), "{log}");
    assert_eq!(send("a.eml").code, 4);
}

#[test]
fn a_hang_up_reads_good_policies_and_leaves_bad_ones() {
    let world = World::new();
    world.file("a.bin", b"PK\x03\x04");
    let served = Served::start(&world);
    let hash = || {
        let sent = world.run(&["send", "a.bin", "-s", "socket", "-o", "sent", "--json"]);
        let report: serde_json::Value = serde_json::from_str(&sent.out).expect("a report");
        report["policy"]["hash"]
            .as_str()
            .expect("a hash")
            .to_owned()
    };
    let wait = |words: &str, times: usize| {
        while log_of(&world).matches(words).count() < times {
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    let first = hash();
    world.file("city.toml", b"nonsense");
    served.signal(Signal::HUP);
    wait("stay in force", 1);
    assert_eq!(hash(), first);
    world.file("city.toml", policy("en").as_bytes());
    served.signal(Signal::HUP);
    wait("read again", 1);
    assert_ne!(hash(), first);
}

#[test]
fn a_hang_up_reads_callers_and_limits_and_tells_what_has_to_wait() {
    let world = World::new();
    world.file("a.txt", b"a\n");
    let served = Served::start(&world);
    let send = || world.run(&["send", "a.txt", "-s", "socket", "-o", "sent"]);
    let hang_up = |words: &str, times: usize| {
        served.signal(Signal::HUP);
        while log_of(&world).matches(words).count() < times {
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    let good = std::fs::read_to_string(world.path("serve.toml")).expect("a file");
    assert_eq!(send().code, 0);
    for (old, new) in [
        ("to = \"lgwan\"", "to = \"moon\""),
        ("jobs = 2", "message = \"1 B\"\njobs = 3"),
    ] {
        let text = good.replace(old, new);
        assert_ne!(text, good);
        world.file("serve.toml", text.as_bytes());
        let before = log_of(&world).matches("were read again").count();
        hang_up("were read again", before.saturating_add(1));
        assert_eq!(send().code, 4);
    }
    hang_up("limits.jobs", 2);
    // nothing of a bad one is put in force
    world.file("serve.toml", good.replace("uid", "nonsense").as_bytes());
    hang_up("stay in force", 1);
    assert_eq!(send().code, 4);
    world.file("serve.toml", good.as_bytes());
    let before = log_of(&world).matches("were read again").count();
    hang_up("were read again", before.saturating_add(1));
    assert_eq!(send().code, 0);
}

#[test]
fn a_changed_file_is_noticed() {
    let world = World::new();
    let _served = Served::start(&world);
    world.file("city.toml", policy("en").as_bytes());
    while !log_of(&world).contains("read again") {
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn checking_tells_what_is_wrong_and_serves_nothing() {
    let world = World::new();
    configure(&world);
    let check = ["serve", "--config", "serve.toml", "--check"];
    let said = world.run(&check);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(!world.path("socket").exists());
    world.file("city.toml", b"name = \"x\"\nnonsense = 1\n");
    let said = world.run(&check);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("nonsense"), "{}", said.err);
    world.file("serve.toml", b"[listen]\n");
    assert_eq!(world.run(&check).code, 2);
}

#[test]
fn without_a_service_a_file_is_held() {
    let world = World::new();
    world.file("a.txt", b"a\n");
    let said = world.run(&[
        "send",
        "a.txt",
        "-s",
        "no-socket",
        "-o",
        "sent",
        "--deadline",
        "1",
    ]);
    assert_eq!(said.code, 4);
    assert!(said.err.contains("held"), "{}", said.err);
    assert!(!world.path("sent").exists());
}

//! Configurations: what is read, what is refused.

use super::limits::Shares;
use super::*;
use std::time::Duration;

const GOOD: &str = r#"
policy = "city"
reflection = true
log = "json"
[policies]
city = "municipal-lgwan"
hard = "strict"
[listen]
unix = "/run/mugai.sock"
[[caller]]
name = "relay"
uid = 100
zones = [{ from = "internet", to = "lgwan" }]
[limits]
memory = "2 GiB"
message = "1 MiB"
calls = 7
idle = "5 s"
[spool]
above = "64 KiB"
"#;

fn none() -> Vec<(String, String)> {
    Vec::new()
}

#[test]
fn everything_is_read() {
    let config = Config::parse(GOOD, none()).unwrap();
    assert_eq!(config.policies.len(), 2);
    assert_eq!(config.callers[0].identity, Identity::Uid(100));
    assert_eq!(config.limits.memory, 2 << 30);
    assert_eq!(config.limits.calls, 7);
    assert_eq!(config.limits.idle, Duration::from_secs(5));
    assert_eq!(config.limits.spooled_above, 64 << 10);
    assert_eq!(config.limits.handshake, Limits::default().handshake);
    assert_eq!(config.spool, PathBuf::from("/var/tmp"));
    assert_eq!((config.reflection, config.log), (true, Log::Json));
}

#[test]
fn reflection_is_off_unless_asked_for() {
    let config = Config::parse(&GOOD.replace("reflection = true", ""), none()).unwrap();
    assert!(!config.reflection);
}

#[test]
fn the_environment_lies_above_the_file() {
    let set = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    let config = Config::parse(GOOD, set("MUGAI_SERVE__LIMITS__CALLS", "9")).unwrap();
    assert_eq!(config.limits.calls, 9);
    let config = Config::parse(GOOD, set("MUGAI_SERVE__LISTEN__UNIX", "/tmp/x")).unwrap();
    assert_eq!(config.unix, Some(PathBuf::from("/tmp/x")));
    assert!(Config::parse(GOOD, set("MUGAI_SERVE__LIMITS__CALL", "9")).is_err());
    assert!(Config::parse(GOOD, set("MUGAI_SERVE__POLICY__X", "9")).is_err());
}

#[test]
fn what_is_wrong_is_named() {
    for (old, new, words) in [
        ("unix = \"/run/mugai.sock\"", "", "neither unix nor tcp"),
        ("unix = \"/run/mugai.sock\"", "tcp = \"127.0.0.1:1\"", "tls"),
        ("uid = 100", "", "either uid or certificate"),
        (
            "uid = 100",
            "uid = 1\ncertificate = \"a.example\"",
            "either uid or certificate",
        ),
        ("uid = 100", "certificate = \"a b\"", "DNS name"),
        ("\"relay\"", "\"re lay\"", "letters"),
        ("policy = \"city\"", "policy = \"town\"", "town"),
        ("memory = \"2 GiB\"", "memory = \"3 MiB\"", "limits.memory"),
        ("memory = \"2 GiB\"", "memory = \"2 GB\"", "64 MiB"),
        // enough for the largest file from the disk, but not for one in memory beside it
        ("memory = \"2 GiB\"", "memory = \"4 MiB\"", "limits.memory"),
        (
            "above = \"64 KiB\"",
            "bytes = \"1 B\"\nabove = \"1 B\"",
            "spool.bytes",
        ),
        ("above = \"64 KiB\"", "folder = 1", "folder"),
        ("calls = 7", "connections = 4\npeer = 5", "limits.peer"),
        ("idle = \"5 s\"", "idle = \"0 s\"", "limits.idle"),
        ("calls = 7", "calls = 0", "calls"),
        ("calls = 7", "nonsense = 0", "nonsense"),
    ] {
        let text = GOOD.replace(old, new);
        assert_ne!(text, GOOD);
        let message = Config::parse(&text, none()).unwrap_err().to_string();
        assert!(message.contains(words), "{message} should contain {words}");
    }
}

#[test]
fn large_files_leave_room_for_small_ones() {
    let usual = Limits::default();
    let shares = usual.shares();
    assert_eq!(shares.large, usual.message * WEIGHT);
    assert_eq!(shares.small, usual.memory - shares.large);
    let plenty = Limits {
        memory: 16 << 30,
        ..usual
    };
    assert_eq!(plenty.shares().large, 8 << 30);
    let in_memory = Limits {
        spooled_above: usual.message,
        ..usual
    };
    assert_eq!(
        in_memory.shares(),
        Shares {
            small: 1 << 30,
            large: 0
        }
    );
}

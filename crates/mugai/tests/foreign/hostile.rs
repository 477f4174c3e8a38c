//! Names and numbers as somebody hostile would choose them, at the service as a process.

use crate::served::Served;
use std::os::unix::net::UnixDatagram;

/// A name that would forge lines, fields and directions. A slash is none: it ends a name.
const HOSTILE: &str = "x\n{\"level\":\"INFO\"}|a=b\u{202e}fdp.zip";

/// Every character of a log is printable, or ends a line.
fn is_plain(text: &str) -> bool {
    let plain = |c: char| c == '\n' || "\"'\\".contains(c) || c.escape_debug().len() == 1;
    text.chars().all(plain)
}

#[test]
fn hostile_names_forge_nothing() {
    for format in ["text", "json"] {
        for names in [true, false] {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("log");
            let socket = UnixDatagram::bind(&path).expect("a socket");
            let observe = format!(
                "[observe]\nfile_names = {names}\n[observe.syslog]\nto = \"unix:{}\"\n",
                path.display()
            );
            let served = Served::start(&observe, &["--log-format", format]);
            assert_eq!(served.send(HOSTILE, b"PK\x03\x04 not really"), 1);
            let told = |log: &str| log.lines().filter(|line| line.contains("queue_id")).count();
            while told(&served.log()) == 0 {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            let log = served.log();
            assert!(is_plain(&log), "{log}");
            assert_eq!(log.contains("fdp"), names, "{log}");
            if format == "json" {
                for line in log.lines() {
                    let value: serde_json::Value = serde_json::from_str(line).expect("JSON");
                    assert!(value.is_object());
                }
            }
            let mut withheld = String::new();
            while !withheld.contains("|1009|") {
                let mut buffer = [0u8; 4096];
                let length = socket.recv(&mut buffer).expect("an event");
                let line = buffer.get(..length).expect("as long");
                withheld = String::from_utf8(line.to_vec()).expect("text");
            }
            assert!(
                is_plain(&withheld) && !withheld.contains('\n'),
                "{withheld}"
            );
            assert_eq!(withheld.contains("fname="), names, "{withheld}");
        }
    }
}

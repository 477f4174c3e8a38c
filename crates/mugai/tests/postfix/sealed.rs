//! Seals hold behind Postfix, by either way back: dkimpy says so, where it is installed.

use crate::mails::{is_ours, mails};
use crate::server::{Client, World};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Verifies the mails whose files are named, with the record in its environment; prints a line for each.
const VERIFIER: &str = r#"
import os, sys, dkim
name, text = os.environ["NAME"], os.environ["TEXT"]
def dns(asked, timeout=5):
    asked = asked.decode() if isinstance(asked, bytes) else asked
    return text.encode() if asked.rstrip(".") == name else None
for path in sys.argv[1:]:
    verdict, sets, why = dkim.arc_verify(open(path, "rb").read(), dnsfunc=dns)
    print(verdict.decode(), len(sets), why)
"#;

/// Python; `MUGAI_PYTHON` names one that has dkimpy.
fn python() -> Command {
    Command::new(std::env::var_os("MUGAI_PYTHON").unwrap_or_else(|| "python3".into()))
}

fn good(command: &mut Command) -> bool {
    let status = command.stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// What `--check` says has to be published: a name, and a text.
fn published(config: &Path) -> (String, String) {
    let check = Command::new(env!("CARGO_BIN_EXE_mugai"))
        .args(["relay", "--check", "--config"])
        .arg(config)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&check.stdout).into_owned();
    let record = told.split("must have: ").nth(1).expect(&told);
    let record = record.lines().next().unwrap();
    let (name, text) = record.split_once(" TXT ").unwrap();
    (name.to_owned(), text.trim_matches('"').to_owned())
}

/// What is found out about the mails in these files, a line for each.
fn verdicts<'a>(paths: impl Iterator<Item = &'a Path>, name: &str, text: &str) -> String {
    let verified = python()
        .args(["-c", VERIFIER])
        .args(paths)
        .env("NAME", name)
        .env("TEXT", text)
        .output()
        .unwrap();
    String::from_utf8_lossy(&verified.stdout).into_owned()
}

#[test]
fn seals_hold_behind_postfix() {
    let Some(mut world) = World::new() else {
        return;
    };
    if !good(python().args(["-c", "import dkim"])) {
        eprintln!("skipped: python3 without dkimpy");
        return;
    }
    let keys = tempfile::tempdir().unwrap();
    let key = keys.path().join("arc.pem");
    let kind = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
    let mut openssl = Command::new("openssl");
    if !good(openssl.arg("genpkey").args(kind).arg("-out").arg(&key)) {
        eprintln!("skipped: no openssl");
        return;
    }
    assert!(good(Command::new("chmod").arg("600").arg(&key)));
    let sealed = format!(
        "[arc]\ndomain = \"city.example.lg.jp\"\nselector = \"s1\"\nkey = \"{}\"\n",
        key.display()
    );
    world.configure(&sealed);
    world.started();
    let (name, text) = published(&world.config());
    let port = mugai_testkit::ports::free();
    world.with_milter(port);
    let mut clients = [world.client(), Client::new(port)];
    let mut taken = 0;
    for (number, mail) in mails(60).iter().enumerate() {
        let to = format!("u{number}@city.example.lg.jp");
        let client = &mut clients[number % 2];
        taken += usize::from(client.send("a@sender.example", &to, mail));
    }
    world.drained(Duration::from_mins(2));
    let all = world.sink.all();
    assert_eq!(all.len(), taken);
    let mut paths = Vec::new();
    for (recipient, arrived) in &all {
        assert_eq!(arrived.len(), 1, "{recipient}");
        assert_eq!(is_ours(&arrived[0]), Ok(()), "{recipient}");
        let path = keys.path().join(format!("{}.eml", paths.len()));
        std::fs::write(&path, &arrived[0]).unwrap();
        paths.push((path, recipient, &arrived[0]));
    }
    let verdicts = verdicts(paths.iter().map(|(path, ..)| path.as_path()), &name, &text);
    assert_eq!(verdicts.lines().count(), paths.len(), "{verdicts}");
    let mut held = 0;
    for ((_, recipient, mail), verdict) in paths.iter().zip(verdicts.lines()) {
        let mail = String::from_utf8_lossy(mail);
        // one that is withheld as a whole has no seal
        if mail.contains("ARC-Seal: i=1;") {
            assert!(
                verdict.starts_with("pass 1 "),
                "{recipient}: {verdict}\n{mail}"
            );
            held += 1;
        } else {
            assert!(mail.contains("verdict=withheld"), "{recipient}\n{mail}");
        }
    }
    assert!(held > 40, "{held} of {taken}");
    eprintln!("{held} seals hold, by the filter and by the milter");
}

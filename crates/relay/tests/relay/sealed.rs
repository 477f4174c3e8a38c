//! Seals, as another program sees them: dkimpy, where it is installed.

use crate::world::{World, mail};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// Verifies the mail on its standard input with the key in its environment; prints what it found.
const VERIFIER: &str = r#"
import os, sys, dkim
name, text = os.environ["NAME"], os.environ["TEXT"]
def dns(asked, timeout=5):
    asked = asked.decode() if isinstance(asked, bytes) else asked
    return text.encode() if asked.rstrip(".") == name else None
verdict, sets, why = dkim.arc_verify(sys.stdin.buffer.read(), dnsfunc=dns)
print(verdict.decode(), len(sets), why)
"#;

/// What OpenSSL is told for a usual key.
const RSA: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];

/// Python; `MUGAI_PYTHON` names one that has dkimpy.
fn python() -> Command {
    Command::new(std::env::var_os("MUGAI_PYTHON").unwrap_or_else(|| "python3".into()))
}

fn has_verifier() -> bool {
    let probe = python()
        .args(["-c", "import dkim, nacl"])
        .stderr(Stdio::null())
        .status();
    let has = probe.is_ok_and(|status| status.success());
    if !has {
        eprintln!("skipped: python3 without dkimpy and pynacl");
    }
    has
}

/// A key of this kind; `None` without OpenSSL.
fn key(folder: &Path, kind: &[&str]) -> Option<()> {
    let path = folder.join("arc.pem");
    let made = Command::new("openssl")
        .arg("genpkey")
        .args(kind)
        .arg("-out")
        .arg(&path)
        .stderr(Stdio::null())
        .status();
    if !made.is_ok_and(|status| status.success()) {
        eprintln!("skipped: no openssl");
        return None;
    }
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    Some(())
}

fn verified(mail: &[u8], published: &str) -> String {
    let (name, text) = published.split_once(" TXT ").unwrap();
    let mut python = python()
        .args(["-c", VERIFIER])
        .env("NAME", name)
        .env("TEXT", text.trim_matches('"'))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    python.stdin.take().unwrap().write_all(mail).unwrap();
    let out = python.wait_with_output().unwrap();
    String::from_utf8_lossy(&out.stdout).trim().to_owned()
}

/// What `--check` says has to be published.
async fn published(world: &World) -> String {
    let words = world.check("seals: ").await.expect("seals are made");
    words.split("must have: ").nth(1).unwrap().to_owned()
}

fn arc(folder: &Path) -> String {
    format!(
        "[arc]\ndomain = \"city.example.jp\"\nselector = \"s1\"\nkey = \"{}\"\n\
         authserv_id = \"mx.city.example.jp\"\n",
        folder.join("arc.pem").display()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn another_program_sees_that_seals_hold() {
    if !has_verifier() {
        return;
    }
    // it knows no Ed25519 in seals; those are verified beside the source
    for kind in [
        RSA,
        &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:4096"],
    ] {
        let keys = tempfile::tempdir().unwrap();
        if key(keys.path(), kind).is_none() {
            return;
        }
        let world = World::new(&arc(keys.path())).await;
        let published = published(&world).await;
        let reply = world
            .send("Q1", &["a@city.example"], &mail("a  subject\t with blanks"))
            .await;
        assert!(reply.starts_with("250 "), "{reply}");
        let taken = world.sink.taken();
        let sealed = &taken[0].mail;
        let text = String::from_utf8_lossy(sealed).into_owned();
        assert!(text.starts_with("ARC-Seal: i=1; "), "{text}");
        let size = format!("SIZE={}", sealed.len());
        assert!(
            taken[0]
                .commands
                .iter()
                .any(|command| command.contains(&size))
        );
        let found = verified(sealed, &published);
        assert!(found.starts_with("pass 1 "), "{kind:?}: {found}\n{text}");
        // trace fields that mail servers add do no harm; another subject, sender, body, or result does
        let received = format!("Received: from x\r\n by y; z\r\n{text}");
        assert!(verified(received.as_bytes(), &published).starts_with("pass "));
        for (from, to) in [
            ("Subject: ", "Subject: x"),
            ("From: ", "From: x@y.jp\r\nFrom: "),
            ("mx.city.example.jp;", "mx.city.example.jp; dmarc=pass;"),
            ("aGVsbG8", "aGVsbGX"),
        ] {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text, "{from}");
            let found = verified(changed.as_bytes(), &published);
            assert!(found.starts_with("fail "), "{from}: {found}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn old_seals_are_left_out_and_notices_have_none() {
    let keys = tempfile::tempdir().unwrap();
    if key(keys.path(), &["-algorithm", "ED25519"]).is_none() {
        return;
    }
    let world = World::new(&format!(
        "{}[limits]\nmessage = \"1 MiB\"\n",
        arc(keys.path())
    ))
    .await;
    let old = [
        b"ARC-Seal: i=1; a=rsa-sha256; cv=none; d=x.example; s=a; b=AAAA\r\n\
          ARC-Message-Signature: i=1; a=rsa-sha256; d=x.example; s=a; h=from; bh=AA; b=AA\r\n\
          ARC-Authentication-Results: i=1; x.example; dmarc=pass\r\n"
            .as_slice(),
        &mail("old seals"),
    ]
    .concat();
    assert!(
        world
            .send("Q1", &["a@city.example"], &old)
            .await
            .starts_with("250 ")
    );
    let text = String::from_utf8(world.sink.taken()[0].mail.clone()).unwrap();
    assert_eq!(text.matches("ARC-Seal:").count(), 1);
    assert!(!text.contains("x.example"), "{text}");
    // nobody trusted said anything: the words of the sender are not sealed
    assert!(text.contains("ARC-Authentication-Results: i=1; mx.city.example.jp;\r\n none\r\n"));
    let mut large = mail("large");
    large.resize(2 << 20, b'a');
    assert!(
        world
            .send("Q2", &["a@city.example"], &large)
            .await
            .starts_with("250 ")
    );
    let notice = String::from_utf8(world.sink.taken()[1].mail.clone()).unwrap();
    assert!(!notice.contains("ARC-"), "{notice}");
    let page = world.page().await;
    for line in [
        "mugai_relay_mails_sealed_total{result=\"sealed\"} 1",
        "mugai_relay_mails_made_total{verdict=\"withheld\"} 1",
    ] {
        assert!(page.lines().any(|found| found == line), "{line}\n{page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_read_again_and_a_bad_one_changes_nothing() {
    let keys = tempfile::tempdir().unwrap();
    if key(keys.path(), RSA).is_none() {
        return;
    }
    let world = World::new(&arc(keys.path())).await;
    let first = published(&world).await;
    key(keys.path(), RSA).unwrap();
    let second = published(&world).await;
    assert_ne!(first, second);
    assert_eq!(world.changed(world.config.clone()), Ok(()));
    let path = keys.path().join("arc.pem");
    std::fs::write(
        &path,
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    )
    .unwrap();
    let problem = world.changed(world.config.clone()).unwrap_err();
    assert!(problem.starts_with("arc.key: "), "{problem}");
    let problem = world.check("seals: ").await.unwrap_err();
    assert!(problem.starts_with("arc.key: "), "{problem}");
    assert!(
        world
            .send("Q1", &["a@city.example"], &mail("x"))
            .await
            .starts_with("250 ")
    );
    if has_verifier() {
        let sealed = &world.sink.taken()[0].mail;
        assert!(
            verified(sealed, &second).starts_with("pass "),
            "by the second key"
        );
        assert!(verified(sealed, &first).starts_with("fail "));
    }
    // and without a key there is no relay
    let sanitiser = world.sanitiser();
    let opened = mugai_relay::Relay::open(world.config.clone(), sanitiser).await;
    assert!(matches!(opened, Err(mugai_relay::ServeError::Key(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_follow_mails() {
    let world = World::new("").await;
    let page = world.page().await;
    assert!(
        page.contains("mugai_relay_mails_received_total{door=\"smtp\"} 0"),
        "{page}"
    );
    let to = ["a@city.example", "b@city.example"];
    for _ in 0..2 {
        assert!(world.send("Q1", &to, &mail("x")).await.starts_with("250 "));
    }
    let with_program = crate::world::with_program();
    assert!(
        world
            .send("Q2", &to[..1], &with_program)
            .await
            .starts_with("250 ")
    );
    world.sink.refuse(".", "451 later");
    assert!(world.send("Q3", &to, &mail("y")).await.starts_with("451 "));
    let page = world.page().await;
    for line in [
        "mugai_relay_mails_received_total{door=\"smtp\"} 4",
        "mugai_relay_mails_made_total{verdict=\"sanitised\"} 3",
        "mugai_relay_recipients_delivered_total 3",
        "mugai_relay_recipients_duplicate_total 2",
        "mugai_relay_tempfails_total{reason=\"next\"} 1",
        "mugai_relay_originals_kept_total 1",
        "mugai_relay_mail_seconds_count 4",
        "mugai_relay_sanitise_seconds_count 3",
        "mugai_relay_memory_bytes_in_use 0",
    ] {
        assert!(page.lines().any(|found| found == line), "{line}\n{page}");
    }
    assert!(
        page.contains("mugai_relay_parts_withheld_total{kind=\""),
        "{page}"
    );
}

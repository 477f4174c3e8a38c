//! The command as it is called at a gateway.
#![expect(
    clippy::expect_used,
    reason = "what a test needs and does not get fails it"
)]

use mugai_core::Envelope;
use mugai_emit::eml::{Mail, Stamp};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn run(words: &[&str], input: &[u8]) -> Output {
    run_into(Stdio::piped(), words, input)
}

fn run_into(stdout: Stdio, words: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mugai-verify"))
        .args(words)
        .stdin(Stdio::piped())
        .stdout(stdout)
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command");
    let mut stdin = child.stdin.take().expect("a pipe");
    // one that ends without reading is an answer, too
    let _ = stdin.write_all(input);
    drop(stdin);
    child.wait_with_output().expect("an end")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn files_of_ours_are_inside_and_others_are_not() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata");
    let mut seen = 0u32;
    for (case, name) in [
        ("pdf", "pdf"),
        ("zip/good/out", "zip"),
        ("mail", "eml"),
        ("png", "png"),
    ] {
        let mut folders = vec![root.join(case)];
        let mut found = None;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("testdata").flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.parent().is_some_and(|out| out.ends_with("out"))
                    && path.extension().is_some_and(|extension| extension == name)
                {
                    found = Some(path);
                }
            }
        }
        let Some(path) = found else { continue };
        seen = seen.saturating_add(1);
        let bytes = std::fs::read(&path).expect("what a test needs");
        let by_name = run(&[path.to_str().expect("what a test needs")], b"");
        assert_eq!(by_name.status.code(), Some(0), "{}", text(&by_name.stdout));
        assert!(text(&by_name.stdout).starts_with(&format!("inside  {name} ")));
        let by_stream = run(&["--as", name], &bytes);
        assert_eq!(
            by_stream.status.code(),
            Some(0),
            "{}",
            text(&by_stream.stderr)
        );
        let mut broken = bytes.clone();
        broken.truncate(bytes.len().saturating_sub(1));
        let broken = run(&["--as", name], &broken);
        assert_eq!(
            broken.status.code(),
            Some(1),
            "{name}: {}",
            text(&broken.stdout)
        );
        let other = run(&["--as", "jpeg"], &bytes);
        assert_eq!(other.status.code(), Some(1));
    }
    assert!(seen >= 3, "{seen} kinds of testdata were found");
}

#[test]
fn names_and_words_are_checked() {
    let folder = tempfile::tempdir().expect("what a test needs");
    let path = folder.path().join("a.csv");
    std::fs::write(&path, "hello\n").expect("what a test needs");
    let disguised = run(&[path.to_str().expect("what a test needs")], b"");
    assert_eq!(
        disguised.status.code(),
        Some(1),
        "{}",
        text(&disguised.stdout)
    );
    assert_eq!(run(&["--as", "txt"], b"hello\n").status.code(), Some(0));
    assert_eq!(run(&["--as", "exe"], b"").status.code(), Some(2));
    assert_eq!(run(&["--other"], b"").status.code(), Some(2));
    assert_eq!(run(&["/nonexistent"], b"").status.code(), Some(4));
    let help = run(&["--help"], b"");
    assert!(help.status.success() && text(&help.stdout).contains("Usage"));
}

/// What the kernel says of the command while it waits for its first byte.
#[test]
fn it_is_confined_before_it_reads() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mugai-verify"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the command");
    let place = format!("/proc/{}", child.id());
    let told = |file: &str| std::fs::read_to_string(format!("{place}/{file}")).unwrap_or_default();
    let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
    // a filter is the last fence to go up
    while !told("status").contains("Seccomp:\t2") {
        assert!(
            std::time::Instant::now() < end,
            "no filter: {}",
            told("status")
        );
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    assert!(told("status").contains("NoNewPrivs:\t1"));
    let limits = told("limits");
    for limit in ["Max open files", "Max processes", "Max core file size"] {
        let line = limits.lines().find(|line| line.starts_with(limit));
        let words = line.expect("a limit").split_ascii_whitespace();
        assert_eq!(words.filter(|word| *word == "0").count(), 2, "{limits}");
    }
    drop(child.stdin.take());
    let done = child.wait_with_output().expect("an end");
    assert_eq!(text(&done.stdout).lines().count(), 1);
}

/// What whoever called it left open is closed, but what is named.
#[test]
fn descriptors_of_others_are_closed() {
    let shell = |line: &str| {
        let mut command = Command::new("bash");
        command.args(["-c", line, env!("CARGO_BIN_EXE_mugai-verify")]);
        command
    };
    let mut child = shell(r#"exec 7</etc/passwd; exec "$0" --as txt"#)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the command");
    let place = format!("/proc/{}", child.id());
    let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
    let told = || std::fs::read_to_string(format!("{place}/status")).unwrap_or_default();
    while !told().contains("Seccomp:\t2") {
        assert!(std::time::Instant::now() < end, "no filter: {}", told());
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    match std::fs::read_dir(format!("{place}/fd")) {
        Ok(open) => assert_eq!(open.count(), 3),
        Err(error) => println!("skipped: only root may look there: {error}"),
    }
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(b"hello\n").expect("it reads");
    drop(stdin);
    let done = child.wait_with_output().expect("an end");
    assert_eq!(text(&done.stdout), "inside  txt -\n");
    let line = r#"exec 7</etc/passwd; exec "$0" --as txt <(echo hello)"#;
    let named = shell(line).output().expect("an end");
    assert_eq!(named.status.code(), Some(0), "{}", text(&named.stderr));
}

#[test]
fn what_cannot_be_read_ends_it_as_it_says_whatever_stands_behind_it() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let path = file.path().to_str().expect("a path");
    let folder = std::env::temp_dir();
    let folder = folder.to_str().expect("a path");
    // behind its fences it must not even close the file that is left
    for words in [[folder, path], [path, folder]] {
        let ended = run(&words, b"");
        assert_eq!(ended.status.code(), Some(4), "{ended:?}");
    }
}

/// Whatever is open by then can be read.
#[test]
fn many_files_are_checked_in_one_call() {
    let many = vec!["/dev/null"; 200];
    let done = run(&many, b"");
    // of nothing no profile of ours is
    assert_eq!(done.status.code(), Some(1), "{}", text(&done.stderr));
    assert_eq!(text(&done.stdout).lines().count(), 200);
}

/// What is said may go to a file.
#[test]
fn its_lines_can_be_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("said");
    let file = std::fs::File::create(&path).expect("a file");
    let done = Command::new(env!("CARGO_BIN_EXE_mugai-verify"))
        .arg("/dev/null")
        .stdout(file)
        .status()
        .expect("the command");
    assert_eq!(done.code(), Some(1), "{done}");
    let said = std::fs::read_to_string(path).expect("what was said");
    assert_eq!(said.lines().count(), 1);
}

/// Large mails are read by two threads where there may be two; here there is one.
#[test]
fn a_large_mail_is_checked_by_the_one_thread_that_there_is() {
    let body = "二メガバイトを超える本文です。\n".repeat(60_000);
    let made = mugai_emit::eml::message(&Mail {
        envelope: &Envelope::default(),
        body: &mugai_emit::text(body).0,
        attachments: &[],
        result: Stamp::new("MG-0000-0000-0000", "sanitised").expect("a stamp"),
    });
    let made = made.expect("a mail");
    let made = made.load().expect("in memory");
    assert!(made.len() > 2 << 20);
    let said = run(&["--as", "eml"], &made);
    assert_eq!(said.status.code(), Some(0), "{}", text(&said.stderr));
    assert_eq!(text(&said.stdout), "inside  eml -\n");
}

/// A gateway appends to one log for years.
#[test]
fn a_long_log_is_written_to() {
    let folder = std::env::temp_dir().join(format!("mugai-gate-log-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let log = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join("log"))
        .expect("a file");
    let before = 100u64 << 20;
    log.set_len(before).expect("a hole");
    let output = run_into(log.into(), &["--as", "txt"], "文\r\n".as_bytes());
    let after = std::fs::metadata(folder.join("log")).expect("a file").len();
    std::fs::remove_dir_all(&folder).expect("gone");
    // a verdict, whichever it is
    assert!(
        matches!(output.status.code(), Some(0 | 1)),
        "{}",
        output.status
    );
    assert!(after > before);
}

/// An answer that nobody gets is no "inside".
#[test]
fn a_full_output_is_an_error() {
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("a device");
    let output = run_into(full.into(), &["--as", "txt"], "文\r\n".as_bytes());
    assert_eq!(output.status.code(), Some(4), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("standard output"));
}

//! Mails to send: of third parties where they are, and of our own.

use std::path::{Path, PathBuf};

/// So many mails: those of the corpus in turns, and one of our own with an attachment among them.
pub(crate) fn mails(many: usize) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let example = std::fs::read(root.join("docs/example.eml")).expect("our own mail");
    let mut all = vec![example, with_many_recipients()];
    let corpus = root.join("../shared/corpus/mail");
    let mut files = Vec::new();
    found(&corpus, &mut files);
    if files.is_empty() {
        eprintln!("without {}: with our own mail only", corpus.display());
    }
    files.sort();
    for file in files {
        let mail = std::fs::read(file).expect("a mail");
        // what begins otherwise is a mailbox or no mail, which Postfix would not make one of either
        if mail.len() < 1 << 20 && mail.contains(&b':') && !mail.starts_with(b"From ") {
            all.push(mail);
        }
    }
    all.iter().cycle().take(many).cloned().collect()
}

/// Postfix cuts header fields at 60,000 bytes once it has seen a milter, wherever that is.
fn with_many_recipients() -> Vec<u8> {
    let one = "=?UTF-8?B?5biC5rCR6Kqy?= <shimin@city.example.lg.jp>";
    let list = vec![one; 3_000].join(",\r\n ");
    format!("From: a@sender.example\r\nTo: {list}\r\nSubject: many\r\n\r\nto many\r\n").into_bytes()
}

fn found(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            found(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// Whether a mail that arrived is of our profile, once the lines of mail servers and seals are taken off its head.
pub(crate) fn is_ours(mail: &[u8]) -> Result<(), String> {
    let mut rest = mail;
    let added = [b"Received:".as_slice(), b"X-Original", b"ARC-"];
    while added.iter().any(|name| rest.starts_with(name)) {
        let mut lines = rest.split_inclusive(|byte| *byte == b'\n');
        let mut taken = lines.next().map_or(0, <[u8]>::len);
        for line in lines {
            if !matches!(line.first(), Some(b' ' | b'\t')) {
                break;
            }
            taken += line.len();
        }
        rest = &rest[taken..];
    }
    let checked = mugai_verify::check(mugai_core::Target::Eml, rest, &[]);
    checked.map_err(|violation| format!("{violation:?}"))
}

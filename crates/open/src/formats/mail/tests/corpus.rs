//! Third-party mails, where they are at hand, held against an independent parser.

use super::{LIMITS, read_with};
use mail_parser::{MessageParser, MimeHeaders, PartType};
use mugai_core::Limits;
use std::path::PathBuf;

/// The folder of third-party files, if this machine has one.
fn folder() -> Option<PathBuf> {
    let named = std::env::var_os("MUGAI_CORPUS").map(PathBuf::from);
    let beside = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/corpus"
    ));
    let folder = named.unwrap_or(beside).join("mail");
    folder.is_dir().then_some(folder)
}

/// The leaves of a message as the other parser sees them: attachments by content.
fn theirs(input: &[u8]) -> Option<Vec<Vec<u8>>> {
    let message = MessageParser::default().parse(input)?;
    let mut leaves = Vec::new();
    for part in &message.parts {
        match &part.body {
            PartType::Text(_) | PartType::Html(_) => leaves.push(b"text".to_vec()),
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) => {
                leaves.push(bytes.to_vec());
            }
            PartType::Message(_) => leaves.push(b"message".to_vec()),
            PartType::Multipart(_) => {}
        }
        let _ = part.content_type();
    }
    Some(leaves)
}

/// Ours in the same form.
fn ours(input: &[u8]) -> Option<Vec<Vec<u8>>> {
    let outcome = read_with(
        input,
        Limits {
            parts: 100_000,
            ..LIMITS
        },
    );
    outcome.result.as_ref().ok()?;
    let leaf = |child: &&mugai_core::Child| {
        let media = child
            .hints
            .declared
            .as_ref()
            .map_or("text/plain", |m| m.as_str());
        if media.starts_with("text/") {
            b"text".to_vec()
        } else if media == "message/rfc822" {
            b"message".to_vec()
        } else {
            child.content.bytes().to_vec()
        }
    };
    Some(outcome.children().iter().map(leaf).collect())
}

#[test]
fn most_third_party_mails_are_seen_alike() {
    let Some(folder) = folder() else {
        println!("skipped: no folder of third-party mails");
        return;
    };
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let (mut alike, mut all) = (0u32, 0u32);
    for path in paths {
        let input = std::fs::read(&path).unwrap();
        let (Some(ours), Some(theirs)) = (ours(&input), theirs(&input)) else {
            println!("unread {}", path.display());
            continue;
        };
        all += 1;
        if ours == theirs {
            alike += 1;
        } else {
            println!("{} {} {}", path.display(), ours.len(), theirs.len());
        }
    }
    println!("{alike} of {all} alike");
}

//! Real mails, where they are at hand: nothing panics, and nothing live or hidden comes out.
#![expect(
    clippy::disallowed_methods,
    reason = "a test may look for files and measure time"
)]

use super::{PLENTY, assignment, open_with};
use mail_parser::{MessageParser, MimeHeaders};
use mugai_core::Params;
use std::path::PathBuf;

fn folder() -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let corpus = std::env::var_os("MUGAI_CORPUS")
        .map_or_else(|| root.join("../shared/corpus"), PathBuf::from);
    let mail = corpus.join("mail");
    mail.is_dir().then_some(mail)
}

/// The HTML parts of all mails.
fn pages() -> Option<Vec<(String, Vec<u8>)>> {
    let mut files: Vec<_> = std::fs::read_dir(folder()?)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    files.sort();
    let mut pages = Vec::new();
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        let Some(message) = MessageParser::default().parse(&bytes) else {
            continue;
        };
        for part in &message.parts {
            let html = part
                .content_type()
                .is_some_and(|t| t.ctype() == "text" && t.subtype() == Some("html"));
            if html {
                // the parser has converted the charset already
                pages.push((file.display().to_string(), part.contents().to_vec()));
            }
        }
    }
    Some(pages)
}

#[test]
fn real_mails_are_read() {
    let order = assignment(super::utf8(), Params::default());
    let Some(pages) = pages() else {
        println!("no corpus: skipped");
        return;
    };
    assert!(pages.len() > 100);
    for (name, page) in pages {
        let (outcome, result) = open_with(&page, &order, PLENTY);
        assert_eq!(result, Ok(()), "{name}");
        for tag in [
            "<script",
            "<style",
            "<div",
            "</td>",
            "display:none",
            "<![endif",
        ] {
            assert!(!outcome.text.contains(tag), "{name}: {tag}");
        }
        assert!(!outcome.text.contains("\n\n\n\n"), "{name}");
    }
}

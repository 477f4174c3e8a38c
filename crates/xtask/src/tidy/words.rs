//! Words that say something about the place where the project was written, not about the project.

use std::path::{Path, PathBuf};

/// Folders of one machine.
const PLACES: [&str; 3] = ["/work/", "/root/", "/home/"];

/// Words that have no meaning here; a use that has one is named in [`MEANT`].
const WORDS: [&str; 2] = ["session", "agent"];

/// Uses that are meant: header fields and terms of standards, as the property of a vCard.
const MEANT: [&str; 3] = ["user-agent", "x-mailer-agent", "\"agent\""];

/// This list, and what is not ours to word: licences and locked versions.
const EXCEPT: [&str; 4] = [
    "crates/xtask/src/tidy/words.rs",
    "Cargo.lock",
    "fuzz/Cargo.lock",
    "LICENSE-APACHE",
];

pub(super) fn check(root: &Path, tracked: &[PathBuf]) -> Vec<String> {
    let mut problems = Vec::new();
    for path in tracked {
        if EXCEPT.iter().any(|except| Path::new(except) == path) {
            continue;
        }
        // what is no text has no words
        let Ok(text) = std::fs::read_to_string(root.join(path)) else {
            continue;
        };
        for (number, line) in (1u32..).zip(text.lines()) {
            if let Some(word) = foreign(line) {
                problems.push(format!("{}:{number}: {word:?}", path.display()));
            }
        }
    }
    problems
}

/// The first word of a line that does not belong here.
fn foreign(line: &str) -> Option<&'static str> {
    let mut lower = line.to_lowercase();
    for meant in MEANT {
        lower = lower.replace(meant, "");
    }
    let words = WORDS.into_iter().filter(|word| {
        lower
            .split(|c: char| !c.is_alphanumeric())
            .any(|w| w.trim_end_matches('s') == *word)
    });
    let places = PLACES.into_iter().filter(|place| line.contains(place));
    words.chain(places).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_words_count() {
        assert_eq!(foreign("User-Agent: x"), None);
        assert_eq!(foreign("reagent, obsession"), None);
        assert_eq!(foreign("\"AGENT\" of a card"), None);
        assert_eq!(foreign("an agent"), Some("agent"));
        assert_eq!(foreign("two Sessions"), Some("session"));
        assert_eq!(foreign("see /root/x"), Some("/root/"));
    }
}

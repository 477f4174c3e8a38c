//! A command line that can be pasted into a shell.

use std::ffi::{OsStr, OsString};
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;

/// The longest command line that is shown, in characters.
const LONGEST: usize = 4000;

/// The words quoted for bash; nothing that a terminal would act on is left in them.
pub(super) fn line(words: impl Iterator<Item = OsString>) -> String {
    let words: Vec<String> = words.map(|word| quoted(&word)).collect();
    let line = words.join(" ");
    if line.chars().count() > LONGEST {
        return "(the same command)".to_owned();
    }
    line
}

fn quoted(word: &OsStr) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_./=%,:+@".contains(byte);
    if !word.is_empty() && word.as_bytes().iter().all(plain) {
        return word.to_string_lossy().into_owned();
    }
    let readable = word
        .to_str()
        .filter(|text| mugai_core::Line::check(text).is_ok() && !text.contains('\''));
    if let Some(text) = readable {
        return format!("'{text}'");
    }
    let mut out = String::from("$'");
    for byte in word.as_bytes() {
        match byte {
            b'\'' | b'\\' => {
                out.push('\\');
                out.push(char::from(*byte));
            }
            b' '..=b'~' => out.push(char::from(*byte)),
            _ => {
                let _ = write!(out, "\\x{byte:02x}");
            }
        }
    }
    out.push('\'');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_a_shell() {
        for (word, want) in [
            (&b"in/a.eml"[..], "in/a.eml"),
            (b"a b", "'a b'"),
            ("無害".as_bytes(), "'無害'"),
            (b"", "''"),
            (b"it's", r"$'it\'s'"),
            (b"a\x1b[2J\n", r"$'a\x1b[2J\x0a'"),
            (b"\xff", r"$'\xff'"),
            ("a\u{202e}b".as_bytes(), r"$'a\xe2\x80\xaeb'"),
        ] {
            assert_eq!(quoted(OsStr::from_bytes(word)), want);
        }
    }
}

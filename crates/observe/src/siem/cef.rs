//! Common Event Format, version 0.

use crate::events::Event;
use std::fmt::Write as _;
use std::time::UNIX_EPOCH;

/// An event behind `CEF:0|`: seven fields of ours, then keys and values; fields that do not apply
/// are left out.
pub(super) fn write(event: &Event) -> String {
    let mut out = String::from("CEF:0|mugai|mugai|");
    let what = event.what;
    for field in [env!("CARGO_PKG_VERSION"), what.number(), what.name()] {
        escape(&mut out, field, '|');
        out.push('|');
    }
    let since = event.at.duration_since(UNIX_EPOCH).unwrap_or_default();
    // writing to a text cannot fail
    let _ = write!(out, "{}|rt={}", what.severity(), since.as_millis());
    put(&mut out, "suser", &event.caller);
    put(&mut out, "externalId", &event.queue_id);
    labelled(&mut out, "cs1", "job", &event.id);
    labelled(&mut out, "cs2", "policyHash", &event.policy_hash);
    labelled(&mut out, "cs3", "part", &event.path);
    if !event.kind.is_empty() {
        put(&mut out, "fileType", event.kind);
        put(&mut out, "fsize", &event.bytes.to_string());
    }
    put(&mut out, "reason", event.reason);
    put(&mut out, "cnt", &event.count.to_string());
    put(&mut out, "fname", event.file.as_deref().unwrap_or_default());
    out
}

fn labelled(out: &mut String, key: &str, label: &str, value: &str) {
    if !value.is_empty() {
        put(out, &format!("{key}Label"), label);
        put(out, key, value);
    }
}

fn put(out: &mut String, key: &str, value: &str) {
    if !value.is_empty() {
        out.push(' ');
        out.push_str(key);
        out.push('=');
        escape(out, value, '=');
    }
}

/// Puts a backslash before `special` and before a backslash; a line end is written, not made.
fn escape(out: &mut String, text: &str, special: char) {
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            c => {
                if c == '\\' || c == special {
                    out.push('\\');
                }
                out.push(c);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_special_is_escaped() {
        for (text, special, want) in [
            ("a|b", '|', "a\\|b"),
            ("a=b", '|', "a=b"),
            ("a=b|c", '=', "a\\=b|c"),
            ("\\=", '=', "\\\\\\="),
            ("a\r\nb", '=', "a\\r\\nb"),
        ] {
            let mut out = String::new();
            escape(&mut out, text, special);
            assert_eq!(out, want, "{text:?}");
        }
    }
}

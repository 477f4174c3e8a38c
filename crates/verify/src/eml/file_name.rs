//! File names of attachments.

use crate::text;

/// The longest name in bytes of UTF-8.
const MAX_NAME: usize = 230;
/// Devices on Windows, whatever follows the first dot.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// Whether a name is one file in the folder where it is put, on every system, and shows what it is.
pub(crate) fn is_safe(name: &str) -> bool {
    let reserved = ['<', '>', ':', '"', '/', '\\', '|', '?', '*'];
    name.len() <= MAX_NAME
        && text::is_clean_line(name)
        && !name.contains(reserved)
        && !name.starts_with('.')
        && !name.ends_with('.')
        && !is_device(name)
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    let stem = stem.trim_end().to_uppercase();
    let numbered = ["COM", "LPT"].iter().any(|port| {
        let number = stem.strip_prefix(port);
        matches!(
            number,
            Some("0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³")
        )
    });
    numbered || DEVICES.contains(&stem.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in [
            "a.txt",
            "請求書 1.2版.pdf",
            "葛\u{e0100}.txt",
            "console.txt",
        ] {
            assert!(is_safe(good), "{good}");
        }
        for bad in [
            "",
            ".",
            "..",
            ".a",
            "a.",
            "a ",
            " a",
            "a/b",
            "a\\b",
            "C:a",
            "a\"b",
            "con.txt",
            "LPT1",
            "conin$.txt",
            "CONOUT$",
            "nul .txt",
            "com².txt",
            "a\nb",
            "a\u{202e}b",
            "a\tb",
            "a\u{200b}",
        ] {
            assert!(!is_safe(bad), "{bad:?}");
        }
        assert!(!is_safe(&"a".repeat(231)));
    }
}

//! Encoded content where no reader of the mail would see it, and some programs still find it.

use crate::formats::mail::fields::line_at;
use mugai_core::{Cx, FindingCode};

/// So many bytes of base64 make a preamble or an epilogue suspicious.
const MIN_BYTES: usize = 64;
/// Shorter lines are words.
const MIN_LINE: usize = 16;

/// Notes a preamble or epilogue that carries a file. Its bytes were paid for with the structure.
pub(super) fn note(area: &[u8], cx: &mut Cx<'_>) {
    if carries_file(area) {
        cx.note(FindingCode::MimeHiddenArea);
    }
}

fn carries_file(area: &[u8]) -> bool {
    let mut encoded = 0usize;
    let mut at = 0;
    while let Some((line, next)) = line_at(area, at) {
        if is_base64(line) {
            encoded = encoded.saturating_add(line.len());
        }
        if encoded >= MIN_BYTES || is_begin(line) {
            return true;
        }
        at = next;
    }
    false
}

fn is_base64(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    line.len() >= MIN_LINE
        && line
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
}

/// `begin 644 name`, or the start of a yEnc block.
fn is_begin(line: &[u8]) -> bool {
    let mode = line.strip_prefix(b"begin ").unwrap_or_default();
    let digits = mode.iter().take_while(|b| b.is_ascii_digit()).count();
    let uu = (3..=4).contains(&digits) && mode.get(digits) == Some(&b' ');
    uu || line.starts_with(b"=ybegin ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_mere_words() {
        for (area, want) in [
            ("", false),
            ("This is a multi-part message in MIME format.\r\n", false),
            ("------------------------------\n", false),
            (&"QUJD".repeat(16), true),
            (&"QUJD".repeat(15), false),
            (&format!("{0}\r\n{0}\r\n", "QUJD".repeat(8)), true),
            ("x\nbegin 644 a.exe\n", true),
            ("begin the work\n", false),
            ("=ybegin line=128 size=1 name=a\n", true),
        ] {
            assert_eq!(carries_file(area.as_bytes()), want, "{area:?}");
        }
    }
}

//! Text in headers.

use super::base64;
use crate::text;

/// The longest encoded word, RFC 2047 section 2.
const MAX_WORD: usize = 75;

/// The text of a header value that is either plain ASCII or nothing but encoded words.
pub(super) fn value(value: &str) -> Option<String> {
    let text = if value.starts_with("=?") {
        decode(value.split(' '))?
    } else {
        plain(value)?.to_owned()
    };
    text::is_clean_line(&text).then_some(text)
}

/// ASCII that no reader takes for an encoded word.
pub(super) fn plain(value: &str) -> Option<&str> {
    (!value.contains("=?") && !value.contains("  ")).then_some(value)
}

/// The text of encoded words, each of which has to be whole by itself.
pub(super) fn decode<'a>(words: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut text = String::new();
    for word in words {
        let inner = word.strip_prefix("=?UTF-8?B?")?.strip_suffix("?=")?;
        let mut bytes = Vec::new();
        if word.len() > MAX_WORD || inner.is_empty() || !base64::decode(inner, &mut bytes) {
            return None;
        }
        text.push_str(std::str::from_utf8(&bytes).ok()?);
    }
    Some(text)
}

/// The text of percent-encoded UTF-8 of which each byte is encoded in one way only.
pub(super) fn percent(section: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = section.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if is_open(first) {
            bytes.push(first);
            rest = tail;
        } else {
            let ([percent, high, low], tail) = rest.split_first_chunk::<3>()?;
            let byte = (hex(*high)? << 4) | hex(*low)?;
            if *percent != b'%' || is_open(byte) {
                return None;
            }
            bytes.push(byte);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

const fn is_open(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_')
}

const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => digit.checked_sub(b'0'),
        b'A'..=b'F' => digit.checked_sub(b'A' - 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        assert_eq!(value("Hello world").as_deref(), Some("Hello world"));
        assert_eq!(
            value("=?UTF-8?B?44GC?= =?UTF-8?B?44GC?=").as_deref(),
            Some("ああ")
        );
        for bad in [
            "",
            "a  b",
            "a =?UTF-8?B?44GC?=",
            "=?UTF-8?B?44GC?= a",
            "=?utf-8?B?44GC?=",
            "=?UTF-8?Q?a?=",
            "=?UTF-8?B??=",
            "=?UTF-8?B?44E=?=",
            "=?ISO-2022-JP?B?YQ==?=",
            // CR LF, a tab, a direction override
            "=?UTF-8?B?YQ0KQmNjOiB4?=",
            "=?UTF-8?B?YQli?=",
            "=?UTF-8?B?4oCuYQ==?=",
        ] {
            assert!(value(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn percent_encoding() {
        assert_eq!(percent("%E3%81%82.txt").as_deref(), Some("あ.txt"));
        for bad in ["%e3%81%82", "%41", "%E3%81", "a b", "%", "%4", "%00é"] {
            assert!(percent(bad).is_none(), "{bad}");
        }
    }
}

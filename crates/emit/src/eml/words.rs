//! Text in headers: encoded words (RFC 2047) and extended parameters (RFC 2231).

use super::base64;

/// How many bytes of UTF-8 go into one encoded word. With them a word has 64 characters, so that
/// it fits behind the longest header name and never needs a fold inside.
const WORD_BYTES: usize = 39;
/// How many characters of percent-encoded text go into one section of a parameter.
const SECTION_CHARS: usize = 50;

/// Whether `text` can stand in a header as it is.
pub(super) fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b' '..=b'~')) && !text.contains("=?") && !text.contains("  ")
}

/// How many of these tokens take at most so many bytes, with a fold before each.
pub(super) fn within(tokens: &[String], most: usize) -> usize {
    let mut used = 0usize;
    let fits = |token: &&String| {
        used = used.saturating_add(token.len()).saturating_add(3);
        used <= most
    };
    tokens.iter().take_while(fits).count()
}

/// `text` as encoded words. Decoders drop the blank between two of them.
pub(super) fn encode(text: &str) -> Vec<String> {
    chunks(text, WORD_BYTES, char::len_utf8)
        .into_iter()
        .map(|chunk| {
            let mut word = b"=?UTF-8?B?".to_vec();
            base64::encode(chunk.as_bytes(), &mut word);
            word.extend_from_slice(b"?=");
            String::from_utf8_lossy(&word).into_owned()
        })
        .collect()
}

/// `text` as the sections of an extended parameter: percent-encoded UTF-8.
pub(super) fn sections(text: &str) -> Vec<String> {
    chunks(text, SECTION_CHARS, percent_len)
        .into_iter()
        .map(|chunk| chunk.bytes().map(percent).collect())
        .collect()
}

/// Cuts `text` into pieces of at most `limit`, measured by `size`, at the borders of characters;
/// what is drawn as one with the character before it goes along where the limit allows.
fn chunks(text: &str, limit: usize, size: impl Fn(char) -> usize) -> Vec<String> {
    let mut chunks = vec![String::new()];
    let mut used = 0usize;
    // what has been read since the last place where a cut is fine
    let mut cluster = String::new();
    let mut cluster_size = 0usize;
    let mut last = None;
    for c in text.chars().map(Some).chain([None]) {
        let goes_along = c.is_some_and(|c| joins(c) || last == Some('\u{200d}'));
        let full = c.is_some_and(|c| cluster_size.saturating_add(size(c)) > limit);
        if !goes_along || full {
            if used.saturating_add(cluster_size) > limit && used > 0 {
                chunks.push(String::new());
                used = 0;
            }
            if let Some(chunk) = chunks.last_mut() {
                chunk.push_str(&cluster);
            }
            used = used.saturating_add(cluster_size);
            cluster.clear();
            cluster_size = 0;
        }
        if let Some(c) = c {
            cluster.push(c);
            cluster_size = cluster_size.saturating_add(size(c));
        }
        last = c;
    }
    chunks.retain(|chunk| !chunk.is_empty());
    chunks
}

/// Marks, variation selectors, skin tones and the joiner.
const fn joins(c: char) -> bool {
    matches!(
        c,
        '\u{300}'..='\u{36f}' | '\u{3099}' | '\u{309a}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{e0100}'..='\u{e01ef}' | '\u{1f3fb}'..='\u{1f3ff}'
    )
}

/// RFC 2231 leaves more bytes as they are; these are the ones that nobody disputes.
const fn is_open(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

fn percent(byte: u8) -> String {
    if is_open(byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

fn percent_len(c: char) -> usize {
    let open = u8::try_from(c).is_ok_and(is_open);
    if open {
        1
    } else {
        c.len_utf8().saturating_mul(3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_short_and_whole() {
        assert_eq!(encode("あ"), ["=?UTF-8?B?44GC?="]);
        let words = encode(&"表".repeat(40));
        assert_eq!(words.len(), 4);
        assert!(words.iter().all(|w| w.len() <= 64));
    }

    #[test]
    fn a_character_and_its_selector_stay_together() {
        let text = format!("{}葛\u{e0100}飾", "a".repeat(35));
        let pieces = chunks(&text, WORD_BYTES, char::len_utf8);
        assert_eq!(pieces, ["a".repeat(35), "葛\u{e0100}飾".to_owned()]);
    }

    #[test]
    fn endless_marks_are_cut_all_the_same() {
        let text = format!("e{}", "\u{301}".repeat(100));
        let pieces = chunks(&text, WORD_BYTES, char::len_utf8);
        assert!(pieces.iter().all(|p| p.len() <= WORD_BYTES));
        assert_eq!(pieces.concat(), text);
    }

    #[test]
    fn sections_are_percent_encoded() {
        assert_eq!(sections("請 a.txt"), ["%E8%AB%8B%20a.txt"]);
        assert!(sections(&"表".repeat(70)).iter().all(|s| s.len() <= 50));
    }
}

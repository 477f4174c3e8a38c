//! Base64 of which there is one form only: full lines, padding, no stray bits.

use super::lines::Lines;
use crate::text::Body;
use mugai_core::Violation;

/// Characters of a full line.
pub(super) const LINE: usize = 76;
/// Bytes that a full line encodes.
const LINE_BYTES: usize = 57;

/// More bytes of a body than this are not kept: what has been read of it is checked, and forgotten.
const LARGE: usize = 64 << 10;

/// What lines encode.
pub(super) enum Content<'a> {
    /// All of it.
    Whole(Vec<u8>),
    /// The same as a file that has been checked before.
    Known(&'a [u8]),
    /// Too much to be kept.
    Digest(blake3::Hash),
}

impl Content<'_> {
    /// Whether it is exactly `wanted`.
    pub(super) fn is(&self, wanted: &[u8]) -> bool {
        match self {
            Self::Whole(bytes) => bytes == wanted,
            Self::Known(bytes) => *bytes == wanted,
            Self::Digest(digest) => blake3::hash(wanted) == *digest,
        }
    }
}

/// Reads a body, and checks it as a text on the way.
pub(super) fn body(lines: &mut Lines<'_>) -> Result<Content<'static>, Violation> {
    let mut text = Body::default();
    let mut digest = None;
    let mut out = Vec::with_capacity(capacity(lines, LARGE / LINE_BYTES));
    read(lines, &mut out, |out| {
        if out.len() >= LARGE {
            let digest = digest.get_or_insert_with(blake3::Hasher::new);
            digest.update(out);
            text.put(out).map_err(without_place)?;
            out.clear();
        }
        Ok(())
    })?;
    text.put(&out)
        .and_then(|()| text.end())
        .map_err(without_place)?;
    Ok(match digest {
        Some(mut digest) => Content::Digest(digest.update(&out).finalize()),
        None => Content::Whole(out),
    })
}

/// An offset inside of decoded contents is none in the message.
pub(super) fn without_place(violation: Violation) -> Violation {
    Violation {
        offset: None,
        ..violation
    }
}

/// Reads lines up to a line that starts with `--` or to the end.
pub(super) fn whole(lines: &mut Lines<'_>) -> Result<Vec<u8>, Violation> {
    let mut out = Vec::with_capacity(capacity(lines, usize::MAX));
    read(lines, &mut out, |_| Ok(()))?;
    Ok(out)
}

/// How much the next lines can encode, of which at most `most` are looked at: most blocks are full
/// lines but for the last one.
fn capacity(lines: &Lines<'_>, most: usize) -> usize {
    let likely = lines.count_full(most).saturating_add(1);
    likely.saturating_mul(LINE_BYTES)
}

/// Reads a block of lines into `out`, of which `each` may take what is there after every line.
fn read(
    lines: &mut Lines<'_>,
    out: &mut Vec<u8>,
    mut each: impl FnMut(&mut Vec<u8>) -> Result<(), Violation>,
) -> Result<(), Violation> {
    let start = lines.at();
    let mut last = false;
    loop {
        // 76 characters of the alphabet and CRLF are a line, printable, and not the last
        if !last && let Some(bytes) = lines.peek_full().and_then(full_line) {
            out.extend_from_slice(&bytes);
            lines.skip_full();
            each(out)?;
            continue;
        }
        let Some(line) = lines.peek()? else { break };
        if line.starts_with("--") {
            break;
        }
        if last || line.is_empty() || line.len() > LINE || !decode(line, out) {
            return Err(lines.wrong("eml: base64"));
        }
        // only the last line may be short, and only it may be padded
        last = line.len() < LINE || line.ends_with('=');
        lines.next()?;
        each(out)?;
    }
    if lines.at() == start {
        return Err(lines.wrong("eml: empty part"));
    }
    Ok(())
}

/// Reads a block of lines if it encodes exactly `wanted`; else they stay.
pub(super) fn is_known(lines: &mut Lines<'_>, wanted: &[u8]) -> bool {
    let mut ahead = lines.clone();
    let mut rest = wanted;
    while let Some(bytes) = ahead.peek_full().and_then(full_line) {
        let Some(after) = rest.strip_prefix(&bytes) else {
            return false;
        };
        rest = after;
        ahead.skip_full();
    }
    let mut short = Vec::new();
    if !rest.is_empty() {
        let Ok(Some(line)) = ahead.next() else {
            return false;
        };
        if line.len() > LINE || !decode(line, &mut short) || short != rest {
            return false;
        }
    }
    let ended = match ahead.peek() {
        Ok(Some(line)) => line.starts_with("--"),
        Ok(None) => true,
        Err(_) => false,
    };
    if ended && !wanted.is_empty() {
        *lines = ahead;
    }
    ended && !wanted.is_empty()
}

/// What a full line without padding encodes; `None` where a character is not of the alphabet.
fn full_line(line: &[u8; LINE]) -> Option<[u8; LINE_BYTES]> {
    let mut bytes = [0; LINE_BYTES];
    let (triples, _) = bytes.as_chunks_mut::<3>();
    let (quads, _) = line.as_chunks::<4>();
    let mut all = 0u8;
    for (triple, quad) in triples.iter_mut().zip(quads) {
        let [a, b, c, d] = quad.map(digit);
        all |= a | b | c | d;
        *triple = [(a << 2) | (b >> 4), (b << 4) | (c >> 2), (c << 6) | d];
    }
    (all < 64).then_some(bytes)
}

/// The value of a character, [`NONE`] for what is not of the alphabet.
fn digit(character: u8) -> u8 {
    VALUES.get(usize::from(character)).copied().unwrap_or(NONE)
}

/// No value: more than any of six bits, alone or together with others.
const NONE: u8 = 0xff;

/// The value of every character.
static VALUES: [u8; 256] = values();

#[expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "runs while compiling; an index out of bounds would not compile"
)]
const fn values() -> [u8; 256] {
    let mut values = [NONE; 256];
    let mut character = 0u8;
    while character < 128 {
        if let Some(value) = value(character) {
            values[character as usize] = value;
        }
        character = character.saturating_add(1);
    }
    values
}

/// Appends what `text` encodes; false when it is not the one way to encode that.
pub(super) fn decode(text: &str, out: &mut Vec<u8>) -> bool {
    let (quads, rest) = text.as_bytes().as_chunks::<4>();
    if !rest.is_empty() {
        return false;
    }
    let last = quads.len().saturating_sub(1);
    quads.iter().enumerate().all(|(index, quad)| {
        let [a, b, c, d] = quad.map(value);
        let end = index == last;
        // the bits behind the last byte have to be zero
        match (a, b, c, d) {
            (Some(a), Some(b), Some(c), Some(d)) => {
                out.extend_from_slice(&[(a << 2) | (b >> 4), (b << 4) | (c >> 2), (c << 6) | d]);
                true
            }
            (Some(a), Some(b), Some(c), None) => {
                out.extend_from_slice(&[(a << 2) | (b >> 4), (b << 4) | (c >> 2)]);
                end && quad.ends_with(b"=") && c.trailing_zeros() >= 2
            }
            (Some(a), Some(b), None, None) => {
                out.push((a << 2) | (b >> 4));
                end && quad.ends_with(b"==") && b.trailing_zeros() >= 4
            }
            _ => false,
        }
    })
}

const fn value(digit: u8) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => digit.checked_sub(b'A'),
        b'a'..=b'z' => digit.checked_sub(b'a' - 26),
        b'0'..=b'9' => digit.checked_add(52 - b'0'),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        decode(text, &mut out).then_some(out)
    }

    #[test]
    fn one_form_only() {
        assert_eq!(decoded("").unwrap(), b"");
        assert_eq!(decoded("Zg==").unwrap(), b"f");
        assert_eq!(decoded("Zm8=").unwrap(), b"fo");
        assert_eq!(decoded("Zm9vYmFy").unwrap(), b"foobar");
        assert_eq!(decoded("+/+/").unwrap(), [0xfb, 0xff, 0xbf]);
        for bad in [
            "Z", "Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==", "Z g=", "Zm9v\n", "-_-_",
            "Zm=v",
        ] {
            assert!(decoded(bad).is_none(), "{bad}");
        }
    }

    /// Every byte in every place of a full line, by the fast way and by the plain one.
    #[test]
    fn full_lines_are_judged_as_all_others() {
        for place in 0..LINE {
            for byte in 0..=u8::MAX {
                let mut line = [b'k'; LINE];
                line[place] = byte;
                let plain = std::str::from_utf8(&line).ok().and_then(decoded);
                let plain = plain.filter(|_| byte != b'=');
                let fast = full_line(&line).map(|bytes| bytes.to_vec());
                assert_eq!(fast, plain, "{place} {byte}");
            }
        }
    }

    /// Lines that encode so many bytes of `ABCABC…`.
    fn encoded(length: usize) -> String {
        let mut text = format!("{}\r\n", "QUJD".repeat(19)).repeat(length / 57);
        text.push_str(&"QUJD".repeat(length % 57 / 3));
        text.push_str(match length % 3 {
            0 => "",
            1 => "QQ==",
            _ => "QUI=",
        });
        if !length.is_multiple_of(57) {
            text.push_str("\r\n");
        }
        text
    }

    #[test]
    fn known_contents_are_what_the_lines_encode_and_nothing_else() {
        for length in [1, 2, 3, 56, 57, 58, 59, 75, 76, 77, 114, 200] {
            for behind in ["", "--x\r\n"] {
                let text = format!("{}{behind}", encoded(length));
                let bytes = whole(&mut Lines::new(text.as_bytes())).unwrap();
                assert_eq!(bytes.len(), length);
                let is = |wanted: &[u8]| {
                    let mut lines = Lines::new(text.as_bytes());
                    let known = is_known(&mut lines, wanted);
                    let read = if known { text.len() - behind.len() } else { 0 };
                    assert_eq!(lines.at(), read);
                    known
                };
                assert!(is(&bytes), "{length}");
                for at in 0..bytes.len() {
                    let mut other = bytes.clone();
                    other[at] ^= 1;
                    assert!(!is(&other), "{length} {at}");
                    assert!(!is(&bytes[..at]));
                }
                assert!(!is(&[bytes.as_slice(), b"A"].concat()));
            }
        }
    }

    /// What is no block is not known either, whatever it is compared with.
    #[test]
    fn known_contents_stand_in_blocks_that_could_be_read() {
        let full = "A".repeat(76);
        for text in [
            format!("{full}\r\nAAAA\r\nAAAA\r\n"),
            format!("{full}AAAA\r\n"),
            format!("{full}\n"),
            format!("{full}\r\n\r\n"),
            "AB==\r\n".to_owned(),
            "\r\n".to_owned(),
            String::new(),
        ] {
            for length in 0..70 {
                let zeros = vec![0; length];
                let mut lines = Lines::new(text.as_bytes());
                let read = whole(&mut Lines::new(text.as_bytes()));
                assert!(read.is_err() || read.unwrap() != zeros, "{text}");
                assert!(!is_known(&mut lines, &zeros), "{text} {length}");
            }
        }
    }

    #[test]
    fn only_the_last_line_is_short() {
        let full = "A".repeat(76);
        for (body, fine) in [
            (format!("{full}\r\nAAAA\r\n"), true),
            (format!("{full}\r\n{full}\r\n"), true),
            (format!("AAAA\r\n{full}\r\n"), false),
            (format!("AAAA\r\n{full}A\r\n"), false),
            (format!("{full}AAAA\r\n"), false),
            (format!("{}=\r\nAAAA\r\n", "A".repeat(75)), false),
            (format!("{}=\r\n{full}\r\n", "A".repeat(75)), false),
            ("AAAA\r\nAAAA\r\n".to_owned(), false),
            (format!("{full}\n{full}\r\n"), false),
            (format!("{full}\r\n{}-\r\n", "A".repeat(75)), false),
            (format!("{full}\r\n{}\r\r\n", "A".repeat(75)), false),
            (full.clone(), false),
            (format!("{full}\r"), false),
            ("AAAA\r\n\r\n".to_owned(), false),
            ("\r\n".to_owned(), false),
            (String::new(), false),
            ("AAAA\r\n--x\r\n".to_owned(), true),
        ] {
            assert_eq!(
                whole(&mut Lines::new(body.as_bytes())).is_ok(),
                fine,
                "{body}"
            );
        }
    }

    #[test]
    fn large_bodies_are_not_kept() {
        for (lines, kept) in [(LARGE / LINE_BYTES, true), (LARGE / LINE_BYTES + 1, false)] {
            // ends in CRLF, as a body does
            let full = format!("{}\r\n", "QUJD".repeat(19));
            let text = format!("{}QQ0K\r\n", full.repeat(lines));
            let mut bytes = whole(&mut Lines::new(text.as_bytes())).unwrap();
            let content = body(&mut Lines::new(text.as_bytes())).unwrap();
            assert_eq!(matches!(content, Content::Whole(_)), kept);
            assert!(content.is(&bytes));
            *bytes.last_mut().unwrap() ^= 1;
            assert!(!content.is(&bytes));
            assert!(!content.is(&[]));
        }
    }
}

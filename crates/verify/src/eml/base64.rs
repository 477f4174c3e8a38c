//! Base64 of which there is one form only: full lines, padding, no stray bits.

use super::lines::Lines;
use mugai_core::Violation;

/// Characters of a full line.
pub(super) const LINE: usize = 76;
/// Bytes that a full line encodes.
const LINE_BYTES: usize = 57;

/// More bytes than this are not kept for a comparison.
const LARGE: usize = 64 << 10;

/// What lines encode, and the lines themselves.
pub(super) struct Block<'a> {
    /// What they encode, as long as it is kept.
    pub(super) bytes: Vec<u8>,
    /// The lines, of which every one has been read.
    lines: &'a [u8],
}

/// Reads lines up to a line that starts with `--` or to the end.
pub(super) fn block<'a>(lines: &mut Lines<'a>) -> Result<Block<'a>, Violation> {
    let start = lines.at();
    // most blocks are full lines but for the last one, so that this is what they need
    let likely = lines.count_full().saturating_add(1);
    let mut out = Vec::with_capacity(likely.saturating_mul(LINE_BYTES));
    let mut last = false;
    loop {
        // 76 characters of the alphabet and CRLF are a line, printable, and not the last
        if !last && let Some(bytes) = lines.peek_full().and_then(full_line) {
            out.extend_from_slice(&bytes);
            lines.skip_full();
            continue;
        }
        let Some(line) = lines.peek()? else { break };
        if line.starts_with("--") {
            break;
        }
        if last || line.is_empty() || line.len() > LINE || !decode(line, &mut out) {
            return Err(lines.wrong("eml: base64"));
        }
        // only the last line may be short, and only it may be padded
        last = line.len() < LINE || line.ends_with('=');
        lines.next()?;
    }
    if lines.at() == start {
        return Err(lines.wrong("eml: empty part"));
    }
    Ok(Block {
        bytes: out,
        lines: lines.since(start),
    })
}

impl Block<'_> {
    /// Frees a large copy of what the lines encode.
    pub(super) fn free_large(&mut self) {
        if self.bytes.len() > LARGE {
            self.bytes = Vec::new();
        }
    }

    /// Whether the lines encode exactly `wanted`.
    pub(super) fn is(&self, wanted: &[u8]) -> bool {
        // no block is empty: without its bytes it is read once more
        if self.bytes.is_empty() {
            self.is_by_lines(wanted)
        } else {
            self.bytes == wanted
        }
    }

    fn is_by_lines(&self, wanted: &[u8]) -> bool {
        let mut lines = Lines::new(self.lines);
        let mut rest = wanted;
        let mut short = Vec::new();
        loop {
            if let Some(bytes) = lines.peek_full().and_then(full_line) {
                let Some(after) = rest.strip_prefix(&bytes) else {
                    return false;
                };
                rest = after;
                lines.skip_full();
                continue;
            }
            short.clear();
            match lines.next() {
                Ok(Some(line)) if decode(line, &mut short) => match rest.strip_prefix(&*short) {
                    Some(after) => rest = after,
                    None => return false,
                },
                Ok(None) => return rest.is_empty(),
                Ok(Some(_)) | Err(_) => return false,
            }
        }
    }
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

    #[test]
    fn lines_encode_what_was_read_and_nothing_else() {
        for length in [1, 56, 57, 58, 59, 114, 200] {
            let full = "QUJD".repeat(19);
            let mut text = format!("{full}\r\n").repeat(length / 57);
            text.push_str(match length % 57 {
                0 => "",
                1 => "QQ==\r\n",
                2 => "QUI=\r\n",
                _ => "QUJD\r\n",
            });
            let block = block(&mut Lines::new(text.as_bytes())).unwrap();
            let is = |wanted: &[u8]| {
                let verdict = block.is_by_lines(wanted);
                assert_eq!(block.is(wanted), verdict);
                verdict
            };
            assert!(is(&block.bytes));
            for at in 0..block.bytes.len() {
                let mut other = block.bytes.clone();
                other[at] ^= 1;
                assert!(!is(&other), "{length} {at}");
                assert!(!is(&block.bytes[..at]));
            }
            assert!(!is(&[block.bytes.as_slice(), b"A"].concat()));
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
                block(&mut Lines::new(body.as_bytes())).is_ok(),
                fine,
                "{body}"
            );
        }
    }

    #[test]
    fn large_blocks_are_compared_without_their_bytes() {
        for (lines, kept) in [(LARGE / LINE_BYTES, true), (LARGE / LINE_BYTES + 1, false)] {
            let text = format!("{}\r\n", "QUJD".repeat(19)).repeat(lines);
            let mut block = block(&mut Lines::new(text.as_bytes())).unwrap();
            let mut bytes = block.bytes.clone();
            block.free_large();
            assert_eq!(!block.bytes.is_empty(), kept);
            assert!(block.is(&bytes));
            *bytes.last_mut().unwrap() ^= 1;
            assert!(!block.is(&bytes));
            assert!(!block.is(&[]));
        }
    }
}

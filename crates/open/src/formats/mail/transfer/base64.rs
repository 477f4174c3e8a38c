//! Base64 (RFC 2045 section 6.8): whole blocks fast, everything odd byte by byte.

use crate::formats::mail::fields::line_at;

/// Marks bytes outside of the alphabet in [`TABLE`].
const BAD: u8 = 0x80;

const TABLE: [u8; 256] = table();

#[expect(
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::arithmetic_side_effects,
    reason = "evaluated by the compiler, where a mistake does not build"
)]
const fn table() -> [u8; 256] {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut table = [BAD; 256];
    let mut index = 0;
    while index < alphabet.len() {
        table[alphabet[index] as usize] = index as u8;
        index += 1;
    }
    table
}

fn value(byte: u8) -> u8 {
    TABLE.get(usize::from(byte)).copied().unwrap_or(BAD)
}

/// What was decoded.
pub(super) struct Decoded {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Junk, a bad length, data after padding, or no base64 at all.
    pub odd: bool,
}

/// Decodes the content of a part. Junk is skipped, padding may be missing, and another run may
/// follow behind padding. What does not look like base64 at all comes back as it is: a mail whose
/// text was declared as base64 and never encoded.
pub(super) fn decode(raw: &[u8]) -> Decoded {
    if looks_plain(raw) {
        return Decoded {
            bytes: raw.to_vec(),
            odd: true,
        };
    }
    let mut decoder = Decoder::default();
    // less than what was sent, which is in memory already
    decoder.bytes.reserve((raw.len() / 4).saturating_mul(3));
    let mut at = 0;
    let mut longest = 0usize;
    let mut short = false;
    while let Some((line, next)) = line_at(raw, at) {
        // prose behind padding, or behind a last line that needs none, was appended by a mailing list:
        // it is no data
        let over = decoder.padded && is_prose(line) || short && is_plainly_prose(line);
        if over && decoder.sextets == 0 {
            decoder.odd = true;
            break;
        }
        decoder.line(line);
        let length = line.trim_ascii().len();
        short = length < longest;
        longest = longest.max(length);
        at = next;
    }
    decoder.finish()
}

/// Decodes the text of an encoded-word (RFC 2047 section 4.1).
pub(in super::super) fn decode_word(text: &[u8]) -> Vec<u8> {
    let mut decoder = Decoder::default();
    decoder.line(text);
    decoder.finish().bytes
}

/// Characters decoded at once: a multiple of four, small enough to stay in the nearest cache.
const BLOCK: usize = 4096;

#[derive(Default)]
struct Decoder {
    bytes: Vec<u8>,
    /// Sextets that do not make a byte yet, the newest in the lowest bits.
    pending: u32,
    sextets: u8,
    padded: bool,
    odd: bool,
}

impl Decoder {
    fn line(&mut self, line: &[u8]) {
        for block in line.chunks(BLOCK) {
            if !self.quads(block) {
                for &byte in block {
                    self.byte(byte);
                }
            }
        }
    }

    /// Decodes a block of nothing but whole quads of the alphabet; says so if it is none.
    fn quads(&mut self, block: &[u8]) -> bool {
        let (quads, rest) = block.as_chunks::<4>();
        if self.sextets != 0 || self.padded || !rest.is_empty() {
            return false;
        }
        let start = self.bytes.len();
        let room = quads.len().saturating_mul(3);
        self.bytes.resize(start.saturating_add(room), 0);
        let (triples, _) = self
            .bytes
            .get_mut(start..)
            .unwrap_or_default()
            .as_chunks_mut::<3>();
        let mut seen = 0;
        for (triple, quad) in triples.iter_mut().zip(quads) {
            let [a, b, c, d] = quad.map(value);
            seen |= a | b | c | d;
            let word =
                (u32::from(a) << 18) | (u32::from(b) << 12) | (u32::from(c) << 6) | u32::from(d);
            let [_, first, second, third] = word.to_be_bytes();
            *triple = [first, second, third];
        }
        let clean = seen & BAD == 0;
        if !clean {
            self.bytes.truncate(start);
        }
        clean
    }

    fn byte(&mut self, byte: u8) {
        match value(byte) {
            BAD => match byte {
                b'=' => self.pad(),
                b' ' | b'\t' | b'\r' | b'\n' => {}
                _ => self.odd = true,
            },
            sextet => {
                // a second run behind the padding of the first
                self.odd |= std::mem::take(&mut self.padded);
                self.pending = (self.pending << 6) | u32::from(sextet);
                self.sextets = self.sextets.saturating_add(1);
                if self.sextets == 4 {
                    let [_, first, second, third] = self.pending.to_be_bytes();
                    self.bytes.extend_from_slice(&[first, second, third]);
                    self.clear();
                }
            }
        }
    }

    fn pad(&mut self) {
        if self.sextets == 0 {
            // the second `=` of two is right, any other is junk
            self.odd |= !self.padded;
        }
        self.flush();
        self.padded = true;
    }

    /// Takes the whole bytes out of a quad that is not full.
    fn flush(&mut self) {
        match self.sextets {
            2 => {
                let [.., byte] = (self.pending >> 4).to_be_bytes();
                self.bytes.push(byte);
            }
            3 => {
                let [.., first, second] = (self.pending >> 2).to_be_bytes();
                self.bytes.extend_from_slice(&[first, second]);
            }
            1 => self.odd = true,
            _ => {}
        }
        self.clear();
    }

    fn clear(&mut self) {
        self.pending = 0;
        self.sextets = 0;
    }

    fn finish(mut self) -> Decoded {
        self.odd |= self.sextets != 0;
        self.flush();
        Decoded {
            bytes: self.bytes,
            odd: self.odd,
        }
    }
}

/// Whether a line holds something other than base64 and blanks.
fn is_prose(line: &[u8]) -> bool {
    line.iter()
        .any(|&byte| value(byte) == BAD && !matches!(byte, b'=' | b' ' | b'\t' | b'\r'))
}

/// Whether a line holds so much other than base64 that no damage on the way explains it.
fn is_plainly_prose(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let junk = line
        .iter()
        .filter(|&&byte| value(byte) == BAD && byte != b'=');
    junk.count().saturating_mul(8) > line.len()
}

/// Whether content is text that was never encoded: more than one in eight of its first bytes is
/// outside of the alphabet (blanks inside of lines included), and its first line is no base64.
fn looks_plain(raw: &[u8]) -> bool {
    let head = raw.get(..raw.len().min(1024)).unwrap_or_default();
    let mut total = 0usize;
    let mut strange = 0usize;
    let mut first = true;
    for line in head.split(|&b| b == b'\n') {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        let junk = line
            .iter()
            .filter(|&&b| value(b) == BAD && b != b'=')
            .count();
        if first && junk == 0 && (line.len() >= 16 || line.len().is_multiple_of(4)) {
            return false;
        }
        first = false;
        total = total.saturating_add(line.len());
        strange = strange.saturating_add(junk);
    }
    strange.saturating_mul(8) > total
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::mail::tests::encode::base64;
    use proptest::prelude::*;

    #[test]
    fn tolerance() {
        for (raw, want, odd) in [
            ("", "", false),
            ("aGVsbG8gd29ybGQ=", "hello world", false),
            ("aGVsbG8g\r\nd29ybGQ=\r\n", "hello world", false),
            ("aGVsbG8gd29ybGQ", "hello world", true),
            ("aGVs!bG8gd29ybGQ=", "hello world", true),
            ("aGVsbG8=d29ybGQ=", "helloworld", true),
            ("aGVsbG8=\r\nd29ybGQ=\r\n", "helloworld", true),
            ("aGVs bG8g\r\n d29ybGQ=", "hello world", false),
            ("aGVsbG8gd29ybGQ=\r\n\r\n", "hello world", false),
            (
                "aGVsbG8gd29ybGQ=\n-- \nlist, see x.example\n",
                "hello world",
                true,
            ),
            (
                "aGVsbG8gd29ybGQh\naGVsbG8h\n-- \nlist, see x.example\n",
                "hello world!hello!",
                true,
            ),
            (
                "aGVsbG8gd29ybGQh\n\n____\nlist, see x.example\n",
                "hello world!",
                true,
            ),
            (
                "aGVsbG8gd29ybGQh\n\naGVsbG8gd29ybGQh\n\naGVs!bG8gd29ybGQh\n",
                "hello world!hello world!hello world!",
                true,
            ),
            ("aGVsbG8gd29ybGQ==", "hello world", false),
            (
                "Hello, world. This is text.\n",
                "Hello, world. This is text.\n",
                true,
            ),
            ("\u{1b}$B$3$s\u{1b}(B\n", "\u{1b}$B$3$s\u{1b}(B\n", true),
            ("aGVsbG8gd29ybGQhA", "hello world!", true),
        ] {
            let got = decode(raw.as_bytes());
            assert_eq!(got.bytes, want.as_bytes(), "{raw:?}");
            assert_eq!(got.odd, odd, "{raw:?}");
        }
    }

    fn encode(bytes: &[u8], width: usize) -> String {
        let chars = base64(bytes);
        let lines: Vec<_> = chars
            .as_bytes()
            .chunks(width)
            .map(|line| std::str::from_utf8(line).unwrap())
            .collect();
        lines.join("\r\n")
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn what_was_encoded_comes_back(bytes in proptest::collection::vec(any::<u8>(), 0..20_000), width in 4usize..6_000) {
            let got = decode(encode(&bytes, width).as_bytes());
            prop_assert_eq!(got.bytes, bytes);
            prop_assert!(!got.odd);
        }

        #[test]
        fn it_only_shrinks(raw in proptest::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(decode(&raw).bytes.len() <= raw.len());
        }
    }
}

//! `BinHex` 4.0 (RFC 1741 appendix A): a file of a Macintosh in letters, with checksums.
//!
//! # Limitations
//! Only the data fork is taken; the resource fork, which may hold programs, is left out.

use mugai_core::{Cx, Refusal, Resource};

/// What its first line begins with.
pub(super) const BANNER: &[u8] = b"(This file must be converted with BinHex";

/// The letters of six bits each.
const LETTERS: &[u8; 64] = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr";
/// A byte that is repeated stands before this one, how often behind it.
const REPEAT: u8 = 0x90;
/// The longest name.
const MAX_NAME: usize = 63;
/// Behind the name: version, type, creator, flags, lengths of both forks.
const HEAD: usize = 19;

/// A file that was found.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct File<'a> {
    /// Its name, not yet decoded.
    pub(super) name: Vec<u8>,
    /// Its data fork.
    pub(super) content: Vec<u8>,
    /// Whether there is a resource fork.
    pub(super) resources: bool,
    /// What stands behind it.
    pub(super) rest: &'a [u8],
}

/// Reads the file behind the banner, which `input` begins with; `None` where there is none, or not a
/// whole one.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn read<'a>(input: &'a [u8], cx: &Cx<'_>) -> Result<Option<File<'a>>, Refusal> {
    let Some((letters, rest)) = between_colons(input) else {
        return Ok(None);
    };
    cx.charge_len(Resource::Steps, letters.len())?;
    let mut bytes = Unpacked::new(letters);
    let Some((name, data, resources)) = head(&mut bytes) else {
        return Ok(None);
    };
    // a letter is six bits, two bytes of which are up to 255
    if data / 200 > letters.len() {
        return Ok(None);
    }
    super::archive::room(data, cx)?;
    cx.charge_len(Resource::Steps, data)?;
    let content = checked(&mut bytes, data);
    Ok(content.map(|content| File {
        name,
        content,
        resources: resources > 0,
        rest,
    }))
}

/// What stands between the first two colons, the second of which ends its line.
fn between_colons(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = memchr::memchr(b'\n', input)?;
    let behind = input.get(line.checked_add(1)?..)?;
    let start = behind.iter().position(|byte| !byte.is_ascii_whitespace())?;
    let letters = behind.get(start..)?.strip_prefix(b":")?;
    let end = memchr::memchr(b':', letters)?;
    let (letters, rest) = letters.split_at_checked(end)?;
    let rest = rest.get(1..)?;
    let line = memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at.saturating_add(1));
    let (tail, rest) = rest.split_at_checked(line)?;
    tail.trim_ascii().is_empty().then_some((letters, rest))
}

/// The name and the lengths of both forks.
fn head(bytes: &mut Unpacked<'_>) -> Option<(Vec<u8>, usize, usize)> {
    let length = bytes.next()?;
    let name_length = usize::from(length);
    if !(1..=MAX_NAME).contains(&name_length) {
        return None;
    }
    let head = bytes.take(name_length.checked_add(HEAD)?)?;
    let sum = bytes.sum()?;
    let all: Vec<u8> = std::iter::once(length)
        .chain(head.iter().copied())
        .collect();
    if crc(&all) != sum {
        return None;
    }
    let (name, rest) = head.split_at_checked(name_length)?;
    let number = |at: usize| {
        let bytes = rest.get(at..)?.first_chunk()?;
        usize::try_from(u32::from_be_bytes(*bytes)).ok()
    };
    Some((name.to_vec(), number(11)?, number(15)?))
}

fn checked(bytes: &mut Unpacked<'_>, length: usize) -> Option<Vec<u8>> {
    let content = bytes.take(length)?;
    (crc(&content) == bytes.sum()?).then_some(content)
}

/// CRC-16 of polynomial 0x1021, from zero.
fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |sum, byte| {
        (0..8).fold(sum ^ u16::from(*byte) << 8, |sum, _| {
            let polynomial = if sum & 0x8000 == 0 { 0 } else { 0x1021 };
            sum << 1 ^ polynomial
        })
    })
}

/// Bytes out of letters, repetitions undone.
struct Unpacked<'a> {
    letters: &'a [u8],
    bits: u32,
    count: u32,
    last: u8,
    again: u8,
}

impl<'a> Unpacked<'a> {
    const fn new(letters: &'a [u8]) -> Self {
        Self {
            letters,
            bits: 0,
            count: 0,
            last: 0,
            again: 0,
        }
    }

    fn take(&mut self, length: usize) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        for _ in 0..length {
            out.push(self.next()?);
        }
        Some(out)
    }

    fn sum(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes([self.next()?, self.next()?]))
    }

    fn next(&mut self) -> Option<u8> {
        if let Some(again) = self.again.checked_sub(1) {
            self.again = again;
            return Some(self.last);
        }
        let byte = self.raw()?;
        if byte != REPEAT {
            self.last = byte;
            return Some(byte);
        }
        match self.raw()? {
            0 => {
                self.last = REPEAT;
                Some(REPEAT)
            }
            // once it stands there already
            times => {
                self.again = times.checked_sub(2)?;
                Some(self.last)
            }
        }
    }

    fn raw(&mut self) -> Option<u8> {
        while self.count < 8 {
            let (letter, rest) = self.letters.split_first()?;
            self.letters = rest;
            if letter.is_ascii_whitespace() {
                continue;
            }
            let value = LETTERS.iter().position(|known| known == letter)?;
            self.bits = (self.bits << 6) | u32::try_from(value).ok()?;
            self.count = self.count.saturating_add(6);
        }
        self.count = self.count.saturating_sub(8);
        let [.., byte] = (self.bits >> self.count).to_be_bytes();
        Some(byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::{Hints, Treatments};
    use mugai_testkit::show::taped;

    /// A file in letters, runs of four and more repeated.
    fn encode(name: &str, data: &[u8], resource: &[u8]) -> Vec<u8> {
        let mut all = vec![u8::try_from(name.len()).unwrap()];
        all.extend(name.as_bytes());
        all.extend(b"\0TEXTttxt\0\0");
        for fork in [data, resource] {
            all.extend(u32::try_from(fork.len()).unwrap().to_be_bytes());
        }
        all.extend(crc(&all).to_be_bytes());
        for fork in [data, resource] {
            all.extend(fork);
            all.extend(crc(fork).to_be_bytes());
        }
        let mut packed: Vec<u8> = Vec::new();
        let mut rest = all.as_slice();
        while let Some(byte) = rest.first() {
            let run = rest.iter().take(255).take_while(|b| *b == byte).count();
            packed.extend(if *byte == REPEAT {
                vec![REPEAT, 0]
            } else {
                vec![*byte]
            });
            let step = if run > 3 && *byte != REPEAT {
                packed.extend([REPEAT, u8::try_from(run).unwrap()]);
                run
            } else {
                1
            };
            rest = &rest[step..];
        }
        let mut out = b"(This file must be converted with BinHex 4.0)\r\n\r\n:".to_vec();
        let bits: Vec<u8> = packed
            .iter()
            .flat_map(|b| (0..8).rev().map(move |n| b >> n & 1))
            .collect();
        for (place, six) in bits.chunks(6).enumerate() {
            let value = (0..6).fold(0, |sum, n| {
                sum << 1 | usize::from(six.get(n).copied().unwrap_or(0))
            });
            if place > 0 && place % 64 == 0 {
                out.extend(b"\r\n");
            }
            out.push(LETTERS[value]);
        }
        out.extend(b":\r\nbehind\r\n");
        out
    }

    fn decode(input: &[u8]) -> Result<Option<File<'_>>, Refusal> {
        taped(Treatments::nothing(), Hints::default(), |cx| {
            read(input, cx)
        })
        .0
    }

    #[test]
    fn what_was_put_in_comes_out() {
        for data in [
            &b""[..],
            b"text\r",
            &[0; 5_000],
            &[REPEAT; 9],
            b"aaaab\x90\x90c",
        ] {
            let input = encode("a b.txt", data, b"");
            let file = decode(&input).unwrap().unwrap();
            assert_eq!(file.name, b"a b.txt");
            assert_eq!(file.content, data);
            assert_eq!(file.rest, b"behind\r\n");
            assert!(!file.resources);
        }
        assert!(
            decode(&encode("a", b"x", b"CODE"))
                .unwrap()
                .unwrap()
                .resources
        );
    }

    #[test]
    fn nothing_that_is_not_whole() {
        let input = encode("a.txt", b"some text", b"");
        for place in 0..input.len() - b":\r\nbehind\r\n".len() {
            let cut = decode(&input[..place]);
            assert_eq!(cut, Ok(None), "{place}");
        }
        let banner = input.iter().position(|byte| *byte == b':').unwrap();
        for place in banner + 1..input.len() - 14 {
            let mut other = input.clone();
            other[place] = if other[place] == b'!' { b'"' } else { b'!' };
            assert_ne!(
                decode(&other).unwrap().map(|f| f.content),
                Some(b"some other".to_vec())
            );
        }
        assert_eq!(
            decode(b"(This file must be converted with BinHex 4.0)\n"),
            Ok(None)
        );
    }
}

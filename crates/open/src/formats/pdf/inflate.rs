//! Broken Flate data, read as the drawing library reads it when two honest decoders gave up.
//!
//! Its last resort (after that of pdf.js) goes on where RFC 1951 would end: distances before the first
//! byte, stored blocks with a wrong check, codes that are not complete. What it makes of such data has
//! to be measured too, so its rules stand here again, without its tables and, where only the length is
//! asked for, without its output.

/// Codes of lengths of codes, in the order in which they are told (RFC 1951, 3.2.7).
const ORDER: [usize; 19] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];
/// The longest code, in bits.
const MAX_BITS: u8 = 15;

/// Data that is inflated step by step.
pub(super) struct Tolerant<'d> {
    data: &'d [u8],
    at: usize,
    window: u32,
    bits: u8,
    is_end: bool,
    block: Option<(Codes, Codes)>,
    made: u64,
    kept: Option<Vec<u8>>,
}

/// What one step did.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Step {
    /// Bytes that came out.
    pub(super) made: u64,
    /// Whether tables were built.
    pub(super) has_tables: bool,
}

/// A Huffman code: bits of the next letters, in the order in which they come, lead to length and letter.
struct Codes {
    table: Vec<(u8, u16)>,
    longest: u8,
}

impl Codes {
    /// The code in which letter number n has `lengths[n]` bits.
    fn of(lengths: &[u8]) -> Self {
        let longest = lengths.iter().copied().max().unwrap_or(0).min(MAX_BITS);
        if longest == 0 {
            return Self {
                table: vec![(0, 0)],
                longest: 1,
            };
        }
        let mut table = vec![(0, 0); 1 << longest];
        let mut code = 0u32;
        for length in 1..=longest {
            for (letter, _) in lengths.iter().enumerate().filter(|(_, l)| **l == length) {
                let turned = code.reverse_bits() >> 32u32.saturating_sub(u32::from(length));
                let first = usize::try_from(turned).unwrap_or(usize::MAX);
                let letter = u16::try_from(letter).unwrap_or(u16::MAX);
                let places = table.iter_mut().skip(first).step_by(1 << length);
                places.for_each(|place| *place = (length, letter));
                code = code.wrapping_add(1);
            }
            code = code.wrapping_shl(1);
        }
        Self { table, longest }
    }

    /// The codes of blocks that bring none (3.2.6).
    fn fixed() -> (Self, Self) {
        let length = |letter: usize| match letter {
            144..=255 => 9,
            256..=279 => 7,
            _ => 8,
        };
        let lengths: Vec<u8> = (0..288).map(length).collect();
        (Self::of(&lengths), Self::of(&[5; 30]))
    }
}

impl<'d> Tolerant<'d> {
    /// Of `data`, with or without the header of zlib; `keep` is whether the output is wanted.
    pub(super) fn of(data: &'d [u8], keep: bool) -> Self {
        let has_header = data.first_chunk::<2>().is_some_and(|[method, flags]| {
            method & 0x0f == 8
                && u16::from_be_bytes([*method, *flags]).is_multiple_of(31)
                && flags & 0x20 == 0
        });
        Self {
            data,
            at: if has_header { 2 } else { 0 },
            window: 0,
            bits: 0,
            is_end: false,
            block: None,
            made: 0,
            kept: keep.then(Vec::new),
        }
    }

    /// The output, where it was kept.
    pub(super) fn into_kept(self) -> Vec<u8> {
        self.kept.unwrap_or_default()
    }

    /// One letter or stored block, or the head of a block; `None` at the end.
    pub(super) fn step(&mut self) -> Option<Step> {
        let before = self.made;
        let mut has_tables = false;
        if let Some(block) = self.block.take() {
            match self.letter(&block) {
                Some(true) => self.block = Some(block),
                Some(false) => {}
                None => self.is_end = true,
            }
        } else {
            if self.is_end || self.at >= self.data.len() {
                return None;
            }
            has_tables = self.head().unwrap_or_else(|| {
                self.is_end = true;
                false
            });
        }
        Some(Step {
            made: self.made.saturating_sub(before),
            has_tables,
        })
    }

    /// Reads the head of a block; whether tables were built for it.
    fn head(&mut self) -> Option<bool> {
        let head = self.take(3)?;
        self.is_end = head & 1 != 0;
        match head >> 1 {
            0 => self.stored().map(|()| false),
            1 => {
                self.block = Some(Codes::fixed());
                Some(true)
            }
            2 => {
                self.block = Some(self.told()?);
                Some(true)
            }
            _ => None,
        }
    }

    fn stored(&mut self) -> Option<()> {
        (self.window, self.bits) = (0, 0);
        let length = u16::from_le_bytes([self.byte()?, self.byte()?]);
        // the check is read and not looked at
        let _ = [self.byte()?, self.byte()?];
        let rest = self.data.get(self.at..).unwrap_or_default();
        let block = rest.get(..usize::from(length)).unwrap_or(rest);
        self.at = self.at.saturating_add(block.len());
        self.made = self.made.saturating_add(as_count(block.len()));
        if let Some(kept) = &mut self.kept {
            kept.extend_from_slice(block);
        }
        let is_cut = block.len() < usize::from(length) || (length == 0 && rest.is_empty());
        (!is_cut).then_some(())
    }

    /// The codes that a block brings (3.2.7).
    fn told(&mut self) -> Option<(Codes, Codes)> {
        let letters = self.count(5)?.saturating_add(257);
        let distances = self.count(5)?.saturating_add(1);
        let told = self.count(4)?.saturating_add(4);
        let mut lengths = vec![0u8; ORDER.len()];
        for place in ORDER.iter().take(told) {
            let length = u8::try_from(self.take(3)?).ok()?;
            if let Some(slot) = lengths.get_mut(*place) {
                *slot = length;
            }
        }
        let codes = Codes::of(&lengths);
        let all = letters.saturating_add(distances);
        let mut lengths: Vec<u8> = Vec::new();
        while lengths.len() < all {
            let code = self.code(&codes)?;
            let (length, times) = match code {
                0..=15 => (u8::try_from(code).ok()?, 1),
                16 => {
                    let times = self.count(2)?.saturating_add(3);
                    (lengths.last().copied().unwrap_or(0), times)
                }
                17 => (0, self.count(3)?.saturating_add(3)),
                18 => (0, self.count(7)?.saturating_add(11)),
                _ => return None,
            };
            let times = times.min(all.saturating_sub(lengths.len()));
            lengths.extend(std::iter::repeat_n(length, times));
        }
        let (letters, distances) = lengths.split_at_checked(letters)?;
        Some((Codes::of(letters), Codes::of(distances)))
    }

    /// One letter of a block; `false` for its end, `None` for the end of all.
    fn letter(&mut self, (letters, distances): &(Codes, Codes)) -> Option<bool> {
        let code = self.code(letters)?;
        if let Ok(byte) = u8::try_from(code) {
            self.made = self.made.saturating_add(1);
            if let Some(kept) = &mut self.kept {
                kept.push(byte);
            }
            return Some(true);
        }
        let Some(code) = code.checked_sub(257) else {
            return Some(false);
        };
        let (length, more) = length_of(code);
        let length = length.saturating_add(self.count(more)?);
        let code = self.code(distances)?;
        let (distance, more) = distance_of(code)?;
        let distance = distance.saturating_add(self.count(more)?);
        // what would come from before the first byte is left out
        if as_count(distance) <= self.made {
            self.made = self.made.saturating_add(as_count(length));
            if let Some(kept) = &mut self.kept {
                for _ in 0..length {
                    let from = kept.len().saturating_sub(distance);
                    let byte = kept.get(from).copied().unwrap_or(0);
                    kept.push(byte);
                }
            }
        }
        Some(true)
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = self.data.get(self.at).copied()?;
        self.at = self.at.saturating_add(1);
        Some(byte)
    }

    fn fill(&mut self) -> Option<()> {
        let byte = self.byte()?;
        self.window |= u32::from(byte).wrapping_shl(u32::from(self.bits));
        self.bits = self.bits.saturating_add(8);
        Some(())
    }

    fn drop_bits(&mut self, count: u8) {
        self.window = self.window.wrapping_shr(u32::from(count));
        self.bits = self.bits.saturating_sub(count);
    }

    fn take(&mut self, count: u8) -> Option<u32> {
        while self.bits < count {
            self.fill()?;
        }
        let value = self.window & mask(count);
        self.drop_bits(count);
        Some(value)
    }

    fn count(&mut self, bits: u8) -> Option<usize> {
        usize::try_from(self.take(bits)?).ok()
    }

    fn code(&mut self, codes: &Codes) -> Option<u16> {
        while self.bits < codes.longest && self.fill().is_some() {}
        let at = usize::try_from(self.window & mask(codes.longest)).ok()?;
        let (length, letter) = *codes.table.get(at)?;
        if length == 0 || self.bits < length {
            return None;
        }
        self.drop_bits(length);
        Some(letter)
    }
}

fn mask(bits: u8) -> u32 {
    1u32.wrapping_shl(u32::from(bits)).saturating_sub(1)
}

fn as_count(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// The shortest length of a code (3.2.5), counted from 257, and its extra bits; 0 for codes that there
/// are not.
fn length_of(code: u16) -> (usize, u8) {
    match code {
        0..8 => (usize::from(code).saturating_add(3), 0),
        28 => (258, 0),
        8..28 => {
            let more = code.div_euclid(4).saturating_sub(1);
            let base = 4usize.saturating_add(usize::from(code.rem_euclid(4))) << more;
            (base.saturating_add(3), u8::try_from(more).unwrap_or(0))
        }
        _ => (0, 0),
    }
}

/// The shortest distance of a code (3.2.5) and its extra bits.
fn distance_of(code: u16) -> Option<(usize, u8)> {
    match code {
        0..4 => Some((usize::from(code).saturating_add(1), 0)),
        4..30 => {
            let more = code.div_euclid(2).saturating_sub(1);
            let base = 2usize.saturating_add(usize::from(code.rem_euclid(2))) << more;
            Some((base.saturating_add(1), u8::try_from(more).ok()?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, ZlibEncoder};
    use hayro_syntax::object::{FromBytes, Stream};
    use proptest::prelude::*;
    use std::io::Write;

    fn inflated(data: &[u8]) -> Vec<u8> {
        let mut counted = Tolerant::of(data, false);
        let mut made = 0;
        while let Some(step) = counted.step() {
            made = step.made.saturating_add(made);
        }
        let mut kept = Tolerant::of(data, true);
        while kept.step().is_some() {}
        let kept = kept.into_kept();
        assert_eq!(as_count(kept.len()), made);
        kept
    }

    /// What the library makes of it.
    fn by_library(data: &[u8]) -> Option<Vec<u8>> {
        let mut file = b"<< /Filter /FlateDecode /Length ".to_vec();
        file.extend_from_slice(format!("{} >>\nstream\n", data.len()).as_bytes());
        file.extend_from_slice(data);
        file.extend_from_slice(b"\nendstream");
        let stream = Stream::from_bytes(&file)?;
        stream.decoded().ok().map(std::borrow::Cow::into_owned)
    }

    #[test]
    fn all_kinds_of_blocks_are_read() {
        let text: Vec<u8> = (0..60_000u32)
            .map(|at| u8::try_from((at * at / 7) % 251).unwrap())
            .collect();
        for level in [0, 1, 6, 9] {
            for body in [text.as_slice(), b"abc", b"", &vec![7; 100_000]] {
                let mut zlib = ZlibEncoder::new(Vec::new(), Compression::new(level));
                zlib.write_all(body).unwrap();
                assert_eq!(inflated(&zlib.finish().unwrap()), body, "{level}");
                let mut bare = DeflateEncoder::new(Vec::new(), Compression::new(level));
                bare.write_all(body).unwrap();
                assert_eq!(inflated(&bare.finish().unwrap()), body, "{level}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 400, ..ProptestConfig::default() })]

        #[test]
        fn broken_data_is_read_as_the_library_reads_it(
            head in prop::collection::vec(any::<u8>(), 0..6),
            body in prop::collection::vec(0u8..4, 0..3000),
            level in 0u32..10,
            at in 0usize..400,
            byte in any::<u8>(),
        ) {
            let mut bare = DeflateEncoder::new(Vec::new(), Compression::new(level));
            bare.write_all(&body).unwrap();
            let mut data = bare.finish().unwrap();
            if let Some(place) = data.get_mut(at) {
                *place = byte;
            }
            let data = [b"\x78\x9c".as_slice(), &head, &data].concat();
            let ours = inflated(&data);
            // where an honest decoder gets through, the library does not come to its last resort
            let is_honest = [true, false].into_iter().any(|zlib| {
                let mut decoder = flate2::Decompress::new(zlib);
                let mut out = vec![0; 1 << 20];
                decoder.decompress(&data, &mut out, flate2::FlushDecompress::None).is_ok()
            });
            if !is_honest {
                prop_assert_eq!(Some(ours), by_library(&data));
            }
        }
    }
}

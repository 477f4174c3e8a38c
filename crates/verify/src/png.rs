//! The checker of PNG files: signature, IHDR, PLTE if any, IDAT run, IEND, and nothing else
//! (PNG, third edition, W3C 2025). The profile is in `docs/profiles/png.md`.

mod rows;

use mugai_core::Violation;
use mugai_core::page::MAX_SIDE_PX;
use rows::Layout;
use std::borrow::Cow;
use zune_inflate::{DeflateDecoder, DeflateOptions};

const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A];

/// Every IDAT chunk but the last holds exactly this many bytes.
const IDAT_BYTES: usize = 0x0010_0000;

/// Accepts exactly the PNG files that we write.
pub(crate) fn check(bytes: &[u8]) -> Result<(), Violation> {
    let mut chunks = Chunks { bytes, at: 0 };
    if chunks.take(8)? != SIGNATURE {
        return Err(Violation::at("png: signature", 0));
    }
    let (kind, data) = chunks.next()?;
    let mut layout = match (kind, <[u8; 13]>::try_from(data)) {
        (b"IHDR", Ok(header)) => read_header(header)?,
        _ => return Err(Violation::at("png: IHDR", 8)),
    };
    let mut next = chunks.next()?;
    if layout.indexed {
        if next.0 != b"PLTE" {
            return Err(Violation::at("png: PLTE is missing", chunks.at));
        }
        layout.colours = palette(next.1, layout.bits)?;
        next = chunks.next()?;
    }
    let stream = data_run(&mut chunks, next)?;
    if chunks.at != bytes.len() {
        return Err(Violation::at("png: bytes after IEND", chunks.at));
    }
    rows::check(&layout, &inflate(&stream, &layout)?)
}

/// A walk over chunks, each with its CRC checked.
struct Chunks<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Chunks<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Violation> {
        let end = self.at.saturating_add(length);
        let part = self
            .bytes
            .get(self.at..end)
            .ok_or(Violation::at("png: ends early", self.at))?;
        self.at = end;
        Ok(part)
    }

    fn u32(&mut self) -> Result<u32, Violation> {
        let bytes = self.take(4)?;
        Ok(bytes.iter().fold(0, |n, b| (n << 8) | u32::from(*b)))
    }

    /// The kind and the data of the next chunk.
    fn next(&mut self) -> Result<(&'a [u8; 4], &'a [u8]), Violation> {
        let start = self.at;
        let length = usize::try_from(self.u32()?).unwrap_or(usize::MAX);
        let covered = self.take(length.saturating_add(4))?;
        let crc = self.u32()?;
        let (kind, data) = covered
            .split_first_chunk::<4>()
            .ok_or(Violation::at("png: ends early", start))?;
        if crc32(covered) != crc {
            return Err(Violation::at("png: CRC", start));
        }
        Ok((kind, data))
    }
}

/// The forms that we write: grey of 1, 2, 4, 8 bits, palette of the same, RGB of 8 without and with opacity.
fn read_header(header: [u8; 13]) -> Result<Layout, Violation> {
    let [w0, w1, w2, w3, h0, h1, h2, h3, bits, colour, methods @ ..] = header;
    if methods != [0, 0, 0] {
        return Err(Violation::at("png: methods", 26));
    }
    let samples = match (colour, bits) {
        (0 | 3, 1 | 2 | 4 | 8) => 1,
        (2, 8) => 3,
        (6, 8) => 4,
        _ => return Err(Violation::at("png: colour type and depth", 24)),
    };
    let side = |bytes, at| match u32::from_be_bytes(bytes) {
        px @ 1..=MAX_SIDE_PX => usize::try_from(px).map_err(|_| Violation::at("png: side", at)),
        _ => Err(Violation::at("png: side", at)),
    };
    Ok(Layout {
        width: side([w0, w1, w2, w3], 16)?,
        height: side([h0, h1, h2, h3], 20)?,
        bits: u32::from(bits),
        samples,
        indexed: colour == 3,
        colours: 0,
    })
}

/// Colours in ascending order, as many as the depth is needed for: a palette has one form only.
fn palette(data: &[u8], bits: u32) -> Result<usize, Violation> {
    let (colours, rest) = data.as_chunks::<3>();
    let counts = match bits {
        1 => 1..=2,
        2 => 3..=4,
        4 => 5..=16,
        _ => 17..=256,
    };
    if !rest.is_empty() || !counts.contains(&colours.len()) {
        return Err(Violation::of("png: PLTE length"));
    }
    if colours.windows(2).any(|w| w.first() >= w.last()) {
        return Err(Violation::of("png: PLTE order"));
    }
    Ok(colours.len())
}

/// The data of the IDAT chunks from `first` on, up to IEND.
fn data_run<'a>(
    chunks: &mut Chunks<'a>,
    first: (&'a [u8; 4], &'a [u8]),
) -> Result<Cow<'a, [u8]>, Violation> {
    let mut run: Cow<'a, [u8]> = Cow::Borrowed(&[]);
    let mut full = true;
    let mut next = first;
    while next.0 == b"IDAT" {
        if !full || next.1.is_empty() || next.1.len() > IDAT_BYTES {
            return Err(Violation::at("png: IDAT length", chunks.at));
        }
        full = next.1.len() == IDAT_BYTES;
        if run.is_empty() {
            run = Cow::Borrowed(next.1);
        } else {
            run.to_mut().extend_from_slice(next.1);
        }
        next = chunks.next()?;
    }
    if next.0 != b"IEND" || !next.1.is_empty() {
        return Err(Violation::at("png: unexpected chunk", chunks.at));
    }
    Ok(run)
}

/// The rows behind `stream`, of exactly the length that `layout` asks for.
fn inflate(stream: &[u8], layout: &Layout) -> Result<Vec<u8>, Violation> {
    let expected = layout.byte_len();
    let decode = |data| {
        let options = DeflateOptions::default()
            .set_limit(expected)
            .set_confirm_checksum(true);
        DeflateDecoder::new_with_options(data, options).decode_zlib()
    };
    let rows = decode(stream).map_err(|_| Violation::of("png: zlib stream"))?;
    if rows.len() != expected {
        return Err(Violation::of("png: length of the pixel data"));
    }
    // a stream that is whole without its last byte has something behind its end
    let shorter = stream.split_last().map_or(stream, |(_, front)| front);
    if decode(shorter).is_ok() {
        return Err(Violation::of("png: bytes after the zlib stream"));
    }
    Ok(rows)
}

/// CRC-32 (PNG annex D).
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = Crc::default();
    crc.add(bytes);
    crc.sum()
}

/// The same of bytes that come one after the other.
pub(crate) struct Crc(u32);

impl Default for Crc {
    fn default() -> Self {
        Self(u32::MAX)
    }
}

impl Crc {
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.0 = behind(self.0, bytes);
    }

    pub(crate) const fn sum(&self) -> u32 {
        !self.0
    }
}

fn behind(before: u32, bytes: &[u8]) -> u32 {
    let tables = &*CRC_TABLES;
    let entry = |table: &[u32; 256], byte: u8| table.get(usize::from(byte)).copied().unwrap_or(0);
    let (chunks, rest) = bytes.as_chunks::<8>();
    let crc = chunks.iter().fold(before, |crc, chunk| {
        let [a, b, c, d, ..] = crc.to_le_bytes();
        let before = [a, b, c, d, 0, 0, 0, 0];
        // the first byte has the longest way to go
        let far = tables.iter().rev();
        let mixed = chunk.iter().zip(before).map(|(byte, before)| byte ^ before);
        far.zip(mixed)
            .fold(0, |sum, (table, byte)| sum ^ entry(table, byte))
    });
    let [first, ..] = tables;
    rest.iter().fold(crc, |crc, byte| {
        let [low, ..] = crc.to_le_bytes();
        entry(first, low ^ byte) ^ (crc >> 8)
    })
}

/// The remainders of a byte with 0 to 7 bytes of zeros behind it: eight bytes go in one step.
static CRC_TABLES: std::sync::LazyLock<[[u32; 256]; 8]> = std::sync::LazyLock::new(|| {
    let entry = |n: u32| {
        (0..8).fold(n, |c, _| match c & 1 {
            0 => c >> 1,
            _ => 0xEDB8_8320 ^ (c >> 1),
        })
    };
    let mut tables = [[0u32; 256]; 8];
    for (n, slot) in (0u32..).zip(tables.iter_mut().flat_map(|t| t.iter_mut()).take(256)) {
        *slot = entry(n);
    }
    let first = tables.first().copied().unwrap_or([0; 256]);
    let mut before = first;
    for table in tables.iter_mut().skip(1) {
        for (slot, crc) in table.iter_mut().zip(before) {
            let [low, ..] = crc.to_le_bytes();
            *slot = (crc >> 8) ^ first.get(usize::from(low)).copied().unwrap_or(0);
        }
        before = *table;
    }
    tables
});

#[cfg(test)]
mod tests;

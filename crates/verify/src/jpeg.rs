//! The checker of JPEG files: one fixed order of segments, the example Huffman tables of the
//! standard, and a scan that is decoded to its very last bit (ITU-T T.81, T.871).
//! The profile is in `docs/profiles/jpeg.md`.

mod scan;
mod tables;

use mugai_core::Violation;
use mugai_core::page::MAX_SIDE_PX;
use scan::Component;

/// SOI, and APP0 with JFIF 1.02, aspect ratio 1:1, no preview picture.
const HEAD: [u8; 20] = *b"\xFF\xD8\xFF\xE0\x00\x10JFIF\0\x01\x02\x00\x00\x01\x00\x01\x00\x00";

/// The frames that we write: grey, and YCbCr with colour at full or at half resolution; each with
/// the entries of SOF0 and SOS behind their lengths.
const FRAMES: [Frame; 3] = [
    Frame {
        parts: &[0, 0x11, 0],
        scan: &[1, 0, 0x00, 0, 63, 0],
        components: &[Component::LUMA],
        mcu: 8,
    },
    Frame {
        parts: &[0, 0x11, 0, 1, 0x11, 1, 2, 0x11, 1],
        scan: &[3, 0, 0x00, 1, 0x11, 2, 0x11, 0, 63, 0],
        components: &[Component::LUMA, Component::CHROMA, Component::CHROMA],
        mcu: 8,
    },
    Frame {
        parts: &[0, 0x22, 0, 1, 0x11, 1, 2, 0x11, 1],
        scan: &[3, 0, 0x00, 1, 0x11, 2, 0x11, 0, 63, 0],
        components: &[Component::LUMA_2X2, Component::CHROMA, Component::CHROMA],
        mcu: 16,
    },
];

struct Frame {
    /// Identifier, sampling and quantisation table of each component (T.81 B.2.2).
    parts: &'static [u8],
    /// The scan header (T.81 B.2.3).
    scan: &'static [u8],
    components: &'static [Component],
    /// Side of an MCU in pixels.
    mcu: u32,
}

/// The size of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    /// Columns.
    pub(crate) width_px: u32,
    /// Rows.
    pub(crate) height_px: u32,
    /// Components a pixel: 1 for grey, 3 for colour.
    pub(crate) components: u8,
}

/// Accepts exactly the JPEG files that we write.
pub(crate) fn check(bytes: &[u8]) -> Result<(), Violation> {
    size(bytes).map(|_| ())
}

/// Accepts exactly the JPEG files that we write, and tells their size.
pub(crate) fn size(bytes: &[u8]) -> Result<Size, Violation> {
    let mut walk = Walk { bytes, at: 0 };
    walk.exactly(&HEAD, "jpeg: SOI and JFIF")?;
    let header = walk.segment(0xC0)?;
    let (frame, mcus) = frame(header)?;
    let Some([_, h1, h0, w1, w0, components]) = header.first_chunk() else {
        return Err(Violation::at("jpeg: frame header", HEAD.len()));
    };
    let size = Size {
        width_px: u32::from(u16::from_be_bytes([*w1, *w0])),
        height_px: u32::from(u16::from_be_bytes([*h1, *h0])),
        components: *components,
    };
    for table in 0..2 {
        quantisation(walk.segment(0xDB)?, table)?;
    }
    for (id, table) in tables::of(frame.components.len()) {
        let at = walk.at;
        let expected = [&[*id], &table.counts[..], table.values].concat();
        if walk.segment(0xC4)? != expected {
            return Err(Violation::at("jpeg: Huffman table", at));
        }
    }
    if walk.segment(0xDA)? != frame.scan {
        return Err(Violation::at("jpeg: scan header", walk.at));
    }
    walk.at = scan::check(bytes, walk.at, frame.components, mcus)?;
    walk.exactly(&[0xFF, 0xD9], "jpeg: EOI")?;
    if walk.at != bytes.len() {
        return Err(Violation::at("jpeg: bytes after EOI", walk.at));
    }
    Ok(size)
}

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Walk<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Violation> {
        let end = self.at.saturating_add(length);
        let part = self
            .bytes
            .get(self.at..end)
            .ok_or(Violation::at("jpeg: ends early", self.at))?;
        self.at = end;
        Ok(part)
    }

    fn exactly(&mut self, expected: &[u8], rule: &'static str) -> Result<(), Violation> {
        let at = self.at;
        if self.take(expected.len())? == expected {
            Ok(())
        } else {
            Err(Violation::at(rule, at))
        }
    }

    /// What stands behind the length of the segment that `marker` begins.
    fn segment(&mut self, marker: u8) -> Result<&'a [u8], Violation> {
        self.exactly(&[0xFF, marker], "jpeg: order of segments")?;
        let at = self.at;
        let length = self
            .take(2)?
            .iter()
            .fold(0usize, |n, b| (n << 8) | usize::from(*b));
        let rest = length.checked_sub(2);
        self.take(rest.ok_or(Violation::at("jpeg: length of a segment", at))?)
    }
}

/// The frame that SOF0 tells of, and how many MCUs it has.
fn frame(header: &[u8]) -> Result<(&'static Frame, u64), Violation> {
    let wrong = Violation::at("jpeg: frame header", HEAD.len());
    let Some(([8, h1, h0, w1, w0, count], parts)) = header.split_first_chunk::<6>() else {
        return Err(wrong);
    };
    let frame = FRAMES
        .iter()
        .find(|f| f.components.len() == usize::from(*count) && f.parts == parts)
        .ok_or(wrong.clone())?;
    let mcus = |high: &u8, low: &u8| match u32::from(u16::from_be_bytes([*high, *low])) {
        px @ 1..=MAX_SIDE_PX => Ok(u64::from(px.div_ceil(frame.mcu))),
        _ => Err(wrong.clone()),
    };
    Ok((frame, mcus(w1, w0)?.saturating_mul(mcus(h1, h0)?)))
}

/// One table of 64 bytes, none of them 0.
fn quantisation(segment: &[u8], table: u8) -> Result<(), Violation> {
    match segment.split_first() {
        Some((id, values)) if *id == table && values.len() == 64 && !values.contains(&0) => Ok(()),
        _ => Err(Violation::of("jpeg: quantisation table")),
    }
}

#[cfg(test)]
mod tests;

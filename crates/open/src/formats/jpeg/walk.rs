//! The segments of a JPEG (T.81 annex B): what a decoder does not tell.

use crate::formats::raster::cursor::Cursor;
use crate::formats::raster::exif::Exif;
use crate::formats::raster::{Density, Facts, MAX_PROFILE_BYTES, Orientation, Seen};
use memchr::memchr;
use mugai_core::{Cx, Refusal, Resource};

/// What a walk over the segments found.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one independent thing that was seen"
)]
pub(super) struct Walked {
    pub(super) scans: u32,
    /// Whether every frame is Huffman-coded, lossy, and of eight bits.
    pub(super) is_known_process: bool,
    pub(super) ends_early: bool,
    pub(super) seen: Seen,
    has_exif: bool,
    orientation: Orientation,
    density: Option<Density>,
    /// Pieces of the profile behind their numbers.
    profile: Vec<(u8, Vec<u8>)>,
    /// Whether an index of further pictures is there (CIPA DC-007).
    multi: bool,
}

/// Walks over all segments and scans without decoding any.
pub(super) fn walk(input: &[u8], cx: &Cx<'_>) -> Result<Walked, Refusal> {
    let mut walked = Walked {
        is_known_process: true,
        ends_early: true,
        ..Walked::default()
    };
    let mut cursor = Cursor::big(input, 2);
    while let Some(marker) = next_marker(&mut cursor, cx)? {
        match marker {
            0xD9 => {
                walked.ends_early = false;
                walked.end(cursor.rest());
                break;
            }
            // TEM and markers of restarts have no data
            0x01 | 0xD0..=0xD8 => {}
            _ => {
                let Some(data) = segment(&mut cursor) else {
                    break;
                };
                cx.charge_len(Resource::Bytes, data.len())?;
                walked.take(marker, data);
            }
        }
    }
    Ok(walked)
}

/// The next marker, whatever stands before it: fill bytes, and the data of a scan.
fn next_marker(cursor: &mut Cursor<'_>, cx: &Cx<'_>) -> Result<Option<u8>, Refusal> {
    loop {
        let Some(skipped) = memchr(0xFF, cursor.rest()) else {
            return Ok(None);
        };
        cx.charge_len(Resource::Steps, (skipped / 16).saturating_add(1))?;
        cursor.take(skipped.saturating_add(1));
        match cursor.u8() {
            // a stuffed zero is data, and a fill byte may be followed by the marker itself
            Some(0x00) => {}
            Some(0xFF) => *cursor = cursor.to(cursor.position().saturating_sub(1)),
            marker => return Ok(marker),
        }
    }
}

/// The data of a segment behind its length.
fn segment<'a>(cursor: &mut Cursor<'a>) -> Option<&'a [u8]> {
    let length = usize::from(cursor.u16()?);
    cursor.take(length.checked_sub(2)?)
}

impl Walked {
    fn take(&mut self, marker: u8, data: &[u8]) {
        match marker {
            0xDA => self.scans = self.scans.saturating_add(1),
            // baseline, extended, progressive; the rest of SOF is lossless or arithmetic
            0xC0..=0xC2 => self.is_known_process &= data.first() == Some(&8),
            0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => self.is_known_process = false,
            0xE0 => self.app0(data),
            0xE1 => self.app1(data),
            0xE2 => self.app2(data),
            // says in which colours the samples are
            0xEE if data.starts_with(b"Adobe") => {}
            0xE3..=0xEF | 0xFE => self.seen.metadata(),
            _ => {}
        }
    }

    /// JFIF: density, and a preview if there is more than the fixed part (T.871 section 10.1).
    fn app0(&mut self, data: &[u8]) {
        let Some(rest) = data.strip_prefix(b"JFIF\0") else {
            if data.starts_with(b"JFXX\0") {
                self.seen.preview();
            } else {
                self.seen.metadata();
            }
            return;
        };
        if rest.len() > 9 {
            self.seen.preview();
        }
        let mut cursor = Cursor::big(rest, 2);
        let (Some(unit), Some(x), Some(y)) = (cursor.u8(), cursor.u16(), cursor.u16()) else {
            return;
        };
        self.density = match unit {
            1 => Some(Density::per_inch(u64::from(x), u64::from(y))),
            2 => Some(Density::per_centimetre(u64::from(x), u64::from(y))),
            _ => self.density,
        };
    }

    /// EXIF or XMP.
    fn app1(&mut self, data: &[u8]) {
        self.seen.metadata();
        if data.starts_with(b"Exif\0\0")
            && let Some(exif) = Exif::find(data)
        {
            // long ones go on in further segments, which have no directory; of two, the first one counts
            if !self.has_exif {
                self.orientation = exif.orientation;
                self.density = exif.density.or(self.density);
            }
            self.has_exif = true;
            if exif.preview {
                self.seen.preview();
            }
        }
    }

    /// A piece of a profile (ICC.1 annex B.4), or the index of further pictures.
    fn app2(&mut self, data: &[u8]) {
        if let Some([number, _count, piece @ ..]) = data.strip_prefix(b"ICC_PROFILE\0") {
            self.profile.push((*number, piece.to_vec()));
            return;
        }
        self.multi |= data.starts_with(b"MPF\0");
        self.seen.metadata();
    }

    /// What stands behind the end: further pictures, or bytes that belong to none.
    fn end(&mut self, rest: &[u8]) {
        if self.multi && rest.starts_with(&[0xFF, 0xD8]) {
            self.seen.preview();
        } else {
            self.seen.trailing = !rest.is_empty();
        }
    }

    pub(super) fn facts(&self) -> Facts {
        let mut pieces: Vec<&(u8, Vec<u8>)> = self.profile.iter().collect();
        pieces.sort_by_key(|(number, _)| *number);
        let icc: Vec<u8> = pieces
            .iter()
            .flat_map(|(_, piece)| piece)
            .copied()
            .collect();
        Facts {
            orientation: self.orientation,
            icc: (!icc.is_empty() && icc.len() <= MAX_PROFILE_BYTES).then_some(icc),
            density: self.density,
            photographic: true,
            ends_early: self.ends_early,
            ..Facts::default()
        }
    }
}

/// Bytes that the samples of a JPEG take once decoded, by its first frame header: for JPEG inside
/// of other formats.
pub(in crate::formats) fn coded_bytes(input: &[u8], cx: &Cx<'_>) -> Result<u64, Refusal> {
    let mut cursor = Cursor::big(input, 2);
    while let Some(marker) = next_marker(&mut cursor, cx)? {
        let Some(data) = segment(&mut cursor) else {
            break;
        };
        if (0xC0..=0xC2).contains(&marker) {
            let mut frame = Cursor::big(data, 1);
            let (height, width) = (frame.u16().unwrap_or(0), frame.u16().unwrap_or(0));
            let pixels = u64::from(width).saturating_mul(u64::from(height));
            return Ok(pixels.saturating_mul(u64::from(frame.u8().unwrap_or(0))));
        }
    }
    Ok(0)
}

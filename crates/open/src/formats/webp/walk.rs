//! The chunks of a WebP (RFC 9649 section 2).

use crate::formats::raster::cursor::Cursor;
use crate::formats::raster::{MAX_PROFILE_BYTES, Seen};
use mugai_core::{Cx, Refusal, Resource};

/// What a walk over the chunks found.
#[derive(Debug, Default)]
pub(super) struct Walked<'a> {
    /// Frames of an animation.
    pub(super) frames: u32,
    /// Pixels of the largest coded picture.
    pub(super) largest_px: u64,
    /// Whether any picture is coded lossily.
    pub(super) lossy: bool,
    pub(super) exif: Option<&'a [u8]>,
    pub(super) profile: Option<&'a [u8]>,
    pub(super) ends_early: bool,
    /// What there is of a lossy picture that the end of the file cuts, and how long it should be.
    pub(super) cut: Option<(&'a [u8], usize)>,
    /// Whether it has a plane of transparency.
    pub(super) has_alpha: bool,
    pub(super) seen: Seen,
}

/// Walks over all chunks without decoding any.
pub(super) fn walk<'a>(input: &'a [u8], cx: &Cx<'_>) -> Result<Walked<'a>, Refusal> {
    let mut walked = Walked::default();
    let size = Cursor::little(input, 4).size().unwrap_or(0);
    let end = size.saturating_add(8);
    walked.ends_early = end > input.len();
    walked.seen.trailing = end < input.len();
    let inside = input.get(..end).unwrap_or(input);
    let mut cursor = Cursor::little(inside, 12);
    while let Some((kind, size, data)) = chunk(&mut cursor) {
        cx.charge(Resource::Steps, 4)?;
        match kind {
            b"ANMF" => {
                walked.frames = walked.frames.saturating_add(1);
                let mut inner = Cursor::little(data, 16);
                while let Some((kind, _, data)) = chunk(&mut inner) {
                    cx.charge(Resource::Steps, 4)?;
                    walked.picture(kind, data);
                }
            }
            b"VP8 " | b"VP8L" => {
                walked.picture(kind, data);
                let cut = kind == b"VP8 " && size > data.len();
                walked.cut = cut.then_some((data, size));
            }
            b"ALPH" => walked.has_alpha = true,
            b"VP8X" | b"ANIM" => {}
            b"ICCP" if data.len() <= MAX_PROFILE_BYTES => walked.profile = Some(data),
            b"EXIF" => {
                walked.exif = Some(data);
                walked.seen.metadata();
            }
            _ => walked.seen.metadata(),
        }
    }
    Ok(walked)
}

impl Walked<'_> {
    /// A file of a lossy picture that was cut, its missing end made of zeros, which say that there is
    /// nothing new: rows that are missing are as those above them. `None` where nothing was cut, or
    /// even the part that says how blocks are made.
    pub(super) fn mended(&self, cx: &Cx<'_>) -> Result<Option<Vec<u8>>, Refusal> {
        /// More than a coded picture is longer than its pixels.
        const MORE: u64 = 64 << 10;
        let Some((data, size)) = self.cut.filter(|_| self.frames == 0 && !self.has_alpha) else {
            return Ok(None);
        };
        let most = self.largest_px.saturating_mul(4).saturating_add(MORE);
        // RFC 6386 section 9.1: the length of the first partition is in the first three bytes
        let tag = Cursor::little(data, 0).u32().unwrap_or(0);
        let first = usize::try_from((tag >> 5) & 0x7_FFFF).unwrap_or(usize::MAX);
        let whole = data.len() > first.saturating_add(10);
        let (Ok(long), Ok(length)) = (u64::try_from(size), u32::try_from(size)) else {
            return Ok(None);
        };
        if !whole || long > most {
            return Ok(None);
        }
        cx.charge(Resource::Bytes, long)?;
        let padded = size.saturating_add(size & 1);
        let mut out = b"RIFF".to_vec();
        let inside = u32::try_from(padded.saturating_add(12)).unwrap_or(u32::MAX);
        out.extend(inside.to_le_bytes());
        out.extend_from_slice(b"WEBPVP8 ");
        out.extend(length.to_le_bytes());
        out.extend_from_slice(data);
        let rest = padded.saturating_sub(data.len());
        out.resize(out.len().saturating_add(rest), 0);
        Ok(Some(out))
    }

    fn picture(&mut self, kind: &[u8], data: &[u8]) {
        self.lossy |= kind == b"VP8 ";
        let pixels = sides(kind, data).map(|(w, h)| u64::from(w).saturating_mul(u64::from(h)));
        self.largest_px = self.largest_px.max(pixels.unwrap_or(0));
    }
}

/// The next chunk: its name, the bytes that its data should have, and its data, cut short where the
/// file ends.
fn chunk<'a>(cursor: &mut Cursor<'a>) -> Option<(&'a [u8], usize, &'a [u8])> {
    let kind = cursor.take(4)?;
    let size = cursor.size()?;
    let rest = cursor.rest();
    let data = rest.get(..size).unwrap_or(rest);
    // chunks are padded to even sizes
    let padded = size.saturating_add(size & 1).min(rest.len());
    cursor.take(padded)?;
    Some((kind, size, data))
}

/// Width and height of a coded picture (RFC 6386 section 9.1, RFC 9649 section 3.4).
fn sides(kind: &[u8], data: &[u8]) -> Option<(u32, u32)> {
    match kind {
        b"VP8 " => {
            let mut cursor = Cursor::little(data, 6);
            let low = |side: u16| u32::from(side & 0x3FFF);
            Some((low(cursor.u16()?), low(cursor.u16()?)))
        }
        b"VP8L" => {
            let bits = Cursor::little(data, 1).u32()?;
            let side = |bits: u32| (bits & 0x3FFF).saturating_add(1);
            Some((side(bits), side(bits >> 14)))
        }
        _ => None,
    }
}

//! The chunks of a PNG (sections 5.3 and 11): what is decoded, and what is only reported.

use crate::formats::raster::cursor::Cursor;
use crate::formats::raster::{Density, MAX_PROFILE_BYTES, Seen};
use flate2::{Decompress, FlushDecompress, Status};
use mugai_core::{Cx, FindingCode, Refusal, Resource};

pub(super) const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

/// What a walk over the chunks found.
pub(super) struct Walked<'a> {
    /// A PNG of those chunks only that make pixels.
    pub(super) with_frames: Vec<u8>,
    /// How many frames of an animation there are.
    pub(super) frames: u32,
    pub(super) exif: Option<&'a [u8]>,
    /// The data of iCCP, still compressed.
    pub(super) profile: Option<&'a [u8]>,
    pub(super) density: Option<Density>,
    pub(super) ends_early: bool,
    pub(super) seen: Seen,
}

/// Walks over all chunks, and copies what makes pixels. Text, profiles and unknown chunks never
/// reach a decoder, so that what they inflate to is of no concern.
pub(super) fn walk<'a>(input: &'a [u8], cx: &Cx<'_>) -> Result<Walked<'a>, Refusal> {
    cx.charge_len(Resource::Bytes, input.len())?;
    let mut walked = Walked {
        with_frames: SIGNATURE.to_vec(),
        frames: 0,
        exif: None,
        profile: None,
        density: None,
        ends_early: true,
        seen: Seen::default(),
    };
    let mut rest = input.get(SIGNATURE.len()..).unwrap_or_default();
    while let Some(chunk) = Chunk::read(rest) {
        cx.charge_len(Resource::Steps, chunk.whole.len() / 16)?;
        cx.charge(Resource::Steps, 4)?;
        rest = rest.get(chunk.whole.len()..).unwrap_or_default();
        walked.take(&chunk);
        if &chunk.kind == b"IEND" {
            walked.ends_early = false;
            walked.seen.trailing = !rest.is_empty();
            break;
        }
    }
    Ok(walked)
}

impl<'a> Walked<'a> {
    fn take(&mut self, chunk: &Chunk<'a>) {
        match &chunk.kind {
            b"IHDR" | b"PLTE" | b"tRNS" | b"IDAT" | b"IEND" | b"acTL" | b"fdAT" => {
                self.with_frames.extend_from_slice(chunk.whole);
            }
            b"fcTL" => {
                self.frames = self.frames.saturating_add(1);
                self.with_frames.extend_from_slice(chunk.whole);
            }
            b"iCCP" => self.profile = self.profile.or(Some(chunk.data)),
            b"pHYs" => self.density = density(chunk.data),
            b"eXIf" => {
                self.exif = self.exif.or(Some(chunk.data));
                self.seen.metadata();
            }
            // how colours are meant, or hints for old screens: dropped without a word
            b"gAMA" | b"cHRM" | b"sRGB" | b"cICP" | b"sBIT" | b"bKGD" | b"hIST" | b"sPLT"
            | b"mDCV" | b"cLLI" => {}
            _ => self.seen.metadata(),
        }
    }
}

/// One chunk, possibly cut short by the end of the file.
struct Chunk<'a> {
    kind: [u8; 4],
    data: &'a [u8],
    whole: &'a [u8],
}

impl<'a> Chunk<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::big(bytes, 0);
        let length = cursor.size()?;
        let kind = cursor.take(4)?.try_into().ok()?;
        let data = cursor.rest();
        let end = length.saturating_add(12).min(bytes.len());
        Some(Self {
            kind,
            data: data.get(..length).unwrap_or(data),
            whole: bytes.get(..end)?,
        })
    }
}

/// Pixels per unit, if the unit is the metre (section 11.3.4.3).
fn density(data: &[u8]) -> Option<Density> {
    let mut cursor = Cursor::big(data, 0);
    let (x, y) = (cursor.u32()?, cursor.u32()?);
    (cursor.u8()? == 1).then(|| Density::per_metre(u64::from(x), u64::from(y)))
}

/// Width and height of a PNG whose first chunk is IHDR.
pub(super) fn sides(bytes: &[u8]) -> Result<(u32, u32), Refusal> {
    let header = bytes.get(SIGNATURE.len()..).and_then(Chunk::read);
    let header = header
        .filter(|chunk| &chunk.kind == b"IHDR")
        .ok_or(Refusal::malformed("png: IHDR is not the first chunk"))?;
    let mut cursor = Cursor::big(header.data, 0);
    let sides = cursor.u32().zip(cursor.u32());
    sides.ok_or(Refusal::malformed("png: IHDR length"))
}

/// The same without what makes an animation.
pub(super) fn without_frames(bytes: &[u8]) -> Vec<u8> {
    let mut out = SIGNATURE.to_vec();
    let mut rest = bytes.get(SIGNATURE.len()..).unwrap_or_default();
    while let Some(chunk) = Chunk::read(rest) {
        rest = rest.get(chunk.whole.len()..).unwrap_or_default();
        if !matches!(&chunk.kind, b"acTL" | b"fcTL" | b"fdAT") {
            out.extend_from_slice(chunk.whole);
        }
    }
    out
}

/// The profile in iCCP: a name, a zero, a method of 0, a zlib stream (section 11.3.2.3). One that
/// is broken or larger than [`MAX_PROFILE_BYTES`] is none.
pub(super) fn inflate_profile(data: &[u8], cx: &mut Cx<'_>) -> Result<Option<Vec<u8>>, Refusal> {
    const STEP: usize = 64 << 10;
    let name = data.iter().take(80).position(|b| *b == 0);
    let stream = name.and_then(|zero| match data.get(zero..)? {
        [0, 0, stream @ ..] => Some(stream),
        _ => None,
    });
    let mut input = stream.unwrap_or_default();
    let mut inflate = Decompress::new(true);
    let mut profile = Vec::new();
    while profile.len() < MAX_PROFILE_BYTES {
        cx.charge_len(Resource::Bytes, STEP)?;
        profile.reserve_exact(STEP);
        let before = (inflate.total_in(), profile.len());
        let status = inflate.decompress_vec(input, &mut profile, FlushDecompress::None);
        let taken = inflate.total_in().saturating_sub(before.0);
        let taken = usize::try_from(taken).unwrap_or(usize::MAX);
        input = input.get(taken..).unwrap_or_default();
        match status {
            Ok(Status::StreamEnd) => return Ok(Some(profile)),
            Ok(_) if taken > 0 || profile.len() > before.1 => {}
            Ok(_) | Err(_) => break,
        }
    }
    cx.note(FindingCode::ImageProfileUnusable);
    Ok(None)
}

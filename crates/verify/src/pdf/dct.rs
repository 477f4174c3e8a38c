//! JPEG data inside a PDF: a walk over the markers of a baseline file (ITU-T T.81 annex B).

use mugai_core::Violation;

/// What the frame header says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// Columns.
    pub(super) width_px: u32,
    /// Rows.
    pub(super) height_px: u32,
    /// Components: 1 or 3.
    pub(super) components: u8,
}

/// APP0 of JFIF 1.2, density 1:1 without unit, no thumbnail.
const JFIF: [u8; 14] = *b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0";

/// Checks the markers of `data`, which stands at `offset` of the file, and reads its frame header.
pub(super) fn frame(data: &[u8], offset: usize) -> Result<Frame, Violation> {
    let bad = |rule| Violation::at(rule, offset);
    let mut rest = data
        .strip_prefix(&[0xFF, 0xD8])
        .ok_or(bad("pdf: JPEG start"))?;
    let mut frame = None;
    let mut first = true;
    loop {
        let (marker, body, after) = segment(rest).ok_or(bad("pdf: JPEG segment"))?;
        rest = after;
        match marker {
            0xE0 if first && body.starts_with(b"JFIF\0") && body.len() == JFIF.len() => {}
            0xDB | 0xC4 => {}
            0xC0 if frame.is_none() => {
                frame = Some(header(body).ok_or(bad("pdf: JPEG frame header"))?);
            }
            0xDA => break,
            _ => return Err(bad("pdf: JPEG marker")),
        }
        first = false;
    }
    entropy(rest).ok_or(bad("pdf: JPEG data"))?;
    frame.ok_or(bad("pdf: JPEG without a frame"))
}

/// Splits off one marker segment: its marker, its body, and what follows.
fn segment(data: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let ([mark, marker, high, low], _) = data.split_first_chunk()?;
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    let body = data.get(4..length.checked_add(2)?)?;
    let rest = data.get(length.checked_add(2)?..)?;
    (*mark == 0xFF).then_some((*marker, body, rest))
}

/// Reads the header of a baseline frame of 8 bits and one or three components.
fn header(body: &[u8]) -> Option<Frame> {
    let ([bits, h1, h0, w1, w0, components], list) = body.split_first_chunk()?;
    let fits = *bits == 8
        && matches!(components, 1 | 3)
        && list.len().div_euclid(3) == usize::from(*components);
    fits.then_some(Frame {
        width_px: u32::from(u16::from_be_bytes([*w1, *w0])),
        height_px: u32::from(u16::from_be_bytes([*h1, *h0])),
        components: *components,
    })
}

/// Entropy-coded data has no marker but the end of the image, which is the last two bytes.
fn entropy(data: &[u8]) -> Option<()> {
    let body = data.strip_suffix(&[0xFF, 0xD9])?;
    let mut escaped = false;
    for byte in body {
        if escaped && *byte != 0 {
            return None;
        }
        escaped = *byte == 0xFF;
    }
    (!escaped).then_some(())
}

//! Headers of OS/2 2.x (`BITMAPINFOHEADER2`, IBM), which may be of any length from 16 to 64 bytes.

use super::FILE_HEADER;
use crate::formats::raster::cursor::Cursor;
use mugai_core::{Cx, Refusal, Resource};

/// The header of Windows whose fields are the first ones of that of OS/2.
const WINDOWS: usize = 40;
/// Where the offset of the pixels stands.
const OFFSET: usize = 10;
/// Where the kind of compression stands.
const COMPRESSION: usize = 30;

/// Whether a second header of this size is one of OS/2 2.x; 40, 52 and 56 bytes are of Windows.
pub(super) const fn is_header(size: u32) -> bool {
    matches!(
        size,
        16 | 20 | 24 | 28 | 32 | 36 | 42 | 44 | 46 | 48 | 60 | 64
    )
}

/// The same picture with a header of Windows; `None` where it has no header of OS/2 2.x.
///
/// # Errors
/// [`Refusal::Malformed`] when the header is cut short, [`Refusal::Unsupported`] for ways of
/// compression that Windows does not have, [`Refusal::Overrun`].
pub(super) fn as_windows(input: &[u8], cx: &Cx<'_>) -> Result<Option<Vec<u8>>, Refusal> {
    let cut_short = || Refusal::malformed("bmp: header");
    let mut at = Cursor::little(input, FILE_HEADER);
    let size = at.to(FILE_HEADER).u32().ok_or_else(cut_short)?;
    if !is_header(size) {
        return Ok(None);
    }
    cx.charge_len(Resource::Bytes, input.len())?;
    let size = usize::try_from(size).map_err(|_| cut_short())?;
    let header = at.take(size).ok_or_else(cut_short)?;
    if size > COMPRESSION.saturating_sub(FILE_HEADER) {
        // 3 is Huffman coding here, and 4 run lengths of 24 bits
        let kind = Cursor::little(input, COMPRESSION).u32().unwrap_or(0);
        if kind > 2 {
            return Err(Refusal::unsupported("bmp: compression of OS/2"));
        }
    }
    let offset = Cursor::little(input, OFFSET).size().unwrap_or(0);
    let behind = FILE_HEADER.saturating_add(size);
    // an offset into the header counts as one right behind it
    let moved = offset
        .max(behind)
        .saturating_sub(size)
        .saturating_add(WINDOWS);
    let moved = u32::try_from(moved).map_err(|_| cut_short())?;
    let mut fields = header.to_vec();
    fields.resize(WINDOWS, 0);
    if let Some(length) = fields.first_chunk_mut::<4>() {
        *length = 40u32.to_le_bytes();
    }
    let mut out = Vec::new();
    out.extend_from_slice(input.get(..OFFSET).unwrap_or_default());
    out.extend(moved.to_le_bytes());
    out.extend(fields);
    out.extend_from_slice(at.rest());
    Ok(Some(out))
}

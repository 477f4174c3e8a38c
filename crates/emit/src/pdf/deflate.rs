//! Flate data (RFC 1950).

use flate2::{Compression, write::ZlibEncoder};
use mugai_core::Refusal;
use std::io::Write;

/// What pages of a few colours are compressed with: small (docs/decisions/pdf-forms.md).
const LEVEL: u32 = 9;
/// What more bytes than [`LONG`] are compressed with: where size and speed meet.
const LONG_LEVEL: u32 = 6;
/// From how many bytes on speed counts.
const LONG: usize = 128 << 10;
/// The header, which would tell the level: all data has the same.
const HEADER: [u8; 2] = [0x78, 0xDA];

/// Compresses all of `samples`.
pub(super) fn compress(samples: &[u8]) -> Result<Vec<u8>, Refusal> {
    // writing into memory does not fail
    let failed = |_| Refusal::internal("pdf: deflate failed");
    let level = if samples.len() > LONG {
        LONG_LEVEL
    } else {
        LEVEL
    };
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(level));
    encoder.write_all(samples).map_err(failed)?;
    let mut data = encoder.finish().map_err(failed)?;
    if let Some(header) = data.first_chunk_mut() {
        *header = HEADER;
    }
    Ok(data)
}

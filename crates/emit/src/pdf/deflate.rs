//! Flate data (RFC 1950).

use flate2::{Compression, write::ZlibEncoder};
use mugai_core::Refusal;
use std::io::Write;

/// Where size and speed meet (docs/decisions/pdf-forms.md).
const LEVEL: u32 = 6;

/// Compresses all of `samples`.
pub(super) fn compress(samples: &[u8]) -> Result<Vec<u8>, Refusal> {
    // writing into memory does not fail
    let failed = |_| Refusal::internal("pdf: deflate failed");
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(LEVEL));
    encoder.write_all(samples).map_err(failed)?;
    encoder.finish().map_err(failed)
}

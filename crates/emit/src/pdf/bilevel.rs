//! Two colours in the two-dimensional code of facsimile group 4 (ITU-T T.6).

use fax::encoder::Encoder;
use fax::{Color, VecWriter};
use mugai_core::Refusal;

/// Encodes rows of `width` indices each, 0 for black and 1 for white, with the end of block and
/// padding to whole bytes.
pub(super) fn encode(indices: &[u8], width: u32) -> Result<Vec<u8>, Refusal> {
    let refused = Refusal::internal("pdf: side of a page");
    let columns = u16::try_from(width).map_err(|_| refused)?;
    let mut encoder = Encoder::new(VecWriter::new());
    for row in indices.chunks(usize::from(columns).max(1)) {
        let pels = row.iter().map(|index| match index {
            0 => Color::Black,
            _ => Color::White,
        });
        let Ok(()) = encoder.encode_line(pels, columns);
    }
    let Ok(writer) = encoder.finish();
    Ok(writer.finish())
}

//! JPEG for photographic pages.

use jpeg_encoder::{ColorType, Encoder};
use mugai_core::{Page, PixelFormat, Refusal};

/// Quality of pictures that are looked at rather than read.
const QUALITY: u8 = 85;

/// Encodes `page` as a baseline JPEG in its own colour space.
pub(super) fn encode(page: &Page) -> Result<Vec<u8>, Refusal> {
    let side = |px: u32| u16::try_from(px).map_err(|_| Refusal::internal("jpeg: side"));
    let (width, height) = (side(page.width_px())?, side(page.height_px())?);
    let colours = match page.format() {
        PixelFormat::Grey8 => ColorType::Luma,
        PixelFormat::Rgb8 => ColorType::Rgb,
    };
    let mut out = Vec::new();
    Encoder::new(&mut out, QUALITY)
        .encode(page.pixels(), width, height, colours)
        .map_err(|_| Refusal::internal("jpeg: the encoder failed"))?;
    Ok(out)
}

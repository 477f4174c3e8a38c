//! JPEG files: baseline, the example Huffman tables of the standard, no segment but JFIF
//! (ITU-T T.81, ITU-T T.871). The profile is in `docs/profiles/jpeg.md`.

use jpeg_encoder::{ColorType, Encoder, EncodingError, SamplingFactor};
use mugai_core::{Page, PixelFormat, Refusal};

/// From this many pixels on, colour is stored at half resolution: fine coloured lines are a matter
/// of small pictures, bytes are one of large ones.
const SUBSAMPLED_FROM_PX: u64 = 1_000_000;

/// Writes `page` as a whole JPEG file, with `quality` from 1 to 100.
///
/// # Errors
/// [`Refusal::Internal`] when the encoder refuses, which no page gives it a reason for.
pub fn encode(page: &Page, quality: u8) -> Result<Vec<u8>, Refusal> {
    let side = |px: u32| u16::try_from(px).map_err(|_| Refusal::internal("jpeg: side of a page"));
    let (width, height) = (side(page.width_px())?, side(page.height_px())?);
    let count = u64::from(width).saturating_mul(u64::from(height));
    let (colour, sampling) = match page.format() {
        PixelFormat::Grey8 => (ColorType::Luma, SamplingFactor::F_1_1),
        PixelFormat::Rgb8 if count >= SUBSAMPLED_FROM_PX => (ColorType::Rgb, SamplingFactor::F_2_2),
        PixelFormat::Rgb8 => (ColorType::Rgb, SamplingFactor::F_1_1),
    };
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality.clamp(1, 100));
    encoder.set_sampling_factor(sampling);
    encoder
        .encode(page.pixels(), width, height, colour)
        .map_err(|_: EncodingError| Refusal::internal("jpeg: the encoder refused a page"))?;
    Ok(bytes)
}

//! JPEG (ITU-T T.81, T.871), baseline and progressive, grey, colour and ink.

mod walk;

use super::raster::{self, Layout};
use crate::reader::{Format, Sniff, Spec};
use mugai_core::{Cx, FindingCode, Kind, Refusal, Resource, Treatment};
use walk::Walked;
pub(super) use walk::coded_bytes;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// The reader of JPEG.
pub struct Jpeg;

/// The most scans of a progressive picture; encoders write about ten.
const MAX_SCANS: u32 = 100;

impl Format for Jpeg {
    fn spec(&self) -> &'static Spec {
        &Spec {
            kind: Kind::Jpeg,
            reference: "ITU-T T.81 (ISO/IEC 10918-1), ITU-T T.871",
            treatments: &[Treatment::Flatten],
        }
    }

    fn sniff(&self, head: &[u8]) -> Sniff {
        if head.starts_with(&[0xFF, 0xD8, 0xFF]) {
            Sniff::Yes
        } else {
            Sniff::No
        }
    }

    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        let walked = walk::walk(input, cx)?;
        raster::note(&walked.seen, cx);
        if !walked.is_known_process {
            return Err(Refusal::unsupported("jpeg: lossless, arithmetic or 12-bit"));
        }
        if walked.scans > MAX_SCANS {
            return Err(Refusal::malformed("jpeg: more than 100 scans"));
        }
        decode(input, &walked, cx)
    }
}

fn decode(input: &[u8], walked: &Walked, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let side = usize::try_from(mugai_core::page::MAX_SIDE_PX).unwrap_or(usize::MAX);
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(side)
        .set_max_height(side);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(input), options);
    decoder.decode_headers().map_err(|e| refusal(&e))?;
    let stored = decoder
        .input_colorspace()
        .ok_or(Refusal::malformed("jpeg: no frame"))?;
    let (wanted, layout) = if stored == ColorSpace::Luma {
        (ColorSpace::Luma, Layout::Grey)
    } else if matches!(stored, ColorSpace::CMYK | ColorSpace::YCCK) {
        (stored, Layout::Cmyk)
    } else if matches!(stored, ColorSpace::YCbCr | ColorSpace::RGB) {
        (ColorSpace::RGB, Layout::Rgb)
    } else {
        return Err(Refusal::unsupported("jpeg: colour space"));
    };
    decoder.set_options(options.jpeg_set_out_colorspace(wanted));
    let (width, height) = decoder.dimensions().unwrap_or_default();
    let px = |side: usize| u32::try_from(side).unwrap_or(u32::MAX);
    let facts = walked.facts();
    let paid = raster::pay((px(width), px(height)), layout, 1, &facts, cx)?;
    let length = paid.sample_count();
    // progressive pictures are kept as coefficients of two bytes, and gone over once a scan
    if walked.scans > 1 {
        cx.charge_len(Resource::Bytes, length.saturating_mul(2))?;
        let scans = usize::try_from(walked.scans).unwrap_or(usize::MAX);
        cx.charge_len(Resource::Steps, (length / 16).saturating_mul(scans))?;
    }
    let mut samples = vec![u8::MAX; length];
    decoder.decode_into(&mut samples).map_err(|e| refusal(&e))?;
    cx.note_times(FindingCode::ImageTruncated, u32::from(walked.ends_early));
    inks(&mut samples, stored);
    raster::finish(paid, samples, &facts, cx)
}

/// Makes plain ink of what is stored. YCCK is ink whose first three were taken for the complement
/// of RGB. Inks are stored inverted, as Adobe began it: viewers read them so whether the marker of
/// Adobe is there or not.
fn inks(samples: &mut [u8], stored: ColorSpace) {
    if !matches!(stored, ColorSpace::YCCK | ColorSpace::CMYK) {
        return;
    }
    if stored == ColorSpace::YCCK {
        for pixel in samples.as_chunks_mut::<4>().0 {
            let [luma, blue, red, key] = *pixel;
            let [r, g, b] = raster::ycc::to_rgb([luma, blue, red]);
            *pixel = [!r, !g, !b, key];
        }
    }
    for sample in samples {
        *sample = !*sample;
    }
}

fn refusal(error: &DecodeErrors) -> Refusal {
    if matches!(error, DecodeErrors::Unsupported(_)) {
        Refusal::unsupported("jpeg: feature of the format")
    } else if matches!(error, DecodeErrors::LargeDimensions(_)) {
        Refusal::malformed("jpeg: a side over 30000 pixels")
    } else {
        Refusal::malformed("jpeg: picture cannot be decoded")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inks_are_stored_inverted() {
        let mut samples = [255, 200, 0, 255];
        inks(&mut samples, ColorSpace::CMYK);
        assert_eq!(samples, [0, 55, 255, 0]);
        // the complement of RGB, stored inverted: white of RGB is all three inks
        let mut samples = [255, 128, 128, 255];
        inks(&mut samples, ColorSpace::YCCK);
        assert_eq!(samples, [255, 255, 255, 0]);
        let mut samples = [1, 2, 3, 4];
        inks(&mut samples, ColorSpace::RGB);
        assert_eq!(samples, [1, 2, 3, 4]);
    }
}

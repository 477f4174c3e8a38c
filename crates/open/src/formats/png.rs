//! PNG (third edition, W3C 2025), animated ones included.

mod walk;

use super::raster::{self, Facts, exif::Exif};
use crate::reader::{Format, Sniff, Spec};
use image::codecs::png::PngDecoder;
use image::{AnimationDecoder, Frame, ImageDecoder};
use mugai_core::{Cx, FindingCode, Kind, Refusal, Treatment};
use std::io::Cursor;

/// The reader of PNG.
pub struct Png;

impl Format for Png {
    fn spec(&self) -> &'static Spec {
        &Spec {
            kind: Kind::Png,
            reference: "PNG Specification (Third Edition), W3C 2025",
            treatments: &[Treatment::Flatten],
        }
    }

    fn sniff(&self, head: &[u8]) -> Sniff {
        if head.starts_with(&walk::SIGNATURE) {
            Sniff::Yes
        } else {
            Sniff::No
        }
    }

    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        let walked = walk::walk(input, cx)?;
        raster::note(&walked.seen, cx);
        let exif = walked.exif.map(Exif::read).unwrap_or_default();
        cx.note_times(FindingCode::ImageThumbnail, u32::from(exif.preview));
        let icc = match walked.profile {
            Some(data) => walk::inflate_profile(data, cx)?,
            None => None,
        };
        let facts = Facts {
            orientation: exif.orientation,
            icc,
            density: walked.density.or(exif.density),
            ends_early: walked.ends_early,
            ..Facts::default()
        };
        if walked.frames > 0 && animated(&walked.with_frames, walked.frames, &facts, cx)? {
            return Ok(());
        }
        cx.note_times(FindingCode::ImageAnimation, walked.frames);
        let still = walk::without_frames(&walked.with_frames);
        raster::still(|cx: &Cx<'_>| decoder(&still, cx), &facts, cx)
    }
}

/// Decodes as an animation, or says `false` where browsers fall back to the still picture: when not
/// even the first frame can be decoded (PNG section 4.9).
fn animated(chunks: &[u8], count: u32, facts: &Facts, cx: &mut Cx<'_>) -> Result<bool, Refusal> {
    let decoder = decoder(chunks, cx)?;
    let sides = decoder.dimensions();
    if !decoder.is_apng().unwrap_or(false) {
        return Ok(false);
    }
    let Ok(frames) = decoder.apng() else {
        return Ok(false);
    };
    let frames = frames.into_frames().map(|f| f.map(Frame::into_buffer));
    Ok(raster::frames(sides, count, frames, facts, cx)? > 0)
}

/// A decoder over chunks that are worth decoding: it sees no text and no profile.
fn decoder<'a>(chunks: &'a [u8], cx: &Cx<'_>) -> Result<PngDecoder<Cursor<&'a [u8]>>, Refusal> {
    let (width, height) = walk::sides(chunks)?;
    let pixels = u64::from(width).saturating_mul(u64::from(height));
    // four samples of two bytes, at most
    let limits = raster::decode::limits(pixels.saturating_mul(8));
    PngDecoder::with_limits(Cursor::new(chunks), limits).map_err(|e| raster::refusal(&e, cx))
}

//! WebP (RFC 9649), animated ones included.

mod walk;

use super::raster::{self, Facts, exif::Exif};
use crate::reader::{Format, Sniff, Spec};
use image::codecs::webp::WebPDecoder;
use image::{AnimationDecoder, Frame, ImageDecoder};
use mugai_core::{Animation, Cx, FindingCode, Kind, Refusal, Resource, Treatment};
use std::io::Cursor;

/// The reader of WebP.
pub struct Webp;

impl Format for Webp {
    fn spec(&self) -> &'static Spec {
        &Spec {
            kind: Kind::Webp,
            reference: "RFC 9649",
            treatments: &[Treatment::Flatten],
        }
    }

    fn sniff(&self, head: &[u8]) -> Sniff {
        match (head.starts_with(b"RIFF"), head.get(8..12)) {
            (true, Some(b"WEBP")) => Sniff::Yes,
            _ => Sniff::No,
        }
    }

    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        let walked = walk::walk(input, cx)?;
        raster::note(&walked.seen, cx);
        let exif = walked.exif.map(Exif::read).unwrap_or_default();
        cx.note_times(FindingCode::ImageThumbnail, u32::from(exif.preview));
        let facts = Facts {
            orientation: exif.orientation,
            icc: walked.profile.map(<[u8]>::to_vec),
            density: exif.density,
            photographic: walked.lossy,
            ends_early: walked.ends_early,
            ..Facts::default()
        };
        // whatever the canvas says, the coded pictures are what is decoded: up to four bytes a
        // pixel, and as much again for the planes or the transforms
        cx.charge(Resource::Bytes, walked.largest_px.saturating_mul(8))?;
        let mended = walked.mended(cx)?;
        let input = mended.as_deref().unwrap_or(input);
        let decoder =
            |cx: &Cx<'_>| WebPDecoder::new(Cursor::new(input)).map_err(|e| raster::refusal(&e, cx));
        let sized = decoder(cx)?;
        let sides = sized.dimensions();
        let canvas_px = u64::from(sides.0).saturating_mul(u64::from(sides.1));
        if walked.largest_px > canvas_px {
            return Err(Refusal::malformed("webp: picture larger than its canvas"));
        }
        if walked.frames < 2 || cx.params().animation == Animation::First {
            let more = walked.frames.saturating_sub(1);
            cx.note_times(FindingCode::ImageAnimation, more);
            return raster::still(decoder, &facts, cx);
        }
        let frames = sized.into_frames().map(|f| f.map(Frame::into_buffer));
        match raster::frames(sides, walked.frames, frames, &facts, cx)? {
            0 => Err(Refusal::malformed("webp: first frame")),
            _ => Ok(()),
        }
    }
}

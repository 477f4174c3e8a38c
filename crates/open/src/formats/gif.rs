//! GIF (version 89a).

mod walk;

use super::raster::{self, Facts};
use crate::reader::{Format, Sniff, Spec};
use image::codecs::gif::GifDecoder;
use image::{AnimationDecoder, Frame, ImageDecoder};
use mugai_core::{Animation, Cx, FindingCode, Kind, Refusal, Resource, Treatment};
use std::io::Cursor;

/// The reader of GIF.
pub struct Gif;

impl Format for Gif {
    fn spec(&self) -> &'static Spec {
        &Spec {
            kind: Kind::Gif,
            reference: "Graphics Interchange Format 89a, CompuServe 1990",
            treatments: &[Treatment::Flatten],
        }
    }

    fn sniff(&self, head: &[u8]) -> Sniff {
        if head.starts_with(b"GIF87a") || head.starts_with(b"GIF89a") {
            Sniff::Yes
        } else {
            Sniff::No
        }
    }

    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        let walked = walk::walk(input, cx)?;
        raster::note(&walked.seen, cx);
        let facts = Facts {
            ends_early: walked.ends_early,
            ..Facts::default()
        };
        // a frame may be larger than the screen; each pixel of it takes four bytes
        cx.charge(Resource::Bytes, walked.largest_px.saturating_mul(4))?;
        let fitted = match walked.first {
            Some(first) => first.fitted(input, cx)?,
            None => None,
        };
        let input = fitted.as_deref().unwrap_or(input);
        if walked.frames < 2 || cx.params().animation == Animation::First {
            let more = walked.frames.saturating_sub(1);
            cx.note_times(FindingCode::ImageAnimation, more);
            return raster::still(|cx: &Cx<'_>| decoder(input, cx), &facts, cx);
        }
        let mut decoder = decoder(input, cx)?;
        let sides = decoder.dimensions();
        decoder
            .set_limits(raster::decode::limits(decoder.total_bytes()))
            .map_err(|e| raster::refusal(&e, cx))?;
        let frames = decoder.into_frames().map(|f| f.map(Frame::into_buffer));
        match raster::frames(sides, walked.frames, frames, &facts, cx)? {
            0 => Err(Refusal::malformed("gif: first frame")),
            _ => Ok(()),
        }
    }
}

fn decoder<'a>(input: &'a [u8], cx: &Cx<'_>) -> Result<GifDecoder<Cursor<&'a [u8]>>, Refusal> {
    GifDecoder::new(Cursor::new(input)).map_err(|e| raster::refusal(&e, cx))
}

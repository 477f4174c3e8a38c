//! Driving the decoders of the `image` crate.

use super::depth::Depth;
use super::{Facts, Layout, finish, pay};
use image::{ColorType, ImageDecoder, ImageError, ImageResult, RgbaImage};
use mugai_core::{Animation, Cx, FindingCode, Refusal, Resource};

/// Decodes one picture with a decoder that `make` makes, once more where the file ends early.
///
/// # Errors
/// As [`pay`] and [`finish`], and the refusal of the decoder unless the file just ends early.
pub(in crate::formats) fn still<D: ImageDecoder>(
    make: impl Fn(&Cx<'_>) -> Result<D, Refusal>,
    facts: &Facts,
    cx: &mut Cx<'_>,
) -> Result<(), Refusal> {
    let mut decoder = make(cx)?;
    let (layout, depth) = shape(decoder.color_type())?;
    let paid = pay(decoder.dimensions(), layout, depth.bytes(), facts, cx)?;
    decoder
        .set_limits(limits(decoder.total_bytes()))
        .map_err(|e| refusal(&e, cx))?;
    let length = usize::try_from(decoder.total_bytes())
        .map_err(|_| Refusal::internal("image: size over memory"))?;
    // white, and opaque: what is left of a picture that ends early
    let mut stored = vec![u8::MAX; length];
    let result = decoder.read_image(&mut stored);
    // deep samples may still be in the byte order of the file
    let may_be_kept = facts.ends_early && !depth.is_deep();
    match result {
        Ok(()) => cx.note_times(FindingCode::ImageTruncated, u32::from(facts.ends_early)),
        Err(_) if may_be_kept && is_begun(&make, &stored, cx)? => {
            cx.note(FindingCode::ImageTruncated);
        }
        Err(error) => return Err(refusal(&error, cx)),
    }
    cx.note_times(FindingCode::ImageDepth, u32::from(depth.is_deep()));
    let samples = depth.to_eight(stored, paid.row_samples());
    finish(paid, samples, facts, cx)
}

/// Whether some of a picture was decoded on white. What is white all over may be a white picture, or
/// none: on black it shows which.
fn is_begun<D: ImageDecoder>(
    make: &impl Fn(&Cx<'_>) -> Result<D, Refusal>,
    stored: &[u8],
    cx: &Cx<'_>,
) -> Result<bool, Refusal> {
    if stored.iter().any(|b| *b != u8::MAX) {
        return Ok(true);
    }
    cx.charge_len(Resource::Bytes, stored.len())?;
    cx.charge_len(Resource::Steps, stored.len().div_ceil(4))?;
    let mut decoder = make(cx)?;
    decoder
        .set_limits(limits(decoder.total_bytes()))
        .map_err(|e| refusal(&e, cx))?;
    let mut probe = vec![0; stored.len()];
    // it fails as it did before
    let _ = decoder.read_image(&mut probe);
    Ok(probe.iter().any(|b| *b != 0))
}

/// Frames of an animation of the given sides: the first one, or all of them, as the order says.
/// `count` is how many there are by the file's own structure. Returns how many pages were made: 0
/// when not even the first frame could be decoded.
///
/// # Errors
/// As [`pay`] and [`finish`], [`Refusal::Overrun`] at once when all frames together are too many,
/// and the refusal of the decoder behind the first frame.
pub(in crate::formats) fn frames(
    sides: (u32, u32),
    count: u32,
    mut frames: impl Iterator<Item = ImageResult<RgbaImage>>,
    facts: &Facts,
    cx: &mut Cx<'_>,
) -> Result<u32, Refusal> {
    let wanted = match cx.params().animation {
        Animation::First => 1,
        Animation::All => count,
    };
    afford(sides, wanted, cx)?;
    let mut done = 0u32;
    while done < wanted {
        let paid = pay(sides, Layout::Rgba, 1, facts, cx)?;
        // decoders hold up to three more pictures of this size
        cx.charge_len(Resource::Steps, paid.sample_count() / 4)?;
        match frames.next() {
            Some(Ok(frame)) => finish(paid, frame.into_raw(), facts, cx)?,
            Some(Err(_)) if done == 0 => return Ok(0),
            Some(Err(_)) if facts.ends_early => {
                cx.note(FindingCode::ImageTruncated);
                break;
            }
            Some(Err(error)) => return Err(refusal(&error, cx)),
            None => break,
        }
        done = done.saturating_add(1);
    }
    if done > 0 {
        cx.note_times(FindingCode::ImageAnimation, count.saturating_sub(done));
    }
    if done > 1 {
        cx.note_times(FindingCode::ImageFrames, done);
    }
    Ok(done)
}

/// Refuses before the first frame what could not be finished.
fn afford((width, height): (u32, u32), frames: u32, cx: &Cx<'_>) -> Result<(), Refusal> {
    let all = u64::from(width)
        .saturating_mul(u64::from(height))
        .saturating_mul(u64::from(frames));
    if all > cx.budget().left().pixels {
        return Err(Refusal::Overrun {
            resource: Resource::Pixels,
            limit: cx.budget().limits().pixels,
        });
    }
    Ok(())
}

/// What a decoder may allocate besides: some rows, and three more pictures for animations.
pub(in crate::formats) fn limits(picture_bytes: u64) -> image::Limits {
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(mugai_core::page::MAX_SIDE_PX);
    limits.max_image_height = Some(mugai_core::page::MAX_SIDE_PX);
    limits.max_alloc = Some(picture_bytes.saturating_mul(4).saturating_add(1 << 20));
    limits
}

fn shape(colour: ColorType) -> Result<(Layout, Depth), Refusal> {
    Ok(match colour {
        ColorType::L8 => (Layout::Grey, Depth::U8),
        ColorType::La8 => (Layout::GreyAlpha, Depth::U8),
        ColorType::Rgb8 => (Layout::Rgb, Depth::U8),
        ColorType::Rgba8 => (Layout::Rgba, Depth::U8),
        ColorType::L16 => (Layout::Grey, Depth::U16),
        ColorType::La16 => (Layout::GreyAlpha, Depth::U16),
        ColorType::Rgb16 => (Layout::Rgb, Depth::U16),
        ColorType::Rgba16 => (Layout::Rgba, Depth::U16),
        ColorType::Rgb32F => (Layout::Rgb, Depth::F32),
        ColorType::Rgba32F => (Layout::Rgba, Depth::F32),
        _ => return Err(Refusal::unsupported("image: kind of samples")),
    })
}

/// Whose doing it is; what the decoder says is not carried, it may quote the file.
pub(in crate::formats) fn refusal(error: &ImageError, cx: &Cx<'_>) -> Refusal {
    match error {
        ImageError::Unsupported(_) => Refusal::unsupported("image: feature of the format"),
        ImageError::Limits(_) => Refusal::Overrun {
            resource: Resource::Bytes,
            limit: cx.budget().limits().bytes,
        },
        ImageError::Parameter(_) => Refusal::malformed("image: no picture inside"),
        ImageError::Decoding(_) | ImageError::Encoding(_) | ImageError::IoError(_) => {
            Refusal::malformed("image: picture cannot be decoded")
        }
    }
}

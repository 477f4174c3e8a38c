//! What a picture becomes in memory, read off its headers before it is decoded.

use super::measure::{Chain, Coding, Meter, params};
use super::{jbig2, jpeg};
use hayro_syntax::Filter;
use hayro_syntax::object::{Array, Dict, Name, Object, Stream};
use mugai_core::{Cx, Refusal, Resource};

/// The most samples (pixels times components) of one picture: what fits a worker when the decoder
/// holds it twice. An A3 page of 600 dpi in colour has 209 million.
const MAX_SAMPLES: u64 = 224_000_000;

/// What a JPEG 2000 decoder may hold: it works in 32-bit floats, several a sample.
const MAX_JPX_SAMPLES: u64 = 64_000_000;

/// Bytes of a picture that are allowed beside its samples.
const SLACK: u64 = 1 << 16;

/// Whether a stream says that it is a picture.
pub(super) fn is_image(dict: &Dict<'_>) -> bool {
    let subtype = dict.get::<Name<'_>>(b"Subtype");
    subtype.is_some_and(|name| name.as_ref() == b"Image")
}

/// Checks the declared size of a picture and returns the bytes that it may inflate to for free, as
/// it is paid for by its pixels; 0 for what is no picture.
pub(super) fn free_bytes(dict: &Dict<'_>, cx: &Cx<'_>) -> Result<u64, Refusal> {
    if !is_image(dict) {
        return Ok(0);
    }
    let samples = samples(dict, cx)?;
    Ok(samples.saturating_add(SLACK))
}

/// Checks a whole picture, the sizes in its own data included. Returns the steps of drawing it once.
pub(super) fn check(stream: &Stream<'_>, cx: &Cx<'_>) -> Result<u64, Refusal> {
    let dict = stream.dict();
    let declared = samples(dict, cx)?;
    let chain = Chain::of(stream)?;
    let inside = match chain.picture {
        Some(Filter::JpxDecode) => {
            let samples = largest(stream, &chain, declared, jpx_samples, cx)?;
            let samples = if samples == 0 { declared } else { samples };
            within(samples, MAX_JPX_SAMPLES)?;
            samples
        }
        Some(Filter::Jbig2Decode) => largest(stream, &chain, declared, jbig2::largest_region, cx)?,
        Some(Filter::DctDecode) => largest(stream, &chain, declared, jpeg::largest_frame, cx)?,
        Some(Filter::CcittFaxDecode) => ccitt_pixels(dict),
        _ => 0,
    };
    within(inside, MAX_SAMPLES)?;
    Ok(declared.max(inside).div_euclid(16).saturating_add(64))
}

/// What `size` finds in the data of a picture, behind the codings that it is packed in.
fn largest(
    stream: &Stream<'_>,
    chain: &Chain,
    declared: u64,
    size: fn(&[u8]) -> u64,
    cx: &Cx<'_>,
) -> Result<u64, Refusal> {
    let data = stream.raw_data();
    cx.charge_len(Resource::Steps, data.len().div_euclid(16))?;
    if chain.codings.last() == Some(&Coding::Lzw) {
        return Err(Refusal::unsupported("pdf: a picture in LZW"));
    }
    let mut meter = Meter::new(cx.budget(), declared.saturating_add(SLACK));
    let unpacked = meter.run(&data, &chain.codings, true)?;
    Ok(unpacked.iter().map(|data| size(data)).max().unwrap_or(0))
}

/// Width times height times components, as the dictionary declares them.
fn samples(dict: &Dict<'_>, cx: &Cx<'_>) -> Result<u64, Refusal> {
    let side = |short: &[u8], long: &[u8]| {
        let value = dict.get::<u32>(short).or_else(|| dict.get::<u32>(long));
        u64::from(value.unwrap_or(0))
    };
    let pixels = side(b"W", b"Width").saturating_mul(side(b"H", b"Height"));
    within(pixels, cx.budget().left().pixels)?;
    let depth = dict
        .get::<u32>(b"BPC")
        .or_else(|| dict.get::<u32>(b"BitsPerComponent"));
    // 16-bit samples are two bytes while they are decoded
    let bytes = if depth == Some(16) { 2 } else { 1 };
    let samples = pixels
        .saturating_mul(components(dict))
        .saturating_mul(bytes);
    within(samples, MAX_SAMPLES)?;
    Ok(samples)
}

/// Components a pixel has when it is decoded, or once it is drawn.
fn components(dict: &Dict<'_>) -> u64 {
    let is_mask = dict
        .get::<bool>(b"ImageMask")
        .or_else(|| dict.get::<bool>(b"IM"));
    if is_mask == Some(true) {
        return 1;
    }
    let space = dict
        .get::<Object<'_>>(b"ColorSpace")
        .or_else(|| dict.get::<Object<'_>>(b"CS"));
    match space {
        Some(Object::Name(name)) => match name.as_ref() {
            b"DeviceGray" | b"G" | b"CalGray" => 1,
            b"DeviceCMYK" | b"CMYK" => 4,
            _ => 3,
        },
        Some(Object::Array(list)) => of_array(&list),
        _ => 1,
    }
}

fn of_array(space: &Array<'_>) -> u64 {
    let mut items = space.flex_iter();
    let family = items.next::<Name<'_>>();
    match family.as_ref().map(AsRef::as_ref) {
        Some(b"ICCBased") => {
            let profile = items.next::<Stream<'_>>();
            let n = profile.and_then(|profile| profile.dict().get::<u32>(b"N"));
            u64::from(n.unwrap_or(3))
        }
        Some(b"CalGray") => 1,
        Some(b"DeviceN") => {
            let names = items.next::<Array<'_>>();
            let count = names.map_or(4, |names| names.raw_iter().take(64).count());
            u64::try_from(count).unwrap_or(64).max(3)
        }
        _ => 3,
    }
}

/// Columns times rows of fax data, whose parameters may say more than the picture: the largest of all
/// that there are, whichever the decoder takes.
fn ccitt_pixels(dict: &Dict<'_>) -> u64 {
    let value = |dict: &Dict<'_>, key: &str| {
        let value = dict.get::<usize>(key).unwrap_or(0);
        u64::try_from(value).unwrap_or(u64::MAX)
    };
    let mut columns = 1728;
    let mut rows = value(dict, "Height").max(value(dict, "H"));
    for params in params(dict) {
        columns = columns.max(value(&params, "Columns"));
        rows = rows.max(value(&params, "Rows"));
    }
    columns.saturating_mul(rows)
}

/// Width times height times components of the largest JPEG 2000 codestream (ITU-T T.800 A.5.1) that
/// could begin in `data`: boxes before the true one may hold anything.
fn jpx_samples(data: &[u8]) -> u64 {
    // SOC and SIZ markers follow each other
    let starts = memchr::memmem::find_iter(data, &[0xFF, 0x4F, 0xFF, 0x51]);
    let sizes = starts.filter_map(|at| codestream_samples(data.get(at..)?));
    sizes.max().unwrap_or(0)
}

fn codestream_samples(data: &[u8]) -> Option<u64> {
    let word = |offset: usize| {
        let bytes = data.get(offset..)?.first_chunk::<4>()?;
        Some(u64::from(u32::from_be_bytes(*bytes)))
    };
    let components = data.get(40..)?.first_chunk::<2>()?;
    let width = word(8)?.saturating_sub(word(16)?);
    let height = word(12)?.saturating_sub(word(20)?);
    let components = u64::from(u16::from_be_bytes(*components));
    Some(width.saturating_mul(height).saturating_mul(components))
}

fn within(count: u64, limit: u64) -> Result<(), Refusal> {
    if count > limit {
        return Err(Refusal::Overrun {
            resource: Resource::Pixels,
            limit,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_of_a_codestream_is_read() {
        let mut data = b"jP box".to_vec();
        data.extend_from_slice(&[0xFF, 0x4F, 0xFF, 0x51, 0, 47, 0, 0]);
        for word in [1000u32, 500, 10, 20, 1000, 500, 0, 0] {
            data.extend_from_slice(&word.to_be_bytes());
        }
        data.extend_from_slice(&[0, 3]);
        assert_eq!(jpx_samples(&data), 990 * 480 * 3);
        assert_eq!(jpx_samples(data.get(..20).unwrap()), 0);
        assert_eq!(jpx_samples(b""), 0);
        let mut large = data.clone();
        if let Some(width) = large.get_mut(6 + 8) {
            *width = 0x10;
        }
        assert!(jpx_samples(&[data, large].concat()) > 1 << 32);
    }
}

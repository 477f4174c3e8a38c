//! What a picture becomes in memory, read off its headers before it is decoded.

use super::jbig2;
use super::measure::names_of;
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
    let filters = names_of(dict);
    let inside = match filters.last().and_then(Option::as_deref) {
        Some(b"JPXDecode") => {
            let samples = jpx_samples(&stream.raw_data()).unwrap_or(declared);
            within(samples, MAX_JPX_SAMPLES)?;
            samples
        }
        Some(b"JBIG2Decode") => jbig2::largest_region(&stream.raw_data()),
        Some(b"CCITTFaxDecode" | b"CCF") => ccitt_pixels(dict),
        _ => 0,
    };
    within(inside, MAX_SAMPLES)?;
    Ok(declared.max(inside).div_euclid(16).saturating_add(64))
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

/// Columns times rows of fax data, whose parameters may say more than the picture.
fn ccitt_pixels(dict: &Dict<'_>) -> u64 {
    let params = ["DP", "DecodeParms"]
        .into_iter()
        .find_map(|key| {
            dict.get::<Dict<'_>>(key).or_else(|| {
                let list = dict.get::<Array<'_>>(key)?;
                list.iter::<Dict<'_>>().last()
            })
        })
        .unwrap_or_default();
    let value = |dict: &Dict<'_>, key: &[u8]| u64::from(dict.get::<u32>(key).unwrap_or(0));
    let rows = value(&params, b"Rows")
        .max(value(dict, b"Height"))
        .max(value(dict, b"H"));
    value(&params, b"Columns").max(1728).saturating_mul(rows)
}

/// Width times height times components of a JPEG 2000 codestream (ITU-T T.800 A.5.1).
fn jpx_samples(data: &[u8]) -> Option<u64> {
    // SOC and SIZ markers follow each other
    let at = memchr::memmem::find(data, &[0xFF, 0x4F, 0xFF, 0x51])?;
    let word = |offset: usize| {
        let from = at.checked_add(offset)?;
        let bytes = data.get(from..)?.first_chunk::<4>()?;
        Some(u64::from(u32::from_be_bytes(*bytes)))
    };
    let from = at.checked_add(40)?;
    let components = data.get(from..)?.first_chunk::<2>()?;
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
        assert_eq!(jpx_samples(&data), Some(990 * 480 * 3));
        assert_eq!(jpx_samples(data.get(..20).unwrap()), None);
        assert_eq!(jpx_samples(b""), None);
    }
}

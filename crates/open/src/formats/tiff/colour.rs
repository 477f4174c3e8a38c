//! Colour models that TIFF has and a page has not.

use super::directory::{Directory, tag};
use mugai_core::Refusal;

/// A colour map (TIFF 6.0 section 5).
pub(super) struct Palette(Vec<[u8; 3]>);

impl Palette {
    /// The map of a page of `bits` bits a sample.
    pub(super) fn read(page: &Directory<'_>, bits: u8) -> Result<Self, Refusal> {
        let count = 1usize.wrapping_shl(u32::from(bits.min(8)));
        let words: Vec<u64> = page
            .numbers(tag::COLOR_MAP)
            .take(count.saturating_mul(3))
            .collect();
        if words.len() != count.saturating_mul(3) {
            return Err(Refusal::malformed("tiff: colour map"));
        }
        // some writers scale to 255 where the standard says 65535
        let shift = if words.iter().all(|w| *w < 256) { 0 } else { 8 };
        let level = |word: u64| u8::try_from(word.wrapping_shr(shift) & 255).unwrap_or(0);
        let column = |n: usize| words.iter().skip(count.saturating_mul(n)).copied();
        let colours = column(0)
            .zip(column(1))
            .zip(column(2))
            .take(count)
            .map(|((r, g), b)| [level(r), level(g), level(b)]);
        Ok(Self(colours.collect()))
    }

    /// The colour of each index; there is one for every index of that depth.
    pub(super) fn colours(&self, indices: &[u8]) -> Vec<u8> {
        let colour = |i: &u8| self.0.get(usize::from(*i)).copied().unwrap_or_default();
        indices.iter().flat_map(colour).collect()
    }
}

/// Changes every pixel of three samples.
pub(super) fn each_pixel(mut samples: Vec<u8>, change: impl Fn([u8; 3]) -> [u8; 3]) -> Vec<u8> {
    for pixel in samples.as_chunks_mut::<3>().0 {
        *pixel = change(*pixel);
    }
    samples
}

/// The nearest sRGB of a CIE L*a*b* colour under D50 (TIFF 6.0 section 23; CIE 15; IEC 61966-2-1).
/// L is 0 to 100 in 255 steps; a and b are whole numbers, signed or with an offset of 128.
#[expect(
    clippy::many_single_char_names,
    reason = "the names of colorimetry are single letters"
)]
pub(super) fn lab([l, a, b]: [u8; 3], signed: bool) -> [u8; 3] {
    let part = |byte: u8| {
        if signed {
            f64::from(byte.cast_signed())
        } else {
            f64::from(byte) - 128.0
        }
    };
    let y = (f64::from(l) * 100.0 / 255.0 + 16.0) / 116.0;
    let inverse = |t: f64| {
        if t > 6.0 / 29.0 {
            t.powi(3)
        } else {
            (t - 16.0 / 116.0) / 7.787
        }
    };
    let x = 0.9642 * inverse(y + part(a) / 500.0);
    let z = 0.8249 * inverse(y - part(b) / 200.0);
    let y = inverse(y);
    // from D50 to the primaries of sRGB, adapted by the method of Bradford
    let linear = [
        3.133_856 * x - 1.616_867 * y - 0.490_615 * z,
        -0.978_768 * x + 1.916_142 * y + 0.033_454 * z,
        0.071_945 * x - 0.228_991 * y + 1.405_243 * z,
    ];
    linear.map(transfer)
}

/// The transfer curve of sRGB, to eight bits.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the only way from a float to an integer; it saturates"
)]
fn transfer(linear: f64) -> u8 {
    let curved = if linear <= 0.003_130_8 {
        12.92 * linear
    } else {
        1.055 * linear.powf(1.0 / 2.4) - 0.055
    };
    (curved * 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lab_of_known_colours() {
        let near = |lab_bytes, signed, rgb: [u8; 3]| {
            let out = lab(lab_bytes, signed);
            let close = out.iter().zip(rgb).all(|(a, b)| a.abs_diff(b) <= 2);
            assert!(close, "{out:?} is not near {rgb:?}");
        };
        near([255, 128, 128], false, [255; 3]);
        near([0, 128, 128], false, [0; 3]);
        // sRGB red is 54.3, 80.8, 69.9 under D50
        near([138, 209, 198], false, [255, 0, 0]);
        near([138, 81, 70], true, [255, 0, 0]);
    }
}

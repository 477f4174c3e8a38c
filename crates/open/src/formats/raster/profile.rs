//! Colour profiles (ICC.1:2022): pixels are converted to sRGB and the profile is dropped.

use super::{Layout, MAX_PROFILE_BYTES};
use moxcms::{
    ColorProfile, DataColorSpace, Layout as Order, ParsingOptions, ProfileClass, TransformExecutor,
    TransformOptions,
};
use mugai_core::{Cx, FindingCode, Refusal, Resource};
use std::sync::Arc;

/// Pixels that are converted at a time.
const STRIP_PX: usize = 16_384;

type Transform = Arc<dyn TransformExecutor<u8> + Send + Sync>;

/// Samples in sRGB: grey stays grey, RGB stays RGB, ink becomes RGB.
pub(super) fn to_srgb(
    samples: Vec<u8>,
    layout: Layout,
    icc: Option<&[u8]>,
    cx: &mut Cx<'_>,
) -> Result<Vec<u8>, Refusal> {
    let transform = match icc {
        None => None,
        Some(icc) => {
            // tables are built of it before a pixel is converted
            cx.charge_len(Resource::Steps, icc.len())?;
            let transform = transform(icc, layout);
            cx.note(match transform {
                Some(_) => FindingCode::ImageProfile,
                None => FindingCode::ImageProfileUnusable,
            });
            transform
        }
    };
    cx.charge_len(Resource::Steps, samples.len() / 4)?;
    match (transform, layout) {
        (None, Layout::Cmyk) => {
            cx.charge_len(Resource::Bytes, samples.len())?;
            let pixels = samples.as_chunks::<4>().0;
            Ok(pixels
                .iter()
                .flat_map(|inks| without_profile(*inks))
                .collect())
        }
        (Some(transform), Layout::Cmyk) => {
            cx.charge_len(Resource::Bytes, samples.len())?;
            convert_inks(&samples, &transform)
        }
        (Some(transform), Layout::Rgb) => convert_rgb(samples, &transform),
        (Some(transform), Layout::Grey) => convert_grey(samples, &transform),
        (None, _) | (Some(_), Layout::GreyAlpha | Layout::Rgba) => Ok(samples),
    }
}

/// A transform to RGB; grey comes as RGB of three equal samples where the profile is one of RGB.
fn transform(icc: &[u8], layout: Layout) -> Option<Transform> {
    let options = ParsingOptions {
        max_profile_size: MAX_PROFILE_BYTES,
        ..ParsingOptions::default()
    };
    let profile = ColorProfile::new_from_slice_with_options(icc, options).ok()?;
    let of_devices = matches!(
        profile.profile_class,
        ProfileClass::InputDevice
            | ProfileClass::DisplayDevice
            | ProfileClass::OutputDevice
            | ProfileClass::ColorSpace
    );
    let order = match (layout, profile.color_space) {
        (Layout::Grey, DataColorSpace::Gray) => Order::Gray,
        (Layout::Grey | Layout::Rgb, DataColorSpace::Rgb) => Order::Rgb,
        (Layout::Cmyk, DataColorSpace::Cmyk) => Order::Rgba,
        _ => return None,
    };
    if !of_devices {
        return None;
    }
    let transform: Transform = profile
        .create_transform_8bit(
            order,
            &ColorProfile::new_srgb(),
            Order::Rgb,
            TransformOptions::default(),
        )
        .ok()?;
    Some(if order == Order::Gray {
        Arc::new(OfEqualSamples(transform))
    } else {
        transform
    })
}

/// Takes RGB of three equal samples for grey, so that all of grey has one way to go.
struct OfEqualSamples(Transform);

impl TransformExecutor<u8> for OfEqualSamples {
    fn transform(&self, src: &[u8], dst: &mut [u8]) -> Result<(), moxcms::CmsError> {
        let grey: Vec<u8> = src.iter().step_by(3).copied().collect();
        self.0.transform(&grey, dst)
    }
}

const FAILED: Refusal = Refusal::internal("image: colour conversion");

fn convert_rgb(mut samples: Vec<u8>, transform: &Transform) -> Result<Vec<u8>, Refusal> {
    let mut strip = Vec::new();
    for part in samples.chunks_mut(STRIP_PX.saturating_mul(3)) {
        strip.clear();
        strip.extend_from_slice(part);
        transform.transform(&strip, part).map_err(|_| FAILED)?;
    }
    Ok(samples)
}

/// There are only 256 greys: each is converted once.
fn convert_grey(mut samples: Vec<u8>, transform: &Transform) -> Result<Vec<u8>, Refusal> {
    let greys: Vec<u8> = (0..=u8::MAX).flat_map(|v| [v; 3]).collect();
    let mut colours = vec![0; greys.len()];
    transform
        .transform(&greys, &mut colours)
        .map_err(|_| FAILED)?;
    let greens: Vec<u8> = colours
        .as_chunks::<3>()
        .0
        .iter()
        .map(|[_, g, _]| *g)
        .collect();
    for sample in &mut samples {
        *sample = greens.get(usize::from(*sample)).copied().unwrap_or(*sample);
    }
    Ok(samples)
}

fn convert_inks(samples: &[u8], transform: &Transform) -> Result<Vec<u8>, Refusal> {
    let mut out = Vec::new();
    let mut strip = Vec::new();
    for part in samples.chunks(STRIP_PX.saturating_mul(4)) {
        strip.resize((part.len() / 4).saturating_mul(3), 0);
        transform.transform(part, &mut strip).map_err(|_| FAILED)?;
        out.extend_from_slice(&strip);
    }
    Ok(out)
}

/// What most viewers show of ink whose profile is unknown: each ink takes its share of the light.
fn without_profile([c, m, y, k]: [u8; 4]) -> [u8; 3] {
    [c, m, y].map(|ink| {
        let light = |ink: u8| u32::from(u8::MAX.wrapping_sub(ink));
        let product = light(ink).wrapping_mul(light(k)).wrapping_add(127) / 255;
        u8::try_from(product).unwrap_or(u8::MAX)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ink_without_a_profile_is_subtracted_from_white() {
        assert_eq!(without_profile([0, 0, 0, 0]), [255; 3]);
        assert_eq!(without_profile([255, 0, 0, 0]), [0, 255, 255]);
        assert_eq!(without_profile([0, 0, 0, 255]), [0; 3]);
        assert_eq!(without_profile([0, 0, 0, 128]), [127; 3]);
    }

    #[test]
    fn profiles_of_another_colour_space_are_unusable() {
        let srgb = ColorProfile::new_srgb().encode().unwrap();
        assert!(transform(&srgb, Layout::Rgb).is_some());
        assert!(transform(&srgb, Layout::Grey).is_some());
        assert!(transform(&srgb, Layout::Cmyk).is_none());
        assert!(transform(&srgb[..200], Layout::Rgb).is_none());
        let grey = ColorProfile::new_gray_with_gamma(2.2).encode().unwrap();
        assert!(transform(&grey, Layout::Grey).is_some());
        assert!(transform(&grey, Layout::Rgb).is_none());
    }

    #[test]
    fn srgb_stays_and_wider_colours_move() {
        let pixels: Vec<u8> = (0..=250u8)
            .step_by(10)
            .flat_map(|v| [v, 128, 255 - v])
            .collect();
        let convert = |profile: ColorProfile| {
            let icc = profile.encode().unwrap();
            let transform = transform(&icc, Layout::Rgb).unwrap();
            convert_rgb(pixels.clone(), &transform).unwrap()
        };
        let same = convert(ColorProfile::new_srgb());
        assert!(same.iter().zip(&pixels).all(|(a, b)| a.abs_diff(*b) <= 1));
        assert_ne!(convert(ColorProfile::new_adobe_rgb()), pixels);
    }

    #[test]
    fn grey_of_a_linear_curve_gets_lighter() {
        let icc = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
        let transform = transform(&icc, Layout::Grey).unwrap();
        let out = convert_grey(vec![0, 55, 255], &transform).unwrap();
        assert_eq!((out[0], out[2]), (0, 255));
        assert!((125..135).contains(&out[1]), "{}", out[1]);
    }
}

//! Pictures made here, in every format: what goes in comes out.

use super::{delivered, open, open_with};
use image::codecs::gif::GifEncoder;
use image::{
    DynamicImage, Frame, GrayImage, ImageFormat, Luma, LumaA, Rgb, RgbImage, Rgba, RgbaImage,
};
use mugai_core::{Animation, FindingCode, PixelFormat};
use proptest::prelude::*;
use std::io::Cursor;

pub(crate) fn stored(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    image.write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// A picture of many colours, 13 by 7.
pub(crate) fn colours() -> RgbImage {
    RgbImage::from_fn(13, 7, |x, y| {
        let [a, _, _, _] = (x * 19).to_le_bytes();
        let [b, _, _, _] = (y * 36).to_le_bytes();
        Rgb([a, b, a ^ b])
    })
}

#[test]
fn lossless_formats_keep_every_pixel() {
    let picture = colours();
    let expected = picture.as_raw().clone();
    let image = DynamicImage::ImageRgb8(picture);
    for format in [
        ImageFormat::Png,
        ImageFormat::Bmp,
        ImageFormat::Tiff,
        ImageFormat::WebP,
    ] {
        let opened = open(&stored(&image, format));
        assert_eq!(opened.result, Ok(()), "{format:?}");
        assert_eq!(opened.pages[0].pixels(), expected, "{format:?}");
        assert!(!opened.pages[0].photographic());
        // what we deliver opens again as the same
        let again = open(&delivered(&opened.pages[0]));
        assert_eq!(again.pages[0].pixels(), expected, "{format:?}");
        assert_eq!(again.findings, []);
    }
}

#[test]
fn grey_stays_grey_and_deep_samples_are_reduced() {
    let grey = DynamicImage::ImageLuma8(GrayImage::from_fn(9, 5, |x, _| {
        Luma([u8::try_from(x * 28).unwrap()])
    }));
    for format in [ImageFormat::Png, ImageFormat::Tiff, ImageFormat::Jpeg] {
        let page = &open(&stored(&grey, format)).pages[0];
        assert_eq!(page.format(), PixelFormat::Grey8, "{format:?}");
        assert_eq!((page.width_px(), page.height_px()), (9, 5));
    }
    let deep = DynamicImage::ImageLuma16(image::ImageBuffer::from_fn(4, 1, |x, _| {
        Luma([u16::try_from(x * 257 * 80).unwrap()])
    }));
    for format in [ImageFormat::Png, ImageFormat::Tiff] {
        let opened = open(&stored(&deep, format));
        assert_eq!(opened.pages[0].pixels(), [0, 80, 160, 240], "{format:?}");
        assert_eq!(opened.findings, [FindingCode::ImageDepth], "{format:?}");
    }
}

#[test]
fn alpha_is_drawn_on_white() {
    let half = RgbaImage::from_pixel(2, 2, Rgba([255, 0, 0, 51]));
    for format in [ImageFormat::Png, ImageFormat::Tiff, ImageFormat::WebP] {
        let opened = open(&stored(&DynamicImage::ImageRgba8(half.clone()), format));
        assert_eq!(opened.pages[0].pixels()[..3], [255, 204, 204], "{format:?}");
        assert_eq!(opened.findings, [FindingCode::ImageAlpha], "{format:?}");
    }
    let opaque = DynamicImage::ImageLumaA8(image::ImageBuffer::from_pixel(2, 2, LumaA([7, 255])));
    let opened = open(&stored(&opaque, ImageFormat::Png));
    assert_eq!(
        (opened.pages[0].pixels(), opened.findings.len()),
        (&[7u8; 4][..], 0)
    );
}

pub(crate) fn animated_gif(frames: u8) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = GifEncoder::new(&mut out);
    for n in 0..frames {
        let frame = RgbaImage::from_pixel(3, 2, Rgba([n * 20, 0, 0, 255]));
        encoder.encode_frame(Frame::new(frame)).unwrap();
    }
    drop(encoder);
    out
}

#[test]
fn animations_give_their_first_frame_or_all() {
    let gif = animated_gif(4);
    let first = open(&gif);
    assert_eq!((first.result, first.pages.len()), (Ok(()), 1));
    assert_eq!(first.findings, [FindingCode::ImageAnimation]);
    let all = open_with(&gif, Animation::All);
    assert_eq!((all.result, all.pages.len()), (Ok(()), 4));
    assert_eq!(all.findings, [FindingCode::ImageFrames]);
    assert_eq!(all.pages[3].pixels()[0], 60);
}

#[test]
fn a_jpeg_is_photographic_and_stays_a_jpeg() {
    let opened = open(&stored(
        &DynamicImage::ImageRgb8(colours()),
        ImageFormat::Jpeg,
    ));
    assert_eq!(opened.result, Ok(()));
    assert!(opened.pages[0].photographic());
    assert!(delivered(&opened.pages[0]).starts_with(&[0xFF, 0xD8]));
}

fn samples() -> Vec<Vec<u8>> {
    let image = DynamicImage::ImageRgb8(colours());
    let formats = [
        ImageFormat::Png,
        ImageFormat::Jpeg,
        ImageFormat::Bmp,
        ImageFormat::Tiff,
        ImageFormat::WebP,
    ];
    let mut samples: Vec<_> = formats.iter().map(|f| stored(&image, *f)).collect();
    samples.push(animated_gif(3));
    samples
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changed_files_are_opened_or_refused(
        which in 0usize..6,
        changes in proptest::collection::vec((any::<u16>(), any::<u8>()), 1..6),
        cut in proptest::option::of(any::<u16>()),
    ) {
        let mut bytes = samples().swap_remove(which);
        for (at, value) in changes {
            let at = usize::from(at) % bytes.len();
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(usize::from(cut) % bytes.len());
        }
        let opened = open_with(&bytes, Animation::All);
        if let Err(refusal) = &opened.result {
            prop_assert!(!refusal.is_alarm(), "{}", refusal);
        }
        for page in opened.pages {
            delivered(&page);
        }
    }
}

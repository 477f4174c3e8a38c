//! Pictures made here, in every format: what goes in comes out.

use super::{delivered, open, open_as, open_with};
use image::codecs::gif::GifEncoder;
use image::{
    DynamicImage, Frame, GrayImage, ImageFormat, Luma, LumaA, Rgb, RgbImage, Rgba, RgbaImage,
};
use mugai_core::{Animation, FindingCode, Hints, PixelFormat};
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

#[test]
fn what_is_seen_through_a_picture_of_a_document_is_kept() {
    let shown = |picture: DynamicImage, format| {
        let hints = Hints {
            shown: true,
            ..Hints::default()
        };
        open_as(&stored(&picture, format), Animation::First, hints)
    };
    let picture = RgbaImage::from_fn(3, 1, |x, _| {
        [
            Rgba([9, 8, 7, 0]),
            Rgba([255, 0, 0, 51]),
            Rgba([1, 2, 3, 255]),
        ][usize::try_from(x).unwrap()]
    });
    for format in [ImageFormat::Png, ImageFormat::Tiff, ImageFormat::WebP] {
        let opened = shown(DynamicImage::ImageRgba8(picture.clone()), format);
        assert_eq!((opened.result, opened.findings), (Ok(()), Vec::new()));
        let page = &opened.pages[0];
        assert_eq!(page.pixels(), [255, 255, 255, 255, 204, 204, 1, 2, 3]);
        assert_eq!(page.opacity(), Some(&[0, 51, 255][..]), "{format:?}");
        let written = mugai_emit::png::encode_shown(page).unwrap();
        let again = image::load_from_memory(&written).unwrap().to_rgba8();
        let expected = [255, 255, 255, 0, 255, 0, 0, 51, 1, 2, 3, 255];
        assert_eq!(again.as_raw()[..], expected, "{format:?}");
        assert_eq!(
            mugai_verify::check(mugai_core::Target::Png, &written, &[]),
            Ok(())
        );
    }
    let opaque = DynamicImage::ImageLumaA8(image::ImageBuffer::from_pixel(2, 2, LumaA([7, 255])));
    assert_eq!(shown(opaque, ImageFormat::Png).pages[0].opacity(), None);
    let grey = image::ImageBuffer::from_fn(2, 1, |x, _| LumaA([100, if x == 0 { 0 } else { 255 }]));
    let opened = shown(DynamicImage::ImageLumaA8(grey), ImageFormat::Png);
    let page = &opened.pages[0];
    assert_eq!(
        (page.pixels(), page.opacity()),
        (&[255, 100][..], Some(&[0, 255][..]))
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
fn a_gif_has_room_for_its_first_picture() {
    let gif = animated_gif(3);
    for (width, height) in [(0u16, 0u16), (1, 1), (3, 1), (0, 2)] {
        let mut small = gif.clone();
        small[6..8].copy_from_slice(&width.to_le_bytes());
        small[8..10].copy_from_slice(&height.to_le_bytes());
        let opened = open_with(&small, Animation::All);
        assert_eq!(opened.result, Ok(()), "{width} x {height}");
        assert_eq!(opened.pages.len(), 3);
        let sides = (opened.pages[2].width_px(), opened.pages[2].height_px());
        assert_eq!(sides, (3, 2), "{width} x {height}");
        assert_eq!(opened.pages[2].pixels()[..3], [40, 0, 0]);
    }
    // a screen that is larger stays as it is
    let mut large = gif.clone();
    large[6..10].copy_from_slice(&[5, 0, 4, 0]);
    let page = &open(&large).pages[0];
    assert_eq!((page.width_px(), page.height_px()), (5, 4));
}

#[test]
fn headers_of_os2_are_read() {
    let picture = colours();
    let expected = picture.as_raw().clone();
    let bmp = stored(&DynamicImage::ImageRgb8(picture), ImageFormat::Bmp);
    let (file, rest) = bmp.split_at(14);
    let (header, pixels) = rest.split_at(usize::from(rest[0]));
    for size in [16u8, 24, 36, 42, 64] {
        let mut os2 = header.to_vec();
        os2.resize(40, 0);
        os2.resize(64, 7);
        os2.truncate(usize::from(size));
        os2[..4].copy_from_slice(&u32::from(size).to_le_bytes());
        os2.get_mut(16..20)
            .into_iter()
            .for_each(|kind| kind.fill(0));
        let mut whole = [file, &os2, pixels].concat();
        let length = u32::try_from(whole.len()).unwrap();
        whole[2..6].copy_from_slice(&length.to_le_bytes());
        whole[10..14].copy_from_slice(&(14 + u32::from(size)).to_le_bytes());
        let opened = open(&whole);
        assert_eq!(opened.result, Ok(()), "{size}");
        assert_eq!(opened.pages[0].pixels(), expected, "{size}");
        assert_eq!(opened.findings, [], "{size}");
        let mut huffman = whole.clone();
        if size > 16 {
            huffman[30] = 3;
            let code = open(&huffman).result.unwrap_err().code();
            assert_eq!(code, "unsupported", "{size}");
        }
        assert!(open(&whole[..14 + usize::from(size) / 2]).result.is_err());
    }
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

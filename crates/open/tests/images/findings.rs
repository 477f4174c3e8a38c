//! What is dropped is reported, and what it said is not lost where it matters.

use super::made::{colours, stored};
use super::{Opened, open};
use image::{DynamicImage, ImageEncoder, ImageFormat};
use moxcms::ColorProfile;
use mugai_core::FindingCode;

fn jpeg() -> Vec<u8> {
    stored(&DynamicImage::ImageRgb8(colours()), ImageFormat::Jpeg)
}

/// A segment behind SOI.
fn with_segment(marker: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
    let jpeg = jpeg();
    [&jpeg[..2], &[0xFF, marker], &length, data, &jpeg[2..]].concat()
}

fn exif(orientation: u8, preview: u8) -> Vec<u8> {
    let mut out = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    out.extend([orientation, 0, 0, 0, preview, 0, 0, 0]);
    out
}

fn found(opened: &Opened) -> &[FindingCode] {
    assert_eq!(opened.result, Ok(()));
    &opened.findings
}

#[test]
fn exif_turns_the_picture_and_is_dropped() {
    let opened = open(&with_segment(0xE1, &exif(6, 0)));
    assert_eq!(
        found(&opened),
        [FindingCode::ImageMetadata, FindingCode::ImageOrientation]
    );
    assert_eq!(
        (opened.pages[0].width_px(), opened.pages[0].height_px()),
        (7, 13)
    );
    let opened = open(&with_segment(0xE1, &exif(1, 99)));
    assert_eq!(
        found(&opened),
        [FindingCode::ImageMetadata, FindingCode::ImageThumbnail]
    );
}

#[test]
fn exif_that_is_cut_short_turns_the_picture_too() {
    let turned = |name: &str, file: &[u8]| {
        let opened = open(file);
        assert!(
            found(&opened).contains(&FindingCode::ImageOrientation),
            "{name}: {opened:?}"
        );
        let sides = (opened.pages[0].width_px(), opened.pages[0].height_px());
        assert_eq!(sides, (7, 13), "{name}");
    };
    let cut = |exif: &[u8]| {
        // three entries are promised; of the first one the last two bytes are missing
        let mut cut = exif[..exif.len() - 6].to_vec();
        cut[14] = 3;
        cut
    };
    let exif = cut(&exif(6, 0));
    turned("jpeg", &with_segment(0xE1, &exif));
    // long ones go on in a further segment without a directory
    let mut file = with_segment(0xE1, b"Exif\0\0and so on");
    let first = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    file.splice(2..2, [&[0xFF, 0xE1], &first[..], &exif].concat());
    turned("jpeg in two", &file);
    let bare = &exif[6..];
    let length = u32::try_from(bare.len()).unwrap();
    let mut png = stored(&DynamicImage::ImageRgb8(colours()), ImageFormat::Png);
    png.splice(
        33..33,
        [&length.to_be_bytes(), &b"eXIf"[..], bare, &[0; 4]].concat(),
    );
    turned("png", &png);
    // a container of its own, and the file ends within the metadata
    let simple = stored(&DynamicImage::ImageRgb8(colours()), ImageFormat::WebP);
    let mut webp = b"RIFF\0\0\0\0WEBPVP8X\x0A\0\0\0\x08\0\0\0".to_vec();
    webp.extend([12, 0, 0, 6, 0, 0]);
    webp.extend(&simple[12..]);
    webp.extend(b"EXIF");
    webp.extend((length + 20).to_le_bytes());
    webp.extend(bare);
    let size = u32::try_from(webp.len() + 12).unwrap().to_le_bytes();
    webp[4..8].copy_from_slice(&size);
    turned("webp", &webp);
}

#[test]
fn comments_and_bytes_behind_the_end_are_seen() {
    let opened = open(&with_segment(0xFE, b"made by nobody"));
    assert_eq!(found(&opened), [FindingCode::ImageMetadata]);
    let formats = [
        ImageFormat::Jpeg,
        ImageFormat::Png,
        ImageFormat::Bmp,
        ImageFormat::WebP,
        ImageFormat::Gif,
    ];
    for format in formats {
        let mut file = stored(&DynamicImage::ImageRgb8(colours()), format);
        file.extend(b"PK\x03\x04");
        let opened = open(&file);
        assert_eq!(found(&opened), [FindingCode::ImageTrailing], "{format:?}");
    }
}

#[test]
fn a_file_that_ends_early_keeps_what_there_is() {
    let large = image::RgbImage::from_fn(64, 64, |x, y| {
        image::Rgb([x * 3, y * 3, x * y % 256].map(|v| u8::try_from(v).unwrap()))
    });
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Bmp] {
        let file = stored(&DynamicImage::ImageRgb8(large.clone()), format);
        let opened = open(&file[..file.len() * 3 / 4]);
        assert_eq!(found(&opened), [FindingCode::ImageTruncated], "{format:?}");
        assert_eq!(opened.pages[0].height_px(), 64);
        assert!(open(&file[..12]).result.is_err(), "{format:?}");
    }
}

#[test]
fn a_white_picture_that_ends_early_is_white() {
    let white = image::RgbImage::from_pixel(64, 64, image::Rgb([255; 3]));
    // a PNG of one white stream ends early only without what comes behind its rows
    let mut png = Vec::new();
    image::codecs::png::PngEncoder::new_with_quality(
        &mut png,
        image::codecs::png::CompressionType::Uncompressed,
        image::codecs::png::FilterType::NoFilter,
    )
    .write_image(white.as_raw(), 64, 64, image::ExtendedColorType::Rgb8)
    .unwrap();
    let bmp = stored(&DynamicImage::ImageRgb8(white), ImageFormat::Bmp);
    for file in [png, bmp] {
        let opened = open(&file[..file.len() * 3 / 4]);
        assert_eq!(found(&opened), [FindingCode::ImageTruncated]);
        assert!(opened.pages[0].pixels().iter().all(|b| *b == 255));
        // of which nothing is there
        assert!(open(&file[..56]).result.is_err());
    }
}

#[test]
fn profiles_are_applied_or_reported() {
    let picture = colours();
    let png = |profile: Vec<u8>| {
        let mut out = Vec::new();
        let mut encoder = image::codecs::png::PngEncoder::new(&mut out);
        encoder.set_icc_profile(profile).unwrap();
        let (width, height) = picture.dimensions();
        encoder
            .write_image(
                picture.as_raw(),
                width,
                height,
                image::ExtendedColorType::Rgb8,
            )
            .unwrap();
        open(&out)
    };
    let wide = png(ColorProfile::new_adobe_rgb().encode().unwrap());
    assert_eq!(found(&wide), [FindingCode::ImageProfile]);
    assert_ne!(wide.pages[0].pixels(), picture.as_raw());
    let broken = png(vec![1; 200]);
    assert_eq!(found(&broken), [FindingCode::ImageProfileUnusable]);
    assert_eq!(broken.pages[0].pixels(), picture.as_raw());
}

#[test]
fn the_size_on_paper_is_kept() {
    // JFIF with 144 dots per inch
    let mut file = jpeg();
    let jfif = file.windows(5).position(|w| w == b"JFIF\0").unwrap();
    file[jfif + 7..jfif + 12].copy_from_slice(&[1, 0, 144, 0, 144]);
    let opened = open(&file);
    assert_eq!(opened.pages[0].size_millipoints(), Some((6500, 3500)));
}

/// A fax of two pages of one white line, and a page that is the preview of another.
#[test]
fn every_page_of_a_fax_is_kept() {
    let page = |next: u32, kind: u8, here: u32| {
        let mut out = vec![8, 0];
        let mut entry = |tag: u16, value: u32| {
            out.extend(tag.to_le_bytes());
            out.extend([4, 0, 1, 0, 0, 0]);
            out.extend(value.to_le_bytes());
        };
        entry(254, u32::from(kind));
        entry(256, 8);
        entry(257, 1);
        entry(258, 1);
        entry(259, 3);
        entry(262, 0);
        entry(273, here + 102);
        entry(279, 4);
        out.extend(next.to_le_bytes());
        // mark, white 3, black 2, white 3
        out.extend([0b0000_0000, 0b0001_1000, 0b1110_0000, 0]);
        out
    };
    let mut file = b"II*\0\x08\0\0\0".to_vec();
    let length = u32::try_from(page(0, 0, 0).len()).unwrap();
    file.extend(page(8 + length, 2, 8));
    file.extend(page(8 + 2 * length, 2, 8 + length));
    file.extend(page(0, 1, 8 + 2 * length));
    let opened = open(&file);
    assert_eq!(
        found(&opened),
        [FindingCode::ImageThumbnail, FindingCode::ImageFrames]
    );
    assert_eq!(opened.pages.len(), 2);
    for page in &opened.pages {
        assert_eq!(page.pixels(), [255, 255, 255, 0, 0, 255, 255, 255]);
    }
}

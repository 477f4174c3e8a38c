//! Small files that promise much.

use super::{Opened, open, open_with};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use mugai_core::{Animation, FindingCode, Refusal, Resource};
use std::io::Write;

fn png(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in chunks {
        let covered = [&kind[..], data].concat();
        out.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        out.extend(&covered);
        let mut crc = flate2::Crc::new();
        crc.update(&covered);
        out.extend(crc.sum().to_be_bytes());
    }
    out
}

fn deflated(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn ihdr(width: u32, height: u32) -> Vec<u8> {
    let sides = [width.to_be_bytes(), height.to_be_bytes()].concat();
    [&sides[..], &[8, 0, 0, 0, 0]].concat()
}

/// Refused without having paid for more than a megabyte.
fn cheap(name: &str, opened: &Opened) {
    assert!(opened.result.is_err(), "{name}: {opened:?}");
    assert!(
        opened.spent_bytes < 1 << 20,
        "{name}: {} bytes",
        opened.spent_bytes
    );
}

#[test]
fn sides_are_refused_before_anything_is_decoded() {
    let bmp = |width: i32, height: i32| {
        let mut out = b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
        out.extend(width.to_le_bytes());
        out.extend(height.to_le_bytes());
        out.extend([1, 0, 24, 0]);
        out.resize(54, 0);
        out
    };
    cheap("bmp 0 x 200M", &open(&bmp(0, 200_000_000)));
    cheap("bmp 60000 x 60000", &open(&bmp(60_000, 60_000)));
    cheap("bmp negative", &open(&bmp(-5, i32::MIN)));
    let data = deflated(&[0; 100]);
    for side in [0, 60_000, u32::MAX] {
        let file = png(&[
            (b"IHDR", &ihdr(side, side)),
            (b"IDAT", &data),
            (b"IEND", &[]),
        ]);
        cheap("png", &open(&file));
    }
    cheap(
        "gif",
        &open(b"GIF89a\xFF\xFF\xFF\xFF\0\0\0,\0\0\0\0\xFF\xFF\xFF\xFF\0\x02\0;"),
    );
    let webp = b"RIFF\x1E\0\0\0WEBPVP8X\x0A\0\0\0\0\0\0\0\xFF\xFF\x00\xFF\xFF\0VP8L\0\0\0\0";
    cheap("webp", &open(webp));
    let mut jpeg = b"\xFF\xD8\xFF\xC0\0\x0B\x08".to_vec();
    jpeg.extend([0xFF, 0xFF, 0xFF, 0xFF, 1, 1, 0x11, 0, 0xFF, 0xD9]);
    cheap("jpeg", &open(&jpeg));
}

#[test]
fn an_animation_is_paid_for_before_its_first_frame() {
    let mut gif = b"GIF89a\xD0\x07\xD0\x07\x80\0\0\0\0\0\xFF\xFF\xFF".to_vec();
    for _ in 0..3000 {
        gif.extend(b",\0\0\0\0\xD0\x07\xD0\x07\0\x02\x01\x04\0");
    }
    gif.push(b';');
    let opened = open_with(&gif, Animation::All);
    let overrun = matches!(
        opened.result,
        Err(Refusal::Overrun {
            resource: Resource::Pixels,
            ..
        })
    );
    assert!(overrun, "{:?}", opened.result);
    assert!(opened.pages.is_empty());
}

#[test]
fn compressed_metadata_is_not_inflated() {
    let zeros = deflated(&vec![0; 64 << 20]);
    let bomb = [&b"a\0\0"[..], &zeros].concat();
    let pixels = deflated(&[0, 9, 9]);
    let with = |kind: &[u8; 4]| {
        open(&png(&[
            (b"IHDR", &ihdr(2, 1)),
            (kind, &bomb),
            (b"IDAT", &pixels),
            (b"IEND", &[]),
        ]))
    };
    let text = with(b"zTXt");
    assert_eq!(
        (text.result, text.findings),
        (Ok(()), vec![FindingCode::ImageMetadata])
    );
    assert!(text.spent_bytes < 1 << 20);
    let profile = with(b"iCCP");
    assert_eq!(profile.result, Ok(()));
    assert_eq!(profile.findings, [FindingCode::ImageProfileUnusable]);
    assert!(profile.spent_bytes < 6 << 20, "{}", profile.spent_bytes);
}

#[test]
fn loops_of_directories_end() {
    // a directory of no entries whose next one is itself
    cheap("tiff loop", &open(b"II*\0\x08\0\0\0\0\0\x08\0\0\0"));
    // and thousands that overlap
    let mut tiff = b"II*\0\x08\0\0\0".to_vec();
    for n in 0..30_000u32 {
        tiff.extend([0, 0]);
        tiff.extend((8 + (n + 1) * 6).to_le_bytes());
    }
    cheap("tiff chain", &open(&tiff));
}

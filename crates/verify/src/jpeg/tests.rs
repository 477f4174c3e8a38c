#![expect(
    clippy::arithmetic_side_effects,
    reason = "tests: an overflow is a failure"
)]

use super::check;
use mugai_core::{Budget, Limits, Page, PixelFormat};
use proptest::prelude::*;

fn jpeg(width: u32, height: u32, format: PixelFormat, quality: u8, seed: u32) -> Vec<u8> {
    let purse = Budget::new(Limits {
        bytes: 0,
        pixels: 1 << 30,
        parts: 0,
        depth: 0,
        steps: 0,
    });
    let canvas = Page::start(width, height, format, &purse).unwrap();
    let noise = |i: usize| {
        let n = u32::try_from(i).unwrap().wrapping_mul(seed).rotate_left(7);
        n.to_le_bytes()[1]
    };
    let pixels = (0..canvas.byte_len()).map(noise).collect();
    mugai_emit::jpeg::encode(&canvas.fill(pixels).unwrap(), quality).unwrap()
}

fn samples() -> [(&'static str, Vec<u8>); 2] {
    [
        ("grey", jpeg(17, 9, PixelFormat::Grey8, 90, 77)),
        ("colour", jpeg(9, 17, PixelFormat::Rgb8, 90, 91)),
    ]
}

#[test]
fn all_three_frames_are_accepted() {
    for (name, bytes) in samples() {
        assert_eq!(check(&bytes), Ok(()), "{name}");
    }
    let large = jpeg(1009, 1003, PixelFormat::Rgb8, 90, 12_345);
    assert_eq!(large[31], 0x22, "colour at half resolution");
    assert_eq!(check(&large), Ok(()));
}

/// Where the scan begins: its values may change, its length may not.
fn scan_start(bytes: &[u8]) -> usize {
    let sos = bytes.windows(2).position(|w| w == [0xFF, 0xDA]).unwrap();
    sos + 2 + usize::from(bytes[sos + 3])
}

#[test]
fn every_change_of_one_byte_outside_the_scan_is_refused() {
    for (name, bytes) in samples() {
        let scan = scan_start(&bytes);
        let tables = quantised(&bytes);
        for at in (0..scan).chain(bytes.len() - 2..bytes.len()) {
            let mut changed = bytes.clone();
            for flip in 1..=255u8 {
                changed[at] = bytes[at] ^ flip;
                // another side with as many units is another picture of the same rules
                let side = (25..29).contains(&at);
                if side || (tables.contains(&at) && changed[at] != 0) {
                    continue;
                }
                assert!(check(&changed).is_err(), "{name}: byte {at} ^ {flip}");
            }
        }
        for end in 0..bytes.len() {
            assert!(check(&bytes[..end]).is_err(), "{name}: cut at {end}");
        }
        assert!(check(&[&bytes[..], &[0]].concat()).is_err(), "{name}");
    }
}

/// Places of the quantisation values, which are part of the picture.
fn quantised(bytes: &[u8]) -> Vec<usize> {
    let tables = bytes.windows(3).enumerate();
    let tables = tables.filter(|(_, w)| *w == [0xFF, 0xDB, 0]);
    tables.flat_map(|(at, _)| at + 5..at + 69).collect()
}

#[test]
fn another_number_of_units_is_refused() {
    for (name, bytes) in samples() {
        for (at, side) in [
            (25, 1u16),
            (25, 25),
            (27, 1),
            (27, 25),
            (25, 30_001),
            (27, 0),
        ] {
            let mut changed = bytes.clone();
            changed[at..at + 2].copy_from_slice(&side.to_be_bytes());
            assert!(check(&changed).is_err(), "{name}: side {side}");
        }
    }
}

#[test]
fn segments_and_padding_that_we_do_not_write_are_refused() {
    let (_, bytes) = samples().into_iter().next().unwrap();
    let with = |at: usize, more: &[u8]| [&bytes[..at], more, &bytes[at..]].concat();
    let scan = scan_start(&bytes);
    let end = bytes.len() - 2;
    let comment = b"\xFF\xFE\x00\x04hi";
    let bad = [
        ("a comment", with(20, comment)),
        ("EXIF", with(20, b"\xFF\xE1\x00\x08Exif\0\0")),
        ("a comment before the scan", with(scan - 10, comment)),
        ("a restart marker", with(end, &[0xFF, 0xD0])),
        ("fill bytes", with(end, &[0xFF])),
        ("a byte more of padding", with(end, &[0xFF, 0])),
        ("a byte of zeros", with(end, &[0])),
    ];
    for (name, bytes) in bad {
        assert!(check(&bytes).is_err(), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_written_is_accepted(
        width in 1u32..60,
        height in 1u32..60,
        quality in 1u8..=100,
        seed in any::<u32>(),
        grey in any::<bool>(),
    ) {
        let format = if grey { PixelFormat::Grey8 } else { PixelFormat::Rgb8 };
        let bytes = jpeg(width, height, format, quality, seed | 1);
        prop_assert_eq!(check(&bytes), Ok(()));
    }

    #[test]
    fn nothing_makes_it_panic(at in 0usize..900, value in any::<u8>(), colour in any::<bool>()) {
        let (_, mut bytes) = samples()[usize::from(colour)].clone();
        let at = at % bytes.len();
        bytes[at] = value;
        let _ = check(&bytes);
    }
}

#![expect(
    clippy::arithmetic_side_effects,
    reason = "tests: an overflow is a failure"
)]

use super::check;
use mugai_core::{Budget, Limits, Page, PixelFormat};
use proptest::prelude::*;

fn purse() -> Budget {
    Budget::new(Limits {
        pixels: 1 << 30,
        ..Limits::NOTHING
    })
}

fn page(width: u32, format: PixelFormat, pixels: Vec<u8>) -> Page {
    let row = usize::try_from(width).unwrap() * format.bytes();
    let height = u32::try_from(pixels.len() / row).unwrap();
    let canvas = Page::start(width, height, format, &purse()).unwrap();
    canvas.fill(pixels).unwrap()
}

/// A picture of each form that we write.
fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let grey = |name, pixels: Vec<u8>| (name, page(5, PixelFormat::Grey8, pixels));
    let rgb = |name, pixels: Vec<u8>| (name, page(5, PixelFormat::Rgb8, pixels));
    let ramp = |n: u32, step: u32| (0..n).map(move |i| u8::try_from(i * step % 256).unwrap());
    let pages = [
        grey("grey 1", vec![0, 255, 0, 255, 0, 0, 0, 0, 0, 255]),
        grey("grey 2", vec![0, 85, 170, 255, 0]),
        grey("grey 4", ramp(10, 17).collect()),
        grey("grey 8", ramp(35, 7).collect()),
        grey("palette 2", ramp(5, 1).collect()),
        rgb("palette 1", [[1, 2, 3], [9, 8, 7]].concat().repeat(5)),
        rgb("palette 4", ramp(30, 9).collect()),
        rgb("palette 8", ramp(90, 5).collect()),
        rgb(
            "rgb",
            (0..1200u32)
                .map(|i| u8::try_from(i * i % 251).unwrap())
                .collect(),
        ),
    ];
    let encode = |(name, page): (_, Page)| (name, mugai_emit::png::encode(&page).unwrap());
    let mut samples: Vec<_> = pages.into_iter().map(encode).collect();
    samples.push((
        "rgb with opacity",
        mugai_emit::png::encode_shown(&shown()).unwrap(),
    ));
    samples
}

/// Five columns of colours, from covering nothing to covering all.
fn shown() -> Page {
    let opacity: Vec<u8> = [0, 4, 99, 254, 255].repeat(40);
    let dark = (0..600u32).map(|i| u8::try_from(i * i % 251).unwrap());
    let pixels = dark.zip(opacity.iter().flat_map(|covers| [!covers; 3]));
    let pixels = pixels.map(|(dark, least)| dark.max(least)).collect();
    let canvas = Page::start(5, 40, PixelFormat::Rgb8, &purse()).unwrap();
    canvas.with_opacity(opacity).fill(pixels).unwrap()
}

#[test]
fn every_form_is_accepted() {
    for (name, bytes) in samples() {
        assert_eq!(check(&bytes), Ok(()), "{name}");
    }
}

#[test]
fn every_change_of_one_byte_is_refused() {
    for (name, bytes) in samples() {
        for at in 0..bytes.len() {
            for flip in [1u8, 0x20, 0x80, 0xFF] {
                let mut changed = bytes.clone();
                changed[at] ^= flip;
                assert!(check(&changed).is_err(), "{name}: byte {at} ^ {flip}");
            }
            assert!(check(&bytes[..at]).is_err(), "{name}: cut at {at}");
        }
        assert!(check(&[&bytes[..], &[0]].concat()).is_err(), "{name}");
    }
}

type Chunk<'a> = (&'a [u8; 4], &'a [u8]);

/// A PNG of chunks whose CRCs are right, so that only the rules themselves can refuse it.
fn forged(chunks: &[Chunk<'_>]) -> Vec<u8> {
    let mut out = super::SIGNATURE.to_vec();
    for (kind, data) in chunks {
        let covered = [&kind[..], data].concat();
        out.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        out.extend(&covered);
        out.extend(super::crc32(&covered).to_be_bytes());
    }
    out
}

/// A zlib stream of one stored block.
fn stored(data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap();
    let (a, b) = data.iter().fold((1u32, 0u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    let mut out = vec![0x78, 0x01, 1];
    out.extend(length.to_le_bytes());
    out.extend((!length).to_le_bytes());
    out.extend(data);
    out.extend(((b << 16) | a).to_be_bytes());
    out
}

fn header(width: u8, height: u8, bits: u8, colour: u8) -> [u8; 13] {
    [0, 0, 0, width, 0, 0, 0, height, bits, colour, 0, 0, 0]
}

/// Two pixels of a colour and how much it covers, below each other.
fn covering(filters: [u8; 2], first: [u8; 4], second: [u8; 4]) -> Vec<u8> {
    let rows = [&[filters[0]][..], &first, &[filters[1]], &second].concat();
    plain(&header(1, 2, 8, 6), &stored(&rows))
}

#[test]
fn what_covers_nothing_is_white_and_opacity_is_not_for_nothing() {
    let white = [255, 255, 255, 0];
    assert_eq!(check(&covering([0, 0], white, [1, 2, 3, 255])), Ok(()));
    // the same below a row that it is told by: nothing to the left, and the upper one is nearest
    for filter in [2, 4] {
        assert_eq!(
            check(&covering([0, filter], [1, 2, 3, 255], [254, 253, 252, 1])),
            Ok(())
        );
        assert!(check(&covering([0, filter], [1, 2, 3, 255], [254, 253, 251, 1])).is_err());
    }
    assert_eq!(
        check(&covering([1, 3], [3, 2, 1, 255], [254, 254, 255, 129])),
        Ok(())
    );
    assert_eq!(check(&covering([0, 0], white, [191, 127, 0, 4])), Ok(()));
    for (name, bytes) in [
        (
            "a colour that covers nothing",
            covering([0, 0], [255, 255, 254, 0], [1, 2, 3, 255]),
        ),
        (
            "black that covers nothing",
            covering([0, 0], [1, 2, 3, 255], [0; 4]),
        ),
        (
            "all is covered",
            covering([0, 0], [1, 2, 3, 255], [4, 5, 6, 255]),
        ),
        (
            "what nobody would see",
            covering([0, 0], white, [0, 0, 0, 3]),
        ),
        (
            "more than is seen of it",
            covering([0, 0], white, [190, 127, 0, 4]),
        ),
        ("filter 5", covering([0, 5], white, [1, 2, 3, 255])),
    ] {
        assert!(check(&bytes).is_err(), "{name}");
    }
}

fn plain(ihdr: &[u8], idat: &[u8]) -> Vec<u8> {
    forged(&[(b"IHDR", ihdr), (b"IDAT", idat), (b"IEND", &[])])
}

/// A row of two indices of one bit.
fn indexed(plte: &[u8], row: u8) -> Vec<u8> {
    let data = stored(&[0, row]);
    forged(&[
        (b"IHDR", &header(2, 1, 1, 3)),
        (b"PLTE", plte),
        (b"IDAT", &data),
        (b"IEND", &[]),
    ])
}

const GREY: [u8; 13] = [0, 0, 0, 2, 0, 0, 0, 1, 8, 0, 0, 0, 0];

#[test]
fn each_rule_of_chunks_refuses_by_itself() {
    let good = stored(&[0, 1, 2]);
    assert_eq!(check(&plain(&GREY, &good)), Ok(()));
    let text: Chunk<'_> = (b"tEXt", b"a\0b");
    let (head, data, end) = (
        (b"IHDR", &GREY[..]),
        (b"IDAT", &good[..]),
        (b"IEND", &[][..]),
    );
    let bad: &[(&str, &[Chunk<'_>])] = &[
        ("a text chunk", &[head, text, data, end]),
        ("a text chunk at the end", &[head, data, text, end]),
        (
            "a split stream",
            &[head, (b"IDAT", &good[..5]), (b"IDAT", &good[5..]), end],
        ),
        ("an empty chunk", &[head, (b"IDAT", &[]), data, end]),
        ("no data", &[head, end]),
        ("no end", &[head, data]),
        ("data in IEND", &[head, data, (b"IEND", &[1])]),
        ("a palette of grey", &[head, (b"PLTE", &[0; 3]), data, end]),
    ];
    for (name, chunks) in bad {
        assert!(check(&forged(chunks)).is_err(), "{name}");
    }
}

#[test]
fn each_rule_of_headers_and_streams_refuses_by_itself() {
    let good = stored(&[0, 1, 2]);
    let mut interlaced = GREY;
    interlaced[12] = 1;
    let mut wide = GREY;
    wide[2..4].copy_from_slice(&30_001u16.to_be_bytes());
    let mut sum = good.clone();
    *sum.last_mut().unwrap() ^= 1;
    let bad = [
        ("interlace", plain(&interlaced, &good)),
        ("sixteen bits", plain(&header(1, 1, 16, 0), &good)),
        ("alpha", plain(&header(1, 1, 8, 4), &good)),
        ("width 0", plain(&header(0, 1, 8, 0), &stored(&[0]))),
        ("width over the limit", plain(&wide, &good)),
        (
            "bytes behind the stream",
            plain(&GREY, &[&good[..], &[0]].concat()),
        ),
        ("two streams", plain(&GREY, &good.repeat(2))),
        ("wrong sum", plain(&GREY, &sum)),
        ("no sum", plain(&GREY, &good[..good.len() - 4])),
        ("too few pixels", plain(&GREY, &stored(&[0, 1]))),
        ("too many pixels", plain(&GREY, &stored(&[0, 1, 2, 3]))),
        ("filter 5", plain(&GREY, &stored(&[5, 1, 2]))),
        (
            "a filter of packed samples",
            plain(&header(2, 1, 1, 0), &stored(&[1, 0x80])),
        ),
        (
            "bits behind the last pixel",
            plain(&header(2, 1, 1, 0), &stored(&[0, 0x20])),
        ),
    ];
    for (name, bytes) in bad {
        assert!(check(&bytes).is_err(), "{name}");
    }
}

#[test]
fn each_rule_of_palettes_refuses_by_itself() {
    assert_eq!(check(&indexed(&[0, 0, 0, 1, 1, 1], 0b0100_0000)), Ok(()));
    let bad: [(&str, &[u8], u8); 6] = [
        ("an unused colour", &[0, 0, 0, 1, 1, 1], 0),
        ("a colour twice", &[1; 6], 0b0100_0000),
        ("falling colours", &[1, 1, 1, 0, 0, 0], 0b0100_0000),
        (
            "three colours of one bit",
            &[0, 0, 0, 1, 1, 1, 2, 2, 2],
            0b0100_0000,
        ),
        ("an index out of the palette", &[1; 3], 0b0100_0000),
        ("a colour and a half", &[0, 0, 0, 1], 0),
    ];
    for (name, plte, row) in bad {
        assert!(check(&indexed(plte, row)).is_err(), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_written_is_accepted(
        width in 1u32..70,
        colours in proptest::collection::vec(any::<[u8; 3]>(), 1..400),
        choices in proptest::collection::vec(any::<u16>(), 1..600),
        is_grey in any::<bool>(),
    ) {
        let pick = |c: &u16| colours[usize::from(*c) % colours.len()];
        let mut pixels: Vec<[u8; 3]> = choices.iter().map(pick).collect();
        let width_len = usize::try_from(width).unwrap();
        pixels.resize(pixels.len().next_multiple_of(width_len), [7; 3]);
        let page = if is_grey {
            page(width, PixelFormat::Grey8, pixels.iter().map(|p| p[0]).collect())
        } else {
            page(width, PixelFormat::Rgb8, pixels.concat())
        };
        prop_assert_eq!(check(&mugai_emit::png::encode(&page).unwrap()), Ok(()));
    }

    #[test]
    fn nothing_makes_it_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(check(&bytes).is_err());
        bytes.splice(0..0, samples().swap_remove(4).1);
        prop_assert_eq!(check(&bytes).is_ok(), bytes.len() == samples()[4].1.len());
    }
}

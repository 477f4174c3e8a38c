//! What the PDF writer makes is what the checker accepts, and nothing beside it.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "test helpers work on small numbers of their own"
)]

use mugai_core::{Budget, Layer, Limits, Line, Page, Piece, PixelFormat, Refusal, Run, Target};
use mugai_verify::check;
use proptest::prelude::*;

/// How the pixels of a test page look.
#[derive(Clone, Copy, Debug)]
enum Look {
    /// Black on white.
    Letters,
    /// Sixteen levels.
    Steps,
    /// Mostly white with soft edges.
    Soft,
    /// Every pixel another.
    Noise,
    /// One colour.
    Flat,
}

const LOOKS: [Look; 5] = [
    Look::Letters,
    Look::Steps,
    Look::Soft,
    Look::Noise,
    Look::Flat,
];

fn pixels(look: Look, length: usize) -> Vec<u8> {
    let mut state = 0x2545_F491u32;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[0]
    };
    (0..length)
        .map(|at| match look {
            Look::Letters => [255, 0][usize::from(random() > 200)],
            Look::Steps => random() / 16 * 17,
            Look::Soft => [255, random()][usize::from(random() > 240)],
            Look::Noise => random(),
            Look::Flat => [200, 30, 90][at % 3],
        })
        .collect()
}

fn page(width: u32, height: u32, format: PixelFormat, look: Look) -> Page {
    let budget = Budget::new(Limits {
        bytes: 0,
        pixels: u64::MAX,
        parts: 0,
        depth: 0,
        steps: 0,
    });
    let canvas = Page::start(width, height, format, &budget).unwrap();
    let length = canvas.byte_len();
    canvas.fill(pixels(look, length)).unwrap()
}

fn write(pages: &[Page]) -> Result<Vec<u8>, Refusal> {
    let mut writer = mugai_emit::pdf::writer();
    for page in pages {
        writer.put(Piece::Page(page.clone()))?;
    }
    let draft = writer.finish()?;
    assert_eq!(draft.target(), Target::Pdf);
    Ok(draft.into_content().into_vec().unwrap())
}

/// Ranges of `bytes` that are pixels: picture data and palettes.
fn pictures(bytes: &[u8]) -> Vec<std::ops::Range<usize>> {
    let find = |from: usize, needle: &[u8]| {
        bytes[from..]
            .windows(needle.len())
            .position(|window| window == needle)
            .map(|at| from + at)
    };
    let mut ranges = Vec::new();
    let mut from = 0;
    while let Some(dict) = find(from, b"/BitsPerComponent") {
        let start = find(dict, b"stream\n").unwrap() + 7;
        let end = find(start, b"\nendstream\nendobj").unwrap();
        // the digits of a palette, if the dictionary has one
        let head = from
            + bytes[from..dict]
                .iter()
                .rposition(|b| *b == b'/')
                .unwrap_or(0);
        if let Some(open) = bytes[head..dict].iter().rposition(|b| *b == b'<')
            && bytes[dict - 1] == b']'
        {
            ranges.push(head + open + 1..dict - 2);
        }
        ranges.push(start..end);
        from = end;
    }
    ranges
}

#[test]
fn every_look_in_every_format_is_accepted() {
    for look in LOOKS {
        for format in [PixelFormat::Grey8, PixelFormat::Rgb8] {
            for (width, height) in [(1, 1), (7, 3), (8, 8), (33, 65), (400, 1)] {
                let bytes = write(&[page(width, height, format, look)]).unwrap();
                assert_eq!(
                    check(Target::Pdf, &bytes, &[]),
                    Ok(()),
                    "{look:?} {format:?} {width}x{height}"
                );
            }
        }
    }
}

#[test]
fn the_same_pages_make_the_same_bytes() {
    let pages = LOOKS.map(|look| page(40, 30, PixelFormat::Rgb8, look));
    assert_eq!(write(&pages), write(&pages));
}

#[test]
fn a_file_without_pages_is_refused() {
    assert_eq!(write(&[]), Err(Refusal::malformed("pdf: no pages")));
}

#[test]
fn every_changed_byte_outside_of_pictures_is_refused() {
    let pages = [
        // fax: any other width needs other codes
        page(17, 10, PixelFormat::Grey8, Look::Letters),
        page(16, 16, PixelFormat::Rgb8, Look::Noise),
        // Flate with palettes of grey and of colours, rows of whole bytes and a bit
        page(17, 40, PixelFormat::Grey8, Look::Steps),
        page(17, 10, PixelFormat::Rgb8, Look::Flat),
    ];
    let good = write(&pages).unwrap();
    for form in [
        &b"/CCITTFaxDecode"[..],
        b"/DCTDecode",
        b"[/Indexed/DeviceGray",
        b"[/Indexed/DeviceRGB",
    ] {
        assert!(good.windows(form.len()).any(|window| window == form));
    }
    let pictures = pictures(&good);
    assert_eq!(pictures.len(), 4 + 2);
    for at in 0..good.len() {
        if pictures.iter().any(|range| range.contains(&at)) {
            continue;
        }
        for flip in [0x01, 0x02, 0x20, 0x80] {
            let mut wrong = good.clone();
            wrong[at] ^= flip;
            if check(Target::Pdf, &wrong, &[]).is_ok() {
                if is_size(&good, at) {
                    continue;
                }
                let said = inflated(&wrong, at);
                assert!(said.is_some(), "byte {at} ^ {flip}");
                assert_eq!(said, inflated(&good, at), "byte {at} ^ {flip}");
            }
        }
    }
}

/// A small page with `texts` over it.
fn lettered(texts: &[(&str, (i16, i16))]) -> Page {
    let budget = Budget::new(Limits {
        bytes: 1 << 20,
        pixels: 1 << 20,
        parts: 0,
        depth: 0,
        steps: 0,
    });
    let runs = (1u32..).zip(texts).map(|(number, (text, direction))| {
        let text = Line::clean(text).0;
        let advances = text.as_str().chars().map(|_| 800).collect();
        Run::new((number * 31, number * 120), *direction, 105, text, advances).unwrap()
    });
    let layer = Layer::new(runs.collect(), &budget).unwrap();
    let canvas = Page::start(17, 10, PixelFormat::Grey8, &budget)
        .unwrap()
        .with_size_millipoints(300_000, 300_000)
        .with_layer(layer);
    let length = canvas.byte_len();
    canvas.fill(pixels(Look::Letters, length)).unwrap()
}

fn letters() -> Vec<Page> {
    vec![
        lettered(&[("無害化 (CDR) v1.0", (1000, 0)), ("縦書き", (0, 1000))]),
        page(16, 16, PixelFormat::Rgb8, Look::Noise),
        lettered(&[(
            "\u{20b9f}る 葛\u{e0100}飾区 http://a.jp/ <script>",
            (707, -707),
        )]),
    ]
}

#[test]
fn text_is_accepted_and_nothing_in_it_is_live() {
    let bytes = write(&letters()).unwrap();
    assert_eq!(check(Target::Pdf, &bytes, &[]), Ok(()));
    assert_eq!(write(&letters()).unwrap(), bytes);
    // runs below the page are left out, and with them the font
    let far = (0..40).map(|_| ("x", (1000, 0))).collect::<Vec<_>>();
    assert_eq!(
        check(Target::Pdf, &write(&[lettered(&far)]).unwrap(), &[]),
        Ok(())
    );
    let plain = write(&[lettered(&[])]).unwrap();
    assert!(!contains(&plain, "/Font"));
}

/// What the compressed stream around `at` holds, if `at` lies in one.
fn inflated(bytes: &[u8], at: usize) -> Option<Vec<u8>> {
    let (start, end) = (&b"/FlateDecode"[..], &b"\nendstream"[..]);
    let find = |from: usize, needle: &[u8]| {
        let rest = bytes.get(from..)?;
        let found = rest.windows(needle.len()).position(|w| w == needle)?;
        Some(from + found)
    };
    let mut from = 0;
    while let Some(dict) = find(from, start) {
        let data = find(dict, b"stream\n")? + 7;
        let close = find(data, end)?;
        if (data..close).contains(&at) {
            let mut out = Vec::new();
            let mut decoder = flate2::read::ZlibDecoder::new(&bytes[data..close]);
            std::io::Read::read_to_end(&mut decoder, &mut out).ok()?;
            return Some(out);
        }
        from = close;
    }
    None
}

/// Whether a digit of the size of a page stands at `at`: paper may be larger than its picture.
fn is_size(bytes: &[u8], at: usize) -> bool {
    let before = &bytes[at.saturating_sub(24)..at];
    let mark = b"/MediaBox[0 0 ";
    let start = before.windows(mark.len()).position(|window| window == mark);
    let is_open = start.is_some_and(|start| !before[start + mark.len()..].contains(&b']'));
    is_open && bytes[at].is_ascii_digit()
}

#[test]
fn every_changed_byte_of_text_and_font_is_refused() {
    let good = write(&letters()).unwrap();
    let pictures = pictures(&good);
    for at in 0..good.len() {
        if pictures.iter().any(|range| range.contains(&at)) {
            continue;
        }
        for bit in 0..8 {
            let mut wrong = good.clone();
            wrong[at] ^= 1 << bit;
            if check(Target::Pdf, &wrong, &[]).is_ok() {
                if is_size(&good, at) {
                    continue;
                }
                // the last byte of compressed data has bits that mean nothing
                let said = inflated(&wrong, at);
                assert!(said.is_some(), "byte {at}, bit {bit}");
                assert_eq!(said, inflated(&good, at), "byte {at}, bit {bit}");
            }
        }
    }
}

#[test]
fn inserted_and_missing_bytes_are_refused() {
    let good = write(&[page(20, 10, PixelFormat::Grey8, Look::Steps)]).unwrap();
    for at in 0..=good.len() {
        for extra in [b'\n', b' ', b'%', 0] {
            let mut wrong = good.clone();
            wrong.insert(at, extra);
            assert!(check(Target::Pdf, &wrong, &[]).is_err(), "{extra} at {at}");
        }
    }
    for at in 0..good.len() {
        let mut wrong = good.clone();
        wrong.remove(at);
        assert!(check(Target::Pdf, &wrong, &[]).is_err(), "without {at}");
        assert!(check(Target::Pdf, &good[..at], &[]).is_err(), "cut at {at}");
    }
}

/// A page of the given pixels.
fn drawn(width: u32, height: u32, format: PixelFormat, pixels: Vec<u8>) -> Page {
    let budget = Budget::new(Limits {
        bytes: 0,
        pixels: u64::MAX,
        parts: 0,
        depth: 0,
        steps: 0,
    });
    let canvas = Page::start(width, height, format, &budget).unwrap();
    canvas.fill(pixels).unwrap()
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

#[test]
fn runs_of_every_length_are_written_as_the_checker_reads_them() {
    // every code has its run: all short ones, and those around each multiple of 64
    let width = 5_300usize;
    let long = (1..=82).flat_map(|times| [64 * times - 1, 64 * times, 64 * times + 1]);
    let pages: Vec<Page> = (0..64)
        .chain(long)
        .map(|n| {
            let mut row = vec![255u8; width];
            row[n..].fill(0);
            row[width - 3..].fill(255);
            // nothing above to refer to, so that runs are spelled out in white and in black
            let mut pixels = vec![255; width];
            pixels.extend(&row);
            pixels.extend(std::iter::repeat_n(0, width));
            pixels.extend(row.iter().map(|level| 255 - level));
            drawn(5_300, 4, PixelFormat::Grey8, pixels)
        })
        .collect();
    let bytes = write(&pages).unwrap();
    let name = b"/CCITTFaxDecode";
    let count = bytes.windows(name.len()).filter(|w| w == name).count();
    assert_eq!(count, pages.len());
    assert_eq!(check(Target::Pdf, &bytes, &[]), Ok(()));
}

/// Columns of black on white, as letters are, and noise in each of `photographs`: left, top, right, bottom.
fn illustrated(format: PixelFormat, photographs: &[[usize; 4]]) -> Page {
    let (width, height, channels) = (640, 640, format.bytes());
    let noise = pixels(Look::Noise, width * height * channels);
    let mut all = Vec::new();
    for (at, noise) in noise.chunks(channels).enumerate() {
        let (x, y) = (at % width, at / width);
        let is_noise = photographs.iter().any(|[left, top, right, bottom]| {
            (*left..*right).contains(&x) && (*top..*bottom).contains(&y)
        });
        let ink = [255, 0][usize::from(x % 9 < 3 && y % 14 < 9)];
        if is_noise {
            all.extend_from_slice(noise);
        } else {
            all.extend(std::iter::repeat_n(ink, channels));
        }
    }
    drawn(640, 640, format, all)
}

#[test]
fn photographs_among_letters_are_pictures_by_themselves() {
    let count =
        |bytes: &[u8], word: &[u8]| bytes.windows(word.len()).filter(|at| *at == word).count();
    let two = [[64, 64, 256, 320], [320, 352, 640, 640]];
    for format in [PixelFormat::Grey8, PixelFormat::Rgb8] {
        let bytes = write(&[illustrated(format, &two)]).unwrap();
        assert_eq!(check(Target::Pdf, &bytes, &[]), Ok(()));
        assert_eq!(count(&bytes, b"/DCTDecode"), 2, "{format:?}");
        assert_eq!(count(&bytes, b"/Subtype/Image"), 3);
        // the letters are exact: two colours
        assert_eq!(count(&bytes, b"/BitsPerComponent 1"), 1);
        // nothing but a photograph, and nothing but letters
        for whole in [&[[0, 0, 640, 640]][..], &[]] {
            let bytes = write(&[illustrated(format, whole)]).unwrap();
            assert_eq!(count(&bytes, b"/Subtype/Image"), 1);
        }
    }
}

#[test]
fn two_colours_are_kept_whatever_they_are() {
    let pixels = [[200, 30, 90], [255; 3], [200, 30, 90]].concat().repeat(30);
    let bytes = write(&[drawn(30, 3, PixelFormat::Rgb8, pixels)]).unwrap();
    assert!(contains(&bytes, "[/Indexed/DeviceRGB 1<C81E5AFFFFFF>]"));
    assert_eq!(check(Target::Pdf, &bytes, &[]), Ok(()));
}

#[test]
fn soft_black_letters_take_two_bits_and_faint_ones_stay() {
    let mut soft = Vec::new();
    for n in 0..200u8 {
        soft.extend([255, 255, 255, 255, n, 0, 0, 0, 255 - n, 255, 255, 255]);
        soft.extend([255; 12]);
    }
    let bytes = write(&[drawn(24, 200, PixelFormat::Grey8, soft.clone())]).unwrap();
    assert!(contains(&bytes, "/BitsPerComponent 2>>"));
    assert_eq!(check(Target::Pdf, &bytes, &[]), Ok(()));
    // a line of light grey, far from all edges
    soft.extend([255; 24 * 4]);
    soft.extend([245; 24]);
    soft.extend([255; 24 * 4]);
    let bytes = write(&[drawn(24, 209, PixelFormat::Grey8, soft)]).unwrap();
    assert!(contains(&bytes, "F5FF>]"), "the light grey is an entry");
    assert_eq!(check(Target::Pdf, &bytes, &[]), Ok(()));
}

#[test]
fn palettes_of_other_makers_are_refused() {
    let pixels = [[200, 30, 90], [255; 3], [20, 30, 90]].concat().repeat(30);
    let good = write(&[drawn(30, 3, PixelFormat::Rgb8, pixels)]).unwrap();
    assert!(check(Target::Pdf, &good, &[]).is_ok());
    let (ours, others) = (
        "<141E5AC81E5AFFFFFF>",
        [
            // another order, an entry twice, white not last, small letters
            "<C81E5A141E5AFFFFFF>",
            "<141E5A141E5AFFFFFF>",
            "<141E5AC81E5AFFFFFE>",
            "<141e5AC81E5AFFFFFF>",
        ],
    );
    for other in others {
        let text = good.windows(ours.len()).position(|w| w == ours.as_bytes());
        let mut wrong = good.clone();
        let at = text.unwrap();
        wrong[at..at + ours.len()].copy_from_slice(other.as_bytes());
        assert!(check(Target::Pdf, &wrong, &[]).is_err(), "{other}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn random_pages_are_accepted(
        shapes in prop::collection::vec((1u32..80, 1u32..80, any::<bool>(), 0usize..5, any::<bool>(), prop::option::of((1u32..20_000_001, 1u32..20_000_001))), 1..5)
    ) {
        let pages = shapes.into_iter().map(|(width, height, grey, look, photographic, size)| {
            let format = if grey { PixelFormat::Grey8 } else { PixelFormat::Rgb8 };
            let drawn = page(width, height, format, LOOKS[look]);
            let budget = Budget::new(Limits { bytes: 0, pixels: u64::MAX, parts: 0, depth: 0, steps: 0 });
            let (w, h) = size.unwrap_or((0, 0));
            Page::start(width, height, format, &budget).unwrap()
                .with_photographic(photographic)
                .with_size_millipoints(w, h)
                .fill(drawn.pixels().to_vec()).unwrap()
        }).collect::<Vec<_>>();
        let bytes = write(&pages).unwrap();
        prop_assert_eq!(check(Target::Pdf, &bytes, &[]), Ok(()));
    }
}

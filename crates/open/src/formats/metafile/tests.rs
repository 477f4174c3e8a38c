//! What is seen of drawings, and that broken ones end.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "small numbers of tests; an overflow fails them"
)]

use super::*;
use mugai_core::{Assignment, Budget, Hints, Limits, NoFonts, Params, Treatments};
use mugai_testkit::show::Tape;
use proptest::prelude::*;

/// What comes of `call`, and what it put.
fn called<T>(call: impl FnOnce(&mut Cx<'_>) -> T) -> (T, Tape) {
    called_as(Hints::default(), call)
}

fn called_as<T>(hints: Hints, call: impl FnOnce(&mut Cx<'_>) -> T) -> (T, Tape) {
    let limits = Limits {
        bytes: 1 << 26,
        pixels: 1 << 24,
        parts: 0,
        depth: 0,
        steps: 1 << 26,
    };
    let assignment = Assignment {
        hints,
        treatments: Treatments::nothing(),
        limits,
        params: Params::default(),
    };
    let budget = Budget::new(limits);
    let mut tape = Tape::default();
    let mut cx = Cx::new(&assignment, &budget, &NoFonts, &mut tape);
    let made = call(&mut cx);
    cx.flush().unwrap();
    (made, tape)
}

fn read(input: &[u8]) -> Result<Page, Refusal> {
    read_as(Hints::default(), input)
}

fn read_as(hints: Hints, input: &[u8]) -> Result<Page, Refusal> {
    let (opened, mut tape) = called_as(hints, |cx| Metafile.open(input, cx));
    opened?;
    match tape.pieces.pop() {
        Some(Piece::Page(page)) => Ok(page),
        other => panic!("{other:?}"),
    }
}

/// The colour at a place, in hundredths of the sides.
fn colour(page: &Page, x: u32, y: u32) -> [u8; 3] {
    let (x, y) = (page.width_px() * x / 100, page.height_px() * y / 100);
    let at = usize::try_from((y * page.width_px() + x) * 3).unwrap();
    page.pixels()[at..at + 3].try_into().unwrap()
}

fn words(numbers: &[i32]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_le_bytes()).collect()
}

/// A drawing of 100 by 100 units of its device on 25 by 25 mm.
fn emf(records: &[(i32, Vec<u8>)]) -> Vec<u8> {
    let mut out = words(&[1, 108, 0, 0, 99, 99, 0, 0, 2500, 2500]);
    out.extend_from_slice(b" EMF");
    out.extend(words(&[0x10000, 0, 0, 8, 0, 0, 0, 1000, 1000, 250, 250]));
    out.extend(words(&[0, 0, 0, 0, 0]));
    assert_eq!(out.len(), 108);
    for (kind, body) in records {
        let length = i32::try_from(body.len() + 8).unwrap();
        out.extend(words(&[*kind, length]));
        out.extend(body);
    }
    let length = u32::try_from(out.len()).unwrap();
    out[48..52].copy_from_slice(&length.to_le_bytes());
    out
}

fn brush(number: i32, colour: i32) -> [(i32, Vec<u8>); 2] {
    [(39, words(&[number, 0, colour, 0])), (37, words(&[number]))]
}

const RED: [u8; 3] = [255, 0, 0];
const WHITE: [u8; 3] = [255; 3];

#[test]
fn shapes_are_where_they_are_said_to_be() {
    let mut records = vec![(37, words(&[-0x7fff_fff8]))];
    records.extend(brush(1, 0xff));
    records.push((43, words(&[10, 10, 50, 50])));
    // clipped to the right half, then to everything again
    records.push((33, Vec::new()));
    records.push((30, words(&[50, 0, 100, 100])));
    records.extend(brush(2, 0xff00));
    records.push((42, words(&[0, 60, 100, 100])));
    records.push((34, words(&[-1])));
    let page = read(&emf(&records)).unwrap();
    assert_eq!(page.width_px(), page.height_px());
    assert_eq!(page.size_millipoints().map(|s| s.0 / 1000), Some(70));
    assert_eq!(colour(&page, 30, 30), RED);
    assert_eq!(colour(&page, 5, 5), WHITE);
    assert_eq!(colour(&page, 70, 80), [0, 255, 0]);
    assert_eq!(colour(&page, 30, 80), WHITE);
}

#[test]
fn what_is_behind_a_drawing_of_a_document_is_seen_where_nothing_is_drawn() {
    let hints = || Hints {
        shown: true,
        ..Hints::default()
    };
    let mut records = vec![(37, words(&[-0x7fff_fff8]))];
    records.extend(brush(1, 0xff));
    records.push((43, words(&[10, 10, 50, 50])));
    let covers = |page: &Page, x: u32, y: u32| {
        let (x, y) = (page.width_px() * x / 100, page.height_px() * y / 100);
        let at = usize::try_from(y * page.width_px() + x).unwrap();
        page.opacity().map(|covers| covers[at])
    };
    let page = read_as(hints(), &emf(&records)).unwrap();
    assert_eq!(
        (colour(&page, 30, 30), covers(&page, 30, 30)),
        (RED, Some(255))
    );
    assert_eq!(
        (colour(&page, 80, 80), covers(&page, 80, 80)),
        (WHITE, Some(0))
    );
    assert_eq!(page.pixels(), read(&emf(&records)).unwrap().pixels());
    assert_eq!(read(&emf(&records)).unwrap().opacity(), None);
    // what inverts the paper needs one: red and white become their opposites
    records.extend([(20, words(&[7])), (43, words(&[0, 0, 99, 99]))]);
    records.insert(0, (37, words(&[-0x8000_0000])));
    let mut inverting = records.clone();
    inverting.splice(4..4, brush(2, 0x00ff_ffff));
    let page = read_as(hints(), &emf(&inverting)).unwrap();
    assert_eq!(page.opacity(), None);
    assert_eq!(page.pixels(), read(&emf(&inverting)).unwrap().pixels());
}

#[test]
fn operations_that_change_nothing_lay_no_paper() {
    let hints = || Hints {
        shown: true,
        ..Hints::default()
    };
    let disc = |more: Vec<(i32, Vec<u8>)>| {
        let mut records = vec![(37, words(&[-0x7fff_fff8]))];
        records.extend(brush(1, 0xff));
        records.push((42, words(&[10, 10, 50, 50])));
        records.extend(more);
        let page = read_as(hints(), &emf(&records)).unwrap();
        page.opacity()
            .map(|covers| covers.split(|of| *of == 0).count())
    };
    let bare = disc(Vec::new());
    assert!(bare.is_some_and(|nothing| nothing > 1_000));
    // inverting: with no brush, far away, and where it is seen
    let inverting = |place: &[i32]| vec![(20, words(&[7])), (43, words(place))];
    let mut null = vec![(37, words(&[-0x7fff_fffb]))];
    null.extend(inverting(&[0, 0, 99, 99]));
    assert_eq!(disc(null), bare);
    assert_eq!(disc(inverting(&[300, 300, 400, 400])), bare);
    assert_eq!(disc(inverting(&[60, 60, 70, 70])), None);
    // a bitmap that is laid over with AND: its white leaves everything as it is
    let head = words(&[40, 2, 1, 1 | 24 << 16, 0, 0, 0, 0, 0, 0]);
    let mut body = words(&[
        0,
        0,
        99,
        99,
        60,
        60,
        0,
        0,
        2,
        1,
        80,
        40,
        120,
        8,
        0,
        0x0088_00c6,
        40,
        40,
    ]);
    body.extend(&head);
    body.extend([255, 255, 255, 0, 0, 0, 0, 0]);
    let page = read_as(hints(), &emf(&[(81, body)])).unwrap();
    let covers = |x: u32| {
        let (x, y) = (page.width_px() * x / 100, page.height_px() * 80 / 100);
        let at = usize::try_from(y * page.width_px() + x).unwrap();
        page.opacity().map(|covers| covers[at])
    };
    assert_eq!((covers(65), covers(95)), (Some(0), Some(255)));
}

#[test]
fn windows_and_worlds_move_what_is_drawn() {
    let mut records = vec![
        (37, words(&[-0x7fff_fff8])),
        (17, words(&[8])),
        (9, words(&[1000, 1000])),
        (11, words(&[100, 100])),
    ];
    records.extend(brush(1, 0xff));
    records.push((43, words(&[0, 0, 200, 200])));
    let mut shift = Vec::new();
    for part in [1.0f32, 0.0, 0.0, 1.0, 600.0, 600.0] {
        shift.extend(part.to_le_bytes());
    }
    records.push((35, shift));
    records.push((43, words(&[0, 0, 200, 200])));
    let page = read(&emf(&records)).unwrap();
    assert_eq!(colour(&page, 10, 10), RED);
    assert_eq!(colour(&page, 30, 30), WHITE);
    assert_eq!(colour(&page, 70, 70), RED);
}

#[test]
fn bitmaps_are_drawn_in_all_their_rows() {
    // two by two, 24 bits, rows from below: blue, red; green, white
    let header = words(&[40, 2, 2, 1 | 24 << 16, 0, 0, 0, 0, 0, 0]);
    let rows = [
        255, 0, 0, 0, 0, 255, 0, 0, //
        0, 255, 0, 255, 255, 255, 0, 0,
    ];
    let mut body = words(&[
        0,
        0,
        99,
        99,
        0,
        0,
        0,
        0,
        2,
        2,
        80,
        40,
        120,
        16,
        0,
        0x00cc_0020,
        100,
        100,
    ]);
    body.extend(header);
    body.extend(rows);
    // so large that most of it lies far off the canvas: its upper left corner is all that is seen
    let mut large = body.clone();
    large[64..72].copy_from_slice(&words(&[20_000, 20_000]));
    let page = read(&emf(&[(81, large)])).unwrap();
    assert_eq!(colour(&page, 50, 50), [0, 255, 0]);
    let page = read(&emf(&[(81, body)])).unwrap();
    assert_eq!(colour(&page, 5, 95), [0, 0, 255]);
    assert_eq!(colour(&page, 95, 95), RED);
    assert_eq!(colour(&page, 5, 5), [0, 255, 0]);
    assert_eq!(colour(&page, 95, 5), WHITE);
}

/// An older drawing of 1440 by 1440 units with a red brush.
fn wmf(records: &[(u16, &[i16])]) -> Vec<u8> {
    let mut input = b"\x01\0\x09\0\0\x03\0\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    let first: [(u16, &[i16]); 4] = [
        (0x020b, &[0, 0]),
        (0x020c, &[1440, 1440]),
        (0x02fc, &[0, 0xff, 0, 0]),
        (0x012d, &[0]),
    ];
    for (code, words) in first.iter().chain(records) {
        let length = u32::try_from(words.len() + 3).unwrap();
        input.extend(length.to_le_bytes());
        input.extend(code.to_le_bytes());
        input.extend(words.iter().flat_map(|word| word.to_le_bytes()));
    }
    input
}

#[test]
fn older_ones_count_in_words() {
    let page = read(&wmf(&[
        (0x041b, &[720, 720, 0, 0]),
        // a block without a bitmap has a word more: the height, the width and the place come later
        (0x0940, &[0x42, 0, 0, 0, 0, 360, 360, 1080, 720]),
        (0x0b41, &[0x42, 0, 9, 9, 0, 0, 0, 360, 360, 0, 1080]),
    ]))
    .unwrap();
    assert_eq!(page.width_px(), 192);
    assert_eq!(colour(&page, 25, 25), RED);
    assert_eq!(colour(&page, 85, 55), WHITE);
    assert_eq!(colour(&page, 60, 85), [0; 3]);
    assert_eq!(colour(&page, 85, 10), [0; 3]);
}

#[test]
fn a_mask_of_an_icon_is_its_upper_half() {
    let record = |code: u16, body: &[u16]| {
        let length = u32::try_from(body.len() + 3).unwrap();
        let mut out = length.to_le_bytes().to_vec();
        out.extend(code.to_le_bytes());
        out.extend(body.iter().flat_map(|word| word.to_le_bytes()));
        out
    };
    // a monochrome bitmap of 32 by 64: the rows of its lower half, black, come first
    let mut bitmap: Vec<u16> = vec![40, 0, 32, 0, 64, 0, 1, 1];
    bitmap.resize(20, 0);
    bitmap.extend([0, 0, 0xffff, 0xff]);
    bitmap.extend([0; 64]);
    bitmap.extend([0xffff; 64]);
    let mut mask = vec![0xc6, 0x88, 32, 32, 0, 0, 32, 32, 0, 0];
    mask.extend(&bitmap);
    let mut input: Vec<u8> = [1u16, 9, 0x300, 0, 0, 2, 0, 0, 0]
        .iter()
        .flat_map(|word| word.to_le_bytes())
        .collect();
    input.extend(record(0x020b, &[0, 0]));
    input.extend(record(0x020c, &[32, 32]));
    input.extend(record(0x0b41, &mask));
    input.extend(record(0, &[]));
    let page = read(&input).unwrap();
    assert_eq!(colour(&page, 50, 50), [255, 255, 255]);
}

#[test]
fn arcs_go_the_way_they_are_told() {
    for (way, upper, lower) in [(1, RED, WHITE), (2, WHITE, RED)] {
        let mut records = vec![(37, words(&[-0x7fff_fff8])), (57, words(&[way]))];
        records.extend(brush(1, 0xff));
        // a pie from the right to the top
        records.push((47, words(&[0, 0, 100, 100, 100, 50, 50, 0])));
        let page = read(&emf(&records)).unwrap();
        assert_eq!(colour(&page, 70, 30), upper, "{way}");
        assert_eq!(colour(&page, 30, 70), lower, "{way}");
    }
}

#[test]
fn bitmaps_with_the_oldest_header_have_their_colours_behind_it() {
    let mut bytes = words(&[12, 2 | 2 << 16, 1 | 8 << 16]);
    bytes.extend((0..=255u8).flat_map(|level| [level; 3]));
    bytes.extend([10, 20, 0, 0, 30, 40, 0, 0]);
    let budget = Budget::new(Limits {
        bytes: 1 << 20,
        pixels: 1 << 20,
        parts: 0,
        depth: 0,
        steps: 1 << 20,
    });
    let picture = dib::packed(&bytes, &budget).unwrap().unwrap();
    assert_eq!((picture.width(), picture.height()), (2, 2));
    assert_eq!(
        picture
            .pixel(0, 0)
            .map(tiny_skia::PremultipliedColorU8::red),
        Some(30)
    );
}

#[test]
fn saved_masks_are_few() {
    let mut records = Vec::new();
    for _ in 0..20 {
        records.push((33, Vec::new()));
        records.push((29, words(&[10, 10, 20, 20])));
    }
    assert!(matches!(read(&emf(&records)), Err(Refusal::Malformed(_))));
    // states that were saved with one mask share it
    let mut records = vec![(29, words(&[10, 10, 20, 20]))];
    records.extend(vec![(33, Vec::new()); 100]);
    assert!(read(&emf(&records)).is_ok());
}

#[test]
fn long_edges_are_paid_for() {
    let lines = |count: i32, high: i32| {
        let mut body = words(&[0, 0, 99, 99, count]);
        body.extend((0..count).flat_map(|at| words(&[at % 100, (at % 2) * high])));
        (3, body)
    };
    let full = vec![lines(8000, 100); 60];
    assert!(matches!(read(&emf(&full)), Err(Refusal::Overrun { .. })));
    // as many short ones are a map
    let short = vec![lines(8000, 1); 60];
    assert!(read(&emf(&short)).is_ok());
}

mod clips;

#[test]
fn nothing_is_drawn_of_what_is_no_drawing() {
    let malformed = |input: &[u8]| matches!(read(input), Err(Refusal::Malformed(_)));
    assert!(malformed(b"\xd7\xcd\xc6\x9a"));
    assert!(malformed(b"\x01\0\x09\0\0\x03"));
    assert!(malformed(&[emf(&[]), words(&[43, 0])].concat()));
    let plus = [&words(&[28])[..], b"EMF+", &[1, 0x40, 0, 0], &[0; 24]].concat();
    assert!(matches!(
        read(&emf(&[(70, plus)])),
        Err(Refusal::Unsupported(_))
    ));
}

#[test]
fn a_canvas_full_of_fills_is_paid_for() {
    let mut records = brush(1, 0xff).to_vec();
    for _ in 0..100_000 {
        records.push((43, words(&[0, 0, 100, 100])));
    }
    assert!(matches!(read(&emf(&records)), Err(Refusal::Overrun { .. })));
}

/// The letters of a drawing.
fn told(input: &[u8]) -> String {
    called(|cx| text(input, cx)).0.unwrap()
}

/// `text` at a place (`EMR_EXTTEXTOUTW`).
fn says(text: &str, at: [i32; 2]) -> (i32, Vec<u8>) {
    let units: Vec<u16> = text.encode_utf16().collect();
    let count = i32::try_from(units.len()).unwrap();
    let mut body = words(&[
        0, 0, 0, 0, 1, 0, 0, at[0], at[1], count, 76, 0, 0, 0, 0, 0, 0,
    ]);
    body.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
    body.resize(body.len().next_multiple_of(4), 0);
    (84, body)
}

#[test]
fn only_letters_in_sight_are_told() {
    let seen = says("見える", [10, 10]);
    let clip = |sides: [i32; 4]| (30, words(&sides));
    for (records, expected) in [
        (vec![seen.clone()], "見える"),
        // beside the picture, but reaching into it
        (vec![says("長い文字列です", [-20, 10])], "長い文字列です"),
        (
            vec![says("遠い", [-30_000, -30_000]), seen.clone()],
            "見える",
        ),
        (vec![says("下", [10, 3_000]), seen.clone()], "見える"),
        (
            vec![seen.clone(), clip([0, 0, 0, 0]), says("切れた", [10, 10])],
            "見える",
        ),
        (vec![clip([0, 0, 90, 90]), seen.clone()], "見える"),
        (
            vec![
                clip([0, 0, 90, 90]),
                clip([95, 95, 99, 99]),
                says("何もない", [10, 10]),
            ],
            "",
        ),
    ] {
        assert_eq!(told(&emf(&records)), expected);
    }
}

proptest! {
    /// Whatever the records say, the reader ends with a page or a refusal.
    #[test]
    fn any_records_end(records in proptest::collection::vec(
        (1i32..123, proptest::collection::vec(any::<i16>(), 0..60)), 0..20)) {
        let records: Vec<_> = records
            .into_iter()
            .map(|(kind, body)| {
                let mut body: Vec<u8> = body.iter().flat_map(|n| i32::from(*n).to_le_bytes()).collect();
                body.resize(body.len().max(24), 0);
                (kind, body)
            })
            .collect();
        let _ = read(&emf(&records));
    }

    #[test]
    fn any_words_end(words in proptest::collection::vec((0u16..0x1000, proptest::collection::vec(any::<i16>(), 0..40)), 0..20)) {
        let mut input = b"\x01\0\x09\0\0\x03\0\0\0\0\0\0\0\0\0\0\0\0\x05\0\0\0\x0c\x02\xe8\x03\xe8\x03".to_vec();
        for (code, body) in words {
            input.extend(u32::try_from(body.len() + 3).unwrap().to_le_bytes());
            input.extend(code.to_le_bytes());
            input.extend(body.iter().flat_map(|n| n.to_le_bytes()));
        }
        let _ = read(&input);
    }
}

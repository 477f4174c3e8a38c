//! Strips of faxes as files tell of them, and what directories cost.

use super::*;
use ::fax::encoder::Encoder;
use ::fax::{Color, VecWriter};
use mugai_core::{Assignment, Budget, Hints, Limits, NoFonts, Page, Params, Piece, Treatments};
use mugai_testkit::show::Tape;

const LIMITS: Limits = Limits {
    bytes: 1 << 26,
    pixels: 1 << 24,
    parts: 0,
    depth: 0,
    steps: 1 << 26,
};

/// What comes of a file, and what it cost.
fn read(input: &[u8]) -> (Result<Option<Page>, Refusal>, Limits) {
    let assignment = Assignment {
        hints: Hints::default(),
        treatments: Treatments::nothing(),
        limits: LIMITS,
        params: Params::default(),
    };
    let budget = Budget::new(LIMITS);
    let mut tape = Tape::default();
    let mut cx = Cx::new(&assignment, &budget, &NoFonts, &mut tape);
    let result = Tiff.open(input, &mut cx);
    cx.flush().unwrap();
    let page = tape.pieces.pop().map(|piece| {
        let Piece::Page(page) = piece else {
            panic!("{piece:?}")
        };
        page
    });
    (result.map(|()| page), budget.all_spent())
}

/// A file of one directory behind `data`, which stands at 8; entries are LONGs by their numbers.
fn tiff(data: &[u8], entries: &[(u16, &[u32])]) -> Vec<u8> {
    let place = |out: &Vec<u8>| u32::try_from(out.len()).unwrap();
    let mut out = b"II\x2a\0\0\0\0\0".to_vec();
    out.extend(data);
    let mut directory = u16::try_from(entries.len()).unwrap().to_le_bytes().to_vec();
    for (number, values) in entries {
        directory.extend(number.to_le_bytes());
        directory.extend(4u16.to_le_bytes());
        directory.extend(u32::try_from(values.len()).unwrap().to_le_bytes());
        if let [value] = values {
            directory.extend(value.to_le_bytes());
        } else {
            directory.extend(place(&out).to_le_bytes());
            out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        }
    }
    let start = place(&out).to_le_bytes();
    out[4..8].copy_from_slice(&start);
    out.extend(directory);
    out.extend([0; 4]);
    out
}

const ROWS: u32 = 4;

/// Four rows of sixteen pixels, a black stair, coded as group 4.
fn stair() -> Vec<u8> {
    let mut encoder = Encoder::new(VecWriter::new());
    for row in 0..ROWS {
        let colour = |x: u32| {
            if x / 4 == row {
                Color::Black
            } else {
                Color::White
            }
        };
        encoder.encode_line((0..16).map(colour), 16).unwrap();
    }
    encoder.finish().unwrap().finish()
}

/// A fax of group 4 with further entries.
fn fax(data: &[u8], height: u32, further: &[(u16, &[u32])]) -> Vec<u8> {
    let height = [height];
    let mut entries: Vec<(u16, &[u32])> = vec![
        (256, &[16]),
        (257, &height),
        (258, &[1]),
        (259, &[4]),
        (262, &[0]),
    ];
    entries.extend(further);
    tiff(data, &entries)
}

#[test]
fn a_fax_is_decoded_however_its_only_strip_is_told() {
    let data = stair();
    let length = u32::try_from(data.len()).unwrap();
    let told: [&[(u16, &[u32])]; 8] = [
        &[(273, &[8]), (278, &[ROWS]), (279, &[length])],
        &[(273, &[8]), (279, &[length])],
        &[(273, &[8]), (278, &[u32::MAX]), (279, &[length])],
        &[(273, &[8]), (278, &[0]), (279, &[length])],
        &[(273, &[8]), (278, &[ROWS])],
        &[(273, &[8]), (278, &[ROWS]), (279, &[0])],
        &[(273, &[8])],
        &[(273, &[8]), (278, &[ROWS]), (279, &[])],
    ];
    for further in told {
        let page = read(&fax(&data, ROWS, further)).0.unwrap().unwrap();
        for (at, sample) in page.pixels().iter().enumerate() {
            let black = at % 16 / 4 == at / 16;
            assert_eq!(*sample == 0, black, "{at} of {further:?}");
        }
    }
}

#[test]
fn a_fax_that_cannot_be_decoded_is_no_white_page() {
    let data = stair();
    let length = u32::try_from(data.len()).unwrap();
    let told: [&[(u16, &[u32])]; 6] = [
        &[],
        &[(278, &[ROWS]), (279, &[length])],
        &[(273, &[0]), (279, &[0])],
        // several ones whose lengths or rows nobody knows
        &[(273, &[8, 8]), (278, &[2])],
        &[(273, &[8, 8]), (278, &[0]), (279, &[length, length])],
        &[(273, &[1 << 20]), (278, &[ROWS]), (279, &[length])],
    ];
    for further in told {
        let refused = read(&fax(&data, ROWS, further)).0;
        assert!(
            matches!(refused, Err(Refusal::Malformed(_))),
            "{further:?}: {refused:?}"
        );
    }
}

#[test]
fn strips_without_anything_inside_are_paid_for() {
    let data = stair();
    let length = u32::try_from(data.len()).unwrap();
    let count = 20_000;
    let lengths: Vec<u32> = [length].into_iter().chain(vec![0; count - 1]).collect();
    let height = u32::try_from(count).unwrap();
    let file = fax(
        &data,
        height,
        &[(273, &vec![8; count]), (278, &[1]), (279, &lengths)],
    );
    let (result, spent) = read(&file);
    assert!(result.is_ok(), "{result:?}");
    assert!(spent.steps > 64 * u64::from(height), "{spent:?}");
}

#[test]
fn directories_are_paid_for() {
    let entries: Vec<(u16, &[u32])> = (1_000..3_000).map(|number| (number, &[1u32][..])).collect();
    let (result, spent) = read(&tiff(&[], &entries));
    assert!(matches!(result, Err(Refusal::Malformed(_))), "{result:?}");
    assert!(spent.bytes >= 2_000 * 64, "{spent:?}");
    assert!(spent.steps >= 2_000 * 16, "{spent:?}");
    // entries that are not there cost nothing
    let mut short = tiff(&[], &[(256, &[1])]);
    short.truncate(8);
    short.extend([0xff, 0xff, 0, 0]);
    assert!(read(&short).1.bytes < 1_000);
}

/// 20 x 20 pixels in tiles of 16 x 16, whose samples lie in planes of their own.
#[expect(clippy::arithmetic_side_effects, reason = "numbers of a small picture")]
fn planes(tiles: usize) -> Vec<u8> {
    let sample = |plane: usize, x: usize, y: usize| plane * 80 + x * 3 + y;
    let mut data = Vec::new();
    for plane in 0..3 {
        for tile in 0..4 {
            for at in 0..256 {
                let (x, y) = (tile % 2 * 16 + at % 16, tile / 2 * 16 + at / 16);
                // what is beyond the edges is of no use
                let inside = x < 20 && y < 20;
                data.push(u8::try_from(if inside { sample(plane, x, y) } else { 255 }).unwrap());
            }
        }
    }
    let offsets: Vec<u32> = (0..tiles)
        .map(|n| 8 + 256 * u32::try_from(n).unwrap())
        .collect();
    let lengths = vec![256; tiles];
    let entries: &[(u16, &[u32])] = &[
        (256, &[20]),
        (257, &[20]),
        (258, &[8, 8, 8]),
        (259, &[1]),
        (262, &[2]),
        (277, &[3]),
        (284, &[2]),
        (322, &[16]),
        (323, &[16]),
        (324, &offsets),
        (325, &lengths),
    ];
    tiff(&data, entries)
}

#[test]
fn tiles_of_planes_are_cut_at_the_lower_edge_in_every_plane() {
    let page = read(&planes(12)).0.unwrap().unwrap();
    assert_eq!((page.width_px(), page.height_px()), (20, 20));
    for (at, sample) in page.pixels().iter().enumerate() {
        let (x, y, plane) = (at / 3 % 20, at / 60, at % 3);
        assert_eq!(
            usize::from(*sample),
            plane * 80 + x * 3 + y,
            "{x} {y} {plane}"
        );
    }
    // fewer tiles than planes have
    for tiles in [11, 9, 3] {
        let refused = read(&planes(tiles)).0;
        assert!(
            matches!(refused, Err(Refusal::Malformed(_))),
            "{tiles}: {refused:?}"
        );
    }
}

#[test]
fn bits_may_begin_with_the_lowest() {
    // sixteen pixels of four bits, in two strips that share their middle
    let data: Vec<u8> = (0..8).map(|n: u8| (2 * n) << 4 | (2 * n + 1)).collect();
    let turned: Vec<u8> = data.iter().map(|byte| byte.reverse_bits()).collect();
    let file = |data: &[u8], order: u32| {
        let entries: &[(u16, &[u32])] = &[
            (256, &[8]),
            (257, &[3]),
            (258, &[4]),
            (259, &[1]),
            (262, &[1]),
            (266, &[order]),
            (273, &[8, 12]),
            (277, &[1]),
            (278, &[2]),
            (279, &[8, 4]),
        ];
        read(&tiff(data, entries)).0.unwrap().unwrap()
    };
    let (plain, reversed) = (file(&data, 1), file(&turned, 2));
    assert_eq!(plain.pixels(), reversed.pixels());
    assert!(
        plain
            .pixels()
            .iter()
            .any(|sample| *sample != plain.pixels()[0])
    );
}

/// One row of eight pixels, 1, 2, 4 and so on, whose bits begin with the lowest, said to stand at `at`.
fn row(at: u32, bytes: u32) -> Vec<u8> {
    let entries: &[(u16, &[u32])] = &[
        (256, &[8]),
        (257, &[1]),
        (258, &[8]),
        (259, &[1]),
        (262, &[1]),
        (266, &[2]),
        (273, &[at]),
        (277, &[1]),
        (278, &[1]),
        (279, &[bytes]),
    ];
    tiff(&[0x80, 0x40, 0x20, 0x10, 8, 4, 2, 1], entries)
}

#[test]
fn pages_may_share_strips_whose_bits_begin_with_the_lowest() {
    let mut file = row(8, 8);
    // the same directory once more
    let start = usize::try_from(u32::from_le_bytes(file[4..8].try_into().unwrap())).unwrap();
    let directory = file[start..].to_vec();
    let second = u32::try_from(file.len()).unwrap().to_le_bytes();
    let last = file.len() - 4;
    file[last..].copy_from_slice(&second);
    file.extend(directory);
    // it is the last of both that is looked at
    let page = read(&file).0.unwrap().unwrap();
    assert_eq!(page.pixels(), [1, 2, 4, 8, 16, 32, 64, 128]);
}

#[test]
fn samples_that_are_also_a_directory_are_refused() {
    // one strip that is the whole file, its own directory in it
    let refused = read(&row(8, 200)).0;
    assert!(matches!(refused, Err(Refusal::Ambiguous(_))), "{refused:?}");
}

#[test]
fn samples_may_stand_right_behind_their_directory() {
    let file = row(8, 8);
    let start = usize::try_from(u32::from_le_bytes(file[4..8].try_into().unwrap())).unwrap();
    let directory = &file[start..];
    let behind = u32::try_from(8 + directory.len()).unwrap();
    let mut turned = row(behind, 8)[start..].to_vec();
    turned.splice(..0, *b"II\x2a\0\x08\0\0\0");
    turned.extend(&file[8..16]);
    let page = read(&turned).0.unwrap().unwrap();
    assert_eq!(page.pixels(), [1, 2, 4, 8, 16, 32, 64, 128]);
}

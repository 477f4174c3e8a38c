#![expect(
    clippy::arithmetic_side_effects,
    reason = "tests: an overflow is a failure"
)]

use super::lines::{Coding, Lines};
use super::paint;
use fax::encoder::Encoder;
use fax::{Color, VecWriter};
use proptest::prelude::*;

/// Bits as text, blanks between them for the eye.
fn bits(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let byte =
        |chunk: &[u8]| (0..8).fold(0u8, |n, i| n << 1 | chunk.get(i).map_or(0, |d| d - b'0'));
    digits.chunks(8).map(byte).collect()
}

fn decode(bytes: &[u8], coding: Coding, width: u32) -> Vec<String> {
    let mut lines = Lines::new(bytes, false, coding, width).unwrap();
    let mut rows = Vec::new();
    while rows.len() < 9 && lines.advance() {
        let mut row = Vec::new();
        paint(
            &mut row,
            lines.changes(),
            usize::try_from(width).unwrap(),
            [b'.', b'#'],
        );
        rows.push(String::from_utf8(row).unwrap());
    }
    rows
}

const EOL: &str = "000000000001";

#[test]
fn runs_from_whole_bytes_on() {
    // white 3, black 2, white 3; then white 0, black 8
    let bytes = [bits("1000 11 1000"), bits("00110101 000101")].concat();
    let mut rows = decode(&bytes, Coding::Bytewise, 8);
    rows.truncate(2);
    assert_eq!(rows, ["...##...", "########"]);
}

#[test]
fn runs_behind_marks_end_with_two_of_them() {
    let bytes = bits(&[EOL, "1000 11 1000", "0000", EOL, "10011", EOL, EOL, "1000"].concat());
    assert_eq!(
        decode(&bytes, Coding::OneDimensional, 8),
        ["...##...", "........"]
    );
}

#[test]
fn the_last_code_may_end_with_the_last_byte() {
    // black runs of 12 and 8 and white ones of 2 and 64, each behind enough white to fill a byte
    for (runs, coded) in [
        ((2, 12), "0111 0000111"),
        ((20, 12), "0001000 0000111"),
        ((4, 8), "1011 000101"),
        ((19, 8), "0001100 000101"),
        ((12, 64), "001000 0000001111 0000110111"),
    ] {
        let fill = coded.bytes().filter(|b| *b != b' ').count() + EOL.len();
        let fill = "0".repeat(fill.next_multiple_of(8) - fill);
        let bytes = bits(&[&fill, EOL, coded].concat());
        let (white, black) = runs;
        let wanted = ".".repeat(white) + &"#".repeat(black);
        let width = u32::try_from(white + black).unwrap();
        let rows = decode(&bytes, Coding::OneDimensional, width);
        assert_eq!(rows, [wanted], "{coded}");
    }
}

#[test]
fn differences_to_the_line_above() {
    // one-dimensional line; the same again; moved; passed over and drawn elsewhere
    let first = [EOL, "1", "1000 11 1000"].concat();
    let same = [EOL, "0", "1 1 1"].concat();
    let moved = [EOL, "0", "011 011 1"].concat();
    let elsewhere = [EOL, "0", "0001 001 000111 010"].concat();
    let bytes = bits(&[first, same, moved, elsewhere, [EOL, "1"].concat().repeat(2)].concat());
    let rows = decode(&bytes, Coding::TwoDimensional, 8);
    assert_eq!(rows, ["...##...", "...##...", "....##..", ".......#"]);
}

#[test]
fn a_damaged_line_repeats_the_one_above() {
    let bytes = bits(
        &[
            EOL,
            "1000 11 1000",
            EOL,
            "1000 11 1011",
            EOL,
            "10011",
            EOL,
            EOL,
        ]
        .concat(),
    );
    let mut lines = Lines::new(&bytes, false, Coding::OneDimensional, 8).unwrap();
    let mut count = 0;
    while lines.advance() {
        count += 1;
    }
    assert!(lines.is_damaged());
    assert_eq!(count, 3);
}

/// Lines coded as group 4.
fn coded(rows: &[Vec<bool>], width: u16) -> Vec<u8> {
    let mut encoder = Encoder::new(VecWriter::new());
    for row in rows {
        let colour = |black: &bool| if *black { Color::Black } else { Color::White };
        encoder.encode_line(row.iter().map(colour), width).unwrap();
    }
    encoder.finish().unwrap().finish()
}

#[test]
fn a_line_has_no_more_changes_than_pixels() {
    // changes at 5 and 6; then one at 4 again and again, each found from one of those above
    let above = "001 1100 010 1";
    let first = "010";
    let again = ["000010", "010"].concat().repeat(10_000);
    let bytes = bits(&[above, first, &again].concat());
    let mut lines = Lines::new(&bytes, false, Coding::Group4, 16).unwrap();
    let mut count = 0;
    while lines.advance() {
        assert!(lines.changes().len() <= 20, "{}", lines.changes().len());
        count += 1;
    }
    assert_eq!(count, 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn junk_is_decoded_to_lines_of_the_right_length(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        width in 1u32..400,
        coding in prop::sample::select(vec![
            Coding::Bytewise, Coding::OneDimensional, Coding::TwoDimensional, Coding::Group4,
        ]),
    ) {
        for row in decode(&bytes, coding, width) {
            prop_assert_eq!(row.len(), usize::try_from(width).unwrap());
        }
    }

    #[test]
    fn what_was_coded_is_decoded(
        rows in proptest::collection::vec(proptest::collection::vec(any::<bool>(), 70), 1..9),
        run in 1usize..9,
    ) {
        // runs of some length make lines of every mode
        let rows: Vec<Vec<bool>> = rows
            .iter()
            .map(|row| row.iter().flat_map(|black| vec![*black; run]).take(70).collect())
            .collect();
        let shown: Vec<String> = rows
            .iter()
            .map(|row| row.iter().map(|black| if *black { '#' } else { '.' }).collect())
            .collect();
        prop_assert_eq!(decode(&coded(&rows, 70), Coding::Group4, 70), shown);
    }
}

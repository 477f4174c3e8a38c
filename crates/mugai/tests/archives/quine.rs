//! A gzip file that holds itself: opened as often as one likes, it is never done.
//!
//! It is made of instructions of five bytes each (RFC 1951): `L(n)` is the head of a stored block, which prints the next
//! `n` units as they are, and `R` is a block of two copies, which prints the last four units again. Each prints those
//! that are before it or behind it, so that all of them together print the file, its own head and end included.

use flate2::read::GzDecoder;
use std::io::Read;

/// The head of gzip with the name of the file: three units.
const HEAD: &[u8; 15] = b"\x1f\x8b\x08\x08\0\0\0\0\0\xffa.gz\0";
/// Twice ten bytes from twenty bytes before, in a block with fixed codes: forty bits, to the bit.
const R: [u8; 5] = [0x42, 0x88, 0x21, 0xc4, 0x00];
/// The checksum of a file in which this checksum stands twice: it was found as the solution of thirty-two linear
/// equations, for a CRC is linear in the bits of what it is of.
const CRC: u32 = 0x4c5d_e85d;

fn print(units: u16) -> Vec<u8> {
    let length = units.saturating_mul(5);
    let mut head = vec![0];
    head.extend(length.to_le_bytes());
    head.extend((!length).to_le_bytes());
    head
}

/// Nothing, the end of the stream, the checksum, and the length of all: three units.
fn tail() -> Vec<u8> {
    let mut tail = print(0);
    tail.extend([0x03, 0x00]);
    tail.extend(CRC.to_le_bytes());
    tail.extend(210u32.to_le_bytes());
    tail
}

/// The file.
pub(crate) fn quine() -> Vec<u8> {
    let code = "PLPLR1R11LR11LRLRLRLRLR00LR00LRSRS";
    code.chars()
        .flat_map(|instruction| match instruction {
            'P' => HEAD.to_vec(),
            'S' => tail(),
            'R' => R.to_vec(),
            'L' => print(4),
            '1' => print(1),
            _ => print(0),
        })
        .collect()
}

#[test]
fn it_holds_itself() {
    let file = quine();
    let mut inside = Vec::new();
    let mut decoder = GzDecoder::new(file.as_slice());
    decoder.read_to_end(&mut inside).expect("a whole stream");
    assert_eq!(inside, file);
}

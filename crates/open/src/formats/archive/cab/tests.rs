use super::*;
use mugai_core::{Family, Hints, Treatments};
use mugai_testkit::show::taped;

/// Two files in MSZIP, and in a block of LZX that is not compressed; `cabextract` reads both.
const ZIPPED: &str = "4d534346000000008f000000000000002c000000000000000301010002000000000000006700000001000100\
    0b000000000000000000210000000000622e74787400100000000b0000000000210000008000e8b387e69699\
    5ce382bde883bde8a1a82e747874000000000020001b00434b2bc849cccc532849ad28e17adc38f971d3e4c7\
    8dab1f372e7cdcb89e0b00";
const LZX: &str = "4d534346000000009b000000000000002c00000000000000030101000200000000000000670000000100030f\
    0b000000000000000000210000000000622e74787400100000000b0000000000210000008000e8b387e69699\
    5ce382bde883bde8a1a82e74787400000000002c001b000030b001010000000100000001000000706c61696e\
    20746578740ae38193e38293e381abe381a1e381af0a00";

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().filter_map(|c| c.to_digit(16)).collect();
    let pair = |pair: &[u32]| u8::try_from(pair[0] << 4 | pair[1]).unwrap();
    digits.chunks(2).map(pair).collect()
}

fn open(input: &[u8]) -> Result<(), Refusal> {
    let treatments = Treatments::nothing().with(Family::Archive, Treatment::Rebuild);
    taped(treatments, Hints::default(), |cx| {
        cx.kind(Kind::Cab)?;
        Cab.open(input, cx)
    })
    .0
}

/// The cabinet with the bytes at a place replaced.
fn with(input: &[u8], at: usize, other: &[u8]) -> Vec<u8> {
    let mut out = input.to_vec();
    out[at..][..other.len()].copy_from_slice(other);
    out
}

#[test]
fn both_packings_are_read() {
    for hex in [ZIPPED, LZX] {
        assert_eq!(open(&bytes(hex)), Ok(()));
    }
}

#[test]
fn lies_are_refused() {
    let good = bytes(ZIPPED);
    for end in 0..good.len() {
        assert!(open(&good[..end]).is_err(), "cut at {end}");
    }
    // flags of volumes, a file that goes on elsewhere, Quantum
    for (at, other) in [
        (30, &[1, 0][..]),
        (30, &[2, 0]),
        (52, &[0xfd, 0xff]),
        (42, &[2, 0]),
    ] {
        let refused = open(&with(&good, at, other));
        assert!(
            matches!(refused, Err(Refusal::Unsupported(_))),
            "{at}: {refused:?}"
        );
    }
    // the second file begins in the first
    let second = 44 + 16 + 6;
    let refused = open(&with(&good, second + 4, &[0; 4]));
    assert!(matches!(refused, Err(Refusal::Ambiguous(_))), "{refused:?}");
    // a file of four gigabytes, in a folder that has none of them
    let refused = open(&with(&good, 44, &[0xff; 4]));
    assert!(refused.is_err());
    // no such window
    let refused = open(&with(&bytes(LZX), 43, &[40]));
    assert!(matches!(refused, Err(Refusal::Malformed(_))), "{refused:?}");
}

#[test]
fn a_checksum_that_is_told_has_to_be_right() {
    let good = bytes(ZIPPED);
    let data = usize::try_from(u32::from_le_bytes(good[36..40].try_into().unwrap())).unwrap();
    let right = checksum(&good[data + 4..data + 8], &[], &good[data + 8..]);
    assert_eq!(open(&with(&good, data, &right.to_le_bytes())), Ok(()));
    let wrong = right ^ 1;
    assert!(open(&with(&good, data, &wrong.to_le_bytes())).is_err());
}

#[test]
fn folders_that_share_their_data_are_refused() {
    let good = bytes(ZIPPED);
    let (folder, second) = (36, 44 + 16 + 6);
    let mut input = with(&good, 26, &[2]);
    // places behind the new folder
    for at in [8, 16, folder] {
        input[at] += 8;
    }
    let twin: Vec<u8> = input[folder..folder + 8].to_vec();
    input.splice(folder..folder, twin);
    // the second file is the first of the second folder
    let input = with(&input, second + 8 + 4, &[0, 0, 0, 0, 1, 0]);
    let refused = open(&input);
    assert!(matches!(refused, Err(Refusal::Ambiguous(_))), "{refused:?}");
}

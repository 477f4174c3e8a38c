//! Flate data that inflates to a known number of bytes, with nothing after it (RFC 1950).

use mugai_core::Violation;
use zune_inflate::errors::DecodeErrorStatus;
use zune_inflate::{DeflateDecoder, DeflateOptions};

/// The header that we write: 32 KiB window, no dictionary.
const HEADER: [u8; 2] = [0x78, 0xDA];

/// What the decoder may set aside before it has seen any data.
const MAX_HINT: usize = 1 << 20;

/// Inflates `data` to exactly `expected` bytes and checks that it ends there.
///
/// The decoder does not tell how much it has read. So it gets all but the last byte: it then runs
/// out of data in the checksum, and only there, when the data ends where it should. The checksum is
/// compared here.
pub(super) fn inflate(data: &[u8], expected: usize, offset: usize) -> Result<Vec<u8>, Violation> {
    let inflated = inflate_up_to(data, expected, offset)?;
    if inflated.len() != expected {
        return Err(Violation::at("pdf: flate data of another size", offset));
    }
    Ok(inflated)
}

/// Inflates `data` to at most `most` bytes and checks that it ends there.
pub(super) fn inflate_up_to(data: &[u8], most: usize, offset: usize) -> Result<Vec<u8>, Violation> {
    let bad = |rule| Violation::at(rule, offset);
    if data.first_chunk() != Some(&HEADER) {
        return Err(bad("pdf: flate header"));
    }
    let sum = data.last_chunk().copied().map(u32::from_be_bytes);
    let shortened = data.split_last().map_or(data, |(_, rest)| rest);
    let options = DeflateOptions::default()
        .set_limit(most.saturating_add(1))
        .set_size_hint(most.min(MAX_HINT));
    let Err(end) = DeflateDecoder::new_with_options(shortened, options).decode_zlib() else {
        return Err(bad("pdf: bytes after the flate data"));
    };
    if !matches!(end.error, DecodeErrorStatus::InsufficientData) {
        return Err(bad("pdf: flate data"));
    }
    if end.data.len() > most {
        return Err(bad("pdf: flate data of another size"));
    }
    if sum != Some(adler32(&end.data)) {
        return Err(bad("pdf: flate checksum"));
    }
    Ok(end.data)
}

/// The checksum of RFC 1950 section 8.2.
fn adler32(data: &[u8]) -> u32 {
    const BASE: u32 = 65_521;
    // the most bytes whose sums stay below 2^32 (RFC 1950 section 9)
    const RUN: usize = 5_552;
    let (mut a, mut b) = (1u32, 0u32);
    for run in data.chunks(RUN) {
        for byte in run {
            a = a.wrapping_add(u32::from(*byte));
            b = b.wrapping_add(a);
        }
        a = a.rem_euclid(BASE);
        b = b.rem_euclid(BASE);
    }
    (b << 16) | a
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `aaaa…` as one stored block.
    fn stored(body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len()).unwrap();
        let mut out = HEADER.to_vec();
        out.push(1);
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(body);
        out.extend_from_slice(&adler32(body).to_be_bytes());
        out
    }

    #[test]
    fn adler_of_a_known_text() {
        assert_eq!(adler32(b"Wikipedia"), 0x11E6_0398);
        assert_eq!(adler32(b""), 1);
    }

    #[test]
    fn exactly_the_expected_bytes_and_nothing_after() {
        let good = stored(b"0123456789");
        assert_eq!(inflate(&good, 10, 0).unwrap(), b"0123456789");
        assert!(inflate(&good, 9, 0).is_err());
        assert!(inflate(&good, 11, 0).is_err());
        for extra in 1..12 {
            let mut longer = good.clone();
            longer.extend(std::iter::repeat_n(0, extra));
            assert!(inflate(&longer, 10, 0).is_err(), "{extra} more");
            let mut repeated = good.clone();
            repeated.extend(good.iter().rev().take(extra).rev());
            assert!(inflate(&repeated, 10, 0).is_err(), "{extra} repeated");
        }
        for length in 0..good.len() {
            let cut = good.get(..length).unwrap();
            assert!(inflate(cut, 10, 0).is_err(), "cut to {length}");
        }
        for at in 0..good.len() {
            let mut wrong = good.clone();
            wrong[at] ^= 0x01;
            assert!(inflate(&wrong, 10, 0).is_err(), "byte {at}");
        }
    }
}

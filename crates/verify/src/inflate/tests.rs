use super::*;
use proptest::prelude::*;
use zune_inflate::{DeflateDecoder, DeflateOptions};

fn zune(packed: &[u8], size: usize) -> Option<Vec<u8>> {
    let options = DeflateOptions::default().set_limit(size.saturating_add(1));
    DeflateDecoder::new_with_options(packed, options)
        .decode_deflate()
        .ok()
        .filter(|bytes| bytes.len() == size)
}

fn deflated(plain: &[u8], level: u32) -> Vec<u8> {
    let level = flate2::Compression::new(level);
    let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), level);
    std::io::Write::write_all(&mut packer, plain).unwrap();
    packer.finish().unwrap()
}

/// Words, runs, and noise: codes of all lengths, and copies near and far.
fn mixed(seed: u32, size: usize) -> Vec<u8> {
    let mut state = seed | 1;
    let mut random = move |below: usize| {
        state ^= state.wrapping_shl(13);
        state ^= state.wrapping_shr(17);
        state ^= state.wrapping_shl(5);
        usize::try_from(state)
            .unwrap_or(0)
            .checked_rem(below)
            .unwrap_or(0)
    };
    let mut out: Vec<u8> = Vec::new();
    while out.len() < size {
        let count = random(300).max(1);
        match random(4) {
            0 => out.extend((0..count).map(|_| random(256).to_le_bytes()[0])),
            1 => out.extend(std::iter::repeat_n(random(256).to_le_bytes()[0], count)),
            2 => {
                let few = (0..count).map(|_| random(5).saturating_mul(random(7)));
                out.extend(few.map(|byte| byte.to_le_bytes()[0]));
            }
            _ => {
                let from = random(out.len());
                let end = from.saturating_add(count).min(out.len());
                out.extend_from_within(from..end);
            }
        }
    }
    out.truncate(size);
    out
}

#[test]
fn the_example_of_a_fixed_block_a_stored_one_and_none() {
    // "a" in a fixed block, as any packer writes it
    assert_eq!(all(&[0x4b, 0x04, 0x00], 1), Some(b"a".to_vec()));
    assert_eq!(all(&[1, 2, 0, 0xfd, 0xff, 7, 8], 2), Some(vec![7, 8]));
    assert_eq!(all(&[3, 0], 0), Some(Vec::new()));
    // no such kind of block, lengths that differ, nothing at all
    for wrong in [&[7, 0][..], &[1, 2, 0, 0xfd, 0xfe, 7, 8], &[]] {
        assert_eq!(all(wrong, 2), None);
    }
}

#[test]
fn levels_of_the_writer_come_out_as_they_went_in() {
    for seed in 1..6 {
        for size in [0, 1, 300, 70_000, 400_000] {
            let plain = mixed(seed, size);
            for level in [0, 1, 6, 9] {
                let packed = deflated(&plain, level);
                assert_eq!(
                    all(&packed, size).as_deref(),
                    Some(&*plain),
                    "level {level}"
                );
                assert_eq!(zune(&packed, size).as_deref(), Some(&*plain));
                assert_eq!(all(&packed, size.saturating_add(1)), None);
                assert_eq!(all(&packed, size.wrapping_sub(1)), None);
                for extra in [&[0][..], &[0, 0], &[1, 0, 0, 0xff, 0xff]] {
                    assert_eq!(all(&[&packed, extra].concat(), size), None);
                }
            }
        }
    }
}

#[test]
fn the_last_byte_is_filled_with_zeros() {
    // the end of an empty fixed block takes ten bits
    for filled in 1..64 {
        assert_eq!(all(&[3, filled << 2], 0), None);
    }
}

#[test]
fn a_copy_from_before_the_beginning_is_none() {
    // a fixed block: a length of 3 (0000001), a distance of 1 (00000), the end
    let early = [0b0000_0011, 0b0000_0010, 0];
    assert_eq!(all(&early, 3), None);
}

proptest! {
    #[test]
    fn changed_data_is_read_as_the_library_reads_it(
        seed in 1u32..1_000, size in 1usize..3_000, at in 0usize..400, bit in 0u32..8, level in 0u32..10,
    ) {
        let plain = mixed(seed, size);
        let mut packed = deflated(&plain, level);
        let at = at.min(packed.len().saturating_sub(1));
        packed[at] ^= 1 << bit;
        // it is stricter about codes that say more than they may, and about what is behind the end
        if let Some(ours) = all(&packed, size) {
            prop_assert_eq!(zune(&packed, size), Some(ours));
        }
    }

    #[test]
    fn noise_is_refused_without_harm(noise in proptest::collection::vec(any::<u8>(), 0..600)) {
        let mut out = 0usize;
        let done = inflate(&noise, 10_000, |bytes| out = out.saturating_add(bytes.len()));
        prop_assert!(out <= 10_000 + WINDOW + BLOCK + LONGEST);
        prop_assert!(done.is_none() || out == 10_000);
    }
}

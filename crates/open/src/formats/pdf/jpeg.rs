//! Sizes inside JPEG data (ITU-T T.81), which the picture's dictionary need not agree with.
//!
//! The library overwrites the size of a frame that is larger than its dictionary says, which makes honest
//! pictures with wrong sizes readable. It finds that frame by rules of its own, and the decoder may find
//! another one.

/// Samples of the largest frame that a decoder may find, but for the one that the library overwrites.
pub(super) fn largest_frame(data: &[u8]) -> u64 {
    let known = overwritten(data).map(|at| at.saturating_add(1));
    let mut is_open = false;
    let mut largest = 0;
    for (at, byte) in data.iter().enumerate() {
        match byte {
            0xFF => is_open = true,
            // decoders take both for filling before a marker
            0 => {}
            marker => {
                if is_open && is_frame(*marker) && Some(at) != known {
                    let head = data.get(at.saturating_add(1)..).unwrap_or_default();
                    largest = largest.max(samples(head).unwrap_or(0));
                }
                is_open = false;
            }
        }
    }
    largest
}

/// Start of a frame: all markers from C0 to CF but those of tables, of arithmetic coding and JPG itself.
const fn is_frame(marker: u8) -> bool {
    matches!(marker, 0xC0..=0xCF) && !matches!(marker, 0xC4 | 0xC8 | 0xCC)
}

/// Width times height times components, by the head of a frame (B.2.2) of 8 bits.
fn samples(head: &[u8]) -> Option<u64> {
    let [l0, l1, 8, h0, h1, w0, w1, components, ..] = *head else {
        return None;
    };
    let [length, height, width] = [[l0, l1], [h0, h1], [w0, w1]].map(u16::from_be_bytes);
    let components = u16::from(components);
    if length != components.checked_mul(3)?.checked_add(8)? {
        return None;
    }
    let pixels = u64::from(width).saturating_mul(u64::from(height));
    Some(pixels.saturating_mul(u64::from(components)))
}

/// Where the frame begins whose size the library overwrites.
fn overwritten(data: &[u8]) -> Option<usize> {
    let mut at = 0usize;
    loop {
        let [first, marker] = *data.get(at..)?.first_chunk::<2>()?;
        let step = match (first, marker) {
            (0xFF, marker) if is_frame(marker) => return Some(at),
            (0xFF, 0xD8 | 0xD9 | 0x01 | 0x00) => 2,
            (0xFF, 0xFF) => 1,
            (0xFF, _) => {
                let length = data.get(at.checked_add(2)?..)?.first_chunk::<2>()?;
                usize::from(u16::from_be_bytes(*length)).checked_add(2)?
            }
            _ => 1,
        };
        at = at.checked_add(step)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(width: u16, height: u16) -> Vec<u8> {
        let mut out = vec![0xC0, 0, 11, 8];
        out.extend(height.to_be_bytes());
        out.extend(width.to_be_bytes());
        out.extend([1, 1, 0x11, 0]);
        out
    }

    #[test]
    fn only_the_frame_that_is_overwritten_may_be_of_any_size() {
        let start = [0xFF, 0xD8].as_slice();
        let large = frame(65_535, 65_535);
        let small = frame(9, 9);
        let all = 65_535 * 65_535;
        let cases: &[(&str, Vec<u8>, u64)] = &[
            ("nothing", Vec::new(), 0),
            ("honest", [start, &[0xFF], &small].concat(), 0),
            ("overwritten", [start, &[0xFF], &large].concat(), 0),
            (
                "hidden by filling",
                [start, &[0xFF, 0], &large, &[0xFF], &small].concat(),
                all,
            ),
            (
                "behind another one",
                [start, &[0xFF], &small, &[0xFF], &large].concat(),
                all,
            ),
            (
                "in a part that the library leaves out",
                [start, &[0xFF, 0xD0, 0, 14, 0xFF], &large, &[0xFF], &small].concat(),
                all,
            ),
        ];
        for (name, data, expected) in cases {
            assert_eq!(largest_frame(data), *expected, "{name}");
        }
    }
}

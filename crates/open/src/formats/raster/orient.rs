//! Turning a picture upright (EXIF 2.32 section 4.6.4, tag 274).

use super::Facts;
use mugai_core::{Cx, PixelFormat, Refusal, Resource};

/// Where row 0 and column 0 of the stored picture belong.
///
/// Every orientation is an exchange of rows and columns or none, followed by mirrorings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::formats) struct Orientation {
    transpose: bool,
    left_right: bool,
    top_bottom: bool,
}

impl Orientation {
    /// The orientation of an EXIF or TIFF tag; any value but 2 to 8 is upright.
    pub(in crate::formats) const fn of_tag(value: u16) -> Self {
        let (transpose, left_right, top_bottom) = match value {
            2 => (false, true, false),
            3 => (false, true, true),
            4 => (false, false, true),
            5 => (true, false, false),
            6 => (true, true, false),
            7 => (true, true, true),
            8 => (true, false, true),
            _ => (false, false, false),
        };
        Self {
            transpose,
            left_right,
            top_bottom,
        }
    }

    /// Whether width and height change places.
    pub(in crate::formats) const fn swaps_sides(self) -> bool {
        self.transpose
    }
}

/// Samples in their upright order; `width` is that of the stored picture.
pub(super) fn upright(
    samples: Vec<u8>,
    width: usize,
    format: PixelFormat,
    facts: &Facts,
    cx: &Cx<'_>,
) -> Result<Vec<u8>, Refusal> {
    if facts.orientation == Orientation::default() {
        return Ok(samples);
    }
    cx.charge_len(Resource::Bytes, samples.len())?;
    cx.charge_len(Resource::Steps, samples.len() / 4)?;
    Ok(match format {
        PixelFormat::Grey8 => turn::<1>(&samples, width, facts.orientation),
        PixelFormat::Rgb8 => turn::<3>(&samples, width, facts.orientation),
    })
}

fn turn<const N: usize>(samples: &[u8], width: usize, how: Orientation) -> Vec<u8> {
    let stored = samples.as_chunks::<N>().0;
    let mut row = width.max(1);
    let mut pixels: Vec<[u8; N]> = if how.transpose {
        let columns = 0..row;
        let height = stored.len().checked_div(row).unwrap_or(0);
        let turned = columns
            .flat_map(|x| stored.iter().skip(x).step_by(row))
            .copied()
            .collect();
        row = height.max(1);
        turned
    } else {
        stored.to_vec()
    };
    if how.left_right {
        pixels.chunks_mut(row).for_each(<[_]>::reverse);
    }
    if how.top_bottom {
        pixels = pixels.rchunks(row).flatten().copied().collect();
    }
    pixels.into_flattened()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_eight_orientations_are_turned_upright() {
        // the letter of each row and column of the stored picture, two wide and three high
        let stored = b"abcdef";
        let upright = [
            "abcdef", "badcfe", "fedcba", "efcdab", "acebdf", "ecafdb", "fdbeca", "bdface",
        ];
        for (tag, expected) in (1..).zip(upright) {
            let turned = turn::<1>(stored, 2, Orientation::of_tag(tag));
            assert_eq!(turned, expected.as_bytes(), "tag {tag}");
        }
        assert_eq!(Orientation::of_tag(0), Orientation::of_tag(1));
        assert_eq!(Orientation::of_tag(9), Orientation::default());
    }

    #[test]
    fn pixels_stay_whole() {
        let turned = turn::<3>(b"rgbRGB", 2, Orientation::of_tag(6));
        assert_eq!(turned, b"rgbRGB");
        assert_eq!(turn::<3>(b"rgbRGB", 2, Orientation::of_tag(2)), b"RGBrgb");
    }
}

//! From pixels to paper.

/// Pixels on a length, as the metadata of a picture states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::formats) struct Density {
    /// Thousandths of dots per inch, across and down.
    milli_dpi: (u64, u64),
}

/// Below and above these a density says nothing about paper.
const PLAUSIBLE_MILLI_DPI: std::ops::RangeInclusive<u64> = 50_000..=4_800_000;

/// The longer side of A0 and a little more, in thousandths of a point: larger is a camera that
/// writes 72 dpi because something has to stand there.
const LONGEST_MILLIPOINTS: u64 = 3_500_000;

impl Density {
    /// From dots per inch.
    pub(in crate::formats) fn per_inch(x: u64, y: u64) -> Self {
        Self::of_ratio((x, 1), (y, 1), 1000)
    }

    /// From dots per centimetre.
    pub(in crate::formats) fn per_centimetre(x: u64, y: u64) -> Self {
        Self::of_ratio((x, 1), (y, 1), 2540)
    }

    /// From dots per metre.
    pub(in crate::formats) fn per_metre(x: u64, y: u64) -> Self {
        Self::of_ratio((x, 10), (y, 10), 254)
    }

    /// From the resolution tags of TIFF and EXIF: fractions, and unit 2 (inch) or 3 (centimetre).
    pub(in crate::formats) fn of_tags(
        x: (u32, u32),
        y: (u32, u32),
        unit: Option<u16>,
    ) -> Option<Self> {
        let factor = match unit {
            None | Some(2) => 1000,
            Some(3) => 2540,
            Some(_) => return None,
        };
        let wide = |(a, b): (u32, u32)| (u64::from(a), u64::from(b));
        Some(Self::of_ratio(wide(x), wide(y), factor))
    }

    fn of_ratio(x: (u64, u64), y: (u64, u64), factor: u64) -> Self {
        let one = |(a, b): (u64, u64)| a.saturating_mul(factor).checked_div(b).unwrap_or(0);
        Self {
            milli_dpi: (one(x), one(y)),
        }
    }

    /// Width and height on paper in thousandths of a point, unless the density is no plausible one.
    pub(in crate::formats) fn size(self, (width, height): (u32, u32)) -> Option<(u32, u32)> {
        let side = |px: u32, milli_dpi: u64| {
            // px / dpi inches of 72 points, all in thousandths
            let millipoints = u64::from(px)
                .saturating_mul(72_000_000)
                .checked_div(milli_dpi)?;
            let fits = PLAUSIBLE_MILLI_DPI.contains(&milli_dpi)
                && (1..=LONGEST_MILLIPOINTS).contains(&millipoints);
            fits.then(|| u32::try_from(millipoints).ok()).flatten()
        };
        Some((
            side(width, self.milli_dpi.0)?,
            side(height, self.milli_dpi.1)?,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paper_sizes_come_out_and_nonsense_does_not() {
        let a4 = Density::per_inch(200, 200).size((1654, 2339));
        assert_eq!(a4, Some((595_440, 842_040)));
        let fax = Density::of_tags((204, 1), (98, 1), Some(2)).unwrap();
        assert_eq!(fax.size((1728, 1145)), Some((609_882, 841_224)));
        let metric = Density::per_metre(11_811, 11_811).size((2480, 3508));
        assert_eq!(metric, Some((595_201, 841_922)));
        assert_eq!(
            Density::per_centimetre(100, 100).size((254, 254)),
            Some((72_000, 72_000))
        );
        assert_eq!(Density::per_inch(1, 1).size((100, 100)), None);
        assert_eq!(Density::per_inch(72, 72).size((6000, 4000)), None);
        assert_eq!(
            Density::of_tags((1, 0), (0, 0), None).unwrap().size((9, 9)),
            None
        );
        assert_eq!(Density::of_tags((1, 1), (1, 1), Some(1)), None);
    }
}

//! YCbCr of JPEG and TIFF (ITU-T T.871 section 7).

/// The nearest RGB of a full-range YCbCr.
pub(in crate::formats) fn to_rgb([luma, blue, red]: [u8; 3]) -> [u8; 3] {
    // factors of 1.402, 0.344136, 0.714136 and 1.772 in 1/65536
    let y = i32::from(luma).wrapping_mul(65_536);
    let cb = i32::from(blue).wrapping_sub(128);
    let cr = i32::from(red).wrapping_sub(128);
    let level = |sum: i32| {
        let rounded = sum.wrapping_add(32_768) >> 16;
        u8::try_from(rounded.clamp(0, 255)).unwrap_or(0)
    };
    [
        level(y.wrapping_add(cr.wrapping_mul(91_881))),
        level(
            y.wrapping_sub(cb.wrapping_mul(22_554))
                .wrapping_sub(cr.wrapping_mul(46_802)),
        ),
        level(y.wrapping_add(cb.wrapping_mul(116_130))),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greys_and_primaries_come_back() {
        assert_eq!(to_rgb([77, 128, 128]), [77; 3]);
        assert_eq!(to_rgb([76, 85, 255]), [254, 0, 0]);
        assert_eq!(to_rgb([29, 255, 107]), [0, 0, 254]);
        assert_eq!(to_rgb([255, 255, 255])[0], 255);
    }
}

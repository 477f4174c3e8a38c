//! How large a picture in a cell is shown: as large as the cell, and as wide to high as it is itself.

use crate::formats::ooxml::xml;
use mugai_core::Refusal;
use quick_xml::events::BytesStart;

/// The most stretches of columns that have a width of their own.
const MAX_STRETCHES: usize = 16_384;
/// A cell of a new workbook, in pixels.
const USUAL: (u64, u64) = (64, 20);
/// The largest side of a cell, in pixels: programs allow 255 letters, and 409 points.
const MAX_SIDE: u64 = 4_000;

/// The sizes of the cells of a sheet, in pixels, as far as it was read.
pub(super) struct Grid {
    usual: (u64, u64),
    /// First and last column, and how wide they are.
    columns: Vec<(u64, u64, u64)>,
    /// Of the row that is being read.
    row: u64,
}

impl Grid {
    pub(super) const fn new() -> Self {
        Self {
            usual: USUAL,
            columns: Vec::new(),
            row: USUAL.1,
        }
    }

    /// An element of the sheet begins.
    ///
    /// # Errors
    /// [`Refusal::Malformed`]
    pub(super) fn begin(&mut self, start: &BytesStart<'_>) -> Result<(), Refusal> {
        let local = xml::split(start.name().0).1;
        if !matches!(local, "sheetFormatPr" | "col" | "row") {
            return Ok(());
        }
        let attributes = xml::attributes(start)?;
        let get = |name: &str| super::get(&attributes, name);
        // letters are 7 pixels wide, with 5 beside them, and a point is four thirds of a pixel
        let wide = |name: &str| {
            get(name)
                .and_then(|width| pixels(width, 7, 1))
                .map(|w| w.saturating_add(5))
        };
        let high = |name: &str| get(name).and_then(|height| pixels(height, 4, 3));
        match local {
            "sheetFormatPr" => {
                self.usual.0 = wide("defaultColWidth").unwrap_or(self.usual.0);
                self.usual.1 = high("defaultRowHeight").unwrap_or(self.usual.1);
            }
            "col" => {
                let number = |name: &str| get(name).and_then(|n| n.parse::<u64>().ok());
                if let (Some(first), Some(last), Some(width)) =
                    (number("min"), number("max"), wide("width"))
                    && self.columns.len() < MAX_STRETCHES
                {
                    self.columns.push((first, last, width));
                }
            }
            _ => self.row = high("ht").unwrap_or(self.usual.1),
        }
        Ok(())
    }

    /// The cell of a column, counted from 0, of the row that is being read.
    pub(super) fn cell(&self, column: u64) -> (u64, u64) {
        let number = column.saturating_add(1);
        let own = self
            .columns
            .iter()
            .find(|(first, last, _)| (*first..=*last).contains(&number));
        (own.map_or(self.usual.0, |own| own.2), self.row)
    }
}

/// A measure, times a fraction.
fn pixels(measure: &str, times: u64, parts: u64) -> Option<u64> {
    // measures have two places behind the point that count
    let (whole, part) = measure.split_once('.').unwrap_or((measure, ""));
    let hundredths: String = part.chars().chain("00".chars()).take(2).collect();
    let hundredths = hundredths.parse::<u64>().ok()?;
    let all = whole
        .parse::<u64>()
        .ok()?
        .checked_mul(100)?
        .checked_add(hundredths)?;
    let pixels = all
        .checked_mul(times)?
        .checked_div(parts.checked_mul(100)?)?;
    Some(pixels.clamp(1, MAX_SIDE))
}

/// Where a picture lies in a cell, from left and top, and where it ends there: in the middle, as large as fits.
pub(super) fn within(cell: (u64, u64), picture: Option<(u64, u64)>) -> [u64; 4] {
    let (wide, high) = cell;
    let Some((own_wide, own_high)) = picture.filter(|(w, h)| *w > 0 && *h > 0) else {
        return [0, 0, wide, high];
    };
    let by_width = own_high
        .saturating_mul(wide)
        .checked_div(own_wide)
        .unwrap_or(high);
    let (shown_wide, shown_high) = if by_width <= high {
        (wide, by_width)
    } else {
        let by_height = own_wide.saturating_mul(high).checked_div(own_high);
        (by_height.unwrap_or(wide), high)
    };
    let (left, top) = (
        wide.saturating_sub(shown_wide) / 2,
        high.saturating_sub(shown_high) / 2,
    );
    [
        left,
        top,
        left.saturating_add(shown_wide.max(1)),
        top.saturating_add(shown_high.max(1)),
    ]
}

/// How wide and high a picture says that it is: PNG, GIF, JPEG.
pub(super) fn of_picture(bytes: &[u8]) -> Option<(u64, u64)> {
    let two = |at: usize| {
        Some(u64::from(u16::from_be_bytes(
            *bytes.get(at..)?.first_chunk()?,
        )))
    };
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => {
            let four = |at: usize| {
                Some(u64::from(u32::from_be_bytes(
                    *bytes.get(at..)?.first_chunk()?,
                )))
            };
            Some((four(16)?, four(20)?))
        }
        [b'G', b'I', b'F', b'8', _, _, w0, w1, h0, h1, ..] => Some((
            u64::from(u16::from_le_bytes([*w0, *w1])),
            u64::from(u16::from_le_bytes([*h0, *h1])),
        )),
        [0xff, 0xd8, ..] => {
            // segments up to that of the frame
            let mut at = 2usize;
            for _ in 0..256 {
                let marker = *bytes.get(at.checked_add(1)?)?;
                if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
                    return Some((two(at.checked_add(7)?)?, two(at.checked_add(5)?)?));
                }
                let length = two(at.checked_add(2)?)?;
                at = at
                    .checked_add(2)?
                    .checked_add(usize::try_from(length).ok()?)?;
            }
            None
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_keep_their_shape() {
        assert_eq!(within((64, 20), Some((100, 100))), [22, 0, 42, 20]);
        assert_eq!(within((64, 20), Some((640, 20))), [0, 9, 64, 11]);
        assert_eq!(within((64, 20), None), [0, 0, 64, 20]);
        assert_eq!(within((64, 20), Some((0, 5))), [0, 0, 64, 20]);
        assert_eq!(within((64, 20), Some((u64::MAX, 1))), [0, 10, 64, 11]);
    }

    #[test]
    fn measures_are_pixels() {
        assert_eq!(pixels("8.43", 7, 1), Some(59));
        assert_eq!(pixels("18.75", 4, 3), Some(25));
        assert_eq!(pixels("60", 4, 3), Some(80));
        assert_eq!(pixels("99999", 4, 3), Some(MAX_SIDE));
        assert_eq!(pixels("-1", 4, 3), None);
    }

    #[test]
    fn sizes_of_pictures() {
        let png = [
            &[0x89, b'P', b'N', b'G'][..],
            &[0; 12],
            &[0, 0, 0, 7, 0, 0, 0, 9],
        ]
        .concat();
        assert_eq!(of_picture(&png), Some((7, 9)));
        assert_eq!(of_picture(b"GIF89a\x05\0\x06\0"), Some((5, 6)));
        let jpeg = [
            0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc2, 0, 9, 8, 0, 3, 0, 4, 1,
        ];
        assert_eq!(of_picture(&jpeg), Some((4, 3)));
        for end in 0..jpeg.len() - 2 {
            assert_eq!(of_picture(&jpeg[..end]), None);
        }
    }
}

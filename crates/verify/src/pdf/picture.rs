//! Pictures: whether the data is what the dictionary says.

use super::film::Film;
use super::{fax, flate};
use crate::jpeg;
use mugai_core::Violation;

/// A picture, as the walker saw it.
pub(super) struct ImageFacts<'a> {
    /// Its object number.
    pub(super) id: u32,
    /// Where its data begins in the file.
    pub(super) offset: usize,
    /// Its compressed data.
    pub(super) data: &'a [u8],
    /// What that is encoded in.
    pub(super) coding: Coding,
    /// Columns, 1 to 30,000.
    pub(super) width_px: u32,
    /// Rows, 1 to 30,000.
    pub(super) height_px: u32,
    /// What its samples mean.
    pub(super) space: Space,
    /// Bits a sample: 1, 2, 4 or 8.
    pub(super) bits: u8,
    /// Object number of the picture that tells its opacity.
    pub(super) mask: Option<u32>,
}

/// The filters that we write.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Flate,
    Fax,
    Jpeg,
}

/// The colour spaces that we write.
#[derive(PartialEq, Eq)]
pub(super) enum Space {
    Grey,
    Rgb,
    Palette(Palette),
    /// None: 0 is painted in the colour of the moment.
    Stencil,
}

/// The table of an `Indexed` colour space.
#[derive(PartialEq, Eq)]
pub(super) struct Palette {
    /// Bytes an entry: 1 over `DeviceGray`, 3 over `DeviceRGB`.
    pub(super) components: usize,
    /// All entries, one after the other.
    pub(super) table: Vec<u8>,
}

impl Palette {
    pub(super) fn len(&self) -> usize {
        self.table.len().checked_div(self.components).unwrap_or(0)
    }

    /// Checks that this is how we write palettes: from dark to light, white last, each colour once,
    /// and in the smallest space.
    pub(super) fn is_in_order(&self) -> bool {
        let entries = self.table.chunks(self.components.max(1));
        let brightness = |entry: &[u8]| match entry {
            [r, g, b] => [(*r, 3u32), (*g, 6), (*b, 1)]
                .map(|(level, weight)| u32::from(level).saturating_mul(weight))
                .iter()
                .sum(),
            other => other.first().copied().map_or(0, u32::from),
        };
        let rises = entries
            .clone()
            .map(|entry| (brightness(entry), entry))
            .is_sorted_by(|one, next| one < next);
        let ends_white = entries
            .clone()
            .last()
            .is_some_and(|entry| entry.iter().all(|level| *level == u8::MAX));
        let fits = if self.components == 1 {
            self.table != [0, u8::MAX]
        } else {
            entries
                .clone()
                .any(|entry| entry.iter().any(|level| Some(level) != entry.first()))
        };
        rises && ends_white && fits
    }

    /// Bits that an index needs.
    fn bits(&self) -> u8 {
        match self.len() {
            0..=2 => 1,
            3..=4 => 2,
            5..=16 => 4,
            _ => 8,
        }
    }
}

impl<'a> ImageFacts<'a> {
    /// Whether this can be the mask of another picture, where it `is_mask`, or can be shown.
    pub(super) fn can_be_mask(&self, is_mask: bool) -> bool {
        let is_grey = self.space == Space::Grey && self.coding != Coding::Jpeg;
        if is_mask {
            is_grey && self.mask.is_none()
        } else {
            // other greys than black and white are shown by palettes
            is_grey && self.bits > 1
        }
    }

    /// Checks that coding, colours and bits go together as we write them.
    pub(super) fn is_ours(&self) -> bool {
        match (self.coding, &self.space) {
            (Coding::Jpeg, Space::Grey | Space::Rgb) | (Coding::Flate, Space::Rgb) => {
                self.bits == 8
            }
            (Coding::Fax, Space::Grey) => self.bits == 1,
            (Coding::Flate, Space::Grey) => matches!(self.bits, 1 | 8),
            (Coding::Fax | Coding::Flate, Space::Stencil) => self.bits == 1 && self.mask.is_none(),
            (Coding::Fax, Space::Palette(palette)) => self.bits == 1 && palette.bits() == 1,
            (Coding::Flate, Space::Palette(palette)) => self.bits == palette.bits(),
            (Coding::Jpeg, Space::Palette(_) | Space::Stencil) | (Coding::Fax, Space::Rgb) => false,
        }
    }

    /// Checks the data.
    pub(super) fn check(&self, film: &Film<'a>) -> Result<(), Violation> {
        let data = &*film.data((self.offset, self.data))?;
        match self.coding {
            Coding::Jpeg => self.check_jpeg(data),
            Coding::Flate => self.check_flate(data),
            Coding::Fax => {
                let has_black = fax::check(data, self.width_px, self.height_px, self.offset)?;
                match &self.space {
                    Space::Palette(_) if !has_black => Err(self.unused()),
                    Space::Grey | Space::Rgb | Space::Stencil | Space::Palette(_) => Ok(()),
                }
            }
        }
    }

    fn check_jpeg(&self, data: &[u8]) -> Result<(), Violation> {
        let frame = jpeg::size(data).map_err(|violation| Violation {
            offset: u64::try_from(self.offset).ok(),
            ..violation
        })?;
        let same = frame.width_px == self.width_px
            && frame.height_px == self.height_px
            && u32::from(frame.components) == self.components();
        same.then_some(())
            .ok_or(Violation::at("pdf: JPEG of another size", self.offset))
    }

    fn check_flate(&self, data: &[u8]) -> Result<(), Violation> {
        let row_len = self.row_len();
        let rows = usize::try_from(self.height_px).unwrap_or(usize::MAX);
        let samples = flate::inflate(data, row_len.saturating_mul(rows), self.offset)?;
        let used = self.bits_per_row().rem_euclid(8);
        let padding = if used == 0 { 0 } else { 0xFFu8 >> used };
        if samples
            .chunks(row_len)
            .any(|row| row.last().is_some_and(|last| last & padding != 0))
        {
            return Err(Violation::at("pdf: padding is not 0", self.offset));
        }
        match &self.space {
            Space::Palette(palette) => self.check_indices(palette, &samples),
            Space::Grey | Space::Rgb | Space::Stencil => Ok(()),
        }
    }

    /// Checks that every index has an entry, and that every entry but white is used: there is
    /// nothing in a table that is not seen.
    fn check_indices(&self, palette: &Palette, samples: &[u8]) -> Result<(), Violation> {
        let columns = usize::try_from(self.width_px).unwrap_or(usize::MAX);
        let mut seen = [false; 256];
        let mut bytes = [false; 256];
        let row_len = self.row_len();
        let shifts: &[u32] = match self.bits {
            1 => &[7, 6, 5, 4, 3, 2, 1, 0],
            2 => &[6, 4, 2, 0],
            4 => &[4, 0],
            _ => &[0],
        };
        let mask = 0xFFu8 >> 8u8.saturating_sub(self.bits);
        // whole bytes are noted first and taken apart afterwards; the last one of a row may be
        // padded, which is no index
        let whole = columns.checked_div(shifts.len()).unwrap_or(columns);
        for row in samples.chunks(row_len) {
            let (full, rest) = row.split_at_checked(whole).unwrap_or((row, &[]));
            for byte in full {
                if let Some(place) = bytes.get_mut(usize::from(*byte)) {
                    *place = true;
                }
            }
            let left = columns.saturating_sub(whole.saturating_mul(shifts.len()));
            for byte in rest {
                for shift in shifts.iter().take(left) {
                    mark(&mut seen, (byte >> shift) & mask);
                }
            }
        }
        for (byte, _) in (0u8..=u8::MAX).zip(bytes).filter(|(_, is_there)| *is_there) {
            for shift in shifts {
                mark(&mut seen, (byte >> shift) & mask);
            }
        }
        let count = palette.len();
        if seen.iter().skip(count).any(|seen| *seen) {
            return Err(Violation::at("pdf: an index without a colour", self.offset));
        }
        if !seen.iter().take(count.saturating_sub(1)).all(|seen| *seen) {
            return Err(self.unused());
        }
        Ok(())
    }

    fn unused(&self) -> Violation {
        Violation::at("pdf: a colour that no pixel has", self.offset)
    }

    /// Samples a pixel.
    fn components(&self) -> u32 {
        match self.space {
            Space::Rgb => 3,
            Space::Grey | Space::Stencil | Space::Palette(_) => 1,
        }
    }

    /// Bits of a row without its padding: at most 30,000 times 24.
    fn bits_per_row(&self) -> u32 {
        self.width_px
            .saturating_mul(self.components())
            .saturating_mul(u32::from(self.bits))
    }

    /// Bytes of a row, padding included.
    fn row_len(&self) -> usize {
        usize::try_from(self.bits_per_row().div_ceil(8)).unwrap_or(usize::MAX)
    }
}

fn mark(seen: &mut [bool; 256], index: u8) {
    if let Some(place) = seen.get_mut(usize::from(index)) {
        *place = true;
    }
}

//! The least PNG form that holds all pixels of a page.

use mugai_core::{Page, PixelFormat};
use std::borrow::Cow;

/// How pixels are stored.
pub(super) enum Form {
    /// Grey of 1, 2, 4 or 8 bits.
    Grey { bits: u8 },
    /// Indices of 1, 2, 4 or 8 bits into colours in ascending order, all of which occur.
    Palette { bits: u8, colours: Vec<[u8; 3]> },
    /// Three bytes.
    Rgb,
    /// Four bytes: a colour, and how much it covers.
    Rgba,
}

/// A page in the form that it is written in.
pub(super) struct Reduced<'a> {
    pub(super) form: Form,
    width: usize,
    /// One byte a sample; grey below eight bits and indices are packed row by row.
    samples: Cow<'a, [u8]>,
}

impl<'a> Reduced<'a> {
    pub(super) fn of(page: &'a Page) -> Self {
        let width = usize::try_from(page.width_px()).unwrap_or(usize::MAX);
        let (form, samples) = match page.format() {
            PixelFormat::Grey8 => of_grey(Cow::Borrowed(page.pixels())),
            PixelFormat::Rgb8 => of_rgb(page.pixels()),
        };
        Self {
            form,
            width,
            samples,
        }
    }

    /// With what is seen through it.
    pub(super) fn shown(page: &'a Page) -> Self {
        match page.opacity() {
            Some(opacity) if opacity.iter().any(|covers| *covers != u8::MAX) => Self {
                form: Form::Rgba,
                width: usize::try_from(page.width_px()).unwrap_or(usize::MAX),
                samples: Cow::Owned(match page.format() {
                    PixelFormat::Grey8 => {
                        with_opacity(page.pixels().iter().map(|of| [*of; 3]), opacity)
                    }
                    PixelFormat::Rgb8 => {
                        with_opacity(page.pixels().as_chunks::<3>().0.iter().copied(), opacity)
                    }
                }),
            },
            Some(_) | None => Self::of(page),
        }
    }

    /// Bits a sample.
    pub(super) const fn depth(&self) -> u8 {
        match self.form {
            Form::Grey { bits } | Form::Palette { bits, .. } => bits,
            Form::Rgb | Form::Rgba => 8,
        }
    }

    /// Samples in a row.
    pub(super) fn row_len(&self) -> usize {
        match self.form {
            Form::Grey { .. } | Form::Palette { .. } => self.width,
            Form::Rgb => self.width.saturating_mul(3),
            Form::Rgba => self.width.saturating_mul(4),
        }
    }

    /// All rows, packed.
    pub(super) fn rows(&self) -> impl Iterator<Item = Cow<'_, [u8]>> {
        let bits = self.depth();
        self.samples
            .chunks(self.row_len().max(1))
            .map(move |row| match bits {
                1 => Cow::Owned(row.chunks(8).map(|c| pack(c, 1)).collect()),
                2 => Cow::Owned(row.chunks(4).map(|c| pack(c, 2)).collect()),
                4 => Cow::Owned(row.chunks(2).map(|c| pack(c, 4)).collect()),
                _ => Cow::Borrowed(row),
            })
    }

    /// Whether the picture is drawn rather than photographed: more than half of its samples equal
    /// the one above.
    pub(super) fn is_flat(&self) -> bool {
        let below = self.samples.get(self.row_len()..).unwrap_or_default();
        let same = self.samples.iter().zip(below).filter(|(a, b)| a == b);
        same.count() > below.len() / 2
    }
}

/// Colours before they were drawn on white, each with how much it covers.
fn with_opacity(drawn: impl Iterator<Item = [u8; 3]>, opacity: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    out.reserve_exact(opacity.len().saturating_mul(4));
    for (drawn, covers) in drawn.zip(opacity) {
        out.extend(drawn.map(|sample| below_white(sample, *covers)));
        out.push(*covers);
    }
    out
}

/// The sample that becomes `drawn` on white where it covers so much of it; what covers nothing is white.
fn below_white(drawn: u8, covers: u8) -> u8 {
    let ink = u16::from(u8::MAX.wrapping_sub(drawn)).saturating_mul(255);
    let half = u16::from(covers / 2);
    let ink = ink.saturating_add(half).checked_div(u16::from(covers));
    u8::MAX.saturating_sub(ink.map_or(0, |ink| u8::try_from(ink).unwrap_or(u8::MAX)))
}

/// Samples of `bits` each into one byte, the first one highest; missing ones are 0 (PNG 7.2).
fn pack(samples: &[u8], bits: u32) -> u8 {
    let mut free = 8u32;
    samples.iter().fold(0, |byte, sample| {
        free = free.saturating_sub(bits);
        byte | sample.wrapping_shl(free)
    })
}

/// The least depth whose evenly spaced levels hold every grey that occurs.
fn of_grey(samples: Cow<'_, [u8]>) -> (Form, Cow<'_, [u8]>) {
    let mut seen = [false; 256];
    for sample in samples.iter() {
        if let Some(slot) = seen.get_mut(usize::from(*sample)) {
            *slot = true;
        }
    }
    let levels = || (0..=255u8).zip(seen).filter(|(_, s)| *s).map(|(v, _)| v);
    for (bits, spacing) in [(1, 255u8), (2, 85), (4, 17)] {
        if levels().all(|v| v.is_multiple_of(spacing)) {
            let level = |v: &u8| v.checked_div(spacing).unwrap_or(0);
            let packed = samples.iter().map(level).collect();
            return (Form::Grey { bits }, Cow::Owned(packed));
        }
    }
    if levels().count() <= 16 {
        let colours: Vec<[u8; 3]> = levels().map(|v| [v; 3]).collect();
        let mut index = [0u8; 256];
        for (i, level) in (0u8..).zip(levels()) {
            if let Some(slot) = index.get_mut(usize::from(level)) {
                *slot = i;
            }
        }
        let indices = samples
            .iter()
            .map(|v| index.get(usize::from(*v)).copied().unwrap_or(0))
            .collect();
        let bits = index_bits(colours.len());
        return (Form::Palette { bits, colours }, Cow::Owned(indices));
    }
    (Form::Grey { bits: 8 }, samples)
}

fn of_rgb(pixels: &[u8]) -> (Form, Cow<'_, [u8]>) {
    let (triples, _) = pixels.as_chunks::<3>();
    if triples.iter().all(|[r, g, b]| r == g && g == b) {
        let grey = triples.iter().map(|[r, _, _]| *r).collect();
        return of_grey(Cow::Owned(grey));
    }
    let Some(table) = Colours::of(triples) else {
        return (Form::Rgb, Cow::Borrowed(pixels));
    };
    let colours = table.sorted();
    let ranks = table.ranks(&colours);
    let indices = triples
        .iter()
        .map(|rgb| ranks.get(table.slot(*rgb)).copied().unwrap_or(0))
        .collect();
    let bits = index_bits(colours.len());
    (Form::Palette { bits, colours }, Cow::Owned(indices))
}

const fn index_bits(colours: usize) -> u8 {
    match colours {
        0..=2 => 1,
        3..=4 => 2,
        5..=16 => 4,
        _ => 8,
    }
}

/// The set of at most 256 colours, in a table of open addressing: a quarter full at most, so that
/// looking up stays short.
struct Colours {
    slots: Vec<Option<[u8; 3]>>,
}

const SLOTS: usize = 1024;

impl Colours {
    /// `None` when there are more than 256.
    fn of(pixels: &[[u8; 3]]) -> Option<Self> {
        let mut table = Self {
            slots: vec![None; SLOTS],
        };
        let mut count = 0usize;
        let mut last = None;
        for rgb in pixels {
            // most pixels equal their neighbour
            if last == Some(*rgb) {
                continue;
            }
            last = Some(*rgb);
            let at = table.slot(*rgb);
            let slot = table.slots.get_mut(at)?;
            if slot.is_none() {
                *slot = Some(*rgb);
                count = count.saturating_add(1);
                if count > 256 {
                    return None;
                }
            }
        }
        Some(table)
    }

    /// Where `rgb` is, or would be put.
    fn slot(&self, rgb: [u8; 3]) -> usize {
        let [r, g, b] = rgb;
        let key = u32::from_le_bytes([r, g, b, 0]).wrapping_mul(0x9E37_79B1) >> 22;
        let start = usize::try_from(key).unwrap_or(0);
        (start..SLOTS)
            .chain(0..start)
            .find(|at| {
                self.slots
                    .get(*at)
                    .is_none_or(|slot| slot.is_none_or(|found| found == rgb))
            })
            .unwrap_or(0)
    }

    fn sorted(&self) -> Vec<[u8; 3]> {
        let mut colours: Vec<_> = self.slots.iter().flatten().copied().collect();
        colours.sort_unstable();
        colours
    }

    /// The rank of each slot's colour.
    fn ranks(&self, sorted: &[[u8; 3]]) -> Vec<u8> {
        let rank = |slot: &Option<[u8; 3]>| {
            let found = slot.and_then(|rgb| sorted.binary_search(&rgb).ok());
            found.and_then(|r| u8::try_from(r).ok()).unwrap_or(0)
        };
        self.slots.iter().map(rank).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grey_takes_the_least_depth() {
        let bits = |samples: &[u8]| match of_grey(Cow::Borrowed(samples)).0 {
            Form::Grey { bits } => (0, bits),
            Form::Palette { bits, .. } => (3, bits),
            Form::Rgb => (2, 8),
            Form::Rgba => (6, 8),
        };
        assert_eq!(bits(&[0, 255, 0]), (0, 1));
        assert_eq!(bits(&[0, 85, 255]), (0, 2));
        assert_eq!(bits(&[17, 34, 255]), (0, 4));
        assert_eq!(bits(&[1, 2]), (3, 1));
        assert_eq!(bits(&[1, 2, 3, 4, 5]), (3, 4));
        assert_eq!(bits(&(0..=16).collect::<Vec<u8>>()), (0, 8));
    }

    #[test]
    fn colours_become_a_sorted_palette_up_to_256_of_them() {
        let pixels: Vec<u8> = (0..=255u8).rev().flat_map(|v| [v, 7, 255 - v]).collect();
        let (form, samples) = of_rgb(&pixels);
        let Form::Palette { bits: 8, colours } = form else {
            panic!("no palette");
        };
        assert!(colours.is_sorted() && colours.len() == 256);
        for (index, rgb) in samples.iter().zip(pixels.as_chunks::<3>().0) {
            assert_eq!(colours[usize::from(*index)], *rgb);
        }
        let more = [&pixels[..], &[9, 9, 8]].concat();
        assert!(matches!(of_rgb(&more).0, Form::Rgb));
    }

    #[test]
    fn what_is_drawn_on_white_again_is_what_it_was() {
        for covers in 0..=u8::MAX {
            for drawn in !covers..=u8::MAX {
                let sample = below_white(drawn, covers);
                let ink = f32::from(!sample) * f32::from(covers) / 255.0;
                let again = 255.0 - ink;
                assert!((again - f32::from(drawn)).abs() <= 0.5, "{drawn} {covers}");
            }
        }
        assert_eq!((below_white(255, 0), below_white(7, 255)), (255, 7));
    }

    #[test]
    fn packing_starts_at_the_highest_bit_and_pads_with_zeros() {
        assert_eq!(pack(&[1, 0, 1], 1), 0b1010_0000);
        assert_eq!(pack(&[3, 1], 2), 0b1101_0000);
        assert_eq!(pack(&[15, 1], 4), 0xF1);
    }
}

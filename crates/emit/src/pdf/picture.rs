//! How a page is stored: the smallest form that keeps what can be seen.

use super::bilevel;
use super::census::Census;
use super::deflate;
use super::ink::{self, Area};
use super::palette::{Keep, Palette};
use super::split;
use crate::jpeg;
use mugai_core::{Page, PixelFormat, Purpose, Refusal};

/// Quality of pictures that are looked at rather than read.
const QUALITY: u8 = 85;

/// Shares of pixels are compared as `count * PARTS > total * share`.
const PARTS: u64 = 100;
/// A colour page is busy when this many percent of its pixels differ from their left one.
const BUSY_SHARE: u64 = 12;
/// A grey page is busy when this many percent of its pixels differ from their left one.
const BUSY_GREY_SHARE: u64 = 40;
/// A page of many colours that is not busy becomes a JPEG when that is this many times smaller.
const JPEG_GAIN: usize = 2;

/// A page that becomes this many times smaller in the code of facsimile is not tried in another.
const FAX_GAIN: usize = 8;

/// A page in its stored form.
pub(super) struct Picture {
    /// Encoded pixels.
    pub(super) data: Vec<u8>,
    /// What they are encoded in.
    pub(super) coding: Coding,
    /// What their samples mean.
    pub(super) colours: Colours,
    /// Bits a sample: 1, 2, 4 or 8.
    pub(super) bits: u8,
}

/// A filter of ISO 32000-1 section 7.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// `FlateDecode` without a predictor.
    Flate,
    /// `CCITTFaxDecode`, group 4.
    Fax,
    /// `DCTDecode`.
    Jpeg,
}

/// A colour space of ISO 32000-1 section 8.6.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Colours {
    /// `DeviceGray`.
    Grey,
    /// `DeviceRGB`.
    Rgb,
    /// `Indexed` over `DeviceGray`: one byte an entry.
    GreyPalette(Vec<u8>),
    /// `Indexed` over `DeviceRGB`: three bytes an entry.
    RgbPalette(Vec<u8>),
    /// `ImageMask`: 0 is painted in the colour of the moment.
    Stencil,
}

impl Picture {
    /// Chooses a form for `page` and encodes it; `total` is how many pixels it has, with the blank paper that
    /// was cut off around it.
    pub(super) fn encode(page: &Page, total: u64) -> Result<Self, Refusal> {
        match page.purpose() {
            Purpose::Sheet | Purpose::Picture => Self::of_colours(page, total),
            Purpose::Mask => of_mask(page),
            Purpose::Stencil => {
                let indices = levels(page, |level| u8::from(level >= 0x80));
                of_bits(&indices, page.width_px(), &Colours::Stencil)
            }
        }
    }

    /// Chooses a form for a sheet and encodes it: one picture, or several, each with its place on the sheet and none
    /// over another. `total` as of [`Self::encode`].
    pub(super) fn sheet(page: &Page, total: u64) -> Result<Vec<(Area, Self)>, Refusal> {
        let (is_busy, palette) = colours(page, total);
        // grey photographs have no more than 256 levels, either
        let is_rich = palette
            .as_ref()
            .is_none_or(|palette| is_busy && palette.bits() == 8);
        if !page.photographic()
            && is_rich
            && let Some(parts) = Self::parts(page)?
        {
            return Ok(parts);
        }
        let all = Area::of((0, 0), (page.width_px(), page.height_px()));
        let picture = Self::coded(page, palette.as_ref(), is_busy)?;
        Ok(vec![(all, picture)])
    }

    /// The pictures of a sheet that has some among its letters, and the rest, which has few colours.
    fn parts(page: &Page) -> Result<Option<Vec<(Area, Self)>>, Refusal> {
        let places = split::pictures(page);
        if places.is_empty() {
            return Ok(None);
        }
        let mut rest = page.clone();
        for place in &places {
            rest = rest.without(place.left, place.top, place.width(), place.height());
        }
        let cut = |page: &Page, place: &Area| {
            let part = page.cut(place.left, place.top, place.width(), place.height());
            part.ok_or(Refusal::internal("pdf: a place beside the page"))
        };
        // what is below comes first
        let mut parts = Vec::new();
        if let Some(place) = ink::area(&rest) {
            let rest = cut(&rest, &place)?;
            let Some(palette) = Palette::of(&Census::take(&rest), Keep::Flat) else {
                return Ok(None);
            };
            parts.push((place, of_palette(&rest, &palette)?));
        }
        for place in places {
            parts.push((place, of_jpeg(&cut(page, &place)?)?));
        }
        Ok(Some(parts))
    }

    fn of_colours(page: &Page, total: u64) -> Result<Self, Refusal> {
        let (is_busy, palette) = colours(page, total);
        Self::coded(page, palette.as_ref(), is_busy)
    }

    /// In the colours of `palette` or in all that there are.
    fn coded(page: &Page, palette: Option<&Palette>, is_busy: bool) -> Result<Self, Refusal> {
        match palette {
            Some(palette) if palette.bits() == 1 => of_palette(page, palette),
            _ if page.photographic() => of_jpeg(page),
            Some(palette) if is_busy => Ok(smaller(of_palette(page, palette)?, of_jpeg(page)?)),
            Some(palette) => of_palette(page, palette),
            None if is_busy => of_jpeg(page),
            None => {
                let (lossless, lossy) = (of_samples(page)?, of_jpeg(page)?);
                let gain = lossy.data.len().saturating_mul(JPEG_GAIN);
                Ok(if gain < lossless.data.len() {
                    lossy
                } else {
                    lossless
                })
            }
        }
    }
}

/// Whether a page is busy, and the few colours that are enough for it, if they are.
fn colours(page: &Page, total: u64) -> (bool, Option<Palette>) {
    let census = Census::take(page);
    let share = match page.format() {
        PixelFormat::Grey8 => BUSY_GREY_SHARE,
        PixelFormat::Rgb8 => BUSY_SHARE,
    };
    let is_busy = over(census.changes, census.total.max(total), share);
    // soft letters are what a page was drawn from; a picture stays as it was
    let is_sheet = page.purpose() == Purpose::Sheet;
    let keep = if is_busy || page.photographic() || !is_sheet {
        Keep::All
    } else {
        Keep::Flat
    };
    (is_busy, Palette::of(&census, keep))
}

/// The grey levels of a page, each made another number.
fn levels(page: &Page, of: impl Fn(u8) -> u8) -> Vec<u8> {
    let pixels = page.pixels();
    match page.format() {
        PixelFormat::Grey8 => pixels.iter().map(|level| of(*level)).collect(),
        PixelFormat::Rgb8 => {
            let pixels = pixels.as_chunks::<3>().0.iter();
            pixels.map(|[_, green, _]| of(*green)).collect()
        }
    }
}

fn of_mask(page: &Page) -> Result<Picture, Refusal> {
    let levels = levels(page, |level| level);
    if levels.iter().all(|level| matches!(*level, 0 | u8::MAX)) {
        let indices: Vec<u8> = levels.iter().map(|level| level & 1).collect();
        return of_bits(&indices, page.width_px(), &Colours::Grey);
    }
    Ok(Picture {
        data: deflate::compress(&levels)?,
        coding: Coding::Flate,
        colours: Colours::Grey,
        bits: 8,
    })
}

/// The smaller form of rows of 0 and 1.
fn of_bits(indices: &[u8], width: u32, colours: &Colours) -> Result<Picture, Refusal> {
    let picture = |data, coding| Picture {
        data,
        coding,
        colours: colours.clone(),
        bits: 1,
    };
    let fax = bilevel::encode(indices, width)?;
    let packed = pack(indices.to_vec(), width, 1);
    let flate = deflate::compress(&packed)?;
    Ok(smaller(
        picture(fax, Coding::Fax),
        picture(flate, Coding::Flate),
    ))
}

fn of_jpeg(page: &Page) -> Result<Picture, Refusal> {
    Ok(Picture {
        data: jpeg::encode(page, QUALITY)?,
        coding: Coding::Jpeg,
        colours: device(page),
        bits: 8,
    })
}

fn of_samples(page: &Page) -> Result<Picture, Refusal> {
    Ok(Picture {
        data: deflate::compress(page.pixels())?,
        coding: Coding::Flate,
        colours: device(page),
        bits: 8,
    })
}

fn of_palette(page: &Page, palette: &Palette) -> Result<Picture, Refusal> {
    let bits = palette.bits();
    let colours = if palette.is_bilevel() {
        Colours::Grey
    } else if palette.is_grey() {
        Colours::GreyPalette(palette.entries.iter().map(|[grey, ..]| *grey).collect())
    } else {
        Colours::RgbPalette(palette.entries.as_flattened().to_vec())
    };
    let indices = indices(page, palette);
    let fax = match bits {
        1 => bilevel::encode(&indices, page.width_px())?,
        _ => Vec::new(),
    };
    let picture = |data, coding| Picture {
        data,
        coding,
        colours: colours.clone(),
        bits,
    };
    let packed = pack(indices, page.width_px(), bits);
    let flate = |packed: &[u8]| Ok(picture(deflate::compress(packed)?, Coding::Flate));
    if bits > 1 {
        return flate(&packed);
    }
    // dithered pictures are long in a code that is made for letters
    if fax.len().saturating_mul(FAX_GAIN) <= packed.len() {
        return Ok(picture(fax, Coding::Fax));
    }
    Ok(smaller(picture(fax, Coding::Fax), flate(&packed)?))
}

/// The one with less data, the first of two alike.
fn smaller(one: Picture, other: Picture) -> Picture {
    if one.data.len() <= other.data.len() {
        one
    } else {
        other
    }
}

fn device(page: &Page) -> Colours {
    match page.format() {
        PixelFormat::Grey8 => Colours::Grey,
        PixelFormat::Rgb8 => Colours::Rgb,
    }
}

/// One index a pixel.
fn indices(page: &Page, palette: &Palette) -> Vec<u8> {
    match page.format() {
        PixelFormat::Grey8 => {
            let table: Vec<u8> = (0u8..=u8::MAX)
                .map(|level| palette.index_of([level; 3]))
                .collect();
            let of = |level: &u8| table.get(usize::from(*level)).copied().unwrap_or_default();
            page.pixels().iter().map(of).collect()
        }
        PixelFormat::Rgb8 => {
            let mut left = None;
            let mut index = 0;
            let of = |pixel: &[u8; 3]| {
                if left != Some(*pixel) {
                    left = Some(*pixel);
                    index = palette.index_of(*pixel);
                }
                index
            };
            page.pixels().as_chunks::<3>().0.iter().map(of).collect()
        }
    }
}

/// Rows of `width` indices as samples of `bits` each, every row padded with 0 to whole bytes.
fn pack(indices: Vec<u8>, width: u32, bits: u8) -> Vec<u8> {
    let columns = usize::try_from(width).unwrap_or(usize::MAX).max(1);
    match bits {
        1 => packed(&indices, columns, |samples: &[u8; 8]| {
            // each index is moved to its place by one bit of the factor, the first one to the top
            let all = u64::from_le_bytes(*samples).wrapping_mul(0x8040_2010_0804_0201);
            let [top, ..] = all.to_be_bytes();
            top
        }),
        2 => packed(&indices, columns, |[a, b, c, d]: &[u8; 4]| {
            a << 6 | b << 4 | c << 2 | d
        }),
        4 => packed(&indices, columns, |[a, b]: &[u8; 2]| a << 4 | b),
        _ => indices,
    }
}

/// Rows of samples, so many of them in a byte.
fn packed<const MANY: usize>(
    indices: &[u8],
    columns: usize,
    byte: impl Fn(&[u8; MANY]) -> u8,
) -> Vec<u8> {
    let rows = indices.len().div_ceil(columns);
    let mut all = Vec::with_capacity(rows.saturating_mul(columns.div_ceil(MANY)));
    for row in indices.chunks(columns) {
        let (whole, rest) = row.as_chunks::<MANY>();
        all.extend(whole.iter().map(&byte));
        if !rest.is_empty() {
            let mut last = [0; MANY];
            for (to, sample) in last.iter_mut().zip(rest) {
                *to = *sample;
            }
            all.push(byte(&last));
        }
    }
    all
}

/// Whether `count` of `total` is more than `share` percent.
fn over(count: u64, total: u64, share: u64) -> bool {
    count.saturating_mul(PARTS) > total.saturating_mul(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_packed_from_the_left() {
        assert_eq!(pack(vec![1, 0, 1, 0, 0, 0, 0, 1], 8, 1), [0b1010_0001]);
        assert_eq!(pack(vec![0, 1, 1, 0], 2, 1), [0b0100_0000, 0b1000_0000]);
        assert_eq!(pack(vec![3, 0, 1, 2, 2], 5, 2), [0b1100_0110, 0b1000_0000]);
        assert_eq!(pack(vec![15, 1, 7], 3, 4), [0xF1, 0x70]);
        assert_eq!(pack(vec![200, 1], 1, 8), [200, 1]);
    }
}

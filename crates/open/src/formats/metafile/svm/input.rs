//! What actions are made of: numbers, places, texts, polygons.

use super::units;
use crate::formats::metafile::state::Place;
use crate::formats::raster::cursor::Cursor;
use encoding_rs::{SHIFT_JIS, UTF_16LE, WINDOWS_1252};
use mugai_core::Refusal;
use tiny_skia::Color;

pub(super) const SHORT: Refusal = Refusal::malformed("svm: a record is too short");

/// A polygon: its corners, and which of them are handles of curves.
#[derive(Debug, Default)]
pub(super) struct Polygon {
    pub(super) places: Vec<Place>,
    pub(super) handles: Vec<bool>,
}

/// What is left of an action. Reading past the end gives `None`.
#[derive(Clone, Copy)]
pub(super) struct Input<'a> {
    cursor: Cursor<'a>,
}

impl<'a> Input<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self {
            cursor: Cursor::little(bytes, 0),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.cursor.rest().len()
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.cursor.rest()
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.cursor.u8()
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.cursor.u16()
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.cursor.u32()
    }

    /// A piece that says its version and its length, and what is in it.
    pub(super) fn versioned(&mut self) -> Option<(u16, Self)> {
        let version = self.cursor.u16()?;
        let length = self.cursor.size()?;
        Some((version, Self::new(self.cursor.take(length)?)))
    }

    pub(super) fn side(&mut self) -> Option<f32> {
        self.cursor.u32().map(units)
    }

    pub(super) fn place(&mut self) -> Option<Place> {
        Some((self.side()?, self.side()?))
    }

    /// Two corners of a rectangle.
    pub(super) fn rectangle(&mut self) -> Option<(Place, Place)> {
        Some((self.place()?, self.place()?))
    }

    pub(super) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        self.cursor.take(count)
    }

    /// The middle colour of a gradient.
    pub(super) fn middle(&mut self) -> Option<Color> {
        let (_, mut own) = self.versioned()?;
        let _style = own.u16()?;
        let (from, to) = (own.samples()?, own.samples()?);
        let [red, green, blue] = [(from.0, to.0), (from.1, to.1), (from.2, to.2)]
            .map(|(from, to)| u16::midpoint(from, to).to_be_bytes())
            .map(|[high, _]| high);
        Some(Color::from_rgba8(red, green, blue, 255))
    }

    /// Red, green and blue, of two bytes each; those of colours with names are not told.
    fn samples(&mut self) -> Option<(u16, u16, u16)> {
        let told = self.u16()? & 0x8000 != 0;
        if told {
            Some((self.u16()?, self.u16()?, self.u16()?))
        } else {
            Some((0x8000, 0x8000, 0x8000))
        }
    }

    /// The text of an action beside which the same may stand in letters of two bytes: it has such itself if `wide`.
    pub(super) fn first_text(&mut self, wide: bool) -> Option<String> {
        if !wide {
            return self.old_text();
        }
        let length = self.cursor.size()?.checked_mul(2)?;
        let text = UTF_16LE.decode_without_bom_handling(self.bytes(length)?).0;
        Some(text.into_owned())
    }

    /// A text of old programs, in bytes, of which nothing says the encoding.
    pub(super) fn old_text(&mut self) -> Option<String> {
        let length = self.u16()?;
        let bytes = self.bytes(usize::from(length))?;
        let japanese = SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes);
        let text = japanese.unwrap_or_else(|| WINDOWS_1252.decode_without_bom_handling(bytes).0);
        Some(text.into_owned())
    }

    pub(super) fn text(&mut self) -> Option<String> {
        let length = usize::from(self.u16()?).checked_mul(2)?;
        let text = UTF_16LE.decode_without_bom_handling(self.bytes(length)?).0;
        Some(text.into_owned())
    }

    /// Corners alone.
    pub(super) fn polygon(&mut self) -> Option<Polygon> {
        let count = self.u16()?;
        let mut polygon = Polygon::default();
        for _ in 0..count {
            polygon.places.push(self.place()?);
        }
        Some(polygon)
    }

    /// Corners, and which of them are handles.
    pub(super) fn curved(&mut self) -> Option<Polygon> {
        let (_, mut own) = self.versioned()?;
        own.with_handles()
    }

    fn with_handles(&mut self) -> Option<Polygon> {
        let mut polygon = self.polygon()?;
        if self.u8()? != 0 {
            let flags = self.bytes(polygon.places.len())?;
            polygon.handles = flags.iter().map(|flag| *flag == 2).collect();
        }
        Some(polygon)
    }

    /// Several polygons, each with its handles.
    pub(super) fn all_curved(&mut self) -> Option<Vec<Polygon>> {
        let (_, mut own) = self.versioned()?;
        let count = own.u16()?;
        let mut all = Vec::new();
        for _ in 0..count {
            all.push(own.with_handles()?);
        }
        Some(all)
    }

    /// Several polygons, each as corners alone.
    pub(super) fn polygons(&mut self) -> Option<Vec<Polygon>> {
        let count = self.u16()?;
        let mut all = Vec::new();
        for _ in 0..count {
            all.push(self.polygon()?);
        }
        Some(all)
    }

    /// Polygons with curves in the place of some of those that were told before.
    pub(super) fn complex(&mut self, all: &mut [Polygon]) -> Option<()> {
        let count = self.u16()?;
        for _ in 0..count {
            let place = usize::from(self.u16()?);
            let polygon = self.curved()?;
            if let Some(known) = all.get_mut(place) {
                *known = polygon;
            }
        }
        Some(())
    }

    /// The box around an area, which is told as bands; `None` for everything, or one that has no bands.
    pub(super) fn area(&mut self) -> Option<(Place, Place)> {
        let (_, mut own) = self.versioned()?;
        let (_version, kind) = (own.u16()?, own.u16()?);
        if kind < 2 {
            return None;
        }
        let (mut from, mut to) = ((f32::MAX, f32::MAX), (f32::MIN, f32::MIN));
        loop {
            match own.u16() {
                Some(1) => {
                    let (top, bottom) = own.place()?;
                    (from.1, to.1) = (from.1.min(top), to.1.max(bottom));
                }
                Some(2) => {
                    let (left, right) = own.place()?;
                    (from.0, to.0) = (from.0.min(left), to.0.max(right));
                }
                _ => break,
            }
        }
        (from.0 <= to.0 && from.1 <= to.1).then_some((from, to))
    }
}

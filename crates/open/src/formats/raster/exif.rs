//! The little of EXIF that a picture needs to be shown rightly (CIPA DC-008, a TIFF inside).

use super::cursor::Cursor;
use super::{Density, Orientation};

/// What was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::formats) struct Exif {
    pub(in crate::formats) orientation: Orientation,
    pub(in crate::formats) density: Option<Density>,
    /// Whether a second directory follows, which holds a preview picture.
    pub(in crate::formats) preview: bool,
}

/// The most entries of a directory that are looked at.
const MAX_ENTRIES: u16 = 512;

const ORIENTATION: u16 = 0x0112;
const X_RESOLUTION: u16 = 0x011A;
const Y_RESOLUTION: u16 = 0x011B;
const RESOLUTION_UNIT: u16 = 0x0128;

impl Exif {
    /// Reads the first directory of `bytes`, with or without `Exif\0\0` before it. Whatever is
    /// broken is as good as missing.
    pub(in crate::formats) fn read(bytes: &[u8]) -> Self {
        Self::find(bytes).unwrap_or_default()
    }

    /// The same, or nothing where no directory begins. One that is cut short says what it says up to there.
    pub(in crate::formats) fn find(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.strip_prefix(b"Exif\0\0").unwrap_or(bytes);
        let mut cursor = match bytes {
            [b'I', b'I', 42, 0, ..] => Cursor::little(bytes, 4),
            [b'M', b'M', 0, 42, ..] => Cursor::big(bytes, 4),
            _ => return None,
        };
        let first = cursor.size()?;
        cursor = cursor.to(first);
        let count = cursor.u16()?;
        let mut found = Self::default();
        let (mut x, mut y, mut unit) = (None, None, None);
        let mut whole = count <= MAX_ENTRIES;
        for _ in 0..count.min(MAX_ENTRIES) {
            let Some((tag, kind, mut value)) = entry(&mut cursor) else {
                whole = false;
                break;
            };
            match (tag, kind) {
                (ORIENTATION, 3) => {
                    found.orientation = value.u16().map(Orientation::of_tag).unwrap_or_default();
                }
                (RESOLUTION_UNIT, 3) => unit = value.u16(),
                (X_RESOLUTION, 5) => x = fraction(value),
                (Y_RESOLUTION, 5) => y = fraction(value),
                _ => {}
            }
        }
        found.density = x.zip(y).and_then(|(x, y)| Density::of_tags(x, y, unit));
        found.preview = whole && cursor.u32().is_some_and(|next| next != 0);
        Some(found)
    }
}

/// The tag and the type of an entry, and the place of its value; the last one may have half of its value only,
/// which is enough for a short number.
fn entry<'a>(cursor: &mut Cursor<'a>) -> Option<(u16, u16, Cursor<'a>)> {
    let (tag, kind) = (cursor.u16()?, cursor.u16()?);
    let _count = cursor.u32()?;
    let value = *cursor;
    *cursor = cursor.to(cursor.position().saturating_add(4));
    Some((tag, kind, value))
}

/// The fraction that the offset at `value` points to.
fn fraction(mut value: Cursor<'_>) -> Option<(u32, u32)> {
    let offset = value.size()?;
    let mut at = value.to(offset);
    Some((at.u32()?, at.u32()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory of one orientation, one resolution a side, and a next directory.
    fn sample(little: bool) -> Vec<u8> {
        let w16 = |n: u16| {
            if little {
                n.to_le_bytes()
            } else {
                n.to_be_bytes()
            }
        };
        let w32 = |n: u32| {
            if little {
                n.to_le_bytes()
            } else {
                n.to_be_bytes()
            }
        };
        let mut out = if little {
            b"II".to_vec()
        } else {
            b"MM".to_vec()
        };
        out.extend(w16(42));
        out.extend(w32(8));
        out.extend(w16(3));
        let entry =
            |tag, kind, value: [u8; 4]| [&w16(tag)[..], &w16(kind), &w32(1), &value].concat();
        let [a, b] = w16(6);
        out.extend(entry(ORIENTATION, 3, [a, b, 0, 0]));
        out.extend(entry(X_RESOLUTION, 5, w32(50)));
        out.extend(entry(Y_RESOLUTION, 5, w32(50)));
        out.extend(w32(99));
        out.extend(w32(300));
        out.extend(w32(1));
        out
    }

    #[test]
    fn both_byte_orders_are_read() {
        for little in [true, false] {
            let found = Exif::read(&[b"Exif\0\0", &sample(little)[..]].concat());
            assert_eq!(found.orientation, Orientation::of_tag(6));
            assert_eq!(found.density, Some(Density::per_inch(300, 300)));
            assert!(found.preview);
        }
    }

    #[test]
    fn ones_that_are_cut_short_say_what_is_left() {
        for little in [true, false] {
            let sample = sample(little);
            // the first entry stands at 10, its value at 18
            for end in 20..sample.len() {
                let found = Exif::read(&sample[..end]);
                assert_eq!(found.orientation, Orientation::of_tag(6), "{end}");
            }
            assert_eq!(Exif::read(&sample[..19]), Exif::default());
        }
        assert_eq!(Exif::find(b"Exif\0\0and so on"), None);
    }

    #[test]
    fn broken_ones_say_nothing_and_do_no_harm() {
        let sample = sample(true);
        for end in 0..sample.len() {
            Exif::read(&sample[..end]);
            let mut changed = sample.clone();
            changed[end] = 0xFF;
            Exif::read(&changed);
        }
        assert_eq!(Exif::read(b"Exif\0\0junk"), Exif::default());
    }
}

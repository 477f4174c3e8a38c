//! The pictures that a document names.

use super::{Filter, Head};
use mugai_core::Refusal;
use mugai_core::markup::vocabulary::Element;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The pictures of a document, each once, in the order in which they were first named.
#[derive(Default)]
pub(in crate::formats) struct Pictures {
    paths: Vec<String>,
    places: BTreeMap<String, u32>,
    /// The resolutions that were asked for, in dots an inch: a picture is read for it once, however many tiles are laid.
    resolutions: BTreeMap<u32, Option<u64>>,
}

impl Pictures {
    /// The place of the picture at `path`.
    pub(in crate::formats) fn place(&mut self, path: &str) -> u32 {
        if let Some(place) = self.places.get(path) {
            return *place;
        }
        let place = u32::try_from(self.paths.len()).unwrap_or(u32::MAX);
        self.paths.push(path.to_owned());
        self.places.insert(path.to_owned(), place);
        place
    }

    /// The path of the picture at a place.
    pub(in crate::formats) fn path(&self, place: u32) -> Option<&str> {
        let place = usize::try_from(place).ok()?;
        self.paths.get(place).map(String::as_str)
    }

    /// Their paths, in the order of their places.
    pub(in crate::formats) fn paths(&self) -> &[String] {
        &self.paths
    }

    /// The same, kept.
    pub(in crate::formats) fn into_paths(self) -> Vec<String> {
        self.paths
    }
}

impl Filter<'_, '_, '_> {
    /// Tiles are as large as their picture says, which ours does not: their scale tells it.
    pub(super) fn tile(&mut self, element: Element, mut head: Head<'_>) -> Result<(), Refusal> {
        let dpi = match self.last_picture {
            Some(place) => self.resolution(place)?,
            None => None,
        };
        if let Some(dpi) = dpi {
            for (attribute, _, value) in &mut head.values {
                if matches!(attribute.local(), "sx" | "sy")
                    && let Some(scaled) = value.parse().ok().and_then(|scale| rescaled(scale, dpi))
                {
                    *value = Cow::Owned(scaled);
                }
            }
        }
        self.keep(element, head)
    }

    /// The resolution that the picture at a place says.
    fn resolution(&mut self, place: u32) -> Result<Option<u64>, Refusal> {
        if let Some(known) = self.pictures.resolutions.get(&place) {
            return Ok(*known);
        }
        let picture = match self.pictures.path(place) {
            Some(path) => self.package.content(path, self.cx)?,
            None => None,
        };
        let found = picture.and_then(|picture| dpi(&picture));
        self.pictures.resolutions.insert(place, found);
        Ok(found)
    }
}

/// What a picture without a resolution is taken to have, in dots an inch.
const USUAL_DPI: u64 = 96;

/// A scale of tiles, in thousandths of a percent, for a picture that says its resolution no longer: programs lay tiles
/// out by it. `None` where that changes nothing, or no picture has it.
fn rescaled(scale: i64, dpi: u64) -> Option<String> {
    let dpi = Some(dpi).filter(|dpi| (36..=2_400).contains(dpi) && *dpi != USUAL_DPI)?;
    let usual = i64::try_from(USUAL_DPI).ok()?;
    let scaled = scale
        .checked_mul(usual)?
        .checked_div(i64::try_from(dpi).ok()?)?;
    Some(scaled.to_string())
}

/// Dots an inch across, as the head of a PNG (its chunk `pHYs`) or of a JPEG (its segment JFIF) says.
fn dpi(picture: &[u8]) -> Option<u64> {
    const HEAD: usize = 4_096;
    if picture.starts_with(b"\x89PNG") {
        let head = picture.get(..HEAD.min(picture.len()))?;
        let at = memchr::memmem::find(head, b"pHYs")?;
        let metre = u32::from_be_bytes(*head.get(at.checked_add(4)?..)?.first_chunk()?);
        let unit = head.get(at.checked_add(12)?)?;
        // to the nearest: 72 dots are told as 2835 a metre
        return (*unit == 1)
            .then(|| u64::from(metre).saturating_mul(254).saturating_add(5_000) / 10_000);
    }
    let jfif = picture.starts_with(&[0xff, 0xd8, 0xff]) && picture.get(6..10) == Some(b"JFIF");
    let across = u16::from_be_bytes(*picture.get(14..)?.first_chunk()?);
    match picture.get(13).filter(|_| jfif)? {
        1 => Some(u64::from(across)),
        2 => Some(u64::from(across).saturating_mul(254) / 100),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_keep_the_size_that_their_picture_said() {
        let mut png = b"\x89PNG....\0\0\0\x09pHYs".to_vec();
        png.extend([0, 0, 0x2e, 0x23, 0, 0, 0x2e, 0x23, 1]);
        assert_eq!(dpi(&png), Some(300));
        assert_eq!(rescaled(100_000, 300), Some("32000".to_owned()));
        let mut jpeg = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\x01\0\x48\0\x48".to_vec();
        assert_eq!(dpi(&jpeg), Some(72));
        assert_eq!(rescaled(60_000, 72), Some("80000".to_owned()));
        assert_eq!(rescaled(60_000, 96), None);
        assert_eq!(rescaled(60_000, 5), None);
        jpeg[13] = 0;
        assert_eq!(dpi(&jpeg), None);
        assert_eq!(dpi(b""), None);
    }
}

//! TIFF 6.0 and `BigTIFF`: every page of it, faxes included.
//!
//! Directories are read here, so that loops, previews and pages are judged by one reader; pixels
//! are decoded by the `tiff` crate, which is shown one directory at a time, and those of faxes by
//! [`fax`].

mod colour;
mod directory;
mod fax;
mod pixels;
mod planes;
#[cfg(test)]
mod tests;

use super::raster::{self, Facts, MAX_PROFILE_BYTES, Orientation};
use crate::reader::{Format, Sniff, Spec};
use directory::{Directory, tag};
use mugai_core::{Cx, FindingCode, Kind, Refusal, Resource, Treatment};

/// The reader of TIFF.
pub struct Tiff;

impl Format for Tiff {
    fn spec(&self) -> &'static Spec {
        &Spec {
            kind: Kind::Tiff,
            reference: "TIFF Revision 6.0, Adobe 1992; TIFF Technical Notes; BigTIFF",
            treatments: &[Treatment::Flatten],
        }
    }

    fn sniff(&self, head: &[u8]) -> Sniff {
        match head {
            [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Sniff::Yes,
            _ => Sniff::No,
        }
    }

    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        let directories = directory::chain(input, cx)?;
        let pages = pages(&directories, cx);
        if pages.is_empty() {
            return Err(Refusal::malformed("tiff: no picture inside"));
        }
        cx.charge_len(Resource::Bytes, input.len())?;
        let mut shown = input.to_vec();
        for page in &pages {
            note(page, cx);
            match page.number(tag::COMPRESSION) {
                Some(2..=4) => fax::page(page, cx)?,
                _ => pixels::page(page, &mut shown, cx)?,
            }
        }
        if let Ok(count @ 2..) = u32::try_from(pages.len()) {
            cx.note_times(FindingCode::ImageFrames, count);
        }
        Ok(())
    }
}

/// The directories that are pages: masks and reduced copies are none, unless there is nothing else
/// (TIFF 6.0 section 8, `NewSubfileType`).
fn pages<'a, 'b>(directories: &'b [Directory<'a>], cx: &mut Cx<'_>) -> Vec<&'b Directory<'a>> {
    let kind = |d: &&Directory<'_>| d.number(tag::NEW_SUBFILE_TYPE).unwrap_or(0);
    let whole: Vec<_> = directories.iter().filter(|d| kind(d) & 5 == 0).collect();
    let pages = if whole.is_empty() {
        directories.iter().take(1).collect()
    } else {
        whole
    };
    let left_out = directories.len().saturating_sub(pages.len());
    let left_out = u32::try_from(left_out).unwrap_or(u32::MAX);
    cx.note_times(FindingCode::ImageThumbnail, left_out);
    pages
}

fn note(page: &Directory<'_>, cx: &mut Cx<'_>) {
    if tag::METADATA.iter().any(|tag| page.has(*tag)) {
        cx.note(FindingCode::ImageMetadata);
    }
    if page.has(tag::SUB_IFDS) {
        cx.note(FindingCode::ImageThumbnail);
    }
}

/// Both sides in pixels.
fn sides(page: &Directory<'_>) -> Result<(u32, u32), Refusal> {
    let side = |tag| page.number(tag).and_then(|n| u32::try_from(n).ok());
    side(tag::WIDTH)
        .zip(side(tag::HEIGHT))
        .ok_or(Refusal::malformed("tiff: sides of a page"))
}

/// What the tags say beside the samples.
fn facts(page: &Directory<'_>) -> Facts {
    let orientation = page
        .number(tag::ORIENTATION)
        .and_then(|n| u16::try_from(n).ok());
    let unit = page
        .number(tag::RESOLUTION_UNIT)
        .and_then(|n| u16::try_from(n).ok());
    let resolution = page
        .fraction(tag::X_RESOLUTION)
        .zip(page.fraction(tag::Y_RESOLUTION));
    Facts {
        orientation: orientation.map(Orientation::of_tag).unwrap_or_default(),
        icc: page
            .bytes(tag::ICC_PROFILE)
            .filter(|icc| icc.len() <= MAX_PROFILE_BYTES)
            .map(<[u8]>::to_vec),
        density: resolution.and_then(|(x, y)| raster::Density::of_tags(x, y, unit)),
        photographic: matches!(page.number(tag::COMPRESSION), Some(6 | 7)),
        premultiplied: page.number(tag::EXTRA_SAMPLES) == Some(1),
        ..Facts::default()
    }
}

//! Uncompressed TIFF files of any number of pages (TIFF 6.0 part 1).

use crate::make::MakeError;
use crate::make::picture::Picture;
use serde::Deserialize;

/// A TIFF file, little endian, one strip a page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tiff {
    page: Vec<Picture>,
    /// A text for the `ImageDescription` tag of every page.
    description: Option<String>,
}

const SHORT: u16 = 3;
const LONG: u16 = 4;
const ASCII: u16 = 2;

impl Tiff {
    pub(super) fn bytes(&self) -> Result<Vec<u8>, MakeError> {
        let mut out = b"II\x2a\0".to_vec();
        // every directory stands behind its pixels, so the place that names it is filled in later
        let mut link = out.len();
        out.extend_from_slice(&[0; 4]);
        for page in &self.page {
            let pixels = page.pixels()?.into_raw();
            let strip = (
                place(&out)?,
                u32::try_from(pixels.len()).map_err(MakeError::new)?,
            );
            out.extend_from_slice(&pixels);
            let text = self.description.clone().unwrap_or_default() + "\0\0\0\0";
            let description = (
                place(&out)?,
                u32::try_from(text.len()).map_err(MakeError::new)?,
            );
            out.extend_from_slice(text.as_bytes());
            let bits = place(&out)?;
            out.extend_from_slice(&[8, 0, 8, 0, 8, 0]);
            if out.len() % 2 == 1 {
                out.push(0);
            }
            patch(&mut out, link)?;
            let mut entries = vec![
                (256, LONG, 1, page.width),
                (257, LONG, 1, page.height),
                (258, SHORT, 3, bits),
                (259, SHORT, 1, 1),
                (262, SHORT, 1, 2),
            ];
            if self.description.is_some() {
                entries.push((270, ASCII, description.1, description.0));
            }
            entries.extend([
                (273, LONG, 1, strip.0),
                (277, SHORT, 1, 3),
                (278, LONG, 1, page.height),
                (279, LONG, 1, strip.1),
            ]);
            directory(&entries, &mut out)?;
            link = out.len();
            out.extend_from_slice(&[0; 4]);
        }
        Ok(out)
    }
}

/// Where the next byte will stand.
fn place(out: &[u8]) -> Result<u32, MakeError> {
    u32::try_from(out.len()).map_err(MakeError::new)
}

/// Lets the four bytes at `link` name the end of what is written.
fn patch(out: &mut [u8], link: usize) -> Result<(), MakeError> {
    let end = place(out)?.to_le_bytes();
    for (slot, byte) in out.iter_mut().skip(link).zip(end) {
        *slot = byte;
    }
    Ok(())
}

/// A directory without the link to the next one (TIFF 6.0 section 2).
fn directory(entries: &[(u16, u16, u32, u32)], out: &mut Vec<u8>) -> Result<(), MakeError> {
    let count = u16::try_from(entries.len()).map_err(MakeError::new)?;
    out.extend_from_slice(&count.to_le_bytes());
    for (tag, kind, count, value) in entries {
        out.extend_from_slice(&tag.to_le_bytes());
        out.extend_from_slice(&kind.to_le_bytes());
        out.extend_from_slice(&count.to_le_bytes());
        out.extend_from_slice(&value.to_le_bytes());
    }
    Ok(())
}

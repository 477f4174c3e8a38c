//! JPEG files, with whatever segments a test wants to see go.

use crate::make::picture::{Pattern, Picture};
use crate::make::{Chunk, Kitchen, MakeError};
use serde::Deserialize;

/// A JPEG file with further segments behind its start.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Jpeg {
    width: u32,
    height: u32,
    #[serde(default)]
    pattern: Pattern,
    #[serde(default)]
    segment: Vec<Segment>,
    /// The orientation that an EXIF segment tells, 1 to 8.
    orientation: Option<u8>,
}

/// One segment: the second byte of its marker (225 for APP1, 254 for a comment) and its data.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Segment {
    marker: u8,
    data: Vec<Chunk>,
}

impl Jpeg {
    pub(super) fn bytes(&self, kitchen: &Kitchen) -> Result<Vec<u8>, MakeError> {
        let picture = Picture {
            width: self.width,
            height: self.height,
            pattern: self.pattern,
        };
        let encoded = picture.encoded(image::ImageFormat::Jpeg)?;
        let (start, rest) = encoded
            .split_at_checked(2)
            .ok_or_else(|| MakeError::new("jpeg: nothing was encoded"))?;
        let mut out = start.to_vec();
        if let Some(orientation) = self.orientation {
            segment(225, &exif(orientation), &mut out)?;
        }
        for extra in &self.segment {
            segment(extra.marker, &kitchen.all(&extra.data)?, &mut out)?;
        }
        out.extend_from_slice(rest);
        Ok(out)
    }
}

/// A marker segment (ITU T.81 section B.1.1.4): its length counts itself.
fn segment(marker: u8, data: &[u8], out: &mut Vec<u8>) -> Result<(), MakeError> {
    let length = u16::try_from(data.len().saturating_add(2)).map_err(MakeError::new)?;
    out.extend_from_slice(&[0xff, marker]);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(data);
    Ok(())
}

/// The shortest EXIF block that turns a picture: one big-endian directory of one entry (tag 0x0112).
fn exif(orientation: u8) -> Vec<u8> {
    let mut out = b"Exif\0\0MM\0\x2a\0\0\0\x08".to_vec();
    out.extend_from_slice(&[0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
    out.extend_from_slice(&[0; 4]);
    out
}

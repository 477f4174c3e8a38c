//! PNG files, with whatever chunks a test wants to see go.

use crate::make::picture::{Pattern, Picture};
use crate::make::{Chunk, Kitchen, MakeError};
use serde::Deserialize;

/// The signature (PNG third edition, section 5.2), and the bytes from there to the end of IHDR.
const SIGNATURE: usize = 8;
const IHDR: usize = 25;

/// A PNG file with further chunks behind its header.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Png {
    width: u32,
    height: u32,
    #[serde(default)]
    pattern: Pattern,
    #[serde(default)]
    extra: Vec<Extra>,
}

/// One chunk; its length and checksum are worked out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Extra {
    kind: String,
    data: Vec<Chunk>,
}

impl Png {
    pub(super) fn bytes(&self, kitchen: &Kitchen) -> Result<Vec<u8>, MakeError> {
        let picture = Picture {
            width: self.width,
            height: self.height,
            pattern: self.pattern,
        };
        let mut bytes = picture.encoded(image::ImageFormat::Png)?;
        let mut place = SIGNATURE.saturating_add(IHDR);
        for extra in &self.extra {
            let chunk = extra.bytes(kitchen)?;
            let length = chunk.len();
            bytes.splice(place..place, chunk);
            place = place.saturating_add(length);
        }
        Ok(bytes)
    }
}

impl Extra {
    fn bytes(&self, kitchen: &Kitchen) -> Result<Vec<u8>, MakeError> {
        let data = kitchen.all(&self.data)?;
        let length = u32::try_from(data.len()).map_err(MakeError::new)?;
        let mut out = length.to_be_bytes().to_vec();
        out.extend_from_slice(self.kind.as_bytes());
        out.extend_from_slice(&data);
        let mut checksum = crc32fast::Hasher::new();
        checksum.update(self.kind.as_bytes());
        checksum.update(&data);
        out.extend_from_slice(&checksum.finalize().to_be_bytes());
        Ok(out)
    }
}

//! ZIP files of entries that are written out, stored as they are (APPNOTE 6.3.10).

use super::{Chunk, Kitchen, MakeError};
use serde::Deserialize;

/// The entries in order. Nothing keeps a recipe from two of one name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Zip {
    file: Vec<File>,
    /// What the directory says of every size instead of the truth.
    says: Option<u32>,
    /// What stands behind the end record.
    #[serde(default)]
    behind: Vec<Chunk>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    /// The name in the directory, where it is another one.
    central: Option<String>,
    chunk: Vec<Chunk>,
}

impl Zip {
    pub(super) fn bytes(&self, kitchen: &Kitchen) -> Result<Vec<u8>, MakeError> {
        let number =
            |length: usize| u32::try_from(length).map_err(|_| MakeError::new("zip: too large"));
        let short =
            |length: usize| u16::try_from(length).map_err(|_| MakeError::new("zip: name too long"));
        let (mut out, mut directory) = (Vec::new(), Vec::new());
        for file in &self.file {
            let content = kitchen.all(&file.chunk)?;
            let offset = number(out.len())?;
            let head = |name: &str, size: u32| -> Result<Vec<u8>, MakeError> {
                let mut head = Vec::new();
                for field in [20u16, 0, 0, 0, 0x21] {
                    head.extend(field.to_le_bytes());
                }
                for field in [crc32fast::hash(&content), size, size] {
                    head.extend(field.to_le_bytes());
                }
                head.extend(short(name.len())?.to_le_bytes());
                head.extend([0, 0]);
                Ok(head)
            };
            out.extend(b"PK\x03\x04");
            out.extend(head(&file.name, number(content.len())?)?);
            out.extend(file.name.as_bytes());
            out.extend(&content);
            let name = file.central.as_ref().unwrap_or(&file.name);
            directory.extend(b"PK\x01\x02\x14\0");
            directory.extend(head(name, self.says.unwrap_or(number(content.len())?))?);
            directory.extend([0; 10]);
            directory.extend(offset.to_le_bytes());
            directory.extend(name.as_bytes());
        }
        let (start, size) = (number(out.len())?, number(directory.len())?);
        out.extend(directory);
        out.extend(b"PK\x05\x06\0\0\0\0");
        for _ in 0..2 {
            out.extend(short(self.file.len())?.to_le_bytes());
        }
        out.extend(size.to_le_bytes());
        out.extend(start.to_le_bytes());
        out.extend([0, 0]);
        out.extend(kitchen.all(&self.behind)?);
        Ok(out)
    }
}

//! ZIP files of entries that are written out, stored as they are (APPNOTE 6.3.10).

use super::{Chunk, Kitchen, MakeError, encode};
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
    /// The name in the code page of this name, instead of UTF-8 without a flag.
    charset: Option<String>,
    /// General purpose flags.
    #[serde(default)]
    flags: u16,
    /// Rights and type of Unix, in the directory.
    unix: Option<u32>,
    /// Whether the entry takes no room of its own, but begins where the one before it does.
    #[serde(default)]
    overlaps: bool,
    chunk: Vec<Chunk>,
}

impl File {
    fn raw(&self, name: &str) -> Result<Vec<u8>, MakeError> {
        match &self.charset {
            Some(charset) => encode::charset(charset, name),
            None => Ok(name.as_bytes().to_vec()),
        }
    }
}

impl Zip {
    pub(super) fn bytes(&self, kitchen: &Kitchen) -> Result<Vec<u8>, MakeError> {
        let number =
            |length: usize| u32::try_from(length).map_err(|_| MakeError::new("zip: too large"));
        let short =
            |length: usize| u16::try_from(length).map_err(|_| MakeError::new("zip: name too long"));
        let (mut out, mut directory) = (Vec::new(), Vec::new());
        let mut offset = 0;
        for file in &self.file {
            let content = kitchen.all(&file.chunk)?;
            if !file.overlaps {
                offset = number(out.len())?;
            }
            let head = |name: &[u8], size: u32| -> Result<Vec<u8>, MakeError> {
                let mut head = Vec::new();
                for field in [20u16, file.flags, 0, 0, 0x21] {
                    head.extend(field.to_le_bytes());
                }
                for field in [crc32fast::hash(&content), size, size] {
                    head.extend(field.to_le_bytes());
                }
                head.extend(short(name.len())?.to_le_bytes());
                head.extend([0, 0]);
                Ok(head)
            };
            let name = file.raw(&file.name)?;
            if !file.overlaps {
                out.extend(b"PK\x03\x04");
                out.extend(head(&name, number(content.len())?)?);
                out.extend(&name);
                out.extend(&content);
            }
            let name = file.raw(file.central.as_ref().unwrap_or(&file.name))?;
            let made_by = if file.unix.is_some() { 3 } else { 0 };
            directory.extend(b"PK\x01\x02\x14");
            directory.push(made_by);
            directory.extend(head(&name, self.says.unwrap_or(number(content.len())?))?);
            directory.extend([0; 6]);
            directory.extend((file.unix.unwrap_or(0) << 16).to_le_bytes());
            directory.extend(offset.to_le_bytes());
            directory.extend(name);
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

//! ZIP files, stored or packed, with the fields that readers may believe or not (APPNOTE 6.3.10).

use super::{Forged, noise, some, word_of};
use arbitrary::{Result, Unstructured};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use std::io::Write;

/// A file in the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name, in UTF-8.
    pub name: String,
    /// What it holds.
    pub content: Vec<u8>,
}

/// An archive, and its files in their order.
///
/// # Errors
/// When `source` ends early.
pub fn archive(source: &mut Unstructured<'_>) -> Result<Forged<Vec<Entry>>> {
    let mut entries = some(source, 6, |source| {
        Ok(Entry {
            name: word_of(source)?,
            content: noise(source, 200)?,
        })
    })?;
    // two of one name are another matter
    for (number, entry) in entries.iter_mut().enumerate() {
        entry.name = format!("{number}{}.txt", entry.name);
    }
    let bytes = packed(&entries, source)?;
    Forged::of(bytes, entries, source)
}

/// The archive of `entries`.
pub(super) fn packed(entries: &[Entry], source: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let offset = size(out.len());
        let is_packed = source.arbitrary::<bool>()?;
        let data = if is_packed {
            deflated(&entry.content)
        } else {
            entry.content.clone()
        };
        // the sizes may come behind the data, where only they tell where it ends
        let is_streamed = is_packed && source.ratio(1u8, 4u8)?;
        let flags = 0x0800 | if is_streamed { 8 } else { 0u16 };
        let numbers = [
            crc32fast::hash(&entry.content),
            size(data.len()),
            size(entry.content.len()),
        ];
        let mut fields = Vec::new();
        for field in [20, flags, if is_packed { 8 } else { 0 }, 0, 0x21] {
            fields.extend_from_slice(&field.to_le_bytes());
        }
        let name = entry.name.as_bytes();
        let extra: &[u8] = if source.ratio(1u8, 4u8)? {
            b"\x99\x99\x02\x00ab"
        } else {
            b""
        };
        let lengths = [short(name.len()), short(extra.len())];
        out.extend_from_slice(b"PK\x03\x04");
        out.extend_from_slice(&fields);
        for number in numbers {
            out.extend_from_slice(&(if is_streamed { 0 } else { number }).to_le_bytes());
        }
        for length in lengths {
            out.extend_from_slice(&length.to_le_bytes());
        }
        for bytes in [name, extra, &data] {
            out.extend_from_slice(bytes);
        }
        if is_streamed {
            out.extend_from_slice(b"PK\x07\x08");
            out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        }
        directory.extend_from_slice(b"PK\x01\x02\x14\x03");
        directory.extend_from_slice(&fields);
        directory.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        for length in lengths.into_iter().chain([0; 5]) {
            directory.extend_from_slice(&length.to_le_bytes());
        }
        directory.extend_from_slice(&offset.to_le_bytes());
        for bytes in [name, extra] {
            directory.extend_from_slice(bytes);
        }
    }
    let count = short(entries.len());
    let start = size(out.len());
    out.extend_from_slice(&directory);
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    for count in [count, count] {
        out.extend_from_slice(&count.to_le_bytes());
    }
    for number in [size(directory.len()), start] {
        out.extend_from_slice(&number.to_le_bytes());
    }
    out.extend_from_slice(&[0, 0]);
    Ok(out)
}

fn deflated(content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    // writing into memory does not fail
    drop(encoder.write_all(content));
    encoder.finish().unwrap_or_default()
}

fn size(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn short(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}

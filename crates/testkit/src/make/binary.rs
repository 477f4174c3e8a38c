//! Numbers, records and bytes at places: what binary documents are made of. Low bytes come first.

use super::{Chunk, Kitchen, MakeError};
use serde::Deserialize;

/// Bytes that stand at places; what is between them is zero.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Places {
    size: usize,
    put: Vec<Place>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    at: usize,
    chunk: Vec<Chunk>,
}

impl Places {
    pub(super) fn bytes(&self, kitchen: &Kitchen) -> Result<Vec<u8>, MakeError> {
        let mut out = vec![0; self.size.min(super::MAX_BYTES)];
        for place in &self.put {
            let bytes = kitchen.all(&place.chunk)?;
            out.get_mut(place.at..place.at.saturating_add(bytes.len()))
                .ok_or_else(|| MakeError::new("places: beyond the size"))?
                .copy_from_slice(&bytes);
        }
        Ok(out)
    }
}

/// A record: its head, its length, its content.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    form: Form,
    id: u32,
    /// Version and instance of a record of a presentation, as they stand there.
    #[serde(default)]
    instance: u16,
    #[serde(default)]
    chunk: Vec<Chunk>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Form {
    /// [MS-XLS] 2.1.4: kind and length of two bytes each.
    Xls,
    /// [MS-PPT] 2.3.1: version and instance, kind, length of four bytes.
    Ppt,
    /// [MS-XLSB] 2.1.4: kind of one or two bytes, length in groups of seven bits.
    Xlsb,
}

impl Record {
    pub(super) fn bytes(&self, kitchen: &Kitchen) -> Result<Vec<u8>, MakeError> {
        let content = kitchen.all(&self.chunk)?;
        let wrong = || MakeError::new("record: a number too large");
        let id = u16::try_from(self.id).map_err(|_| wrong())?;
        let mut out = Vec::new();
        match self.form {
            Form::Xls => {
                out.extend(id.to_le_bytes());
                let length = u16::try_from(content.len()).map_err(|_| wrong())?;
                out.extend(length.to_le_bytes());
            }
            Form::Ppt => {
                out.extend(self.instance.to_le_bytes());
                out.extend(id.to_le_bytes());
                let length = u32::try_from(content.len()).map_err(|_| wrong())?;
                out.extend(length.to_le_bytes());
            }
            Form::Xlsb => {
                let [low, high] = id.to_le_bytes();
                out.push(low);
                if low & 0x80 != 0 {
                    out.push(high);
                }
                let mut rest = content.len();
                loop {
                    let seven = u8::try_from(rest & 0x7f).unwrap_or(0);
                    rest >>= 7;
                    out.push(if rest > 0 { seven | 0x80 } else { seven });
                    if rest == 0 {
                        break;
                    }
                }
            }
        }
        out.extend(content);
        Ok(out)
    }
}

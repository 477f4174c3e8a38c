//! PDF files written object by object; only offsets and lengths are worked out.

use crate::make::{Chunk, Kitchen, MakeError};
use serde::Deserialize;
use std::io::Write as _;

/// A PDF whose objects are numbered from 1; the first one is the catalog.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Objects {
    object: Vec<Object>,
    /// Further entries of the trailer dictionary.
    #[serde(default)]
    trailer: String,
}

/// One object.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Object {
    /// Anything, as it stands in the file.
    Plain(String),
    /// A stream: the entries of its dictionary without `/Length`, and its bytes.
    Stream { dict: String, stream: Vec<Chunk> },
}

impl Objects {
    pub(super) fn bytes(&self, kitchen: &Kitchen) -> Result<Vec<u8>, MakeError> {
        let mut out = b"%PDF-1.7\n%\xe3\x81\x82\xe3\n".to_vec();
        let mut offsets = Vec::new();
        for (number, object) in (1u32..).zip(&self.object) {
            offsets.push(out.len());
            writeln!(out, "{number} 0 obj").map_err(MakeError::new)?;
            match object {
                Object::Plain(text) => out.extend_from_slice(text.trim_end().as_bytes()),
                Object::Stream { dict, stream } => {
                    let data = kitchen.all(stream)?;
                    writeln!(out, "<< {} /Length {} >>\nstream", dict, data.len())
                        .map_err(MakeError::new)?;
                    out.extend_from_slice(&data);
                    out.extend_from_slice(b"\nendstream");
                }
            }
            out.extend_from_slice(b"\nendobj\n");
        }
        let table = out.len();
        let size = offsets.len().saturating_add(1);
        writeln!(out, "xref\n0 {size}\n0000000000 65535 f ").map_err(MakeError::new)?;
        for offset in offsets {
            writeln!(out, "{offset:010} 00000 n ").map_err(MakeError::new)?;
        }
        let trailer = &self.trailer;
        writeln!(
            out,
            "trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{table}\n%%EOF"
        )
        .map_err(MakeError::new)?;
        Ok(out)
    }
}

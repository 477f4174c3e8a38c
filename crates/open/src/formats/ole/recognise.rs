//! Which document a compound file is, by the streams below its root; names and classes only confirm.

use super::{Ole, Shape, ambiguous};
use mugai_core::{Cx, Kind, Refusal};

/// Streams that only one kind of document has.
const STREAMS: &[(&str, Kind)] = &[
    ("WordDocument", Kind::Doc),
    ("Workbook", Kind::Xls),
    ("Book", Kind::Xls),
    ("PowerPoint Document", Kind::Ppt),
    ("__properties_version1.0", Kind::Msg),
    ("DocumentText", Kind::Jtd),
    ("JSCompDocument", Kind::Jtd),
];

/// The kind of a compound file; [`Kind::Ole2`] for one that we know nothing of, broken ones included:
/// their reader tells what is broken.
///
/// # Errors
/// [`Refusal::Ambiguous`] for the main streams of two kinds, [`Refusal::Overrun`].
pub(crate) fn recognise(input: &[u8], cx: &Cx<'_>) -> Result<Kind, Refusal> {
    let ole = match Ole::read(input, cx) {
        Ok(ole) => ole,
        Err(refusal @ Refusal::Overrun { .. }) => return Err(refusal),
        Err(_) => return Ok(Kind::Ole2),
    };
    let mut found = None;
    for (name, kind) in STREAMS {
        let there = ole
            .entries()
            .iter()
            .any(|e| e.parent == Some(0) && e.shape == Shape::Stream && e.is_named(name));
        match found {
            _ if !there => {}
            None => found = Some(*kind),
            Some(known) if known == *kind => {}
            Some(_) => return Err(ambiguous("ole: main streams of two kinds of documents")),
        }
    }
    Ok(found.unwrap_or(Kind::Ole2))
}

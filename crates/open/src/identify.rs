//! What a file is, by its content; names and declared types only break ties between text formats.

use crate::formats;
use crate::reader::Sniff;
use mugai_core::{Cx, Kind, Refusal};

/// Recognises the kind of `input`.
///
/// # Errors
/// [`Refusal::Ambiguous`] when the bytes bear the marks of two formats.
pub fn identify(input: &[u8], _cx: &mut Cx<'_>) -> Result<Kind, Refusal> {
    let sure = formats::ALL
        .iter()
        .find(|format| format.sniff(input) == Sniff::Yes);
    Ok(sure.map_or(Kind::Unknown, |format| format.spec().kind))
}

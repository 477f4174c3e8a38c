//! The file name of a part, out of the many places where one may stand.

use crate::formats::mail::head::Head;
use crate::formats::mail::params::Decoded;
use crate::formats::mail::words;
use mugai_core::{Cx, FindingCode, Refusal, SafeName, Token};

/// The longest extension that is told to the detector.
const MAX_EXTENSION: usize = 10;

/// The name of a part: of `filename*`, `filename`, `name*` and `name` the first that could be
/// decoded whole, or else the first. Notes it when they disagree.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn of_part(head: &Head, cx: &mut Cx<'_>) -> Result<Option<SafeName>, Refusal> {
    let mut found: Vec<Decoded> = Vec::new();
    for (place, name) in [
        (&head.disposition, "filename"),
        (&head.content_type, "name"),
    ] {
        found.extend(place.extended_text(name, cx)?);
        found.extend(place.plain_texts(name, cx)?);
    }
    found.retain(|name| !name.text.trim().is_empty());
    let differ = found
        .windows(2)
        .any(|pair| matches!(pair, [a, b] if a.text.trim() != b.text.trim()));
    if differ {
        cx.note(FindingCode::MimeNameConflict);
    }
    let best = found
        .iter()
        .find(|name| name.whole)
        .or_else(|| found.first());
    Ok(best.and_then(|name| clean(&name.text, cx)))
}

/// The name that stood inside of a uuencoded block, from its raw bytes.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn inner(raw: &[u8], cx: &mut Cx<'_>) -> Result<Option<SafeName>, Refusal> {
    let text = words::text(raw, cx)?;
    Ok(clean(&text, cx))
}

pub(in crate::formats) fn clean(raw: &str, cx: &mut Cx<'_>) -> Option<SafeName> {
    let (name, changes) = SafeName::clean(raw);
    let scrubbed = changes.scrubbed;
    let hidden = scrubbed
        .bidi
        .saturating_add(scrubbed.zero_width)
        .saturating_add(scrubbed.tag);
    cx.note_times(FindingCode::NameBidi, hidden);
    cx.note_times(FindingCode::TextGaiji, scrubbed.private_use);
    if changes.unsafe_parts || scrubbed.control > 0 || raw.contains(['\r', '\n']) {
        cx.note(FindingCode::NameUnsafe);
    }
    if changes.truncated {
        cx.note(FindingCode::NameTruncated);
    }
    name
}

/// The extension of a name as a hint: ASCII letters and digits in lower case.
pub(in crate::formats) fn extension(name: &SafeName) -> Option<Token> {
    let extension = name.split_extension().1?;
    let plain = extension.len() <= MAX_EXTENSION
        && extension
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_');
    plain
        .then(|| Token::parse(&extension.to_ascii_lowercase()))
        .flatten()
}

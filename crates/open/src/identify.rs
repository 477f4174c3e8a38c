//! What a file is, by its content; names and declared types only break ties between text formats.
//!
//! Binary formats are told by their marks ([`magic`]), ZIP containers by what is in them ([`zip`]),
//! text formats by how they begin ([`text`]). Marks of two formats in one file are a refusal where
//! they claim the same place, and a finding where one is merely inside ([`polyglot`]).

mod declared;
mod magic;
mod polyglot;
mod protected;
#[cfg(test)]
mod tests;
mod text;
mod volume;
mod zip;

pub(crate) use volume::is_volume;

use crate::formats::ole;
use mugai_core::{Cx, Family, FindingCode, Kind, Refusal, Remark, Resource, Treatment};

/// How much of a file's beginning is looked at for marks and the forms of text.
const HEAD: usize = 8 * 1024;

/// Recognises the kind of `input`.
///
/// Notes [`FindingCode::FileEmpty`], [`FindingCode::FilePolyglot`] and [`FindingCode::MimeTypeLie`].
///
/// # Errors
/// [`Refusal::Ambiguous`] when the bytes bear the marks of two formats at once,
/// [`Refusal::Overrun`] when the purse does not hold a look at both ends of the file.
pub fn identify(input: &[u8], cx: &mut Cx<'_>) -> Result<Kind, Refusal> {
    if input.is_empty() {
        cx.note(FindingCode::FileEmpty);
        return Ok(Kind::Empty);
    }
    let looked_at = input.len().min(polyglot::TAIL.saturating_add(HEAD));
    cx.charge_len(Resource::Steps, looked_at.div_ceil(16).saturating_add(64))?;
    let kind = recognise(input, cx)?;
    if polyglot::is_polyglot(input, kind) {
        cx.note(FindingCode::FilePolyglot);
    }
    // an encrypted package may be called as what is in it
    let honest = kind == Kind::Ole2 && protected::is_package(input);
    if declared::is_lie(cx.hints(), kind) && !honest {
        cx.note(FindingCode::MimeTypeLie);
    }
    Ok(kind)
}

/// Refuses what shows at its beginning or in its directory that it is encrypted: nobody here could
/// look into it, and the one who gets the notice should be told so, whatever the policy says.
///
/// # Errors
/// [`Refusal::Encrypted`]
pub fn refuse_encrypted(input: &[u8], kind: Kind, cx: &Cx<'_>) -> Result<(), Refusal> {
    // what is in an archive is told of file by file where it is opened
    let opened = cx.assignment().treatments.of(kind.family()) != Treatment::Withhold;
    if kind.family() == Family::Archive && opened {
        return Ok(());
    }
    // readers of old documents try the passwords; what they do not open themselves, nobody does
    let treatment = cx.assignment().treatments.of(kind.family());
    let own = treatment == Treatment::Text || kind == Kind::Xls && treatment == Treatment::Rebuild;
    let own = own && matches!(kind, Kind::Xls | Kind::Doc | Kind::Ppt);
    if own {
        return Ok(());
    }
    // fixed places were paid for with the recognition, and directories pay by the entry
    match protected::how(input, kind, cx)? {
        Some(how) => Err(Refusal::Encrypted(Remark::fixed(how))),
        None => Ok(()),
    }
}

fn recognise(input: &[u8], cx: &Cx<'_>) -> Result<Kind, Refusal> {
    let head = input.get(..HEAD).unwrap_or(input);
    let hints = cx.hints();
    match magic::find(input)? {
        // a body that is said to be text begins as it likes
        Some(mark) if mark.textual && text::is_text_body(hints) => {
            let kind = text::recognise(head, hints);
            Ok(if kind == Kind::Unknown {
                mark.kind
            } else {
                kind
            })
        }
        Some(mark) if mark.kind == Kind::Zip => zip::recognise(input, cx),
        Some(mark) if mark.kind == Kind::Ole2 => ole::recognise(input, cx),
        Some(mark) => Ok(mark.kind),
        None if declared::is_cms(hints) && magic::is_der_sequence(head) => Ok(Kind::Cms),
        None if polyglot::is_late_pdf(input) && !text::is_text_body(hints) => Ok(Kind::Pdf),
        None => {
            let kind = text::recognise(head, hints);
            // a format without a mark: its name is all that tells of it
            let nameless = kind == Kind::Unknown && declared::is_docuworks(hints);
            Ok(if nameless { Kind::DocuWorks } else { kind })
        }
    }
}

//! Embedded files (ISO 32000-2, 7.11.4): taken out where the order says so, to be opened by themselves.

use super::measure::Chain;
use super::text::strings::text_string;
use super::walk::{MAX_DEPTH, inside};
use crate::formats::mail::names;
use hayro_syntax::Pdf as Document;
use hayro_syntax::object::{Dict, Object, ObjectIdentifier, Stream, String as PdfString};
use mugai_core::{
    Child, Cx, FindingCode, Hints, Piece, Refusal, Resource, Role, SafeName, Untrusted,
};
use std::collections::HashSet;

/// Where a file and its name stand, the best first (ISO 32000-2, tables 43 and 44).
const KEYS: [&[u8]; 5] = [b"UF", b"F", b"Unix", b"Mac", b"DOS"];

/// Puts each embedded file once, wherever in the document it is named.
pub(super) fn put(document: &Document, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    if !cx.params().embedded {
        return Ok(());
    }
    let mut seen = HashSet::new();
    for object in document.objects() {
        let mut queue = vec![(object, 0usize)];
        while let Some((object, depth)) = queue.pop() {
            if depth > MAX_DEPTH {
                continue;
            }
            let below = depth.saturating_add(1);
            let dict = match &object {
                Object::Dict(dict) => dict,
                Object::Stream(stream) => stream.dict(),
                Object::Array(array) => {
                    cx.charge_len(Resource::Steps, array.data().len().div_euclid(4))?;
                    queue.extend(array.raw_iter().filter_map(|item| inside(item, below)));
                    continue;
                }
                Object::Null(_)
                | Object::Boolean(_)
                | Object::Number(_)
                | Object::String(_)
                | Object::Name(_) => continue,
            };
            let steps = dict.data().len().div_euclid(4).saturating_add(8);
            cx.charge_len(Resource::Steps, steps)?;
            if let Some(files) = dict.get::<Dict<'_>>(b"EF") {
                file(dict, &files, &mut seen, cx)?;
            }
            queue.extend(dict.entries().filter_map(|(_, item)| inside(item, below)));
        }
    }
    Ok(())
}

/// Puts the file that `spec` names, unless it came before.
fn file(
    spec: &Dict<'_>,
    files: &Dict<'_>,
    seen: &mut HashSet<ObjectIdentifier>,
    cx: &mut Cx<'_>,
) -> Result<(), Refusal> {
    let stream = KEYS.iter().find_map(|key| files.get::<Stream<'_>>(*key));
    let Some(stream) = stream.filter(|stream| seen.insert(stream.obj_id())) else {
        return Ok(());
    };
    // codings of pictures make pixels and no files; what they would make was not measured
    if Chain::of(&stream)?.picture.is_some() {
        return Ok(());
    }
    let Ok(content) = stream.decoded() else {
        return Ok(());
    };
    cx.charge_len(Resource::Bytes, content.len())?;
    let name = KEYS.iter().find_map(|key| spec.get::<PdfString<'_>>(*key));
    let name = name.map(|name| text_string(name.as_bytes()));
    let name: Option<SafeName> = name.and_then(|name| {
        let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
        names::clean(last, cx)
    });
    let extension = name.as_ref().and_then(names::extension);
    cx.note(FindingCode::PdfEmbeddedTaken);
    cx.put(Piece::Child(Box::new(Child {
        name,
        role: Role::Attachment,
        hints: Hints {
            extension,
            ..Hints::default()
        },
        content: Untrusted::new(content.into_owned()),
    })))
}

//! Fields of forms that have a value and no appearance of it (ISO 32000-2, 12.7.4.3): viewers make one, and staff who
//! get a form that somebody filled in have to see what was filled in.
//!
//! Appearances are made as viewers make them and appended to the file, as a program that saves changes would
//! ([`update`]). Whatever reads the file from then on takes them for its own.
//!
//! # Limitations
//! Fields of locked files, and those that stand in the list of a page without a number of their own. Boxes to tick
//! have no appearance but their own.

mod look;
pub(super) mod update;

use super::text::strings::text_string;
use hayro_syntax::Pdf as Document;
use hayro_syntax::object::{
    Array, Dict, MaybeRef, Name, Object, ObjectIdentifier, Stream, String as Bytes,
};
use look::{Kind, Look};
use mugai_core::{Cx, Refusal, Resource};
use std::collections::BTreeSet;

/// The most fields that get an appearance.
const MAX_FIELDS: usize = 4_096;
/// The most characters of a value that are drawn: no field has room for more.
const MAX_CHARS: usize = 20_000;
/// The most options of a list that are looked at.
const MAX_OPTIONS: usize = 2_000;
/// How deep fields lie in fields.
const MAX_DEPTH: usize = 32;
/// Steps of looking at an annotation.
const STEPS: u64 = 256;

/// Flags of annotations (12.5.3): not shown at all, or on paper only.
const HIDDEN: u32 = 0b10_0010;
/// Flags of fields (12.7.5.3 and 12.7.5.4).
const MULTILINE: u32 = 1 << 12;
const PASSWORD: u32 = 1 << 13;
const COMB: u32 = 1 << 24;
const COMBO: u32 = 1 << 17;

/// The file with appearances for the fields that lack them; `None` where none does.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn drawn(document: &Document, cx: &Cx<'_>) -> Result<Option<update::Update>, Refusal> {
    let xref = document.xref();
    let form = xref
        .get::<Dict<'_>>(xref.root_id())
        .and_then(|catalog| catalog.get::<Dict<'_>>(b"AcroForm"));
    let Some(form) = form else {
        return Ok(None);
    };
    let all = form.get::<bool>(b"NeedAppearances").unwrap_or(false);
    let mut seen = BTreeSet::new();
    let mut update = update::Update::default();
    for page in document.pages().iter() {
        let Some(annotations) = page.raw().get::<Array<'_>>(b"Annots") else {
            continue;
        };
        for annotation in annotations.raw_iter() {
            cx.charge(Resource::Steps, STEPS)?;
            let MaybeRef::Ref(reference) = annotation else {
                continue;
            };
            let id = ObjectIdentifier::from(reference);
            let Some(widget) = xref.get::<Dict<'_>>(id) else {
                continue;
            };
            if update.len() >= MAX_FIELDS || !lacks(&widget, all) || !seen.insert(id) {
                continue;
            }
            let Some(look) = look_of(&widget, &form) else {
                continue;
            };
            let content = look.content();
            cx.charge_len(
                Resource::Bytes,
                content.len().saturating_add(widget.data().len()),
            )?;
            cx.charge_len(Resource::Steps, content.len())?;
            update.field(id, widget.data(), &look, &content);
        }
    }
    Ok((update.len() > 0).then_some(update))
}

/// Whether a field is shown and has no appearance, or one that is to be made again.
fn lacks(widget: &Dict<'_>, all: bool) -> bool {
    let is_widget = widget
        .get::<Name<'_>>(b"Subtype")
        .is_some_and(|kind| kind.as_ref() == b"Widget");
    let hidden = widget.get::<u32>(b"F").unwrap_or(0) & HIDDEN != 0;
    let appearance = widget.get::<Dict<'_>>(b"AP");
    let has = appearance.is_some_and(|all| all.get::<Stream<'_>>(b"N").is_some());
    is_widget && !hidden && (all || !has)
}

/// What a field says of itself, or one of those around it.
fn inherited<'a, T>(widget: &Dict<'a>, get: impl Fn(&Dict<'a>) -> Option<T>) -> Option<T> {
    let mut at = widget.clone();
    for _ in 0..MAX_DEPTH {
        if let Some(found) = get(&at) {
            return Some(found);
        }
        at = at.get::<Dict<'_>>(b"Parent")?;
    }
    None
}

/// How a field looks; `None` for one without a value, and for those that are not of text.
fn look_of(widget: &Dict<'_>, form: &Dict<'_>) -> Option<Look> {
    let kind = inherited(widget, |dict| dict.get::<Name<'_>>(b"FT"))?;
    let flags = inherited(widget, |dict| dict.get::<u32>(b"Ff")).unwrap_or(0);
    let values = values(widget);
    let (kind, lines) = match kind.as_ref() {
        b"Tx" => {
            let value = values.into_iter().next()?;
            let value = if flags & PASSWORD == 0 {
                value
            } else {
                "*".repeat(value.chars().count())
            };
            let cells = inherited(widget, |dict| dict.get::<u32>(b"MaxLen"));
            let cells = cells.filter(|cells| flags & COMB != 0 && *cells > 0);
            let kind = match cells {
                Some(cells) => Kind::Comb(cells),
                None if flags & MULTILINE != 0 => Kind::Multiline,
                None => Kind::Line,
            };
            (kind, vec![(value, false)])
        }
        b"Ch" => {
            let options = options(widget);
            let shown = |value: &String| {
                let found = options.iter().find(|(export, _)| export == value);
                found.map_or(value, |(_, shown)| shown).clone()
            };
            if flags & COMBO != 0 {
                (Kind::Line, vec![(shown(values.first()?), false)])
            } else {
                let first = inherited(widget, |dict| dict.get::<u32>(b"TI")).unwrap_or(0);
                let first = usize::try_from(first).unwrap_or(0);
                let all = options.iter().skip(first);
                let marked = |(export, shown): &(String, String)| {
                    (
                        shown.clone(),
                        values.contains(export) || values.contains(shown),
                    )
                };
                (Kind::List, all.map(marked).collect())
            }
        }
        _ => return None,
    };
    let is_empty = lines.iter().all(|(line, _)| line.trim().is_empty());
    if is_empty {
        return None;
    }
    Look::of(widget, form, kind, lines)
}

/// The value of a field, or several of a list.
fn values(widget: &Dict<'_>) -> Vec<String> {
    let value = inherited(widget, |dict| dict.get::<Object<'_>>(b"V"));
    match value {
        Some(Object::String(bytes)) => vec![text(&bytes)],
        Some(Object::Array(all)) => all
            .iter::<Bytes<'_>>()
            .take(MAX_OPTIONS)
            .map(|bytes| text(&bytes))
            .collect(),
        _ => Vec::new(),
    }
}

/// What can be chosen: what is exported, and what is shown.
fn options(widget: &Dict<'_>) -> Vec<(String, String)> {
    let options = inherited(widget, |dict| dict.get::<Array<'_>>(b"Opt"));
    let all = options
        .iter()
        .flat_map(Array::iter::<Object<'_>>)
        .take(MAX_OPTIONS);
    all.filter_map(|option| match option {
        Object::String(bytes) => Some((text(&bytes), text(&bytes))),
        Object::Array(pair) => {
            let mut pair = pair.iter::<Bytes<'_>>();
            Some((text(&pair.next()?), text(&pair.next()?)))
        }
        Object::Null(_)
        | Object::Boolean(_)
        | Object::Number(_)
        | Object::Name(_)
        | Object::Dict(_)
        | Object::Stream(_) => None,
    })
    .collect()
}

fn text(bytes: &Bytes<'_>) -> String {
    text_string(bytes.as_bytes())
        .chars()
        .take(MAX_CHARS)
        .collect()
}

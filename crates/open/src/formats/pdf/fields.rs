//! Fields of forms that have a value and no appearance of it (ISO 32000-2, 12.7.4.3): viewers make one, and staff who
//! get a form that somebody filled in have to see what was filled in.
//!
//! Appearances are made as viewers make them and appended to the file, as a program that saves changes would
//! ([`update`]). Whatever reads the file from then on takes them for its own.
//!
//! # Limitations
//! Fields of locked files, those that stand in the list of a page without a number of their own, values that are
//! streams, and fields whose font has signs instead of letters keep what they have. Boxes to tick have no appearance
//! but their own.

mod look;
pub(super) mod update;

use super::text::strings::text_string;
use hayro_syntax::Pdf as Document;
use hayro_syntax::object::{
    Array, Dict, MaybeRef, Name, Object, ObjectIdentifier, Stream, String as Bytes,
};
use look::{Kind, Look};
use mugai_core::{Cx, FindingCode, Refusal, Resource};
use std::collections::BTreeSet;

/// The most fields that are looked at for an appearance.
const MAX_FIELDS: usize = 4_096;
/// The most characters of a value that are drawn: no field has room for more.
const MAX_CHARS: usize = 20_000;
/// The most options of a list that are looked at.
const MAX_OPTIONS: usize = 2_000;
/// How deep fields lie in fields.
const MAX_DEPTH: usize = 32;
/// Steps of looking at an annotation, and at an option of a list.
const STEPS: u64 = 256;
const STEPS_PER_OPTION: u64 = 32;

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
pub(super) fn drawn(
    document: &Document,
    cx: &mut Cx<'_>,
) -> Result<Option<update::Update>, Refusal> {
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
    let (mut left_out, mut looked) = (0u32, 0usize);
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
            cx.charge_len(Resource::Steps, widget.data().len())?;
            if !lacks(&widget, all) || !seen.insert(id) {
                continue;
            }
            looked = looked.saturating_add(1);
            if looked > MAX_FIELDS || update::has_objects(widget.data()) {
                left_out = left_out.saturating_add(1);
                continue;
            }
            let around = Around::of(widget, cx)?;
            let Some(look) = around.look(&form, cx)? else {
                // what it has is kept, and that is nothing where it has no appearance
                let has_value = !around
                    .values(cx)?
                    .iter()
                    .all(|value| value.trim().is_empty());
                left_out = left_out.saturating_add(u32::from(has_value && around.is_of_text()));
                continue;
            };
            let (content, cut) = look.content();
            left_out = left_out.saturating_add(cut);
            let bytes = content.len().saturating_add(around.own().len());
            cx.charge_len(Resource::Bytes, bytes)?;
            cx.charge_len(Resource::Steps, content.len())?;
            update.field(id, around.own(), &look, &content);
        }
    }
    // what a field has no room for is not seen in a viewer either
    cx.note_times(FindingCode::PdfTextHidden, left_out);
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

/// A field and those around it, the innermost first: each says what those in it do not.
struct Around<'a>(Vec<Dict<'a>>);

impl<'a> Around<'a> {
    fn of(widget: Dict<'a>, cx: &Cx<'_>) -> Result<Self, Refusal> {
        let mut all = vec![widget];
        while let Some(parent) = all.last().and_then(|dict| dict.get::<Dict<'_>>(b"Parent"))
            && all.len() < MAX_DEPTH
        {
            cx.charge_len(Resource::Steps, parent.data().len())?;
            all.push(parent);
        }
        Ok(Self(all))
    }

    fn get<T>(&self, get: impl Fn(&Dict<'a>) -> Option<T>) -> Option<T> {
        self.0.iter().find_map(get)
    }

    /// The field itself, as it stands in the file.
    fn own(&self) -> &'a [u8] {
        self.0.first().map_or(&[], |widget| widget.data())
    }

    /// How a field looks; `None` for one without a value, and for those that are not of text.
    fn look(&self, form: &Dict<'_>, cx: &Cx<'_>) -> Result<Option<Look>, Refusal> {
        let Some(kind) = self.get(|dict| dict.get::<Name<'_>>(b"FT")) else {
            return Ok(None);
        };
        let flags = self.get(|dict| dict.get::<u32>(b"Ff")).unwrap_or(0);
        let values = self.values(cx)?;
        let (kind, lines) = match kind.as_ref() {
            b"Tx" => {
                let Some(value) = values.into_iter().next() else {
                    return Ok(None);
                };
                let value = if flags & PASSWORD == 0 {
                    value
                } else {
                    "*".repeat(value.chars().count())
                };
                (self.kind(flags), vec![(value, false)])
            }
            b"Ch" => {
                let options = self.options(cx)?;
                if flags & COMBO == 0 {
                    (
                        Kind::List,
                        self.listed(options, &values.into_iter().collect()),
                    )
                } else {
                    let Some(value) = values.into_iter().next() else {
                        return Ok(None);
                    };
                    let shown = options.into_iter().find(|(export, _)| *export == value);
                    let shown = shown.map_or(value, |(_, shown)| shown);
                    (Kind::Line, vec![(shown, false)])
                }
            }
            _ => return Ok(None),
        };
        if lines.iter().all(|(line, _)| line.trim().is_empty()) {
            return Ok(None);
        }
        Ok(Look::of(self, form, kind, lines))
    }

    /// Whether it is a field of text, or one of choices.
    fn is_of_text(&self) -> bool {
        let kind = self.get(|dict| dict.get::<Name<'_>>(b"FT"));
        kind.is_some_and(|kind| matches!(kind.as_ref(), b"Tx" | b"Ch"))
    }

    fn kind(&self, flags: u32) -> Kind {
        let cells = self.get(|dict| dict.get::<u32>(b"MaxLen"));
        match cells.filter(|cells| flags & COMB != 0 && *cells > 0) {
            Some(cells) => Kind::Comb(cells),
            None if flags & MULTILINE != 0 => Kind::Multiline,
            None => Kind::Line,
        }
    }

    /// The options of a list from the first that is to be seen, or from the first that is chosen.
    fn listed(
        &self,
        options: Vec<(String, String)>,
        values: &BTreeSet<String>,
    ) -> Vec<(String, bool)> {
        let is_chosen =
            |(export, shown): &(String, String)| values.contains(export) || values.contains(shown);
        let told = self.get(|dict| dict.get::<u32>(b"TI"));
        let first = match told.and_then(|first| usize::try_from(first).ok()) {
            Some(first) => first,
            None => options.iter().position(is_chosen).unwrap_or(0),
        };
        let all = options.into_iter().skip(first);
        all.map(|option| (is_chosen(&option), option.1))
            .map(|(chosen, shown)| (shown, chosen))
            .collect()
    }

    /// The value of a field, or several of a list.
    fn values(&self, cx: &Cx<'_>) -> Result<Vec<String>, Refusal> {
        match self.get(|dict| dict.get::<Object<'_>>(b"V")) {
            Some(Object::String(bytes)) => Ok(vec![text(&bytes, cx)?]),
            Some(Object::Array(all)) => {
                let all = all.iter::<Bytes<'_>>().take(MAX_OPTIONS);
                all.map(|bytes| text(&bytes, cx)).collect()
            }
            _ => Ok(Vec::new()),
        }
    }

    /// What can be chosen: what is exported, and what is shown.
    fn options(&self, cx: &Cx<'_>) -> Result<Vec<(String, String)>, Refusal> {
        let options = self.get(|dict| dict.get::<Array<'_>>(b"Opt"));
        let mut all = Vec::new();
        for option in options
            .iter()
            .flat_map(Array::iter::<Object<'_>>)
            .take(MAX_OPTIONS)
        {
            match option {
                Object::String(bytes) => {
                    let option = text(&bytes, cx)?;
                    all.push((option.clone(), option));
                }
                Object::Array(pair) => {
                    let mut pair = pair.iter::<Bytes<'_>>();
                    if let (Some(export), Some(shown)) = (pair.next(), pair.next()) {
                        all.push((text(&export, cx)?, text(&shown, cx)?));
                    }
                }
                Object::Null(_)
                | Object::Boolean(_)
                | Object::Number(_)
                | Object::Name(_)
                | Object::Dict(_)
                | Object::Stream(_) => {}
            }
        }
        Ok(all)
    }
}

/// A string, as far as anybody looks at it.
fn text(bytes: &Bytes<'_>, cx: &Cx<'_>) -> Result<String, Refusal> {
    let bytes = bytes.as_bytes();
    cx.charge(Resource::Steps, STEPS_PER_OPTION)?;
    // a string that has the marks of UTF-16 takes two bytes a character
    let most = MAX_CHARS.saturating_mul(2).saturating_add(2);
    let bytes = bytes.get(..most).unwrap_or(bytes);
    cx.charge_len(Resource::Steps, bytes.len().saturating_mul(2))?;
    Ok(text_string(bytes).chars().take(MAX_CHARS).collect())
}

//! A look at every object of the file: what the output will not have is counted for the report, and
//! pictures are checked against the purse.

use super::fonts::{AbsentFonts, Spelled, replaced};
use super::image;
use super::measure::{Chain, Meter, check_rows, is_indirect};
use hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, Stream};
use hayro_syntax::{Pdf as Document, PdfData};
use mugai_core::{Cx, Family, FindingCode, Line, Refusal, Resource, Treatment};
use std::collections::BTreeSet;

/// Steps that reading one object costs beside its length.
const STEPS_PER_OBJECT: u64 = 16;

/// The most fonts that are looked for among those of the document that became these pages, and the longest name of one.
const MAX_FONTS: usize = 1_000;
const MAX_FONT_NAME: usize = 128;

/// Levels of arrays and dictionaries inside one object that are looked into.
pub(super) const MAX_DEPTH: usize = 64;

/// Whether `/Type` is `name`.
pub(super) fn is_type(dict: &Dict<'_>, name: &[u8]) -> bool {
    dict.get::<Name<'_>>(b"Type")
        .is_some_and(|value| value.as_ref() == name)
}

/// What was seen on the way that those who draw want to know.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// How many addresses there are, of which some links may keep.
    pub(super) addresses: u32,
    /// The fonts that the document does not bring.
    pub(super) fonts: AbsentFonts,
    /// The names of all fonts, where they are asked for.
    drawn: BTreeSet<String>,
}

/// Walks over all objects of `document`, which was read from `data`; `spelled` are the names of fonts
/// that were overwritten.
pub(super) fn walk(
    document: &Document,
    data: &PdfData,
    spelled: Spelled,
    is_encrypted: bool,
    cx: &mut Cx<'_>,
) -> Result<Seen, Refusal> {
    let mut seen = Seen {
        addresses: 0,
        fonts: AbsentFonts::of(spelled),
        drawn: BTreeSet::new(),
    };
    let objects = u64::try_from(document.len()).unwrap_or(u64::MAX);
    cx.charge(Resource::Steps, objects.saturating_mul(STEPS_PER_OBJECT))?;
    for object in document.objects() {
        if let Object::Stream(stream) = &object {
            self::stream(stream, data.as_ref(), is_encrypted, cx)?;
        }
        values(object, &mut seen, cx)?;
    }
    for font in seen.fonts.substituted() {
        cx.note(FindingCode::PdfFontSubstituted);
        cx.name(FindingCode::PdfFontSubstituted, &font.name);
    }
    if !cx.is_helper() {
        let asked = cx.hints().fonts.clone();
        for font in replaced(asked.iter().map(Line::as_str), &seen.drawn) {
            cx.note(FindingCode::OfficeFontReplaced);
            cx.name(FindingCode::OfficeFontReplaced, font);
        }
    }
    let info = document.metadata();
    let texts = [
        &info.title,
        &info.author,
        &info.subject,
        &info.keywords,
        &info.creator,
        &info.producer,
    ];
    if texts.iter().any(|text| text.is_some()) || info.creation_date.is_some() {
        cx.note(FindingCode::PdfMetadata);
    }
    catalog(document, cx);
    Ok(seen)
}

/// Checks a picture, and measures what could not be measured in the `file` as it is: what was encrypted,
/// what has its filters elsewhere, and streams within object streams, where none may be.
fn stream(
    stream: &Stream<'_>,
    file: &[u8],
    is_encrypted: bool,
    cx: &Cx<'_>,
) -> Result<(), Refusal> {
    let dict = stream.dict();
    let free = image::free_bytes(dict, cx)?;
    if image::is_image(dict) {
        image::check(stream, cx)?;
    }
    check_rows(dict)?;
    let is_inside = file.as_ptr_range().contains(&dict.data().as_ptr());
    if is_encrypted || !is_inside || is_indirect(dict) {
        let data = stream.raw_data();
        cx.charge_len(Resource::Steps, data.len().div_euclid(4))?;
        Meter::new(cx.budget(), free).measure(&data, &Chain::of(stream)?.codings)?;
    }
    Ok(())
}

/// Looks at all dictionaries in one object, itself included.
fn values(object: Object<'_>, seen: &mut Seen, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let mut queue = vec![(object, 0usize)];
    while let Some((object, depth)) = queue.pop() {
        if depth > MAX_DEPTH {
            continue;
        }
        let below = depth.saturating_add(1);
        match object {
            Object::Dict(dict) => {
                dictionary(&dict, seen, cx)?;
                queue.extend(dict.entries().filter_map(|(_, item)| inside(item, below)));
            }
            Object::Stream(stream) => {
                let dict = stream.dict();
                dictionary(dict, seen, cx)?;
                queue.extend(dict.entries().filter_map(|(_, item)| inside(item, below)));
            }
            Object::Array(array) => {
                cx.charge_len(Resource::Steps, array.data().len().div_euclid(4))?;
                queue.extend(array.raw_iter().filter_map(|item| inside(item, below)));
            }
            Object::Null(_)
            | Object::Boolean(_)
            | Object::Number(_)
            | Object::String(_)
            | Object::Name(_) => {}
        }
    }
    Ok(())
}

/// What is to be looked into; what is referred to is walked over by itself.
pub(super) fn inside(item: MaybeRef<Object<'_>>, depth: usize) -> Option<(Object<'_>, usize)> {
    match item {
        MaybeRef::NotRef(object @ (Object::Dict(_) | Object::Array(_) | Object::Stream(_))) => {
            Some((object, depth))
        }
        MaybeRef::NotRef(_) | MaybeRef::Ref(_) => None,
    }
}

/// Notes what one dictionary says.
fn dictionary(dict: &Dict<'_>, seen: &mut Seen, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    // a level is parsed twice, and each level inside once more
    cx.charge_len(
        Resource::Steps,
        dict.data().len().div_euclid(4).saturating_add(8),
    )?;
    let name = |key: &[u8]| dict.get::<Name<'_>>(key);
    let is = |value: &Option<Name<'_>>, names: &[&[u8]]| {
        value.as_ref().is_some_and(|n| names.contains(&n.as_ref()))
    };
    let has = |keys: &[&[u8]]| keys.iter().any(|key| dict.contains_key(key));
    let (action, subtype, kind) = (name(b"S"), name(b"Subtype"), name(b"Type"));
    if has(&[b"JS", b"JavaScript"]) || is(&action, &[b"JavaScript"]) {
        cx.note(FindingCode::PdfScript);
    }
    if has(&[b"OpenAction", b"AA"]) || is(&action, ACTIONS) {
        cx.note(FindingCode::PdfAction);
    }
    if is(&action, &[b"URI"]) {
        seen.addresses = seen.addresses.saturating_add(1);
    }
    seen.fonts.look_at(dict);
    if !cx.hints().fonts.is_empty()
        && let Some(font) = name(b"BaseFont")
        && seen.drawn.len() < MAX_FONTS
    {
        // a longer name is none that was asked for
        let name = seen.fonts.named(font.as_ref(), MAX_FONT_NAME);
        seen.drawn.extend(name);
    }
    if has(&[b"EF", b"EmbeddedFiles", b"AF", b"Collection"]) || is(&subtype, MEDIA) {
        cx.note(FindingCode::PdfEmbedded);
    }
    if dict.contains_key(b"XFA") {
        cx.note(FindingCode::PdfXfa);
    }
    if is(&kind, &[b"Sig", b"DocTimeStamp"]) && dict.contains_key(b"Contents") {
        cx.note(FindingCode::PdfSignature);
    }
    if is(&kind, &[b"Metadata"]) {
        cx.note(FindingCode::PdfMetadata);
    }
    if is_drawn_annotation(dict) {
        cx.note(FindingCode::PdfAnnotation);
    }
    Ok(())
}

/// Actions (ISO 32000-2, 12.6.4) beside links, scripts, and jumps inside of the file.
const ACTIONS: &[&[u8]] = &[
    b"Launch",
    b"GoToR",
    b"GoToE",
    b"GoToDp",
    b"SubmitForm",
    b"ResetForm",
    b"ImportData",
    b"Rendition",
    b"Sound",
    b"Movie",
    b"Hide",
    b"SetOCGState",
    b"GoTo3DView",
    b"RichMediaExecute",
    b"Named",
    b"Trans",
    b"Thread",
];

/// Annotations that carry or play a file.
const MEDIA: &[&[u8]] = &[
    b"FileAttachment",
    b"RichMedia",
    b"3D",
    b"Movie",
    b"Sound",
    b"Screen",
];

/// Whether this is an annotation with an appearance that a viewer shows.
fn is_drawn_annotation(dict: &Dict<'_>) -> bool {
    const HIDDEN_OR_NO_VIEW: u32 = 0b10_0010;
    dict.contains_key(b"AP")
        && dict.contains_key(b"Rect")
        && dict.get::<u32>(b"F").unwrap_or(0) & HIDDEN_OR_NO_VIEW == 0
}

/// Counts what only the catalog can say.
fn catalog(document: &Document, cx: &mut Cx<'_>) {
    let xref = document.xref();
    let Some(catalog) = xref.get::<Dict<'_>>(xref.root_id()) else {
        return;
    };
    // pages have them again
    let is_told = cx.assignment().treatments.of(Family::Pdf) == Treatment::Text;
    if is_told && catalog.contains_key(b"Outlines") {
        cx.note(FindingCode::PdfOutline);
    }
    let fields = catalog
        .get::<Dict<'_>>(b"AcroForm")
        .and_then(|form| form.get::<Array<'_>>(b"Fields"));
    if fields.is_some_and(|fields| fields.raw_iter().next().is_some()) {
        cx.note(FindingCode::PdfForm);
    }
    cx.note_times(FindingCode::PdfLayer, hidden_layers(&catalog));
}

/// Layers that are off when the file is opened (ISO 32000-2, 8.11.4.3).
fn hidden_layers(catalog: &Dict<'_>) -> u32 {
    let Some(layers) = catalog.get::<Dict<'_>>(b"OCProperties") else {
        return 0;
    };
    let Some(config) = layers.get::<Dict<'_>>(b"D") else {
        return 0;
    };
    let count = |list: Option<Array<'_>>| list.map_or(0, |list| list.raw_iter().count());
    let off = count(config.get::<Array<'_>>(b"OFF"));
    let base = config.get::<Name<'_>>(b"BaseState");
    let count = if base.is_some_and(|base| base.as_ref() == b"OFF") {
        count(layers.get::<Array<'_>>(b"OCGs"))
            .saturating_sub(count(config.get::<Array<'_>>(b"ON")))
            .max(off)
    } else {
        off
    };
    u32::try_from(count).unwrap_or(u32::MAX)
}

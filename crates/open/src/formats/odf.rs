//! ODF (ODF 1.3): texts, spreadsheets and presentations in packages.
//!
//! Only the content, the styles and the pictures that they name are read. Both parts are told again in
//! the closed vocabulary; charts and formulas that the content names, too; settings, metadata, scripts, configurations and other objects are never
//! looked at.

mod comments;
mod filter;
mod foreign;
mod formulas;
mod names;
mod numbers;
mod objects;
mod text;

use super::comments::Comments;
use super::ooxml::filter::Pictures;
use super::ooxml::{self, xml};
use super::zip::Archive;
use crate::reader::{Format, Sniff, Spec};
use filter::Source;
use mugai_core::markup::PartKind;
use mugai_core::{Cx, FindingCode, Kind, Markup, Piece, Refusal, Remark, Treatment};
use objects::Objects;
use quick_xml::events::Event;
use std::collections::BTreeMap;

const REFERENCE: &str = "OASIS OpenDocument 1.3 (ISO/IEC 26300)";
const TREATMENTS: &[Treatment] = &[Treatment::Text, Treatment::Rebuild];
const MEDIA: &str = "application/vnd.oasis.opendocument.";

macro_rules! formats {
    ($($name:ident, $media:literal, $doc:literal;)*) => {$(
        #[doc = $doc]
        pub(super) struct $name;
        impl Format for $name {
            fn spec(&self) -> &'static Spec {
                &Spec { kind: Kind::$name, reference: REFERENCE, treatments: TREATMENTS }
            }
            fn sniff(&self, head: &[u8]) -> Sniff {
                if head.starts_with(b"PK\x03\x04") { Sniff::Perhaps } else { Sniff::No }
            }
            fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
                open(input, PartKind::$name, $media, Kind::$name, cx)
            }
        }
    )*};
}

formats! {
    OpenText, "text", "The reader of texts: odt, ott.";
    OpenSheet, "spreadsheet", "The reader of spreadsheets: ods, ots.";
    OpenSlides, "presentation", "The reader of presentations: odp, otp.";
}

fn open(
    input: &[u8],
    main: PartKind,
    media: &str,
    kind: Kind,
    cx: &mut Cx<'_>,
) -> Result<(), Refusal> {
    let archive = Archive::read(input, cx)?;
    let said = archive.content("mimetype", cx)?.unwrap_or_default();
    let said = std::str::from_utf8(&said).unwrap_or_default().trim();
    let word = said.strip_prefix(MEDIA).unwrap_or_default();
    if word.strip_suffix("-template").unwrap_or(word) != media {
        return Err(Refusal::Ambiguous(Remark::fixed(
            "odf: two answers to what the document is",
        )));
    }
    manifest(&archive, cx)?;
    beside(&archive, cx);
    let mut pictures = Pictures::default();
    let told = cx.assignment().treatments.of(kind.family()) == Treatment::Text;
    let settings = if told {
        None
    } else {
        settings(&archive, media, cx)?
    };
    // charts and formulas come behind these
    let before = 1u32
        .saturating_add(archive.has("styles.xml").into())
        .saturating_add(settings.is_some().into());
    let mut objects = Objects::new(before, true);
    let mut comments = Comments::default();
    let mut parts = Vec::new();
    for (path, kind) in [("content.xml", main), ("styles.xml", PartKind::OpenStyles)] {
        match archive.content(path, cx)? {
            Some(bytes) => parts.push(filter::part(
                Source {
                    archive: &archive,
                    kind,
                    body: media,
                },
                &bytes,
                &mut pictures,
                &mut objects,
                &mut comments,
                cx,
            )?),
            None if kind == main => return Err(Refusal::malformed("odf: no content")),
            None => {}
        }
    }
    comments.append(&mut parts, cx)?;
    if told {
        let text = text_of(&parts, &objects.into_parts(), before, cx)?;
        let text = with_letters(text, &archive, pictures, cx)?;
        let text = cx.text(&text);
        return cx.put(Piece::Text(text));
    }
    let beside = settings.into_iter().chain(objects.into_parts());
    for part in parts.into_iter().chain(beside) {
        cx.put(Piece::Markup(part))?;
    }
    for path in pictures.into_paths() {
        let content = archive.content(&path, cx)?.unwrap_or_default();
        ooxml::put_picture(&path, content, cx)?;
    }
    Ok(())
}

/// The text of the content and its styles, with formulas where they stand, and charts behind it; `before` is the number of
/// the first object.
fn text_of(
    parts: &[Markup],
    objects: &[Markup],
    before: u32,
    cx: &Cx<'_>,
) -> Result<String, Refusal> {
    let mut formulas = BTreeMap::new();
    for (place, part) in (before..).zip(objects) {
        if part.kind() == PartKind::OpenFormula {
            formulas.insert(place, formulas::text(part, cx)?);
        }
    }
    let mut text = match parts.first() {
        Some(content) => text::text(content, parts.get(1), formulas, cx)?,
        None => String::new(),
    };
    let charts = objects
        .iter()
        .filter(|part| part.kind() == PartKind::OpenChart);
    for chart in charts {
        text.push_str(&text::chart(chart, cx)?);
    }
    Ok(text)
}

/// A text, and behind it the letters of metafiles.
fn with_letters(
    mut text: String,
    archive: &Archive<'_>,
    pictures: Pictures,
    cx: &mut Cx<'_>,
) -> Result<String, Refusal> {
    let paths = pictures.into_paths();
    // previews of objects have no names that tell what they are
    let is_preview = |path: &String| path.to_ascii_lowercase().starts_with("objectreplacements/");
    let wanted = |path: &&String| ooxml::is_metafile(path) || is_preview(path);
    for path in paths.iter().filter(wanted) {
        let content = archive.content(path, cx)?.unwrap_or_default();
        ooxml::letters(&content, &mut text, cx)?;
    }
    Ok(text)
}

/// The settings of a document that say how it looks; none where they cannot be read, or say nothing of that.
fn settings(
    archive: &Archive<'_>,
    media: &str,
    cx: &mut Cx<'_>,
) -> Result<Option<Markup>, Refusal> {
    let Some(bytes) = archive.beside("settings.xml", cx)? else {
        return Ok(None);
    };
    let source = Source {
        archive,
        kind: PartKind::OpenSettings,
        body: media,
    };
    let (pictures, objects) = (&mut Pictures::default(), &mut Objects::new(0, false));
    match filter::part(
        source,
        &bytes,
        pictures,
        objects,
        &mut Comments::default(),
        cx,
    ) {
        Ok(part) => Ok(Some(part)),
        Err(overrun @ Refusal::Overrun { .. }) => Err(overrun),
        Err(_) => Ok(None),
    }
}

/// The manifest says which files are encrypted (ODF 1.3 part 2, section 4); else it is not needed.
fn manifest(archive: &Archive<'_>, cx: &Cx<'_>) -> Result<(), Refusal> {
    let Some(bytes) = archive.content("META-INF/manifest.xml", cx)? else {
        return Ok(());
    };
    let text = xml::decode(&bytes, cx)?;
    let mut reader = xml::reader(&text);
    while let Some(event) = xml::next_lenient(&mut reader)? {
        if let Event::Start(start) | Event::Empty(start) = event
            && matches!(
                xml::split(start.name().0).1,
                "encryption-data" | "encrypted-key"
            )
        {
            return Err(Refusal::Encrypted(Remark::fixed("odf: encrypted files")));
        }
    }
    Ok(())
}

/// Tells of files that are not read.
fn beside(archive: &Archive<'_>, cx: &mut Cx<'_>) {
    for name in archive.names() {
        let folder = name.split('/').next().unwrap_or_default();
        let code = match (folder, name) {
            ("basic" | "scripts" | "dialogs", _) => FindingCode::OfficeMacro,
            // an empty one is written into every document
            ("configurations2", _)
                if name.strip_suffix(".xml").is_some() && archive.size(name) != Some(0) =>
            {
                FindingCode::OfficeMacro
            }
            ("thumbnails", _) | (_, "meta.xml" | "manifest.rdf" | "settings.xml") => {
                FindingCode::OfficeMetadata
            }
            ("fonts", _) => FindingCode::OfficeFont,
            ("meta-inf", _) if name.contains("signatures") => FindingCode::OfficeSignature,
            (_, "content.xml" | "styles.xml" | "mimetype") => continue,
            ("meta-inf" | "pictures" | "objectreplacements" | "media" | "configurations2", _) => {
                continue;
            }
            // where an object is named, it is told of
            _ if folder.starts_with("object ")
                && (name.ends_with("/content.xml") || name.ends_with("/styles.xml")) =>
            {
                continue;
            }
            _ if folder.starts_with("object ")
                && (name.ends_with("/meta.xml") || name.ends_with("/settings.xml")) =>
            {
                FindingCode::OfficeMetadata
            }
            _ if folder.starts_with("object ") => FindingCode::OfficeEmbedded,
            _ => FindingCode::OfficePart,
        };
        cx.note(code);
    }
}

//! ODF packages: the content, the styles and the pictures that they name, written anew
//! (ODF 1.3 parts 2 and 3). The profile is in `docs/profiles/odf.md`.

use crate::ooxml::markup::{self, Lead};
use crate::ooxml::{Picture, grey, zip::Zip};
use mugai_core::markup::{PartKind, Place};
use mugai_core::{Draft, Markup, Refusal, Target};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// The type of a folder that holds a chart, and of one that holds a formula.
const CHART: &str = "application/vnd.oasis.opendocument.chart";
const FORMULA: &str = "application/vnd.oasis.opendocument.formula";

/// Writes a document: `parts` are its content, its styles and its settings if it has them, and its charts, with their styles
/// behind them, and formulas.
///
/// # Errors
/// [`Refusal::Malformed`] for parts of other kinds and references to nothing, [`Refusal::Internal`] when
/// the compressor fails.
pub fn document(
    target: Target,
    parts: &[Markup],
    pictures: &[Picture<'_>],
) -> Result<Draft, Refusal> {
    let (main, objects) = split(target, parts)?;
    let mut zip = Zip::new();
    zip.stored("mimetype", target.media_type().as_bytes())?;
    // by the number of the picture: its name
    let mut media: BTreeMap<u32, String> = BTreeMap::new();
    let mut order: Vec<u32> = Vec::new();
    let mut files: Vec<(String, &str)> = Vec::new();
    // objects that were named, in that order; they have their numbers from it
    let mut named: Vec<u32> = Vec::new();
    for part in main {
        let mut lost = false;
        let written = markup::write(part, &mut |lead, _, out| match lead {
            Lead::Address(address) => markup::escape(address, true, out),
            Lead::Place(Place::Picture(number)) => {
                let known = usize::try_from(number).ok().and_then(|n| pictures.get(n));
                let Some(picture) = known else {
                    lost = true;
                    return;
                };
                let extension = picture
                    .map_or(Target::Png, |(target, _)| target)
                    .extension();
                let next = media.len().saturating_add(1);
                let name = media.entry(number).or_insert_with(|| {
                    order.push(number);
                    format!("Pictures/image{next}.{extension}")
                });
                out.push_str(name);
            }
            Lead::Place(Place::Part(number)) => {
                let place = named.iter().position(|known| *known == number);
                let place = place.unwrap_or_else(|| {
                    named.push(number);
                    named.len().saturating_sub(1)
                });
                // writing to a string cannot fail
                let _ = write!(out, "./Object{}", place.saturating_add(1));
            }
        })?;
        if lost {
            return Err(NOTHING);
        }
        let name = format!("{}.xml", part.kind().stem());
        zip.deflated(&name, written.xml.as_bytes())?;
        files.push((name, XML));
    }
    for (place, number) in (1usize..).zip(named) {
        let first = usize::try_from(number).ok();
        let first = first.and_then(|number| number.checked_sub(main.len()));
        let behind = first.and_then(|first| objects.get(first..));
        put_object(place, behind.unwrap_or_default(), &mut files, &mut zip)?;
    }
    for number in order {
        let picture = usize::try_from(number)
            .ok()
            .and_then(|n| pictures.get(n).copied());
        let name = media.remove(&number).unwrap_or_default();
        let media = put_picture(&name, picture.flatten(), &mut zip)?;
        files.push((name, media));
    }
    zip.deflated("META-INF/manifest.xml", manifest(target, &files).as_bytes())?;
    Ok(Draft::new(target, zip.finish()?))
}

/// Writes the first of some objects, and its styles, if they are behind it.
fn put_object(
    place: usize,
    objects: &[Markup],
    files: &mut Vec<(String, &str)>,
    zip: &mut Zip,
) -> Result<(), Refusal> {
    let (known, behind) = objects.split_first().ok_or(NOTHING)?;
    let media = if known.kind() == PartKind::OpenFormula {
        FORMULA
    } else if known.kind() == PartKind::OpenChart {
        CHART
    } else {
        return Err(NOTHING);
    };
    files.push((format!("Object{place}/"), media));
    files.push((object(place, known, zip)?, XML));
    let styles = behind.first();
    if let Some(styles) = styles.filter(|part| part.kind() == PartKind::OpenStyles) {
        files.push((object(place, styles, zip)?, XML));
    }
    Ok(())
}

/// Writes a picture, a grey field for one that was withheld; its type comes back.
fn put_picture(name: &str, picture: Picture<'_>, zip: &mut Zip) -> Result<&'static str, Refusal> {
    let (target, bytes) = match picture {
        Some((target @ (Target::Png | Target::Jpeg), bytes)) => (target, Cow::Borrowed(bytes)),
        Some(_) => return Err(Refusal::internal("odf: a picture that is none")),
        None => (Target::Png, Cow::Owned(grey()?)),
    };
    zip.stored(name, &bytes)?;
    Ok(target.media_type())
}

/// Writes a chart, its styles or a formula, which lead nowhere; the name of its file comes back.
fn object(place: usize, part: &Markup, zip: &mut Zip) -> Result<String, Refusal> {
    let mut lost = false;
    let written = markup::write(part, &mut |lead, _, out| match lead {
        Lead::Address(address) => markup::escape(address, true, out),
        Lead::Place(_) => lost = true,
    })?;
    if lost {
        return Err(NOTHING);
    }
    let name = format!("Object{place}/{}.xml", part.kind().stem());
    zip.deflated(&name, written.xml.as_bytes())?;
    Ok(name)
}

/// The type of parts.
const XML: &str = "text/xml";

const NOTHING: Refusal = Refusal::malformed("odf: a reference to nothing");

/// The content, the styles and the settings, and the charts and formulas behind them.
fn split(target: Target, parts: &[Markup]) -> Result<(&[Markup], &[Markup]), Refusal> {
    let is_main = |part: &&Markup| !part.kind().is_open_object();
    let (main, objects) = parts
        .split_at_checked(parts.iter().take_while(is_main).count())
        .unwrap_or_default();
    let good = match main {
        [content] => content.kind().open_target() == Some(target),
        [content, second] => {
            content.kind().open_target() == Some(target)
                && matches!(second.kind(), PartKind::OpenStyles | PartKind::OpenSettings)
        }
        [content, styles, settings] => {
            content.kind().open_target() == Some(target)
                && styles.kind() == PartKind::OpenStyles
                && settings.kind() == PartKind::OpenSettings
        }
        _ => false,
    };
    // a chart may have styles behind it
    let mut before = PartKind::OpenFormula;
    let known = objects.iter().all(|part| {
        let styles = part.kind() == PartKind::OpenStyles && before == PartKind::OpenChart;
        before = part.kind();
        styles || part.kind().is_open_object()
    });
    if good && known {
        Ok((main, objects))
    } else {
        Err(Refusal::malformed("odf: parts of another kind"))
    }
}

fn manifest(target: Target, files: &[(String, &str)]) -> String {
    let mut out = format!(
        "{DECLARATION}<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\" manifest:version=\"1.3\">"
    );
    let mut entry = |path: &str, media: &str| {
        // writing to a string cannot fail
        let _ = write!(
            out,
            "<manifest:file-entry manifest:full-path=\"{path}\" manifest:media-type=\"{media}\"/>"
        );
    };
    entry("/", target.media_type());
    for (file, media) in files {
        entry(file, media);
    }
    out.push_str("</manifest:manifest>");
    out
}

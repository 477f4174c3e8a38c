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

/// The type of a folder that holds a chart.
const CHART: &str = "application/vnd.oasis.opendocument.chart";

/// Writes a document: `parts` are its content, its styles if it has them, and its charts.
///
/// # Errors
/// [`Refusal::Malformed`] for parts of other kinds and references to nothing, [`Refusal::Internal`] when
/// the compressor fails.
pub fn document(
    target: Target,
    parts: &[Markup],
    pictures: &[Picture<'_>],
) -> Result<Draft, Refusal> {
    let (main, charts) = split(target, parts)?;
    let mut zip = Zip::new();
    zip.stored("mimetype", target.media_type().as_bytes())?;
    // by the number of the picture: its name
    let mut media: BTreeMap<u32, String> = BTreeMap::new();
    let mut order: Vec<u32> = Vec::new();
    let mut files: Vec<String> = Vec::new();
    // charts that were named, in that order; they have their numbers from it
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
        files.push(name);
    }
    for (place, number) in (1usize..).zip(named) {
        let known = usize::try_from(number)
            .ok()
            .and_then(|number| number.checked_sub(main.len()))
            .and_then(|number| charts.get(number));
        files.push(format!("Object{place}/"));
        files.push(chart(place, known.ok_or(NOTHING)?, &mut zip)?);
    }
    for number in order {
        let picture = usize::try_from(number)
            .ok()
            .and_then(|n| pictures.get(n).copied());
        let bytes = match picture.flatten() {
            Some((Target::Png | Target::Jpeg, bytes)) => Cow::Borrowed(bytes),
            Some(_) => return Err(Refusal::internal("odf: a picture that is none")),
            None => Cow::Owned(grey()?),
        };
        let name = media.remove(&number).unwrap_or_default();
        zip.stored(&name, &bytes)?;
        files.push(name);
    }
    zip.deflated("META-INF/manifest.xml", manifest(target, &files).as_bytes())?;
    Ok(Draft::new(target, zip.finish()?))
}

/// Writes a chart, which leads nowhere; the name of its file comes back.
fn chart(place: usize, part: &Markup, zip: &mut Zip) -> Result<String, Refusal> {
    let mut lost = false;
    let written = markup::write(part, &mut |lead, _, out| match lead {
        Lead::Address(address) => markup::escape(address, true, out),
        Lead::Place(_) => lost = true,
    })?;
    if lost {
        return Err(NOTHING);
    }
    let name = format!("Object{place}/content.xml");
    zip.deflated(&name, written.xml.as_bytes())?;
    Ok(name)
}

const NOTHING: Refusal = Refusal::malformed("odf: a reference to nothing");

/// The content and the styles, and the charts behind them.
fn split(target: Target, parts: &[Markup]) -> Result<(&[Markup], &[Markup]), Refusal> {
    let is_main = |part: &&Markup| part.kind() != PartKind::OpenChart;
    let (main, charts) = parts
        .split_at_checked(parts.iter().take_while(is_main).count())
        .unwrap_or_default();
    let good = match main {
        [content] => content.kind().open_target() == Some(target),
        [content, styles] => {
            content.kind().open_target() == Some(target) && styles.kind() == PartKind::OpenStyles
        }
        _ => false,
    };
    if good && charts.iter().all(|part| !is_main(&part)) {
        Ok((main, charts))
    } else {
        Err(Refusal::malformed("odf: parts of another kind"))
    }
}

fn manifest(target: Target, files: &[String]) -> String {
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
    for file in files {
        let media = match file.rsplit_once('.') {
            Some((_, "png")) => "image/png",
            Some((_, "jpg")) => "image/jpeg",
            None => CHART,
            _ => "text/xml",
        };
        entry(file, media);
    }
    out.push_str("</manifest:manifest>");
    out
}

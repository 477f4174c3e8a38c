//! Office documents: parts of a closed vocabulary, relationships, content types and the ZIP file
//! around them, all written anew (ECMA-376 parts 1 and 2). The profile is in `docs/profiles/ooxml.md`.

mod markup;
mod zip;

use crate::png;
use markup::Written;
use mugai_core::markup::{Flavour, PartKind, Place};
use mugai_core::{Budget, Draft, Limits, Markup, Page, PixelFormat, Refusal, Target};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const RELATIONSHIPS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// What a picture of a document became; `None` where it is withheld, and a grey field stands for it.
pub type Picture<'a> = Option<(Target, &'a [u8])>;

/// Writes a document. The first part is the main one; parts that nothing leads to are left out.
///
/// # Errors
/// [`Refusal::Malformed`] for references to nothing and for a first part that is no main part,
/// [`Refusal::Internal`] when the compressor fails.
pub fn document(parts: &[Markup], pictures: &[Picture<'_>]) -> Result<Draft, Refusal> {
    let flavour = parts
        .first()
        .and_then(|part| part.kind().flavour())
        .ok_or(Refusal::malformed("ooxml: no main part"))?;
    let names = names(flavour, parts);
    let mut written: BTreeMap<u32, Written> = BTreeMap::new();
    let mut used: BTreeMap<u32, String> = BTreeMap::new();
    let mut queue = vec![0u32];
    while let Some(number) = queue.pop() {
        if written.contains_key(&number) {
            continue;
        }
        let part = at(parts, number)?;
        let part = markup::write(part)?;
        for place in &part.places {
            match place {
                Place::Part(next) => queue.push(*next),
                Place::Picture(picture) => {
                    let target = at(pictures, *picture)?.map_or(Target::Png, |(target, _)| target);
                    let name = format!("media/image{}.{}", picture.saturating_add(1), target.extension());
                    used.insert(*picture, name);
                }
            }
        }
        written.insert(number, part);
    }
    package(flavour, parts, &names, &written, pictures, &used)
}

fn at<T>(list: &[T], number: u32) -> Result<&T, Refusal> {
    usize::try_from(number)
        .ok()
        .and_then(|number| list.get(number))
        .ok_or(Refusal::malformed("ooxml: a reference to nothing"))
}

/// Paths below the folder of the document, by the numbers of the parts.
fn names(flavour: Flavour, parts: &[Markup]) -> Vec<String> {
    let mut counts: BTreeMap<PartKind, u32> = BTreeMap::new();
    let main = parts.first().map(Markup::kind);
    parts
        .iter()
        .map(|part| {
            let kind = part.kind();
            let count = counts.entry(kind).or_insert(0);
            *count = count.saturating_add(1);
            // a second one of what there is once would take the first one's name
            let single = kind.is_single() && *count == 1 && (kind.flavour().is_none() || main == Some(kind));
            let number = if single { String::new() } else { count.to_string() };
            format!("{}/{}{number}.xml", flavour.folder(), kind.stem())
        })
        .collect()
}

fn package(
    flavour: Flavour,
    parts: &[Markup],
    names: &[String],
    written: &BTreeMap<u32, Written>,
    pictures: &[Picture<'_>],
    used: &BTreeMap<u32, String>,
) -> Result<Draft, Refusal> {
    let folder = flavour.folder();
    let mut types = format!(
        "{DECLARATION}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"jpg\" ContentType=\"image/jpeg\"/><Default Extension=\"png\" ContentType=\"image/png\"/>\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>"
    );
    for number in written.keys() {
        let (kind, name) = (at(parts, *number)?.kind(), at(names, *number)?);
        // writing to a string cannot fail
        let _ = write!(
            types,
            "<Override PartName=\"/{name}\" ContentType=\"application/vnd.openxmlformats-officedocument.{}+xml\"/>",
            kind.content()
        );
    }
    types.push_str("</Types>");
    let main = at(names, 0)?;
    let mut zip = zip::Zip::new();
    zip.deflated("[Content_Types].xml", types.as_bytes())?;
    let root = relationships([("officeDocument", main.clone())].into_iter());
    zip.deflated("_rels/.rels", root.as_bytes())?;
    for (number, part) in written {
        let name = at(names, *number)?;
        zip.deflated(name, part.xml.as_bytes())?;
        if part.places.is_empty() {
            continue;
        }
        let below = name.strip_prefix(folder).unwrap_or(name).trim_start_matches('/');
        let (inner, file) = below.rsplit_once('/').map_or(("", below), |(inner, file)| (inner, file));
        let up = if inner.is_empty() { "" } else { "../" };
        let mut targets = Vec::new();
        for place in &part.places {
            targets.push(match place {
                Place::Part(number) => {
                    let path = at(names, *number)?;
                    let path = path.strip_prefix(folder).unwrap_or(path).trim_start_matches('/');
                    (at(parts, *number)?.kind().relation(), format!("{up}{path}"))
                }
                Place::Picture(number) => {
                    let path = used.get(number).map_or("", String::as_str);
                    ("image", format!("{up}{path}"))
                }
            });
        }
        let slash = if inner.is_empty() { "" } else { "/" };
        let path = format!("{folder}/{inner}{slash}_rels/{file}.rels");
        zip.deflated(&path, relationships(targets.into_iter()).as_bytes())?;
    }
    let mut blank = None;
    for (number, name) in used {
        let path = format!("{folder}/{name}");
        match at(pictures, *number)? {
            Some((Target::Png | Target::Jpeg, bytes)) => zip.stored(&path, bytes)?,
            Some(_) => return Err(Refusal::internal("ooxml: a picture that is none")),
            None => {
                if blank.is_none() {
                    blank = Some(grey()?);
                }
                zip.stored(&path, blank.as_deref().unwrap_or_default())?;
            }
        }
    }
    Ok(Draft::new(flavour.target(), zip.finish()?))
}

fn relationships(targets: impl Iterator<Item = (&'static str, String)>) -> String {
    let mut out = format!(
        "{DECLARATION}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
    );
    for (number, (kind, target)) in (1u32..).zip(targets) {
        let _ = write!(
            out,
            "<Relationship Id=\"rId{number}\" Type=\"{RELATIONSHIPS}/{kind}\" Target=\"{target}\"/>"
        );
    }
    out.push_str("</Relationships>");
    out
}

/// What stands for a picture that is withheld.
fn grey() -> Result<Vec<u8>, Refusal> {
    let purse = Budget::new(Limits {
        bytes: 0,
        pixels: 1,
        parts: 0,
        depth: 0,
        steps: 0,
    });
    let page = Page::start(1, 1, PixelFormat::Grey8, &purse)?.fill(vec![0xd9])?;
    png::encode(&page)
}

#[cfg(test)]
mod tests;

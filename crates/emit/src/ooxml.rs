//! Office documents: parts of a closed vocabulary, relationships, content types and the ZIP file
//! around them, all written anew (ECMA-376 parts 1 and 2). The profile is in `docs/profiles/ooxml.md`.

pub(crate) mod markup;
pub(crate) mod zip;

use crate::png;
use markup::{Lead, Written};
use mugai_core::markup::{Event, Flavour, METADATA, PROPERTIES, PROPERTIES_2007, PartKind, Place};
use mugai_core::{Budget, Draft, Limits, Markup, Page, PixelFormat, Refusal, Target};
use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;

const RELATIONSHIPS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
/// Where the properties lie.
const APP: &str = "docProps/app.xml";
/// Where metadata of cells lie, below the folder of the document.
const CELLS: &str = "metadata.xml";
/// The last word of the type of a relationship that leads outside.
const LINK: &str = "hyperlink";
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
    let mut package = Package {
        flavour,
        written: Vec::new(),
        names: BTreeMap::new(),
        kinds: BTreeMap::new(),
        properties: parts.first().and_then(properties),
        dynamic: false,
        media: Vec::new(),
    };
    // what is named first comes first: a document that was written so is written so again
    let mut queue = VecDeque::from([0u32]);
    while let Some(number) = queue.pop_front() {
        let part = at(parts, number)?;
        if !package.name(number, part.kind()) {
            continue;
        }
        let part = markup::write(part, &mut |_, number, out| {
            out.push_str("rId");
            out.push_str(&number.to_string());
        })?;
        for lead in &part.leads {
            match lead {
                Lead::Address(_) => {}
                Lead::Place(Place::Part(next)) => queue.push_back(*next),
                Lead::Place(Place::Picture(picture)) => {
                    let target = at(pictures, *picture)?.map_or(Target::Png, |(target, _)| target);
                    package.picture(*picture, target);
                }
            }
        }
        package.dynamic |= part.dynamic;
        package.written.push((number, part));
    }
    package.write(pictures)
}

/// The properties of a workbook that says that it was last written by the program that set the standard, and by that of
/// which year (ECMA-376 part 1, section 18.2.13).
fn properties(workbook: &Markup) -> Option<&'static str> {
    let (mut here, mut named, mut old) = (false, false, false);
    for event in workbook.events().take(64) {
        match event {
            Event::Open(element) => here = element.is("x:fileVersion"),
            Event::Attribute(attribute, value) if here => match attribute.local() {
                "appName" => named |= value == "xl",
                "lastEdited" => old |= value == "4",
                _ => {}
            },
            Event::Attribute(..)
            | Event::Reference(..)
            | Event::Link(..)
            | Event::Text(_)
            | Event::Close => {}
        }
    }
    named.then_some(if old { PROPERTIES_2007 } else { PROPERTIES })
}

fn at<T>(list: &[T], number: u32) -> Result<&T, Refusal> {
    usize::try_from(number)
        .ok()
        .and_then(|number| list.get(number))
        .ok_or(Refusal::malformed("ooxml: a reference to nothing"))
}

/// A document whose parts were reached, in that order.
struct Package<'a> {
    flavour: Flavour,
    written: Vec<(u32, Written<'a>)>,
    /// Kinds and paths below the folder of the document, by the numbers of the parts.
    names: BTreeMap<u32, (PartKind, String)>,
    kinds: BTreeMap<PartKind, u32>,
    /// The properties that it has.
    properties: Option<&'static str>,
    /// Whether cells have metadata.
    dynamic: bool,
    /// Pictures and their paths.
    media: Vec<(u32, String)>,
}

impl Package<'_> {
    /// Gives a part its name; `false` if it has one.
    fn name(&mut self, number: u32, kind: PartKind) -> bool {
        if self.names.contains_key(&number) {
            return false;
        }
        let count = self.kinds.entry(kind).or_insert(0);
        *count = count.saturating_add(1);
        // a second one of what there is once would take the first one's name
        let shown = if kind.is_single() && *count == 1 {
            String::new()
        } else {
            count.to_string()
        };
        self.names
            .insert(number, (kind, format!("{}{shown}.xml", kind.stem())));
        true
    }

    fn picture(&mut self, number: u32, target: Target) {
        if self.media.iter().all(|(known, _)| *known != number) {
            let count = self.media.len().saturating_add(1);
            self.media
                .push((number, format!("media/image{count}.{}", target.extension())));
        }
    }

    /// The last word of the type of a relationship, and the path below the folder of the document.
    fn target(&self, place: Place) -> Result<(&'static str, &str), Refusal> {
        let found = match place {
            Place::Part(number) => self
                .names
                .get(&number)
                .map(|(kind, name)| (kind.relation(), name.as_str())),
            Place::Picture(number) => {
                let found = self.media.iter().find(|(known, _)| *known == number);
                found.map(|(_, name)| ("image", name.as_str()))
            }
        };
        found.ok_or(Refusal::internal("ooxml: a part without a name"))
    }

    fn types(&self) -> String {
        let mut out = format!(
            "{DECLARATION}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
             <Default Extension=\"jpg\" ContentType=\"image/jpeg\"/><Default Extension=\"png\" ContentType=\"image/png\"/>\
             <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
             <Default Extension=\"xml\" ContentType=\"application/xml\"/>"
        );
        let folder = self.flavour.folder();
        for (kind, name) in self
            .written
            .iter()
            .filter_map(|(number, _)| self.names.get(number))
        {
            // writing to a string cannot fail
            let _ = write!(
                out,
                "<Override PartName=\"/{folder}/{name}\" ContentType=\"application/vnd.openxmlformats-officedocument.{}+xml\"/>",
                kind.content()
            );
        }
        if self.dynamic {
            // writing to a string cannot fail
            let _ = write!(
                out,
                "<Override PartName=\"/{folder}/{CELLS}\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheetMetadata+xml\"/>"
            );
        }
        if self.properties.is_some() {
            out.push_str("<Override PartName=\"/docProps/app.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.extended-properties+xml\"/>");
        }
        out.push_str("</Types>");
        out
    }

    fn write(&self, pictures: &[Picture<'_>]) -> Result<Draft, Refusal> {
        let folder = self.flavour.folder();
        let mut zip = zip::Zip::new();
        zip.deflated("[Content_Types].xml", self.types().as_bytes())?;
        let (kind, main) = self.target(Place::Part(0))?;
        let mut leads = vec![(kind, Cow::Owned(format!("{folder}/{main}")))];
        if self.properties.is_some() {
            leads.push(("extended-properties", Cow::Borrowed(APP)));
        }
        let root = relationships(leads.into_iter());
        zip.deflated("_rels/.rels", root.as_bytes())?;
        if let Some(properties) = self.properties {
            zip.deflated(APP, properties.as_bytes())?;
        }
        for (number, part) in &self.written {
            let (_, name) = self.target(Place::Part(*number))?;
            zip.deflated(&format!("{folder}/{name}"), part.xml.as_bytes())?;
            if part.leads.is_empty() {
                continue;
            }
            let (inner, file, up) = match name.rsplit_once('/') {
                Some((inner, file)) => (format!("{inner}/"), file, "../"),
                None => (String::new(), name, ""),
            };
            let mut targets = Vec::new();
            for lead in &part.leads {
                targets.push(match lead {
                    Lead::Place(place) => {
                        let (kind, path) = self.target(*place)?;
                        (kind, Cow::Owned(format!("{up}{path}")))
                    }
                    Lead::Address(address) => (LINK, Cow::Borrowed(*address)),
                });
            }
            if self.dynamic && *number == 0 {
                targets.push(("sheetMetadata", Cow::Borrowed(CELLS)));
            }
            let path = format!("{folder}/{inner}_rels/{file}.rels");
            zip.deflated(&path, relationships(targets.into_iter()).as_bytes())?;
        }
        if self.dynamic {
            zip.deflated(&format!("{folder}/{CELLS}"), METADATA.as_bytes())?;
        }
        for (number, name) in &self.media {
            let bytes = match at(pictures, *number)? {
                Some((Target::Png | Target::Jpeg, bytes)) => Cow::Borrowed(*bytes),
                Some(_) => return Err(Refusal::internal("ooxml: a picture that is none")),
                None => Cow::Owned(grey()?),
            };
            zip.stored(&format!("{folder}/{name}"), &bytes)?;
        }
        Ok(Draft::new(self.flavour.target(), zip.finish()?))
    }
}

fn relationships<'a>(targets: impl Iterator<Item = (&'static str, Cow<'a, str>)>) -> String {
    let mut out = format!(
        "{DECLARATION}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
    );
    for (number, (kind, target)) in (1u32..).zip(targets) {
        // addresses have no quotes and no angle brackets; a place in the same document is none
        let mode = if kind == LINK && !target.starts_with('#') {
            " TargetMode=\"External\""
        } else {
            ""
        };
        let target = target.replace('&', "&amp;");
        let _ = write!(
            out,
            "<Relationship Id=\"rId{number}\" Type=\"{RELATIONSHIPS}/{kind}\" Target=\"{target}\"{mode}/>"
        );
    }
    out.push_str("</Relationships>");
    out
}

/// What stands for a picture that is withheld.
pub(crate) fn grey() -> Result<Vec<u8>, Refusal> {
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

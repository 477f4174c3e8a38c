//! What metafiles say, in the descriptions of the pictures that they become.
//!
//! A metafile becomes pixels, in which no letter can be searched or read aloud. A description is where documents
//! keep words for a picture: it is shown to those who cannot see it, and lays nothing out anew.

use super::filter::Pictures;
use super::package::Package;
use super::{is_metafile, letters};
use mugai_core::markup::vocabulary::{Attribute, Element};
use mugai_core::markup::{Event, Place, scrub};
use mugai_core::{Cx, Markup, Refusal};
use std::collections::BTreeMap;

/// The longest description, in characters: enough for a page of text.
const MAX_LETTERS: usize = 4_096;

/// Metafiles of a document, by their places among its pictures; they were unpacked for their letters.
pub(in crate::formats) type Metafiles = BTreeMap<usize, Vec<u8>>;

/// Tells the letters of metafiles in the descriptions of pictures.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(in crate::formats) fn describe(
    package: &Package<'_>,
    parts: &mut [Markup],
    pictures: &Pictures,
    cx: &mut Cx<'_>,
) -> Result<Metafiles, Refusal> {
    let mut metafiles = Metafiles::new();
    let mut said: BTreeMap<u32, String> = BTreeMap::new();
    for (number, path) in (0u32..).zip(pictures.paths()) {
        if !is_metafile(path) {
            continue;
        }
        let content = package.content(path, cx)?.unwrap_or_default();
        let mut text = String::new();
        letters(&content, &mut text, cx)?;
        let (clean, scrubbed) = scrub(text.trim());
        cx.note_scrubbed(scrubbed);
        let short: String = clean.chars().take(MAX_LETTERS).collect();
        if !short.is_empty() {
            said.insert(number, short);
        }
        metafiles.insert(usize::try_from(number).unwrap_or(usize::MAX), content);
    }
    if !said.is_empty() {
        for part in parts {
            if let Some(described) = described(part, &said)? {
                *part = described;
            }
        }
    }
    Ok(metafiles)
}

/// The attribute of an element that describes it.
fn attribute(element: Element) -> Option<Attribute> {
    let known = ["descr", "alt"].map(|name| Attribute::find(None, name));
    let mut own = known.into_iter().flatten();
    own.find(|name| element.attribute(*name).is_some())
}

/// The part with what `said` tells of its pictures; `None` where it shows none of them.
fn described(part: &Markup, said: &BTreeMap<u32, String>) -> Result<Option<Markup>, Refusal> {
    let words = places(part, said);
    if words.is_empty() {
        return Ok(None);
    }
    let mut out = mugai_core::markup::Builder::new(part.kind());
    for number in part.needs() {
        out.need(*number);
    }
    let mut waiting: Option<(Attribute, &str)> = None;
    for (at, event) in part.events().enumerate() {
        match event {
            Event::Attribute(name, old) if waiting.is_some_and(|(own, _)| own == name) => {
                let new = waiting.take().map_or("", |(_, text)| text);
                if old.trim().is_empty() {
                    out.push(Event::Attribute(name, new))?;
                } else {
                    out.push(Event::Attribute(name, &format!("{old}\n{new}")))?;
                }
                continue;
            }
            Event::Attribute(..) | Event::Reference(..) | Event::Link(..) => {}
            Event::Open(_) | Event::Text(_) | Event::Close => {
                if let Some((name, text)) = waiting.take() {
                    out.push(Event::Attribute(name, text))?;
                }
            }
        }
        out.push(event)?;
        if let (Event::Open(element), Some(text)) = (event, words.get(&at)) {
            waiting = attribute(element).map(|name| (name, text.as_str()));
        }
    }
    out.finish().map(Some)
}

/// The events with which the elements begin that describe pictures of `said`, and what is said there.
fn places(part: &Markup, said: &BTreeMap<u32, String>) -> BTreeMap<usize, String> {
    let mut words: BTreeMap<usize, String> = BTreeMap::new();
    let mut open: Vec<(usize, Element)> = Vec::new();
    // what describes the picture or shape that is being told, and, in a text, the place that it has in a line
    let (mut own, mut inline) = (None, None);
    for (at, event) in part.events().enumerate() {
        match event {
            Event::Open(element) => {
                open.push((at, element));
                match element.local() {
                    "cNvPr" => own = Some(at),
                    "docPr" => inline = Some(at),
                    _ => {}
                }
            }
            Event::Close => {
                let closed = open.pop().map_or("", |(_, element)| element.local());
                if matches!(closed, "inline" | "anchor") {
                    inline = None;
                }
            }
            Event::Reference(_, Place::Picture(number)) => {
                let is = |name| open.last().is_some_and(|(_, element)| element.is(name));
                let place = if is("a:blip") {
                    inline.or(own)
                } else if is("v:imagedata") {
                    let mut outer = open.iter().rev();
                    let shape = outer.find(|(_, element)| attribute(*element).is_some());
                    shape.map(|(at, _)| *at)
                } else {
                    None
                };
                if let (Some(place), Some(text)) = (place, said.get(&number)) {
                    let words = words.entry(place).or_default();
                    if !words.is_empty() {
                        words.push('\n');
                    }
                    words.push_str(text);
                }
            }
            Event::Attribute(..) | Event::Reference(..) | Event::Link(..) | Event::Text(_) => {}
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::markup::vocabulary::Space;
    use mugai_core::markup::{Builder, PartKind};

    fn shape(descr: Option<&str>, picture: u32) -> Markup {
        let mut part = Builder::new(PartKind::Drawing);
        let open = |part: &mut Builder, name| {
            part.push(Event::Open(Element::named(name).unwrap()))
                .unwrap();
        };
        open(&mut part, "xdr:wsDr");
        open(&mut part, "xdr:twoCellAnchor");
        open(&mut part, "xdr:pic");
        open(&mut part, "xdr:nvPicPr");
        open(&mut part, "xdr:cNvPr");
        if let Some(descr) = descr {
            let name = Attribute::find(None, "descr").unwrap();
            part.push(Event::Attribute(name, descr)).unwrap();
        }
        part.push(Event::Close).unwrap();
        part.push(Event::Close).unwrap();
        open(&mut part, "xdr:blipFill");
        open(&mut part, "a:blip");
        let space = Space::all().find(|space| space.prefix() == "r");
        let embed = Attribute::find(space, "embed").unwrap();
        part.push(Event::Reference(embed, Place::Picture(picture)))
            .unwrap();
        for _ in 0..5 {
            part.push(Event::Close).unwrap();
        }
        part.finish().unwrap()
    }

    fn descr(part: &Markup) -> Vec<&str> {
        let found = part.events().filter_map(|event| {
            let Event::Attribute(name, value) = event else {
                return None;
            };
            (name.local() == "descr").then_some(value)
        });
        found.collect()
    }

    #[test]
    fn letters_stand_in_the_description_of_their_picture_only() {
        let said = BTreeMap::from([(1, "drawn words".to_owned())]);
        let told = described(&shape(None, 1), &said).unwrap().unwrap();
        assert_eq!(descr(&told), ["drawn words"]);
        let told = described(&shape(Some("a plan"), 1), &said)
            .unwrap()
            .unwrap();
        assert_eq!(descr(&told), ["a plan\ndrawn words"]);
        let told = described(&shape(Some(" "), 1), &said).unwrap().unwrap();
        assert_eq!(descr(&told), ["drawn words"]);
        assert!(described(&shape(None, 0), &said).unwrap().is_none());
    }
}

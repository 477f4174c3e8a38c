//! Whether what a checker accepted has nothing that files of its target are not for.

use crate::oracle::skeleton::is_same;
use mugai_core::Target;
use mugai_core::markup::vocabulary::{Attribute, Element, Space};
use quick_xml::Reader;
use quick_xml::events::Event;
use quick_xml::events::attributes;
use std::collections::BTreeSet;

/// Whether an accepted file has nothing that files of its target are not for, in the part of this name that was changed.
pub(in crate::oracle) fn is_harmless(target: Target, name: &str, was: &[u8], now: &[u8]) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    if target == Target::Png {
        of_picture(name, was, now)
    } else if target == Target::Pdf {
        of_document(name, was, now)
    } else if target == Target::Zip {
        let mut all = Target::ALL.iter();
        let found = all.find(|target| target.extension() == extension);
        found.is_some_and(|target| is_same(*target, was, now))
    } else {
        match (name, extension) {
            ("[Content_Types].xml" | "META-INF/manifest.xml" | "xl/metadata.xml", _) => was == now,
            (_, "png") => is_same(Target::Png, was, now),
            (_, "jpeg" | "jpg") => is_same(Target::Jpeg, was, now),
            (_, "xml") => beside(was).is_some_and(|words| beside(now) == Some(words)),
            // what names what, and what the package is
            _ => was == now,
        }
    }
}

/// Pixels, their colours, how far apart they are; a row of few bits may have some more or less.
fn of_picture(name: &str, was: &[u8], now: &[u8]) -> bool {
    match name {
        "IDAT" | "PLTE" | "tRNS" | "pHYs" => true,
        "IHDR" => was.len() == now.len() && was.get(8..) == now.get(8..),
        _ => was == now,
    }
}

/// Pixels and outlines of letters; else what letters mean, or what is drawn.
fn of_document(name: &str, was: &[u8], now: &[u8]) -> bool {
    let known = || &operators(was) | &OPERATORS.into();
    matches!(name, "image" | "outlines") || operators(now).is_subset(&known())
}

/// What XML has beside elements and attributes that we have words for, and their texts: the words that our writers add
/// by themselves. `None` where there is anything else.
fn beside(bytes: &[u8]) -> Option<BTreeSet<String>> {
    let mut reader = Reader::from_str(std::str::from_utf8(bytes).ok()?);
    // the namespace of names without a prefix, which the root says
    let mut usual = None;
    let mut beside = BTreeSet::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(start) | Event::Empty(start)) => {
                let all: Result<Vec<_>, _> = start.attributes().collect();
                let all = all.ok()?;
                let said = all.iter().find(|a| a.key.as_ref() == "xmlns");
                usual = usual.or(said.and_then(|said| Space::of(&said.value)));
                let name = start.name();
                let element = element(name.as_ref(), usual)?;
                for attribute in &all {
                    beside.extend(word_beside(element, attribute));
                }
            }
            Ok(Event::End(_) | Event::Text(_) | Event::GeneralRef(_) | Event::Decl(_)) => {}
            Ok(Event::Eof) => return Some(beside),
            Ok(Event::DocType(_) | Event::PI(_) | Event::CData(_) | Event::Comment(_)) | Err(_) => {
                return None;
            }
        }
    }
}

fn element(name: &str, usual: Option<Space>) -> Option<Element> {
    match usual {
        Some(usual) if !name.contains(':') => Element::find(usual, name),
        Some(_) | None => Element::named(name),
    }
}

/// An attribute that is no word of an element.
fn word_beside(element: Element, attribute: &attributes::Attribute<'_>) -> Option<String> {
    let key: &str = attribute.key.as_ref();
    let (prefix, local) = key.split_once(':').unwrap_or(("", key));
    let space = Space::all().find(|space| space.prefix() == prefix);
    let found = Attribute::find(space, local).filter(|_| prefix.is_empty() || space.is_some());
    let is_known = found.is_some_and(|of| element.attribute(of).is_some());
    (!is_known).then(|| format!("{} {key}={}", element.word(), attribute.value))
}

/// What draws: paths, letters, pictures, colours, places.
const OPERATORS: [&str; 40] = [
    "q", "Q", "cm", "Do", "re", "W", "W*", "n", "f", "f*", "S", "s", "B", "b", "m", "l", "c", "v",
    "y", "h", "w", "J", "j", "M", "d", "g", "G", "rg", "RG", "gs", "BT", "ET", "Tf", "Td", "Tm",
    "Tj", "TJ", "Tr", "Tz", "Tc",
];

/// The operators of a content stream: what is no number, no name and no string.
fn operators(content: &[u8]) -> BTreeSet<&str> {
    let text = std::str::from_utf8(content).unwrap_or("not text");
    let mut found = BTreeSet::new();
    let mut rest = text;
    while let Some(at) = rest.find(['(', '<']) {
        let (before, string) = rest.split_at_checked(at).unwrap_or((rest, ""));
        found.extend(words(before));
        let end = match string.strip_prefix('(') {
            Some(letters) => end_of(letters).saturating_add(1),
            None => string.find('>').unwrap_or(string.len()),
        };
        rest = string.get(end.saturating_add(1)..).unwrap_or_default();
    }
    found.extend(words(rest));
    found
}

/// Where a string ends: at the first bracket that has no stroke before it.
fn end_of(letters: &str) -> usize {
    let mut is_escaped = false;
    let ends = |letter: char| {
        let ends = letter == ')' && !is_escaped;
        is_escaped = letter == '\\' && !is_escaped;
        ends
    };
    letters.find(ends).unwrap_or(letters.len())
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_number = |word: &&str| {
        word.bytes()
            .all(|b| b.is_ascii_digit() || b"+-.".contains(&b))
    };
    // a name may stand right behind an operator
    let alone = text.split([' ', '\n', '\r', '\t', '[', ']']);
    let alone = alone.map(|word| word.split('/').next().unwrap_or_default());
    alone.filter(move |word| !is_number(word))
}

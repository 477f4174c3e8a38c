//! What lies inside of files of ours behind a sum: entries of packages and archives, chunks of pictures. It is changed,
//! and all sums and sizes are made anew, so that nothing but the rules for what is inside can find the change.

use crate::oracle::skeleton::is_same;
use flate2::Compression;
use flate2::read::{DeflateDecoder, DeflateEncoder, ZlibDecoder, ZlibEncoder};
use mugai_core::Target;
use mugai_core::markup::vocabulary::{Attribute, Element, Space};
use quick_xml::Reader;
use quick_xml::events::Event;
use std::collections::BTreeSet;
use std::io::Read;

const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";

/// Something inside of a file.
pub(super) struct Inner {
    pub(super) name: String,
    pub(super) content: Vec<u8>,
    /// Where it stands: its head, and what is behind that.
    head: std::ops::Range<usize>,
    body: std::ops::Range<usize>,
    is_packed: bool,
}

/// What is inside of a file of ours; nothing for targets that have no sums.
pub(super) fn parts(target: Target, file: &[u8]) -> Vec<Inner> {
    match target {
        Target::Png => chunks(file),
        Target::Pdf => streams(file),
        Target::Docx
        | Target::Xlsx
        | Target::Pptx
        | Target::Odt
        | Target::Ods
        | Target::Odp
        | Target::Zip => entries(file),
        Target::Txt | Target::Csv | Target::Jpeg | Target::Eml | Target::Mbox => Vec::new(),
    }
}

/// The file with other content in one place.
pub(super) fn with(target: Target, file: &[u8], part: &Inner, content: &[u8]) -> Vec<u8> {
    match target {
        Target::Png => with_chunk(file, part, content),
        Target::Pdf => with_stream(file, part, content),
        _ => with_entry(file, part, content),
    }
}

/// Whether an accepted file has nothing that files of its target are not for, in the part that was changed.
pub(super) fn is_harmless(target: Target, name: &str, was: &[u8], now: &[u8]) -> bool {
    match target {
        // pixels, their colours, how far apart they are; a row of few bits may have some more or less
        Target::Png => match name {
            "IDAT" | "PLTE" | "tRNS" | "pHYs" => true,
            "IHDR" => was.len() == now.len() && was.get(8..) == now.get(8..),
            _ => was == now,
        },
        // pixels, and outlines of letters
        Target::Pdf if matches!(name, "image" | "outlines") => true,
        // what letters mean, or what is drawn
        Target::Pdf => {
            let known = &operators(was) | &OPERATORS.into();
            operators(now).is_subset(&known)
        }
        Target::Zip => {
            let extension = name.rsplit('.').next().unwrap_or_default();
            let of = |target: &&Target| target.extension() == extension;
            match Target::ALL.iter().find(of) {
                Some(target) => is_same(*target, was, now),
                None => false,
            }
        }
        _ if name.ends_with(".png") => is_same(Target::Png, was, now),
        _ if name.ends_with(".jpeg") || name.ends_with(".jpg") => is_same(Target::Jpeg, was, now),
        // what files are there, of what kind, and what names what
        _ if name.ends_with(".rels") || !name.ends_with(".xml") => was == now,
        _ if name == "[Content_Types].xml" || name == "META-INF/manifest.xml" => was == now,
        _ => beside(was).is_some_and(|words| beside(now) == Some(words)),
    }
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
fn word_beside(
    element: Element,
    attribute: &quick_xml::events::attributes::Attribute<'_>,
) -> Option<String> {
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

fn number(bytes: &[u8], at: usize, width: usize) -> usize {
    let end = at.saturating_add(width);
    let digits = bytes.get(at..end).unwrap_or_default().iter().rev();
    digits.fold(0, |number, digit| number << 8 | usize::from(*digit))
}

fn put(bytes: &mut [u8], at: usize, value: usize) {
    let value = u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes();
    if let Some(place) = bytes.get_mut(at..at.saturating_add(4)) {
        place.copy_from_slice(&value);
    }
}

fn unpacked(mut packed: impl Read) -> Vec<u8> {
    let mut content = Vec::new();
    // one that cannot be read is none of ours, and is changed as it is
    let _ = packed.read_to_end(&mut content);
    content
}

fn entries(file: &[u8]) -> Vec<Inner> {
    let mut found = Vec::new();
    let mut at = 0usize;
    while file.get(at..).is_some_and(|rest| rest.starts_with(LOCAL)) {
        let rest = file.get(at..).unwrap_or_default();
        let begin = at
            .saturating_add(30)
            .saturating_add(number(rest, 26, 2))
            .saturating_add(number(rest, 28, 2));
        let end = begin.saturating_add(number(rest, 18, 4));
        let name = file.get(at.saturating_add(30)..begin).unwrap_or_default();
        let body = file.get(begin..end).unwrap_or_default();
        let is_packed = number(rest, 8, 2) == 8;
        found.push(Inner {
            name: String::from_utf8_lossy(name).into_owned(),
            content: if is_packed {
                unpacked(DeflateDecoder::new(body))
            } else {
                body.to_vec()
            },
            head: at..begin,
            body: begin..end,
            is_packed,
        });
        at = end;
    }
    found
}

fn with_entry(file: &[u8], part: &Inner, content: &[u8]) -> Vec<u8> {
    let body = if part.is_packed {
        unpacked(DeflateEncoder::new(content, Compression::fast()))
    } else {
        content.to_vec()
    };
    let sum = usize::try_from(crc32fast::hash(content)).unwrap_or(0);
    let say = |head: &mut [u8], at: usize| {
        put(head, at, sum);
        put(head, at.saturating_add(4), body.len());
        put(head, at.saturating_add(8), content.len());
    };
    let mut head = file.get(part.head.clone()).unwrap_or_default().to_vec();
    say(&mut head, 14);
    let mut out = file.get(..part.head.start).unwrap_or_default().to_vec();
    out.extend(head);
    out.extend(&body);
    let moved = |at: usize| {
        if at > part.head.start {
            at.saturating_sub(part.body.len())
                .saturating_add(body.len())
        } else {
            at
        }
    };
    let mut directory = file.get(part.body.end..).unwrap_or_default().to_vec();
    // the entries behind, the directory, and its end
    let mut at = 0usize;
    while directory
        .get(at..)
        .is_some_and(|rest| rest.starts_with(LOCAL))
    {
        let rest = directory.get(at..).unwrap_or_default();
        let lengths = [
            number(rest, 26, 2),
            number(rest, 28, 2),
            number(rest, 18, 4),
        ];
        at = lengths
            .iter()
            .fold(at.saturating_add(30), |at, n| at.saturating_add(*n));
    }
    while directory
        .get(at..)
        .is_some_and(|rest| rest.starts_with(CENTRAL))
    {
        let rest = directory.get_mut(at..).unwrap_or_default();
        let begin = number(rest, 42, 4);
        if begin == part.head.start {
            say(rest, 16);
        }
        put(rest, 42, moved(begin));
        let lengths = [
            number(rest, 28, 2),
            number(rest, 30, 2),
            number(rest, 32, 2),
        ];
        at = lengths
            .iter()
            .fold(at.saturating_add(46), |at, n| at.saturating_add(*n));
    }
    let end = directory.get_mut(at..).unwrap_or_default();
    let begin = number(end, 16, 4);
    put(end, 16, moved(begin));
    out.extend(directory);
    out
}

fn chunks(file: &[u8]) -> Vec<Inner> {
    let mut found = Vec::new();
    let mut at = 8usize;
    while let Some((length, rest)) = file
        .get(at..)
        .and_then(|rest| rest.split_first_chunk::<4>())
    {
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        let name = String::from_utf8_lossy(rest.get(..4).unwrap_or_default()).into_owned();
        let begin = at.saturating_add(8);
        let end = begin.saturating_add(length);
        let body = file.get(begin..end).unwrap_or_default();
        let is_packed = name == "IDAT";
        found.push(Inner {
            name,
            content: if is_packed {
                unpacked(ZlibDecoder::new(body))
            } else {
                body.to_vec()
            },
            head: at..begin,
            body: begin..end,
            is_packed,
        });
        at = end.saturating_add(4);
    }
    // pixels in several pieces are no streams by themselves
    if found.iter().filter(|part| part.is_packed).count() > 1 {
        found.retain(|part| !part.is_packed);
    }
    found
}

fn with_chunk(file: &[u8], part: &Inner, content: &[u8]) -> Vec<u8> {
    let body = if part.is_packed {
        unpacked(ZlibEncoder::new(content, Compression::fast()))
    } else {
        content.to_vec()
    };
    let mut named = part.name.clone().into_bytes();
    named.extend(&body);
    let mut out = file.get(..part.head.start).unwrap_or_default().to_vec();
    out.extend(u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend(&named);
    out.extend(crc32fast::hash(&named).to_be_bytes());
    let behind = part.body.end.saturating_add(4);
    out.extend(file.get(behind..).unwrap_or_default());
    out
}

const LENGTH: &[u8] = b"<</Length ";
const STREAM: &[u8] = b"\nstream\n";

/// The packed streams of a document: pictures, and what is drawn.
fn streams(file: &[u8]) -> Vec<Inner> {
    let mut found = Vec::new();
    let mut at = 0usize;
    while let Some(place) = find(file, LENGTH, at) {
        let digits = place.saturating_add(LENGTH.len());
        let Some(begin) = find(file, STREAM, digits).map(|at| at.saturating_add(STREAM.len()))
        else {
            break;
        };
        let head = String::from_utf8_lossy(file.get(digits..begin).unwrap_or_default());
        let length: String = head.chars().take_while(char::is_ascii_digit).collect();
        let end = begin.saturating_add(length.parse().unwrap_or(0));
        if head.contains("/FlateDecode") {
            let name = if head.contains("/Subtype/Image") {
                "image"
            } else if head.contains("/Subtype/CIDFontType0C") {
                "outlines"
            } else {
                "content"
            };
            found.push(Inner {
                name: name.to_owned(),
                content: unpacked(ZlibDecoder::new(file.get(begin..end).unwrap_or_default())),
                head: digits..digits.saturating_add(length.len()),
                body: begin..end,
                is_packed: true,
            });
        }
        at = end;
    }
    found
}

fn find(file: &[u8], what: &[u8], from: usize) -> Option<usize> {
    let rest = file.get(from..)?;
    let at = rest.windows(what.len()).position(|window| window == what)?;
    at.checked_add(from)
}

fn with_stream(file: &[u8], part: &Inner, content: &[u8]) -> Vec<u8> {
    let mut body = unpacked(ZlibEncoder::new(content, Compression::fast()));
    // what is said of the level of packing says nothing of how it is read
    let said = file.get(part.body.clone()).and_then(|was| was.get(..2));
    if let (Some(said), Some(place)) = (said, body.get_mut(..2)) {
        place.copy_from_slice(said);
    }
    let piece = |range: std::ops::Range<usize>| file.get(range).unwrap_or_default();
    let mut out = piece(0..part.head.start).to_vec();
    out.extend(body.len().to_string().into_bytes());
    out.extend(piece(part.head.end..part.body.start));
    out.extend(&body);
    let (was, now) = (part.body.end, out.len());
    let moved = |at: usize| {
        if at >= was {
            at.saturating_sub(was).saturating_add(now)
        } else {
            at
        }
    };
    let table = find(file, b"\nxref\n", was).unwrap_or(file.len());
    out.extend(piece(was..table));
    // the places of objects, and that of the table itself
    for line in piece(table..file.len()).split_inclusive(|byte| *byte == b'\n') {
        let text = String::from_utf8_lossy(line);
        let place = text
            .strip_suffix(" 00000 n\r\n")
            .filter(|at| at.len() == 10);
        let place = place.and_then(|at| at.parse::<usize>().ok());
        let alone = text.trim_end().parse::<usize>().ok();
        match (place, alone) {
            (Some(at), _) => out.extend(format!("{:010} 00000 n\r\n", moved(at)).into_bytes()),
            (None, Some(at)) => out.extend(format!("{}\n", moved(at)).into_bytes()),
            (None, None) => out.extend(line),
        }
    }
    out
}

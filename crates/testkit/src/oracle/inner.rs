//! What lies inside of files of ours behind a sum: entries of packages and archives, chunks of pictures, streams of
//! documents. It is changed, and all sums and sizes are made anew, so that nothing but the rules for what is inside can
//! find the change.

mod judge;

pub(super) use judge::is_harmless;

use flate2::Compression;
use flate2::read::{DeflateDecoder, DeflateEncoder, ZlibDecoder, ZlibEncoder};
use mugai_core::Target;
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
    if target == Target::Png {
        with_chunk(file, part, content)
    } else if target == Target::Pdf {
        with_stream(file, part, content)
    } else {
        with_entry(file, part, content)
    }
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

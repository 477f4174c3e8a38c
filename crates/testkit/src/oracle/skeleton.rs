//! What is left of a file of ours without its payload: its structure, told by nothing but the eye.
//!
//! This is on purpose cruder than a checker. It knows where payload stands in files that *we* write
//! and takes it out; two files of the same target whose skeletons differ, differ in structure.

use mugai_core::Target;

/// Whether two accepted files have one structure. A message may lose a field, whose words then stand in the one
/// before it (`Subject: …` and behind it ` Date: …`): that is text, and no new field.
pub(super) fn is_same(target: Target, was: &[u8], now: &[u8]) -> bool {
    let (was, now) = (skeleton(target, was), skeleton(target, now));
    match target {
        Target::Eml | Target::Mbox => now.iter().all(|name| was.contains(name)),
        Target::Txt
        | Target::Csv
        | Target::Png
        | Target::Jpeg
        | Target::Pdf
        | Target::Docx
        | Target::Xlsx
        | Target::Pptx
        | Target::Odt
        | Target::Ods
        | Target::Odp
        | Target::Zip => was == now,
    }
}

/// The skeleton of an accepted file.
fn skeleton(target: Target, bytes: &[u8]) -> Vec<String> {
    match target {
        // all of these is payload; what may stand in it is the checker's own rule
        Target::Txt | Target::Csv => vec![control_characters(bytes)],
        Target::Png => png(bytes),
        Target::Jpeg => jpeg(bytes),
        Target::Pdf => pdf(bytes),
        Target::Docx
        | Target::Xlsx
        | Target::Pptx
        | Target::Odt
        | Target::Ods
        | Target::Odp
        | Target::Zip => zip(bytes),
        Target::Eml | Target::Mbox => headers(bytes),
    }
}

/// Control characters but line ends, and bytes that are no text.
fn control_characters(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text
            .chars()
            .filter(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
            .collect(),
        Err(_) => "not UTF-8".to_owned(),
    }
}

/// The kinds of chunks, and everything but pixels.
fn png(bytes: &[u8]) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = bytes.get(8..).unwrap_or_default();
    while let Some((length, tail)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        let end = length.saturating_add(8);
        let kind = String::from_utf8_lossy(tail.get(..4).unwrap_or_default()).into_owned();
        let data = tail.get(4..end).unwrap_or_default();
        out.push(if kind == "IDAT" {
            kind
        } else {
            format!("{kind} {data:?}")
        });
        rest = tail.get(end..).unwrap_or_default();
    }
    out
}

/// The markers up to the scan, and whatever stands behind its end.
fn jpeg(bytes: &[u8]) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = bytes.get(2..).unwrap_or_default();
    while let [0xff, marker, high, low, ..] = rest {
        out.push(format!("{marker:02x}"));
        if *marker == 0xda {
            break;
        }
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        rest = rest.get(length.saturating_add(2)..).unwrap_or_default();
    }
    let end = bytes.windows(2).rposition(|pair| pair == [0xff, 0xd9]);
    let behind = end.and_then(|end| bytes.get(end..)).unwrap_or_default();
    out.push(format!("{behind:02x?}"));
    out
}

/// A line without what stands in its strings: colours of palettes, texts of bookmarks, addresses of links.
fn without_strings(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(['<', '(']) {
        let (before, from_here) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        let end = if from_here.starts_with('(') {
            from_here.find(')')
        } else {
            from_here.find('>').filter(|end| {
                let inner = from_here.get(1..*end).unwrap_or_default();
                inner.bytes().all(|byte| byte.is_ascii_hexdigit())
            })
        };
        let (opening, behind) = from_here.split_at_checked(1).unwrap_or((from_here, ""));
        out.push_str(opening);
        rest = end.and_then(|end| from_here.get(end..)).unwrap_or(behind);
    }
    out.push_str(rest);
    out
}

/// Everything outside of streams, numbers left out.
fn pdf(bytes: &[u8]) -> Vec<String> {
    let mut out = Vec::new();
    let mut streaming = false;
    for line in bytes.split(|byte| *byte == b'\n') {
        if line.ends_with(b"endstream") {
            streaming = false;
        }
        if !streaming {
            let shown = without_strings(&String::from_utf8_lossy(line));
            let words = shown
                .split(|c: char| c.is_ascii_digit() || matches!(c, '.' | ' ' | '\r'))
                .filter(|word| !word.is_empty());
            out.extend(words.map(str::to_owned));
        }
        if line == b"stream" {
            streaming = true;
        }
    }
    out
}

/// Everything but the packed bytes of the entries: what they unpack to has its checksum beside it.
fn zip(bytes: &[u8]) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = bytes;
    while rest.starts_with(b"PK\x03\x04") {
        let number = |at: usize| {
            let bytes = rest.get(at..).and_then(|r| r.first_chunk::<4>());
            bytes.map_or(0, |b| {
                usize::try_from(u32::from_le_bytes(*b)).unwrap_or(usize::MAX)
            })
        };
        let head = (number(26) & 0xffff).saturating_add(30);
        out.push(format!("{:?}", rest.get(..head).unwrap_or_default()));
        let next = head.saturating_add(number(18));
        rest = rest.get(next..).unwrap_or_default();
    }
    out.push(format!("{rest:?}"));
    out
}

/// The names of all header fields, in messages and parts, in order.
fn headers(bytes: &[u8]) -> Vec<String> {
    bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.starts_with(b" ") && !line.starts_with(b"\t"))
        .filter_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            Some(String::from_utf8_lossy(line.get(..colon)?).into_owned())
        })
        .collect()
}

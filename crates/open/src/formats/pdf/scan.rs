//! A pass over the raw bytes, before anything of the file is believed.
//!
//! The library inflates cross-reference and object streams while it opens a file, and takes any
//! stream for one that the file calls so. So every stream is measured here. A stream is what the
//! library could read as one: a dictionary, wherever it begins, and the keyword behind it. Streams end
//! themselves: the data is measured from its first byte to where its own coding ends, whatever
//! `/Length` and `endstream` say.

mod mending;

use super::measure::{Chain, Coding, Meter, is_indirect, is_white};
use super::{image, walk};
use hayro_syntax::object::{Array, Dict, FromBytes, Stream};
use memchr::memmem;
use mugai_core::{Cx, FindingCode, Refusal, Resource};
use std::collections::BTreeSet;

/// How much one Flate byte can become at most (RFC 1951: 258 bytes for 2 bits).
const MOST_FLATE: u64 = 1032;

/// Bytes of a dictionary that are read in one step.
const BYTES_PER_STEP: usize = 32;

/// What the library keeps of one row of cross-references.
const BYTES_PER_ROW: usize = 32;

/// Where `%PDF-` stands, if it begins within `range` bytes.
pub(super) fn header_at(input: &[u8], range: usize) -> Option<usize> {
    let head = input.get(..range.saturating_add(5)).unwrap_or(input);
    memmem::find(head, b"%PDF-")
}

/// Measures all streams and notes what stands before and after the document. Tells whether it is
/// encrypted, and what mending it would cost the library, in steps.
pub(super) fn scan(input: &[u8], range: usize, cx: &mut Cx<'_>) -> Result<(bool, u64), Refusal> {
    let header = header_at(input, range).ok_or(Refusal::malformed("pdf: no header"))?;
    // three passes for keywords, sixteen bytes a step
    cx.charge_len(Resource::Steps, input.len().div_euclid(4))?;
    if header > 0 {
        cx.note(FindingCode::PdfPrefix);
    }
    if memmem::rfind(input, b"%%EOF").is_some_and(|at| {
        let rest = input.get(at.saturating_add(5)..).unwrap_or_default();
        rest.iter().any(|b| !b.is_ascii_whitespace() && *b != 0)
    }) {
        cx.note(FindingCode::PdfTrailing);
    }
    let mending = mending::strings(input, cx)?;
    let file = File::of(input, cx)?;
    let mut locked = 0u64;
    for at in &file.streams {
        locked = locked.saturating_add(file.stream(*at, cx)?);
        if locked > cx.budget().left().bytes {
            // what is encrypted can only be measured by its length
            return Err(Refusal::Overrun {
                resource: Resource::Bytes,
                limit: cx.budget().limits().bytes,
            });
        }
    }
    Ok((file.is_encrypted, mending.saturating_add(file.mending)))
}

/// What a first pass finds.
struct File<'a> {
    input: &'a [u8],
    is_encrypted: bool,
    /// Where the dictionaries of streams begin.
    streams: Vec<usize>,
    /// Numbers of the objects that cross-references take for object streams.
    packed: BTreeSet<u32>,
    /// Numbers of the objects that lie in those.
    inside: BTreeSet<u32>,
    /// Steps that it takes to look for the ends of streams.
    mending: u64,
}

impl<'a> File<'a> {
    fn of(input: &'a [u8], cx: &mut Cx<'_>) -> Result<Self, Refusal> {
        let mut file = Self {
            input,
            is_encrypted: is_encrypted(input),
            streams: Vec::new(),
            packed: BTreeSet::new(),
            inside: BTreeSet::new(),
            mending: 0,
        };
        let mut ends = mending::Ends::of(input, b"endstream");
        for at in memmem::find_iter(input, b"<<") {
            if !begins(input.get(..at).unwrap_or_default()) {
                continue;
            }
            let rest = input.get(at..).unwrap_or_default();
            let dict = Dict::from_bytes(rest);
            // what is no dictionary was perhaps read to the end of the file
            let read = dict.as_ref().map_or(rest.len(), |dict| dict.data().len());
            let steps = read.div_euclid(BYTES_PER_STEP).saturating_add(1);
            cx.charge_len(Resource::Steps, steps)?;
            let Some(dict) = dict else { continue };
            file.is_encrypted |= dict.contains_key(b"Encrypt");
            if let Some(data) = data_of(rest, &dict) {
                file.streams.push(at);
                // where the length is wrong, the library looks for the keyword
                let start = input.len().saturating_sub(data.len());
                let steps = ends.after(start).saturating_sub(start).div_euclid(64);
                cx.charge_len(Resource::Steps, steps)?;
                let steps = u64::try_from(steps).unwrap_or(u64::MAX);
                file.mending = file.mending.saturating_add(steps);
                if is_references(&dict) {
                    file.references(&dict, rest, data, cx)?;
                }
            }
        }
        Ok(file)
    }

    /// Measures a stream of cross-references and reads off it what it takes for object streams (ISO
    /// 32000-2, 7.5.8.3).
    fn references(
        &mut self,
        dict: &Dict<'_>,
        text: &[u8],
        data: &[u8],
        cx: &Cx<'_>,
    ) -> Result<(), Refusal> {
        Meter::new(cx.budget(), 0).measure(data, &Chain::of_dict(dict)?.codings)?;
        // its end is looked for
        cx.charge_len(Resource::Steps, text.len().div_euclid(64))?;
        let rows = Stream::from_bytes(text).and_then(|stream| stream.decoded_data().ok());
        let numbers = |key: &str| {
            let list = dict.get::<Array<'_>>(key);
            let list = list.map(|list| list.iter::<u32>().collect::<Vec<_>>());
            list.unwrap_or_default()
        };
        let widths = numbers("W").first_chunk::<3>().copied();
        let Some((rows, widths)) = rows.zip(widths) else {
            return Ok(());
        };
        let [kind, number, index] = widths.map(|width| {
            let width = usize::try_from(width).unwrap_or(usize::MAX);
            width.min(rows.len())
        });
        // the library reads one byte of the kind, however many there are
        let row = number.saturating_add(index).saturating_add(kind.min(1));
        let count = rows.len().checked_div(row).unwrap_or(0);
        cx.charge_len(Resource::Bytes, count.saturating_mul(BYTES_PER_ROW))?;
        if kind == 0 {
            return Ok(());
        }
        let size = dict.get::<u32>(b"Size").unwrap_or(0);
        let sections = match numbers("Index") {
            sections if sections.is_empty() => vec![0, size],
            sections => sections,
        };
        let of_section = |section: &[u32; 2]| {
            let [first, count] = *section;
            first..first.saturating_add(count)
        };
        let objects = sections.as_chunks::<2>().0.iter().flat_map(of_section);
        // rows behind the last section are none, but cost nothing to note
        let objects = objects.map(Some).chain(std::iter::repeat(None));
        for (row, object) in rows.chunks_exact(row).zip(objects) {
            if let Some((2, rest)) = row.split_first() {
                let number = rest.get(..number).unwrap_or_default();
                let number = number
                    .iter()
                    .fold(0u64, |sum, byte| (sum << 8) | u64::from(*byte));
                self.packed.extend(u32::try_from(number));
                self.inside.extend(object);
            }
        }
        Ok(())
    }

    /// Measures the stream whose dictionary begins `at`; returns what an encrypted object stream may
    /// become at most, which cannot be measured.
    fn stream(&self, at: usize, cx: &Cx<'_>) -> Result<u64, Refusal> {
        let (before, rest) = self.input.split_at_checked(at).unwrap_or_default();
        let dict = Dict::from_bytes(rest).unwrap_or_default();
        let data = data_of(rest, &dict).unwrap_or_default();
        let steps = dict.data().len().div_euclid(BYTES_PER_STEP);
        cx.charge_len(Resource::Steps, steps.saturating_add(1))?;
        // a stream without a number is never looked for by it, but may be met when a broken file is mended
        let is_packed = walk::is_type(&dict, b"ObjStm")
            || (dict.contains_key(b"N") && dict.contains_key(b"First"))
            || number(before).is_none_or(|number| self.packed.contains(&number));
        let has_params = ["DP", "DecodeParms"].map(|key| dict.get_ref(key).is_some());
        if is_packed && (is_indirect(&dict) || has_params.contains(&true)) {
            // it is inflated before it is known what stands elsewhere
            return Err(Refusal::unsupported(
                "pdf: filters of an object stream elsewhere",
            ));
        }
        if self.is_encrypted && !is_packed {
            return Ok(0);
        }
        let chain = Chain::of_dict(&dict)?.codings;
        let free = if is_packed || is_references(&dict) {
            0
        } else {
            image::free_bytes(&dict, cx)?
        };
        // the library inflates object streams of a broken file before it knows that they are encrypted
        Meter::new(cx.budget(), free).measure(data, &chain)?;
        if !self.is_encrypted {
            return Ok(0);
        }
        let length = self.longest(&dict, data, cx)?;
        match chain.as_slice() {
            [] => Ok(length),
            [Coding::Flate] => Ok(length.saturating_mul(MOST_FLATE)),
            _ => Err(Refusal::unsupported(
                "pdf: filters of an encrypted object stream",
            )),
        }
    }

    /// The most bytes that the library may take for the data of a stream.
    fn longest(&self, dict: &Dict<'_>, data: &[u8], cx: &Cx<'_>) -> Result<u64, Refusal> {
        let told = memmem::find(data, b"endstream").unwrap_or(data.len());
        cx.charge_len(Resource::Steps, told.div_ceil(16))?;
        let told = u64::try_from(told).unwrap_or(u64::MAX);
        let Some(place) = dict.get_ref(b"Length") else {
            let length = dict.get::<u32>(b"Length").map_or(0, u64::from);
            return Ok(told.max(length));
        };
        // any object of that number may be the one
        cx.charge_len(Resource::Steps, self.input.len().div_ceil(64))?;
        let head = format!("{} {} obj", place.obj_number, place.gen_number);
        let lengths = memmem::find_iter(self.input, head.as_bytes()).filter_map(|at| {
            let rest = self.input.get(at.saturating_add(head.len())..)?;
            u32::from_bytes(rest.trim_ascii_start())
        });
        match lengths.max() {
            Some(length) if !self.inside.contains(&place.obj_number) => {
                Ok(told.max(u64::from(length)))
            }
            // it lies in an object stream itself, and may be as long as the file
            _ => Ok(u64::try_from(data.len()).unwrap_or(u64::MAX)),
        }
    }
}

/// Whether a dictionary may begin behind `before`: at white space, a keyword or another dictionary.
fn begins(before: &[u8]) -> bool {
    before.last().is_none_or(|byte| is_white(*byte))
        || [b"obj".as_slice(), b"trailer", b">>"]
            .iter()
            .any(|end| before.ends_with(end))
}

/// The data of the stream that begins with `dict`, to the end of the file; `None` where none begins.
fn data_of<'a>(text: &'a [u8], dict: &Dict<'_>) -> Option<&'a [u8]> {
    let rest = text.get(dict.data().len()..)?;
    let rest = without_blanks(rest).strip_prefix(b"stream")?;
    // the keyword ends its line by CRLF or LF (ISO 32000-1, 7.3.8.1), and the library takes CR too
    rest.strip_prefix(b"\r\n")
        .or_else(|| rest.strip_prefix(b"\n"))
        .or_else(|| rest.strip_prefix(b"\r"))
}

/// What comes behind white space and comments.
fn without_blanks(text: &[u8]) -> &[u8] {
    let mut rest = text;
    while let Some((first, behind)) = rest.split_first() {
        if is_white(*first) {
            rest = behind;
        } else if *first == b'%' {
            let end = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
            rest = rest.get(end..).unwrap_or_default();
        } else {
            break;
        }
    }
    rest
}

/// Whether a stream may be read as cross-references: whatever it calls itself.
fn is_references(dict: &Dict<'_>) -> bool {
    dict.contains_key(b"W") && dict.contains_key(b"Size")
}

/// The number of the object that begins before its dictionary, as `12 0 obj`.
fn number(before: &[u8]) -> Option<u32> {
    let digits = |text: &[u8]| text.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let split = |text: &'_ [u8]| text.len().saturating_sub(digits(text));
    let rest = white_end(before).strip_suffix(b"obj")?;
    let rest = white_end(rest);
    let rest = white_end(rest.get(..split(rest))?);
    let number = rest.get(split(rest)..)?;
    std::str::from_utf8(number).ok()?.parse().ok()
}

fn white_end(text: &[u8]) -> &[u8] {
    let blanks = text
        .iter()
        .rev()
        .take_while(|byte| is_white(**byte))
        .count();
    let end = text.len().saturating_sub(blanks);
    text.get(..end).unwrap_or_default()
}

/// Whether a trailer names an encryption dictionary; it may also be in a dictionary that is read.
fn is_encrypted(input: &[u8]) -> bool {
    const KEY: &[u8] = b"/Encrypt";
    memmem::find_iter(input, KEY).any(|at| {
        let next = input.get(at.saturating_add(KEY.len()));
        next.is_some_and(|b| b.is_ascii_whitespace() || *b == b'<')
    })
}

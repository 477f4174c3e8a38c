//! A pass over the raw bytes, before anything of the file is believed.
//!
//! The library inflates cross-reference and object streams while it opens a file, and takes any
//! stream for one that the file calls so. So every stream is measured here, found by its keyword
//! alone. Streams end themselves: the data is measured from its first byte to where its own coding
//! ends, whatever `/Length` and `endstream` say.

use super::measure::{Meter, filters_of};
use super::{image, walk};
use hayro_syntax::object::{Dict, FromBytes};
use memchr::memmem;
use mugai_core::{Cx, FindingCode, Refusal, Resource};

/// How much one Flate byte can become at most (RFC 1951: 258 bytes for 2 bits).
const MOST_FLATE: u64 = 1032;

/// Where `%PDF-` stands, if it begins within `range` bytes.
pub(super) fn header_at(input: &[u8], range: usize) -> Option<usize> {
    let head = input.get(..range.saturating_add(5)).unwrap_or(input);
    memmem::find(head, b"%PDF-")
}

/// Measures all streams and notes what stands before and after the document. Tells whether it is
/// encrypted.
pub(super) fn scan(input: &[u8], range: usize, cx: &mut Cx<'_>) -> Result<bool, Refusal> {
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
    let is_encrypted = is_encrypted(input);
    let mut locked = 0u64;
    let mut after = 0usize;
    for at in memmem::find_iter(input, b"stream") {
        let before = input.get(after..at).unwrap_or_default();
        after = at.saturating_add(6);
        if before.ends_with(b"end") {
            continue;
        }
        let data = data_after(input, after);
        locked = locked.saturating_add(stream(before, data, is_encrypted, cx)?);
    }
    let most = locked.saturating_mul(MOST_FLATE);
    if most > cx.budget().left().bytes {
        // what is encrypted can only be measured by its length
        return Err(Refusal::Overrun {
            resource: Resource::Bytes,
            limit: cx.budget().limits().bytes,
        });
    }
    Ok(is_encrypted)
}

/// The data of a stream, from behind its keyword to the end of the file.
fn data_after(input: &[u8], keyword_end: usize) -> &[u8] {
    let rest = input.get(keyword_end..).unwrap_or_default();
    // the keyword ends its line by CRLF or LF (ISO 32000-1, 7.3.8.1)
    rest.strip_prefix(b"\r\n")
        .or_else(|| rest.strip_prefix(b"\n"))
        .or_else(|| rest.strip_prefix(b"\r"))
        .unwrap_or(rest)
}

/// Measures one stream; returns the length of an encrypted object stream, which cannot be measured.
fn stream(before: &[u8], data: &[u8], is_encrypted: bool, cx: &mut Cx<'_>) -> Result<u64, Refusal> {
    let dict = memmem::rfind(before, b"obj")
        .and_then(|at| before.get(at.saturating_add(3)..))
        .map(<[u8]>::trim_ascii_start)
        .and_then(Dict::from_bytes)
        .unwrap_or_default();
    if is_encrypted && !walk::is_type(&dict, b"XRef") {
        if !dict.contains_key(b"N") || !dict.contains_key(b"First") {
            return Ok(0);
        }
        let length = memmem::find(data, b"endstream").unwrap_or(data.len());
        cx.charge_len(Resource::Steps, length.div_ceil(16))?;
        return Ok(u64::try_from(length).unwrap_or(u64::MAX));
    }
    let mut meter = Meter::new(cx.budget(), image::free_bytes(&dict, cx)?);
    meter.measure(data, &filters_of(&dict))?;
    Ok(0)
}

/// Whether a trailer names an encryption dictionary.
fn is_encrypted(input: &[u8]) -> bool {
    const KEY: &[u8] = b"/Encrypt";
    memmem::find_iter(input, KEY).any(|at| {
        let next = input.get(at.saturating_add(KEY.len()));
        next.is_some_and(|b| b.is_ascii_whitespace() || *b == b'<')
    })
}

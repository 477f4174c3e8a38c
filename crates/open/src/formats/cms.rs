//! Signed messages whose content lies inside of the signature (S/MIME, RFC 8551 section 3.5.2; CMS,
//! RFC 5652 section 5). What was signed becomes a part of its own; the signature goes, unverified.
//!
//! # Limitations
//! Only signed data; compressed data is not read, encrypted data is told as such before.

use crate::reader::{Format, Sniff, Spec};
use data_encoding::BASE64_MIME;
use mugai_core::{
    Child, Cx, FindingCode, Hints, Kind, MediaType, Piece, Refusal, Resource, Role, Treatment,
};
use std::borrow::Cow;

/// The reader of signed messages.
pub(super) struct Cms;

/// `signedData` and `data`, as encoded in BER.
const SIGNED: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
const DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";
/// Tags of X.690.
const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const OCTETS_IN_PARTS: u8 = 0x24;
const IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const CONTEXT: u8 = 0xa0;
/// The only tag whose number does not fit into its byte, and a length that is not told.
const LONG_TAG: u8 = 0x1f;
const OPEN: u8 = 0x80;

const WRONG: Refusal = Refusal::malformed("cms: broken encoding");

impl Format for Cms {
    fn spec(&self) -> &'static Spec {
        &Spec {
            kind: Kind::Cms,
            reference: "RFC 5652",
            treatments: &[Treatment::Text],
        }
    }

    fn sniff(&self, head: &[u8]) -> Sniff {
        if head.first() == Some(&SEQUENCE) {
            Sniff::Perhaps
        } else {
            Sniff::No
        }
    }

    /// Puts what was signed, as a message.
    ///
    /// # Errors
    /// [`Refusal::Malformed`], [`Refusal::Unsupported`] for anything but signed data with content,
    /// [`Refusal::Overrun`].
    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        cx.charge_len(Resource::Steps, input.len())?;
        if let Some(decoded) = pem(input) {
            cx.charge_len(Resource::Bytes, decoded.len())?;
            cx.detach();
            return signed(&decoded, cx);
        }
        signed(input, cx)
    }
}

/// The content of a textual encoding (RFC 7468).
fn pem(input: &[u8]) -> Option<Vec<u8>> {
    let behind = input.trim_ascii_start().strip_prefix(b"-----BEGIN ")?;
    let start = memchr::memmem::find(behind, b"-----")?.checked_add(5)?;
    let body = behind.get(start..)?;
    let body = body.get(..memchr::memmem::find(body, b"-----END ")?)?;
    BASE64_MIME.decode(body.trim_ascii()).ok()
}

/// Puts what was signed.
fn signed(input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let other = || Refusal::unsupported("cms: no signed data");
    let mut outer = Elements(Elements(input).expect(SEQUENCE)?);
    if outer.expect(IDENTIFIER)? != SIGNED {
        return Err(other());
    }
    let mut signed = Elements(Elements(outer.expect(CONTEXT)?).expect(SEQUENCE)?);
    signed.expect(INTEGER)?;
    signed.expect(SET)?;
    let mut content = Elements(signed.expect(SEQUENCE)?);
    if content.expect(IDENTIFIER)? != DATA {
        return Err(other());
    }
    if content.0.is_empty() || content.0.starts_with(&[0, 0]) {
        return Err(Refusal::unsupported("cms: a signature without content"));
    }
    let bytes = octets(content.expect(CONTEXT)?)?;
    cx.note(FindingCode::MimeSigned);
    let content = cx.content(bytes);
    cx.put(Piece::Child(Box::new(Child {
        name: None,
        role: Role::Attachment,
        hints: Hints {
            declared: MediaType::parse("message/rfc822"),
            ..Hints::default()
        },
        content,
    })))
}

/// Octets in one piece or in several.
fn octets(content: &[u8]) -> Result<Cow<'_, [u8]>, Refusal> {
    let (tag, content) = Elements(content).next()?;
    match tag {
        OCTETS => Ok(Cow::Borrowed(content)),
        OCTETS_IN_PARTS => {
            let mut parts = Elements(content);
            let mut all = Vec::new();
            while !parts.0.is_empty() {
                all.extend_from_slice(parts.expect(OCTETS)?);
            }
            Ok(Cow::Owned(all))
        }
        _ => Err(WRONG),
    }
}

/// Elements one behind the other (X.690 section 8.1).
struct Elements<'a>(&'a [u8]);

impl<'a> Elements<'a> {
    fn expect(&mut self, tag: u8) -> Result<&'a [u8], Refusal> {
        let (found, content) = self.next()?;
        if found == tag {
            Ok(content)
        } else {
            Err(WRONG)
        }
    }

    fn next(&mut self) -> Result<(u8, &'a [u8]), Refusal> {
        let (tag, length, behind) = head(self.0)?;
        let end = length.map_or_else(|| until_end(behind), Ok)?;
        let (content, rest) = behind.split_at_checked(end).ok_or(WRONG)?;
        // two zeros are the end of a length that was not told
        let mark = if length.is_none() { 2 } else { 0 };
        self.0 = rest.get(mark..).ok_or(WRONG)?;
        Ok((tag, content))
    }
}

/// The tag, the length where it is told, and what is behind them.
fn head(input: &[u8]) -> Result<(u8, Option<usize>, &[u8]), Refusal> {
    let (tag, rest) = input.split_first().ok_or(WRONG)?;
    let (form, rest) = rest.split_first().ok_or(WRONG)?;
    if tag & LONG_TAG == LONG_TAG {
        return Err(WRONG);
    }
    if *form == OPEN {
        return Ok((*tag, None, rest));
    }
    if form & OPEN == 0 {
        return Ok((*tag, Some(usize::from(*form)), rest));
    }
    let count = usize::from(form & !OPEN);
    let (digits, rest) = rest.split_at_checked(count).ok_or(WRONG)?;
    if count > 4 {
        return Err(WRONG);
    }
    let length = digits
        .iter()
        .fold(0usize, |sum, digit| sum << 8 | usize::from(*digit));
    Ok((*tag, Some(length), rest))
}

/// Where the two zeros stand that end what is open, with all that is opened in it.
fn until_end(input: &[u8]) -> Result<usize, Refusal> {
    let mut rest = input;
    let mut open = 1usize;
    loop {
        if rest.starts_with(&[0, 0]) {
            open = open.saturating_sub(1);
            if open == 0 {
                return Ok(input.len().saturating_sub(rest.len()));
            }
            rest = rest.get(2..).unwrap_or_default();
            continue;
        }
        let (_, length, behind) = head(rest)?;
        open = open.saturating_add(usize::from(length.is_none()));
        rest = behind.get(length.unwrap_or(0)..).ok_or(WRONG)?;
    }
}

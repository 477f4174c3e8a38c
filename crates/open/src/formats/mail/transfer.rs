//! Transfer encodings undone (RFC 2045 section 6), as tolerantly as mail programs do it.
//!
//! Undoing an encoding only ever shrinks, uuencode with blanks lost aside: memory is bounded by the input, so the work is paid for
//! here in steps, and the bytes when the part is put.

mod base64;
pub(in crate::formats) mod quoted;
mod uu;

use mugai_core::{Cx, FindingCode, Refusal, Resource};
use std::borrow::Cow;

pub(super) use base64::decode_word as decode_base64_word;
pub(super) use quoted::{decode_word as decode_quoted_word, hex_byte};

/// How the content of a part is encoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    /// 7bit, 8bit, binary, or nothing that we know.
    #[default]
    Identity,
    /// Base64, section 6.8.
    Base64,
    /// Quoted-printable, section 6.7.
    Quoted,
    /// `x-uuencode`, which was never registered.
    Uu,
}

impl Encoding {
    /// Reads the value of a Content-Transfer-Encoding field. The flag says whether it was odd:
    /// unknown, or with something behind it.
    pub(super) fn parse(value: &str) -> (Self, bool) {
        let value = value.trim().trim_matches(['"', ';', '\'']);
        let word = value
            .split(['(', ';', ' ', '\t', ','])
            .next()
            .unwrap_or_default();
        let encoding = match word.to_ascii_lowercase().as_str() {
            "base64" | "x-base64" => Self::Base64,
            "quoted-printable" | "quoted_printable" => Self::Quoted,
            "x-uuencode" | "uuencode" | "x-uue" | "uue" => Self::Uu,
            "" | "7bit" | "8bit" | "binary" | "7-bit" | "8-bit" => Self::Identity,
            _ => return (Self::Identity, true),
        };
        (encoding, word.len() != value.len())
    }
}

/// What a part holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Content<'a> {
    /// Its bytes.
    pub bytes: Cow<'a, [u8]>,
    /// The file name that stood inside the encoding (uuencode only), not yet decoded.
    pub inner_name: Option<Vec<u8>>,
}

/// Undoes `encoding` and notes what was odd about it.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn decode<'a>(
    raw: &'a [u8],
    encoding: Encoding,
    cx: &mut Cx<'_>,
) -> Result<Content<'a>, Refusal> {
    let as_it_is = || Content {
        bytes: Cow::Borrowed(raw),
        inner_name: None,
    };
    let plain = |bytes: Vec<u8>| Content {
        bytes: Cow::Owned(bytes),
        inner_name: None,
    };
    match encoding {
        Encoding::Identity => {
            cx.charge_len(Resource::Steps, raw.len() / 64)?;
            Ok(as_it_is())
        }
        Encoding::Base64 => {
            cx.charge_len(Resource::Steps, raw.len() / 8)?;
            let decoded = base64::decode(raw);
            if decoded.odd {
                cx.note(FindingCode::MimeBase64);
            }
            Ok(plain(decoded.bytes))
        }
        Encoding::Quoted => {
            cx.charge_len(Resource::Steps, raw.len() / 8)?;
            Ok(plain(quoted::decode(raw)))
        }
        Encoding::Uu => {
            cx.charge_len(Resource::Steps, raw.len() / 4)?;
            // a line without its blanks is the one case that grows
            let lines = memchr::memchr_iter(b'\n', raw).count().saturating_add(1);
            let most = lines.saturating_mul(uu::MOST);
            cx.charge_len(Resource::Bytes, most.saturating_sub(raw.len()))?;
            Ok(uu::decode(raw).unwrap_or_else(|| {
                cx.note(FindingCode::MimeEncoding);
                as_it_is()
            }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_and_their_oddities() {
        for (value, want) in [
            ("base64", (Encoding::Base64, false)),
            (" BASE64 ", (Encoding::Base64, false)),
            ("base64 (x)", (Encoding::Base64, true)),
            ("base64, 7bit", (Encoding::Base64, true)),
            ("\"base64\"", (Encoding::Base64, false)),
            ("Quoted-Printable", (Encoding::Quoted, false)),
            ("x-uuencode", (Encoding::Uu, false)),
            ("7bit", (Encoding::Identity, false)),
            ("", (Encoding::Identity, false)),
            ("rot13", (Encoding::Identity, true)),
        ] {
            assert_eq!(Encoding::parse(value), want, "{value:?}");
        }
    }
}

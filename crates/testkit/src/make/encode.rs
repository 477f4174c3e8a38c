//! Charsets and transfer encodings of recipes.

use crate::make::MakeError;
use std::fmt::Write as _;

/// The alphabet of RFC 4648 section 4.
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The longest line of quoted-printable, soft line break included (RFC 2045 section 6.7).
const QP_LINE: usize = 76;

/// Bytes written in hex, blanks and line ends between them.
pub(super) fn hex(text: &str) -> Result<Vec<u8>, MakeError> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect::<Option<_>>()
        .ok_or_else(|| MakeError::new("hex: a character that is no digit"))?;
    digits
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Ok((high << 4) | low),
            _ => Err(MakeError::new("hex: half a byte")),
        })
        .collect()
}

/// Text in a charset of the Encoding Standard, or in UTF-16.
pub(super) fn charset(label: &str, text: &str) -> Result<Vec<u8>, MakeError> {
    match label.to_ascii_lowercase().as_str() {
        "utf-16le" => Ok(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        "utf-16be" => Ok(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        lower => {
            let encoding = encoding_rs::Encoding::for_label(lower.as_bytes())
                .ok_or_else(|| MakeError::new(format!("charset: unknown label {label}")))?;
            let (bytes, _, lost) = encoding.encode(text);
            if lost {
                return Err(MakeError::new(format!(
                    "charset: {label} cannot hold {text:?}; write it in hex"
                )));
            }
            Ok(bytes.into_owned())
        }
    }
}

/// Base64 on one line.
pub(super) fn base64(bytes: &[u8]) -> String {
    let mut out = String::new();
    for group in bytes.chunks(3) {
        let at = |i: usize| group.get(i).copied().unwrap_or(0);
        let word = u32::from_be_bytes([0, at(0), at(1), at(2)]);
        for (place, shift) in [18u32, 12, 6, 0].into_iter().enumerate() {
            let index = usize::try_from((word >> shift) & 63).unwrap_or(0);
            let digit = BASE64.get(index).copied().unwrap_or(b'A');
            out.push(if place > group.len() {
                '='
            } else {
                char::from(digit)
            });
        }
    }
    out
}

/// Base64 in lines of 76 columns with CRLF.
pub(super) fn base64_lines(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for line in base64(bytes).as_bytes().chunks(76) {
        out.extend_from_slice(line);
        out.extend_from_slice(b"\r\n");
    }
    out
}

/// Quoted-printable; CRLF in the input stays a line end.
pub(super) fn quoted_printable(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut column = 0usize;
    let mut rest = bytes;
    while let Some((byte, tail)) = rest.split_first() {
        if let Some(tail) = rest.strip_prefix(b"\r\n") {
            out.extend_from_slice(b"\r\n");
            (rest, column) = (tail, 0);
            continue;
        }
        let before_end = tail.is_empty() || tail.starts_with(b"\r\n");
        let plain = match byte {
            b'=' => false,
            b' ' | b'\t' => !before_end,
            other => other.is_ascii_graphic(),
        };
        let length = if plain { 1 } else { 3 };
        if column.saturating_add(length) >= QP_LINE {
            out.extend_from_slice(b"=\r\n");
            column = 0;
        }
        column = column.saturating_add(length);
        if plain {
            out.push(*byte);
        } else {
            out.extend(escaped('=', &[*byte]));
        }
        rest = tail;
    }
    out
}

/// Every byte as two hex digits behind `mark`.
pub(super) fn escaped(mark: char, bytes: &[u8]) -> Vec<u8> {
    let mut text = String::new();
    for byte in bytes {
        // writing to a string cannot fail
        let _ = write!(text, "{mark}{byte:02X}");
    }
    text.into_bytes()
}

//! The encoders that the recipes of the tests are written in.

use encoding_rs::{EUC_JP, ISO_2022_JP, SHIFT_JIS};

/// Charsets by the labels that the tests use.
pub(super) fn bytes(label: &str, text: &str) -> Vec<u8> {
    let encoding = match label.to_ascii_lowercase().as_str() {
        "utf-8" => return text.as_bytes().to_vec(),
        "shift_jis" => SHIFT_JIS,
        "euc-jp" => EUC_JP,
        "iso-2022-jp" => ISO_2022_JP,
        other => panic!("no encoder for {other}"),
    };
    let (bytes, _, lossy) = encoding.encode(text);
    assert!(!lossy, "{text} in {label}");
    bytes.into_owned()
}

pub(in crate::formats::mail) fn base64(bytes: &[u8]) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0usize, |w, &b| (w << 8) | usize::from(b));
        let word = word << (8 * (3 - chunk.len()));
        for index in 0..4 {
            let sextet = (word >> (18 - 6 * index)) & 63;
            out.push(if index <= chunk.len() {
                char::from(alphabet[sextet])
            } else {
                '='
            });
        }
    }
    out
}

/// Every byte as `=XX`: the Q encoding and quoted-printable at their longest.
pub(super) fn quoted(bytes: &[u8]) -> String {
    escaped('=', bytes)
}

/// Every byte as `%XX`.
pub(super) fn percent(bytes: &[u8]) -> String {
    escaped('%', bytes)
}

fn escaped(mark: char, bytes: &[u8]) -> String {
    let escapes: Vec<String> = bytes.iter().map(|b| format!("{mark}{b:02X}")).collect();
    escapes.concat()
}

/// An encoded-word of these bytes.
pub(super) fn word(label: &str, method: char, bytes: &[u8]) -> String {
    let text = match method {
        'B' => base64(bytes),
        _ => quoted(bytes),
    };
    format!("=?{label}?{method}?{text}?=")
}

/// Encoded-words of a text, cut anew after every `width` bytes, wherever that falls.
pub(super) fn words(label: &str, method: char, text: &str, width: usize) -> String {
    let bytes = bytes(label, text);
    let words: Vec<_> = bytes
        .chunks(width)
        .map(|chunk| word(label, method, chunk))
        .collect();
    words.join("\r\n ")
}

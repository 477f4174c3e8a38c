//! An office document of ours with all of its files unpacked, by a library that had no part in
//! checking it.

use flate2::read::DeflateDecoder;
use std::io::Read;

/// Names and texts of all files; of pictures the names.
pub(crate) fn shown(bytes: &[u8]) -> String {
    let mut out = String::new();
    each(bytes, |name, text| {
        for line in [Some(name), text].into_iter().flatten() {
            out.push_str(line);
            out.push('\n');
        }
    });
    out
}

/// Names of all files.
pub(crate) fn names(bytes: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    each(bytes, |name, _| names.push(name.to_owned()));
    names
}

/// Shows the name of each file, and its text where it is compressed.
fn each(bytes: &[u8], mut show: impl FnMut(&str, Option<&str>)) {
    let mut rest = bytes;
    while rest.starts_with(b"PK\x03\x04") {
        let number = |at: usize, length: usize| {
            let bytes = rest
                .get(at..)
                .and_then(|rest| rest.get(..length))
                .unwrap_or_default();
            bytes
                .iter()
                .rev()
                .fold(0, |sum: usize, byte| (sum << 8) | usize::from(*byte))
        };
        let (method, packed, name) = (number(8, 2), number(18, 4), number(26, 2));
        let head = name.saturating_add(30);
        let data = head.saturating_add(packed);
        let called = String::from_utf8_lossy(rest.get(30..head).unwrap_or_default());
        let text = (method == 8).then(|| {
            let mut text = String::new();
            let mut decoder = DeflateDecoder::new(rest.get(head..data).unwrap_or_default());
            if decoder.read_to_string(&mut text).is_err() {
                text.push_str("cannot be unpacked");
            }
            text
        });
        show(&called, text.as_deref());
        rest = rest.get(data..).unwrap_or_default();
    }
}

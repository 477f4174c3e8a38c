//! Uuencode (IEEE Std 1003.1, `uuencode`), as it stands under the label `x-uuencode`.
//!
//! A line that lost the blanks at its end makes more bytes than it has: no more than [`MOST`] for each.

use super::Content;
use crate::formats::mail::fields::line_at;

/// The most bytes that a line makes, and with that a byte of the input.
pub(super) const MOST: usize = 63;

/// Decodes the first block of `raw`; `None` when there is none.
pub(super) fn decode(raw: &[u8]) -> Option<Content<'static>> {
    let mut at = 0;
    let name = loop {
        let (line, next) = line_at(raw, at)?;
        at = next;
        if let Some(name) = begin(line) {
            break name;
        }
    };
    let mut bytes = Vec::new();
    while let Some((line, next)) = line_at(raw, at) {
        let line = line.trim_ascii_end();
        if line == b"end" {
            break;
        }
        push_line(&mut bytes, line);
        at = next;
    }
    Some(Content {
        bytes: bytes.into(),
        inner_name: Some(name.to_vec()).filter(|name| !name.is_empty()),
    })
}

/// The name in a `begin MODE NAME` line.
fn begin(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"begin ")?;
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let name = rest.get(digits..)?.strip_prefix(b" ")?;
    (3..=4).contains(&digits).then(|| name.trim_ascii())
}

fn push_line(out: &mut Vec<u8>, line: &[u8]) {
    let Some((&count, data)) = line.split_first() else {
        return;
    };
    let start = out.len();
    let wanted = start.saturating_add(usize::from(sextet(count)));
    for quad in data.chunks(4) {
        // blanks at the end of a line are lost in transport: missing characters are zero
        let part = |index: usize| u32::from(quad.get(index).copied().map_or(0, sextet));
        let word = (part(0) << 18) | (part(1) << 12) | (part(2) << 6) | part(3);
        let [_, first, second, third] = word.to_be_bytes();
        out.extend_from_slice(&[first, second, third]);
    }
    out.resize(wanted, 0);
}

const fn sextet(byte: u8) -> u8 {
    byte.wrapping_sub(b' ') & 63
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_with_its_name() {
        let raw = b"some words\r\nbegin 644 cat.txt\r\n#0V%T\r\n`\r\nend\r\n";
        let content = decode(raw).unwrap();
        assert_eq!(*content.bytes, *b"Cat");
        assert_eq!(content.inner_name.as_deref(), Some(&b"cat.txt"[..]));
    }

    #[test]
    fn no_block_and_no_end() {
        assert!(decode(b"begin the day\n").is_none());
        assert!(decode(b"").is_none());
        assert_eq!(*decode(b"begin 644 x\n#0V%T").unwrap().bytes, *b"Cat");
    }

    #[test]
    fn blanks_that_were_lost_are_zeros() {
        let raw = b"begin 644 x\n&0V%T\n$\n#0V%T\n`\nend\n";
        assert_eq!(*decode(raw).unwrap().bytes, *b"Cat\0\0\0\0\0\0\0Cat");
    }
}

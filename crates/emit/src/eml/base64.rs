//! Base64, RFC 4648 section 4, in the lines of RFC 2045 section 6.8.

/// Bytes that make one line of 76 characters.
const LINE_BYTES: usize = 57;
/// Characters of a full line, with its CRLF.
const LINE: usize = 78;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Appends `bytes` as lines, each with its CRLF.
pub(super) fn lines(bytes: &[u8], out: &mut Vec<u8>) {
    out.reserve(length(bytes.len()));
    let (full, rest) = bytes.as_chunks::<LINE_BYTES>();
    for line in full {
        out.extend_from_slice(&full_line(line));
    }
    last_line(rest, out);
}

/// Appends `text` as lines, each with its CRLF; the line ends in it become CRLF too.
pub(super) fn text_lines(text: &str, out: &mut Vec<u8>) {
    let crlf = text.len().saturating_add(breaks(text.as_bytes()));
    out.reserve(length(crlf));
    // what waits for the rest of its line
    let mut waiting: Vec<u8> = Vec::with_capacity(crlf.min(STEP.saturating_mul(3)));
    for piece in text.as_bytes().chunks(STEP) {
        with_crlf(piece, &mut waiting);
        take_full_lines(&mut waiting, out);
    }
    last_line(&waiting, out);
}

/// Appends a piece of at most [`STEP`] bytes with CRLF for LF: by lines, or where lines are short by
/// bytes without a branch.
fn with_crlf(piece: &[u8], to: &mut Vec<u8>) {
    let many = breaks(piece) > piece.len().div_ceil(SHORT_LINE);
    if !many {
        for line in piece.split_inclusive(|b| *b == b'\n') {
            match line.strip_suffix(b"\n") {
                Some(line) => {
                    to.extend_from_slice(line);
                    to.extend_from_slice(b"\r\n");
                }
                None => to.extend_from_slice(line),
            }
        }
        return;
    }
    for block in piece.chunks(BLOCK) {
        let mut expanded = [0u8; BLOCK * 2];
        let mut length = 0usize;
        for byte in block {
            if let Some([first, second]) =
                expanded.get_mut(length..).and_then(<[u8]>::first_chunk_mut)
            {
                let ends = *byte == b'\n';
                *first = if ends { b'\r' } else { *byte };
                *second = *byte;
                length = length.saturating_add(if ends { 2 } else { 1 });
            }
        }
        to.extend_from_slice(expanded.get(..length).unwrap_or_default());
    }
}

/// The number of line ends, counted by blocks whose count fits a byte: many bytes in one step.
fn breaks(text: &[u8]) -> usize {
    let in_block = |block: &[u8]| {
        block
            .iter()
            .fold(0u8, |sum, b| sum.wrapping_add(u8::from(*b == b'\n')))
    };
    let blocks = text.chunks(usize::from(u8::MAX));
    blocks.map(|block| usize::from(in_block(block))).sum()
}

/// Encodes the full lines at the beginning of `waiting` and takes them out.
fn take_full_lines(waiting: &mut Vec<u8>, out: &mut Vec<u8>) {
    let (full, rest) = waiting.as_chunks::<LINE_BYTES>();
    for line in full {
        out.extend_from_slice(&full_line(line));
    }
    let done = waiting.len().saturating_sub(rest.len());
    waiting.drain(..done);
}

/// How much of a text is gathered before it is encoded.
const STEP: usize = 4096;
/// Lines that are shorter than this on an average are cheaper by bytes.
const SHORT_LINE: usize = 24;
/// How many bytes are expanded in one step.
const BLOCK: usize = 64;

/// The length of lines that encode so many bytes, or a little more.
const fn length(bytes: usize) -> usize {
    bytes.div_ceil(LINE_BYTES).saturating_mul(LINE)
}

/// A full line.
fn full_line(bytes: &[u8; LINE_BYTES]) -> [u8; LINE] {
    let mut line = [b'\n'; LINE];
    let (groups, _) = bytes.as_chunks::<3>();
    let (quads, end) = line.as_chunks_mut::<4>();
    for (quad, &[a, b, c]) in quads.iter_mut().zip(groups) {
        *quad = group(a, b, c);
    }
    if let Some(cr) = end.first_mut() {
        *cr = b'\r';
    }
    line
}

/// A line of less, if it is one.
fn last_line(bytes: &[u8], out: &mut Vec<u8>) {
    if !bytes.is_empty() {
        encode(bytes, out);
        out.extend_from_slice(b"\r\n");
    }
}

/// Three bytes.
fn group(a: u8, b: u8, c: u8) -> [u8; 4] {
    [
        digit(a >> 2),
        digit(((a & 0x03) << 4) | (b >> 4)),
        digit(((b & 0x0f) << 2) | (c >> 6)),
        digit(c & 0x3f),
    ]
}

/// Appends `bytes` in one run.
pub(super) fn encode(bytes: &[u8], out: &mut Vec<u8>) {
    let (groups, rest) = bytes.as_chunks::<3>();
    for &[a, b, c] in groups {
        out.extend_from_slice(&group(a, b, c));
    }
    match *rest {
        [a] => out.extend_from_slice(&[digit(a >> 2), digit((a & 0x03) << 4), b'=', b'=']),
        [a, b] => out.extend_from_slice(&[
            digit(a >> 2),
            digit(((a & 0x03) << 4) | (b >> 4)),
            digit((b & 0x0f) << 2),
            b'=',
        ]),
        _ => {}
    }
}

/// The character of six bits.
fn digit(bits: u8) -> u8 {
    ALPHABET.get(usize::from(bits)).copied().unwrap_or(b'=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_4648() {
        for (raw, want) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            let mut out = Vec::new();
            encode(raw.as_bytes(), &mut out);
            assert_eq!(out, want.as_bytes());
        }
    }

    #[test]
    fn lines_have_76_characters() {
        let mut out = Vec::new();
        lines(&[0xff; 58], &mut out);
        assert_eq!(out, format!("{}\r\n/w==\r\n", "/".repeat(76)).as_bytes());
    }

    #[test]
    fn texts_are_encoded_as_their_crlf_form() {
        for length in [0, 1, 55, 56, 57, 58, 113, 114, STEP, 3 * STEP + 5] {
            for every in [1, 2, 3, 57, 58, 5000] {
                let text: String = (1..=length)
                    .map(|at| if at % every == 0 { '\n' } else { 'x' })
                    .collect();
                let (mut got, mut want) = (Vec::new(), Vec::new());
                text_lines(&text, &mut got);
                for line in text.replace('\n', "\r\n").as_bytes().chunks(LINE_BYTES) {
                    encode(line, &mut want);
                    want.extend_from_slice(b"\r\n");
                }
                assert_eq!(got, want, "{length} {every}");
            }
        }
    }
}

//! Base64, RFC 4648 section 4, in the lines of RFC 2045 section 6.8.

/// Bytes that make one line of 76 characters.
const LINE_BYTES: usize = 57;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Appends `bytes` as lines, each with its CRLF.
pub(super) fn lines(bytes: &[u8], out: &mut Vec<u8>) {
    out.reserve(bytes.len().saturating_mul(78).div_ceil(LINE_BYTES));
    for line in bytes.chunks(LINE_BYTES) {
        encode(line, out);
        out.extend_from_slice(b"\r\n");
    }
}

/// Appends `bytes` in one run.
pub(super) fn encode(bytes: &[u8], out: &mut Vec<u8>) {
    let (groups, rest) = bytes.as_chunks::<3>();
    for &[a, b, c] in groups {
        out.extend_from_slice(&[
            digit(a >> 2),
            digit(((a & 0x03) << 4) | (b >> 4)),
            digit(((b & 0x0f) << 2) | (c >> 6)),
            digit(c & 0x3f),
        ]);
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
}

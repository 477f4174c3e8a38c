//! Quoted-printable (RFC 2045 section 6.7) and the Q encoding (RFC 2047 section 4.2).

use memchr::memchr2;

/// Decodes the content of a part. An `=` that starts no escape stands for itself.
pub(in crate::formats) fn decode(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = raw;
    while let Some(at) = memchr2(b'=', b'\n', rest) {
        let (text, tail) = rest.split_at_checked(at).unwrap_or((rest, &[]));
        if tail.first() == Some(&b'\n') {
            push_line(&mut out, text);
            rest = tail.get(1..).unwrap_or_default();
            continue;
        }
        out.extend_from_slice(text);
        rest = match tail {
            [_, high, low, after @ ..] if let Some(byte) = hex_byte(*high, *low) => {
                out.push(byte);
                after
            }
            [_, after @ ..] => {
                if let Some(after) = soft_break(after) {
                    after
                } else {
                    out.push(b'=');
                    after
                }
            }
            [] => &[],
        };
    }
    out.extend_from_slice(trim_blanks(rest));
    out
}

/// Decodes the text of an encoded-word: `_` is a blank.
pub(in super::super) fn decode_word(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    loop {
        rest = match rest {
            [b'=', high, low, after @ ..] if let Some(byte) = hex_byte(*high, *low) => {
                out.push(byte);
                after
            }
            [b'_', after @ ..] => {
                out.push(b' ');
                after
            }
            [other, after @ ..] => {
                out.push(*other);
                after
            }
            [] => return out,
        };
    }
}

/// Ends a line: blanks at its end were put there in transport (section 6.7, rule 3).
fn push_line(out: &mut Vec<u8>, text: &[u8]) {
    let (text, end): (&[u8], &[u8]) = match text.strip_suffix(b"\r") {
        Some(text) => (text, b"\r\n"),
        None => (text, b"\n"),
    };
    out.extend_from_slice(trim_blanks(text));
    out.extend_from_slice(end);
}

fn trim_blanks(text: &[u8]) -> &[u8] {
    let kept = text
        .iter()
        .rposition(|b| !matches!(b, b' ' | b'\t'))
        .map_or(0, |last| last.saturating_add(1));
    text.get(..kept).unwrap_or_default()
}

/// What follows a soft line break, if one stands here: blanks, then a line end or the very end.
fn soft_break(after: &[u8]) -> Option<&[u8]> {
    let blanks = after
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t'))
        .count();
    match after.get(blanks..)? {
        [b'\r', b'\n', rest @ ..] | [b'\n', rest @ ..] => Some(rest),
        [] => Some(&[]),
        _ => None,
    }
}

/// The byte that two hexadecimal digits of either case stand for.
pub(in super::super) fn hex_byte(high: u8, low: u8) -> Option<u8> {
    let digit = |digit: u8| {
        let value = char::from(digit).to_digit(16)?;
        u8::try_from(value).ok()
    };
    Some((digit(high)? << 4) | digit(low)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn parts() {
        for (raw, want) in [
            ("", ""),
            ("caf=C3=A9", "café"),
            ("caf=c3=a9", "café"),
            ("a=\r\nb", "ab"),
            ("a=\nb", "ab"),
            ("a= \t\r\nb", "ab"),
            ("a=", "a"),
            ("a=4", "a=4"),
            ("a=zz", "a=zz"),
            ("100=%", "100=%"),
            ("trailing \t\r\nblank  \nx ", "trailing\r\nblank\nx"),
            ("kept=20\r\n", "kept \r\n"),
            ("==3D", "=="),
        ] {
            assert_eq!(decode(raw.as_bytes()), want.as_bytes(), "{raw:?}");
        }
    }

    #[test]
    fn words() {
        for (raw, want) in [
            ("a_b=5F", "a b_"),
            ("=E3=81=82", "あ"),
            ("=", "="),
            ("=E", "=E"),
        ] {
            assert_eq!(decode_word(raw.as_bytes()), want.as_bytes(), "{raw:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn it_only_shrinks(raw in proptest::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(decode(&raw).len() <= raw.len());
            prop_assert!(decode_word(&raw).len() <= raw.len());
        }
    }
}

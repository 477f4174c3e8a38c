//! Base64 of which there is one form only: full lines, padding, no stray bits.

use super::lines::Lines;
use mugai_core::Violation;

/// Characters of a full line.
const LINE: usize = 76;

/// Reads lines up to a line that starts with `--` or to the end.
pub(super) fn block(lines: &mut Lines<'_>) -> Result<Vec<u8>, Violation> {
    let mut out = Vec::new();
    let mut last = false;
    let start = lines.at();
    while let Some(line) = lines.peek()? {
        if line.starts_with("--") {
            break;
        }
        if last || line.is_empty() || line.len() > LINE || !decode(line, &mut out) {
            return Err(lines.wrong("eml: base64"));
        }
        // only the last line may be short, and only it may be padded
        last = line.len() < LINE || line.ends_with('=');
        lines.next()?;
    }
    if lines.at() == start {
        return Err(lines.wrong("eml: empty part"));
    }
    Ok(out)
}

/// Appends what `text` encodes; false when it is not the one way to encode that.
pub(super) fn decode(text: &str, out: &mut Vec<u8>) -> bool {
    let (quads, rest) = text.as_bytes().as_chunks::<4>();
    if !rest.is_empty() {
        return false;
    }
    let last = quads.len().saturating_sub(1);
    quads.iter().enumerate().all(|(index, quad)| {
        let [a, b, c, d] = quad.map(value);
        let end = index == last;
        // the bits behind the last byte have to be zero
        match (a, b, c, d) {
            (Some(a), Some(b), Some(c), Some(d)) => {
                out.extend_from_slice(&[(a << 2) | (b >> 4), (b << 4) | (c >> 2), (c << 6) | d]);
                true
            }
            (Some(a), Some(b), Some(c), None) => {
                out.extend_from_slice(&[(a << 2) | (b >> 4), (b << 4) | (c >> 2)]);
                end && quad.ends_with(b"=") && c.trailing_zeros() >= 2
            }
            (Some(a), Some(b), None, None) => {
                out.push((a << 2) | (b >> 4));
                end && quad.ends_with(b"==") && b.trailing_zeros() >= 4
            }
            _ => false,
        }
    })
}

const fn value(digit: u8) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => digit.checked_sub(b'A'),
        b'a'..=b'z' => digit.checked_sub(b'a' - 26),
        b'0'..=b'9' => digit.checked_add(52 - b'0'),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        decode(text, &mut out).then_some(out)
    }

    #[test]
    fn one_form_only() {
        assert_eq!(decoded("").unwrap(), b"");
        assert_eq!(decoded("Zg==").unwrap(), b"f");
        assert_eq!(decoded("Zm8=").unwrap(), b"fo");
        assert_eq!(decoded("Zm9vYmFy").unwrap(), b"foobar");
        assert_eq!(decoded("+/+/").unwrap(), [0xfb, 0xff, 0xbf]);
        for bad in [
            "Z", "Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==", "Z g=", "Zm9v\n", "-_-_",
            "Zm=v",
        ] {
            assert!(decoded(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn only_the_last_line_is_short() {
        let full = "A".repeat(76);
        for (body, fine) in [
            (format!("{full}\r\nAAAA\r\n"), true),
            (format!("{full}\r\n{full}\r\n"), true),
            (format!("AAAA\r\n{full}\r\n"), false),
            (format!("AAAA\r\n{full}A\r\n"), false),
            (format!("{full}AAAA\r\n"), false),
            ("AAAA\r\n\r\n".to_owned(), false),
            ("\r\n".to_owned(), false),
            (String::new(), false),
            ("AAAA\r\n--x\r\n".to_owned(), true),
        ] {
            assert_eq!(
                block(&mut Lines::new(body.as_bytes())).is_ok(),
                fine,
                "{body}"
            );
        }
    }
}

//! Whole lines in which no rule can find anything, told many bytes at a time.
//!
//! Only what cannot break a rule passes here; everything else is looked at line by line, by the
//! rules themselves.

/// How many bytes are looked at together: few enough that one odd line costs little.
const BLOCK: usize = 4096;

/// How lines end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    /// LF, as in files.
    Lf,
    /// CRLF, as in mail.
    Crlf,
}

/// The whole lines at the beginning of `bytes` that are to be looked at together, and the rest. A
/// line that is longer than a block stands alone.
pub(super) fn block(bytes: &[u8]) -> (&[u8], &[u8]) {
    let first = bytes.get(..BLOCK).unwrap_or(bytes);
    let last = first.iter().rposition(|b| *b == b'\n').or_else(|| {
        let behind = bytes.iter().skip(BLOCK).position(|b| *b == b'\n')?;
        behind.checked_add(BLOCK)
    });
    let end = last.map_or(bytes.len(), |at| at.saturating_add(1));
    bytes.split_at_checked(end).unwrap_or((bytes, &[]))
}

/// Whether these lines are ASCII, end as they should, and have nothing that any rule asks for.
pub(super) fn is_quiet(lines: &[u8], ends: Ends) -> bool {
    let (Some(behind), Some(third)) = (lines.get(1..), lines.get(3..)) else {
        return false;
    };
    let steps = lines.iter().zip(behind).zip(third);
    // what the steps leave out: the first byte, which starts a line, and the last two, behind
    // which no hyphen stands
    let first = lines.first().zip(lines.get(2));
    let first = first.map(|(byte, third)| (b'\n', *byte, *third));
    let last = lines.windows(2).rev().take(2);
    let edges = last.map(|pair| match *pair {
        [before, byte] => (before, byte, b'\n'),
        _ => (b'\n', b'-', b'-'),
    });
    lines.last() == Some(&b'\n')
        && !edges.chain(first).any(|step| asks(step, ends))
        && !steps.fold(false, |any, ((before, byte), third)| {
            any | asks((*before, *byte, *third), ends)
        })
}

/// Whether a byte has to be looked at by the rules, with the byte before it and the second one
/// behind it. The bytes before a first line count as a line end.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "without a branch many bytes are looked at in one step"
)]
const fn asks((before, byte, third): (u8, u8, u8), ends: Ends) -> bool {
    let (return_ok, ended) = match ends {
        Ends::Lf => (false, true),
        Ends::Crlf => (true, (before == b'\r') == (byte == b'\n')),
    };
    let known = matches!(byte, b' '..=b'~')
        | (byte == b'\t')
        | (byte == b'\n')
        | ((byte == b'\r') & return_ok);
    let live = (byte == b':') | (byte == b'\\') | (byte == b'<');
    let host = (byte == b'.')
        & ((before == b'w') | (before == b'W') | (before == b'p') | (before == b'P'));
    // armour starts with five hyphens: the third one tells most other lines
    let block = (byte == b'b')
        | (byte == b'B')
        | (byte == b'=')
        | (byte == b'(')
        | ((byte == b'-') & (third == b'-'));
    !known | !ended | live | host | ((before == b'\n') & block)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_whole_lines() {
        let line = [b"x".repeat(99), b"\n".to_vec()].concat();
        let many = line.repeat(100);
        let (first, rest) = block(&many);
        assert_eq!((first.len(), rest.len()), (4000, 6000));
        let long = [b"y".repeat(5000), b"\nz\n".to_vec()].concat();
        assert_eq!(block(&long).0.len(), 5001);
        for bytes in [&b""[..], b"a", b"a\n", &b"a".repeat(5000)] {
            assert_eq!(block(bytes), (bytes, &[][..]));
        }
    }

    #[test]
    fn only_what_no_rule_asks_for_is_quiet() {
        for (text, quiet) in [
            ("plain text. And more\n\n", true),
            ("--bound\n- a\n--\n", true),
            ("---\n", false),
            ("a\n-----BEGIN\n", false),
            ("a\nbegin\n", false),
            ("begin\n", false),
            (":ab\n", false),
            ("ab:\n", false),
            ("a\tb\n", true),
            ("\x01ab\n", false),
            ("ab\x01\n", false),
            ("www.a\n", false),
            ("あああ\n", false),
            ("あ", false),
            ("abcd", false),
            ("", false),
            ("<bc\n", false),
        ] {
            assert_eq!(is_quiet(text.as_bytes(), Ends::Lf), quiet, "{text:?}");
            let mail = text.replace('\n', "\r\n");
            assert_eq!(is_quiet(mail.as_bytes(), Ends::Crlf), quiet, "{mail:?}");
        }
        for text in ["a\rb\r\n", "ab\n\r\n", "\rab\r\n", "\nab\r\n", "a\r\r\n"] {
            assert!(!is_quiet(text.as_bytes(), Ends::Crlf), "{text:?}");
        }
        assert!(!is_quiet(b"ab\r\n", Ends::Lf));
    }
}

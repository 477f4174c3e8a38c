//! What comes behind DATA (RFC 5321, sections 4.1.1.4 and 4.5.2), both ways.

use std::borrow::Cow;

/// Where in a line the last byte was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// Behind a CRLF, or at the very beginning.
    #[default]
    Start,
    /// Behind a dot that began a line.
    Dot,
    /// Behind such a dot and a CR.
    DotCr,
    /// Behind a CR.
    Cr,
    /// Anywhere else.
    Text,
}

/// Takes dots away and finds the end. The end is CRLF, dot, CRLF, and nothing else is: a lone CR or LF
/// around the dot, which others take for an end of line, is part of the message here, so that no two
/// mails can be made of one ("SMTP smuggling", CVE-2023-51764).
#[derive(Debug, Default)]
pub(crate) struct Unstuffer(Place);

impl Unstuffer {
    /// Reads on: what belongs to the message goes to `out`. Gives how many bytes were read when the end is
    /// among them; all of them were otherwise.
    pub(crate) fn feed(&mut self, input: &[u8], out: &mut Vec<u8>) -> Option<usize> {
        let mut read = 0usize;
        while let Some(rest) = input.get(read..) {
            let Some(byte) = rest.first().copied() else {
                break;
            };
            if self.0 == Place::Text {
                // everything up to the next CR belongs to the line
                let plain = rest.iter().position(|byte| *byte == b'\r');
                let plain = plain.unwrap_or(rest.len());
                out.extend(rest.iter().take(plain));
                read = read.saturating_add(plain);
                if plain < rest.len() {
                    out.push(b'\r');
                    self.0 = Place::Cr;
                    read = read.saturating_add(1);
                }
                continue;
            }
            read = read.saturating_add(1);
            match (self.0, byte) {
                (Place::DotCr, b'\n') => return Some(read),
                (Place::Dot, b'\r') => self.0 = Place::DotCr,
                (Place::Start, b'.') => self.0 = Place::Dot,
                (place, byte) => {
                    if place == Place::DotCr {
                        out.push(b'\r');
                    }
                    out.push(byte);
                    self.0 = match (place, byte) {
                        (Place::Cr, b'\n') => Place::Start,
                        (_, b'\r') => Place::Cr,
                        _ => Place::Text,
                    };
                }
            }
        }
        None
    }
}

/// What ends a mail.
pub(crate) const END: &[u8] = b".\r\n";

/// Lines with their dots doubled; a message in which no line begins with one is not copied. `None` for a message
/// whose lines do not all end with CRLF: ours do.
pub(crate) fn stuffed(message: &[u8]) -> Option<Cow<'_, [u8]>> {
    let lines = || message.split_inclusive(|byte| *byte == b'\n');
    let mut dots = false;
    for line in lines() {
        let content = line.strip_suffix(b"\r\n")?;
        if content.contains(&b'\r') {
            return None;
        }
        dots |= content.first() == Some(&b'.');
    }
    if !dots {
        return Some(Cow::Borrowed(message));
    }
    let mut out = Vec::with_capacity(message.len().saturating_add(64));
    for line in lines() {
        if line.first() == Some(&b'.') {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    Some(Cow::Owned(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads in pieces of every size: the result must not depend on them.
    fn read(input: &[u8]) -> (Vec<u8>, Option<usize>) {
        let whole = pieces(input, input.len().max(1));
        for size in 1..input.len() {
            assert_eq!(pieces(input, size), whole, "pieces of {size}");
        }
        whole
    }

    fn pieces(input: &[u8], size: usize) -> (Vec<u8>, Option<usize>) {
        let (mut reader, mut out, mut before) = (Unstuffer::default(), Vec::new(), 0usize);
        for piece in input.chunks(size) {
            if let Some(read) = reader.feed(piece, &mut out) {
                return (out, before.checked_add(read));
            }
            before = before.saturating_add(piece.len());
        }
        (out, None)
    }

    #[test]
    fn dots_are_taken_away_and_the_end_is_found() {
        for (input, message, rest) in [
            (&b"a\r\n.\r\n"[..], &b"a\r\n"[..], &b""[..]),
            (b".\r\nQUIT\r\n", b"", b"QUIT\r\n"),
            (b"..\r\n.\r\n", b".\r\n", b""),
            (b"..a\r\n...\r\n.\r\nx", b".a\r\n..\r\n", b"x"),
            (b"a\r\n.b\r\n.\r\n", b"a\r\nb\r\n", b""),
            (b"a\r\r\n.\r\n", b"a\r\r\n", b""),
            (b"\r\n.\r\n", b"\r\n", b""),
        ] {
            let (out, end) = read(input);
            assert_eq!(out, message, "{input:?}");
            assert_eq!(end.map(|end| &input[end..]), Some(rest), "{input:?}");
        }
    }

    #[test]
    fn nothing_else_is_an_end() {
        for smuggled in [
            &b"\n.\n"[..],
            b"\n.\r\n",
            b"\r\n.\n",
            b"\r.\r",
            b"\r\n.\r",
            b"\r.\r\n",
            b"\n\n.\r\n",
            b"\r\n.\r\r\n",
            b"\r\n\x00.\r\n",
        ] {
            let mut input = b"Subject: x\r\n\r\nfirst".to_vec();
            input.extend_from_slice(smuggled);
            input.extend_from_slice(b"MAIL FROM:<admin@city.example>\r\n");
            let (_, end) = read(&input);
            assert_eq!(end, None, "{smuggled:?}");
            input.extend_from_slice(b".\r\n");
            let (out, end) = read(&input);
            assert_eq!(end, Some(input.len()));
            assert!(out.ends_with(b"MAIL FROM:<admin@city.example>\r\n"));
        }
    }

    #[test]
    fn what_is_stuffed_is_read_again() {
        for message in [
            &b""[..],
            b"a\r\n",
            b".\r\n",
            b"..\r\n.a\r\n\r\n",
            b"a\r\n.\r\nb\r\n",
        ] {
            let mut sent = stuffed(message).expect("whole lines").into_owned();
            sent.extend_from_slice(END);
            assert_eq!(read(&sent), (message.to_vec(), Some(sent.len())));
        }
        for broken in [&b"a"[..], b"a\n", b"a\r\nb", b"a\rb\r\n", b"\r\r\n"] {
            assert_eq!(stuffed(broken), None, "{broken:?}");
        }
    }
}

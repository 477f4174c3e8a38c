//! Who a mail says it is from, and what it is about: for whoever is told that something of it was withheld.
//!
//! The relay reads no field of a mail that came in. It reads those of the new one, which a worker decoded, a writer of
//! ours wrote and a checker has seen. Of a mail that is withheld as a whole the header alone is sanitised, as a mail
//! without a body.

use crate::mail::{Content, Mail};
use data_encoding::BASE64;
use mugai_core::{Line, Untrusted};
use std::io;
use std::os::unix::fs::FileExt as _;

/// The largest header that is looked at, in bytes.
const MOST_BYTES: usize = 256 << 10;
/// The most characters that are told of a field.
const MOST_CHARS: usize = 200;
/// What stands for an address where there is none (docs/profiles/eml.md).
const NO_ADDRESS: &str = "<unknown@unknown.invalid>";

/// Two fields of a mail, decoded; empty where there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct About {
    /// Names and addresses, the latter with `[@]`: nothing makes a link of them.
    pub(crate) from: String,
    pub(crate) subject: String,
}

impl About {
    /// Reads them of a mail of ours.
    pub(crate) fn of(mail: &[u8]) -> Self {
        let end = blank_line(mail).unwrap_or(mail.len());
        let head = mail.get(..end.min(MOST_BYTES)).unwrap_or_default();
        let head = String::from_utf8_lossy(head).replace("\r\n ", " ");
        let field = |name: &str| {
            let value = head.lines().find_map(|line| line.strip_prefix(name));
            told(&decoded(value.unwrap_or_default()))
        };
        Self {
            from: field("From: ").replace('@', "[@]"),
            subject: field("Subject: "),
        }
    }
}

/// A mail of nothing but the header of another one; `None` where that has none that ends.
pub(crate) fn header(mail: &Mail) -> io::Result<Option<Mail>> {
    let mut head = match &mail.content {
        Content::Held(content) => {
            let content = content
                .load()
                .map_err(|why| io::Error::other(why.to_string()))?;
            content
                .get(..content.len().min(MOST_BYTES))
                .unwrap_or_default()
                .to_vec()
        }
        Content::TooLarge(file, _) => {
            let mut head = vec![0; MOST_BYTES];
            let read = file.read_at(&mut head, 0)?;
            head.truncate(read);
            head
        }
    };
    let Some(end) = blank_line(&head) else {
        return Ok(None);
    };
    head.truncate(end);
    head.extend_from_slice(b"\r\n");
    Ok(Some(Mail {
        envelope: mail.envelope.clone(),
        digest: blake3::hash(&head),
        content: Content::Held(Untrusted::new(head)),
    }))
}

/// Where the empty line behind a header begins.
fn blank_line(mail: &[u8]) -> Option<usize> {
    let mut begin = 0usize;
    for line in mail.split_inclusive(|byte| *byte == b'\n') {
        if matches!(line, b"\r\n" | b"\n") {
            return (begin > 0).then_some(begin);
        }
        begin = begin.saturating_add(line.len());
    }
    None
}

/// Undoes encoded words, which a mail of ours has in UTF-8 and base 64 alone. The blank between two of them is none
/// (RFC 2047 section 6.2).
fn decoded(value: &str) -> String {
    let mut out = String::new();
    let mut was_word = false;
    for token in value.split(' ').filter(|token| !token.is_empty()) {
        let word = word(token);
        if !out.is_empty() && !(was_word && word.is_some()) {
            out.push(' ');
        }
        was_word = word.is_some();
        match &word {
            Some(text) => out.push_str(text),
            None => out.push_str(token),
        }
    }
    out
}

fn word(token: &str) -> Option<String> {
    let inner = token.strip_prefix("=?UTF-8?B?")?.strip_suffix("?=")?;
    String::from_utf8(BASE64.decode(inner.as_bytes()).ok()?).ok()
}

/// One line without anything invisible, and not too long.
fn told(value: &str) -> String {
    let value = value.replace(NO_ADDRESS, "");
    let (line, _) = Line::clean(value.trim());
    let mut chars = line.as_str().chars();
    let mut told: String = chars.by_ref().take(MOST_CHARS).collect();
    if chars.next().is_some() {
        told.push('…');
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_our_mails_are_told_in_letters() {
        let mail = b"From: =?UTF-8?B?5bGx55SwIOWkqumDjg==?= <taro@city.example.lg.jp>,\r\n \
            \"B\" <b@c.example>\r\nTo: x@y.example\r\n\
            Subject: =?UTF-8?B?44GC?=\r\n =?UTF-8?B?44GC?=\r\n\r\nFrom: body@x.example\r\n";
        let about = About::of(mail);
        assert_eq!(
            about.from,
            "山田 太郎 <taro[@]city.example.lg.jp>, \"B\" <b[@]c.example>"
        );
        assert_eq!(about.subject, "ああ");
        let nobody = About::of(b"From: =?UTF-8?B?5bGx55Sw?= <unknown@unknown.invalid>\r\n\r\nx");
        assert_eq!(
            (nobody.from.as_str(), nobody.subject.as_str()),
            ("山田", "")
        );
        assert_eq!(About::of(b"\r\nSubject: x\r\n"), About::default());
        let long = [b"Subject: ".as_slice(), &vec![b'a'; 500], b"\r\n\r\n"].concat();
        assert_eq!(
            About::of(&long).subject.chars().count(),
            MOST_CHARS.saturating_add(1)
        );
    }

    #[test]
    fn a_header_alone_is_a_mail() {
        let mail = |content: &[u8]| Mail {
            envelope: crate::mail::Envelope::default(),
            digest: blake3::hash(content),
            content: Content::Held(Untrusted::new(content.to_vec())),
        };
        let head = |content: &[u8]| {
            let found = header(&mail(content)).unwrap()?;
            match found.content {
                Content::Held(head) => Some(head.load().unwrap().to_vec()),
                Content::TooLarge(..) => None,
            }
        };
        assert_eq!(
            head(b"Subject: x\r\n\r\nbody\r\n\r\n").as_deref(),
            Some(&b"Subject: x\r\n\r\n"[..])
        );
        assert_eq!(head(b"a: b\n\nbody").as_deref(), Some(&b"a: b\n\r\n"[..]));
        assert_eq!(head(b"\r\nbody\r\n\r\n"), None);
        assert_eq!(head(b"no end"), None);
        let mut file = tempfile::tempfile().unwrap();
        io::Write::write_all(&mut file, b"Subject: x\r\n\r\nlarge").unwrap();
        let large = Mail {
            content: Content::TooLarge(file, 19),
            ..mail(b"")
        };
        assert!(header(&large).unwrap().is_some());
    }
}

//! The forms in which mails are signed: `relaxed` for fields and for bodies (RFC 6376, section 3.4).

use ring::digest::{Context, Digest, SHA256};

/// The header of a mail.
pub(super) struct Fields<'a>(Vec<&'a str>);

impl<'a> Fields<'a> {
    /// The fields of a mail, and its body. `None` for what has no end of a header, or one that is not UTF-8.
    pub(super) fn read(mail: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let end = mail.windows(4).position(|four| four == b"\r\n\r\n")?;
        let header = std::str::from_utf8(mail.get(..end)?).ok()?;
        let body = mail.get(end.saturating_add(4)..)?;
        let (mut fields, mut begin, mut from) = (Vec::new(), 0usize, 0usize);
        while let Some(found) = header.get(from..)?.find("\r\n") {
            let end = from.saturating_add(found);
            from = end.saturating_add(2);
            if !header.get(from..)?.starts_with([' ', '\t']) {
                fields.push(header.get(begin..end)?);
                begin = from;
            }
        }
        fields.push(header.get(begin..)?);
        Some((Self(fields), body))
    }

    /// The fields of a name in small letters, from the last one up.
    fn named<'b>(&'b self, name: &'b str) -> impl Iterator<Item = &'a str> + 'b {
        let is = move |field: &&&str| {
            let found = field.split_once(':').map(|(found, _)| found);
            found.is_some_and(|found| found.trim_end().eq_ignore_ascii_case(name))
        };
        self.0.iter().rev().filter(is).copied()
    }

    /// What the last field of a name says, on one line.
    pub(super) fn last(&self, name: &str) -> Option<String> {
        let (_, value) = self.named(name).next()?.split_once(':')?;
        Some(value.replace("\r\n", "").trim().to_owned())
    }

    /// What is to be signed of `names`: a field that is there is named once more than it is, so that none can be
    /// added to it without being noticed (RFC 6376, section 8.15).
    pub(super) fn signed<'b>(&self, names: &'b [String]) -> Vec<&'b str> {
        let mut all = Vec::new();
        for name in names {
            let many = self.named(name).count();
            let many = if many == 0 { 0 } else { many.saturating_add(1) };
            all.extend(std::iter::repeat_n(name.as_str(), many));
        }
        all
    }

    /// Puts these fields down as they are signed: of one name from the last one up, and nothing for those that
    /// are not there (section 5.4.2).
    pub(super) fn canonical(&self, names: &[&str], to: &mut Vec<u8>) {
        for (place, name) in names.iter().enumerate() {
            let before = names.iter().take(place);
            let before = before.filter(|other| *other == name).count();
            if let Some(found) = self.named(name).nth(before) {
                field(found, to);
                to.extend_from_slice(b"\r\n");
            }
        }
    }
}

/// One field as it is signed, without its CRLF (section 3.4.2).
pub(super) fn field(field: &str, to: &mut Vec<u8>) {
    let (name, value) = field.split_once(':').unwrap_or((field, ""));
    to.extend(
        name.trim_end()
            .bytes()
            .map(|byte| byte.to_ascii_lowercase()),
    );
    to.push(b':');
    let mut blank = false;
    let mut first = true;
    for byte in value.bytes().filter(|byte| !b"\r\n".contains(byte)) {
        if matches!(byte, b' ' | b'\t') {
            blank = true;
            continue;
        }
        if blank && !first {
            to.push(b' ');
        }
        (blank, first) = (false, false);
        to.push(byte);
    }
}

/// The digest of a body as it is signed (section 3.4.4), which comes in pieces of any size.
pub(super) struct Body {
    digest: Context,
    /// What is digested next: many small updates would cost more than the digest.
    ready: Vec<u8>,
    /// Ends of lines that count only if something comes behind them.
    lines: usize,
    blank: bool,
    /// Whether anything but ends of lines has come.
    begun: bool,
}

impl Body {
    pub(super) fn new() -> Self {
        Self {
            digest: Context::new(&SHA256),
            ready: Vec::new(),
            lines: 0,
            blank: false,
            begun: false,
        }
    }

    /// Takes more of it. Lines end with CRLF; a CR is part of an end of line wherever it is.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match byte {
                b'\r' => {}
                b'\n' => {
                    self.lines = self.lines.saturating_add(1);
                    self.blank = false;
                }
                b' ' | b'\t' => self.blank = true,
                other => {
                    for _ in 0..std::mem::take(&mut self.lines) {
                        self.ready.extend_from_slice(b"\r\n");
                    }
                    if std::mem::take(&mut self.blank) {
                        self.ready.push(b' ');
                    }
                    self.ready.push(*other);
                    self.begun = true;
                    if self.ready.len() >= 1 << 16 {
                        self.digest.update(&self.ready);
                        self.ready.clear();
                    }
                }
            }
        }
    }

    /// Empty lines at the end do not count; a body that has others ends with one CRLF.
    pub(super) fn finish(mut self) -> Digest {
        if self.begun {
            self.ready.extend_from_slice(b"\r\n");
        }
        self.digest.update(&self.ready);
        self.digest.finish()
    }
}

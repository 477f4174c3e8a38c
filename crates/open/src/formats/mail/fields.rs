//! Header sections: lines to fields (RFC 5322 section 2.2), tolerant of what mail software does.

use memchr::{memchr, memchr2};
use mugai_core::{Cx, FindingCode, Refusal, Resource};

/// The most header lines of one message, all of its parts together.
pub(super) const MAX_HEADER_LINES: u64 = 100_000;
/// The most lines in a row without a colon that are passed over to get back into a header.
const MAX_BROKEN_RUN: usize = 8;

/// The fields that this reader looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    From,
    To,
    Cc,
    ReplyTo,
    Subject,
    Date,
    MessageId,
    InReplyTo,
    References,
    ListId,
    AutoSubmitted,
    Precedence,
    AuthResults,
    ContentType,
    TransferEncoding,
    Disposition,
    ContentId,
    MimeVersion,
}

const NAMES: [(&str, Name); 18] = [
    ("from", Name::From),
    ("to", Name::To),
    ("cc", Name::Cc),
    ("reply-to", Name::ReplyTo),
    ("subject", Name::Subject),
    ("date", Name::Date),
    ("message-id", Name::MessageId),
    ("in-reply-to", Name::InReplyTo),
    ("references", Name::References),
    ("list-id", Name::ListId),
    ("auto-submitted", Name::AutoSubmitted),
    ("precedence", Name::Precedence),
    ("authentication-results", Name::AuthResults),
    ("content-type", Name::ContentType),
    ("content-transfer-encoding", Name::TransferEncoding),
    ("content-disposition", Name::Disposition),
    ("content-id", Name::ContentId),
    ("mime-version", Name::MimeVersion),
];

impl Name {
    fn of(raw: &[u8]) -> Option<Self> {
        NAMES
            .iter()
            .find(|(text, _)| raw.eq_ignore_ascii_case(text.as_bytes()))
            .map(|(_, name)| *name)
    }
}

/// One field of interest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field<'a> {
    /// Which one.
    pub name: Name,
    /// What stands behind its colon, line breaks of folding included, without its last line end.
    pub value: &'a [u8],
}

/// The header of a message or of one of its parts.
#[derive(Debug, Default)]
pub(super) struct Section<'a> {
    /// The fields of interest, in their order.
    pub fields: Vec<Field<'a>>,
    /// How many other fields there were.
    pub others: u32,
    /// Where the body starts.
    pub body: usize,
}

impl<'a> Section<'a> {
    /// The value of the first field of this name: the one that counts.
    pub(super) fn first(&self, name: Name) -> Option<&'a [u8]> {
        self.all(name).next()
    }

    /// The values of all fields of this name.
    pub(super) fn all(&self, name: Name) -> impl Iterator<Item = &'a [u8]> + '_ {
        self.fields
            .iter()
            .filter(move |field| field.name == name)
            .map(|field| field.value)
    }

    /// How often a field that may stand once stood again.
    pub(super) fn repeats(&self, name: Name) -> u32 {
        u32::try_from(self.all(name).skip(1).count()).unwrap_or(u32::MAX)
    }
}

/// Reads header sections and keeps count of their lines.
#[derive(Debug, Default)]
pub(super) struct HeaderReader {
    lines: u64,
}

impl HeaderReader {
    /// Reads the section that starts at `start`. It ends behind an empty line, before a line that
    /// `is_delimiter` says to be one, before a line that can be no header, or with the input.
    ///
    /// A line without a name and a colon, and what is folded to it, belongs to no field (RFC 5322
    /// section 2.2 knows no such line): where the header goes on behind it, it is left out.
    ///
    /// The bytes of the whole input are paid for by the caller; lines are paid for here.
    ///
    /// # Errors
    /// [`Refusal::Overrun`] for more than [`MAX_HEADER_LINES`] in all sections together.
    pub(super) fn read<'a>(
        &mut self,
        input: &'a [u8],
        start: usize,
        is_delimiter: impl Fn(&[u8]) -> bool,
        cx: &mut Cx<'_>,
    ) -> Result<Section<'a>, Refusal> {
        let mut section = Section::default();
        let mut open: Option<(Option<Name>, usize)> = None;
        // whether the last line with a name or without was left out
        let mut passing = false;
        let mut at = start;
        loop {
            let Some((line, next)) = line_at(input, at) else {
                section.close(open, input, at);
                section.body = at;
                return Ok(section);
            };
            self.pay(cx)?;
            if line.is_empty() {
                section.close(open, input, at);
                section.body = next;
                return Ok(section);
            }
            if is_delimiter(line) {
                section.close(open, input, at);
                section.body = at;
                return Ok(section);
            }
            if memchr2(0, b'\r', line).is_some() {
                cx.note(FindingCode::MailHeaderMalformed);
            }
            let folded = matches!(line.first(), Some(b' ' | b'\t'));
            if folded && (open.is_some() || passing) {
                at = next;
                continue;
            }
            passing = false;
            if let Some((name, value)) = split(line) {
                section.close(open, input, at);
                let value = next
                    .saturating_sub(eol_len(input, at, next))
                    .saturating_sub(value.len());
                open = Some((Name::of(name), value));
            } else if at == start && is_envelope_line(line) {
                // the separator line of a mailbox, left on top by whoever saved the message
            } else if goes_on(input, next, &is_delimiter) {
                // the fields before and behind it still count, each for itself
                cx.note(FindingCode::MailHeaderMalformed);
                section.close(open.take(), input, at);
                passing = true;
            } else {
                cx.note(FindingCode::MailHeaderMalformed);
                section.close(open, input, at);
                section.body = at;
                return Ok(section);
            }
            at = next;
        }
    }

    fn pay(&mut self, cx: &Cx<'_>) -> Result<(), Refusal> {
        self.lines = self.lines.saturating_add(1);
        if self.lines > MAX_HEADER_LINES {
            return Err(Refusal::Overrun {
                resource: Resource::Steps,
                limit: MAX_HEADER_LINES,
            });
        }
        cx.charge(Resource::Steps, 1)
    }
}

impl<'a> Section<'a> {
    /// Ends the field that is open: its value goes up to the line end before `end`.
    fn close(&mut self, open: Option<(Option<Name>, usize)>, input: &'a [u8], end: usize) {
        match open {
            Some((Some(name), start)) => {
                let value = input.get(start..end).unwrap_or_default();
                let value = trim_eol(value);
                self.fields.push(Field { name, value });
            }
            Some((None, _)) => self.others = self.others.saturating_add(1),
            None => {}
        }
    }
}

/// The line at `at` without its line end (LF or CRLF), and where the next one starts.
pub(in crate::formats) fn line_at(input: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let rest = input.get(at..).filter(|rest| !rest.is_empty())?;
    match memchr(b'\n', rest) {
        Some(length) => {
            let line = rest.get(..length).unwrap_or_default();
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            Some((line, at.saturating_add(length).saturating_add(1)))
        }
        None => Some((rest, input.len())),
    }
}

/// `bytes` without one line end at its end.
pub(super) fn trim_eol(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}

/// Whether a line has the form of a header field.
pub(in crate::formats) fn is_header_line(line: &[u8]) -> bool {
    split(line).is_some()
}

/// Name and value of a header line; blanks before the colon are obsolete, not wrong
/// (RFC 5322 section 4.5).
pub(super) fn split(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = memchr(b':', line.get(..line.len().min(256)).unwrap_or_default())?;
    let (name, value) = line.split_at_checked(colon)?;
    let name = name.trim_ascii_end();
    let named = !name.is_empty() && name.iter().all(|b| matches!(b, b'!'..=b'9' | b';'..=b'~'));
    named.then(|| (name, value.get(1..).unwrap_or_default()))
}

fn eol_len(input: &[u8], start: usize, next: usize) -> usize {
    let line = input.get(start..next).unwrap_or_default();
    line.len().saturating_sub(trim_eol(line).len())
}

/// `From sender date`, perhaps quoted as a mailbox quotes it.
fn is_envelope_line(line: &[u8]) -> bool {
    line.starts_with(b"From ") || line.starts_with(b">From ")
}

/// Whether a header goes on at `at`, behind a line that is none. One such line may be followed by
/// any field; a run of them could as well be a text whose empty line was lost, and only a field
/// that we know shows that it is not.
fn goes_on(input: &[u8], at: usize, is_delimiter: impl Fn(&[u8]) -> bool) -> bool {
    let mut at = at;
    for round in 0..MAX_BROKEN_RUN {
        let Some((line, next)) = line_at(input, at) else {
            return false;
        };
        if line.is_empty() || is_delimiter(line) {
            return false;
        }
        if let Some((name, _)) = split(line) {
            return round == 0 || Name::of(name).is_some();
        }
        at = next;
    }
    false
}

//! Formats that are text, told by how they begin.

use super::declared;
use mugai_core::{Hints, Kind, Token};
use std::borrow::Cow;

/// Where tags of HTML are looked for.
const FRONT: usize = 1024;
/// How many lines of a header are looked at.
const HEADER_LINES: usize = 64;

/// Beginnings of a page, as in the WHATWG MIME Sniffing Standard, section 7.1.
const PAGE_STARTS: [&[u8]; 17] = [
    b"<!doctype html",
    b"<html",
    b"<head",
    b"<script",
    b"<iframe",
    b"<h1",
    b"<div",
    b"<font",
    b"<table",
    b"<a ",
    b"<style",
    b"<title",
    b"<b>",
    b"<body",
    b"<br",
    b"<p>",
    b"<meta",
];
/// Headers that only a mail system writes: one is enough.
const MAIL_ONLY: [&[u8]; 5] = [
    b"received",
    b"return-path",
    b"message-id",
    b"mime-version",
    b"delivered-to",
];
/// Headers that people write at the top of a note, too: two are needed.
const MAIL_OFTEN: [&[u8]; 9] = [
    b"from",
    b"to",
    b"cc",
    b"subject",
    b"date",
    b"reply-to",
    b"sender",
    b"content-type",
    b"x-mailer",
];

/// Whether the part is a piece of a body that is said to be text, or not said to be anything.
pub(super) fn is_text_body(hints: &Hints) -> bool {
    hints.body && declared::declared(hints).is_none_or(|media| media.starts_with("text/"))
}

/// The kind of a file without any mark of a binary format.
pub(super) fn recognise(head: &[u8], hints: &Hints) -> Kind {
    let Some((text, unmarked)) = as_text(head, hints) else {
        return match declared::active(hints) {
            // an encoded or binary script is none the better for it
            Some(kind) => kind,
            None if is_text_body(hints) && hints.declared.is_some() => said_text(hints),
            None if is_mpeg_audio(head) => Kind::Media,
            None => message_with_nul(head, hints)
                .or_else(|| text_with_nul(head, hints))
                .unwrap_or(Kind::Unknown),
        };
    };
    let text = text.trim_ascii_start();
    if declared::declared(hints) == Some("message/partial") {
        return Kind::Partial;
    }
    if hints.body {
        return body(text, hints);
    }
    declared::active(hints)
        .or_else(|| begins(text))
        // mail systems write no UTF-16
        .or_else(|| message(text, hints).map(|kind| if unmarked { Kind::Unknown } else { kind }))
        .unwrap_or_else(|| markup_or_plain(text, hints))
}

/// A body keeps the form of text that it is said to have, however many controls are in it.
fn said_text(hints: &Hints) -> Kind {
    match declared::kind_of_type(hints) {
        Some(Kind::Html) => Kind::Html,
        Some(Kind::Plain) => Kind::Plain,
        _ => Kind::Unknown,
    }
}

fn body(text: &[u8], hints: &Hints) -> Kind {
    match declared::kind_of_type(hints) {
        Some(Kind::Plain) => Kind::Plain,
        Some(Kind::Html) => Kind::Html,
        Some(said) => begins(text)
            .or_else(|| (said == Kind::Mail).then_some(Kind::Mail))
            .unwrap_or_else(|| markup_or_plain(text, hints)),
        None if is_page(text) => Kind::Html,
        None => Kind::Plain,
    }
}

/// Marks of text formats at the very beginning.
fn begins(text: &[u8]) -> Option<Kind> {
    let front = text.get(..128).unwrap_or(text).to_ascii_lowercase();
    let starts = |mark: &str| front.starts_with(mark.as_bytes());
    if starts("begin:vcalendar") {
        Some(Kind::Calendar)
    } else if starts("begin:vcard") {
        Some(Kind::Vcard)
    } else if starts("-----begin pgp signed message") {
        Some(Kind::Plain)
    } else if starts("-----begin pgp") {
        Some(Kind::Pgp)
    } else if starts("-----begin pkcs7") || starts("-----begin cms") {
        Some(Kind::Cms)
    } else if starts("#!") || starts("#@~^") {
        Some(Kind::Script)
    } else if starts("[internetshortcut")
        || starts("[desktop entry]")
        || starts("id;p")
        || starts("web\r\n1")
        || starts("web\n1")
        || starts("xlodbc\r\n")
    {
        Some(Kind::Shortcut)
    } else {
        None
    }
}

/// A message or a mailbox. A file that is said to be a text may begin
/// like one; it is taken for one only when nothing else writes such a header.
fn message(text: &[u8], hints: &Hints) -> Option<Kind> {
    let said = declared::kind_of_type(hints);
    let extension = declared::extension(hints);
    let said_mail = is_said_message(hints);
    let said_mbox = said == Some(Kind::Mbox) || extension == Some("mbox");
    let said_plain =
        !said_mail && !said_mbox && (said == Some(Kind::Plain) || is_named_plain(extension));
    // single messages, too, are saved with the line that parts messages in a mailbox
    match behind_from_line(text) {
        Some(after) if is_header(after, true) && !said_plain => Some(if said_mail && !said_mbox {
            Kind::Mail
        } else {
            Kind::Mbox
        }),
        Some(after) if said_plain => is_whole_header(after).then_some(Kind::Mbox),
        _ if said_plain => is_whole_header(text).then_some(Kind::Mail),
        _ => is_header(text, said_mail).then_some(Kind::Mail),
    }
}

/// A message in which NUL strayed, or with a body that is no text: its header alone must be one,
/// apart from few NUL. What nobody calls a message needs the whole header of one.
fn message_with_nul(head: &[u8], hints: &Hints) -> Option<Kind> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let head = head.trim_ascii_start();
    let ends = [&b"\n\n"[..], b"\n\r\n"];
    let end = ends
        .iter()
        .filter_map(|end| memchr::memmem::find(head, end))
        .min();
    let header = head.get(..end.unwrap_or(head.len())).unwrap_or(head);
    let clean = without_nul(header)?;
    let fields = behind_from_line(&clean).unwrap_or(&clean);
    (is_said_message(hints) || is_whole_header(fields))
        .then(|| message(&clean, hints))
        .flatten()
}

/// A body, or a file that is said to be plain text or a table of text, in which NUL strayed: programs
/// that export fields of fixed length leave some.
fn text_with_nul(head: &[u8], hints: &Hints) -> Option<Kind> {
    let said = declared::kind_of_type(hints);
    let extension = declared::extension(hints);
    let plain = said == Some(Kind::Plain) || (said.is_none() && is_named_plain(extension));
    let table = said == Some(Kind::Csv) || is_named_table(extension);
    let clean = (plain || table || is_text_body(hints)).then(|| without_nul(head))??;
    let text = clean.trim_ascii_start();
    if hints.body {
        return Some(body(text, hints));
    }
    begins(text).or(Some(if table && !text.starts_with(b"<") {
        Kind::Csv
    } else {
        Kind::Plain
    }))
}

/// Text without the NUL that strayed into it; `None` for what is no text, or has more of them than
/// stray: every second byte of UTF-16 is one.
fn without_nul(raw: &[u8]) -> Option<Vec<u8>> {
    // a file that begins with NUL is of a format of its own
    if raw.first() == Some(&0) {
        return None;
    }
    let clean: Vec<u8> = raw.iter().copied().filter(|b| *b != 0).collect();
    let nul = raw.len().saturating_sub(clean.len());
    let stray = nul <= raw.len() / 16 || nul <= 4 && nul.saturating_mul(4) <= clean.len();
    (stray && is_text(&clean)).then_some(clean)
}

fn is_said_message(hints: &Hints) -> bool {
    declared::kind_of_type(hints) == Some(Kind::Mail)
        || declared::declared(hints) == Some("message/global")
        || declared::extension(hints).is_some_and(|ext| Kind::Mail.extensions().contains(&ext))
}

/// A header of a mail system that names people as well: no note begins like that.
fn is_whole_header(text: &[u8]) -> bool {
    let header = Header::of(text, false);
    header.certain && header.often >= 2
}

fn markup_or_plain(text: &[u8], hints: &Hints) -> Kind {
    let said = declared::kind_of_type(hints);
    let extension = declared::extension(hints);
    let named = |kind: Kind| {
        said == Some(kind) || extension.is_some_and(|ext| kind.extensions().contains(&ext))
    };
    let tagged = text.starts_with(b"<");
    if (said == Some(Kind::Csv) || is_named_table(extension)) && !tagged {
        return Kind::Csv;
    }
    if said == Some(Kind::Plain) || (is_named_plain(extension) && said.is_none()) {
        return Kind::Plain;
    }
    if let Some(kind) = xml(text) {
        return kind;
    }
    if is_page(text) || (named(Kind::Html) && has_tag(text)) {
        return Kind::Html;
    }
    Kind::Plain
}

fn is_named_plain(extension: Option<&str>) -> bool {
    extension.is_some_and(|ext| Kind::Plain.extensions().contains(&ext))
}

fn is_named_table(extension: Option<&str>) -> bool {
    extension.is_some_and(|ext| ext == "tab" || Kind::Csv.extensions().contains(&ext))
}

/// XML by its declaration or by a root that only XML has.
fn xml(text: &[u8]) -> Option<Kind> {
    let front = text.get(..FRONT).unwrap_or(text).to_ascii_lowercase();
    let has = |mark: &[u8]| memchr::memmem::find(&front, mark).is_some();
    let declaration = front.starts_with(b"<?xml");
    if front.starts_with(b"<svg") || ((declaration || front.starts_with(b"<!")) && has(b"<svg")) {
        return Some(Kind::Svg);
    }
    if !declaration {
        return None;
    }
    // a document of ODF in one file (ODF 1.3 part 2, section 2.2.1)
    if has(b"<office:document ") && has(b"urn:oasis:names:tc:opendocument:") {
        return Some(Kind::Odf);
    }
    let page = has(b"<html") || has(b"<!doctype html");
    Some(if page { Kind::Html } else { Kind::Xml })
}

/// A page that needs nobody to say so: its first tag is one of HTML, comments left out.
fn is_page(text: &[u8]) -> bool {
    let mut rest = text;
    // each comment is searched once, and there is little text
    while rest.starts_with(b"<!--") {
        let end = memchr::memmem::find(rest, b"-->").map_or(rest.len(), |at| at.saturating_add(3));
        rest = rest.get(end..).unwrap_or_default().trim_ascii_start();
    }
    let front = rest.get(..32).unwrap_or(rest).to_ascii_lowercase();
    PAGE_STARTS.iter().any(|start| front.starts_with(start))
}

/// Anything that looks like a tag near the beginning.
fn has_tag(text: &[u8]) -> bool {
    let front = text.get(..FRONT).unwrap_or(text);
    front
        .windows(2)
        .any(|pair| matches!(pair, [b'<', b'a'..=b'z' | b'A'..=b'Z' | b'!' | b'/']))
}

/// What follows a line `From somebody Sat Jan  1 00:00:00 2000`, as mailboxes part messages.
fn behind_from_line(text: &[u8]) -> Option<&[u8]> {
    let rest = text.strip_prefix(b"From ")?;
    let end = memchr::memchr(b'\n', rest)?;
    let (line, after) = rest.split_at_checked(end)?;
    let colon = line.contains(&b':');
    let year = line.windows(4).any(|w| w.iter().all(u8::is_ascii_digit));
    (colon && year && line.len() < 512).then(|| after.get(1..).unwrap_or_default())
}

/// Whether a text begins with the header of a message. One that is `said` to be a message needs one
/// line of the right form.
fn is_header(text: &[u8], said: bool) -> bool {
    let header = Header::of(text, said);
    header.certain || header.often >= 2 || (said && header.any)
}

/// What the beginning of a text has of a header, up to a blank line or the end of what we see.
#[derive(Default)]
struct Header {
    /// A line that only mail systems write.
    certain: bool,
    /// Lines that people write, too.
    often: u32,
    /// Any line of the right form.
    any: bool,
}

impl Header {
    /// `tolerant` skips lines of another form instead of stopping at them.
    fn of(text: &[u8], tolerant: bool) -> Self {
        let mut header = Self::default();
        for (index, line) in text.split(|b| *b == b'\n').take(HEADER_LINES).enumerate() {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() {
                break;
            }
            if index > 0 && matches!(line.first(), Some(b' ' | b'\t')) {
                continue;
            }
            let Some(name) = header_name(line) else {
                if tolerant {
                    continue;
                }
                // a line that the look at the beginning cut off tells nothing
                break;
            };
            header.any = true;
            header.certain |= MAIL_ONLY.contains(&name.as_slice());
            let often = MAIL_OFTEN.contains(&name.as_slice());
            header.often = header.often.saturating_add(u32::from(often));
        }
        header
    }
}

/// The name before the colon, in lower case (RFC 5322 section 3.6.8, blanks before the colon
/// tolerated).
fn header_name(line: &[u8]) -> Option<Vec<u8>> {
    let end = memchr::memchr(b':', line.get(..80).unwrap_or(line))?;
    let name = line.get(..end)?.trim_ascii_end();
    let token = !name.is_empty() && name.iter().all(u8::is_ascii_graphic);
    token.then(|| name.to_ascii_lowercase())
}

/// Whether a text is in UTF-16 or UTF-32 by its byte order mark or by what is said of it.
fn is_marked_wide(head: &[u8], hints: &Hints) -> bool {
    match head {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] | [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            true
        }
        _ => hints.charset.as_ref().is_some_and(|c| {
            matches!(
                c.as_str().as_bytes(),
                [b'u' | b'U', _, _, b'-', b'1' | b'3', ..]
            )
        }),
    }
}

/// The beginning as ASCII-compatible text without its byte order mark, and whether it is in UTF-16 and
/// nothing says so; `None` for binary data.
fn as_text<'a>(head: &'a [u8], hints: &Hints) -> Option<(Cow<'a, [u8]>, bool)> {
    let marked = is_marked_wide(head, hints);
    let unmarked = !marked && crate::charset::is_unmarked_wide(head);
    let whole = if unmarked {
        head
    } else if marked {
        head.get(..head.len() & !3).unwrap_or(head)
    } else {
        let plain = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        return is_text(plain).then_some((Cow::Borrowed(plain), false));
    };
    let label = hints.charset.as_ref().map(Token::as_str);
    let text = crate::charset::decode(whole, label).text.into_owned();
    is_text(text.as_bytes()).then(|| (Cow::Owned(text.into_bytes()), unmarked))
}

/// At most one control character in a hundred bytes, of those that no text has.
fn is_text(head: &[u8]) -> bool {
    let controls = head
        .iter()
        .filter(|b| matches!(b, 0..=6 | 0x10..=0x19 | 0x1c..=0x1f | 0x7f))
        .count();
    controls.saturating_mul(100) <= head.len()
}

/// The frame of an MPEG audio stream without tags: eleven bits of one, and valid fields behind them.
const fn is_mpeg_audio(head: &[u8]) -> bool {
    matches!(head, [0xff, b @ 0xe2..=0xff, c, ..] if *b & 0x06 != 0 && *c & 0xf0 != 0xf0 && *c & 0x0c != 0x0c)
}

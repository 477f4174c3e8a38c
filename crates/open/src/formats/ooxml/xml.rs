//! XML as packages may have it: UTF-8, UTF-16 or an old encoding that it names, no document type, bounded depth.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use mugai_core::markup::MAX_DEPTH;
use mugai_core::{Cx, Refusal, Resource};
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::borrow::Cow;

/// The most attributes of one element.
const MAX_ATTRIBUTES: usize = 512;

/// The text of an XML file.
///
/// # Errors
/// [`Refusal::Malformed`] for bytes that are no text in their encoding.
pub(in crate::formats) fn decode<'a>(
    bytes: &'a [u8],
    cx: &Cx<'_>,
) -> Result<Cow<'a, str>, Refusal> {
    cx.charge_len(Resource::Steps, bytes.len() / 4)?;
    let (encoding, skip): (&'static Encoding, usize) = match bytes {
        [0xef, 0xbb, 0xbf, ..] => (UTF_8, 3),
        [0xff, 0xfe, ..] => (UTF_16LE, 2),
        [0xfe, 0xff, ..] => (UTF_16BE, 2),
        [b'<', 0, ..] => (UTF_16LE, 0),
        [0, b'<', ..] => (UTF_16BE, 0),
        _ => stated(bytes).unwrap_or((UTF_8, 0)),
    };
    let body = bytes.get(skip..).unwrap_or_default();
    if encoding != UTF_8 {
        cx.charge_len(Resource::Bytes, bytes.len().saturating_mul(3) / 2)?;
    }
    encoding
        .decode_without_bom_handling_and_without_replacement(body)
        .ok_or(Refusal::malformed("xml: bytes that are no text"))
}

/// The old encoding that an XML declaration names (XML 1.0 section 4.3.3), and where the declaration ends; what is
/// Unicode, or has ASCII written otherwise, is none.
fn stated(bytes: &[u8]) -> Option<(&'static Encoding, usize)> {
    /// No declaration is longer.
    const LONGEST: usize = 200;
    let head = bytes.get(..bytes.len().min(LONGEST))?;
    let declaration = head.strip_prefix(b"<?xml")?;
    let length = memchr::memmem::find(declaration, b"?>")?;
    let (declaration, _) = declaration.split_at_checked(length)?;
    let at = memchr::memmem::find(declaration, b"encoding")?;
    let value = declaration.get(at.checked_add(b"encoding".len())?..)?;
    let value = value.trim_ascii_start().strip_prefix(b"=")?;
    let (quote, value) = value.trim_ascii_start().split_first()?;
    let end = memchr::memchr(*quote, value).filter(|_| matches!(quote, b'"' | b'\''))?;
    let encoding = Encoding::for_label(value.get(..end)?)?;
    let is_old = encoding != UTF_8 && encoding.is_ascii_compatible();
    let skip = b"<?xml?>".len().checked_add(length)?;
    is_old.then_some((encoding, skip))
}

pub(in crate::formats) const BROKEN: Refusal = Refusal::malformed("xml: not well formed");

/// The next event that counts; `None` at the end.
///
/// # Errors
/// [`Refusal::Malformed`] for a document type, another encoding than Unicode, and broken XML.
pub(in crate::formats) fn next<'a>(
    reader: &mut Reader<&'a [u8]>,
) -> Result<Option<Event<'a>>, Refusal> {
    loop {
        match reader.read_event().map_err(|_| BROKEN)? {
            Event::Eof => return Ok(None),
            Event::DocType(_) => return Err(Refusal::malformed("xml: a document type")),
            Event::Decl(declaration) => {
                let known = |name: &str| {
                    matches!(
                        name.to_ascii_lowercase().as_str(),
                        "utf-8" | "utf8" | "utf-16" | "us-ascii"
                    )
                };
                match declaration.encoding() {
                    None => {}
                    Some(Ok(name)) if known(&name) => {}
                    Some(_) => {
                        return Err(Refusal::malformed("xml: another encoding than Unicode"));
                    }
                }
            }
            Event::Comment(_) | Event::PI(_) => {}
            event @ (Event::Start(_)
            | Event::End(_)
            | Event::Empty(_)
            | Event::Text(_)
            | Event::CData(_)
            | Event::GeneralRef(_)) => return Ok(Some(event)),
        }
    }
}

/// As [`next`], and passes over a document type: manifests of old office documents name one. Nothing of
/// such a file but names of elements is used, and references are never undone.
///
/// # Errors
/// [`Refusal::Malformed`] for another encoding than Unicode, and broken XML.
pub(in crate::formats) fn next_lenient<'a>(
    reader: &mut Reader<&'a [u8]>,
) -> Result<Option<Event<'a>>, Refusal> {
    loop {
        match reader.read_event().map_err(|_| BROKEN)? {
            Event::Eof => return Ok(None),
            Event::DocType(_) | Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
            event @ (Event::Start(_)
            | Event::End(_)
            | Event::Empty(_)
            | Event::Text(_)
            | Event::CData(_)
            | Event::GeneralRef(_)) => return Ok(Some(event)),
        }
    }
}

/// A reader over the text of one file.
pub(in crate::formats) fn reader(text: &str) -> Reader<&[u8]> {
    Reader::from_str(text)
}

/// Attributes in order, names as written, values with their references undone.
///
/// # Errors
/// [`Refusal::Malformed`] for broken ones, two of one name, and entities.
pub(in crate::formats) fn attributes<'a>(
    start: &'a BytesStart<'_>,
) -> Result<Vec<(&'a str, Cow<'a, str>)>, Refusal> {
    let mut all: Vec<(&str, Cow<'_, str>)> = Vec::new();
    // two of one name are looked for here: there are few, and they need no list of their own
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(|_| BROKEN)?;
        if all.iter().any(|(key, _)| *key == attribute.key.0) {
            return Err(BROKEN);
        }
        let value = match attribute.value {
            Cow::Borrowed(raw) => value(raw)?,
            Cow::Owned(raw) => Cow::Owned(value(&raw)?.into_owned()),
        };
        all.push((attribute.key.0, value));
        if all.len() > MAX_ATTRIBUTES {
            return Err(Refusal::malformed("xml: more than 512 attributes"));
        }
    }
    Ok(all)
}

fn value(raw: &str) -> Result<Cow<'_, str>, Refusal> {
    if raw.contains('&') {
        return unescape(raw).map_err(|_| BROKEN);
    }
    Ok(Cow::Borrowed(raw))
}

/// The text of a reference: one of the five, or a character.
///
/// # Errors
/// [`Refusal::Malformed`] for entities, and numbers that are no characters of XML.
pub(in crate::formats) fn reference(name: &str) -> Result<Cow<'static, str>, Refusal> {
    Ok(Cow::Borrowed(match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => {
            return match BytesRef::new(name).resolve_char_ref() {
                Ok(Some(character)) => Ok(Cow::Owned(character.into())),
                Ok(None) | Err(_) => Err(BROKEN),
            };
        }
    }))
}

/// A name without its prefix, and that.
pub(in crate::formats) fn split(name: &str) -> (&str, &str) {
    // names are short
    let colon = name.bytes().position(|byte| byte == b':');
    let parts = colon.and_then(|at| Some((name.get(..at)?, name.get(at.checked_add(1)?..)?)));
    parts.unwrap_or(("", name))
}

/// What is told of the events of a document, one after the other.
pub(in crate::formats) trait Walker {
    /// How deep in an element is that was dropped; 0 outside of such.
    fn dropped(&mut self) -> &mut usize;
    /// How many elements are open.
    fn depth(&self) -> usize;
    /// The text that is being gathered.
    fn text(&mut self) -> &mut String;
    /// An element begins; `rest` is what stands behind it.
    ///
    /// # Errors
    /// What is wrong with it.
    fn begins(&mut self, start: &BytesStart<'_>, rest: &str) -> Result<(), Refusal>;
    /// The innermost element ends.
    ///
    /// # Errors
    /// What is wrong with it.
    fn ends(&mut self) -> Result<(), Refusal>;

    /// An element in one that was dropped, or the one itself.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] below the greatest depth.
    fn deeper(&mut self) -> Result<(), Refusal> {
        let depth = self.depth();
        let dropped = self.dropped();
        *dropped = dropped.saturating_add(1);
        if depth.saturating_add(*dropped) > MAX_DEPTH {
            return Err(DEEP);
        }
        Ok(())
    }

    /// Goes through `document` to its end.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for XML that is broken or too deep, and what the walker refuses.
    fn walk(&mut self, document: &str) -> Result<(), Refusal> {
        let mut reader = reader(document);
        while let Some(event) = next(&mut reader)? {
            let kept = *self.dropped() == 0;
            match event {
                Event::Start(start) if kept => {
                    let rest = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
                    self.begins(&start, document.get(rest..).unwrap_or_default())?;
                }
                Event::Start(_) => self.deeper()?,
                Event::Empty(start) if kept => {
                    self.begins(&start, "")?;
                    self.ends()?;
                }
                Event::End(_) => self.ends()?,
                Event::Text(run) if kept => self.text().push_str(&run.xml10_content()),
                Event::CData(run) if kept => self.text().push_str(&run.xml10_content()),
                Event::GeneralRef(name) => {
                    // one that is none is refused wherever it stands
                    let text = reference(&name)?;
                    if kept {
                        self.text().push_str(&text);
                    }
                }
                Event::Empty(_)
                | Event::Text(_)
                | Event::CData(_)
                | Event::Comment(_)
                | Event::PI(_)
                | Event::Decl(_)
                | Event::DocType(_)
                | Event::Eof => {}
            }
        }
        if self.depth() == 0 && *self.dropped() == 0 {
            Ok(())
        } else {
            Err(BROKEN)
        }
    }
}

/// Elements nested too deep.
pub(in crate::formats) const DEEP: Refusal = Refusal::malformed("xml: elements nested too deep");

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::{Hints, Treatments};
    use mugai_testkit::show::taped;

    fn in_cx<T>(see: impl FnOnce(&mut Cx<'_>) -> T) -> T {
        taped(Treatments::nothing(), Hints::default(), see).0
    }

    #[test]
    fn old_encodings_are_those_that_are_named() {
        let file = |label: &str, body: &[u8]| {
            let declaration = format!("<?xml version='1.0'  encoding = \"{label}\" ?>");
            [declaration.as_bytes(), b"<a>", body, b"</a>"].concat()
        };
        let sjis = encoding_rs::SHIFT_JIS.encode("表計算").0.into_owned();
        for (label, body, want) in [
            ("ISO-8859-1", &b"caf\xe9"[..], Some("café")),
            ("windows-1252", b"\x93a\x94", Some("“a”")),
            ("Shift_JIS", &sjis, Some("表計算")),
            // no text in the encoding that is named
            ("Shift_JIS", b"\x81", None),
            ("euc-jp", b"\xff\xff", None),
            ("utf-8", b"\xe9", None),
            ("x-unknown", b"\xe9", None),
            ("utf-7", b"\xe9", None),
        ] {
            let input = file(label, body);
            let found = in_cx(|cx| decode(&input, cx).map(Cow::into_owned));
            let want = want.map(|want| format!("<a>{want}</a>"));
            assert_eq!(found.ok(), want, "{label}");
        }
        // what has the mark of UTF-8 is that, and nothing else that it says counts
        let marked = [b"\xef\xbb\xbf", &file("Shift_JIS", "表".as_bytes())[..]].concat();
        let refused = in_cx(|cx| {
            let text = decode(&marked, cx)?;
            next(&mut reader(&text)).map(|event| event.is_some())
        });
        assert!(matches!(refused, Err(Refusal::Malformed(_))), "{refused:?}");
        for label in ["iso-2022-jp", "utf-16", "replacement"] {
            assert_eq!(stated(&file(label, b"")), None, "{label}");
        }
    }
}

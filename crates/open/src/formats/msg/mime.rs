//! Writes a message (RFC 5322, RFC 2045 to 2047), every part of it in base64: nothing in it can be
//! taken for a boundary or a header. An entity that Outlook kept whole is the exception.

use crate::unpack;
use data_encoding::BASE64;
use mugai_core::{Cx, Refusal, Resource, civil};
use std::fmt::Write as _;

/// A file of a message.
pub(super) struct Entity {
    pub(super) name: Option<String>,
    pub(super) id: Option<String>,
    pub(super) media: String,
    pub(super) content: Vec<u8>,
}

impl Entity {
    /// Whether it is what the message was before Outlook had it: an entity with its own head, which has nothing but
    /// fields of MIME, as Outlook keeps of a signed message ([MS-OXOSMIME] section 2.1.3.2).
    fn is_whole(&self) -> bool {
        let is_multipart = self.media.to_ascii_lowercase().starts_with("multipart/");
        let mut lines = self.content.split(|byte| *byte == b'\n');
        let mut lines = lines.by_ref().map(<[u8]>::trim_ascii_end);
        let head = lines.by_ref().take(64).take_while(|line| !line.is_empty());
        let mut tells = false;
        let mut fits = true;
        for line in head {
            let line = line.to_ascii_lowercase();
            tells |= line.starts_with(b"content-type:");
            fits &= line.starts_with(b"content-")
                || line.starts_with(b"mime-version:")
                || line.starts_with(b" ")
                || line.starts_with(b"\t");
        }
        is_multipart && tells && fits
    }
}

/// A message on its way.
#[derive(Default)]
pub(super) struct Message {
    head: String,
    people: Vec<(&'static str, Vec<String>)>,
    forms: Vec<Entity>,
    /// What it is beside a message.
    pub(super) told: Option<Entity>,
    pub(super) files: Vec<Entity>,
}

/// Bytes of an encoded word, and of a line of base64, before they are encoded.
const WORD: usize = 45;
const LINE: usize = 57;
/// Two boundaries: base64 has neither of their marks.
const OUTER: &str = "=_outer";
const FORMS: &str = "=_forms";
const DAYS: i64 = 86_400;
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

impl Message {
    pub(super) fn header(&mut self, name: &str, value: &str) {
        // identifiers are of ASCII, and must not be encoded
        let plain = value.bytes().all(|b| b.is_ascii_graphic()) && value.len() < 200;
        let value = if plain {
            value.to_owned()
        } else {
            words(value)
        };
        // writing to a string cannot fail
        let _ = write!(self.head, "{name}: {value}\r\n");
    }

    pub(super) fn mailbox(
        &mut self,
        header: &'static str,
        name: Option<String>,
        address: Option<String>,
    ) {
        // addresses of Exchange are names of its directory
        let address = address.filter(|address| {
            let mail = |b: u8| b.is_ascii_graphic() && !b"<>()[],;:\\\"".contains(&b);
            address.contains('@') && address.bytes().all(mail)
        });
        let name = name.filter(|name| Some(name) != address.as_ref());
        let mailbox = match (name, address) {
            (Some(name), Some(address)) => format!("{} <{address}>", words(&name)),
            (None, Some(address)) => address,
            // a name alone is no address, and is shown as what it is
            (Some(name), None) => words(&name),
            (None, None) => return,
        };
        match self.people.iter_mut().find(|(of, _)| *of == header) {
            Some((_, all)) => all.push(mailbox),
            None => self.people.push((header, vec![mailbox])),
        }
    }

    /// The time of sending, in seconds since 1970, told as it is where clocks are so many seconds ahead, none of
    /// them negative.
    pub(super) fn date(&mut self, seconds: i64, offset: i64) {
        let (zone_hours, zone_minutes) = (offset / 3600, offset / 60 % 60);
        let seconds = seconds.saturating_add(offset);
        let (days, rest) = (seconds.div_euclid(DAYS), seconds.rem_euclid(DAYS));
        let (year, month, day) = civil(days);
        let month = usize::try_from(month.saturating_sub(1)).ok();
        let Some(month) = month.and_then(|month| MONTHS.get(month)) else {
            return;
        };
        let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
        let _ = write!(
            self.head,
            "Date: {day} {month} {year:04} {hour:02}:{minute:02}:{second:02} \
             +{zone_hours:02}{zone_minutes:02}\r\n"
        );
    }

    /// A further form of the body, richer than those before it.
    pub(super) fn alternative(&mut self, media: &str, content: Vec<u8>) {
        self.forms.push(Entity {
            name: None,
            id: None,
            media: media.to_owned(),
            content,
        });
    }

    /// The message, which whoever takes it pays for; there is room for all of it before it is put together.
    /// What it is made of goes as it is written.
    ///
    /// # Errors
    /// [`Refusal::Overrun`]
    pub(super) fn write(self, cx: &Cx<'_>) -> Result<Vec<u8>, Refusal> {
        let people = self.people.iter().flat_map(|(_, people)| people);
        let all = self.forms.iter().chain(&self.told).chain(&self.files);
        let size = all
            .map(|entity| entity.content.len())
            .chain(people.map(String::len))
            .fold(self.head.len(), usize::saturating_add);
        cx.charge_len(Resource::Steps, size / 4)?;
        // four letters for three bytes
        unpack::room(size.saturating_add(size / 3), cx)?;
        let mut out = self.head;
        for (header, people) in &self.people {
            let _ = write!(out, "{header}: {}\r\n", people.join(",\r\n "));
        }
        let _ = write!(out, "MIME-Version: 1.0\r\n");
        if let (true, [entity]) = (self.forms.is_empty(), self.files.as_slice())
            && entity.is_whole()
        {
            return Ok(whole(out, &entity.content, self.told.as_ref()));
        }
        let _ = write!(
            out,
            "Content-Type: multipart/mixed; boundary=\"{OUTER}\"\r\n\r\n\
             --{OUTER}\r\nContent-Type: multipart/alternative; boundary=\"{FORMS}\"\r\n\r\n"
        );
        for form in &self.forms {
            entity(form, FORMS, &mut out);
        }
        let _ = write!(out, "--{FORMS}--\r\n");
        for file in self.told.into_iter().chain(self.files) {
            entity(&file, OUTER, &mut out);
        }
        let _ = write!(out, "--{OUTER}--\r\n");
        Ok(out.into_bytes())
    }
}

/// A message that is one entity with its own head, and what is told beside it.
fn whole(mut out: String, content: &[u8], told: Option<&Entity>) -> Vec<u8> {
    let Some(told) = told else {
        let mut out = out.into_bytes();
        out.extend_from_slice(content);
        return out;
    };
    let _ = write!(
        out,
        "Content-Type: multipart/mixed; boundary=\"{OUTER}\"\r\n\r\n--{OUTER}\r\n"
    );
    let mut out = out.into_bytes();
    out.extend_from_slice(content);
    let mut rest = "\r\n".to_owned();
    entity(told, OUTER, &mut rest);
    let _ = write!(rest, "--{OUTER}--\r\n");
    out.extend_from_slice(rest.as_bytes());
    out
}

fn entity(entity: &Entity, boundary: &str, out: &mut String) {
    let _ = write!(out, "--{boundary}\r\nContent-Type: {}", entity.media);
    if let Some(name) = &entity.name {
        let _ = write!(out, ";\r\n name=\"{}\"", words(name));
    }
    let _ = write!(out, "\r\nContent-Transfer-Encoding: base64\r\n");
    if boundary == OUTER {
        let _ = write!(out, "Content-Disposition: attachment\r\n");
    }
    let id = entity.id.as_ref();
    if let Some(id) = id.filter(|id| id.bytes().all(|b| b.is_ascii_graphic())) {
        let _ = write!(out, "Content-ID: <{id}>\r\n");
    }
    out.push_str("\r\n");
    for line in entity.content.chunks(LINE) {
        BASE64.encode_append(line, out);
        out.push_str("\r\n");
    }
}

/// Encoded words (RFC 2047), one behind the other.
fn words(text: &str) -> String {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        if word.len().saturating_add(c.len_utf8()) > WORD {
            words.push(std::mem::take(&mut word));
        }
        word.push(c);
    }
    words.push(word);
    let encoded: Vec<String> = words
        .iter()
        .map(|word| format!("=?utf-8?B?{}?=", BASE64.encode(word.as_bytes())))
        .collect();
    encoded.join("\r\n ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_between_characters() {
        let text = "定例会議の資料を送ります。よろしくお願いいたします。";
        let decoded: String = words(text)
            .split("\r\n ")
            .map(|word| {
                assert!(word.len() <= 75, "{word}");
                let inner = word.strip_prefix("=?utf-8?B?").unwrap();
                let inner = inner.strip_suffix("?=").unwrap();
                String::from_utf8(BASE64.decode(inner.as_bytes()).unwrap()).unwrap()
            })
            .collect();
        assert_eq!(decoded, text);
    }
}

//! Messages of Outlook ([MS-OXMSG]): told again as the message that they are (RFC 5322), which becomes a
//! part of its own and is read as any other.
//!
//! Nothing of what is written here is safe: it is as untrusted as the file, and only in another form.
//!
//! # Limitations
//! Votes, categories and other properties with names are not told.

mod mime;
mod named;
mod storage;

use crate::formats::ole::{Ole, Shape};
use crate::formats::outlook::{self, JAPAN, Known, Told};
use crate::reader::{Format, Sniff, Spec};
use mime::{Entity, Message};
use mugai_core::{
    Child, Cx, FindingCode, Hints, Kind, Lang, MediaType, Piece, Refusal, Resource, Role, Treatment,
};
use named::Names;
use std::borrow::Cow;
use std::collections::BTreeMap;
use storage::Storage;
pub(super) use storage::since_1970;

/// The reader of messages of Outlook.
pub(super) struct Msg;

/// Properties, by their identifiers ([MS-OXPROPS]).
/// What sort of item it is.
pub(super) const CLASS: u16 = 0x001a;
const SUBJECT: u16 = 0x0037;
const BODY: u16 = 0x1000;
const RTF: u16 = 0x1009;
const HTML: u16 = 0x1013;
const MESSAGE_ID: u16 = 0x1035;
const SENT: [u16; 2] = [0x0039, 0x0e06];
const FILE: u16 = 0x3701;
const FILE_NAME: [u16; 3] = [0x3707, 0x3704, 0x3001];
const FILE_TYPE: u16 = 0x370e;
/// How a file is attached, and which ways of that are references ([MS-OXCMSG] section 2.2.2.9).
pub(super) const METHOD: u16 = 0x3705;
pub(super) const ELSEWHERE: [u32; 4] = [2, 3, 4, 7];
const FILE_ID: u16 = 0x3712;
const NAME: u16 = 0x3001;
const ADDRESS: [u16; 2] = [0x39fe, 0x3003];
const RECIPIENT: u16 = 0x0c15;

/// How names of storages begin, and what an attached message is called (sections 2.2.1 and 2.2.2).
const ATTACHMENT: &str = "__attach_version1.0_";
const PERSON: &str = "__recip_version1.0_";
const INNER: &str = "__substg1.0_3701000D";
/// Streams in which an object keeps a file as it is: a package of Office, what a server of its kind wrote.
const OBJECT: [&str; 2] = ["Package", "CONTENTS"];

impl Format for Msg {
    fn spec(&self) -> &'static Spec {
        &Spec {
            kind: Kind::Msg,
            reference: "MS-OXMSG",
            treatments: &[Treatment::Text],
        }
    }

    fn sniff(&self, head: &[u8]) -> Sniff {
        crate::formats::ole::sniff(head)
    }

    /// Puts the message, its attached messages in it.
    ///
    /// # Errors
    /// [`Refusal::Malformed`], [`Refusal::Ambiguous`], [`Refusal::Overrun`].
    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        let mut ole = Ole::read(input, cx)?;
        let names = Names::read(&mut ole, cx)?;
        let mut messages = places(&ole, |entry| {
            entry.shape == Shape::Storage && entry.is_named(INNER)
        });
        let looks = messages.len().saturating_mul(ole.entries().len());
        cx.charge_len(Resource::Steps, looks)?;
        // an object that was put into the text has the same name
        messages.retain(|place| is_message(&ole, *place));
        messages.insert(0, 0);
        // parents come before what is in them, so what is in them is written first
        let mut written: BTreeMap<usize, Vec<u8>> = BTreeMap::new();
        for place in messages.into_iter().rev() {
            let bytes = message(&mut ole, place, &names, &mut written, cx)?;
            if place != 0 {
                // it will be written once more; the outermost is paid for when it is put
                cx.charge_len(Resource::Bytes, bytes.len())?;
            }
            written.insert(place, bytes);
        }
        let content = written.remove(&0).unwrap_or_default();
        let content = cx.content(Cow::Owned(content));
        cx.put(Piece::Child(Box::new(Child {
            name: None,
            role: Role::Attachment,
            hints: Hints {
                declared: MediaType::parse("message/rfc822"),
                ..Hints::default()
            },
            content,
        })))
    }
}

fn places(ole: &Ole<'_>, fits: impl Fn(&crate::formats::ole::Entry) -> bool) -> Vec<usize> {
    let entries = ole.entries().iter().enumerate();
    entries
        .filter(|(_, entry)| fits(entry))
        .map(|(place, _)| place)
        .collect()
}

/// Whether a storage is a message: it has a list of properties (section 2.4).
fn is_message(ole: &Ole<'_>, place: usize) -> bool {
    let mut entries = ole.entries().iter();
    entries.any(|entry| {
        entry.parent == Some(place) && entry.shape == Shape::Stream && entry.is_named(storage::LIST)
    })
}

/// The stream of an object that says most of it: a file that is whole in it, else its largest.
fn of_object(ole: &Ole<'_>, place: usize) -> Option<usize> {
    let streams = places(ole, |entry| {
        entry.parent == Some(place) && entry.shape == Shape::Stream && entry.size > 0
    });
    let entry = |stream: &usize| ole.entries().get(*stream);
    let named = |name: &str| {
        let mut streams = streams.iter();
        streams.find(|stream| entry(stream).is_some_and(|entry| entry.is_named(name)))
    };
    let whole = OBJECT.iter().find_map(|name| named(name));
    let largest = || {
        streams
            .iter()
            .max_by_key(|stream| entry(stream).map(|entry| entry.size))
    };
    whole.or_else(largest).copied()
}

fn inside(ole: &Ole<'_>, parent: usize, prefix: &str) -> Vec<usize> {
    places(ole, |entry| {
        let start = entry.name.get(..prefix.len());
        entry.parent == Some(parent)
            && entry.shape == Shape::Storage
            && start.is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    })
}

/// Writes the message of the storage at `place`.
fn message(
    ole: &mut Ole<'_>,
    place: usize,
    names: &Names,
    written: &mut BTreeMap<usize, Vec<u8>>,
    cx: &mut Cx<'_>,
) -> Result<Vec<u8>, Refusal> {
    cx.charge(Resource::Steps, 256)?;
    let head = if place == 0 {
        storage::TOP
    } else {
        storage::ATTACHED
    };
    let mut own = Storage::read(ole, place, head, cx)?;
    let mut message = Message::default();
    let known = Known {
        subject: own.text(SUBJECT, cx)?,
        from: outlook::from(&mut names.of(&mut own, cx))?,
    };
    let [name, address] = known.from.clone();
    message.mailbox("From", name, address);
    for person in inside(own.ole(), place, PERSON) {
        let label = own.label;
        let mut person = Storage::read(own.ole(), person, storage::INNER, cx)?;
        person.label = label;
        let header = match person.number(RECIPIENT) {
            Some(2) => "Cc",
            // who got it unseen is not told to others
            Some(3) => continue,
            _ => "To",
        };
        let name = person.text(NAME, cx)?;
        message.mailbox(header, name, person.first_text(&ADDRESS, cx)?);
    }
    if let Some(subject) = &known.subject {
        message.header("Subject", subject);
    }
    if let Some(time) = SENT.iter().find_map(|number| own.time(*number)) {
        // it does not say where; in Japan it is hardly from elsewhere
        let japanese = cx.params().lang == Lang::Ja;
        message.date(time, if japanese { JAPAN } else { 0 });
    }
    if let Some(id) = own.text(MESSAGE_ID, cx)? {
        message.header("Message-ID", &id);
    }
    forms(&mut own, &mut message, cx)?;
    let class = own.text(CLASS, cx)?.unwrap_or_default();
    let told = outlook::told(&class, known, &mut names.of(&mut own, cx), cx.params().lang)?;
    if outlook::is_untold(&class) {
        cx.note(FindingCode::OfficePart);
    }
    if let Some(Told { media, name, text }) = told {
        message.told = Some(Entity {
            name: Some(name.to_owned()),
            id: None,
            media: format!("{media}; charset=utf-8"),
            content: text.into_bytes(),
        });
    }
    let label = own.label;
    for file in inside(own.ole(), place, ATTACHMENT) {
        if let Some(entity) = attachment(own.ole(), file, label, written, cx)? {
            message.files.push(entity);
        }
    }
    message.write(cx)
}

/// The forms of its text, the richer ones last; RTF only where there is no other.
fn forms(own: &mut Storage<'_, '_>, message: &mut Message, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let plain = own.text(BODY, cx)?.filter(|text| !text.trim().is_empty());
    let told = plain.is_some();
    if let Some(text) = plain {
        message.alternative("text/plain; charset=utf-8", text.into_bytes());
    }
    if let Some(html) = own.binary(HTML, cx)? {
        match own
            .label
            .filter(|_| !crate::formats::html::tells_charset(&html))
        {
            Some(label) => message.alternative(&format!("text/html; charset={label}"), html),
            None => message.alternative("text/html", html),
        }
    } else if let Some(html) = own.text(HTML, cx)? {
        message.alternative("text/html; charset=utf-8", html.into_bytes());
    } else if told {
        // as text the richer form says the same
    } else if let Some(rtf) = own.binary(RTF, cx)? {
        let rtf = crate::formats::tnef::rtf::expand(&rtf, cx)?;
        // a program of mail shows it as the text that it is
        match crate::formats::rtf::told(&rtf, cx) {
            Ok(text) => message.alternative("text/plain; charset=utf-8", text.into_bytes()),
            Err(Refusal::Malformed(_)) => message.alternative("application/rtf", rtf),
            Err(refusal) => return Err(refusal),
        }
    }
    Ok(())
}

/// The file or the message of the storage at `place`, or that it lies elsewhere; `None` for nothing.
fn attachment(
    ole: &mut Ole<'_>,
    place: usize,
    label: Option<&'static str>,
    written: &mut BTreeMap<usize, Vec<u8>>,
    cx: &Cx<'_>,
) -> Result<Option<Entity>, Refusal> {
    let inner = places(ole, |entry| {
        entry.parent == Some(place) && entry.shape == Shape::Storage && entry.is_named(INNER)
    });
    let mut own = Storage::read(ole, place, storage::INNER, cx)?;
    own.label = label;
    let name = own.first_text(&FILE_NAME, cx)?;
    if let Some(message) = inner.first().and_then(|inner| written.remove(inner)) {
        return Ok(Some(Entity {
            name,
            id: None,
            media: "message/rfc822".to_owned(),
            content: message,
        }));
    }
    if let Some(inner) = inner.first() {
        let stream = of_object(own.ole(), *inner);
        let content = stream
            .map(|stream| own.ole().content(stream, cx))
            .transpose()?;
        return Ok(Some(Entity {
            name,
            id: own.text(FILE_ID, cx)?,
            media: "application/octet-stream".to_owned(),
            content: content.unwrap_or_default(),
        }));
    }
    let media = own.text(FILE_TYPE, cx)?;
    let id = own.text(FILE_ID, cx)?;
    let media = media.filter(|media| MediaType::parse(media).is_some());
    let is_elsewhere = own
        .number(METHOD)
        .is_some_and(|how| ELSEWHERE.contains(&how));
    let content = own.binary(FILE, cx)?;
    let media = match (&content, is_elsewhere) {
        (None, false) => return Ok(None),
        (None, true) => "message/external-body".to_owned(),
        (Some(_), _) => media.unwrap_or_else(|| "application/octet-stream".to_owned()),
    };
    Ok(Some(Entity {
        name,
        id,
        media,
        content: content.unwrap_or_default(),
    }))
}

//! `winmail.dat`: what Outlook makes of a message in the Transport Neutral Encapsulation Format
//! ([MS-OXTNEF]). Its text and its files become parts of their own.
//!
//! # Limitations
//! Votes and other properties are not told. Checksums are not looked at: Outlook itself does not.

mod item;
mod properties;
pub(super) mod rtf;

use crate::charset;
use crate::formats::mail::names;
use crate::formats::outlook::Told;
use crate::formats::rtf::of_page;
use crate::formats::{archive, html, msg, ole};
use crate::reader::{Format, Sniff, Spec};
use encoding_rs::Encoding;
use item::Beside;
use mugai_core::{
    Child, Cx, FindingCode, Hints, Kind, MediaType, Piece, Refusal, Resource, Role, SafeName,
    Token, Treatment,
};
use properties::{Properties, Value};
use std::borrow::Cow;

/// The reader of `winmail.dat`.
pub(super) struct Tnef;

const MARK: &[u8] = b"\x78\x9f\x3e\x22";
/// Attributes, by their identifiers (section 2.1.3.3).
const BODY: u32 = 0x0002_800c;
const MESSAGE: u32 = 0x0006_9003;
const BEGIN: u32 = 0x0006_9002;
const TITLE: u32 = 0x0001_8010;
const DATA: u32 = 0x0006_800f;
const ATTACHMENT: u32 = 0x0006_9005;
const CODE_PAGE: u32 = 0x0006_9007;
/// Properties, by their identifiers ([MS-OXPROPS]).
const PLAIN: u16 = 0x1000;
const RTF: u16 = 0x1009;
const HTML: u16 = 0x1013;
const FILE: u16 = 0x3701;
const LONG_NAME: u16 = 0x3707;
const SHORT_NAME: u16 = 0x3704;
const TYPE: u16 = 0x370e;
/// The code page of the text.
const PAGE: u16 = 0x3fde;

/// The levels of attributes: of the message, and of its files (section 2.1.3.1).
const LEVELS: [u8; 2] = [1, 2];

/// Messages and objects that are attached begin with the name of their interface.
const INTERFACE: usize = 16;

/// The number of UTF-8 among code pages.
const UTF_8: u32 = 65_001;

const SHORT: Refusal = Refusal::malformed("tnef: an attribute ends early");

/// A file of the message, as far as it was read.
#[derive(Default)]
struct File<'a> {
    name: Option<String>,
    media: Option<String>,
    charset: Option<Token>,
    content: Option<Cow<'a, [u8]>>,
    /// It is a reference.
    elsewhere: bool,
}

/// The text of the message, in its three forms.
#[derive(Default)]
struct Text<'a> {
    /// Its properties, for what it says beside its text.
    properties: Option<Properties<'a>>,
    plain: Option<String>,
    html: Option<Cow<'a, [u8]>>,
    rtf: Option<Vec<u8>>,
    /// The charset of the HTML.
    page: Option<u32>,
    /// What could not be read, if that may have been the text.
    unread: Option<&'a [u8]>,
}

impl Format for Tnef {
    fn spec(&self) -> &'static Spec {
        &Spec {
            kind: Kind::Tnef,
            reference: "MS-OXTNEF",
            treatments: &[Treatment::Text],
        }
    }

    fn sniff(&self, head: &[u8]) -> Sniff {
        if head.starts_with(MARK) {
            Sniff::Yes
        } else {
            Sniff::No
        }
    }

    /// Puts the best form of the text, and each file.
    ///
    /// # Errors
    /// [`Refusal::Malformed`], [`Refusal::Overrun`].
    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        cx.charge_len(Resource::Steps, input.len())?;
        // behind the mark stands a key that nobody uses
        let mut rest = input.strip_prefix(MARK).and_then(|rest| rest.get(2..));
        let mut files: Vec<File<'_>> = Vec::new();
        let mut text = Text::default();
        let mut code_page = None;
        let mut beside = Beside::default();
        while let Some((attribute, behind)) = rest.map(attribute).transpose()?.flatten() {
            rest = Some(behind);
            cx.charge(Resource::Steps, 64)?;
            let data = attribute.data;
            match attribute.number {
                CODE_PAGE => code_page = data.first_chunk().map(|page| u32::from_le_bytes(*page)),
                BODY => text.plain = Some(decode(until_nul(data), code_page)),
                MESSAGE => message(data, &mut text, code_page, cx)?,
                BEGIN => files.push(File::default()),
                number @ (TITLE | DATA | ATTACHMENT) => {
                    let file = files.last_mut().ok_or(Refusal::malformed(
                        "tnef: content of a file before its beginning",
                    ))?;
                    match number {
                        TITLE => {
                            let name = decode(until_nul(data), code_page);
                            file.name.get_or_insert(name);
                        }
                        DATA => file.content = Some(Cow::Borrowed(data)),
                        _ => attached(data, file, code_page, cx)?,
                    }
                }
                number => beside.take(number, data),
            }
        }
        let properties = text.properties.take().unwrap_or_default();
        put_text(text, cx)?;
        if let Some(told) = item::told(properties, beside, code_page, cx)? {
            put_told(told, cx)?;
        }
        for file in files {
            if file.elsewhere && file.content.is_none() {
                cx.note(FindingCode::MimeExternalBody);
                continue;
            }
            put(file, cx)?;
        }
        Ok(())
    }
}

/// One attribute (section 2.1.3): level, identifier, length, data and a checksum.
struct Attribute<'a> {
    number: u32,
    data: &'a [u8],
}

/// The next attribute and what is behind it; `None` at the end.
fn attribute(input: &[u8]) -> Result<Option<(Attribute<'_>, &[u8])>, Refusal> {
    let Some((level, rest)) = input.split_first() else {
        return Ok(None);
    };
    // some writers fill up with zeros, and mail adds ends of lines
    // no attribute is on level 0, and what fills up is on none
    if *level == 0 || !LEVELS.contains(level) && archive::is_filling(input) {
        return Ok(None);
    }
    let (number, rest) = rest.split_first_chunk().ok_or(SHORT)?;
    let (length, rest) = rest.split_first_chunk().ok_or(SHORT)?;
    let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
    let (data, rest) = rest.split_at_checked(length).ok_or(SHORT)?;
    let number = u32::from_le_bytes(*number);
    // the checksum of the last attribute is missing at times
    let rest = rest.get(2..).unwrap_or_default();
    Ok(Some((Attribute { number, data }, rest)))
}

fn until_nul(data: &[u8]) -> &[u8] {
    data.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Text of the code page of the message, by the number that Windows gives it.
fn decode(raw: &[u8], code_page: Option<u32>) -> String {
    let label = code_page.and_then(of_page).map(Encoding::name);
    charset::decode(raw, label).text.into_owned()
}

fn string(value: &Value<'_>, code_page: Option<u32>) -> Option<String> {
    match value {
        Value::Wide(text) => Some(text.trim_end_matches('\0').to_owned()),
        Value::Narrow(raw) => Some(decode(until_nul(raw), code_page)),
        Value::Binary(_) | Value::Number(_) | Value::Time(_) => None,
    }
}

fn message<'a>(
    data: &'a [u8],
    text: &mut Text<'a>,
    code_page: Option<u32>,
    cx: &mut Cx<'_>,
) -> Result<(), Refusal> {
    let properties = Properties::read(data, cx)?;
    let mut broken = properties.broken;
    if let Some(Value::Number(page)) = properties.get(PAGE) {
        text.page = Some(*page);
    }
    if let Some(plain) = properties.get(PLAIN).and_then(|v| string(v, code_page)) {
        text.plain = Some(plain);
    }
    if let Some(html) = properties.get(HTML) {
        text.html = match html {
            Value::Binary(raw) | Value::Narrow(raw) => Some(Cow::Borrowed(raw)),
            Value::Wide(wide) => {
                text.page = Some(UTF_8);
                Some(Cow::Owned(wide.clone().into_bytes()))
            }
            Value::Number(_) | Value::Time(_) => None,
        };
    }
    if let Some(Value::Binary(raw)) = properties.get(RTF) {
        match rtf::expand(raw, cx) {
            Ok(expanded) => text.rtf = Some(expanded),
            // the other forms of the text are none the worse for it
            Err(Refusal::Malformed(_)) => broken = true,
            Err(refusal) => return Err(refusal),
        }
    }
    if broken {
        cx.note(FindingCode::OfficePart);
        text.unread = Some(data);
    }
    text.properties = Some(properties);
    Ok(())
}

fn attached<'a>(
    data: &'a [u8],
    file: &mut File<'a>,
    code_page: Option<u32>,
    cx: &mut Cx<'_>,
) -> Result<(), Refusal> {
    let properties = Properties::read(data, cx)?;
    let named = |number| properties.get(number).and_then(|v| string(v, code_page));
    if let Some(name) = named(LONG_NAME).filter(|name| !name.is_empty()) {
        file.name = Some(name);
    } else if file.name.is_none() {
        file.name = named(SHORT_NAME);
    }
    if let Some(media) = named(TYPE) {
        file.media = Some(media);
    }
    if let (Some(Value::Binary(raw)), None) = (properties.get(FILE), &file.content) {
        let inner = raw.get(INTERFACE..);
        let inner = inner.filter(|raw| raw.starts_with(MARK) || raw.starts_with(ole::MARK));
        file.content = Some(Cow::Borrowed(inner.unwrap_or(raw)));
    }
    if let Some(Value::Number(how)) = properties.get(msg::METHOD) {
        file.elsewhere = msg::ELSEWHERE.contains(how);
    }
    if properties.broken {
        cx.note(FindingCode::OfficePart);
        // a file that was not found is no empty one: what it must be in is of no known kind
        file.content.get_or_insert(Cow::Borrowed(data));
    }
    Ok(())
}

/// The richest form of the text whose reader is there for it: HTML, RTF, plain.
fn put_text(text: Text<'_>, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let page = text.page;
    let (name, media, content) = match text {
        Text {
            html: Some(html), ..
        } => ("message.html", "text/html", html),
        Text { rtf: Some(rtf), .. } => ("message.rtf", "application/rtf", Cow::Owned(rtf)),
        Text {
            plain: Some(plain), ..
        } if !plain.trim().is_empty() => {
            ("message.txt", "text/plain", Cow::Owned(plain.into_bytes()))
        }
        Text {
            unread: Some(data), ..
        } => (
            "message.dat",
            "application/octet-stream",
            Cow::Borrowed(data),
        ),
        Text { .. } => return Ok(()),
    };
    let charset = page.filter(|_| media == "text/html" && !html::tells_charset(&content));
    let charset = charset.and_then(of_page).map(Encoding::name);
    put(
        File {
            name: Some(name.to_owned()),
            media: Some(media.to_owned()),
            charset: charset.and_then(Token::parse),
            content: Some(content),
            elsewhere: false,
        },
        cx,
    )
}

/// What it is apart from a message.
fn put_told(Told { media, name, text }: Told, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let file = File {
        name: Some(name.to_owned()),
        media: Some(media.to_owned()),
        charset: Token::parse("utf-8"),
        content: Some(Cow::Owned(text.into_bytes())),
        elsewhere: false,
    };
    put(file, cx)
}

fn put(file: File<'_>, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let name: Option<SafeName> = file.name.as_deref().and_then(|name| names::clean(name, cx));
    let extension = name.as_ref().and_then(names::extension);
    let content = cx.content(file.content.unwrap_or_default());
    cx.put(Piece::Child(Box::new(Child {
        name,
        role: Role::Attachment,
        hints: Hints {
            declared: file.media.as_deref().and_then(MediaType::parse),
            charset: file.charset,
            extension,
            ..Hints::default()
        },
        content,
    })))
}

//! Parts of office documents, told again in a closed vocabulary.
//!
//! Names of elements and attributes are indices into a table ([`vocabulary`]); what runs, loads or
//! links has no index. Values have a type: words and measures, text, formulas of known functions,
//! instructions of known fields, references to other parts of the same document by their number.
//! Addresses can be said where a link of the document stands, and only in one spelling ([`is_address`]).

mod field;
mod formula;
mod indirect;
mod link;
mod parts;
mod place;
mod value;
pub mod vocabulary;
mod xstring;

pub use field::instruction;
pub use formula::is_harmless as is_harmless_formula;
pub use indirect::{Parts, contained};
pub use link::{is_address, is_inside};
pub use parts::{Flavour, PartKind};
pub use place::{belongs, extension, is_extension};
pub use value::{Scrub, fits, scrub, style};
pub use xstring::{has_numbers, is_of_sheet, read_numbers, write_plain};

use crate::refusal::Refusal;
use vocabulary::{Attribute, Element, Space, Type};

/// As [`PROPERTIES`], where the program was that of 2007: others read what charts do not say as that one meant it.
pub const PROPERTIES_2007: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
    "<Properties xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties\">",
    "<Application>Microsoft Excel</Application><AppVersion>12.0000</AppVersion></Properties>"
);

/// The metadata of a spreadsheet that has formulas whose results take as many cells as they need ([MS-XLSX] 2.3.8,
/// 2.6.221): that, and nothing else. Cells with `cm="1"` have them.
pub const METADATA: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
    "<metadata xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"",
    " xmlns:xda=\"http://schemas.microsoft.com/office/spreadsheetml/2017/dynamicarray\">",
    "<metadataTypes count=\"1\"><metadataType name=\"XLDAPR\" minSupportedVersion=\"120000\" copy=\"1\" pasteAll=\"1\"",
    " pasteValues=\"1\" merge=\"1\" splitFirst=\"1\" rowColShift=\"1\" clearFormats=\"1\" clearComments=\"1\"",
    " assign=\"1\" coerce=\"1\" cellMeta=\"1\"/></metadataTypes><futureMetadata name=\"XLDAPR\" count=\"1\"><bk><extLst>",
    "<ext uri=\"{bdbb8cdc-fa1e-496e-a857-3c3f30c029c3}\">",
    "<xda:dynamicArrayProperties fDynamic=\"1\" fCollapsed=\"0\"/></ext></extLst></bk></futureMetadata>",
    "<cellMetadata count=\"1\"><bk><rc t=\"1\" v=\"0\"/></bk></cellMetadata></metadata>"
);

/// The properties of a spreadsheet whose sender's program was the one that set the standard: other
/// programs believe its heights of rows and values of formulas, and calculate those of all others anew.
pub const PROPERTIES: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
    "<Properties xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties\">",
    "<Application>Microsoft Excel</Application></Properties>"
);

/// The deepest nesting of elements.
pub const MAX_DEPTH: usize = 256;

/// What a reference points at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// A part of the same document, by its number; the main part is 0.
    Part(u32),
    /// A picture, by its place among the children of the document.
    Picture(u32),
}

/// One event of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// An element begins.
    Open(Element),
    /// An attribute of the element that has just begun.
    Attribute(Attribute, &'a str),
    /// An attribute that refers to another part.
    Reference(Attribute, Place),
    /// An attribute that leads to a page or a mail address.
    Link(Attribute, &'a str),
    /// Text.
    Text(&'a str),
    /// The innermost element ends.
    Close,
}

const OPEN: u8 = 1;
const ATTRIBUTE: u8 = 2;
const PART: u8 = 3;
const PICTURE: u8 = 4;
const TEXT: u8 = 5;
const CLOSE: u8 = 6;
const LINK: u8 = 7;
/// Behind it stands the length of a text that is too long for one byte.
const LONG: u8 = 127;

/// One part of a document: a kind, the parts that it needs without naming them, and a tree.
#[derive(Clone, PartialEq, Eq)]
pub struct Markup {
    kind: PartKind,
    needs: Vec<u32>,
    /// Codes and numbers are bytes below 128: all of it is one text, and once that is seen every text in it is.
    events: String,
    spaces: u64,
}

impl Markup {
    /// Takes encoded events, if they are one whole tree of the vocabulary with good values.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for anything that a [`Builder`] does not make.
    pub fn check(kind: PartKind, needs: Vec<u32>, events: Vec<u8>) -> Result<Self, Refusal> {
        let events = String::from_utf8(events).map_err(|_| UNKNOWN)?;
        let mut builder = Builder::new(kind);
        let mut walker = Events(&events);
        while let Some(event) = walker.next()? {
            builder.validate(event)?;
        }
        builder.whole()?;
        Ok(Self {
            kind,
            needs,
            events,
            spaces: builder.spaces,
        })
    }

    /// What part it is.
    #[must_use]
    pub const fn kind(&self) -> PartKind {
        self.kind
    }

    /// The parts that belong to it without being named in it, by their numbers.
    #[must_use]
    pub fn needs(&self) -> &[u32] {
        &self.needs
    }

    /// Its events, encoded, for the wire.
    #[must_use]
    pub fn encoded(&self) -> &[u8] {
        self.events.as_bytes()
    }

    /// The namespaces of its names, in the order of the table.
    pub fn spaces(&self) -> impl Iterator<Item = Space> {
        Space::all().filter(|space| self.spaces & space.bit() != 0)
    }

    /// Its events in order.
    pub fn events(&self) -> impl Iterator<Item = Event<'_>> {
        let mut events = Events(&self.events);
        // they were checked, or made by a builder
        std::iter::from_fn(move || events.next().ok().flatten())
    }
}

impl std::fmt::Debug for Markup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Markup({:?} {} bytes)", self.kind, self.events.len())
    }
}

/// Reads encoded events from the front of a text.
struct Events<'a>(&'a str);

impl<'a> Events<'a> {
    fn next(&mut self) -> Result<Option<Event<'a>>, Refusal> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let [code] = self.small()?;
        Ok(Some(match code {
            OPEN => Event::Open(Element::from_index(self.index()?).ok_or_else(unknown)?),
            ATTRIBUTE => Event::Attribute(self.attribute()?, self.str()?),
            PART => Event::Reference(self.attribute()?, Place::Part(self.number()?)),
            PICTURE => Event::Reference(self.attribute()?, Place::Picture(self.number()?)),
            LINK => Event::Link(self.attribute()?, self.str()?),
            TEXT => Event::Text(self.str()?),
            CLOSE => Event::Close,
            _ => return Err(UNKNOWN),
        }))
    }

    /// Bytes below 128.
    fn small<const N: usize>(&mut self) -> Result<[u8; N], Refusal> {
        let (head, rest) = self.0.split_at_checked(N).ok_or_else(unknown)?;
        self.0 = rest;
        let bytes = <[u8; N]>::try_from(head.as_bytes()).map_err(|_| UNKNOWN)?;
        if bytes.is_ascii() {
            Ok(bytes)
        } else {
            Err(UNKNOWN)
        }
    }

    /// A place in the table: seven bits a byte, the highest first.
    fn index(&mut self) -> Result<u16, Refusal> {
        let [high, low] = self.small()?.map(u16::from);
        Ok(high << 7 | low)
    }

    fn attribute(&mut self) -> Result<Attribute, Refusal> {
        Attribute::from_index(self.index()?).ok_or_else(unknown)
    }

    /// A number of 32 bits: seven bits a byte, the highest first.
    fn number(&mut self) -> Result<u32, Refusal> {
        let bytes: [u8; 5] = self.small()?;
        let number = bytes
            .iter()
            .fold(0u64, |number, byte| number << 7 | u64::from(*byte));
        u32::try_from(number).map_err(|_| UNKNOWN)
    }

    fn str(&mut self) -> Result<&'a str, Refusal> {
        let length = match self.small()? {
            [LONG] => {
                let length = self.number()?;
                if length < u32::from(LONG) {
                    return Err(UNKNOWN);
                }
                length
            }
            [length] => u32::from(length),
        };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let (head, rest) = self.0.split_at_checked(length).ok_or_else(unknown)?;
        self.0 = rest;
        Ok(head)
    }
}

const UNKNOWN: Refusal = Refusal::malformed("markup: no event of the vocabulary");

/// Made only where it is needed: there is one for each step of the way, and it has to be dropped.
const fn unknown() -> Refusal {
    UNKNOWN
}

/// Makes a part event by event; each is checked when it comes.
#[derive(Debug)]
pub struct Builder {
    kind: PartKind,
    needs: Vec<u32>,
    events: String,
    open: Vec<Element>,
    /// Whether attributes may come: the last event was an element's beginning or an attribute.
    head: bool,
    /// The attributes that the element has so far.
    seen: Vec<Attribute>,
    begun: bool,
    /// Whether the body of the document has begun.
    has_body: bool,
    /// The namespaces so far.
    spaces: u64,
}

impl Builder {
    /// A part without events.
    #[must_use]
    pub const fn new(kind: PartKind) -> Self {
        Self {
            kind,
            needs: Vec::new(),
            events: String::new(),
            open: Vec::new(),
            head: false,
            seen: Vec::new(),
            begun: false,
            has_body: false,
            spaces: 0,
        }
    }

    /// The part needs part `number` without naming it.
    pub fn need(&mut self, number: u32) {
        if !self.needs.contains(&number) {
            self.needs.push(number);
        }
    }

    /// Bytes so far.
    #[must_use]
    pub fn byte_len(&self) -> usize {
        self.events.len()
    }

    /// Appends one event.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for an event that has no place here, or a value out of its type.
    pub fn push(&mut self, event: Event<'_>) -> Result<(), Refusal> {
        self.validate(event)?;
        let out = &mut self.events;
        match event {
            Event::Open(element) => {
                put_small(out, OPEN);
                put_index(out, element.index());
            }
            Event::Attribute(attribute, value) => {
                put_small(out, ATTRIBUTE);
                put_index(out, attribute.index());
                put_str(out, value);
            }
            Event::Reference(attribute, place) => {
                let (code, number) = match place {
                    Place::Part(number) => (PART, number),
                    Place::Picture(number) => (PICTURE, number),
                };
                put_small(out, code);
                put_index(out, attribute.index());
                put_number(out, number);
            }
            Event::Link(attribute, address) => {
                put_small(out, LINK);
                put_index(out, attribute.index());
                put_str(out, address);
            }
            Event::Text(text) => {
                put_small(out, TEXT);
                put_str(out, text);
            }
            Event::Close => put_small(out, CLOSE),
        }
        Ok(())
    }

    fn validate(&mut self, event: Event<'_>) -> Result<(), Refusal> {
        let bad = |what| Err(Refusal::malformed(what));
        match event {
            Event::Open(element) => {
                if self.open.is_empty() && (self.begun || element != self.kind.root()) {
                    return bad("markup: not the root of its part");
                }
                if self.open.len() >= MAX_DEPTH {
                    return bad("markup: elements nested too deep");
                }
                if !belongs(element, |place| self.open.iter().rev().nth(place).copied()) {
                    return bad("markup: an extension that has no place here");
                }
                match place::body(element, self.kind) {
                    Some(false) => {}
                    Some(true) if !self.has_body => self.has_body = true,
                    _ => return bad("markup: a second body, or one of another kind"),
                }
                self.begun = true;
                self.spaces |= element.space().map_or(0, Space::bit);
                self.open.push(element);
                self.head = true;
                self.seen.clear();
            }
            Event::Attribute(attribute, value) => {
                if !fits(self.attribute(attribute)?, value) {
                    return bad("markup: value out of its type");
                }
            }
            Event::Reference(attribute, place) => {
                let element = self.open.last().copied();
                let moves = matches!(place, Place::Part(_))
                    && element.is_some_and(|element| element.is("a:hlinkClick"));
                let leads = element.is_some_and(link::leads) && !moves;
                if self.attribute(attribute)? != Type::Reference || leads {
                    return bad("markup: a reference where none belongs");
                }
            }
            Event::Link(attribute, address) => {
                let leads = self.open.last().copied().is_some_and(link::leads);
                let kind = self.attribute(attribute)?;
                let shape = self.open.last().is_some_and(|e| e.is("a:hlinkClick"));
                let good = is_address(address) || (shape && is_inside(address));
                if !matches!(kind, Type::Reference | Type::Local) || !leads || !good {
                    return bad("markup: a link where none belongs");
                }
            }
            Event::Text(text) => {
                let kind = self.open.last().and_then(|element| element.text());
                self.head = false;
                if !kind.is_some_and(|kind| fits(kind, text)) {
                    return bad("markup: text where none belongs");
                }
            }
            Event::Close => {
                self.head = false;
                if self.open.pop().is_none() {
                    return bad("markup: an end too many");
                }
            }
        }
        // of what was taken only
        if let Event::Attribute(attribute, _)
        | Event::Reference(attribute, _)
        | Event::Link(attribute, _) = event
        {
            self.spaces |= attribute.space().map_or(0, Space::bit);
        }
        Ok(())
    }

    /// The type of an attribute of the innermost element, if it may come now.
    fn attribute(&mut self, attribute: Attribute) -> Result<Type, Refusal> {
        let kind = self
            .open
            .last()
            .and_then(|element| element.attribute(attribute));
        let fresh = self.head && !self.seen.contains(&attribute);
        self.seen.push(attribute);
        kind.filter(|_| fresh).ok_or_else(|| {
            Refusal::malformed("markup: an attribute that its element does not have")
        })
    }

    fn whole(&self) -> Result<(), Refusal> {
        if self.begun && self.open.is_empty() {
            Ok(())
        } else {
            Err(Refusal::malformed("markup: a part that does not end"))
        }
    }

    /// The finished part.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] unless it is one whole tree.
    pub fn finish(self) -> Result<Markup, Refusal> {
        self.whole()?;
        Ok(Markup {
            kind: self.kind,
            needs: self.needs,
            events: self.events,
            spaces: self.spaces,
        })
    }
}

fn put_small(out: &mut String, byte: u8) {
    out.push(char::from(byte & 0x7f));
}

fn put_index(out: &mut String, index: u16) {
    // a test shows that the table has fewer than 16,384 names
    let [high, low] = (index << 1).to_be_bytes();
    put_small(out, high);
    put_small(out, low >> 1);
}

fn put_number(out: &mut String, number: u32) {
    for shift in [28, 21, 14, 7, 0] {
        let [.., low] = (number >> shift).to_be_bytes();
        put_small(out, low);
    }
}

fn put_str(out: &mut String, text: &str) {
    match u8::try_from(text.len()) {
        Ok(length) if length < LONG => put_small(out, length),
        _ => {
            put_small(out, LONG);
            // a longer one would not decode
            put_number(out, u32::try_from(text.len()).unwrap_or(u32::MAX));
        }
    }
    out.push_str(text);
}

#[cfg(test)]
mod tests;

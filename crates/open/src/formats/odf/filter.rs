//! From the XML of a part to its markup: what is in the vocabulary stays, fields become their text,
//! everything else goes with all that is in it.

use super::comments::{Spot, annotation};
use super::formulas;
use super::names::{self, Outside};
use super::objects::Objects;
use crate::formats::comments::{Comments, Words};
use crate::formats::html::target;
use crate::formats::ooxml::filter::Pictures;
use crate::formats::ooxml::filter::spaces::{Resolved, Spaces};
use crate::formats::ooxml::xml::{self, Walker};
use crate::formats::zip::Archive;
use mugai_core::markup::vocabulary::{Attribute, Element, Type};
use mugai_core::markup::{self, Builder, Event, PartKind, Place};
use mugai_core::{Cx, FindingCode, Links, Markup, Refusal, Resource};
use quick_xml::events::BytesStart;
use std::borrow::Cow;

/// What became of an element that is still open.
pub(super) enum Frame {
    /// It is in the output.
    Kept(Element),
    /// Only what is in it is.
    Unwrapped,
    /// A link of which only the text is; its address stands behind it.
    Told { shown: String, said: String },
}

/// Attributes of an element that is about to begin.
#[derive(Default)]
struct Head<'a> {
    values: Vec<(Attribute, Cow<'a, str>)>,
    picture: Option<(Attribute, Place)>,
    link: Option<(Attribute, String)>,
}

/// Where a part comes from, and what it has to be.
#[derive(Clone, Copy)]
pub(super) struct Source<'p> {
    pub(super) archive: &'p Archive<'p>,
    pub(super) kind: PartKind,
    /// What the body has to be: `text`, `spreadsheet`, `presentation`, `chart`.
    pub(super) body: &'p str,
}

pub(super) struct Filter<'p, 'c, 'a> {
    source: Source<'p>,
    pictures: &'p mut Pictures,
    objects: &'p mut Objects,
    comments: &'p mut Comments,
    /// The cell or slide that is open.
    spot: Spot,
    /// How many elements were open in the frame whose object is carried: its picture is not needed.
    drawn: Option<usize>,
    pub(super) cx: &'c mut Cx<'a>,
    out: Builder,
    pub(super) frames: Vec<Frame>,
    spaces: Spaces,
    /// Levels below an element that was dropped.
    dropped: usize,
    text: String,
    /// Whether what is in the cell that is open lies below another one, and was not counted yet.
    covered: bool,
    /// How often the row and the cell that are open are said to repeat.
    repeats: (u64, u64),
}

/// Tells a part again.
///
/// # Errors
/// [`Refusal::Malformed`] for XML that is broken, too deep, or not rooted as it should be,
/// [`Refusal::Overrun`] for cells that repeat more often than the purse allows.
pub(super) fn part(
    source: Source<'_>,
    bytes: &[u8],
    pictures: &mut Pictures,
    objects: &mut Objects,
    comments: &mut Comments,
    cx: &mut Cx<'_>,
) -> Result<Markup, Refusal> {
    let text = xml::decode(bytes, cx)?;
    let text = if source.kind == PartKind::OpenFormula {
        formulas::without_type(text)
    } else {
        text
    };
    let mut filter = Filter {
        source,
        pictures,
        objects,
        comments,
        spot: Spot::default(),
        drawn: None,
        cx,
        out: Builder::new(source.kind),
        frames: Vec::new(),
        spaces: Spaces::default(),
        dropped: 0,
        text: String::new(),
        covered: false,
        repeats: (1, 1),
    };
    filter.walk(&text)?;
    filter.out.finish()
}

impl Walker for Filter<'_, '_, '_> {
    fn dropped(&mut self) -> &mut usize {
        &mut self.dropped
    }

    fn depth(&self) -> usize {
        self.frames.len()
    }

    fn text(&mut self) -> &mut String {
        &mut self.text
    }

    fn begins(&mut self, start: &BytesStart<'_>, rest: &str) -> Result<(), Refusal> {
        self.start(start, rest)
    }

    fn ends(&mut self) -> Result<(), Refusal> {
        self.end()
    }
}

impl Filter<'_, '_, '_> {
    pub(super) fn drop_it(&mut self, code: Option<FindingCode>) -> Result<(), Refusal> {
        if let Some(code) = code {
            self.cx.note(code);
        }
        self.spaces.pop();
        self.deeper()
    }

    fn start(&mut self, start: &BytesStart<'_>, rest: &str) -> Result<(), Refusal> {
        self.flush_text()?;
        if self.frames.len() >= markup::MAX_DEPTH {
            return Err(xml::DEEP);
        }
        let attributes = xml::attributes(start)?;
        self.spaces.push(&attributes)?;
        let (prefix, local) = xml::split(start.name().0);
        let Resolved::Known(space) = self.spaces.resolve(prefix) else {
            return self.foreign(local, &attributes, rest);
        };
        let Some(element) = Element::find(space, local) else {
            if names::is_extension(space.prefix()) {
                return self.foreign(local, &attributes, rest);
            }
            let name = format!("{}:{local}", space.prefix());
            if name == "office:annotation" && self.cx.params().comments {
                self.comment(rest)?;
                return self.drop_it(None);
            }
            return match names::outside(&name) {
                Outside::Unwrap(code) if !self.frames.is_empty() => {
                    if let Some(code) = code {
                        self.cx.note(code);
                    }
                    self.frames.push(Frame::Unwrapped);
                    Ok(())
                }
                Outside::Unwrap(code) | Outside::Drop(code) => self.drop_it(code),
            };
        };
        if !names::is_of(self.source.kind, element) {
            return self.drop_it(Some(FindingCode::OfficeMarkup));
        }
        if self.frames.is_empty() && element != self.source.kind.root() {
            return Err(Refusal::malformed("odf: a part of another kind"));
        }
        if matches!(local, "text" | "spreadsheet" | "presentation" | "chart")
            && space.prefix() == "office"
            && (local != self.source.body || self.source.kind == PartKind::OpenStyles)
        {
            return Err(Refusal::malformed("odf: a body of another kind"));
        }
        self.element(element, &attributes)
    }

    pub(super) fn element(
        &mut self,
        element: Element,
        attributes: &[(&str, Cow<'_, str>)],
    ) -> Result<(), Refusal> {
        let local = element.local();
        // the picture of an object that is carried is for programs that do not know the object
        if self.drawn == Some(self.frames.len()) && element.is("draw:image") {
            return self.drop_it(None);
        }
        // a formula in other words, of which those are kept that programs for ODF read
        if element.is("math:annotation")
            && !attributes.contains(&("encoding", Cow::Borrowed("StarMath 5.0")))
        {
            return self.drop_it(None);
        }
        let mut head = self.head(element, attributes)?;
        if element.is("draw:object") {
            if head.picture.is_none() {
                return self.drop_it(Some(FindingCode::OfficeEmbedded));
            }
            self.drawn = Some(self.frames.len());
        }
        if names::needs_picture(local) && head.picture.is_none() {
            // an empty background is how styles say that there is none
            let said = attributes
                .iter()
                .any(|(key, _)| xml::split(key).1 == "href");
            return self.drop_it(said.then_some(FindingCode::OfficeExternal));
        }
        if local == "a" && head.link.is_none() && !has(&head, "href") {
            self.cx.note(FindingCode::OfficeLink);
            let raw = attributes
                .iter()
                .find(|(key, _)| xml::split(key).1 == "href");
            let raw = raw.map_or("", |(_, raw)| raw.as_ref());
            let frame = match (self.cx.params().links, target::shown(raw)) {
                (Links::Defang | Links::Keep, Some(shown)) if element.is("text:a") => Frame::Told {
                    shown,
                    said: String::new(),
                },
                _ => Frame::Unwrapped,
            };
            self.frames.push(frame);
            return Ok(());
        }
        if names::needs(element).is_some_and(|name| !has(&head, name)) {
            return self.drop_it(None);
        }
        if element.is("text:date") || element.is("text:time") {
            fix(element, &mut head);
        }
        self.pay(element, &head)?;
        self.spot.begin(element, |name| {
            let found = head.values.iter().find(|(a, _)| a.local() == name);
            found.map(|(_, value)| value.as_ref())
        });
        self.frames.push(Frame::Kept(element));
        self.out.push(Event::Open(element))?;
        for (attribute, value) in &head.values {
            self.out.push(Event::Attribute(*attribute, value))?;
        }
        if let Some((attribute, place)) = head.picture {
            self.out.push(Event::Reference(attribute, place))?;
        }
        if let Some((attribute, address)) = &head.link {
            self.out.push(Event::Link(*attribute, address))?;
        }
        Ok(())
    }

    fn head<'v>(
        &mut self,
        element: Element,
        attributes: &'v [(&str, Cow<'v, str>)],
    ) -> Result<Head<'v>, Refusal> {
        let mut head = Head::default();
        for (key, value) in attributes {
            let (prefix, local) = xml::split(key);
            // those of formulas have no namespace, those of all others have one
            let space = match self.spaces.resolve(prefix) {
                _ if prefix.is_empty() && self.source.kind == PartKind::OpenFormula => None,
                Resolved::Known(space) if !prefix.is_empty() && prefix != "xmlns" => Some(space),
                Resolved::Known(_)
                | Resolved::Compatibility
                | Resolved::Diagram
                | Resolved::Unknown => continue,
            };
            let Some(attribute) = Attribute::find(space, local) else {
                continue;
            };
            let Some(kind) = element.attribute(attribute) else {
                continue;
            };
            // two prefixes of one namespace are one
            if head.values.iter().any(|(a, _)| *a == attribute) {
                return Err(Refusal::malformed("odf: an attribute twice"));
            }
            if names::hides(element.local(), local, value) {
                self.cx.note(FindingCode::OfficeHidden);
            }
            let most = names::most(local).filter(|_| kind == Type::Value);
            let over = |most: u64| value.parse::<u64>().map_or(true, |n| n > most);
            if most.is_some_and(over) {
                self.cx.note(FindingCode::OfficeMarkup);
                continue;
            }
            match kind {
                Type::Reference => {
                    let place = self.place(element, value)?;
                    head.picture = place.map(|place| (attribute, place));
                }
                Type::Local => match self.address(value) {
                    Some(live) => head.link = Some((attribute, live)),
                    None if markup::fits(kind, value) => {
                        head.values.push((attribute, value.clone()));
                    }
                    None => {}
                },
                Type::Text => {
                    let (clean, scrubbed) = markup::scrub(value);
                    let clean = clean.into_owned();
                    self.cx.note_scrubbed(scrubbed);
                    head.values.push((attribute, Cow::Owned(clean)));
                }
                _ if markup::fits(kind, value) => head.values.push((attribute, value.clone())),
                // maybe only for places that it makes of texts
                Type::OpenFormula => match markup::contained(value, markup::Parts::Semicolon) {
                    Some(Cow::Owned(contained)) if markup::fits(kind, &contained) => {
                        head.values.push((attribute, Cow::Owned(contained)));
                    }
                    Some(_) | None => self.cx.note(FindingCode::OfficeFormula),
                },
                Type::Range => self.cx.note(FindingCode::OfficeFormula),
                Type::Setting => {}
                Type::Value
                | Type::Style
                | Type::Formula
                | Type::Instruction
                | Type::Move
                | Type::One => {
                    self.cx.note(FindingCode::OfficeMarkup);
                }
            }
        }
        Ok(head)
    }

    /// Where an element leads that has an object or a picture.
    fn place(&mut self, element: Element, href: &str) -> Result<Option<Place>, Refusal> {
        if element.is("draw:object") {
            self.objects.place(href, self.source, self.cx)
        } else {
            Ok(self.picture(href))
        }
    }

    /// A picture of the package.
    fn picture(&mut self, href: &str) -> Option<Place> {
        let path = href.strip_prefix("./").unwrap_or(href);
        let path = target::percent_decoded(path);
        let inside = !path.contains([':', '\\', '#']) && !path.split('/').any(|step| step == "..");
        let known = inside
            && self.source.body != "chart"
            && !path.ends_with(".xml")
            && self.source.archive.has(&path);
        known.then(|| Place::Picture(self.pictures.place(&path)))
    }

    /// An address that stays live.
    fn address(&self, href: &str) -> Option<String> {
        let keeps = self.cx.params().links == Links::Keep;
        keeps
            .then(|| target::live(href))
            .flatten()
            .filter(|live| markup::is_address(live))
    }

    /// Pays for cells that repeat: whoever opens the document makes all of them.
    fn pay(&mut self, element: Element, head: &Head<'_>) -> Result<(), Refusal> {
        let number = |name: &str| {
            let found = head.values.iter().find(|(a, _)| a.local() == name);
            found
                .and_then(|(_, value)| value.parse::<u64>().ok())
                .unwrap_or(1)
        };
        if element.is("table:table-row") {
            self.repeats = (number("number-rows-repeated"), 1);
            return Ok(());
        }
        let cell = element.is("table:table-cell") || element.is("table:covered-table-cell");
        let filled = cell && (has(head, "value-type") || has(head, "formula"));
        if cell {
            self.repeats.1 = number("number-columns-repeated");
            self.covered = element.is("table:covered-table-cell");
        }
        if filled {
            self.see_covered();
        }
        if filled || (element.is("text:p") && self.repeats != (1, 1)) {
            let (rows, columns) = self.repeats;
            self.cx.charge(
                Resource::Steps,
                rows.saturating_mul(columns).saturating_mul(4),
            )?;
        }
        Ok(())
    }

    /// Something is told that nobody sees: the cell before it reaches over it. It is counted once a cell.
    fn see_covered(&mut self) {
        if std::mem::take(&mut self.covered) {
            self.cx.note(FindingCode::OfficeHidden);
        }
    }

    /// Takes the comment that begins before `rest`, and marks its place in a text.
    fn comment(&mut self, rest: &str) -> Result<(), Refusal> {
        let words = Words::of(self.cx.params().lang);
        let place = if self.source.kind == PartKind::OpenSheet {
            self.spot.cell()
        } else if self.source.kind == PartKind::OpenSlides {
            self.spot.slide(words)
        } else {
            String::new()
        };
        let comment = annotation(rest, place)?;
        let number = self.comments.take(comment, self.cx)?;
        let in_text = match self.frames.last() {
            Some(Frame::Kept(element)) => element.text() == Some(Type::Text),
            Some(Frame::Unwrapped | Frame::Told { .. }) | None => false,
        };
        match number.filter(|_| in_text && self.source.kind == PartKind::OpenText) {
            Some(number) => self.out.push(Event::Text(&words.mark(number))),
            None => Ok(()),
        }
    }

    fn flush_text(&mut self) -> Result<(), Refusal> {
        if self.text.is_empty() {
            return Ok(());
        }
        let text = std::mem::take(&mut self.text);
        let kept = self.frames.iter().rev().find_map(|frame| match frame {
            Frame::Kept(element) => Some(*element),
            Frame::Unwrapped | Frame::Told { .. } => None,
        });
        if kept.and_then(Element::text) != Some(Type::Text) {
            if !text.trim().is_empty() {
                self.cx.note(FindingCode::OfficeMarkup);
            }
            return Ok(());
        }
        if !text.trim().is_empty() {
            self.see_covered();
        }
        let (clean, scrubbed) = markup::scrub(&text);
        self.cx.note_scrubbed(scrubbed);
        for frame in &mut self.frames {
            if let Frame::Told { said, .. } = frame {
                // of two spans one may not be seen
                if !said.is_empty() {
                    said.push('\0');
                }
                said.push_str(&clean);
            }
        }
        // nothing but what nobody sees
        if clean.is_empty() {
            return Ok(());
        }
        self.out.push(Event::Text(&clean))
    }

    fn end(&mut self) -> Result<(), Refusal> {
        if self.dropped > 0 {
            self.dropped = self.dropped.saturating_sub(1);
            return Ok(());
        }
        self.flush_text()?;
        self.spaces.pop();
        match self.frames.pop() {
            Some(Frame::Kept(element)) => {
                self.spot.end(element, self.repeats);
                if element.is("table:covered-table-cell") {
                    self.covered = false;
                }
                if element.is("table:table-row") {
                    self.repeats = (1, 1);
                }
                if self.drawn > Some(self.frames.len()) {
                    self.drawn = None;
                }
                // a table of a slide has a picture, too
                let outer = self.frames.last();
                let framed = matches!(outer, Some(Frame::Kept(outer)) if outer.is("draw:frame"));
                if element.is("table:table") && framed {
                    self.drawn = Some(self.frames.len());
                }
                self.out.push(Event::Close)
            }
            Some(Frame::Told { shown, said }) => {
                if target::says(&said, &shown) {
                    return Ok(());
                }
                self.out.push(Event::Text(&format!(" [{shown}]")))
            }
            Some(Frame::Unwrapped) => Ok(()),
            None => Err(xml::BROKEN),
        }
    }
}

/// A day or a time stays the one that its sender saw: programs would show that of the moment.
fn fix(element: Element, head: &mut Head<'_>) {
    head.values
        .retain(|(attribute, _)| attribute.local() != "fixed");
    let fixed = Attribute::find(element.space(), "fixed");
    head.values
        .extend(fixed.map(|fixed| (fixed, Cow::Borrowed("true"))));
}

fn has(head: &Head<'_>, name: &str) -> bool {
    head.values
        .iter()
        .any(|(attribute, _)| attribute.local() == name)
}

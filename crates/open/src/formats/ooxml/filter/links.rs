//! Links: live where the policy keeps them and they lead to a page or a mail address, else text; moves
//! between slides stay.

use super::fields::Behind;
use super::{Filter, Frame, Head, xml};
use crate::formats::html::target;
use crate::formats::ooxml::package::Target;
use mugai_core::markup::vocabulary::{Attribute, Element, Space, Type};
use mugai_core::markup::{Event, PartKind, Place, fits, is_address, is_inside};
use mugai_core::{FindingCode, Links, Refusal};
use std::borrow::Cow;

/// A link whose text is being told, and the address that is to stand behind it.
pub(super) struct Told {
    shown: String,
    /// What is written in the link itself.
    said: String,
}

/// Whether an element is a link, as opposed to something that may be one.
pub(super) fn is_link(element: Element) -> bool {
    ["w:hyperlink", "x:hyperlink", "a:hlinkClick"]
        .iter()
        .any(|name| element.is(name))
}

/// What a link with an action is told as, in small letters, that goes: one that runs something is more than a link.
pub(super) fn lost(action: &str) -> FindingCode {
    let mut runs = ["ppaction://macro", "ppaction://program", "ppaction://ole"].iter();
    if runs.any(|prefix| action.starts_with(prefix)) {
        FindingCode::OfficeMacro
    } else {
        FindingCode::OfficeLink
    }
}

/// The place in the same document that an address is, its letters no more by their numbers.
fn inside(address: &str) -> Option<String> {
    let place = format!("#{}", target::percent_decoded(address.strip_prefix('#')?));
    is_inside(&place).then_some(place)
}

impl Filter<'_, '_, '_> {
    /// A link begins.
    pub(super) fn link(
        &mut self,
        element: Element,
        attributes: &[(&str, Cow<'_, str>)],
    ) -> Result<(), Refusal> {
        let raw = |name: &str| {
            let found = attributes.iter().find(|(key, _)| xml::split(key).1 == name);
            found.map(|(_, value)| value.as_ref())
        };
        let id = raw("id").filter(|id| !id.is_empty());
        let action = raw("action").unwrap_or_default();
        if element.is("a:hlinkClick") && !action.is_empty() {
            return self.slide_move(element, action, id, attributes);
        }
        let Some(id) = id else {
            return self.local_link(element, attributes);
        };
        let relation = self.part.relations.get(id);
        let address = match relation.map(|r| (r.kind.as_str(), &r.target)) {
            Some(("hyperlink", Target::Outside(address))) => address.clone(),
            _ => String::new(),
        };
        // elsewhere other programs do not open such a relationship, and nobody makes one
        let may = matches!(self.part.kind, PartKind::Drawing | PartKind::Worksheet);
        if let Some(place) = inside(&address).filter(|_| may) {
            return self.place_link(element, place, attributes);
        }
        let live = target::live(&address).filter(|live| is_address(live));
        if self.cx.params().links == Links::Keep
            && let Some(live) = live
        {
            let mut head = self.head(element, attributes);
            head.link = Some(live);
            return self.keep(element, head);
        }
        self.cx.note(FindingCode::OfficeLink);
        let behind = match self.cx.params().links {
            Links::Defang | Links::Keep => target::shown(&address),
            Links::Drop => None,
        };
        if element.is("w:hyperlink") {
            self.tell_link(behind);
            return Ok(());
        }
        if element.is("a:hlinkClick") && self.is_run() {
            self.behind = behind;
        }
        self.drop_it(None)
    }

    /// A link to a place in the same workbook or text, which some write like one that leads outside: shapes can do
    /// it in no other way, cells say the place themselves.
    fn place_link(
        &mut self,
        element: Element,
        place: String,
        attributes: &[(&str, Cow<'_, str>)],
    ) -> Result<(), Refusal> {
        let mut head = self.head(element, attributes);
        if element.is("a:hlinkClick") {
            head.link = Some(place);
            return self.keep(element, head);
        }
        let location = Attribute::find(None, "location");
        let kind = location.and_then(|location| element.attribute(location));
        let told = |(known, ..): &(Attribute, Type, Cow<'_, str>)| Some(*known) == location;
        if let (Some(location), Some(kind), false) = (location, kind, head.values.iter().any(told))
        {
            let place = place.trim_start_matches('#').to_owned();
            if !fits(kind, &place) {
                self.cx.note(FindingCode::OfficeLink);
                return self.drop_it(None);
            }
            head.values.push((location, kind, Cow::Owned(place)));
        }
        self.keep(element, head)
    }

    /// A link to a place in the same text or workbook.
    fn local_link(
        &mut self,
        element: Element,
        attributes: &[(&str, Cow<'_, str>)],
    ) -> Result<(), Refusal> {
        let head = self.head(element, attributes);
        let leads = head.values.iter().any(|(attribute, ..)| {
            attribute.local() == "anchor" || attribute.local() == "location"
        });
        if leads {
            return self.keep(element, head);
        }
        self.cx.note(FindingCode::OfficeLink);
        if element.is("w:hyperlink") {
            self.tell_link(None);
            return Ok(());
        }
        self.drop_it(None)
    }

    /// An action of a presentation: only moves between its slides are harmless.
    fn slide_move(
        &mut self,
        element: Element,
        action: &str,
        id: Option<&str>,
        attributes: &[(&str, Cow<'_, str>)],
    ) -> Result<(), Refusal> {
        let lower = action.to_ascii_lowercase();
        let known = fits(Type::Move, &lower);
        let to_slide = lower.starts_with("ppaction://hlinksldjump");
        let place = id.and_then(|id| {
            let relation = self.part.relations.get(id)?;
            let (number, kind) = self.package.number(relation)?;
            (kind == PartKind::Slide).then_some(Place::Part(number))
        });
        if !known || (to_slide && place.is_none()) {
            return self.drop_it(Some(lost(&lower)));
        }
        let mut head = self.head(element, attributes);
        if let (true, Some(place), Some(attribute)) = (to_slide, place, reference()) {
            head.references.push((attribute, place));
        }
        self.keep(element, head)
    }

    /// Whether what begins are properties of a run of text. Breaks and fields of lines have some, too, and no text
    /// behind them.
    fn is_run(&self) -> bool {
        let mut kept = self.frames.iter().rev().map_while(|frame| {
            let Frame::Kept(element) = frame else {
                return None;
            };
            Some(element)
        });
        kept.next().is_some_and(|parent| parent.is("a:rPr"))
            && kept
                .next()
                .is_some_and(|run| matches!(run.local(), "r" | "fld"))
    }

    /// The text of a link is told, and its address behind it.
    pub(super) fn tell_link(&mut self, shown: Option<String>) {
        match shown {
            Some(shown) => {
                let said = String::new();
                self.told.push(Told { shown, said });
                self.frames.push(Frame::Told);
            }
            None => self.frames.push(Frame::Unwrapped),
        }
    }

    /// Text that stands in a link.
    pub(super) fn said(&mut self, text: &str) {
        if let Some(told) = self.told.last_mut() {
            // of two runs one may not be seen
            if !told.said.is_empty() {
                told.said.push('\0');
            }
            told.said.push_str(text);
        }
        let behind = self.behind.as_deref();
        if behind.is_some_and(|shown| target::says(text, shown)) {
            self.behind = None;
        }
    }

    /// A link ends: its address in a run of its own, unless that is what it says.
    pub(super) fn link_ends(&mut self) -> Result<(), Refusal> {
        let Some(told) = self.told.pop() else {
            return Ok(());
        };
        if target::says(&told.said, &told.shown) {
            return Ok(());
        }
        self.address_run(&told.shown)
    }

    /// A run that says an address.
    fn address_run(&mut self, shown: &str) -> Result<(), Refusal> {
        if let Some(run) = Element::named("w:r") {
            self.out.push(Event::Open(run))?;
            self.address_text(shown)?;
            self.out.push(Event::Close)?;
        }
        Ok(())
    }

    /// What is told behind a field that has just ended: its address, unless the policy leaves it out, or what it
    /// shows.
    pub(super) fn behind_field(&mut self) -> Result<(), Refusal> {
        match self.fields.behind() {
            Some(Behind::Address(raw)) => match self.field_address(&raw) {
                Some(shown) => self.address_text(&shown),
                None => Ok(()),
            },
            Some(Behind::Shown(shown)) => {
                let shown = self.scrub(Cow::Owned(shown)).into_owned();
                self.run_text(&shown)
            }
            None => Ok(()),
        }
    }

    /// An address as the text of a run that is open.
    fn address_text(&mut self, shown: &str) -> Result<(), Refusal> {
        self.run_text(&format!(" [{shown}]"))
    }

    /// The text of a run that is open.
    fn run_text(&mut self, text: &str) -> Result<(), Refusal> {
        // in the code of a field nothing is shown
        if self.fields.is_coding() {
            return Ok(());
        }
        let xml = Space::all().find(|space| space.prefix() == "xml");
        if let (Some(run), Some(space)) = (Element::named("w:t"), Attribute::find(xml, "space")) {
            self.out.push(Event::Open(run))?;
            self.out.push(Event::Attribute(space, "preserve"))?;
            self.out.push(Event::Text(text))?;
            self.out.push(Event::Close)?;
        }
        Ok(())
    }

    /// The address of a field that was a link, unless the policy leaves it out.
    pub(super) fn field_address(&self, raw: &str) -> Option<String> {
        match self.cx.params().links {
            Links::Defang | Links::Keep => target::shown(raw),
            Links::Drop => None,
        }
    }
}

impl Head<'_> {
    /// The attribute that leads outside, with its address.
    pub(super) fn outside(&self) -> Option<(Attribute, &str)> {
        Some((reference()?, self.link.as_deref()?))
    }
}

/// `r:id`.
fn reference() -> Option<Attribute> {
    let space = Space::all().find(|space| space.prefix() == "r");
    Attribute::find(space, "id")
}

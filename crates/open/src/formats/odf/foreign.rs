//! Elements of other namespaces. In running text they go and what is in them stays (ODF 1.3 part 3, section 3.17): content
//! controls and whatever comes next. Fields of forms of old Word have no text at all: theirs is told by their settings.

use super::filter::{Filter, Frame};
use crate::formats::ooxml::xml::{self, Walker as _};
use mugai_core::markup::vocabulary::{Element, Type};
use mugai_core::{FindingCode, Refusal, Resource};
use quick_xml::events::Event as Xml;
use std::borrow::Cow;

/// The most words that a field lets choose from, and the most settings of one.
const MAX_WORDS: usize = 256;

impl Filter<'_, '_, '_> {
    /// An element of another namespace begins; `rest` is what follows it.
    ///
    /// # Errors
    /// As those of a part.
    pub(super) fn foreign(
        &mut self,
        local: &str,
        attributes: &[(&str, Cow<'_, str>)],
        rest: &str,
    ) -> Result<(), Refusal> {
        let kept = self.frames.iter().rev().find_map(|frame| match frame {
            Frame::Kept(element) => Some(*element),
            Frame::Unwrapped | Frame::Told { .. } => None,
        });
        // that of the first page stood in a namespace of its own before version 1.3
        if kept.is_some_and(|element| element.is("style:master-page")) {
            let own = match local {
                "header-first" => Element::named("style:header-first"),
                "footer-first" => Element::named("style:footer-first"),
                _ => None,
            };
            if let Some(own) = own {
                return self.element(own, attributes);
            }
        }
        let in_text = kept.is_some_and(|element| element.text() == Some(Type::Text));
        if !in_text {
            return self.drop_it(Some(FindingCode::OfficeMarkup));
        }
        self.cx.note(FindingCode::OfficeMarkup);
        self.frames.push(Frame::Unwrapped);
        if local == "fieldmark" {
            let kind = attributes
                .iter()
                .find(|(key, _)| xml::split(key).1 == "type");
            let kind = kind.map_or("", |(_, kind)| kind.as_ref());
            let shown = self.shown(kind, rest)?;
            self.text().push_str(&shown);
        }
        Ok(())
    }

    /// What a field of a form shows, by the settings that begin `rest`.
    fn shown(&self, kind: &str, rest: &str) -> Result<String, Refusal> {
        let mut checked = false;
        let (mut words, mut chosen) = (Vec::new(), 0usize);
        let mut reader = xml::reader(rest);
        for _ in 0..MAX_WORDS.saturating_mul(2) {
            self.cx.charge(Resource::Steps, 16)?;
            let event = xml::next(&mut reader);
            let start = match event {
                Ok(Some(Xml::Empty(start))) => start,
                Ok(Some(Xml::Text(_))) => continue,
                _ => break,
            };
            if xml::split(start.name().0).1 != "param" {
                break;
            }
            let attributes = xml::attributes(&start)?;
            let get = |name: &str| {
                let mut all = attributes.iter();
                let found = all.find(|(key, _)| xml::split(key).1 == name);
                found.map_or("", |(_, value)| value.as_ref())
            };
            match get("name") {
                "Checkbox_Checked" => checked = get("value") == "true",
                "Dropdown_Selected" => chosen = get("value").parse().unwrap_or(0),
                "Dropdown_ListEntry" if words.len() < MAX_WORDS => {
                    words.push(get("value").to_owned());
                }
                _ => {}
            }
        }
        Ok(if kind.ends_with("FORMCHECKBOX") {
            if checked { "☑" } else { "☐" }.to_owned()
        } else if kind.ends_with("FORMDROPDOWN") {
            words.into_iter().nth(chosen).unwrap_or_default()
        } else {
            String::new()
        })
    }
}

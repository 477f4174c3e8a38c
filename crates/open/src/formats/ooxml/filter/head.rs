//! Attributes: those of the vocabulary whose values have their types, and where references lead.

use super::spaces::Resolved;
use super::{Filter, Head, links, names};
use crate::formats::ooxml::xml;
use mugai_core::FindingCode;
use mugai_core::markup;
use mugai_core::markup::vocabulary::{Attribute, Element, Type};
use std::borrow::Cow;

impl Filter<'_, '_, '_> {
    pub(super) fn head<'v>(
        &mut self,
        element: Element,
        attributes: &'v [(&str, Cow<'v, str>)],
    ) -> Head<'v> {
        let mut head = Head::default();
        for (key, value) in attributes {
            let (prefix, local) = xml::split(key);
            if prefix == "xmlns" || (prefix.is_empty() && local == "xmlns") {
                continue;
            }
            // most have none, and are not of the namespace that elements without one are of
            let space = if prefix.is_empty() {
                None
            } else {
                match self.spaces.resolve(prefix) {
                    Resolved::Known(space) => Some(space),
                    Resolved::Compatibility | Resolved::Unknown | Resolved::Diagram => continue,
                }
            };
            let kind = Attribute::find(space, local).and_then(|a| Some((a, element.attribute(a)?)));
            let Some((attribute, kind)) = kind else {
                if let Some(lost) = names::lost_with(local).filter(|_| !value.is_empty()) {
                    self.cx.note(lost);
                }
                continue;
            };
            match kind {
                // where links lead is told apart
                Type::Reference if names::is_special(element) && links::is_link(element) => {}
                Type::Reference => match self.reach(value) {
                    Some(place) => head.references.push((attribute, place)),
                    None => head.lost |= !value.is_empty(),
                },
                Type::One => head.values.extend(self.dynamic(attribute, value)),
                Type::Value
                | Type::Style
                | Type::Text
                | Type::Formula
                | Type::Instruction
                | Type::Move
                | Type::OpenFormula
                | Type::Range
                | Type::Setting
                | Type::Local => {
                    let Some(value) = self.told_value(element, kind, value) else {
                        continue;
                    };
                    if markup::fits(kind, &value) {
                        head.values.push((attribute, kind, value));
                    } else {
                        self.cx.note(FindingCode::OfficeMarkup);
                    }
                }
            }
        }
        head
    }

    /// A value as it is told; `None` for one that is not.
    fn told_value<'v>(
        &mut self,
        element: Element,
        kind: Type,
        value: &'v Cow<'v, str>,
    ) -> Option<Cow<'v, str>> {
        Some(match kind {
            Type::Text if names::is_unread(element) => markup::scrub(value).0,
            Type::Text => self.scrub(names::numbers(element, value.clone())),
            Type::Instruction => Cow::Owned(markup::instruction(value)?),
            Type::Move => Cow::Owned(value.to_ascii_lowercase()),
            Type::Style => match markup::style(value) {
                Cow::Owned(kept) => {
                    self.cx.note(FindingCode::OfficeMarkup);
                    Cow::Owned(kept)
                }
                Cow::Borrowed(_) => value.clone(),
            },
            Type::Formula => match markup::contained(value, markup::Parts::Comma) {
                Some(Cow::Owned(contained)) => Cow::Owned(contained),
                Some(Cow::Borrowed(_)) | None => value.clone(),
            },
            Type::Value
            | Type::OpenFormula
            | Type::Range
            | Type::Local
            | Type::One
            | Type::Setting
            | Type::Reference => value.clone(),
        })
    }

    pub(super) fn scrub<'v>(&mut self, raw: Cow<'v, str>) -> Cow<'v, str> {
        let (clean, scrubbed) = markup::scrub(&raw);
        let changed = match clean {
            Cow::Borrowed(_) => None,
            Cow::Owned(clean) => Some(clean),
        };
        self.cx.note_scrubbed(scrubbed);
        changed.map_or(raw, Cow::Owned)
    }
}

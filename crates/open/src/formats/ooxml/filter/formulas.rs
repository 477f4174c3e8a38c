//! Formulas of a sheet: those that calculate stay, for all others the last value stands.

use super::Filter;
use mugai_core::markup::vocabulary::{Attribute, Element, Type};
use mugai_core::markup::{Parts, contained, is_harmless_formula, scrub};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// What stands where a formula has to be, and is not kept.
const NONE: &str = "#REF!";

impl Filter<'_, '_, '_> {
    /// The metadata of a cell, if they say of its formula that the results take as many cells as they need; they have
    /// the number of the only ones that are written.
    pub(super) fn dynamic<'v>(
        &self,
        attribute: Attribute,
        number: &str,
    ) -> Option<(Attribute, Type, Cow<'v, str>)> {
        let is_told = self.package.is_dynamic(number);
        is_told.then_some((attribute, Type::One, Cow::Borrowed("1")))
    }
}

#[derive(Default)]
pub(super) struct Formulas {
    /// The shared formulas of this sheet that are kept.
    shared: BTreeSet<String>,
    /// For each sheet of the workbook its number among those that are kept; `None` for one that goes.
    sheets: Vec<Option<u32>>,
    /// How many are kept.
    kept: u32,
}

/// What stands in the place of a formula.
pub(super) struct Verdict {
    /// Its text; `None` where the whole element goes.
    pub(super) text: Option<String>,
    /// Whether it was not kept.
    pub(super) replaced: bool,
}

impl Formulas {
    pub(super) fn sheet(&mut self, kept: bool) {
        self.sheets.push(kept.then_some(self.kept));
        self.kept = self.kept.saturating_add(u32::from(kept));
    }

    /// Counts the sheet of a name anew; `false` when that sheet is gone.
    pub(super) fn localise(&self, values: &mut [(Attribute, Type, Cow<'_, str>)]) -> bool {
        for (attribute, _, value) in values {
            if attribute.local() != "localSheetId" {
                continue;
            }
            let place = value.parse::<usize>().ok();
            let Some(number) = place.and_then(|place| *self.sheets.get(place)?) else {
                return false;
            };
            *value = Cow::Owned(number.to_string());
        }
        true
    }

    pub(super) fn judge(
        &mut self,
        element: Element,
        values: &[(Attribute, Type, String)],
        text: String,
    ) -> Verdict {
        let get = |name: &str| {
            values
                .iter()
                .find(|(a, ..)| a.local() == name)
                .map(|(.., v)| v.as_str())
        };
        let harmless = |text: &str| is_harmless_formula(text) && scrub(text).0 == text;
        let (text, good) = if harmless(&text) {
            (text, true)
        } else {
            // maybe only for places that it makes of texts
            match contained(&text, Parts::Comma) {
                Some(Cow::Owned(contained)) if harmless(&contained) => (contained, true),
                Some(_) | None => (text, false),
            }
        };
        let gone = Verdict {
            text: None,
            replaced: true,
        };
        if !element.is("x:f") {
            if good {
                return Verdict {
                    text: Some(text),
                    replaced: false,
                };
            }
            let optional = [
                "x:definedName",
                "x:calculatedColumnFormula",
                "x:totalsRowFormula",
            ];
            if optional.iter().any(|name| element.is(name)) {
                return gone;
            }
            return Verdict {
                text: Some(NONE.to_owned()),
                replaced: true,
            };
        }
        match (get("t"), get("si")) {
            (Some("dataTable"), _) => gone,
            (Some("shared"), Some(group)) if text.trim().is_empty() => Verdict {
                text: self.shared.contains(group).then(String::new),
                replaced: !self.shared.contains(group),
            },
            _ if !good => gone,
            (Some("shared"), Some(group)) => {
                self.shared.insert(group.to_owned());
                Verdict {
                    text: Some(text),
                    replaced: false,
                }
            }
            _ => Verdict {
                text: Some(text),
                replaced: false,
            },
        }
    }
}

//! Extensions of sheets that are told: conditional formats of since 2010 (bars of values below zero, more icons, rules
//! about other sheets), and the numbers by which rules of the standard name them ([MS-XLSX] 2.3.1, 2.6.8). All others go,
//! and so does what stands in them and does not belong there.

use super::{Filter, Frame, names};
use mugai_core::markup::vocabulary::Element;
use mugai_core::{FindingCode, Refusal};
use std::borrow::Cow;

/// The extension of a sheet, and that of a rule.
const OF_SHEET: &str = "{78C0D931-6437-407d-A8EE-F0AAD7539E65}";
const OF_RULE: &str = "{B025F937-C7B1-47D3-B67F-A62EFF666E3E}";

/// Whether an element is one of extensions.
pub(super) fn is_newer(element: Element) -> bool {
    element.word().starts_with("x14:") || element.word().starts_with("xm:")
}

impl Filter<'_, '_, '_> {
    /// Whether an element may stand here, as far as extensions are about it.
    pub(super) fn is_in_place(&self, element: Element) -> bool {
        let parent = self.around(0);
        // a quick answer for nearly all: neither it nor what it stands in is special
        if !names::is_special(element) && parent.is_none_or(|parent| !names::is_special(parent)) {
            return true;
        }
        let within = |name: &str| parent.is_some_and(|parent| parent.is(name));
        match (element.word(), parent.map_or("", Element::word)) {
            ("x:extLst", parent) => matches!(parent, "x:worksheet" | "x:cfRule"),
            ("x:ext", parent) => parent == "x:extLst",
            ("x14:id", "x:ext") => self.around(2).is_some_and(|e| e.is("x:cfRule")),
            ("x14:conditionalFormattings", "x:ext") => {
                self.around(2).is_some_and(|e| e.is("x:worksheet"))
            }
            ("x14:id" | "x14:conditionalFormattings", _) | (_, "x:ext" | "x:extLst") => false,
            _ if is_newer(element) => parent.is_some_and(is_newer),
            // the look of cells is that of the standard
            _ if parent.is_some_and(is_newer) => {
                within("x14:dxf")
                    && matches!(
                        element.word(),
                        "x:font"
                            | "x:numFmt"
                            | "x:fill"
                            | "x:alignment"
                            | "x:border"
                            | "x:protection"
                    )
            }
            _ => true,
        }
    }

    /// An extension begins: one that is told has its name in one spelling.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] where markup is nested too deep.
    pub(super) fn extension(
        &mut self,
        element: Element,
        attributes: &[(&str, Cow<'_, str>)],
    ) -> Result<(), Refusal> {
        let here = match self.around(1).map_or("", Element::word) {
            "x:worksheet" => OF_SHEET,
            _ => OF_RULE,
        };
        let mut head = self.head(element, attributes);
        let mut told = false;
        for (attribute, _, value) in &mut head.values {
            if attribute.local() == "uri" && value.eq_ignore_ascii_case(here) {
                *value = Cow::Borrowed(here);
                told = true;
            }
        }
        if told {
            self.keep(element, head)
        } else {
            self.drop_it(Some(FindingCode::OfficeMarkup))
        }
    }

    /// An element that is open and told, by how many others are within it.
    fn around(&self, place: usize) -> Option<Element> {
        let told = self.frames.iter().rev().filter_map(|frame| match frame {
            Frame::Kept(element) => Some(*element),
            Frame::Unwrapped | Frame::Choice(_) | Frame::Preview | Frame::Told => None,
        });
        let mut told = told.skip(place);
        told.next()
    }
}

//! Extensions of sheets that are told: conditional formats of since 2010 (bars of values below zero, more icons, rules
//! about other sheets), small charts in cells, and the numbers by which rules of the standard name them ([MS-XLSX] 2.3.1, 2.6.8). All others go,
//! and so does what stands in them and does not belong there.

use super::{Filter, Frame};
use mugai_core::markup;
use mugai_core::markup::vocabulary::Element;
use mugai_core::{FindingCode, Refusal};
use std::borrow::Cow;

impl Filter<'_, '_, '_> {
    /// Whether an element may stand here, as far as extensions are about it.
    pub(super) fn is_in_place(&self, element: Element) -> bool {
        markup::belongs(element, |place| self.around(place))
    }

    /// An extension begins: one that is told is what it stands in says.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] where markup is nested too deep.
    pub(super) fn extension(
        &mut self,
        element: Element,
        attributes: &[(&str, Cow<'_, str>)],
    ) -> Result<(), Refusal> {
        let told = attributes.iter().find(|(key, _)| *key == "uri");
        let told = told.zip(self.around(1));
        if told.is_some_and(|((_, uri), within)| markup::is_extension(within, uri)) {
            let head = self.head(element, &[]);
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

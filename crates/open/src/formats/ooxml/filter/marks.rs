//! Marks in a text where comments belong that are appended to it.

use super::{Filter, Frame};
use crate::formats::comments::Words;
use crate::formats::ooxml::xml;
use mugai_core::Refusal;
use mugai_core::markup::Event;
use mugai_core::markup::vocabulary::Element;
use std::borrow::Cow;

impl Filter<'_, '_, '_> {
    /// Tells the number of a comment that is appended, where it belongs.
    pub(super) fn mark(&mut self, attributes: &[(&str, Cow<'_, str>)]) -> Result<(), Refusal> {
        let id = attributes.iter().find(|(key, _)| xml::split(key).1 == "id");
        let number = id.and_then(|(_, id)| self.comments.number(id));
        let (Some(number), Some(text)) = (number, Element::named("w:t")) else {
            return Ok(());
        };
        let last = self.frames.last().copied();
        let in_run = matches!(last, Some(Frame::Kept(run)) if run.is("w:r"));
        if !in_run || (!self.fields.is_quiet() && self.fields.hides(last, text)) {
            return Ok(());
        }
        let mark = Words::of(self.cx.params().lang).mark(number);
        self.out.push(Event::Open(text))?;
        self.out.push(Event::Text(&mark))?;
        self.out.push(Event::Close)
    }
}

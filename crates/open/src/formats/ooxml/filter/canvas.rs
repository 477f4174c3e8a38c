//! Graphics by their kind. Those of ECMA-376 Strict have kinds of their own names. A canvas of drawings ([MS-ODRAWXML]
//! 2.5) becomes the group that it looks like: programs that know canvases not at all or not well read groups.

use super::{Filter, Frame, diagram, group};
use mugai_core::Refusal;
use mugai_core::markup::Event;
use mugai_core::markup::vocabulary::Element;
use std::borrow::Cow;

/// The kind of the data of a graphic that is a canvas.
const CANVAS: &str = "http://schemas.microsoft.com/office/word/2010/wordprocessingCanvas";

/// The kind of a graphic as it is called outside of ECMA-376 Strict, if it is one of those.
fn usual(kind: &str) -> Option<String> {
    let strict = kind.strip_prefix("http://purl.oclc.org/ooxml/")?;
    let (area, name) = strict.split_once('/')?;
    Some(format!(
        "http://schemas.openxmlformats.org/{area}/2006/{name}"
    ))
}

impl Filter<'_, '_, '_> {
    /// The data of a graphic, or a part of a drawing, begin before `rest`: whether they were told.
    ///
    /// # Errors
    /// As those of a part.
    pub(super) fn drawing(
        &mut self,
        element: Element,
        attributes: &mut [(&str, Cow<'_, str>)],
        rest: &str,
    ) -> Result<bool, Refusal> {
        match element.word() {
            "a:graphicData" => {
                let kind = attributes.iter_mut().find(|(key, _)| *key == "uri");
                let Some((_, kind)) = kind else {
                    return self.graphic(None, rest);
                };
                if let Some(usual) = usual(kind) {
                    *kind = Cow::Owned(usual);
                }
                if self.graphic(Some(kind), rest)? {
                    return Ok(true);
                }
                if kind == CANVAS && self.extent.is_some() {
                    *kind = Cow::Borrowed(group::GROUP);
                }
                Ok(false)
            }
            "wpc:wpc" => self.canvas(),
            // the ground and the frame of a canvas
            "wpc:bg" | "wpc:whole" if self.is_in("wpg:wgp") => {
                self.drop_it(None)?;
                Ok(true)
            }
            "wpg:wgp" if self.is_in("wpg:wgp") => {
                let inner = Element::named("wpg:grpSp").ok_or(super::preview::NAME)?;
                self.element(inner, attributes)?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn is_in(&self, name: &str) -> bool {
        matches!(self.frames.last(), Some(Frame::Kept(outer)) if outer.is(name))
    }

    /// A canvas begins, whose shapes are counted from its corner.
    fn canvas(&mut self) -> Result<bool, Refusal> {
        let Some((width, height)) = self.extent.take() else {
            return Ok(false);
        };
        let element = Element::named("wpg:wgp").ok_or(super::preview::NAME)?;
        let size = [("cx", width), ("cy", height)];
        let (zero, _) = diagram::zero();
        let corner = [("x", zero.clone()), ("y", zero)];
        self.frames.push(Frame::Kept(element));
        self.begin("wpg:wgp", &[])?;
        self.empty("wpg:cNvGrpSpPr", &[])?;
        self.begin("wpg:grpSpPr", &[])?;
        self.begin("a:xfrm", &[])?;
        self.empty("a:off", &corner)?;
        self.empty("a:ext", &size)?;
        self.empty("a:chOff", &corner)?;
        self.empty("a:chExt", &size)?;
        self.out.push(Event::Close)?;
        self.out.push(Event::Close)?;
        Ok(true)
    }
}

//! Previews of objects on slides of old programs: the picture is not in the frame, but in a drawing of VML
//! beside the slide, under the number of the shape.

use super::Filter;
use super::diagram::seen;
use crate::formats::ooxml::package::Target;
use crate::formats::ooxml::xml;
use mugai_core::Refusal;
use mugai_core::markup::vocabulary::{Attribute, Element, Space};
use mugai_core::markup::{Event, Place};
use quick_xml::events::Event as Xml;

/// A name of ours that is not in the vocabulary.
pub(super) const NAME: Refusal = Refusal::internal("ooxml: a name of ours");

impl Filter<'_, '_, '_> {
    /// Tells the preview of the object in the frame that begins as a picture, if it is in a drawing of VML.
    ///
    /// # Errors
    /// As those of a part.
    pub(super) fn preview(&mut self, frame: &str) -> Result<bool, Refusal> {
        if frame.contains(":pic>") {
            return Ok(false);
        }
        let Some(seen) = seen(frame)? else {
            return Ok(false);
        };
        let (Some(at), Some(size), Some(shape)) = (seen.at, seen.size, seen.shape) else {
            return Ok(false);
        };
        let Some(path) = self.picture_of(&shape)? else {
            return Ok(false);
        };
        let place = Place::Picture(self.pictures.place(&path));
        let pair = |names: (&'static str, &'static str), pair: (String, String)| {
            [(names.0, pair.0), (names.1, pair.1)]
        };
        let named = [("id", seen.id), ("name", seen.name)];
        self.begin("p:pic", &[])?;
        self.begin("p:nvPicPr", &[])?;
        self.empty("p:cNvPr", &named)?;
        self.empty("p:cNvPicPr", &[])?;
        self.empty("p:nvPr", &[])?;
        self.out.push(Event::Close)?;
        self.begin("p:blipFill", &[])?;
        self.begin("a:blip", &[])?;
        let space = Space::all().find(|space| space.prefix() == "r");
        if let Some(embed) = Attribute::find(space, "embed") {
            self.out.push(Event::Reference(embed, place))?;
        }
        self.out.push(Event::Close)?;
        self.begin("a:stretch", &[])?;
        self.empty("a:fillRect", &[])?;
        self.out.push(Event::Close)?;
        self.out.push(Event::Close)?;
        self.begin("p:spPr", &[])?;
        self.begin("a:xfrm", &[])?;
        self.empty("a:off", &pair(("x", "y"), at))?;
        self.empty("a:ext", &pair(("cx", "cy"), size))?;
        self.out.push(Event::Close)?;
        self.begin("a:prstGeom", &[("prst", "rect".to_owned())])?;
        self.empty("a:avLst", &[])?;
        self.out.push(Event::Close)?;
        self.out.push(Event::Close)?;
        self.out.push(Event::Close)?;
        Ok(true)
    }

    /// The path of the picture of a shape of VML.
    fn picture_of(&mut self, shape: &str) -> Result<Option<String>, Refusal> {
        let relations = &self.part.relations;
        let mut drawings = relations.values().filter_map(|r| match &r.target {
            Target::Inside(path) if r.kind == "vmlDrawing" => Some(path),
            Target::Inside(_) | Target::Outside(_) => None,
        });
        let Some(path) = drawings.next() else {
            return Ok(None);
        };
        let Some(bytes) = self.package.content(path, self.cx)? else {
            return Ok(None);
        };
        let text = xml::decode(&bytes, self.cx)?;
        let Some(id) = relation_of(&text, shape)? else {
            return Ok(None);
        };
        let relations = self.package.relations_of(path, self.cx)?;
        Ok(
            match relations.get(&id).map(|r| (r.kind.as_str(), &r.target)) {
                Some(("image", Target::Inside(path))) if self.package.has(path) => {
                    Some(path.clone())
                }
                _ => None,
            },
        )
    }

    /// An element with plain attributes begins.
    pub(super) fn begin(&mut self, name: &str, values: &[(&str, String)]) -> Result<(), Refusal> {
        let element = Element::named(name).ok_or(NAME)?;
        self.out.push(Event::Open(element))?;
        for (name, value) in values {
            if let Some(attribute) = Attribute::find(None, name) {
                self.out.push(Event::Attribute(attribute, value))?;
            }
        }
        Ok(())
    }

    /// An element with nothing in it.
    pub(super) fn empty(&mut self, name: &str, values: &[(&str, String)]) -> Result<(), Refusal> {
        self.begin(name, values)?;
        self.out.push(Event::Close)
    }
}

/// The relationship of the picture of a shape, by the number of the shape. Drawings of VML are not always well
/// formed; what is behind the first fault is not looked at.
fn relation_of(text: &str, shape: &str) -> Result<Option<String>, Refusal> {
    let mut reader = xml::reader(text);
    let mut here = false;
    while let Ok(Some(event)) = xml::next_lenient(&mut reader) {
        let (Xml::Start(start) | Xml::Empty(start)) = event else {
            continue;
        };
        let attributes = xml::attributes(&start)?;
        let get = |name: &str| {
            let found = attributes.iter().find(|(key, _)| xml::split(key).1 == name);
            found.map(|(_, value)| value.as_ref())
        };
        match xml::split(start.name().0).1 {
            "shape" => here = get("id") == Some(shape) || get("spid") == Some(shape),
            "imagedata" if here => return Ok(get("relid").map(str::to_owned)),
            _ => {}
        }
    }
    Ok(None)
}

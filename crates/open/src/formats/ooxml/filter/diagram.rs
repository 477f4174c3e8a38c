//! Diagrams (SmartArt): the shapes that the sender's program drew of them ([MS-ODRAWXML] 2.4) become a group
//! of ordinary shapes. Their model and layout, which few programs can draw, go.

use super::{Filter, Frame, group, names};
use crate::formats::ooxml::package::{Part, Target};
use crate::formats::ooxml::xml::{self, Walker as _};
use mugai_core::markup::vocabulary::{Element, Space};
use mugai_core::markup::{Builder, Event};
use mugai_core::{FindingCode, Refusal, Resource};
use quick_xml::events::Event as Xml;
use std::borrow::Cow;

/// The namespace of the shapes.
pub(super) const SPACE: &str = "http://schemas.microsoft.com/office/drawing/2008/diagram";
/// The last word of the type of the relationship that leads to them.
const RELATION: &str = "http://schemas.microsoft.com/office/2007/relationships/diagramDrawing";
/// Numbers of shapes of diagrams: documents count theirs from 1.
const FIRST: u32 = 1 << 20;

/// A place or a size, as it is written.
type Pair = (String, String);

/// What a frame says about what is in it.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) at: Option<Pair>,
    pub(super) size: Option<Pair>,
    model: Option<String>,
    /// The shape that an object has in a drawing of VML.
    pub(super) shape: Option<String>,
}

/// A drawing that is being told.
pub(super) struct Diagram {
    /// The namespace that its elements get.
    pub(super) space: Space,
    id: String,
    name: String,
    at: Pair,
    size: Pair,
    /// The size that its shapes are counted in.
    inner: Pair,
    /// Whether the group itself was told.
    begun: bool,
    count: u32,
    /// Shapes of the diagrams before it in the same part.
    before: u32,
}

impl Diagram {
    /// One of a size, whose shapes are counted in the size `inner`, with so many shapes `before` it.
    fn of(space: Space, size: Pair, inner: Pair, before: u32) -> Self {
        Self {
            space,
            id: String::new(),
            name: String::new(),
            at: zero(),
            size,
            inner,
            begun: false,
            count: 0,
            before,
        }
    }

    /// What stands for an element of a drawing, by its name.
    fn name(local: &str) -> Option<&str> {
        match local {
            "drawing" => None,
            "spTree" => Some("grpSp"),
            local => Some(local),
        }
    }

    /// The number and the name of a shape; of the group those of its frame.
    pub(super) fn number(&mut self) -> (String, String) {
        self.count = self.count.saturating_add(1);
        if self.count == 1 {
            return (self.id.clone(), self.name.clone());
        }
        let number = FIRST.saturating_add(self.before).saturating_add(self.count);
        (number.to_string(), format!("{} {}", self.name, self.count))
    }
}

impl Filter<'_, '_, '_> {
    /// Tells the diagram in the frame that begins, if it has one and its shapes are there. `frame` is the
    /// text of the frame.
    ///
    /// # Errors
    /// As those of a part.
    pub(super) fn diagram(&mut self, space: Space, frame: &str) -> Result<bool, Refusal> {
        if self.diagram.is_some() || !frame.contains("relIds") {
            return Ok(false);
        }
        let Some(seen) = seen(frame)? else {
            return Ok(false);
        };
        let Some((path, bytes)) = self.shapes_of(seen.model.as_deref())? else {
            return Ok(false);
        };
        let text = xml::decode(&bytes, self.cx)?;
        let known = |size: &Pair| size.0 != "0" && size.1 != "0";
        let size = seen.size.unwrap_or_else(zero);
        let inner = if known(&size) {
            size.clone()
        } else {
            extent(&text)?
        };
        let diagram = Diagram {
            id: seen.id,
            name: seen.name,
            at: seen.at.unwrap_or_else(zero),
            ..Diagram::of(space, size, inner, self.shapes)
        };
        self.tell_diagram(diagram, path, &text)
    }

    /// The data of a graphic of a text begin before `rest`: whether they were those of a diagram, and were told.
    ///
    /// # Errors
    /// As those of a part.
    pub(super) fn graphic(&mut self, kind: Option<&str>, rest: &str) -> Result<bool, Refusal> {
        let Some(space) = Element::named("wpg:wgp").and_then(Element::space) else {
            return Ok(false);
        };
        // a diagram in a diagram, or one that leads to itself, is none
        let is_inside = self.diagram.is_some();
        let is_text = self.part.kind.root().word().starts_with("w:");
        if is_inside || kind != Some(group::DIAGRAM) || !is_text {
            return Ok(false);
        }
        let end = rest.find("graphicData>").unwrap_or(rest.len());
        // those that do not end are looked through again and again
        self.cx.charge_len(Resource::Steps, end / 8)?;
        let frame = rest.get(..end).unwrap_or_default();
        let Some((path, bytes)) = self.shapes_of(model(frame)?.as_deref())? else {
            return Ok(false);
        };
        let text = xml::decode(&bytes, self.cx)?;
        let Some(told) = group::retold(&text, self.cx)? else {
            return Ok(false);
        };
        let size = match self.extent.take() {
            Some(size) => size,
            None => extent(&text)?,
        };
        let diagram = Diagram::of(space, size.clone(), size, self.shapes);
        self.begin("a:graphicData", &[("uri", group::GROUP.to_owned())])?;
        self.tell_diagram(diagram, path, &told)?;
        self.out.push(Event::Close)?;
        self.drop_it(None)?;
        Ok(true)
    }

    /// Tells the shapes in `text`, which lie at a path in the package.
    fn tell_diagram(
        &mut self,
        diagram: Diagram,
        path: String,
        text: &str,
    ) -> Result<bool, Refusal> {
        let relations = self.package.relations_of(&path, self.cx)?;
        let part = Part {
            kind: self.part.kind,
            path,
            relations,
        };
        let out = std::mem::replace(&mut self.out, Builder::new(self.part.kind));
        let mut inner = Filter::new(
            (self.package, &part),
            self.comments,
            self.pictures,
            self.cx,
            out,
        );
        inner.diagram = Some(diagram);
        let told = inner.walk(text);
        let count = inner.diagram.as_ref().map_or(0, |diagram| diagram.count);
        self.shapes = self.shapes.saturating_add(count);
        self.out = std::mem::replace(&mut inner.out, Builder::new(part.kind));
        told.map(|()| true)
    }

    /// A frame begins before `rest`: whether it was told already.
    ///
    /// # Errors
    /// As those of a part.
    pub(super) fn frame(&mut self, element: Element, rest: &str) -> Result<bool, Refusal> {
        let frame = names::frame(rest);
        // frames that do not end are looked through again and again
        self.cx.charge_len(Resource::Steps, frame.len() / 8)?;
        if let Some(space) = element.space()
            && self.diagram(space, frame)?
        {
            self.drop_it(None)?;
            return Ok(true);
        }
        if !element.is("p:graphicFrame") || !names::holds_object(frame) {
            return Ok(false);
        }
        self.cx.note(FindingCode::OfficeEmbedded);
        if self.preview(frame)? {
            self.drop_it(None)?;
        } else {
            self.frames.push(Frame::Preview);
        }
        Ok(true)
    }

    /// The shapes of a model, which the model names, or the only ones there are: their path, and their part.
    fn shapes_of(&self, model: Option<&str>) -> Result<Option<(String, Vec<u8>)>, Refusal> {
        let Some(path) = self.path_of_shapes(model)? else {
            return Ok(None);
        };
        let bytes = self.package.content(&path, self.cx)?;
        Ok(bytes.map(|bytes| (path, bytes)))
    }

    fn path_of_shapes(&self, model: Option<&str>) -> Result<Option<String>, Refusal> {
        let relations = &self.part.relations;
        let inside = |target: &Target| match target {
            Target::Inside(path) if self.package.has(path) => Some(path.clone()),
            Target::Inside(_) | Target::Outside(_) => None,
        };
        let model = model.and_then(|id| inside(&relations.get(id)?.target));
        if let Some(path) = model
            && let Some(bytes) = self.package.content(&path, self.cx)?
        {
            let text = xml::decode(&bytes, self.cx)?;
            let named = text.rsplit_once("dataModelExt").and_then(|(_, behind)| {
                let (_, value) = behind.split_once("relId=\"")?;
                value.split('"').next()
            });
            let relation = named.and_then(|id| relations.get(id));
            if let Some(relation) = relation.filter(|relation| relation.kind == RELATION) {
                return Ok(inside(&relation.target));
            }
        }
        let mut all = relations.values().filter(|r| r.kind == RELATION);
        match (all.next(), all.next()) {
            (Some(only), None) => Ok(inside(&only.target)),
            _ => Ok(None),
        }
    }

    /// Gives a shape of a diagram a number and a name of its own.
    pub(super) fn count(&mut self, element: Element, head: &mut super::Head<'_>) {
        let Some(diagram) = &mut self.diagram else {
            return;
        };
        if element.local() != "cNvPr" {
            return;
        }
        let (id, name) = diagram.number();
        for (attribute, _, value) in &mut head.values {
            match attribute.local() {
                "id" => *value = Cow::Owned(id.clone()),
                "name" => *value = Cow::Owned(name.clone()),
                _ => {}
            }
        }
    }

    /// What has to stand in an element before it ends.
    pub(super) fn before_end(&mut self, element: Element) -> Result<(), Refusal> {
        let Some(diagram) = &mut self.diagram else {
            return Ok(());
        };
        let slides = diagram.space.prefix() == "p";
        match element.local() {
            "nvSpPr" | "nvGrpSpPr" | "nvPicPr" | "nvCxnSpPr" if slides => self.empty("p:nvPr", &[]),
            "grpSpPr" if !diagram.begun => {
                diagram.begun = true;
                let pair = |names: (&'static str, &'static str), pair: &Pair| {
                    [(names.0, pair.0.clone()), (names.1, pair.1.clone())]
                };
                let (at, size) = (
                    pair(("x", "y"), &diagram.at),
                    pair(("cx", "cy"), &diagram.size),
                );
                let inner = pair(("cx", "cy"), &diagram.inner);
                let zero = [("x", "0".to_owned()), ("y", "0".to_owned())];
                self.begin("a:xfrm", &[])?;
                self.empty("a:off", &at)?;
                self.empty("a:ext", &size)?;
                self.empty("a:chOff", &zero)?;
                self.empty("a:chExt", &inner)?;
                self.out.push(Event::Close)
            }
            _ => Ok(()),
        }
    }

    /// An element of a drawing begins: what it is called in the document.
    pub(super) fn of_diagram<'n>(&mut self, local: &'n str) -> Option<(Space, &'n str)> {
        let diagram = self.diagram.as_ref()?;
        if let Some(name) = Diagram::name(local) {
            return Some((diagram.space, name));
        }
        self.frames.push(Frame::Unwrapped);
        None
    }
}

pub(super) fn zero() -> Pair {
    ("0".to_owned(), "0".to_owned())
}

/// The model that the data of a graphic name.
fn model(data: &str) -> Result<Option<String>, Refusal> {
    let mut reader = xml::reader(data);
    // the end of the data is not in it, so that its text ends early
    while let Ok(Some(event)) = xml::next(&mut reader) {
        if let Xml::Start(start) | Xml::Empty(start) = event
            && xml::split(start.name().0).1 == "relIds"
        {
            let attributes = xml::attributes(&start)?;
            let found = attributes.iter().find(|(key, _)| xml::split(key).1 == "dm");
            return Ok(found.map(|(_, value)| value.to_string()));
        }
    }
    Ok(None)
}

/// What a frame says; nothing for one that is broken.
pub(super) fn seen(frame: &str) -> Result<Option<Seen>, Refusal> {
    let mut seen = Seen::default();
    let mut reader = xml::reader(frame);
    // the end of the frame is not in it, so that its text ends early
    while let Ok(Some(event)) = xml::next(&mut reader) {
        let (Xml::Start(start) | Xml::Empty(start)) = event else {
            continue;
        };
        let attributes = xml::attributes(&start)?;
        let get = |name: &str| {
            let found = attributes.iter().find(|(key, _)| xml::split(key).1 == name);
            found.map(|(_, value)| value.to_string())
        };
        let pair = |a: &str, b: &str| Some((number(&get(a)?)?, number(&get(b)?)?));
        match xml::split(start.name().0).1 {
            "cNvPr" if seen.id.is_empty() => {
                seen.id = get("id").and_then(|id| number(&id)).unwrap_or_default();
                let name = get("name").unwrap_or_default();
                seen.name = mugai_core::markup::scrub(&name).0.into_owned();
            }
            "off" if seen.at.is_none() => seen.at = pair("x", "y"),
            "ext" if seen.size.is_none() => seen.size = pair("cx", "cy"),
            "relIds" => seen.model = get("dm"),
            "oleObj" => seen.shape = get("spid"),
            _ => {}
        }
    }
    Ok((!seen.id.is_empty()).then_some(seen))
}

/// A whole number as we write it.
pub(super) fn number(raw: &str) -> Option<String> {
    raw.trim()
        .parse::<i64>()
        .ok()
        .map(|number| number.to_string())
}

/// How far the shapes of a drawing reach, with as much room behind as before them.
fn extent(text: &str) -> Result<Pair, Refusal> {
    let mut reader = xml::reader(text);
    let mut at = (0i64, 0i64);
    let (mut least, mut most) = ((i64::MAX, i64::MAX), (0i64, 0i64));
    while let Some(event) = xml::next(&mut reader)? {
        let (Xml::Start(start) | Xml::Empty(start)) = event else {
            continue;
        };
        let name = start.name();
        let local = xml::split(name.0).1;
        if !matches!(local, "off" | "ext") {
            continue;
        }
        let attributes = xml::attributes(&start)?;
        let get = |name: &str| {
            let found = attributes.iter().find(|(key, _)| *key == name);
            found.and_then(|(_, value)| value.parse::<i64>().ok())
        };
        if local == "off" {
            at = (get("x").unwrap_or(0), get("y").unwrap_or(0));
        } else if let (Some(wide), Some(high)) = (get("cx"), get("cy")) {
            least = (least.0.min(at.0), least.1.min(at.1));
            most = (
                most.0.max(at.0.saturating_add(wide)),
                most.1.max(at.1.saturating_add(high)),
            );
        }
    }
    let side = |least: i64, most: i64| most.saturating_add(least.clamp(0, most)).max(1).to_string();
    Ok((side(least.0, most.0), side(least.1, most.1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_of_a_part_have_numbers_of_their_own() {
        let space = Space::all().next().unwrap();
        let diagram = |before| Diagram {
            id: String::from("16777300"),
            ..Diagram::of(space, zero(), zero(), before)
        };
        let mut first = diagram(0);
        let mut numbers: Vec<String> = (0..300).map(|_| first.number().0).collect();
        let mut second = diagram(first.count);
        numbers.extend((0..300).map(|_| second.number().0));
        // the groups have those of their frames
        numbers.retain(|number| number != "16777300");
        let count = numbers.len();
        numbers.sort();
        numbers.dedup();
        assert_eq!((count, numbers.len()), (598, 598));
    }
}

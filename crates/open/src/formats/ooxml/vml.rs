//! Pictures on sheets that only a drawing of VML shows: previews of objects, and what old programs drew. The drawing
//! itself is not carried; a picture in it becomes one of the sheet's own drawing, in the same place.

use super::filter::Pictures;
use super::package::{Package, Relations, Target};
use super::xml;
use crate::formats::book::Scribe;
use crate::formats::comments::splice;
use mugai_core::markup::vocabulary::Element;
use mugai_core::markup::{Builder, Event, PartKind, Place};
use mugai_core::{Cx, Markup, Refusal, Resource};
use quick_xml::events::Event as Xml;

/// The most pictures of one sheet.
const MAX_SHAPES: usize = 2_000;

/// A pixel of the screens that such drawings were made for, in EMU.
const PIXEL: u64 = 9_525;

/// A picture and where it lies: column, pixels into it, row, pixels into it, of one corner and the other.
pub(in crate::formats) struct Shape {
    path: String,
    corners: [u64; 8],
}

/// Adds such pictures to the parts of a spreadsheet.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn append(
    package: &Package<'_>,
    parts: &mut Vec<Markup>,
    pictures: &mut Pictures,
    cx: &mut Cx<'_>,
) -> Result<(), Refusal> {
    for (number, part) in package.parts().iter().enumerate() {
        if part.kind != PartKind::Worksheet {
            continue;
        }
        let shapes = shapes(package, &part.relations, cx)?;
        let Some(sheet) = parts.get(number).filter(|_| !shapes.is_empty()) else {
            continue;
        };
        if let Some(old) = drawing_of(sheet) {
            if let Some(drawing) = parts.get_mut(old) {
                *drawing = with(Some(drawing), &shapes, pictures)?;
            }
            continue;
        }
        let new = u32::try_from(parts.len()).unwrap_or(u32::MAX);
        let named = splice(sheet, is_behind, |part| {
            let mut scribe = Scribe::over(part);
            scribe.open("x:drawing", &[])?;
            scribe.refer(new)?;
            scribe.close()?;
            Ok(scribe.into_part())
        })?;
        if let (Some(named), Some(sheet)) = (named, parts.get_mut(number)) {
            *sheet = named;
            parts.push(with(None, &shapes, pictures)?);
        }
    }
    Ok(())
}

/// The number of the drawing that a sheet names.
fn drawing_of(sheet: &Markup) -> Option<usize> {
    let mut here = false;
    sheet.events().find_map(|event| match event {
        Event::Open(element) => {
            here = element.is("x:drawing");
            None
        }
        Event::Reference(_, Place::Part(number)) if here => usize::try_from(number).ok(),
        Event::Attribute(..)
        | Event::Reference(..)
        | Event::Link(..)
        | Event::Text(_)
        | Event::Close => None,
    })
}

/// Elements that stand behind the drawing of a sheet (ECMA-376 part 1, 18.3.1.99), or its end.
fn is_behind(open: &[Element], event: Event<'_>) -> bool {
    open.len() == 1
        && match event {
            Event::Open(element) => ["x:picture", "x:webPublishItems", "x:tableParts", "x:extLst"]
                .iter()
                .any(|name| element.is(name)),
            Event::Close => true,
            Event::Attribute(..) | Event::Reference(..) | Event::Link(..) | Event::Text(_) => false,
        }
}

/// A drawing with these pictures on top.
///
/// # Errors
/// [`Refusal::Internal`]
pub(in crate::formats) fn with(
    drawing: Option<&Markup>,
    shapes: &[Shape],
    pictures: &mut Pictures,
) -> Result<Markup, Refusal> {
    let mut add = |part: Builder| {
        let mut scribe = Scribe::over(part);
        for (number, shape) in (60_001u32..).zip(shapes) {
            anchor(&mut scribe, number, shape, pictures)?;
        }
        Ok(scribe.into_part())
    };
    if let Some(drawing) = drawing {
        let end = |open: &[Element], event: Event<'_>| open.len() == 1 && event == Event::Close;
        let whole = splice(drawing, end, add)?;
        return whole.ok_or(Refusal::internal("vml: a drawing without an end"));
    }
    let mut part = Builder::new(PartKind::Drawing);
    part.push(Event::Open(PartKind::Drawing.root()))?;
    Scribe::over(add(part)?).finish()
}

fn anchor(
    scribe: &mut Scribe,
    number: u32,
    shape: &Shape,
    pictures: &mut Pictures,
) -> Result<(), Refusal> {
    let number = number.to_string();
    scribe.open("xdr:twoCellAnchor", &[])?;
    let (from, to) = shape.corners.split_at(4);
    for (name, corner) in [("xdr:from", from), ("xdr:to", to)] {
        scribe.open(name, &[])?;
        let names = ["xdr:col", "xdr:colOff", "xdr:row", "xdr:rowOff"];
        for ((name, value), factor) in names.iter().zip(corner).zip([1, PIXEL, 1, PIXEL]) {
            scribe.open(name, &[])?;
            scribe.text(&value.saturating_mul(factor).to_string())?;
            scribe.close()?;
        }
        scribe.close()?;
    }
    scribe.open("xdr:pic", &[])?;
    scribe.open("xdr:nvPicPr", &[])?;
    scribe.leaf(
        "xdr:cNvPr",
        &[("id", &number), ("name", &format!("picture {number}"))],
    )?;
    scribe.leaf("xdr:cNvPicPr", &[])?;
    scribe.close()?;
    scribe.open("xdr:blipFill", &[])?;
    scribe.open("a:blip", &[])?;
    scribe.picture(pictures.place(&shape.path))?;
    scribe.close()?;
    scribe.open("a:stretch", &[])?;
    scribe.leaf("a:fillRect", &[])?;
    scribe.close()?;
    scribe.close()?;
    scribe.open("xdr:spPr", &[])?;
    scribe.open("a:prstGeom", &[("prst", "rect")])?;
    scribe.leaf("a:avLst", &[])?;
    scribe.close()?;
    scribe.close()?;
    scribe.close()?;
    scribe.leaf("xdr:clientData", &[])?;
    scribe.close()
}

/// The pictures of the drawings of VML that these relationships lead to.
///
/// # Errors
/// [`Refusal::Overrun`], and what is wrong with the relationships of a drawing.
pub(in crate::formats) fn shapes(
    package: &Package<'_>,
    relations: &Relations,
    cx: &mut Cx<'_>,
) -> Result<Vec<Shape>, Refusal> {
    let mut shapes = Vec::new();
    for relation in relations.values() {
        let path = match &relation.target {
            Target::Inside(path) if relation.kind == "vmlDrawing" => path,
            Target::Inside(_) | Target::Outside(_) => continue,
        };
        let Some(bytes) = package.content(path, cx)? else {
            continue;
        };
        let text = xml::decode(&bytes, cx)?;
        let placed = placed(&text)?;
        if placed.is_empty() {
            continue;
        }
        let behind = package.relations_of(path, cx)?;
        for (id, corners) in placed {
            cx.charge(Resource::Steps, 256)?;
            let Some(picture) = behind.get(&id).filter(|picture| picture.kind == "image") else {
                continue;
            };
            let Target::Inside(path) = &picture.target else {
                continue;
            };
            if package.has(path) && shapes.len() < MAX_SHAPES {
                let path = path.clone();
                shapes.push(Shape { path, corners });
            }
        }
    }
    Ok(shapes)
}

/// The relationships of pictures that are seen, with their corners. Drawings of VML are not always well formed; what is
/// behind the first fault is not looked at.
fn placed(text: &str) -> Result<Vec<(String, [u64; 8])>, Refusal> {
    let mut reader = xml::reader(text);
    let mut all = Vec::new();
    let (mut picture, mut hidden, mut kind) = (None, false, String::new());
    let mut place: Option<String> = None;
    let mut corners = None;
    while let Ok(Some(event)) = xml::next_lenient(&mut reader) {
        match event {
            Xml::Start(start) | Xml::Empty(start) => {
                let attributes = xml::attributes(&start)?;
                let get = |name: &str| {
                    let found = attributes.iter().find(|(key, _)| xml::split(key).1 == name);
                    found.map(|(_, value)| value.as_ref())
                };
                match xml::split(start.name().0).1 {
                    "shape" => {
                        let style = get("style").unwrap_or_default().replace(' ', "");
                        hidden = style.contains("visibility:hidden");
                        (picture, corners) = (None, None);
                        kind.clear();
                    }
                    "imagedata" => picture = get("relid").map(str::to_owned),
                    "ClientData" => get("ObjectType").unwrap_or_default().clone_into(&mut kind),
                    "Anchor" => place = Some(String::new()),
                    _ => {}
                }
            }
            Xml::Text(run) => {
                if let Some(place) = &mut place {
                    place.push_str(&run.xml10_content());
                }
            }
            Xml::End(end) => match xml::split(end.name().0).1 {
                "Anchor" => corners = place.take().and_then(|place| numbers(&place)),
                "shape" if !hidden && kind == "Pict" => {
                    if let (Some(picture), Some(corners)) = (picture.take(), corners.take()) {
                        all.push((picture, corners));
                    }
                }
                _ => {}
            },
            Xml::CData(_)
            | Xml::GeneralRef(_)
            | Xml::Comment(_)
            | Xml::Decl(_)
            | Xml::PI(_)
            | Xml::DocType(_)
            | Xml::Eof => {}
        }
        if all.len() >= MAX_SHAPES {
            break;
        }
    }
    Ok(all)
}

/// Eight numbers with commas between them, none of them beyond a sheet.
fn numbers(place: &str) -> Option<[u64; 8]> {
    let mut numbers = [0; 8];
    let mut words = place.split(',');
    for number in &mut numbers {
        *number = words
            .next()?
            .trim()
            .parse()
            .ok()
            .filter(|n| *n <= 1_048_576)?;
    }
    words.next().is_none().then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_seen_where_its_anchor_says() {
        let shape = |style: &str, kind: &str| {
            format!(
                "<xml><v:shape style='{style}'><v:imagedata o:relid='rId1'/><x:ClientData ObjectType='{kind}'>\
                 <x:Anchor> 1, 2, 3, 4, 5, 6, 7, 8</x:Anchor></x:ClientData></v:shape></xml>"
            )
        };
        let seen = placed(&shape("", "Pict")).unwrap();
        assert_eq!(seen, [("rId1".to_owned(), [1, 2, 3, 4, 5, 6, 7, 8])]);
        assert!(
            placed(&shape("visibility: hidden", "Pict"))
                .unwrap()
                .is_empty()
        );
        assert!(placed(&shape("", "Note")).unwrap().is_empty());
        assert!(
            placed(&shape("", "Pict").replace("8<", "8, 9<"))
                .unwrap()
                .is_empty()
        );
    }
}

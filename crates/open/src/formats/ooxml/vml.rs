//! What only a drawing of VML shows on sheets: previews of objects, what old programs drew, and fields of forms. The
//! drawing itself is not carried; a picture in it becomes one of the sheet's own drawing, in the same place, and a field
//! a box with what it says: its words, and whether it is ticked.

mod seen;

use super::filter::Pictures;
use super::package::{Package, Relations, Target};
use super::rich::{self, Rich};
use super::xml;
use crate::formats::book::Scribe;
use crate::formats::comments::splice;
use mugai_core::markup::vocabulary::Element;
use mugai_core::markup::{Builder, Event, PartKind, Place};
use mugai_core::{Cx, Markup, Refusal, Resource};
use seen::{Around, Field, Seen};

/// The most pictures of one sheet.
const MAX_SHAPES: usize = 2_000;

/// A pixel of the screens that such drawings were made for, in EMU.
const PIXEL: u64 = 9_525;

/// What lies on a sheet, and where: column, pixels into it, row, pixels into it, of one corner and the other.
pub(in crate::formats) struct Shape {
    what: What,
    corners: [u64; 8],
}

impl Shape {
    /// A picture that takes the place of a cell.
    fn over(cell: rich::Cell) -> Self {
        let (column, row, [left, top, right, bottom]) = (cell.column, cell.row, cell.within);
        Self {
            what: What::Picture(cell.picture, Around::default()),
            corners: [column, left, row, top, column, right, row, bottom],
        }
    }
}

/// What lies there.
enum What {
    /// A picture, by its path, and what is around it.
    Picture(String, Around),
    /// A field of a form.
    Field(Field),
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
    let mut rich = Rich::read(package, cx)?;
    for (number, part) in package.parts().iter().enumerate() {
        if part.kind != PartKind::Worksheet {
            continue;
        }
        let mut shapes = shapes(package, &part.relations, cx)?;
        if !rich.is_empty() {
            let cells = rich.cells(package, &part.path, cx)?;
            if let Some(sheet) = parts.get_mut(number).filter(|_| !cells.is_empty()) {
                *sheet = rich::without_values(sheet, &cells)?;
            }
            shapes.extend(cells.into_iter().map(Shape::over));
        }
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
    match &shape.what {
        What::Picture(path, around) => {
            picture(scribe, &number, pictures.place(path), around)?;
        }
        What::Field(field) => words(scribe, &number, field)?,
    }
    scribe.leaf("xdr:clientData", &[])?;
    scribe.close()
}

fn picture(scribe: &mut Scribe, number: &str, place: u32, around: &Around) -> Result<(), Refusal> {
    scribe.open("xdr:pic", &[])?;
    scribe.open("xdr:nvPicPr", &[])?;
    scribe.leaf(
        "xdr:cNvPr",
        &[("id", number), ("name", &format!("picture {number}"))],
    )?;
    scribe.leaf("xdr:cNvPicPr", &[])?;
    scribe.close()?;
    scribe.open("xdr:blipFill", &[])?;
    scribe.open("a:blip", &[])?;
    scribe.picture(place)?;
    scribe.close()?;
    scribe.open("a:stretch", &[])?;
    scribe.leaf("a:fillRect", &[])?;
    scribe.close()?;
    scribe.close()?;
    scribe.open("xdr:spPr", &[])?;
    scribe.open("a:prstGeom", &[("prst", "rect")])?;
    scribe.leaf("a:avLst", &[])?;
    scribe.close()?;
    // what is behind the picture is seen through it, but where it has a ground of its own
    if let Some(colour) = &around.ground {
        solid(scribe, colour)?;
    }
    if let Some(colour) = &around.line {
        scribe.open("a:ln", &[("w", "9525")])?;
        solid(scribe, colour)?;
        scribe.close()?;
    }
    scribe.close()?;
    scribe.close()
}

/// A colour, as six digits, all over.
fn solid(scribe: &mut Scribe, colour: &str) -> Result<(), Refusal> {
    scribe.open("a:solidFill", &[])?;
    scribe.leaf("a:srgbClr", &[("val", colour)])?;
    scribe.close()
}

/// A box with the words of a field.
fn words(scribe: &mut Scribe, number: &str, field: &Field) -> Result<(), Refusal> {
    scribe.open("xdr:sp", &[])?;
    scribe.open("xdr:nvSpPr", &[])?;
    scribe.leaf(
        "xdr:cNvPr",
        &[("id", number), ("name", &format!("field {number}"))],
    )?;
    scribe.leaf("xdr:cNvSpPr", &[("txBox", "1")])?;
    scribe.close()?;
    scribe.open("xdr:spPr", &[])?;
    scribe.open("a:prstGeom", &[("prst", "rect")])?;
    scribe.leaf("a:avLst", &[])?;
    scribe.close()?;
    scribe.leaf("a:noFill", &[])?;
    scribe.open("a:ln", &[("w", "6350")])?;
    if field.framed {
        scribe.open("a:solidFill", &[])?;
        scribe.leaf("a:srgbClr", &[("val", "808080")])?;
        scribe.close()?;
    } else {
        scribe.leaf("a:noFill", &[])?;
    }
    scribe.close()?;
    scribe.close()?;
    scribe.open("xdr:txBody", &[])?;
    let inset = [
        ("lIns", "18000"),
        ("tIns", "0"),
        ("rIns", "0"),
        ("bIns", "0"),
    ];
    let flow = [
        ("vertOverflow", "overflow"),
        ("horzOverflow", "overflow"),
        ("wrap", "square"),
    ];
    let anchor = [("anchor", if field.top { "t" } else { "ctr" })];
    let body: Vec<(&str, &str)> = flow.into_iter().chain(inset).chain(anchor).collect();
    scribe.leaf("a:bodyPr", &body)?;
    scribe.leaf("a:lstStyle", &[])?;
    let size = field.size.to_string();
    for line in field.words.lines() {
        scribe.open("a:p", &[])?;
        scribe.open("a:r", &[])?;
        scribe.open("a:rPr", &[("lang", "ja-JP"), ("sz", size.as_str())])?;
        scribe.open("a:solidFill", &[])?;
        scribe.leaf("a:srgbClr", &[("val", "000000")])?;
        scribe.close()?;
        scribe.close()?;
        scribe.open("a:t", &[])?;
        scribe.text(line)?;
        scribe.close()?;
        scribe.close()?;
        scribe.close()?;
    }
    scribe.close()?;
    scribe.close()
}

/// What the drawings of VML show that these relationships lead to.
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
        let seen = seen::seen(&text)?;
        if seen.is_empty() {
            continue;
        }
        let behind = package.relations_of(path, cx)?;
        for (what, corners) in seen {
            cx.charge(Resource::Steps, 256)?;
            let what = match what {
                Seen::Field(field) => {
                    cx.charge_len(Resource::Bytes, field.words.len().saturating_add(512))?;
                    What::Field(field)
                }
                Seen::Picture(id, around) => {
                    let picture = behind.get(&id).filter(|picture| picture.kind == "image");
                    match picture.map(|picture| &picture.target) {
                        Some(Target::Inside(path)) if package.has(path) => {
                            What::Picture(path.clone(), around)
                        }
                        Some(Target::Inside(_) | Target::Outside(_)) | None => continue,
                    }
                }
            };
            if shapes.len() < MAX_SHAPES {
                shapes.push(Shape { what, corners });
            }
        }
    }
    Ok(shapes)
}

//! Pages that are one picture: what a scanner makes. They are drawn in the resolution of that picture where
//! it is lower than the one asked for, so that its pixels stay what they are.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "resolutions and transforms are floats, whose arithmetic has no side effects"
)]

use super::image;
use hayro::hayro_interpret::TransformExt;
use hayro::kurbo::{Affine, Rect};
use hayro_syntax::content::UntypedIter;
use hayro_syntax::object::{Array, Dict, Name, Object, Stream};
use hayro_syntax::page::Page as Sheet;
use mugai_core::{Cx, Refusal, Resource};

/// The lowest resolution that a picture may ask for, in dots per inch: below that it is a colour or a
/// pattern rather than a scan.
const MIN_DPI: f64 = 60.0;
/// How far the edges of the picture may be from those of the page, in pixels of its own.
const NEAR: f64 = 0.5;
/// The most operators of a page that is looked into: a scan has a dozen, one with its text thousands.
const MAX_OPERATORS: usize = 200_000;
/// So much less is asked for, that whole numbers of pixels are not rounded up.
const HAIR: f64 = 1.0 - 1e-6;

/// The resolution of the only picture of `sheet`, in dots per inch of a page that is `paper` points
/// large; `None` when there is anything else to be seen, or the picture is not as large as the page.
pub(super) fn dpi(
    sheet: &Sheet<'_>,
    paper: (f64, f64),
    cx: &Cx<'_>,
) -> Result<Option<f64>, Refusal> {
    let annotations = sheet.raw().get::<Array<'_>>(b"Annots");
    let is_drawn = |annotation: &Dict<'_>| annotation.contains_key(b"AP");
    if annotations.is_some_and(|list| list.iter::<Dict<'_>>().any(|dict| is_drawn(&dict))) {
        return Ok(None);
    }
    let Some(data) = sheet.page_stream() else {
        return Ok(None);
    };
    cx.charge_len(Resource::Steps, data.len().div_euclid(8))?;
    let Some((picture, matrix)) = only_picture(data, sheet) else {
        return Ok(None);
    };
    let dict = picture.dict();
    let has_mask = dict.contains_key(b"SMask") || dict.contains_key(b"Mask");
    if !image::is_image(dict) || has_mask {
        return Ok(None);
    }
    let side = |key: &[u8]| dict.get::<u32>(key).map_or(0.0, f64::from);
    let on_page = sheet.initial_transform(true).to_kurbo() * matrix;
    let [a, b, c, d, ..] = on_page.as_coeffs();
    let (across, down) = if b.abs() + c.abs() < 1e-3 {
        (side(b"Width"), side(b"Height"))
    } else if a.abs() + d.abs() < 1e-3 {
        (side(b"Height"), side(b"Width"))
    } else {
        return Ok(None);
    };
    let (width, height) = sheet.render_dimensions();
    let (width, height) = (f64::from(width), f64::from(height));
    let found = on_page.transform_rect_bbox(Rect::new(0.0, 0.0, 1.0, 1.0));
    let off = |from: f64, to: f64, length: f64, pixels: f64| {
        from.abs().max((to - length).abs()) * pixels / length.max(f64::MIN_POSITIVE)
    };
    let is_near = off(found.x0, found.x1, width, across) <= NEAR
        && off(found.y0, found.y1, height, down) <= NEAR;
    let dpi = (across * 72.0 / paper.0).max(down * 72.0 / paper.1) * HAIR;
    Ok((is_near && dpi >= MIN_DPI).then_some(dpi))
}

/// The one picture that the content shows, and where; nothing else may be painted but invisible text.
fn only_picture<'a>(data: &[u8], sheet: &Sheet<'a>) -> Option<(Stream<'a>, Affine)> {
    let mut shown = None;
    let mut matrix = Affine::IDENTITY;
    let mut outer = Vec::new();
    let mut is_invisible = false;
    let mut operators = UntypedIter::new(data);
    let mut count = 0usize;
    while let Some(instruction) = operators.next() {
        count = count.saturating_add(1);
        if count > MAX_OPERATORS {
            return None;
        }
        let mut numbers = [0.0f64; 6];
        let mut given = 0usize;
        let mut name: Option<&Name<'_>> = None;
        for operand in instruction.operands() {
            match operand {
                Object::Number(number) => {
                    if let Some(slot) = numbers.get_mut(given) {
                        *slot = number.as_f64();
                    }
                    given = given.saturating_add(1);
                }
                Object::Name(found) => name = Some(found),
                Object::Null(_)
                | Object::Boolean(_)
                | Object::String(_)
                | Object::Array(_)
                | Object::Dict(_)
                | Object::Stream(_) => {}
            }
        }
        let operator: &[u8] = instruction.operator;
        match operator {
            b"q" => outer.push((matrix, is_invisible)),
            b"Q" => (matrix, is_invisible) = outer.pop().unwrap_or((matrix, is_invisible)),
            b"cm" => matrix *= Affine::new(numbers),
            b"Tr" => is_invisible = (numbers[0] - 3.0).abs() < 0.5,
            b"Do" => {
                let picture = sheet.resources().get_x_object(name?)?;
                if shown.replace((picture, matrix)).is_some() {
                    return None;
                }
            }
            b"Tj" | b"TJ" | b"'" | b"\"" if is_invisible => {}
            b"BT" | b"ET" | b"Tf" | b"Tm" | b"Td" | b"TD" | b"T*" | b"Tc" | b"Tw" | b"Tz"
            | b"TL" | b"Ts" | b"BMC" | b"EMC" | b"g" | b"G" | b"rg" | b"RG" | b"k" | b"K"
            | b"cs" | b"CS" | b"sc" | b"SC" | b"scn" | b"SCN" | b"w" | b"J" | b"j" | b"M"
            | b"d" | b"ri" | b"i" => {}
            _ => return None,
        }
    }
    shown
}

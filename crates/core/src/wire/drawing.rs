//! How drawings are laid out inside a frame.

use super::codec::{
    Reader, layer, list, option, put_layer, put_list, put_option, put_str, put_u16, put_u32,
};
use crate::budget::Budget;
use crate::drawing::{
    Blend, Cap, Drawing, Glyph, Ink, Join, MAX_DASHES, MAX_GLYPHS, MAX_STEPS, Mix, Path, Pen,
    Place, Placed, Rule, Segment, Step,
};
use crate::piece::Piece;
use crate::refusal::Refusal;

/// The most glyphs that one drawing brings along: as many as a font has codes.
const MAX_NEW_GLYPHS: usize = 65_535;
/// The most segments of an outline.
const MAX_SEGMENTS: usize = 1_000_000;

fn put_i32(out: &mut Vec<u8>, value: i32) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn put_place(out: &mut Vec<u8>, (x, y): Place) {
    put_i32(out, x);
    put_i32(out, y);
}

fn place(reader: &mut Reader<'_>) -> Result<Place, Refusal> {
    Ok((reader.i32()?, reader.i32()?))
}

fn put_path(out: &mut Vec<u8>, path: &Path) {
    put_list(out, path.segments(), |out, segment| match *segment {
        Segment::Move(place) => {
            out.push(0);
            put_place(out, place);
        }
        Segment::Line(place) => {
            out.push(1);
            put_place(out, place);
        }
        Segment::Curve(first, second, place) => {
            out.push(2);
            for place in [first, second, place] {
                put_place(out, place);
            }
        }
        Segment::Close => out.push(3),
    });
}

fn path(reader: &mut Reader<'_>) -> Result<Path, Refusal> {
    Path::new(list(reader, MAX_SEGMENTS, |reader| match reader.u8()? {
        0 => Ok(Segment::Move(place(reader)?)),
        1 => Ok(Segment::Line(place(reader)?)),
        2 => Ok(Segment::Curve(
            place(reader)?,
            place(reader)?,
            place(reader)?,
        )),
        3 => Ok(Segment::Close),
        _ => Err(Refusal::malformed("wire: unknown segment")),
    })?)
}

fn put_rule(out: &mut Vec<u8>, rule: Rule) {
    out.push(u8::from(rule == Rule::EvenOdd));
}

fn rule(reader: &mut Reader<'_>) -> Result<Rule, Refusal> {
    Ok(if reader.flag()? {
        Rule::EvenOdd
    } else {
        Rule::NonZero
    })
}

fn put_mix(out: &mut Vec<u8>, mix: Mix) {
    let blend = Blend::ALL.iter().position(|blend| *blend == mix.blend);
    out.push(mix.alpha);
    out.push(u8::try_from(blend.unwrap_or(0)).unwrap_or(0));
}

fn mix(reader: &mut Reader<'_>) -> Result<Mix, Refusal> {
    Ok(Mix {
        alpha: reader.u8()?,
        blend: choice(&Blend::ALL, reader)?,
    })
}

fn choice<T: Copy>(of: &[T], reader: &mut Reader<'_>) -> Result<T, Refusal> {
    of.get(usize::from(reader.u8()?))
        .copied()
        .ok_or(Refusal::malformed("wire: unknown choice"))
}

fn put_ink(out: &mut Vec<u8>, ink: Ink) {
    out.extend_from_slice(&ink.rgb);
    put_mix(out, ink.mix);
}

fn ink(reader: &mut Reader<'_>) -> Result<Ink, Refusal> {
    Ok(Ink {
        rgb: [reader.u8()?, reader.u8()?, reader.u8()?],
        mix: mix(reader)?,
    })
}

const CAPS: [Cap; 3] = [Cap::Butt, Cap::Round, Cap::Square];
const JOINS: [Join; 3] = [Join::Miter, Join::Round, Join::Bevel];

fn put_pen(out: &mut Vec<u8>, pen: &Pen) {
    put_u32(out, pen.width);
    let tag = |at: Option<usize>| u8::try_from(at.unwrap_or(0)).unwrap_or(0);
    out.push(tag(CAPS.iter().position(|cap| *cap == pen.cap)));
    out.push(tag(JOINS.iter().position(|join| *join == pen.join)));
    put_u32(out, pen.miter);
    put_list(out, &pen.dashes, |out, length| put_u32(out, *length));
    put_u32(out, pen.phase);
}

fn pen(reader: &mut Reader<'_>) -> Result<Pen, Refusal> {
    Ok(Pen {
        width: reader.u32()?,
        cap: choice(&CAPS, reader)?,
        join: choice(&JOINS, reader)?,
        miter: reader.u32()?,
        dashes: list(reader, MAX_DASHES, Reader::u32)?,
        phase: reader.u32()?,
    })
}

fn put_numbers(out: &mut Vec<u8>, numbers: &[i32]) {
    for number in numbers {
        put_i32(out, *number);
    }
}

fn numbers<const N: usize>(reader: &mut Reader<'_>) -> Result<[i32; N], Refusal> {
    let mut all = [0; N];
    for number in &mut all {
        *number = reader.i32()?;
    }
    Ok(all)
}

fn put_step(out: &mut Vec<u8>, step: &Step) {
    match step {
        Step::Clip(path, rule) => {
            out.push(0);
            put_path(out, path);
            put_rule(out, *rule);
        }
        Step::Unclip => out.push(1),
        Step::Fill(path, rule, ink) => {
            out.push(2);
            put_path(out, path);
            put_rule(out, *rule);
            put_ink(out, *ink);
        }
        Step::Stroke(path, pen, ink) => {
            out.push(3);
            put_path(out, path);
            put_pen(out, pen);
            put_ink(out, *ink);
        }
        Step::Picture {
            picture,
            mask,
            matrix,
            mix,
        } => {
            out.push(4);
            put_u32(out, *picture);
            put_option(out, mask.as_ref(), |out, mask| put_u32(out, *mask));
            put_numbers(out, matrix);
            put_mix(out, *mix);
        }
        Step::Stencil {
            picture,
            matrix,
            ink,
        } => {
            out.push(5);
            put_u32(out, *picture);
            put_numbers(out, matrix);
            put_ink(out, *ink);
        }
        Step::Glyphs {
            matrix,
            ink,
            glyphs,
        } => {
            out.push(6);
            put_numbers(out, matrix);
            put_ink(out, *ink);
            put_list(out, glyphs, |out, placed| {
                put_u32(out, placed.glyph);
                put_place(out, placed.at);
            });
        }
    }
}

fn step(reader: &mut Reader<'_>) -> Result<Step, Refusal> {
    Ok(match reader.u8()? {
        0 => Step::Clip(path(reader)?, rule(reader)?),
        1 => Step::Unclip,
        2 => Step::Fill(path(reader)?, rule(reader)?, ink(reader)?),
        3 => Step::Stroke(path(reader)?, pen(reader)?, ink(reader)?),
        4 => Step::Picture {
            picture: reader.u32()?,
            mask: option(reader, Reader::u32)?,
            matrix: numbers(reader)?,
            mix: mix(reader)?,
        },
        5 => Step::Stencil {
            picture: reader.u32()?,
            matrix: numbers(reader)?,
            ink: ink(reader)?,
        },
        6 => Step::Glyphs {
            matrix: numbers(reader)?,
            ink: ink(reader)?,
            glyphs: list(reader, MAX_GLYPHS, |reader| {
                Ok(Placed {
                    glyph: reader.u32()?,
                    at: place(reader)?,
                })
            })?,
        },
        _ => return Err(Refusal::malformed("wire: unknown step")),
    })
}

pub(super) fn encode_drawing(drawing: &Drawing, out: &mut Vec<u8>) {
    let (width, height) = drawing.size_millipoints();
    put_u32(out, width);
    put_u32(out, height);
    put_layer(out, drawing.layer());
    put_list(out, drawing.glyphs(), |out, glyph| {
        put_path(out, glyph.outline());
        put_u16(out, glyph.advance());
        put_str(out, glyph.meaning());
    });
    put_list(out, drawing.steps(), put_step);
}

pub(super) fn decode_drawing(reader: &mut Reader<'_>, budget: &Budget) -> Result<Piece, Refusal> {
    let size = (reader.u32()?, reader.u32()?);
    let layer = layer(reader, budget)?;
    let glyphs = list(reader, MAX_NEW_GLYPHS, |reader| {
        Glyph::new(path(reader)?, reader.u16()?, reader.str()?.to_owned())
    })?;
    let steps = list(reader, MAX_STEPS, step)?;
    let drawing = Drawing::new(size, layer, glyphs, steps, budget)?;
    Ok(Piece::Drawing(Box::new(drawing)))
}

//! A font program of outlines alone: the Compact Font Format (Adobe Technical Notes 5176 and
//! 5177) without hints, subroutines and encodings.
//!
//! Everything in it has one place and one spelling, so that a checker can write the frame again and
//! compare it; what is free are the outlines, whose programs know six operators.

use mugai_core::drawing::{Path, Place, Segment};

/// A glyph: its outline, and how far the next one is.
pub(super) type Outline<'a> = (&'a Path, u16);

const NAME: &[u8] = b"MugaiOutlines";
/// Strings behind the 391 of the standard: the names of its character collection.
const STRINGS: [&[u8]; 2] = [b"Adobe", b"Identity"];

/// Operators of charstrings.
const RLINETO: u8 = 5;
const RRCURVETO: u8 = 8;
const ENDCHAR: u8 = 14;
const RMOVETO: u8 = 21;
/// Numbers that an operator may have before it (5177, appendix B).
const STACK: usize = 48;

/// The smallest box around all outlines: left, bottom, right, top.
pub(super) fn bounds<'a>(outlines: impl Iterator<Item = &'a Path>) -> [i32; 4] {
    let mut bounds: Option<[i32; 4]> = None;
    for (x, y) in outlines.flat_map(Path::places) {
        let [left, bottom, right, top] = bounds.unwrap_or([x, y, x, y]);
        bounds = Some([left.min(x), bottom.min(y), right.max(x), top.max(y)]);
    }
    bounds.unwrap_or_default()
}

/// The program of `glyphs`, of which the first one stands for what is missing.
pub(super) fn program(glyphs: &[Outline<'_>]) -> Vec<u8> {
    let count = u16::try_from(glyphs.len()).unwrap_or(u16::MAX);
    let bounds = bounds(glyphs.iter().map(|(path, _)| *path));
    let charstrings: Vec<Vec<u8>> = glyphs.iter().map(charstring).collect();
    let mut program = vec![1, 0, 4, 4];
    program.extend(index(&[NAME.to_vec()]));
    // places do not depend on what they are: their numbers are all spelled in five bytes
    let top_length = index(&[top([0; 4], bounds, count)]).len();
    let strings = index(&STRINGS.map(<[u8]>::to_vec));
    let charset_at = program
        .len()
        .saturating_add(top_length)
        .saturating_add(strings.len())
        .saturating_add(index(&[]).len());
    let charset = charset(count);
    let select_at = charset_at.saturating_add(charset.len());
    let select = select(count);
    let array_at = select_at.saturating_add(select.len());
    let private = private();
    let array_length = index(&[font_dict(private.len(), 0)]).len();
    let private_at = array_at.saturating_add(array_length);
    let charstrings_at = private_at.saturating_add(private.len());
    let places = [charset_at, charstrings_at, array_at, select_at];
    program.extend(index(&[top(places, bounds, count)]));
    program.extend(strings);
    program.extend(index(&[]));
    program.extend(charset);
    program.extend(select);
    program.extend(index(&[font_dict(private.len(), private_at)]));
    program.extend(private);
    program.extend(index(&charstrings));
    program
}

/// The top dictionary; `places` are those of charset, charstrings, font dictionaries and selector.
fn top(places: [usize; 4], bounds: [i32; 4], count: u16) -> Vec<u8> {
    let mut dict = Vec::new();
    for number in [391, 392, 0] {
        put_number(&mut dict, number);
    }
    dict.extend([12, 30]);
    for side in bounds {
        put_number(&mut dict, side);
    }
    dict.push(5);
    put_number(&mut dict, i32::from(count));
    dict.extend([12, 34]);
    for (place, operator) in places
        .into_iter()
        .zip([&[15][..], &[17], &[12, 36], &[12, 37]])
    {
        put_place(&mut dict, place);
        dict.extend(operator);
    }
    dict
}

/// Glyph n is character n.
fn charset(count: u16) -> Vec<u8> {
    let mut charset = vec![2];
    charset.extend(1u16.to_be_bytes());
    charset.extend(count.saturating_sub(2).to_be_bytes());
    charset
}

/// All glyphs have the one font dictionary.
fn select(count: u16) -> Vec<u8> {
    let mut select = vec![3, 0, 1, 0, 0, 0];
    select.extend(count.to_be_bytes());
    select
}

fn font_dict(private_length: usize, private_at: usize) -> Vec<u8> {
    let mut dict = Vec::new();
    put_place(&mut dict, private_length);
    put_place(&mut dict, private_at);
    dict.push(18);
    dict
}

/// Widths are said by each glyph: `0 defaultWidthX 0 nominalWidthX`.
fn private() -> Vec<u8> {
    vec![139, 20, 139, 21]
}

/// An INDEX with offsets of four bytes.
fn index(items: &[Vec<u8>]) -> Vec<u8> {
    let count = u16::try_from(items.len()).unwrap_or(u16::MAX);
    let mut index = count.to_be_bytes().to_vec();
    if items.is_empty() {
        return index;
    }
    index.push(4);
    let mut offset = 1u32;
    index.extend(offset.to_be_bytes());
    for item in items {
        offset = offset.saturating_add(u32::try_from(item.len()).unwrap_or(u32::MAX));
        index.extend(offset.to_be_bytes());
    }
    index.extend(items.concat());
    index
}

fn charstring((path, advance): &Outline<'_>) -> Vec<u8> {
    let mut pen = Pen {
        out: Vec::new(),
        at: (0, 0),
        pending: Vec::new(),
        operator: ENDCHAR,
    };
    put_number(&mut pen.out, i32::from(*advance));
    for segment in path.segments() {
        match *segment {
            Segment::Move(place) => pen.go(RMOVETO, &[place]),
            Segment::Line(place) => pen.go(RLINETO, &[place]),
            Segment::Curve(first, second, place) => pen.go(RRCURVETO, &[first, second, place]),
            // outlines of glyphs are closed by themselves
            Segment::Close => {}
        }
    }
    pen.flush();
    pen.out.push(ENDCHAR);
    pen.out
}

struct Pen {
    out: Vec<u8>,
    at: Place,
    pending: Vec<i32>,
    operator: u8,
}

impl Pen {
    fn go(&mut self, operator: u8, places: &[Place]) {
        let more = places.len().saturating_mul(2);
        let is_full = self.pending.len().saturating_add(more) > STACK;
        if operator == RMOVETO || operator != self.operator || is_full {
            self.flush();
        }
        self.operator = operator;
        for place in places {
            self.pending.push(place.0.saturating_sub(self.at.0));
            self.pending.push(place.1.saturating_sub(self.at.1));
            self.at = *place;
        }
    }

    fn flush(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        for number in std::mem::take(&mut self.pending) {
            put_number(&mut self.out, number);
        }
        self.out.push(self.operator);
    }
}

/// A number from -32,768 to 32,767 in its shortest form, which is the same in dictionaries and in
/// charstrings.
fn put_number(out: &mut Vec<u8>, number: i32) {
    let near = i16::try_from(number).unwrap_or(if number < 0 { i16::MIN } else { i16::MAX });
    let byte = |value: i16| value.to_be_bytes()[1];
    match near {
        -107..=107 => out.push(byte(near.saturating_add(139))),
        108..=1131 => {
            let rest = near.saturating_sub(108);
            out.push(byte(rest.div_euclid(256).saturating_add(247)));
            out.push(byte(rest));
        }
        -1131..=-108 => {
            let rest = near.saturating_neg().saturating_sub(108);
            out.push(byte(rest.div_euclid(256).saturating_add(251)));
            out.push(byte(rest));
        }
        _ => {
            out.push(28);
            out.extend(near.to_be_bytes());
        }
    }
}

/// A place in the program, in five bytes.
fn put_place(out: &mut Vec<u8>, place: usize) {
    out.push(29);
    out.extend(u32::try_from(place).unwrap_or(u32::MAX).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_shortest_form() {
        let spelled = |number| {
            let mut out = Vec::new();
            put_number(&mut out, number);
            out
        };
        assert_eq!(spelled(0), [139]);
        assert_eq!(spelled(107), [246]);
        assert_eq!(spelled(-107), [32]);
        assert_eq!(spelled(108), [247, 0]);
        assert_eq!(spelled(1131), [250, 255]);
        assert_eq!(spelled(-108), [251, 0]);
        assert_eq!(spelled(-1131), [254, 255]);
        assert_eq!(spelled(1132), [28, 4, 108]);
        assert_eq!(spelled(-32_768), [28, 0x80, 0]);
    }

    #[test]
    fn outlines_become_moves_from_point_to_point() {
        let path = Path::new(vec![
            Segment::Move((10, 10)),
            Segment::Line((20, 10)),
            Segment::Line((20, 30)),
            Segment::Curve((20, 40), (10, 40), (10, 30)),
            Segment::Close,
        ])
        .unwrap();
        let number = |n: u8| n.wrapping_add(139);
        let mut expected = [100, 10, 10].map(number).to_vec();
        expected.push(RMOVETO);
        expected.extend([10, 0, 0, 20].map(number));
        expected.push(RLINETO);
        expected.extend([0, 10, 246, 0, 0, 246].map(number));
        expected.extend([RRCURVETO, ENDCHAR]);
        assert_eq!(charstring(&(&path, 100)), expected);
        assert_eq!(bounds([&path].into_iter()), [10, 10, 20, 40]);
    }
}

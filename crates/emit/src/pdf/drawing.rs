//! The operators of a page of shapes, one a line.
//!
//! The page's space is turned to hundredths of a point from the upper corner, so that all numbers
//! but colours are whole. Colours, pens and opacity are said where they change.
#![expect(
    clippy::many_single_char_names,
    reason = "the entries of a transform have these names"
)]

use super::{PdfWriter, mix_name, points, thousandths};
use mugai_core::drawing::{
    Cap, Drawing, Glyph, Ink, Join, Matrix, Mix, Path, Pen, Place, Placed, Rule, Segment, Step,
};
use mugai_core::{Purpose, Refusal};
use std::fmt::Write as _;

/// How far a glyph may stand from its place before it is moved there, in hundredths of a point.
const DRIFT: i64 = 2;
/// The furthest move within a run, in thousandths of the em.
const MAX_MOVE: i64 = 30_000;

/// What the operators before have set.
#[derive(Clone)]
struct State {
    fill: [u8; 3],
    stroke: [u8; 3],
    mix: Mix,
    pen: Pen,
}

impl Default for State {
    fn default() -> Self {
        Self {
            fill: [0; 3],
            stroke: [0; 3],
            mix: Mix::SOLID,
            // ISO 32000-2, table 51, in the space of the page
            pen: Pen {
                width: 1,
                cap: Cap::Butt,
                join: Join::Miter,
                miter: 1_000,
                dashes: Vec::new(),
                phase: 0,
            },
        }
    }
}

struct Script<'w> {
    writer: &'w mut PdfWriter,
    out: String,
    state: State,
    outer: Vec<State>,
    in_text: bool,
}

/// The operators of `drawing`; pictures that it shows are written.
pub(super) fn operators(drawing: &Drawing, writer: &mut PdfWriter) -> Result<String, Refusal> {
    let height = points(drawing.size_millipoints().1);
    let mut script = Script {
        writer,
        out: format!("q\n.01 0 0 -.01 0 {height} cm\n"),
        state: State::default(),
        outer: Vec::new(),
        in_text: false,
    };
    for step in drawing.steps() {
        script.step(step)?;
    }
    script.end_text();
    script.out.push('Q');
    Ok(script.out)
}

impl Script<'_> {
    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // writing into a string cannot fail
        let _ = self.out.write_fmt(line);
        self.out.push('\n');
    }

    fn step(&mut self, step: &Step) -> Result<(), Refusal> {
        if !matches!(step, Step::Glyphs { .. }) {
            self.end_text();
        }
        match step {
            Step::Clip(path, rule) => {
                self.outer.push(self.state.clone());
                self.line(format_args!("q"));
                if path.is_empty() {
                    // nothing is inside
                    self.line(format_args!("0 0 0 0 re"));
                } else {
                    self.path(path);
                }
                let star = star(*rule);
                self.line(format_args!("W{star} n"));
            }
            Step::Unclip => {
                self.line(format_args!("Q"));
                self.state = self.outer.pop().unwrap_or_default();
            }
            Step::Fill(path, rule, ink) => {
                self.fill(*ink);
                self.path(path);
                let star = star(*rule);
                self.line(format_args!("f{star}"));
            }
            Step::Stroke(path, pen, ink) => {
                self.stroke(*ink);
                self.pen(pen);
                self.path(path);
                self.line(format_args!("S"));
            }
            Step::Picture {
                picture,
                mask,
                matrix,
                mix,
            } => {
                self.mix(*mix);
                self.picture(*picture, Purpose::Picture, *mask, matrix)?;
            }
            Step::Stencil {
                picture,
                matrix,
                ink,
            } => {
                self.fill(*ink);
                self.picture(*picture, Purpose::Stencil, None, matrix)?;
            }
            Step::Glyphs {
                matrix,
                ink,
                glyphs,
            } => {
                if !self.in_text {
                    self.line(format_args!("BT/F1 1 Tf"));
                    self.in_text = true;
                }
                self.fill(*ink);
                self.glyphs(*matrix, glyphs)?;
            }
        }
        Ok(())
    }

    fn end_text(&mut self) {
        if self.in_text {
            self.line(format_args!("ET"));
            self.in_text = false;
        }
    }

    fn fill(&mut self, ink: Ink) {
        self.mix(ink.mix);
        if ink.rgb != self.state.fill {
            self.state.fill = ink.rgb;
            let colour = colour(ink.rgb, ["g", "rg"]);
            self.line(format_args!("{colour}"));
        }
    }

    fn stroke(&mut self, ink: Ink) {
        self.mix(ink.mix);
        if ink.rgb != self.state.stroke {
            self.state.stroke = ink.rgb;
            let colour = colour(ink.rgb, ["G", "RG"]);
            self.line(format_args!("{colour}"));
        }
    }

    fn mix(&mut self, mix: Mix) {
        if mix != self.state.mix {
            self.state.mix = mix;
            self.writer.mixes.insert(mix);
            self.line(format_args!("/{} gs", mix_name(mix)));
        }
    }

    fn pen(&mut self, pen: &Pen) {
        let before = std::mem::replace(&mut self.state.pen, pen.clone());
        if pen.width != before.width {
            self.line(format_args!("{} w", pen.width));
        }
        if pen.cap != before.cap {
            let cap = match pen.cap {
                Cap::Butt => 0,
                Cap::Round => 1,
                Cap::Square => 2,
            };
            self.line(format_args!("{cap} J"));
        }
        if pen.join != before.join {
            let join = match pen.join {
                Join::Miter => 0,
                Join::Round => 1,
                Join::Bevel => 2,
            };
            self.line(format_args!("{join} j"));
        }
        if pen.miter != before.miter {
            let miter = decimal(pen.miter.saturating_mul(10));
            self.line(format_args!("{miter} M"));
        }
        if (&pen.dashes, pen.phase) != (&before.dashes, before.phase) {
            let lengths: Vec<String> = pen.dashes.iter().map(u32::to_string).collect();
            self.line(format_args!("[{}]{} d", lengths.join(" "), pen.phase));
        }
    }

    fn path(&mut self, path: &Path) {
        let mut rest = path.segments();
        while let Some((first, tail)) = rest.split_first() {
            if let Some((box_, behind)) = rectangle(rest) {
                let [x, y, width, height] = box_;
                self.line(format_args!("{x} {y} {width} {height} re"));
                rest = behind;
                continue;
            }
            match first {
                Segment::Move((x, y)) => self.line(format_args!("{x} {y} m")),
                Segment::Line((x, y)) => self.line(format_args!("{x} {y} l")),
                Segment::Curve((a, b), (c, d), (e, f)) => {
                    self.line(format_args!("{a} {b} {c} {d} {e} {f} c"));
                }
                Segment::Close => self.line(format_args!("h")),
            }
            rest = tail;
        }
    }

    fn picture(
        &mut self,
        picture: u32,
        purpose: Purpose,
        mask: Option<u32>,
        [a, b, c, d, e, f]: &Matrix,
    ) -> Result<(), Refusal> {
        let PdfWriter { shelf, file, .. } = &mut *self.writer;
        let number = shelf.show(file, picture, purpose, mask)?;
        // in PDF the first row is the upper one, at 1
        let (left, up) = (c.saturating_add(*e), d.saturating_add(*f));
        let (c, d) = (c.saturating_neg(), d.saturating_neg());
        self.line(format_args!(
            "q {a} {b} {c} {d} {left} {up} cm/I{number} Do Q"
        ));
        Ok(())
    }

    fn glyphs(&mut self, matrix: [i32; 4], glyphs: &[Placed]) -> Result<(), Refusal> {
        let mut rest = glyphs;
        while !rest.is_empty() {
            let (run, moves) = self.run(matrix, rest)?;
            let (here, behind) = rest.split_at_checked(run).unwrap_or((rest, &[]));
            let numbers: Vec<u32> = here.iter().map(|placed| placed.glyph).collect();
            let codes = self.writer.outlines.codes(&numbers)?;
            let [a, b, c, d] = matrix;
            let (x, y) = here.first().map_or((0, 0), |placed| placed.at);
            let mut shown = String::new();
            for (code, before) in codes.iter().zip(moves) {
                if before != 0 {
                    let _ = write!(shown, ">{before}<");
                }
                let _ = write!(shown, "{code:04X}");
            }
            self.line(format_args!("{a} {b} {c} {d} {x} {y} Tm[<{shown}>]TJ"));
            rest = behind;
        }
        Ok(())
    }

    /// How many of `glyphs` stand on one line, and the move before each.
    fn run(&self, matrix: [i32; 4], glyphs: &[Placed]) -> Result<(usize, Vec<i64>), Refusal> {
        let line = Baseline::of(matrix);
        let Some((first, others)) = glyphs.split_first() else {
            return Ok((0, Vec::new()));
        };
        let mut moves = vec![0];
        // where the next glyph would come to stand, in thousandths of the em behind the first one
        let mut at = advance(self.writer.outlines.glyph(first.glyph)?);
        for placed in others {
            let glyph = self.writer.outlines.glyph(placed.glyph)?;
            let Some(back) = line.back(first.at, placed.at, at) else {
                break;
            };
            at = at.saturating_sub(back).saturating_add(advance(glyph));
            moves.push(back);
        }
        Ok((moves.len(), moves))
    }
}

/// What operators of a rule end with.
const fn star(rule: Rule) -> &'static str {
    match rule {
        Rule::NonZero => "",
        Rule::EvenOdd => "*",
    }
}

fn advance(glyph: &Glyph) -> i64 {
    i64::from(glyph.advance())
}

/// The line that glyphs of a matrix go along.
struct Baseline {
    a: i64,
    b: i64,
    /// The square of the length of an em, in hundredths of a point.
    square: i64,
}

impl Baseline {
    fn of([a, b, _, _]: [i32; 4]) -> Self {
        let (a, b) = (i64::from(a), i64::from(b));
        let square = a.saturating_mul(a).saturating_add(b.saturating_mul(b));
        Self { a, b, square }
    }

    /// How far back the glyph at `place` is from `at` thousandths of the em behind `first`; `None`
    /// off the line.
    fn back(&self, first: Place, place: Place, at: i64) -> Option<i64> {
        let dx = i64::from(place.0).saturating_sub(i64::from(first.0));
        let dy = i64::from(place.1).saturating_sub(i64::from(first.1));
        let along = self
            .a
            .saturating_mul(dx)
            .saturating_add(self.b.saturating_mul(dy));
        // in thousandths of the em
        let along = rounded(along.saturating_mul(1000), self.square)?;
        let is_near = |from: i64| {
            let x = rounded(self.a.saturating_mul(from), 1000)?;
            let y = rounded(self.b.saturating_mul(from), 1000)?;
            let near =
                |side: i64, wanted: i64| side.saturating_sub(wanted).saturating_abs() <= DRIFT;
            (near(x, dx) && near(y, dy)).then_some(())
        };
        if is_near(at).is_some() {
            return Some(0);
        }
        is_near(along)?;
        let back = at.saturating_sub(along);
        (back.saturating_abs() <= MAX_MOVE).then_some(back)
    }
}

/// A quotient, rounded; `None` by 0.
fn rounded(dividend: i64, divisor: i64) -> Option<i64> {
    let half = divisor.checked_div(2)?;
    dividend.saturating_add(half).checked_div_euclid(divisor)
}

/// The box at the beginning of `segments`, if they begin with one: left, top, width, height.
fn rectangle(segments: &[Segment]) -> Option<([i32; 4], &[Segment])> {
    let (head, behind) = segments.split_first_chunk::<5>()?;
    let [
        Segment::Move(a),
        Segment::Line(b),
        Segment::Line(c),
        Segment::Line(d),
        Segment::Close,
    ] = head
    else {
        return None;
    };
    // in the order in which `re` goes around
    let is_box = a.1 == b.1 && b.0 == c.0 && c.1 == d.1 && d.0 == a.0;
    is_box.then(|| {
        let (width, height) = (b.0.saturating_sub(a.0), c.1.saturating_sub(b.1));
        ([a.0, a.1, width, height], behind)
    })
}

/// A colour by the operator for grey or that for all colours.
fn colour(rgb: [u8; 3], [grey, coloured]: [&str; 2]) -> String {
    let [red, green, blue] = rgb.map(|level| decimal(u32::from(thousandths(level))));
    if red == green && green == blue {
        format!("{red} {grey}")
    } else {
        format!("{red} {green} {blue} {coloured}")
    }
}

/// Thousandths in their one spelling: `1`, `.707`, `0`.
fn decimal(thousandths: u32) -> String {
    let (whole, rest) = (thousandths.div_euclid(1000), thousandths.rem_euclid(1000));
    let digits = format!("{rest:03}");
    let digits = digits.trim_end_matches('0');
    match (whole, digits.is_empty()) {
        (_, true) => whole.to_string(),
        (0, false) => format!(".{digits}"),
        (_, false) => format!("{whole}.{digits}"),
    }
}

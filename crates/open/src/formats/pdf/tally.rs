//! One stream of content read for its cost: operators, outlines, calls.
//!
//! Operators are told apart by the tokenizer that the drawing library uses, so that what is counted
//! is what will be drawn.

use super::graph::Graph;
use super::image;
use super::names::{Class, Dash, Names, Target, norm, period};
use hayro_syntax::content::UntypedIter;
use hayro_syntax::object::{Array, Name, Object, Stream};
use hayro_syntax::page::Resources;
use mugai_core::{Cx, Refusal, Resource};

/// Tiles that a dash touches at least, its caps and its record included.
pub(super) const TILES_PER_DASH: f64 = 16.0;
/// Steps of an operator, of one more piece of an outline, and of one byte of shown text.
const STEPS_PER_OPERATOR: u64 = 2;
const STEPS_PER_SEGMENT: u64 = 4;
const STEPS_PER_CHAR: u64 = 8;
/// Graphics states that are kept; deeper ones are taken for the outermost of those.
const MAX_STATES: usize = 4096;

/// The node that a stream's cost goes to.
pub(super) struct Root {
    /// Its number in the graph.
    pub(super) node: usize,
    /// Outlines longer than this, in units of the stream's space, are cut off by the page.
    pub(super) longest: f64,
}

/// Reads `data` and adds its cost and its calls to the graph.
pub(super) fn tally<'a>(
    data: &[u8],
    resources: &Resources<'a>,
    root: &Root,
    graph: &mut Graph<'a>,
    cx: &Cx<'_>,
) -> Result<(), Refusal> {
    cx.charge_len(Resource::Steps, data.len().div_euclid(4))?;
    let mut tally = Tally {
        root,
        graph,
        cx,
        names: Names::new(resources),
        state: State::default(),
        states: Vec::new(),
        skipped: 0,
        path: Path::default(),
        steps: 0,
    };
    let mut operators = UntypedIter::new(data);
    while let Some(instruction) = operators.next() {
        let mut operands = Operands::default();
        for operand in instruction.operands() {
            operands.take(operand);
        }
        tally.steps = tally.steps.saturating_add(STEPS_PER_OPERATOR);
        tally.operator(instruction.operator, &operands)?;
    }
    let steps = tally.steps;
    graph.spend(root.node, |own| own.steps = own.steps.saturating_add(steps));
    Ok(())
}

/// The operands of one operator.
#[derive(Default)]
struct Operands<'b, 'a> {
    numbers: [f64; 6],
    count: usize,
    name: Option<&'b Name<'a>>,
    array: Option<&'b Array<'a>>,
    stream: Option<&'b Stream<'a>>,
    text_bytes: u64,
}

impl<'b, 'a> Operands<'b, 'a> {
    /// The numbers in pairs; those that are missing are 0.
    const fn points(&self) -> [(f64, f64); 3] {
        let [x1, y1, x2, y2, x3, y3] = self.numbers;
        [(x1, y1), (x2, y2), (x3, y3)]
    }

    fn take(&mut self, operand: &'b Object<'a>) {
        match operand {
            Object::Number(number) => {
                if let Some(slot) = self.numbers.get_mut(self.count) {
                    *slot = number.as_f64();
                    self.count = self.count.saturating_add(1);
                }
            }
            Object::Name(name) => self.name = Some(name),
            Object::Array(array) => self.array = Some(array),
            Object::Stream(stream) => self.stream = Some(stream),
            Object::String(text) => {
                let length = u64::try_from(text.as_bytes().len()).unwrap_or(u64::MAX);
                self.text_bytes = self.text_bytes.saturating_add(length);
            }
            Object::Null(_) | Object::Boolean(_) | Object::Dict(_) => {}
        }
    }
}

/// The part of the graphics state that costs depend on.
#[derive(Clone, Copy)]
struct State {
    matrix: [f64; 4],
    text_matrix: [f64; 4],
    font_size: f64,
    font: Option<(usize, f64)>,
    fill: Option<Target>,
    stroke: Option<Target>,
    dash: Dash,
}

impl Default for State {
    fn default() -> Self {
        const IDENTITY: [f64; 4] = [1.0, 0.0, 0.0, 1.0];
        Self {
            matrix: IDENTITY,
            text_matrix: IDENTITY,
            font_size: 1.0,
            font: None,
            fill: None,
            stroke: None,
            dash: None,
        }
    }
}

/// The outline that is being built.
#[derive(Clone, Copy, Default)]
struct Path {
    start: (f64, f64),
    at: (f64, f64),
    length: f64,
    drawn: f64,
    segments: u64,
    /// The longer side, where the outline is one rectangle and nothing else.
    rect: Option<f64>,
}

struct Tally<'t, 'a, 'c> {
    root: &'t Root,
    graph: &'t mut Graph<'a>,
    cx: &'t Cx<'c>,
    names: Names<'t, 'a>,
    state: State,
    states: Vec<State>,
    skipped: u64,
    path: Path,
    steps: u64,
}

impl Tally<'_, '_, '_> {
    fn operator(&mut self, operator: &[u8], on: &Operands<'_, '_>) -> Result<(), Refusal> {
        // two coordinates a point, or the four linear entries of a matrix
        let [p, q, r] = on.points();
        let linear = [p.0, p.1, q.0, q.1];
        match operator {
            b"q" => self.save(),
            b"Q" => self.restore(),
            b"cm" => self.state.matrix = product(linear, self.state.matrix),
            b"m" => {
                self.path.start = p;
                self.path.at = p;
            }
            b"l" => self.line(p),
            b"c" => {
                self.line(p);
                self.line(q);
                self.line(r);
            }
            b"v" | b"y" => {
                self.line(p);
                self.line(q);
            }
            b"h" => self.line(self.path.start),
            b"re" => {
                self.path.at = p;
                self.path.start = p;
                self.line((p.0 + q.0, p.1));
                self.line((p.0 + q.0, p.1 + q.1));
                self.line((p.0, p.1 + q.1));
                self.line(p);
                let side = q.0.abs().max(q.1.abs()) * norm(self.state.matrix);
                let is_alone = self.path.segments == 4;
                self.path.rect = is_alone.then_some(side.min(self.root.longest));
            }
            b"f" | b"F" | b"f*" => self.paint(true, false),
            b"S" | b"s" => self.paint(false, true),
            b"B" | b"B*" | b"b" | b"b*" => self.paint(true, true),
            b"n" => self.paint(false, false),
            b"Do" => self.invoke(on)?,
            b"BI" => {
                if let Some(stream) = on.stream {
                    // the picture stands in the content, which is measured, but packed
                    super::graph::measure(stream, self.cx)?;
                    self.work(image::check(stream, self.cx)?);
                }
            }
            b"BDC" => {
                let target = self.named(Class::Properties, on)?;
                self.use_target(target, 1);
            }
            b"sh" => self.shade(on)?,
            b"gs" => self.graphics_state(on)?,
            b"d" => self.state.dash = on.array.and_then(period),
            b"Tf" => {
                self.state.font_size = p.0;
                let target = self.named(Class::Font, on)?;
                self.state.font = if let Target::Font(node, scale) = target {
                    Some((node, scale))
                } else {
                    None
                };
            }
            b"BT" => self.state.text_matrix = State::default().text_matrix,
            b"Tm" => self.state.text_matrix = linear,
            b"Tj" | b"'" | b"\"" => self.show(on.text_bytes),
            b"TJ" => self.show(on.array.map_or(0, text_bytes)),
            b"scn" | b"sc" => self.state.fill = self.paint_of(on)?,
            b"SCN" | b"SC" => self.state.stroke = self.paint_of(on)?,
            b"g" | b"rg" | b"k" | b"cs" => self.state.fill = None,
            b"G" | b"RG" | b"K" | b"CS" => self.state.stroke = None,
            _ => {}
        }
        Ok(())
    }

    fn work(&mut self, steps: u64) {
        self.steps = self.steps.saturating_add(steps);
    }

    fn save(&mut self) {
        if self.states.len() < MAX_STATES {
            self.states.push(self.state);
        } else {
            self.skipped = self.skipped.saturating_add(1);
        }
    }

    fn restore(&mut self) {
        if self.skipped > 0 {
            self.skipped = self.skipped.saturating_sub(1);
        } else if let Some(state) = self.states.pop() {
            self.state = state;
        }
    }

    fn line(&mut self, (x, y): (f64, f64)) {
        self.path.rect = None;
        let length = (x - self.path.at.0).hypot(y - self.path.at.1);
        self.path.at = (x, y);
        self.path.segments = self.path.segments.saturating_add(1);
        self.path.length += length;
        self.path.drawn += (length * norm(self.state.matrix)).min(self.root.longest);
    }

    /// Ends the outline: fills it, strokes it, or neither (then it may still clip).
    fn paint(&mut self, fill: bool, stroke: bool) {
        let path = self.path;
        self.path = Path {
            at: path.at,
            start: path.start,
            ..Path::default()
        };
        // a stroke has two sides
        let sides = if stroke { 2.0 } else { 1.0 };
        // a lone rectangle is filled, or clips, without walking around it: runs of text are often
        // clipped to the whole page one by one
        let drawn = match path.rect {
            Some(side) if !stroke => side,
            _ => path.drawn * sides,
        };
        let dash = self.state.dash;
        self.work(path.segments.saturating_mul(STEPS_PER_SEGMENT));
        self.graph.spend(self.root.node, |own| {
            own.length += drawn;
            match dash {
                Some(period) if stroke => own.tiles += path.length / period * TILES_PER_DASH,
                None if stroke => own.dashable += path.length,
                _ => {}
            }
        });
        for (used, paint) in [(fill, self.state.fill), (stroke, self.state.stroke)] {
            if let (true, Some(paint)) = (used, paint) {
                self.use_target(paint, 1);
            }
        }
    }

    fn use_target(&mut self, target: Target, count: u64) {
        match target {
            Target::Content(node, scale) => {
                let scale = scale * norm(self.state.matrix);
                let dash = self.state.dash;
                self.graph.call(self.root.node, node, count, scale, dash);
            }
            Target::Leaf(steps) => self.work(steps.saturating_mul(count)),
            Target::Font(..) | Target::State(..) | Target::Nothing => {}
        }
    }

    fn invoke(&mut self, on: &Operands<'_, '_>) -> Result<(), Refusal> {
        let target = self.named(Class::XObject, on)?;
        self.use_target(target, 1);
        Ok(())
    }

    fn shade(&mut self, on: &Operands<'_, '_>) -> Result<(), Refusal> {
        let target = self.named(Class::Shading, on)?;
        self.use_target(target, 1);
        Ok(())
    }

    fn graphics_state(&mut self, on: &Operands<'_, '_>) -> Result<(), Refusal> {
        if let Target::State(mask, dash, font) = self.named(Class::State, on)? {
            if let Some((node, scale, size)) = font {
                self.state.font = Some((node, scale));
                self.state.font_size = size;
            }
            if let Some(dash) = dash {
                self.state.dash = dash;
            }
            if let Some(mask) = mask {
                self.use_target(Target::Content(mask, 1.0), 1);
            }
        }
        Ok(())
    }

    fn show(&mut self, bytes: u64) {
        self.graph.has_text = true;
        self.work(bytes.saturating_mul(STEPS_PER_CHAR));
        if let Some((font, scale)) = self.state.font {
            let size = self.state.font_size.abs() * norm(self.state.text_matrix);
            self.use_target(Target::Content(font, scale * size), bytes);
        }
        if let Some(paint) = self.state.fill {
            self.use_target(paint, bytes);
        }
    }

    fn paint_of(&mut self, on: &Operands<'_, '_>) -> Result<Option<Target>, Refusal> {
        match on.name {
            None => Ok(None),
            Some(_) => self.named(Class::Pattern, on).map(Some),
        }
    }

    fn named(&mut self, class: Class, on: &Operands<'_, '_>) -> Result<Target, Refusal> {
        self.names.find(class, on.name, self.graph, self.cx)
    }
}

fn product(m: [f64; 4], n: [f64; 4]) -> [f64; 4] {
    [
        m[0] * n[0] + m[1] * n[2],
        m[0] * n[1] + m[1] * n[3],
        m[2] * n[0] + m[3] * n[2],
        m[2] * n[1] + m[3] * n[3],
    ]
}

fn text_bytes(shown: &Array<'_>) -> u64 {
    shown
        .iter::<Object<'_>>()
        .fold(0u64, |sum, item| match item {
            Object::String(text) => {
                sum.saturating_add(u64::try_from(text.as_bytes().len()).unwrap_or(u64::MAX))
            }
            Object::Null(_)
            | Object::Boolean(_)
            | Object::Number(_)
            | Object::Name(_)
            | Object::Dict(_)
            | Object::Array(_)
            | Object::Stream(_) => sum,
        })
}

//! What the names in a stream of content stand for, as far as costs go.

use super::graph::Graph;
use super::image;
use hayro_syntax::object::{Array, Dict, Name, Object, Stream};
use hayro_syntax::page::Resources;
use mugai_core::{Cx, Refusal, Resource};
use std::collections::BTreeMap;

/// Steps of a shading, and of each byte of a mesh.
const STEPS_PER_SHADING: u64 = 4096;
const STEPS_PER_MESH_BYTE: u64 = 64;
/// Steps of looking a name up for the first time.
const STEPS_PER_NAME: u64 = 64;

/// Bytes of the properties of marked content a step: they are read again for each stretch.
const PROPERTY_BYTES_PER_STEP: u64 = 32;

/// What a name of the resources stands for.
#[derive(Clone, Copy)]
pub(super) enum Target {
    /// A stream of content, and the scale of its own matrix.
    Content(usize, f64),
    /// Something that only costs steps.
    Leaf(u64),
    /// A glyph procedure of this font, and the scale of its matrix.
    Font(usize, f64),
    /// A graphics state: its soft mask, its dashes, its font.
    State(Option<usize>, Option<Dash>, Option<SizedFont>),
    /// Nothing that costs.
    Nothing,
}

/// A font of glyph procedures: its node, the scale of its matrix, its size.
pub(super) type SizedFont = (usize, f64, f64);

/// Dashes of a pen: the period in units, `None` for a solid line.
pub(super) type Dash = Option<f64>;

/// The kinds of names, each a dictionary of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// External objects: forms and pictures.
    XObject,
    /// Patterns.
    Pattern,
    /// Shadings.
    Shading,
    /// Graphics states.
    State,
    /// Fonts.
    Font,
    /// Properties of marked content.
    Properties,
}

/// The names of one dictionary of resources, each looked up once.
pub(super) struct Names<'t, 'a> {
    resources: &'t Resources<'a>,
    known: BTreeMap<(Class, Vec<u8>), Target>,
}

impl<'t, 'a> Names<'t, 'a> {
    /// Nothing looked up yet.
    pub(super) const fn new(resources: &'t Resources<'a>) -> Self {
        Self {
            resources,
            known: BTreeMap::new(),
        }
    }

    /// What `name` stands for; streams that it leads to are added to the graph.
    pub(super) fn find(
        &mut self,
        class: Class,
        name: Option<&Name<'_>>,
        graph: &mut Graph<'a>,
        cx: &Cx<'_>,
    ) -> Result<Target, Refusal> {
        let Some(name) = name else {
            return Ok(Target::Nothing);
        };
        let key = (class, name.to_vec());
        if let Some(target) = self.known.get(&key) {
            return Ok(*target);
        }
        cx.charge(Resource::Steps, STEPS_PER_NAME)?;
        let target = match class {
            Class::XObject => self.x_object(name, graph, cx)?,
            Class::Pattern => self.pattern(name, graph),
            Class::Shading => self
                .resources
                .get_shading(name)
                .map_or(Target::Nothing, |shading| {
                    Target::Leaf(shading_steps(&shading))
                }),
            Class::State => self.ext_g_state(name, graph),
            Class::Font => self.font(name, graph),
            Class::Properties => {
                let properties = self.resources.properties.get::<Dict<'a>>(name);
                properties.map_or(Target::Nothing, |dict| {
                    let length = u64::try_from(dict.data().len()).unwrap_or(u64::MAX);
                    Target::Leaf(length.div_euclid(PROPERTY_BYTES_PER_STEP))
                })
            }
        };
        self.known.insert(key, target);
        Ok(target)
    }

    fn x_object(
        &self,
        name: &Name<'_>,
        graph: &mut Graph<'a>,
        cx: &Cx<'_>,
    ) -> Result<Target, Refusal> {
        let Some(stream) = self.resources.get_x_object(name) else {
            return Ok(Target::Nothing);
        };
        let subtype = stream.dict().get::<Name<'a>>(b"Subtype");
        if subtype.is_some_and(|subtype| subtype.as_ref() == b"Image") {
            let mut steps = image::check(&stream, cx)?;
            for mask in ["SMask", "Mask"] {
                if let Some(mask) = stream.dict().get::<Stream<'a>>(mask) {
                    steps = steps.saturating_add(image::check(&mask, cx)?);
                }
            }
            return Ok(Target::Leaf(steps));
        }
        let scale = matrix_of(stream.dict());
        Ok(Target::Content(
            graph.content(&stream, self.resources),
            scale,
        ))
    }

    fn pattern(&self, name: &Name<'_>, graph: &mut Graph<'a>) -> Target {
        match self.resources.get_pattern(name) {
            Some(Object::Stream(stream)) => {
                let scale = matrix_of(stream.dict());
                Target::Content(graph.content(&stream, self.resources), scale)
            }
            Some(Object::Dict(dict)) => {
                let shading = dict.get::<Object<'a>>(b"Shading");
                shading.map_or(Target::Nothing, |s| Target::Leaf(shading_steps(&s)))
            }
            _ => Target::Nothing,
        }
    }

    fn ext_g_state(&self, name: &Name<'_>, graph: &mut Graph<'a>) -> Target {
        let Some(state) = self.resources.get_ext_g_state(name) else {
            return Target::Nothing;
        };
        let mask = state
            .get::<Dict<'a>>(b"SMask")
            .and_then(|mask| mask.get::<Stream<'a>>(b"G"));
        let dash = state.get::<Array<'a>>(b"D").map(|list| {
            let mut items = list.flex_iter();
            items.next::<Array<'a>>().as_ref().and_then(period)
        });
        let mask = mask.map(|mask| graph.content(&mask, self.resources));
        let font = state.get::<Array<'a>>(b"Font").and_then(|list| {
            let mut items = list.flex_iter();
            let (node, scale) = self.type3(&items.next::<Dict<'a>>()?, graph)?;
            Some((node, scale, items.next::<f64>().unwrap_or(1.0)))
        });
        Target::State(mask, dash, font)
    }

    fn font(&self, name: &Name<'_>, graph: &mut Graph<'a>) -> Target {
        let font = self.resources.get_font(name);
        font.and_then(|font| self.type3(&font, graph))
            .map_or(Target::Nothing, |(node, scale)| Target::Font(node, scale))
    }

    /// The node of a Type 3 font and the scale of its matrix; `None` for other fonts.
    fn type3(&self, font: &Dict<'a>, graph: &mut Graph<'a>) -> Option<(usize, f64)> {
        let node = graph.font(font, self.resources)?;
        let matrix = font.get::<Array<'a>>(b"FontMatrix");
        Some((
            node,
            matrix.map_or(0.001, |matrix| norm(first_four(&matrix))),
        ))
    }
}

/// How much longer a line can get: the greater of the lengths of the axes, which is exact for
/// matrices without shear and at most a factor of 1.5 below for any other.
pub(super) fn norm([a, b, c, d]: [f64; 4]) -> f64 {
    a.hypot(b).max(c.hypot(d))
}

fn first_four(matrix: &Array<'_>) -> [f64; 4] {
    let mut out = [1.0, 0.0, 0.0, 1.0];
    for (slot, value) in out.iter_mut().zip(matrix.iter::<f64>()) {
        *slot = value;
    }
    out
}

fn matrix_of(dict: &Dict<'_>) -> f64 {
    let matrix = dict.get::<Array<'_>>(b"Matrix");
    matrix.map_or(1.0, |matrix| norm(first_four(&matrix)))
}

/// The period of a dash pattern; `None` where it makes a solid line.
pub(super) fn period(dashes: &Array<'_>) -> Option<f64> {
    let lengths = dashes.iter::<f64>().take(32).map(f64::abs);
    let (sum, count) = lengths.fold((0.0, 0.0), |(sum, count), length| {
        (sum + length, count + 1.0)
    });
    // the mean of a dash and a gap, so that many short ones in a long pattern count
    (sum > 0.0).then_some(sum / count * 2.0)
}

fn shading_steps(shading: &Object<'_>) -> u64 {
    let mesh = match shading {
        Object::Stream(stream) => u64::try_from(stream.raw_data().len()).unwrap_or(u64::MAX),
        Object::Null(_)
        | Object::Boolean(_)
        | Object::Number(_)
        | Object::String(_)
        | Object::Name(_)
        | Object::Dict(_)
        | Object::Array(_) => 0,
    };
    mesh.saturating_mul(STEPS_PER_MESH_BYTE)
        .saturating_add(STEPS_PER_SHADING)
}

//! What drawing would cost, worked out before it begins.
//!
//! Content streams call each other: pages call forms, patterns, glyph procedures and soft masks,
//! and those call again. Every stream is read once ([`super::tally`]) and becomes a node that knows
//! its own cost and whom it calls how often; the cost of a page follows from that by adding up
//! levels, as deep as the drawing library goes. Thirty forms that call the next one twice are thirty
//! nodes here, and 2^30 drawings there.

use super::measure::{Chain, Meter};
use super::tally::{self, Root};
use hayro_interpret::CacheKey;
use hayro_syntax::Pdf as Document;
use hayro_syntax::object::{Array, Dict, Name, Object, ObjectIdentifier, Stream};
use hayro_syntax::page::{Page as Sheet, Resources};
use mugai_core::{Cx, Family, FindingCode, Refusal, Resource, Treatment};
use std::collections::{BTreeMap, VecDeque};

/// Levels of calls that the drawing library follows.
const MAX_LEVELS: usize = 50;

/// The most tiles of 4 by 4 pixels that the outlines of one page may touch: some 25 bytes
/// each while they are drawn.
const MAX_TILES: f64 = 9_000_000.0;

/// Pixels along the side of a tile.
const TILE_PX: f64 = 4.0;

/// What drawing something once costs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Cost {
    /// Deterministic work.
    pub(super) steps: u64,
    /// Tiles that do not depend on the scale.
    pub(super) tiles: f64,
    /// Length of all outlines, in units of the stream's own space.
    pub(super) length: f64,
    /// Length of strokes that are dashed where the caller's pen is.
    pub(super) dashable: f64,
}

/// How a node calls another one, added up over all calls.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Calls {
    /// Times.
    pub(super) count: u64,
    /// Sum of the scales of the calls.
    pub(super) scale: f64,
    /// Sum of 1 / period over calls with a dashed pen.
    pub(super) dashes: f64,
    /// Calls with a pen that is not dashed.
    pub(super) solid: f64,
}

/// One stream of content, or one font of glyph procedures.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// What it does itself.
    pub(super) own: Cost,
    /// Whom it calls.
    pub(super) calls: BTreeMap<usize, Calls>,
    /// Only the costliest call counts: a glyph is one of its font.
    pub(super) is_choice: bool,
}

/// Something that waits to be read.
enum Source<'a> {
    Content(Stream<'a>, Resources<'a>),
    Glyphs(Vec<Stream<'a>>, Resources<'a>),
}

/// The graph while it is built.
pub(super) struct Graph<'a> {
    nodes: Vec<Node>,
    known: BTreeMap<(ObjectIdentifier, u128), usize>,
    queue: VecDeque<(usize, Source<'a>)>,
    /// Whether any content shows text.
    pub(super) has_text: bool,
}

/// Charges the cost of all pages.
pub(super) fn pay(document: &Document, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let mut graph = Graph {
        nodes: Vec::new(),
        known: BTreeMap::new(),
        queue: VecDeque::new(),
        has_text: false,
    };
    let mut roots = Vec::new();
    for sheet in document.pages().iter() {
        roots.push((graph.page(sheet, cx)?, scale(sheet, cx)));
        graph.drain(cx)?;
    }
    let is_flattened = cx.assignment().treatments.of(Family::Pdf) != Treatment::Text;
    if graph.has_text && is_flattened && !cx.params().text_layer {
        cx.note(FindingCode::PdfTextLost);
    }
    let costs = graph.costs(cx)?;
    for (root, scale) in roots {
        let cost = costs.get(root).copied().unwrap_or_default();
        let tiles = cost.tiles + cost.length * scale / TILE_PX;
        if tiles.is_nan() || tiles > MAX_TILES {
            return Err(Refusal::Overrun {
                resource: Resource::Steps,
                limit: cx.budget().limits().steps,
            });
        }
        cx.charge(Resource::Steps, cost.steps)?;
    }
    Ok(())
}

/// Pixels a unit of page space, at the resolution asked for.
fn scale(sheet: &Sheet<'_>, cx: &Cx<'_>) -> f64 {
    let unit = sheet.raw().get::<f32>(b"UserUnit").map_or(1.0, f64::from);
    f64::from(cx.params().dpi) / 72.0 * unit.abs().max(f64::MIN_POSITIVE)
}

impl<'a> Graph<'a> {
    /// Reads the content of a page and its annotations.
    fn page(&mut self, sheet: &'a Sheet<'a>, cx: &Cx<'_>) -> Result<usize, Refusal> {
        cx.charge(Resource::Steps, 256)?;
        for stream in contents(sheet) {
            measure(&stream, cx)?;
        }
        let node = self.add(Node::default());
        let (width, height) = sheet.base_dimensions();
        let root = Root {
            node,
            longest: 2.0 * (f64::from(width) + f64::from(height)),
        };
        let resources = sheet.resources();
        // the page itself would keep it
        if let Some(data) = content(sheet) {
            tally::tally(&data, resources, &root, self, cx)?;
        }
        if let Some(annotations) = sheet.raw().get::<Array<'a>>(b"Annots") {
            for annotation in annotations.iter::<Dict<'a>>() {
                cx.charge(Resource::Steps, 64)?;
                for stream in appearances(&annotation) {
                    let callee = self.content(&stream, resources);
                    let scale = fit(&annotation, stream.dict());
                    self.call(node, callee, 1, scale, None);
                }
            }
        }
        Ok(node)
    }

    /// Reads everything that was called and has not been read.
    fn drain(&mut self, cx: &Cx<'_>) -> Result<(), Refusal> {
        // outlines outside of a page can be of any length
        const LONGEST: f64 = 1e6;
        while let Some((node, source)) = self.queue.pop_front() {
            match source {
                Source::Content(stream, resources) => {
                    measure(&stream, cx)?;
                    let root = Root {
                        node,
                        longest: LONGEST,
                    };
                    if let Ok(data) = stream.decoded_data() {
                        tally::tally(&data, &resources, &root, self, cx)?;
                    }
                }
                Source::Glyphs(procedures, resources) => {
                    for procedure in procedures {
                        cx.charge(Resource::Steps, 64)?;
                        let callee = self.content(&procedure, &resources);
                        self.call(node, callee, 1, 1.0, None);
                    }
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        self.nodes.len().saturating_sub(1)
    }

    /// The node of a stream of content; names that it has no resources for are the caller's.
    pub(super) fn content(&mut self, stream: &Stream<'a>, caller: &Resources<'a>) -> usize {
        let own = stream
            .dict()
            .get::<Dict<'a>>(b"Resources")
            .map(Resources::new);
        let inherited = if own.is_some() { 0 } else { caller.cache_key() };
        let key = (stream.obj_id(), inherited);
        if let Some(node) = self.known.get(&key) {
            return *node;
        }
        let node = self.add(Node::default());
        self.known.insert(key, node);
        let resources = own.unwrap_or_else(|| caller.clone());
        self.queue
            .push_back((node, Source::Content(stream.clone(), resources)));
        node
    }

    /// The node of a Type 3 font, and how large a unit of its glyphs is; `None` for other fonts.
    pub(super) fn font(&mut self, font: &Dict<'a>, caller: &Resources<'a>) -> Option<usize> {
        let subtype = font.get::<Name<'a>>(b"Subtype")?;
        if subtype.as_ref() != b"Type3" {
            return None;
        }
        let own = font.get::<Dict<'a>>(b"Resources").map(Resources::new);
        let resources = own.unwrap_or_else(|| caller.clone());
        // a font without a number of its own is told from others by what surrounds it
        let id = font.obj_id().unwrap_or(ObjectIdentifier::new(0, 0));
        let key = (id, resources.cache_key());
        if let Some(node) = self.known.get(&key) {
            return Some(*node);
        }
        let node = self.add(Node {
            is_choice: true,
            ..Node::default()
        });
        self.known.insert(key, node);
        let procedures = font.get::<Dict<'a>>(b"CharProcs").unwrap_or_default();
        let streams = procedures
            .keys()
            .filter_map(|name| procedures.get(name.as_ref()));
        self.queue
            .push_back((node, Source::Glyphs(streams.collect(), resources)));
        Some(node)
    }

    /// Adds to a node's own cost.
    pub(super) fn spend(&mut self, node: usize, add: impl FnOnce(&mut Cost)) {
        if let Some(node) = self.nodes.get_mut(node) {
            add(&mut node.own);
        }
    }

    /// Notes `count` calls from `node` to `callee`; `period` is that of the pen's dashes.
    pub(super) fn call(
        &mut self,
        node: usize,
        callee: usize,
        count: u64,
        scale: f64,
        period: Option<f64>,
    ) {
        let Some(node) = self.nodes.get_mut(node) else {
            return;
        };
        let calls = node.calls.entry(callee).or_default();
        calls.count = calls.count.saturating_add(count);
        let times = as_float(count);
        calls.scale += scale * times;
        match period {
            Some(period) => calls.dashes += times / period,
            None => calls.solid += times,
        }
    }

    /// The cost of every node, calls included.
    fn costs(&self, cx: &Cx<'_>) -> Result<Vec<Cost>, Refusal> {
        let edges = self.nodes.iter().fold(0usize, |sum, node| {
            sum.saturating_add(node.calls.len()).saturating_add(1)
        });
        let mut costs = self.nodes.iter().map(|node| node.own).collect::<Vec<_>>();
        for _ in 0..MAX_LEVELS {
            cx.charge_len(Resource::Steps, edges.saturating_mul(4))?;
            let next = self
                .nodes
                .iter()
                .map(|node| node.cost(&costs))
                .collect::<Vec<_>>();
            if next == costs {
                break;
            }
            costs = next;
        }
        Ok(costs)
    }
}

impl Node {
    /// Its own cost and that of its calls, which are one level shallower.
    fn cost(&self, below: &[Cost]) -> Cost {
        let mut sum = self.own;
        for (callee, calls) in &self.calls {
            let cost = below.get(*callee).copied().unwrap_or_default();
            let times = as_float(calls.count);
            if self.is_choice {
                sum.steps = sum.steps.max(cost.steps);
                sum.tiles = sum.tiles.max(cost.tiles);
                sum.length = sum.length.max(cost.length);
                sum.dashable = sum.dashable.max(cost.dashable);
                continue;
            }
            sum.steps = sum
                .steps
                .saturating_add(cost.steps.saturating_mul(calls.count));
            sum.tiles += times * cost.tiles + calls.dashes * cost.dashable * tally::TILES_PER_DASH;
            sum.length += calls.scale * cost.length;
            sum.dashable += calls.solid * cost.dashable;
        }
        sum
    }
}

/// A count as a float; counts over 2^32 are all the same too many.
fn as_float(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

/// Measures a stream of content on its own: it is decoded whole.
pub(super) fn measure(stream: &Stream<'_>, cx: &Cx<'_>) -> Result<(), Refusal> {
    let data = stream.raw_data();
    let mut meter = Meter::new(cx.budget(), 0);
    meter.measure(&data, &Chain::of(stream)?.codings)
}

/// The streams of a page, each as often as it is named.
/// The content of a page as the library puts it together: its streams with a blank behind each.
fn content(sheet: &Sheet<'_>) -> Option<Vec<u8>> {
    let decoded = |stream: Stream<'_>| Some(stream.decoded_data().ok()?.into_owned());
    match sheet.raw().get::<Object<'_>>(b"Contents") {
        Some(Object::Stream(stream)) => decoded(stream),
        Some(Object::Array(_)) => {
            let mut all = Vec::new();
            for data in contents(sheet).into_iter().filter_map(decoded) {
                all.extend_from_slice(&data);
                all.push(b' ');
            }
            Some(all)
        }
        _ => None,
    }
}

fn contents<'a>(sheet: &'a Sheet<'a>) -> Vec<Stream<'a>> {
    match sheet.raw().get::<Object<'a>>(b"Contents") {
        Some(Object::Stream(stream)) => vec![stream],
        Some(Object::Array(list)) => list.iter::<Stream<'a>>().collect(),
        _ => Vec::new(),
    }
}

/// How much an appearance grows to fill its annotation (ISO 32000-1, 12.5.5).
fn fit(annotation: &Dict<'_>, appearance: &Dict<'_>) -> f64 {
    let sides = |dict: &Dict<'_>, key: &str| {
        let corners = dict.get::<Array<'_>>(key).unwrap_or_default();
        let mut corners = corners.iter::<f64>();
        let mut next = || corners.next().unwrap_or(0.0);
        let (x, y) = (next(), next());
        ((next() - x).abs(), (next() - y).abs())
    };
    let (rect, inner) = (sides(annotation, "Rect"), sides(appearance, "BBox"));
    let scale = (rect.0 / inner.0).max(rect.1 / inner.1);
    if scale.is_finite() { scale } else { 1.0 }
}

/// The normal appearance of an annotation in its state.
fn appearances<'a>(annotation: &Dict<'a>) -> Vec<Stream<'a>> {
    let normal = annotation
        .get::<Dict<'a>>(b"AP")
        .and_then(|appearance| appearance.get::<Object<'a>>(b"N"));
    match normal {
        Some(Object::Stream(stream)) => vec![stream],
        Some(Object::Dict(states)) => {
            let state = annotation.get::<Name<'a>>(b"AS");
            let chosen = state.and_then(|state| states.get::<Stream<'a>>(state.as_ref()));
            chosen
                .or_else(|| states.get::<Stream<'a>>(b"Off"))
                .into_iter()
                .collect()
        }
        _ => Vec::new(),
    }
}

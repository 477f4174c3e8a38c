//! Bookmarks, names of pages, and links (ISO 32000-2, 12.3, 12.4.2, 12.5.6.5).
//!
//! Only text and places are taken, and where the order keeps links, addresses of pages and mail addresses in
//! a spelling of our own. What runs or opens is not looked into.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "points and transforms are floats, whose arithmetic has no side effects"
)]

mod labels;

use crate::formats::html::target;
use hayro::hayro_interpret::TransformExt;
use hayro::kurbo::{Affine, Point, Rect};
use hayro_syntax::Pdf as Document;
use hayro_syntax::object::{
    Array, Dict, MaybeRef, Name, Object, ObjectIdentifier, String as PdfString,
};
use hayro_syntax::page::Page as Sheet;
use mugai_core::contents::{
    Contents, Entry, Link, MAX_ENTRIES, MAX_LEVELS, MAX_POINTS, MAX_TITLE, Spot, Way,
};
use mugai_core::layer::MAX_LINKS;
use mugai_core::markup::is_address;
use mugai_core::{Cx, FindingCode, Layer, Links, Piece, Refusal, Resource};
use std::collections::{HashMap, HashSet};

/// Steps that one bookmark, link or name costs.
const STEPS: u64 = 32;
/// The most names of places that are looked at.
const MAX_NAMES: usize = 100_000;
/// The longest side on paper that is stated, in points.
const MAX_SIDE_PT: f64 = 14_400.0;

/// The ways through one document.
pub(super) struct Ways<'a> {
    document: &'a Document,
    /// Pages by the numbers of their objects.
    pages: HashMap<ObjectIdentifier, u32>,
    /// From the space of each page to points from the left upper corner, and the height in points.
    places: Vec<(Affine, f64)>,
    /// Places that have names; looked for when the first one is needed.
    names: Option<HashMap<Vec<u8>, Object<'a>>>,
    /// Addresses of the document that no link has kept so far.
    addresses: u32,
}

impl<'a> Ways<'a> {
    /// `addresses` is how many the document has.
    pub(super) fn of(document: &'a Document, addresses: u32) -> Self {
        let mut pages = HashMap::new();
        let mut places = Vec::new();
        for (number, sheet) in (0u32..).zip(document.pages().iter()) {
            if let Some(id) = sheet.raw().obj_id() {
                pages.entry(id).or_insert(number);
            }
            places.push(place(sheet));
        }
        Self {
            document,
            pages,
            places,
            names: None,
            addresses,
        }
    }

    /// Puts what the document has of bookmarks and names of pages.
    pub(super) fn put(&mut self, cx: &mut Cx<'_>) -> Result<(), Refusal> {
        cx.note_times(FindingCode::PdfLink, self.addresses);
        let entries = self.bookmarks(cx)?;
        let has_outline = catalog(self.document).is_some_and(|dict| dict.contains_key(b"Outlines"));
        if has_outline && entries.is_empty() {
            cx.note(FindingCode::PdfOutline);
        }
        let labels = labels::of(self.document, self.places.len(), cx)?;
        if entries.is_empty() && labels.is_empty() {
            return Ok(());
        }
        if !entries.is_empty() {
            cx.note(FindingCode::PdfOutlineKept);
        }
        let contents = Contents::new(entries, labels, cx.budget())?;
        cx.put(Piece::Contents(Box::new(contents)))
    }

    /// `layer` with the links of `sheet`, which is page `number`.
    pub(super) fn layer(
        &mut self,
        layer: Layer,
        sheet: &'a Sheet<'a>,
        number: usize,
        cx: &mut Cx<'_>,
    ) -> Result<Layer, Refusal> {
        let Some(annotations) = sheet.raw().get::<Array<'a>>(b"Annots") else {
            return Ok(layer);
        };
        let mut links = Vec::new();
        for annotation in annotations.iter::<Dict<'a>>() {
            cx.charge(Resource::Steps, STEPS)?;
            if links.len() < MAX_LINKS {
                links.extend(self.link(&annotation, number, cx)?);
            }
        }
        let count = u32::try_from(links.len()).unwrap_or(u32::MAX);
        cx.note_times(FindingCode::PdfLinkKept, count);
        layer.with_links(links, cx.budget())
    }

    fn link(
        &mut self,
        annotation: &Dict<'a>,
        number: usize,
        cx: &Cx<'_>,
    ) -> Result<Option<Link>, Refusal> {
        const HIDDEN_OR_NO_VIEW: u32 = 0b10_0010;
        let subtype = annotation.get::<Name<'_>>(b"Subtype");
        let flags = annotation.get::<u32>(b"F").unwrap_or(0);
        if subtype.is_none_or(|name| name.as_ref() != b"Link") || flags & HIDDEN_OR_NO_VIEW != 0 {
            return Ok(None);
        }
        let to = match self.target(annotation, cx)? {
            Some(spot) => Way::Spot(spot),
            None => match address(annotation, cx) {
                Some(address) => Way::Address(address),
                None => return Ok(None),
            },
        };
        let (Some([x0, y0, x1, y1]), Some((place, _))) =
            (annotation.get::<[f64; 4]>(b"Rect"), self.places.get(number))
        else {
            return Ok(None);
        };
        let area = place.transform_rect_bbox(Rect::new(x0, y0, x1, y1).abs());
        let sides = [
            area.x0.floor(),
            area.y0.floor(),
            area.x1.ceil(),
            area.y1.ceil(),
        ];
        let [left, top, right, bottom] = sides.map(points);
        if left >= right || top >= bottom {
            return Ok(None);
        }
        if matches!(to, Way::Address(_)) {
            self.addresses = self.addresses.saturating_sub(1);
        }
        Ok(Some(Link {
            area: [left, top, right, bottom],
            to,
        }))
    }

    /// Where a bookmark or link leads, if that is a place in the file.
    fn target(&mut self, dict: &Dict<'a>, cx: &Cx<'_>) -> Result<Option<Spot>, Refusal> {
        let mut to = dict.get::<Object<'a>>(b"Dest");
        if to.is_none()
            && let Some(action) = dict.get::<Dict<'a>>(b"A")
            && action
                .get::<Name<'_>>(b"S")
                .is_some_and(|name| name.as_ref() == b"GoTo")
        {
            to = action.get::<Object<'a>>(b"D");
        }
        self.spot(to, cx)
    }

    fn spot(&mut self, to: Option<Object<'a>>, cx: &Cx<'_>) -> Result<Option<Spot>, Refusal> {
        let mut to = to;
        // a name stands for a place, or for a dictionary with one
        for _ in 0..3 {
            to = match to {
                Some(Object::Array(place)) => return Ok(self.explicit(&place)),
                Some(Object::Dict(dict)) => dict.get::<Object<'a>>(b"D"),
                Some(Object::Name(name)) => self.named(name.as_ref(), cx)?,
                Some(Object::String(name)) => self.named(name.as_bytes(), cx)?,
                _ => None,
            };
        }
        Ok(None)
    }

    /// `[page /XYZ left top zoom]` and the like.
    fn explicit(&self, place: &Array<'a>) -> Option<Spot> {
        let mut items = place.raw_iter();
        let page = match items.next()? {
            MaybeRef::Ref(id) => *self.pages.get(&id.into())?,
            MaybeRef::NotRef(Object::Number(number)) => {
                u32::try_from(super::text::place::whole(number.as_f64())).ok()?
            }
            MaybeRef::NotRef(_) => return None,
        };
        let fit = items.next()?;
        let numbers: Vec<Option<f64>> = items
            .map(|item| match item {
                MaybeRef::NotRef(Object::Number(number)) => Some(number.as_f64()),
                MaybeRef::NotRef(_) | MaybeRef::Ref(_) => None,
            })
            .collect();
        let at = |index: usize| numbers.get(index).copied().flatten();
        let (left, top) = match &fit {
            MaybeRef::NotRef(Object::Name(name)) => match name.as_ref() {
                b"XYZ" => (at(0), at(1)),
                b"FitH" | b"FitBH" => (None, at(0)),
                b"FitR" => (at(0), at(3)),
                _ => (None, None),
            },
            MaybeRef::NotRef(_) | MaybeRef::Ref(_) => (None, None),
        };
        let (transform, height) = self.places.get(usize::try_from(page).ok()?)?;
        let down = top.map_or(0.0, |top| {
            let point = *transform * Point::new(left.unwrap_or(0.0), top);
            point.y.clamp(0.0, *height)
        });
        Some(Spot {
            page,
            down: points(down.round()),
        })
    }

    fn named(&mut self, name: &[u8], cx: &Cx<'_>) -> Result<Option<Object<'a>>, Refusal> {
        if self.names.is_none() {
            self.names = Some(names(self.document, cx)?);
        }
        Ok(self
            .names
            .as_ref()
            .and_then(|names| names.get(name).cloned()))
    }

    /// All bookmarks, in the order in which they are shown.
    fn bookmarks(&mut self, cx: &mut Cx<'_>) -> Result<Vec<Entry>, Refusal> {
        let mut entries: Vec<Entry> = Vec::new();
        let Some(root) = catalog(self.document)
            .and_then(|catalog| catalog.get::<Dict<'a>>(b"Outlines"))
            .and_then(|root| root.get::<Dict<'a>>(b"First"))
        else {
            return Ok(entries);
        };
        // what comes next, from the last one to the first
        let mut waiting = vec![(root, 0u8)];
        let mut seen: HashSet<ObjectIdentifier> = HashSet::new();
        while let Some((item, level)) = waiting.pop() {
            cx.charge(Resource::Steps, STEPS)?;
            if entries.len() >= MAX_ENTRIES {
                cx.note(FindingCode::PdfOutline);
                break;
            }
            // a loop ends where it began
            if item.obj_id().is_some_and(|id| !seen.insert(id)) || seen.len() > MAX_NAMES {
                continue;
            }
            let title = item.get::<PdfString<'_>>(b"Title");
            let title = title.map(|title| super::text::strings::text_string(title.as_bytes()));
            let title: String = title.unwrap_or_default().chars().take(MAX_TITLE).collect();
            let title = cx.line(&title);
            if let Some(next) = item.get::<Dict<'a>>(b"Next") {
                waiting.push((next, level));
            }
            // a bookmark without a title hides what is below it
            if title.is_empty() || title.as_str().chars().count() > MAX_TITLE {
                continue;
            }
            let below = level.saturating_add(1);
            if below < MAX_LEVELS
                && let Some(first) = item.get::<Dict<'a>>(b"First")
            {
                waiting.push((first, below));
            }
            let to = self.target(&item, cx)?;
            entries.push(Entry { level, title, to });
        }
        Ok(entries)
    }
}

/// The page or mail address that a link leads to, where the order keeps links.
fn address(annotation: &Dict<'_>, cx: &Cx<'_>) -> Option<Box<str>> {
    if cx.params().links != Links::Keep {
        return None;
    }
    let action = annotation.get::<Dict<'_>>(b"A")?;
    let kind = action.get::<Name<'_>>(b"S")?;
    if kind.as_ref() != b"URI" {
        return None;
    }
    let address = action.get::<PdfString<'_>>(b"URI")?;
    let address = std::str::from_utf8(address.as_bytes()).ok()?;
    let live = target::live(address)?;
    is_address(&live).then(|| live.into())
}

fn catalog(document: &Document) -> Option<Dict<'_>> {
    let xref = document.xref();
    xref.get::<Dict<'_>>(xref.root_id())
}

/// From the space of `sheet` to points, as they are on the paper that is written.
fn place(sheet: &Sheet<'_>) -> (Affine, f64) {
    let unit = sheet.raw().get::<f32>(b"UserUnit").map_or(1.0, f64::from);
    let unit = if unit.is_finite() && unit > 0.0 {
        unit
    } else {
        1.0
    };
    let (width, height) = sheet.render_dimensions();
    let (width, height) = (f64::from(width) * unit, f64::from(height) * unit);
    let shrink = (MAX_SIDE_PT / width.max(height)).min(1.0);
    let upright = sheet.initial_transform(true).to_kurbo();
    (Affine::scale(unit * shrink) * upright, height * shrink)
}

fn points(side: f64) -> u16 {
    let clamped = side.clamp(0.0, f64::from(MAX_POINTS));
    u16::try_from(super::text::place::whole(clamped)).unwrap_or(0)
}

/// All places that have names: of the old dictionary and of the tree.
fn names<'a>(document: &'a Document, cx: &Cx<'_>) -> Result<HashMap<Vec<u8>, Object<'a>>, Refusal> {
    let mut names = HashMap::new();
    let Some(catalog) = catalog(document) else {
        return Ok(names);
    };
    if let Some(old) = catalog.get::<Dict<'a>>(b"Dests") {
        cx.charge_len(Resource::Steps, old.len().saturating_mul(4))?;
        for key in old.keys().take(MAX_NAMES) {
            if let Some(place) = old.get::<Object<'a>>(key.as_ref()) {
                names.insert(key.as_ref().to_vec(), place);
            }
        }
    }
    let root = catalog
        .get::<Dict<'a>>(b"Names")
        .and_then(|names| names.get::<Dict<'a>>(b"Dests"));
    let mut waiting: Vec<Dict<'a>> = root.into_iter().collect();
    let mut seen: HashSet<ObjectIdentifier> = HashSet::new();
    while let Some(node) = waiting.pop() {
        cx.charge(Resource::Steps, STEPS)?;
        if node.obj_id().is_some_and(|id| !seen.insert(id)) || seen.len() > MAX_NAMES {
            continue;
        }
        if let Some(kids) = node.get::<Array<'a>>(b"Kids") {
            for kid in kids.iter::<Dict<'a>>() {
                cx.charge(Resource::Steps, STEPS)?;
                // kids without a number of their own cannot loop
                waiting.push(kid);
            }
        }
        if let Some(pairs) = node.get::<Array<'a>>(b"Names") {
            let mut pairs = pairs.iter::<Object<'a>>();
            while let (Some(name), Some(place)) = (pairs.next(), pairs.next()) {
                cx.charge(Resource::Steps, STEPS)?;
                if let Object::String(name) = name
                    && names.len() < MAX_NAMES
                {
                    names.entry(name.as_bytes().to_vec()).or_insert(place);
                }
            }
        }
    }
    Ok(names)
}

//! The shapes of glyphs that are small drawings.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "points and transforms are floats, whose arithmetic has no side effects"
)]

use super::ink::{colour_of, has_ink};
use super::scribe::is_normal;
use super::shape::{Own, Pair, Shape, edges};
use crate::formats::pdf::trace::stroked;
use hayro::hayro_interpret::font::GlyphRun;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, Paint, SoftMask,
};
use hayro::kurbo::{Affine, BezPath, Rect, Vec2};

/// Takes what a small drawing paints, and its colour.
pub(super) struct Lines {
    path: BezPath,
    /// Points just inside and outside of what stencils paint.
    edges: Vec<Pair>,
    /// Where stencils and pictures are.
    area: Option<Rect>,
    has_pictures: bool,
    /// The colour of the first paint.
    colour: Option<[u8; 3]>,
    /// Whether there are others, or blended ones.
    is_mixed: bool,
    /// What the groups around it leave of all paint, those within it last.
    opacity: Vec<f32>,
}

impl Lines {
    pub(super) fn of(opacity: f32) -> Self {
        Self {
            path: BezPath::new(),
            edges: Vec::new(),
            area: None,
            has_pictures: false,
            colour: None,
            is_mixed: false,
            opacity: vec![opacity],
        }
    }

    /// The shape, when the glyph begins at `origin`.
    pub(super) fn shape(self, origin: Vec2) -> Shape {
        let own = match self.colour {
            Some(colour) if !self.is_mixed => Own::One(colour),
            _ => Own::Several,
        };
        let mut shape = Shape::of(&(Affine::translate(-origin) * self.path));
        shape.own = Some(own);
        if let Some(area) = self.area.filter(Rect::is_finite) {
            let area = Affine::translate(-origin).transform_rect_bbox(area);
            shape.area = Some(shape.area.map_or(area, |all| all.union(area)));
            if self.has_pictures {
                // nobody knows where in it there is ink
                shape.pairs.clear();
            } else {
                let edges = self.edges.into_iter().map(|pair| pair.moved(-origin));
                shape.pairs.extend(edges);
            }
        }
        shape
    }

    fn left(&self) -> f32 {
        self.opacity.iter().product()
    }

    fn take(&mut self, paint: &Paint<'_>, blend: BlendMode) {
        let colour = colour_of(paint).map(|[r, g, b, _]| [r, g, b]);
        self.is_mixed |= colour.is_none() || !is_normal(blend);
        self.is_mixed |= self.colour.is_some_and(|first| Some(first) != colour);
        self.colour = self.colour.or(colour);
    }

    fn reach(&mut self, area: Rect) {
        self.area = Some(self.area.map_or(area, |all| all.union(area)));
    }
}

impl<'a> Device<'a> for Lines {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, mode: &DrawMode) {
        if matches!(mode, DrawMode::Invisible) || !has_ink(&props, self.left()) {
            return;
        }
        self.take(&props.paint, props.blend_mode);
        if matches!(mode, DrawMode::Fill(_) | DrawMode::FillAndStroke(..)) {
            self.path
                .extend((props.transform * path).elements().iter().copied());
        }
        if let DrawMode::Stroke(pen) | DrawMode::FillAndStroke(_, pen) = mode {
            let outline = props.transform * stroked(path, pen);
            self.path.extend(outline.elements().iter().copied());
        }
    }

    fn push_clip_path(&mut self, _: &ClipPath) {}

    fn push_transparency_group(&mut self, opacity: f32, _: Option<SoftMask<'a>>, blend: BlendMode) {
        self.is_mixed |= !is_normal(blend);
        self.opacity.push(opacity);
    }

    fn draw_glyph_run(&mut self, _: &GlyphRun<'_, 'a>, _: DrawProps<'a>, _: &DrawMode) {}

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        let stencil = match &image {
            Image::Stencil(stencil) => stencil,
            Image::Raster(raster) => {
                self.has_pictures = true;
                self.is_mixed = true;
                let area = Rect::new(
                    0.0,
                    0.0,
                    f64::from(raster.width()),
                    f64::from(raster.height()),
                );
                self.reach(props.transform.transform_rect_bbox(area));
                return;
            }
        };
        let opacity = self.left();
        let mut found = None;
        stencil.with_stencil(
            |luma, paint| {
                let props = DrawProps {
                    transform: props.transform,
                    paint: paint.clone(),
                    soft_mask: None,
                    blend_mode: props.blend_mode,
                };
                // the levels of a stencil are what it leaves of its paint
                if has_ink(&props, opacity) && luma.data.iter().any(|level| *level >= 128) {
                    let (across, down) = luma.scale_factors;
                    let scale = Affine::scale_non_uniform(f64::from(across), f64::from(down));
                    let place = props.transform * scale;
                    let area = Rect::new(0.0, 0.0, f64::from(luma.width), f64::from(luma.height));
                    let area = place.transform_rect_bbox(area);
                    found = Some((edges(&luma, place), area, props.paint));
                }
            },
            None,
        );
        if let Some((edges, area, paint)) = found {
            self.take(&paint, props.blend_mode);
            self.edges.extend(edges);
            self.reach(area);
        }
    }

    fn pop_clip(&mut self) {}

    fn pop_transparency_group(&mut self) {
        if self.opacity.len() > 1 {
            self.opacity.pop();
        }
    }
}

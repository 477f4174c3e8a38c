//! Gradients and meshes become pixels within their outline.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "points and transforms are floats, whose arithmetic has no side effects"
)]

use super::pictures::Raw;
use super::{Tracer, What, outline_of};
use hayro::hayro_interpret::encode::ShadingTexture;
use hayro::hayro_interpret::pattern::ShadingPattern;
use hayro::kurbo::{BezPath, Rect, Shape as _};
use mugai_core::drawing::{Mix, Rule, Step};

impl Tracer<'_, '_, '_> {
    /// Paints `path`, in pixels, of which `area` is seen, with a gradient.
    pub(super) fn shade(
        &mut self,
        path: &BezPath,
        rule: Rule,
        shading: &ShadingPattern,
        area: Rect,
        mix: Mix,
    ) {
        let area = area.expand().intersect(self.target);
        if self.is_unsayable || area.width() < 1.0 || area.height() < 1.0 {
            return;
        }
        let texture = shading.encode().render_texture(area, 1.0);
        let [picture, mask] = raws(&texture);
        let mask = texture.has_transparency.then_some(mask);
        let unit = Rect::new(
            area.x0,
            area.y0,
            area.x0 + f64::from(texture.width),
            area.y0 + f64::from(texture.height),
        );
        let corners = self.tracing.page.transform_rect_bbox(unit);
        let sides =
            [corners.width(), corners.height(), corners.x0, corners.y0].map(super::paths::whole);
        let ([Some(width), Some(height), Some(left), Some(top)], Some(within)) =
            (sides, outline_of(&(self.tracing.page * path.clone()), 1.0))
        else {
            self.cannot_say();
            return;
        };
        let Some(picture) = self
            .tracing
            .album
            .add(picture, mugai_core::Purpose::Picture)
        else {
            self.cannot_say();
            return;
        };
        let mask = match mask.map(|mask| self.tracing.album.add(mask, mugai_core::Purpose::Mask)) {
            Some(None) => {
                self.cannot_say();
                return;
            }
            Some(mask) => mask,
            None => None,
        };
        // a path of a shading is its own border too
        let inner = shading.shading.clip_path.clone();
        let inner = inner.filter(|path| !super::is_around(path, self.target));
        let borders = [
            (!is_box(path)).then_some((within, rule)),
            inner
                .and_then(|path| outline_of(&(self.tracing.page * path), 1.0))
                .map(|path| (path, Rule::NonZero)),
        ];
        let mut open = 0usize;
        for (path, rule) in borders.into_iter().flatten() {
            self.put(What::Step(Step::Clip(path, rule)), area);
            open = open.saturating_add(1);
        }
        let step = Step::Picture {
            picture,
            mask,
            matrix: [width, 0, 0, height, left, top],
            mix,
        };
        self.put(What::Step(step), area);
        for _ in 0..open {
            self.put(What::Step(Step::Unclip), area);
        }
    }
}

/// The colours of a texture and its opacity.
fn raws(texture: &ShadingTexture) -> [Raw; 2] {
    let (colours, alphas): (Vec<[u8; 3]>, Vec<u8>) = texture
        .data
        .as_chunks::<4>()
        .0
        .iter()
        .map(|[r, g, b, alpha]| ([*r, *g, *b], *alpha))
        .unzip();
    [(colours.into_flattened(), 3), (alphas, 1)].map(|(colours, components)| Raw {
        width: texture.width,
        height: texture.height,
        colours,
        components,
        is_photographic: false,
    })
}

/// Whether nothing of the box around `path` lies outside of it, so that it need not cut.
fn is_box(path: &BezPath) -> bool {
    let area = path.bounding_box();
    let is_whole = |side: f64| (side - side.round()).abs() < 1e-6;
    super::is_around(path, area)
        && [area.x0, area.y0, area.x1, area.y1]
            .into_iter()
            .all(is_whole)
}

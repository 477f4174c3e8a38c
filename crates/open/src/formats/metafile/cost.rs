//! What drawing costs, paid before it is done.

use super::paint::Painter;
use super::{single, whole};
use mugai_core::Refusal;
use tiny_skia::Path;

impl Painter<'_> {
    /// Pays for a mask of the canvas.
    pub(super) fn charge_canvas(&self) -> Result<(), Refusal> {
        self.charge(self.pixmap.data().len() / 32)
    }

    /// Pays for painting where an outline is, `share` pixels a step.
    pub(super) fn charge_area(&self, outline: &Path, share: f32) -> Result<(), Refusal> {
        let bounds = outline.bounds();
        let sides = (
            bounds.right().min(single(i64::from(self.pixmap.width()))) - bounds.left().max(0.0),
            bounds.bottom().min(single(i64::from(self.pixmap.height()))) - bounds.top().max(0.0),
        );
        self.charge_pixels(sides.0.max(1.0) * sides.1.max(1.0) / share)
    }

    /// Pays for the edges of an outline, which are followed down the canvas row by row and put in order
    /// in each; `width` is that of a pen.
    pub(super) fn charge_edges(&self, outline: &Path, width: f32) -> Result<(), Refusal> {
        let height = single(i64::from(self.pixmap.height()));
        let mut last = 0.0f32;
        let rows: f32 = outline
            .points()
            .iter()
            .map(|point| {
                let row = point.y.clamp(0.0, height);
                let rows = (row - last).abs() + width.min(height);
                last = row;
                rows
            })
            .sum();
        // each edge may have to pass all that lie in its rows
        let edges = single(i64::try_from(outline.points().len()).unwrap_or(i64::MAX));
        let beside = (rows / height).min(edges);
        self.charge_pixels(rows / 4.0 + edges * beside / 64.0)
    }

    pub(super) fn charge_pixels(&self, steps: f32) -> Result<(), Refusal> {
        let steps = whole(steps, 1e9).saturating_add(64);
        self.charge(usize::try_from(steps).unwrap_or(usize::MAX))
    }
}

//! The numbers by which drawings know pictures and glyphs, where several readers count for themselves.

use super::{Drawing, Step};
use crate::page::{Page, Purpose};
use crate::piece::Piece;

/// How many pictures and glyphs have come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Pages that are pictures, masks or stencils of drawings to come.
    pub pictures: u32,
    /// Glyphs that drawings brought along.
    pub glyphs: u32,
}

impl Numbers {
    /// Counts what `piece` brings; `None` where that is more than there are numbers.
    #[must_use]
    pub fn with(self, piece: &Piece) -> Option<Self> {
        let (pictures, glyphs) = match piece {
            Piece::Page(page) => (u32::from(is_picture(page)), 0),
            Piece::Drawing(drawing) => (0, u32::try_from(drawing.glyphs.len()).ok()?),
            Piece::Text(_)
            | Piece::Row(_)
            | Piece::Markup(_)
            | Piece::Envelope(_)
            | Piece::Contents(_)
            | Piece::Child(_) => (0, 0),
        };
        Some(Self {
            pictures: self.pictures.checked_add(pictures)?,
            glyphs: self.glyphs.checked_add(glyphs)?,
        })
    }
}

fn is_picture(page: &Page) -> bool {
    page.purpose() != Purpose::Sheet
}

impl Drawing {
    /// The same drawing where pictures and glyphs that were counted from `ours` on are counted from `theirs` on.
    /// `None` where it shows one that came before `ours`, or has not come by `until`, which counts the glyphs that
    /// it brings along.
    #[must_use]
    pub fn renumbered(mut self, ours: Numbers, until: Numbers, theirs: Numbers) -> Option<Self> {
        let moved = |number: u32, ours: u32, until: u32, theirs: u32| {
            let place = number.checked_sub(ours).filter(|_| number < until)?;
            theirs.checked_add(place)
        };
        let picture = |number| moved(number, ours.pictures, until.pictures, theirs.pictures);
        let glyph = |number| moved(number, ours.glyphs, until.glyphs, theirs.glyphs);
        for step in &mut self.steps {
            match step {
                Step::Picture {
                    picture: number,
                    mask,
                    ..
                } => {
                    *number = picture(*number)?;
                    if let Some(mask) = mask {
                        *mask = picture(*mask)?;
                    }
                }
                Step::Stencil {
                    picture: number, ..
                } => *number = picture(*number)?,
                Step::Glyphs { glyphs, .. } => {
                    for placed in glyphs {
                        placed.glyph = glyph(placed.glyph)?;
                    }
                }
                Step::Clip(..) | Step::Unclip | Step::Fill(..) | Step::Stroke(..) => {}
            }
        }
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::{Budget, Limits};
    use crate::drawing::{Glyph, Ink, Mix, Path, Placed};
    use crate::layer::Layer;

    fn drawing(picture: u32, mask: Option<u32>, glyphs: &[u32], brings: usize) -> Drawing {
        let glyph = Glyph::new(Path::default(), 500, String::from(" ")).unwrap();
        let placed = glyphs.iter().map(|glyph| Placed {
            glyph: *glyph,
            at: (0, 0),
        });
        let rgb = [0; 3];
        let mix = Mix::SOLID;
        let steps = vec![
            Step::Picture {
                picture,
                mask,
                matrix: [1, 0, 0, 1, 0, 0],
                mix,
            },
            Step::Glyphs {
                matrix: [1, 0, 0, 1],
                ink: Ink { rgb, mix },
                glyphs: placed.collect(),
            },
        ];
        let budget = Budget::new(Limits {
            bytes: 1 << 20,
            ..Limits::NOTHING
        });
        let glyphs = vec![glyph; brings];
        Drawing::new((1, 1), Layer::default(), glyphs, steps, &budget).unwrap()
    }

    #[test]
    fn what_came_lately_is_counted_anew_and_nothing_else_is_known() {
        let ours = Numbers {
            pictures: 3,
            glyphs: 10,
        };
        let theirs = Numbers {
            pictures: 40,
            glyphs: 0,
        };
        let brought = drawing(4, Some(3), &[10, 12], 3);
        let until = Numbers {
            pictures: 5,
            ..ours
        };
        let until = until
            .with(&Piece::Drawing(Box::new(brought.clone())))
            .unwrap();
        assert_eq!(until.glyphs, 13);
        assert_eq!(
            brought.renumbered(ours, until, theirs),
            Some(drawing(41, Some(40), &[0, 2], 3))
        );
        let unknown = [
            drawing(2, None, &[10], 3),
            drawing(5, None, &[10], 3),
            drawing(3, Some(2), &[10], 3),
            drawing(3, Some(5), &[10], 3),
            drawing(3, None, &[9], 3),
            drawing(3, None, &[10, 13], 3),
        ];
        for drawing in unknown {
            assert_eq!(drawing.renumbered(ours, until, theirs), None);
        }
        let full = Numbers {
            pictures: 0,
            glyphs: u32::MAX - 2,
        };
        let three = Piece::Drawing(Box::new(drawing(0, None, &[0], 3)));
        assert_eq!(full.with(&three), None);
    }
}

//! Outlines.

use crate::refusal::Refusal;

/// The furthest place from the corner of a page, in hundredths of a point: the largest page of the
/// standard has 1,440,000 of them a side.
pub const MAX_PLACE: i32 = 4_000_000;
/// The most segments of one outline.
const MAX_SEGMENTS: usize = 1_000_000;

/// A place: across and down.
pub type Place = (i32, i32);

/// A piece of an outline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Segment {
    /// A new piece begins here.
    Move(Place),
    /// A straight line goes here.
    Line(Place),
    /// A Bézier curve goes to the third place, bent by the first two.
    Curve(Place, Place, Place),
    /// A line goes back to where the piece began, which ends it.
    Close,
}

/// An outline of any number of pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Path(Vec<Segment>);

impl Path {
    /// An outline of `segments`.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] unless each piece begins with a [`Segment::Move`] that something
    /// follows, all places are within [`MAX_PLACE`], and there are at most a million segments.
    pub fn new(segments: Vec<Segment>) -> Result<Self, Refusal> {
        let bad = Refusal::malformed("drawing: outline");
        if segments.len() > MAX_SEGMENTS {
            return Err(bad);
        }
        let near = |place: &Place| {
            let most = MAX_PLACE.unsigned_abs();
            place.0.unsigned_abs() <= most && place.1.unsigned_abs() <= most
        };
        let mut before = Segment::Close;
        for segment in &segments {
            let follows = match (before, segment) {
                (Segment::Close | Segment::Line(_) | Segment::Curve(..), Segment::Move(place)) => {
                    near(place)
                }
                (
                    Segment::Move(_) | Segment::Line(_) | Segment::Curve(..),
                    Segment::Line(place),
                ) => near(place),
                (
                    Segment::Move(_) | Segment::Line(_) | Segment::Curve(..),
                    Segment::Curve(first, second, place),
                ) => near(first) && near(second) && near(place),
                (Segment::Line(_) | Segment::Curve(..), Segment::Close) => true,
                (Segment::Move(_), Segment::Move(_) | Segment::Close) | (Segment::Close, _) => {
                    false
                }
            };
            if !follows {
                return Err(bad);
            }
            before = *segment;
        }
        if matches!(before, Segment::Move(_)) {
            return Err(bad);
        }
        Ok(Self(segments))
    }

    /// The segments.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// Whether there is nothing to draw.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All places, those that bend curves included.
    pub fn places(&self) -> impl Iterator<Item = Place> + '_ {
        self.0.iter().flat_map(|segment| {
            let places = match *segment {
                Segment::Move(place) | Segment::Line(place) => [Some(place), None, None],
                Segment::Curve(first, second, place) => [Some(first), Some(second), Some(place)],
                Segment::Close => [None; 3],
            };
            places.into_iter().flatten()
        })
    }

    /// The largest number in it, whatever its sign.
    pub(super) fn reach(&self) -> i32 {
        self.places()
            .map(|(x, y)| x.saturating_abs().max(y.saturating_abs()))
            .max()
            .unwrap_or(0)
    }

    /// Bytes that it takes of a purse.
    pub(super) fn price(&self) -> usize {
        let price = |segment: &Segment| match segment {
            Segment::Move(_) | Segment::Line(_) => 9usize,
            Segment::Curve(..) => 25,
            Segment::Close => 1,
        };
        self.0.iter().map(price).fold(4, usize::saturating_add)
    }
}

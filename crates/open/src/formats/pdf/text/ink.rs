//! Whether paint leaves anything on a page.

use hayro::hayro_interpret::pattern::Pattern;
use hayro::hayro_interpret::{BlendMode, DrawProps, Paint};

/// Levels of 255 that are too few to be seen.
pub(super) const CONTRAST: u8 = 10;

/// The levels of a colour and its opacity; `None` for patterns.
pub(super) fn colour_of(paint: &Paint<'_>) -> Option<[u8; 4]> {
    match paint {
        Paint::Color(colour) => Some(colour.to_rgba().to_rgba8()),
        Paint::Pattern(_) => None,
    }
}

/// Whether what is painted with `props` can be seen, where groups leave `opacity` of it.
pub(super) fn has_ink(props: &DrawProps<'_>, opacity: f32) -> bool {
    let of_paint = match &props.paint {
        Paint::Color(colour) => f32::from(colour.to_rgba().to_rgba8()[3]) / 255.0,
        Paint::Pattern(pattern) => match &**pattern {
            Pattern::Shading(shading) => shading.opacity,
            Pattern::Tiling(tiling) => tiling.opacity,
        },
    };
    let is_opaque = of_paint * opacity * 255.0 >= f32::from(CONTRAST);
    is_opaque
        && !colour_of(&props.paint)
            .is_some_and(|[r, g, b, _]| is_neutral(props.blend_mode, [r, g, b]))
}

/// Whether paint of that colour leaves what is below it (ISO 32000-2, table 134 and 135).
fn is_neutral(blend: BlendMode, colour: [u8; 3]) -> bool {
    match blend {
        BlendMode::Multiply | BlendMode::Darken | BlendMode::ColorBurn => colour
            .iter()
            .all(|level| u8::MAX.abs_diff(*level) < CONTRAST),
        BlendMode::Screen
        | BlendMode::Lighten
        | BlendMode::ColorDodge
        | BlendMode::Difference
        | BlendMode::Exclusion => colour.iter().all(|level| *level < CONTRAST),
        BlendMode::Normal
        | BlendMode::Overlay
        | BlendMode::HardLight
        | BlendMode::SoftLight
        | BlendMode::Hue
        | BlendMode::Saturation
        | BlendMode::Color
        | BlendMode::Luminosity => false,
    }
}

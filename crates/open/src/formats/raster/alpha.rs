//! Transparency: everything is drawn on white paper. Of pictures that a document shows it is kept beside that.

use super::{Facts, Layout};
use mugai_core::{Cx, FindingCode, PixelFormat, Refusal, Resource};

/// How much each pixel of a picture that a document shows covers, unless all of them cover all.
pub(super) fn opacity(
    samples: &[u8],
    layout: Layout,
    facts: &Facts,
    cx: &Cx<'_>,
) -> Result<Option<Vec<u8>>, Refusal> {
    let channels = match layout {
        Layout::GreyAlpha => 2,
        Layout::Rgba => 4,
        Layout::Grey | Layout::Rgb | Layout::Cmyk => return Ok(None),
    };
    if !cx.hints().shown {
        return Ok(None);
    }
    let alphas = || samples.chunks_exact(channels).filter_map(<[u8]>::last);
    let unused = facts.alpha_may_be_unused && alphas().all(|alpha| *alpha == 0);
    if unused || alphas().all(|alpha| *alpha == u8::MAX) {
        return Ok(None);
    }
    cx.charge_len(Resource::Bytes, alphas().count())?;
    Ok(Some(alphas().copied().collect()))
}

/// Pixels are at least as light as what shows through them: a conversion of colours may have made them darker.
pub(super) fn uncovered_is_white(samples: &mut [u8], format: PixelFormat, opacity: &[u8]) {
    let pixels = samples.chunks_exact_mut(format.bytes());
    for (pixel, covers) in pixels.zip(opacity) {
        for sample in pixel {
            *sample = (*sample).max(!covers);
        }
    }
}

/// Samples without alpha, and their layout. Pixels that were never opaque are reported.
pub(super) fn draw_on_white(
    samples: Vec<u8>,
    layout: Layout,
    facts: &Facts,
    cx: &mut Cx<'_>,
) -> Result<(Vec<u8>, Layout), Refusal> {
    let (drawn, layout, transparent) = match layout {
        Layout::Grey | Layout::Rgb | Layout::Cmyk => return Ok((samples, layout)),
        Layout::GreyAlpha => {
            cx.charge_len(Resource::Bytes, samples.len() / 2)?;
            let (drawn, transparent) = draw::<2>(&samples, facts);
            (drawn, Layout::Grey, transparent)
        }
        Layout::Rgba => {
            cx.charge_len(Resource::Bytes, samples.len() / 4)?;
            let (drawn, transparent) = draw::<4>(&samples, facts);
            (drawn, Layout::Rgb, transparent)
        }
    };
    cx.note_times(
        FindingCode::ImageAlpha,
        u32::from(transparent && !cx.hints().shown),
    );
    Ok((drawn, layout))
}

/// Colours of `N - 1` samples each, and whether any pixel was not opaque.
fn draw<const N: usize>(samples: &[u8], facts: &Facts) -> (Vec<u8>, bool) {
    let pixels = samples.as_chunks::<N>().0;
    let alphas = || pixels.iter().filter_map(|p| p.last());
    let unused = facts.alpha_may_be_unused && alphas().all(|a| *a == 0);
    let transparent = !unused && alphas().any(|a| *a != u8::MAX);
    let mut drawn = Vec::new();
    for pixel in pixels {
        let Some((alpha, colours)) = pixel.split_last() else {
            continue;
        };
        if !transparent {
            drawn.extend_from_slice(colours);
        } else if facts.premultiplied {
            let paper = u8::MAX.wrapping_sub(*alpha);
            drawn.extend(colours.iter().map(|c| c.saturating_add(paper)));
        } else {
            drawn.extend(colours.iter().map(|c| over_white(*c, *alpha)));
        }
    }
    (drawn, transparent)
}

/// `255 - (255 - colour) * alpha / 255`, rounded.
fn over_white(colour: u8, alpha: u8) -> u8 {
    let ink = u16::from(u8::MAX.wrapping_sub(colour)).wrapping_mul(u16::from(alpha));
    let ink = ink.saturating_add(127) / 255;
    u8::MAX.wrapping_sub(u8::try_from(ink).unwrap_or(u8::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_shows_through() {
        assert_eq!(
            (over_white(0, 0), over_white(0, 255), over_white(0, 51)),
            (255, 0, 204)
        );
        assert_eq!((over_white(255, 7), over_white(9, 255)), (255, 9));
    }

    #[test]
    fn alpha_is_used_unless_it_is_none() {
        let facts = Facts::default();
        let zero = [10, 20, 30, 0, 1, 2, 3, 0];
        assert_eq!(draw::<4>(&zero, &facts), (vec![255; 6], true));
        let unused = Facts {
            alpha_may_be_unused: true,
            ..Facts::default()
        };
        assert_eq!(
            draw::<4>(&zero, &unused),
            (vec![10, 20, 30, 1, 2, 3], false)
        );
        assert_eq!(draw::<4>(&[1, 2, 3, 255], &facts), (vec![1, 2, 3], false));
        let half = Facts {
            premultiplied: true,
            ..Facts::default()
        };
        assert_eq!(draw::<2>(&[100, 128], &half), (vec![227], true));
    }
}

//! Transparency: everything is drawn on white paper. Of pictures that a document shows it is kept beside that.

use super::{Facts, Layout};
use mugai_core::{Cx, FindingCode, Page, PixelFormat, Refusal, Resource};

/// How much each pixel covers, unless all of them cover all. What covers next to nothing covers nothing in pictures that
/// keep it. Pixels that were never opaque are reported where that is lost.
pub(super) fn taken(
    samples: &[u8],
    layout: Layout,
    facts: &Facts,
    cx: &mut Cx<'_>,
) -> Result<Option<Vec<u8>>, Refusal> {
    let channels = match layout {
        Layout::GreyAlpha => 2,
        Layout::Rgba => 4,
        Layout::Grey | Layout::Rgb | Layout::Cmyk => return Ok(None),
    };
    let alphas = || samples.chunks_exact(channels).filter_map(<[u8]>::last);
    let unused = facts.alpha_may_be_unused && alphas().all(|alpha| *alpha == 0);
    if unused || alphas().all(|alpha| *alpha == u8::MAX) {
        return Ok(None);
    }
    cx.charge_len(Resource::Bytes, alphas().count())?;
    if !cx.hints().shown {
        cx.note(FindingCode::ImageAlpha);
        return Ok(Some(alphas().copied().collect()));
    }
    Ok(Some(alphas().map(|alpha| Page::cover(*alpha)).collect()))
}

/// Samples without alpha, in the same room, and their layout.
pub(super) fn colours(mut samples: Vec<u8>, layout: Layout) -> (Vec<u8>, Layout) {
    let (channels, layout) = match layout {
        Layout::Grey | Layout::Rgb | Layout::Cmyk => return (samples, layout),
        Layout::GreyAlpha => (2, Layout::Grey),
        Layout::Rgba => (4, Layout::Rgb),
    };
    let mut place = 0u8;
    samples.retain(|_| {
        place = place.saturating_add(1);
        let is_alpha = place == channels;
        if is_alpha {
            place = 0;
        }
        !is_alpha
    });
    (samples, layout)
}

/// Draws colours of so many samples on white, where they do not cover it.
pub(super) fn draw_on_white(
    samples: &mut [u8],
    channels: usize,
    opacity: Option<&[u8]>,
    premultiplied: bool,
) {
    let pixels = samples.chunks_exact_mut(channels.max(1));
    for (pixel, alpha) in pixels.zip(opacity.unwrap_or_default()) {
        for sample in pixel {
            *sample = if premultiplied {
                sample.saturating_add(!alpha)
            } else {
                over_white(*sample, *alpha)
            };
        }
    }
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

/// `255 - (255 - colour) * alpha / 255`, rounded.
fn over_white(colour: u8, alpha: u8) -> u8 {
    let ink = u16::from(u8::MAX.wrapping_sub(colour)).wrapping_mul(u16::from(alpha));
    let ink = ink.saturating_add(127) / 255;
    u8::MAX.wrapping_sub(u8::try_from(ink).unwrap_or(u8::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::{Hints, Treatments};
    use mugai_testkit::show::taped;

    #[test]
    fn white_shows_through() {
        assert_eq!(
            (over_white(0, 0), over_white(0, 255), over_white(0, 51)),
            (255, 0, 204)
        );
        assert_eq!((over_white(255, 7), over_white(9, 255)), (255, 9));
    }

    fn drawn(samples: &[u8], layout: Layout, facts: &Facts, shown: bool) -> (Vec<u8>, Vec<u8>) {
        let hints = Hints {
            shown,
            ..Hints::default()
        };
        let (opacity, _) = taped(Treatments::nothing(), hints, |cx| {
            taken(samples, layout, facts, cx)
        });
        let opacity = opacity.unwrap();
        let (mut colours, layout) = colours(samples.to_vec(), layout);
        let channels = layout.channels();
        draw_on_white(
            &mut colours,
            channels,
            opacity.as_deref(),
            facts.premultiplied,
        );
        (colours, opacity.unwrap_or_default())
    }

    #[test]
    fn alpha_is_used_unless_it_is_none() {
        let facts = Facts::default();
        let zero = [10, 20, 30, 0, 1, 2, 3, 0];
        assert_eq!(
            drawn(&zero, Layout::Rgba, &facts, false),
            (vec![255; 6], vec![0, 0])
        );
        let unused = Facts {
            alpha_may_be_unused: true,
            ..Facts::default()
        };
        assert_eq!(
            drawn(&zero, Layout::Rgba, &unused, false),
            (vec![10, 20, 30, 1, 2, 3], Vec::new())
        );
        assert_eq!(
            drawn(&[1, 2, 3, 255], Layout::Rgba, &facts, true),
            (vec![1, 2, 3], Vec::new())
        );
        let half = Facts {
            premultiplied: true,
            ..Facts::default()
        };
        assert_eq!(
            drawn(&[100, 128], Layout::GreyAlpha, &half, false),
            (vec![227], vec![128])
        );
        // what nobody would see is not there
        assert_eq!(
            drawn(&[0, 3, 0, 4], Layout::GreyAlpha, &facts, true),
            (vec![255, 251], vec![0, 4])
        );
    }
}

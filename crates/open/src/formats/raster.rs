//! What the readers of pictures share: from decoded samples to a page.
//!
//! The order is always the same. The header tells the sides; [`pay`] checks them and pays for the
//! page and for what decoding needs; only then a decoder makes samples; [`finish`] draws them on
//! white, converts them to sRGB and turns them upright.

mod alpha;
pub(super) mod cursor;
pub(super) mod decode;
pub(super) mod density;
pub(super) mod depth;
pub(super) mod exif;
mod orient;
mod profile;
pub(super) mod ycc;

pub(super) use decode::{frames, refusal, still};
pub(super) use density::Density;
pub(super) use orient::Orientation;

use mugai_core::{Canvas, Cx, FindingCode, Page, Piece, PixelFormat, Refusal, Resource};

/// The largest colour profile that is looked at, in bytes: those of printing presses have 2 MiB.
pub(super) const MAX_PROFILE_BYTES: usize = 4 << 20;

/// What a file says about its picture beside the samples.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one independent thing that a file says"
)]
pub(super) struct Facts {
    pub(super) orientation: Orientation,
    /// A colour profile (ICC.1), not yet looked at.
    pub(super) icc: Option<Vec<u8>>,
    pub(super) density: Option<Density>,
    /// Whether samples were stored lossily.
    pub(super) photographic: bool,
    /// Whether the file ends before its picture does.
    pub(super) ends_early: bool,
    /// Whether an alpha of 0 everywhere means that there is no alpha, as writers of BMP do it.
    pub(super) alpha_may_be_unused: bool,
    /// Whether colours are multiplied by their alpha already.
    pub(super) premultiplied: bool,
}

/// The channels of a sample, eight bits each once decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    Grey,
    GreyAlpha,
    Rgb,
    Rgba,
    /// Ink: 0 is none.
    Cmyk,
}

impl Layout {
    /// Samples a pixel.
    pub(super) const fn channels(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::GreyAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba | Self::Cmyk => 4,
        }
    }

    const fn page_format(self) -> PixelFormat {
        match self {
            Self::Grey | Self::GreyAlpha => PixelFormat::Grey8,
            Self::Rgb | Self::Rgba | Self::Cmyk => PixelFormat::Rgb8,
        }
    }
}

/// A picture whose page is paid for.
pub(super) struct Paid {
    canvas: Canvas,
    layout: Layout,
    width: usize,
    pixels: usize,
}

impl Paid {
    /// Samples that are to be decoded.
    pub(super) fn sample_count(&self) -> usize {
        self.pixels.saturating_mul(self.layout.channels())
    }

    /// Pixels in a row.
    pub(super) const fn width(&self) -> usize {
        self.width
    }

    /// Samples in a row.
    pub(super) fn row_samples(&self) -> usize {
        self.width.saturating_mul(self.layout.channels())
    }
}

/// Checks both sides and pays for the page and for its decoded samples, `sample_bytes` each.
///
/// # Errors
/// As [`Page::start`], and [`Refusal::Overrun`] of bytes or steps.
pub(super) fn pay(
    (width, height): (u32, u32),
    layout: Layout,
    sample_bytes: u64,
    facts: &Facts,
    cx: &Cx<'_>,
) -> Result<Paid, Refusal> {
    let turned = if facts.orientation.swaps_sides() {
        (height, width)
    } else {
        (width, height)
    };
    let canvas = Page::start(turned.0, turned.1, layout.page_format(), cx.budget())?;
    let pixels = u64::from(width).saturating_mul(u64::from(height));
    let channels = u64::try_from(layout.channels()).unwrap_or(u64::MAX);
    let samples = pixels.saturating_mul(channels);
    cx.charge(Resource::Bytes, samples.saturating_mul(sample_bytes))?;
    cx.charge(Resource::Steps, samples.div_ceil(4))?;
    let canvas = canvas.with_photographic(facts.photographic);
    let canvas = match facts.density.and_then(|d| d.size((width, height))) {
        Some(size) if facts.orientation.swaps_sides() => {
            canvas.with_size_millipoints(size.1, size.0)
        }
        Some(size) => canvas.with_size_millipoints(size.0, size.1),
        None => canvas,
    };
    let too_large = || Refusal::internal("image: size over memory");
    Ok(Paid {
        canvas,
        layout,
        width: usize::try_from(width).map_err(|_| too_large())?,
        pixels: usize::try_from(pixels).map_err(|_| too_large())?,
    })
}

/// Makes a page of decoded samples and puts it.
///
/// # Errors
/// [`Refusal::Malformed`] when there are not exactly as many samples as were paid for, or what the
/// far side says.
pub(super) fn finish(
    paid: Paid,
    samples: Vec<u8>,
    facts: &Facts,
    cx: &mut Cx<'_>,
) -> Result<(), Refusal> {
    if samples.len() != paid.sample_count() {
        return Err(Refusal::malformed("image: samples are missing or too many"));
    }
    let format = paid.layout.page_format();
    let opacity = alpha::taken(&samples, paid.layout, facts, cx)?;
    let (mut samples, layout) = alpha::colours(samples, paid.layout);
    let mix = |samples: &mut Vec<u8>| {
        let channels = format.bytes();
        alpha::draw_on_white(samples, channels, opacity.as_deref(), facts.premultiplied);
    };
    // colours are converted before they are mixed, but where the file has mixed them already
    if facts.premultiplied {
        mix(&mut samples);
    }
    samples = profile::to_srgb(samples, layout, facts.icc.as_deref(), cx)?;
    if !facts.premultiplied {
        mix(&mut samples);
    }
    samples = orient::upright(samples, paid.width, format, facts, cx)?;
    if facts.orientation != Orientation::default() {
        cx.note(FindingCode::ImageOrientation);
    }
    let Some(opacity) = opacity.filter(|_| cx.hints().shown) else {
        return cx.put(Piece::Page(paid.canvas.fill(samples)?));
    };
    let opacity = orient::upright(opacity, paid.width, PixelFormat::Grey8, facts, cx)?;
    alpha::uncovered_is_white(&mut samples, format, &opacity);
    let page = paid.canvas.with_opacity(opacity).fill(samples)?;
    cx.put(Piece::Page(page))
}

/// Notes what most readers see in the same way.
pub(super) fn note(seen: &Seen, cx: &mut Cx<'_>) {
    cx.note_times(FindingCode::ImageMetadata, seen.metadata);
    cx.note_times(FindingCode::ImageThumbnail, seen.previews);
    cx.note_times(FindingCode::ImageTrailing, u32::from(seen.trailing));
}

/// What a walk over a file came across, to be reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// Blocks of metadata.
    pub(super) metadata: u32,
    /// Preview pictures and further hidden ones.
    pub(super) previews: u32,
    /// Bytes behind the end of the picture.
    pub(super) trailing: bool,
}

impl Seen {
    pub(super) const fn metadata(&mut self) {
        self.metadata = self.metadata.saturating_add(1);
    }

    pub(super) const fn preview(&mut self) {
        self.previews = self.previews.saturating_add(1);
    }
}

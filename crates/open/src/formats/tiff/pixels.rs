//! Pages whose samples the `tiff` crate decodes.

use super::colour::{self, Palette};
use super::directory::{Directory, tag};
use super::{facts, planes, sides};
use crate::formats::jpeg::coded_bytes;
use crate::formats::raster::depth::{Depth, unpack};
use crate::formats::raster::{self, Layout};
use mugai_core::{Cx, FindingCode, Refusal, Remark, Resource};
use std::io::{Cursor, ErrorKind};
use tiff::decoder::{BufferLayoutPreference, Decoder, Limits};
use tiff::{ColorType, TiffError};

/// How the samples of a page are meant.
struct Meaning {
    layout: Layout,
    /// Samples a pixel as stored, some of which may be of no use.
    stored: usize,
    depth: Depth,
    model: Model,
}

/// What is left to do behind decoding.
enum Model {
    Direct,
    Palette(Palette),
    YCbCr,
    /// Lab with a and b signed, or with an offset of 128.
    Lab {
        signed: bool,
    },
}

/// Decodes one page. `shown` is a copy of the file that the decoder is shown: its header points to
/// this page alone, and colour models that the decoder does not know are renamed to plain samples.
pub(super) fn page(
    page: &Directory<'_>,
    shown: &mut Vec<u8>,
    cx: &mut Cx<'_>,
) -> Result<(), Refusal> {
    charge_chunks(page, cx)?;
    let turned = if page.number(tag::FILL_ORDER) == Some(2) && !is_jpeg(page) {
        turned(page, shown.len())?
    } else {
        Vec::new()
    };
    turn(&turned, shown);
    let decoded = decode(page, shown, cx);
    // other pages may have the same strips
    turn(&turned, shown);
    decoded
}

fn decode(page: &Directory<'_>, shown: &mut Vec<u8>, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let photometric = page.number(tag::PHOTOMETRIC);
    let original = photometric
        .and_then(|n| u16::try_from(n).ok())
        .filter(|n| matches!(n, 3 | 8 | 9));
    if let Some(model) = original {
        // a palette decodes as grey, Lab as RGB
        rename(page, shown, if model == 3 { 1 } else { 2 })?;
    }
    point_to(page.offset, page.big, shown)?;
    let mut decoder = Decoder::new(Cursor::new(&*shown)).map_err(|e| refusal(&e, cx))?;
    let colour = decoder.colortype().map_err(|e| refusal(&e, cx))?;
    let meaning = meaning(page, colour, original)?;
    let layout = decoder.image_buffer_layout().map_err(|e| refusal(&e, cx))?;
    let mut facts = facts(page);
    let paid = raster::pay(
        sides(page)?,
        meaning.layout,
        meaning.depth.bytes(),
        &facts,
        cx,
    )?;
    cx.charge_len(Resource::Bytes, layout.complete_len)?;
    let limits = limits(layout.complete_len, shown.len());
    let mut stored = vec![u8::MAX; layout.complete_len];
    let read = if planes::is_made_of(page) {
        drop(decoder);
        read_planes(page, shown, &layout, (limits, &mut stored), cx)?
    } else {
        decoder.with_limits(limits).read_image_bytes(&mut stored)
    };
    if let Err(error) = read {
        let ends = matches!(&error, TiffError::IoError(e) if e.kind() == ErrorKind::UnexpectedEof);
        if !ends || stored.iter().all(|b| *b == u8::MAX) {
            return Err(refusal(&error, cx));
        }
        facts.ends_early = true;
        cx.note(FindingCode::ImageTruncated);
    }
    cx.note_times(FindingCode::ImageDepth, u32::from(meaning.depth.is_deep()));
    let samples = samples(stored, &layout, paid.width(), &meaning)?;
    raster::finish(paid, samples, &facts, cx)
}

/// Decodes one plane after the other, each as a picture of its own.
fn read_planes(
    page: &Directory<'_>,
    shown: &mut Vec<u8>,
    layout: &BufferLayoutPreference,
    (limits, stored): (Limits, &mut [u8]),
    cx: &Cx<'_>,
) -> Result<Result<(), TiffError>, Refusal> {
    let stride = layout.plane_stride.map_or(0, std::num::NonZero::get);
    let file = shown.len();
    // a stride of nothing is refused where samples are put together
    for (index, plane) in stored.chunks_exact_mut(stride.max(1)).enumerate() {
        let offset = planes::append(page, (index, layout.planes), shown, cx)?;
        point_to(offset, page.big, shown)?;
        let decoder = Decoder::new(Cursor::new(shown.as_slice()));
        let read = decoder.and_then(|decoder| {
            let mut decoder = decoder.with_limits(limits.clone());
            decoder.read_image_bytes(plane)
        });
        shown.truncate(file);
        if read.is_err() {
            return Ok(read);
        }
    }
    Ok(Ok(()))
}

/// Strips may overlap, and JPEG strips may be larger than they say: all are paid for one by one.
fn charge_chunks(page: &Directory<'_>, cx: &Cx<'_>) -> Result<(), Refusal> {
    let is_jpeg = is_jpeg(page);
    let strips = page.chunks(tag::STRIP_OFFSETS, tag::STRIP_BYTE_COUNTS);
    let tiles = page.chunks(tag::TILE_OFFSETS, tag::TILE_BYTE_COUNTS);
    for chunk in strips.chain(tiles) {
        cx.charge_len(Resource::Steps, (chunk.len() / 4).saturating_add(16))?;
        // the decoder keeps both numbers of each, first with their kinds and then without
        cx.charge(Resource::Bytes, 80)?;
        if is_jpeg {
            cx.charge(Resource::Bytes, coded_bytes(chunk, cx)?)?;
        }
    }
    Ok(())
}

fn is_jpeg(page: &Directory<'_>) -> bool {
    matches!(page.number(tag::COMPRESSION), Some(6 | 7))
}

/// The places of strips and tiles whose bits begin with the lowest (TIFF 6.0 section 8, `FillOrder` 2): the decoder
/// takes all for such as begin with the highest. None overlap.
///
/// # Errors
/// [`Refusal::Ambiguous`] where what says how a page is to be read would be turned, too.
fn turned(page: &Directory<'_>, length: usize) -> Result<Vec<(usize, usize)>, Refusal> {
    let pairs = |offsets, counts| page.numbers(offsets).zip(page.numbers(counts));
    let all = pairs(tag::STRIP_OFFSETS, tag::STRIP_BYTE_COUNTS)
        .chain(pairs(tag::TILE_OFFSETS, tag::TILE_BYTE_COUNTS));
    let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let mut ranges: Vec<_> = all
        .map(|(start, bytes)| (size(start), size(start.saturating_add(bytes)).min(length)))
        .collect();
    ranges.sort_unstable();
    let mut apart: Vec<(usize, usize)> = Vec::new();
    let mut done = 0;
    for (start, end) in ranges {
        let start = start.max(done);
        if start < end {
            apart.push((start, end));
            done = end;
        }
    }
    for (from, to) in page.places() {
        // the first that ends behind it
        let next = apart.partition_point(|(_, end)| *end <= from);
        if apart.get(next).is_some_and(|(start, _)| *start < to) {
            return Err(Refusal::Ambiguous(Remark::fixed(
                "tiff: samples that are also a directory",
            )));
        }
    }
    Ok(apart)
}

/// Turns the bits of each byte round.
fn turn(ranges: &[(usize, usize)], shown: &mut [u8]) {
    for (start, end) in ranges {
        for byte in shown.get_mut(*start..*end).unwrap_or_default() {
            *byte = byte.reverse_bits();
        }
    }
}

/// Writes another number over `PhotometricInterpretation`.
fn rename(page: &Directory<'_>, shown: &mut [u8], model: u8) -> Result<(), Refusal> {
    let little = shown.starts_with(b"I");
    let place = page
        .place(tag::PHOTOMETRIC)
        .and_then(|at| shown.get_mut(at..)?.first_chunk_mut::<2>())
        .ok_or(Refusal::malformed("tiff: colour model"))?;
    *place = if little { [model, 0] } else { [0, model] };
    Ok(())
}

/// Makes the header point to the directory at `offset`.
fn point_to(offset: u64, big: bool, shown: &mut [u8]) -> Result<(), Refusal> {
    let little = shown.starts_with(b"I");
    let mut offset = offset.to_le_bytes();
    let (start, length) = if big { (8, 8) } else { (4, 4) };
    let bytes = offset
        .get_mut(..length)
        .ok_or(Refusal::internal("tiff: header"))?;
    if !little {
        bytes.reverse();
    }
    let end = length.saturating_add(start);
    match shown.get_mut(start..end) {
        Some(slot) => slot.copy_from_slice(bytes),
        None => return Err(Refusal::malformed("tiff: header")),
    }
    Ok(())
}

fn limits(decoded: usize, file: usize) -> Limits {
    let mut limits = Limits::default();
    limits.decoding_buffer_size = decoded;
    // a strip as it is stored, or one row of tiles
    limits.intermediate_buffer_size = file.max(decoded).saturating_add(1 << 20);
    limits
}

fn meaning(
    page: &Directory<'_>,
    colour: ColorType,
    original: Option<u16>,
) -> Result<Meaning, Refusal> {
    let has_alpha = matches!(page.number(tag::EXTRA_SAMPLES), Some(1 | 2));
    let (layout, stored, bits, model) = match (colour, original) {
        (ColorType::Gray(bits @ (1 | 2 | 4 | 8)), Some(3)) => {
            let palette = Palette::read(page, bits)?;
            (Layout::Rgb, 1, bits, Model::Palette(palette))
        }
        (ColorType::RGB(8), Some(model @ (8 | 9))) => {
            (Layout::Rgb, 3, 8, Model::Lab { signed: model == 8 })
        }
        (_, Some(_)) => return Err(Refusal::unsupported("tiff: samples of this colour model")),
        (ColorType::Gray(bits), _) => (Layout::Grey, 1, bits, Model::Direct),
        (
            ColorType::Multiband {
                bit_depth,
                num_samples,
            },
            _,
        ) => {
            let stored = usize::from(num_samples);
            let alpha = has_alpha && stored == 2;
            let layout = if alpha {
                Layout::GreyAlpha
            } else {
                Layout::Grey
            };
            (layout, stored, bit_depth, Model::Direct)
        }
        (ColorType::RGB(bits), _) => (Layout::Rgb, 3, bits, Model::Direct),
        (ColorType::RGBA(bits), _) => (Layout::Rgba, 4, bits, Model::Direct),
        (ColorType::CMYK(bits), _) => (Layout::Cmyk, 4, bits, Model::Direct),
        (ColorType::CMYKA(bits), _) => (Layout::Cmyk, 5, bits, Model::Direct),
        (ColorType::YCbCr(8), _) => (Layout::Rgb, 3, 8, Model::YCbCr),
        _ => return Err(Refusal::unsupported("tiff: colour model")),
    };
    let is_float = page.number(tag::SAMPLE_FORMAT) == Some(3);
    let depth = match (bits, page.number(tag::SAMPLE_FORMAT).unwrap_or(1)) {
        (1 | 2 | 4, 1 | 4) => Depth::Bits(bits),
        (8, 1 | 4) => Depth::U8,
        (16, 1 | 4) => Depth::U16,
        (32, 1 | 4) => Depth::U32,
        (64, 1 | 4) => Depth::U64,
        (32, _) if is_float => Depth::F32,
        (64, _) if is_float => Depth::F64,
        _ => return Err(Refusal::unsupported("tiff: bits or format of samples")),
    };
    Ok(Meaning {
        layout,
        stored,
        depth,
        model,
    })
}

/// Eight-bit samples in the layout of the page.
fn samples(
    stored: Vec<u8>,
    layout: &BufferLayoutPreference,
    width: usize,
    meaning: &Meaning,
) -> Result<Vec<u8>, Refusal> {
    if let (Model::Palette(palette), Depth::Bits(bits)) = (&meaning.model, meaning.depth) {
        return Ok(palette.colours(&unpack(&stored, bits, width, false)));
    }
    let planes = layout.planes > 1;
    let chunky = if planes {
        let stride = layout.plane_stride.map_or(0, std::num::NonZero::get);
        interleave(&stored, stride, meaning)?
    } else {
        stored
    };
    let in_row = width.saturating_mul(meaning.stored);
    let mut samples = meaning.depth.to_eight(chunky, in_row);
    let used = match meaning.model {
        Model::Palette(_) => 1,
        Model::Direct | Model::YCbCr | Model::Lab { .. } => meaning.layout.channels(),
    };
    if !planes && meaning.stored > used {
        let pixels = samples.chunks_exact(meaning.stored);
        samples = pixels.flat_map(|p| p.iter().take(used).copied()).collect();
    }
    Ok(match &meaning.model {
        Model::Direct => samples,
        Model::Palette(palette) => palette.colours(&samples),
        Model::YCbCr => colour::each_pixel(samples, raster::ycc::to_rgb),
        Model::Lab { signed } => colour::each_pixel(samples, |lab| colour::lab(lab, *signed)),
    })
}

/// Planes of whole bytes, one sample of each after the other.
fn interleave(stored: &[u8], stride: usize, meaning: &Meaning) -> Result<Vec<u8>, Refusal> {
    let unsupported = Refusal::unsupported("tiff: planes of packed samples");
    let size = usize::try_from(meaning.depth.bytes()).unwrap_or(1);
    if matches!(meaning.depth, Depth::Bits(_)) || stride == 0 {
        return Err(unsupported);
    }
    let mut planes: Vec<_> = stored
        .chunks_exact(stride)
        .take(meaning.layout.channels())
        .map(|plane| plane.chunks_exact(size))
        .collect();
    let mut out = Vec::new();
    let samples = stride.checked_div(size).unwrap_or(0);
    for _ in 0..samples {
        for plane in &mut planes {
            out.extend_from_slice(plane.next().unwrap_or_default());
        }
    }
    Ok(out)
}

fn refusal(error: &TiffError, cx: &Cx<'_>) -> Refusal {
    if matches!(error, TiffError::UnsupportedError(_)) {
        Refusal::unsupported("tiff: feature of the format")
    } else if matches!(error, TiffError::LimitsExceeded) {
        Refusal::Overrun {
            resource: Resource::Bytes,
            limit: cx.budget().limits().bytes,
        }
    } else {
        Refusal::malformed("tiff: picture cannot be decoded")
    }
}

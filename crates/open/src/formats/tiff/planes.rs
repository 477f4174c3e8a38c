//! Tiles of samples that lie in planes of their own (TIFF 6.0 section 15, `PlanarConfiguration` 2).
//!
//! The decoder takes tiles of the second and later planes for such below the picture, and does not cut off what those
//! at the lower edge have too much. So it is shown each plane as a grey picture.

use super::directory::{Directory, tag};
use mugai_core::{Cx, Refusal, Resource};

const SHORT: u16 = 3;
const LONG: u16 = 4;
const UNDEFINED: u16 = 7;
const LONG8: u16 = 16;

const WRONG: Refusal = Refusal::malformed("tiff: tiles of planes");

/// Whether a page is made so.
pub(super) fn is_made_of(page: &Directory<'_>) -> bool {
    page.number(tag::PLANAR_CONFIGURATION) == Some(2) && page.has(tag::TILE_OFFSETS)
}

/// How numbers are written in a file.
#[derive(Clone, Copy)]
struct Form {
    little: bool,
    big: bool,
}

impl Form {
    fn of(page: &Directory<'_>, file: &[u8]) -> Self {
        Self {
            little: file.starts_with(b"I"),
            big: page.big,
        }
    }

    /// A number in the lowest `width` of its bytes.
    fn put(self, number: u64, width: usize, out: &mut Vec<u8>) {
        let bytes = number.to_le_bytes();
        let bytes = bytes.iter().take(width);
        if self.little {
            out.extend(bytes);
        } else {
            out.extend(bytes.rev());
        }
    }

    /// An offset, or how many values there are.
    fn wide(self, number: usize, out: &mut Vec<u8>) {
        let width = if self.big { 8 } else { 4 };
        self.put(u64::try_from(number).unwrap_or(u64::MAX), width, out);
    }
}

/// An entry of a directory.
struct Entry {
    tag: u16,
    kind: u16,
    count: usize,
    bytes: Vec<u8>,
}

/// Appends a directory for plane `index` of `planes` to the file, and says where it stands.
///
/// # Errors
/// [`Refusal::Malformed`] where there are not as many tiles in each plane as in every other, [`Refusal::Overrun`].
pub(super) fn append(
    page: &Directory<'_>,
    (index, planes): (usize, usize),
    file: &mut Vec<u8>,
    cx: &Cx<'_>,
) -> Result<u64, Refusal> {
    let form = Form::of(page, file);
    let first = |tag: u16, kind: u16| {
        let number = page.number(tag)?;
        Some(entry(form, tag, kind, [number]))
    };
    // black is zero, unless white was
    let model = u64::from(page.number(tag::PHOTOMETRIC) != Some(0));
    let tiles = |tag: u16| {
        let all: Vec<u64> = page.numbers(tag).collect();
        let each = all.len().checked_div(planes).filter(|each| *each > 0)?;
        let own = all.chunks_exact(each).nth(index)?;
        let kind = if form.big { LONG8 } else { LONG };
        let even = each.checked_mul(planes) == Some(all.len());
        even.then(|| entry(form, tag, kind, own.iter().copied()))
    };
    let tables = page.bytes(tag::JPEG_TABLES).map(|tables| Entry {
        tag: tag::JPEG_TABLES,
        kind: UNDEFINED,
        count: tables.len(),
        bytes: tables.to_vec(),
    });
    let entries = [
        first(tag::WIDTH, LONG),
        first(tag::HEIGHT, LONG),
        first(tag::BITS_PER_SAMPLE, SHORT),
        first(tag::COMPRESSION, SHORT),
        Some(entry(form, tag::PHOTOMETRIC, SHORT, [model])),
        first(tag::FILL_ORDER, SHORT),
        Some(entry(form, tag::SAMPLES_PER_PIXEL, SHORT, [1])),
        first(tag::PREDICTOR, SHORT),
        first(tag::TILE_WIDTH, LONG),
        first(tag::TILE_LENGTH, LONG),
        Some(tiles(tag::TILE_OFFSETS).ok_or(WRONG)?),
        Some(tiles(tag::TILE_BYTE_COUNTS).ok_or(WRONG)?),
        first(tag::SAMPLE_FORMAT, SHORT),
        tables,
    ];
    let entries: Vec<Entry> = entries.into_iter().flatten().collect();
    let length = entries.iter().map(|entry| entry.bytes.len()).sum();
    cx.charge_len(Resource::Bytes, length)?;
    Ok(write(form, &entries, file))
}

fn entry(form: Form, tag: u16, kind: u16, numbers: impl IntoIterator<Item = u64>) -> Entry {
    let width = match kind {
        SHORT => 2,
        LONG8 => 8,
        _ => 4,
    };
    let (mut bytes, mut count) = (Vec::new(), 0usize);
    for number in numbers {
        form.put(number, width, &mut bytes);
        count = count.saturating_add(1);
    }
    Entry {
        tag,
        kind,
        count,
        bytes,
    }
}

/// Writes values that do not fit into their entries, and behind them the directory.
fn write(form: Form, entries: &[Entry], file: &mut Vec<u8>) -> u64 {
    let room = if form.big { 8 } else { 4 };
    let mut directory = Vec::new();
    let width = if form.big { 8 } else { 2 };
    let count = u64::try_from(entries.len()).unwrap_or(0);
    form.put(count, width, &mut directory);
    for entry in entries {
        form.put(entry.tag.into(), 2, &mut directory);
        form.put(entry.kind.into(), 2, &mut directory);
        form.wide(entry.count, &mut directory);
        if entry.bytes.len() <= room {
            let filling = room.saturating_sub(entry.bytes.len());
            directory.extend(&entry.bytes);
            directory.extend(std::iter::repeat_n(0, filling));
        } else {
            form.wide(file.len(), &mut directory);
            file.extend(&entry.bytes);
        }
    }
    form.wide(0, &mut directory);
    let offset = u64::try_from(file.len()).unwrap_or(u64::MAX);
    file.extend(directory);
    offset
}

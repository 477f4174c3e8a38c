//! Image file directories (TIFF 6.0 section 2; `BigTIFF` has wider numbers).

use crate::formats::raster::cursor::Cursor;
use mugai_core::{Cx, Refusal, Resource};
use std::collections::{BTreeMap, BTreeSet};

/// Tags that are asked for by name.
pub(super) mod tag {
    pub(in super::super) const NEW_SUBFILE_TYPE: u16 = 254;
    pub(in super::super) const WIDTH: u16 = 256;
    pub(in super::super) const HEIGHT: u16 = 257;
    pub(in super::super) const BITS_PER_SAMPLE: u16 = 258;
    pub(in super::super) const COMPRESSION: u16 = 259;
    pub(in super::super) const PHOTOMETRIC: u16 = 262;
    pub(in super::super) const FILL_ORDER: u16 = 266;
    pub(in super::super) const STRIP_OFFSETS: u16 = 273;
    pub(in super::super) const ORIENTATION: u16 = 274;
    pub(in super::super) const SAMPLES_PER_PIXEL: u16 = 277;
    pub(in super::super) const ROWS_PER_STRIP: u16 = 278;
    pub(in super::super) const STRIP_BYTE_COUNTS: u16 = 279;
    pub(in super::super) const X_RESOLUTION: u16 = 282;
    pub(in super::super) const Y_RESOLUTION: u16 = 283;
    pub(in super::super) const PLANAR_CONFIGURATION: u16 = 284;
    pub(in super::super) const T4_OPTIONS: u16 = 292;
    pub(in super::super) const RESOLUTION_UNIT: u16 = 296;
    pub(in super::super) const PREDICTOR: u16 = 317;
    pub(in super::super) const COLOR_MAP: u16 = 320;
    pub(in super::super) const TILE_WIDTH: u16 = 322;
    pub(in super::super) const TILE_LENGTH: u16 = 323;
    pub(in super::super) const TILE_OFFSETS: u16 = 324;
    pub(in super::super) const TILE_BYTE_COUNTS: u16 = 325;
    pub(in super::super) const SUB_IFDS: u16 = 330;
    pub(in super::super) const EXTRA_SAMPLES: u16 = 338;
    pub(in super::super) const SAMPLE_FORMAT: u16 = 339;
    pub(in super::super) const JPEG_TABLES: u16 = 347;
    pub(in super::super) const ICC_PROFILE: u16 = 34_675;
    /// Descriptions, makers, software, dates, names, XMP, IPTC, Photoshop, EXIF, GPS.
    pub(in super::super) const METADATA: [u16; 15] = [
        269, 270, 271, 272, 285, 305, 306, 315, 316, 700, 33_432, 33_723, 34_377, 34_665, 34_853,
    ];
}

/// Bytes that a directory takes beside its entries, and each of its entries: nodes of trees are full by half.
const DIRECTORY_BYTES: usize = 512;
const ENTRY_BYTES: usize = 64;
/// Bytes that a place takes that was seen.
const PLACE_BYTES: usize = 24;
/// The most values of a tag that are read.
const MAX_VALUES: usize = 1 << 20;

/// One directory.
pub(super) struct Directory<'a> {
    /// Where it stands.
    pub(super) offset: u64,
    /// Where it ends.
    end: usize,
    /// Whether the file is a `BigTIFF`.
    pub(super) big: bool,
    file: Cursor<'a>,
    entries: BTreeMap<u16, Entry>,
}

#[derive(Clone, Copy)]
struct Entry {
    kind: u16,
    count: usize,
    /// Where the values stand: in the entry itself if they fit.
    at: usize,
}

/// The widths of numbers in a file.
#[derive(Clone, Copy)]
struct Widths {
    big: bool,
}

impl Widths {
    fn offset(self, cursor: &mut Cursor<'_>) -> Option<usize> {
        if self.big {
            cursor.u64().and_then(|n| usize::try_from(n).ok())
        } else {
            cursor.size()
        }
    }

    const fn inline(self) -> usize {
        if self.big { 8 } else { 4 }
    }

    /// Bytes of an entry.
    const fn entry(self) -> usize {
        if self.big { 20 } else { 12 }
    }
}

/// All directories of the main chain, in their order. Loops end it.
pub(super) fn chain<'a>(input: &'a [u8], cx: &Cx<'_>) -> Result<Vec<Directory<'a>>, Refusal> {
    let broken = Refusal::malformed("tiff: header");
    let mut cursor = match input {
        [b'I', b'I', ..] => Cursor::little(input, 2),
        _ => Cursor::big(input, 2),
    };
    let widths = Widths {
        big: cursor.u16() == Some(43),
    };
    if widths.big {
        cursor = cursor.to(8);
    }
    let mut next = widths.offset(&mut cursor).ok_or(broken)?;
    let mut seen = BTreeSet::new();
    let mut directories = Vec::new();
    while next != 0 && seen.insert(next) {
        cx.charge_len(Resource::Bytes, PLACE_BYTES)?;
        let Some((directory, following)) = read(cursor.to(next), widths, cx)? else {
            break;
        };
        // one without entries is no page, and other readers end there
        if !directory.entries.is_empty() {
            directories.push(directory);
        }
        next = following;
    }
    Ok(directories)
}

/// The directory at `cursor` and the place of the next one; `None` where the file ends.
fn read<'a>(
    mut cursor: Cursor<'a>,
    widths: Widths,
    cx: &Cx<'_>,
) -> Result<Option<(Directory<'a>, usize)>, Refusal> {
    let mut directory = Directory {
        offset: u64::try_from(cursor.position()).unwrap_or(u64::MAX),
        end: 0,
        big: widths.big,
        file: cursor,
        entries: BTreeMap::new(),
    };
    let count = if widths.big {
        cursor.u64().and_then(|n| u16::try_from(n).ok())
    } else {
        cursor.u16()
    };
    let Some(count) = count else {
        return Ok(None);
    };
    let needed = usize::from(count).saturating_mul(widths.entry());
    if cursor.rest().len() < needed {
        return Ok(None);
    }
    // the decoder will read them again
    cx.charge(
        Resource::Steps,
        u64::from(count).saturating_mul(16).saturating_add(256),
    )?;
    if count > 0 {
        let entries = usize::from(count).saturating_mul(ENTRY_BYTES);
        cx.charge_len(Resource::Bytes, entries.saturating_add(DIRECTORY_BYTES))?;
    }
    for _ in 0..count {
        let Some((number, entry)) = entry(&mut cursor, widths) else {
            return Ok(None);
        };
        directory.entries.entry(number).or_insert(entry);
    }
    let next = widths.offset(&mut cursor).unwrap_or(0);
    directory.end = cursor.position();
    Ok(Some((directory, next)))
}

fn entry(cursor: &mut Cursor<'_>, widths: Widths) -> Option<(u16, Entry)> {
    let (number, kind) = (cursor.u16()?, cursor.u16()?);
    let count = widths.offset(cursor)?;
    let here = cursor.position();
    let value = widths.offset(cursor)?;
    let fits = count.saturating_mul(width_of(kind)) <= widths.inline();
    let at = if fits { here } else { value };
    Some((number, Entry { kind, count, at }))
}

/// Bytes of a value of a type.
const fn width_of(kind: u16) -> usize {
    match kind {
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 | 16 | 17 | 18 => 8,
        _ => 1,
    }
}

impl<'a> Directory<'a> {
    pub(super) fn has(&self, tag: u16) -> bool {
        self.entries.contains_key(&tag)
    }

    /// The first value of a tag of whole numbers.
    pub(super) fn number(&self, tag: u16) -> Option<u64> {
        self.numbers(tag).next()
    }

    /// All values of a tag of whole numbers.
    pub(super) fn numbers(&self, tag: u16) -> impl Iterator<Item = u64> + use<'a> {
        let entry = self.entries.get(&tag).copied();
        let mut cursor = self.file.to(entry.map_or(usize::MAX, |e| e.at));
        let count = entry.map_or(0, |e| e.count.min(MAX_VALUES));
        let kind = entry.map_or(0, |e| e.kind);
        (0..count).map_while(move |_| match kind {
            1 | 7 => cursor.u8().map(u64::from),
            3 => cursor.u16().map(u64::from),
            4 | 13 => cursor.u32().map(u64::from),
            16 | 18 => cursor.u64(),
            _ => None,
        })
    }

    /// The first fraction of a tag.
    pub(super) fn fraction(&self, tag: u16) -> Option<(u32, u32)> {
        let entry = self.entries.get(&tag).filter(|e| e.kind == 5)?;
        let mut cursor = self.file.to(entry.at);
        Some((cursor.u32()?, cursor.u32()?))
    }

    /// The bytes of a tag of bytes.
    pub(super) fn bytes(&self, tag: u16) -> Option<&'a [u8]> {
        let entry = self.entries.get(&tag).filter(|e| matches!(e.kind, 1 | 7))?;
        self.file.to(entry.at).take(entry.count)
    }

    /// Where the only value of a tag of one 16-bit number stands.
    pub(super) fn place(&self, tag: u16) -> Option<usize> {
        let entry = self.entries.get(&tag)?;
        (entry.kind == 3 && entry.count == 1).then_some(entry.at)
    }

    /// Where the header, this directory and what its entries point to stand.
    pub(super) fn places(&self) -> Vec<(usize, usize)> {
        let start = usize::try_from(self.offset).unwrap_or(usize::MAX);
        let header = if self.big { 16 } else { 8 };
        let own = [(0, header), (start, self.end)];
        let values = self.entries.values().map(|entry| {
            let length = entry.count.saturating_mul(width_of(entry.kind));
            (entry.at, entry.at.saturating_add(length))
        });
        own.into_iter().chain(values).collect()
    }

    /// The bytes from `offset` to the end of the file.
    pub(super) fn rest(&self, offset: u64) -> &'a [u8] {
        let at = usize::try_from(offset).unwrap_or(usize::MAX);
        self.file.to(at).rest()
    }

    /// The bytes of all strips or tiles, as far as they are in the file.
    pub(super) fn chunks(
        &self,
        offsets: u16,
        counts: u16,
    ) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let file = self.file;
        self.numbers(offsets)
            .zip(self.numbers(counts))
            .map(move |(offset, count)| {
                let at = usize::try_from(offset).unwrap_or(usize::MAX);
                let rest = file.to(at).rest();
                let count = usize::try_from(count).unwrap_or(usize::MAX);
                rest.get(..count).unwrap_or(rest)
            })
    }
}

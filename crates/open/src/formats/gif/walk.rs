//! The blocks of a GIF (GIF 89a sections 17 to 27).

use crate::formats::raster::Seen;
use crate::formats::raster::cursor::Cursor;
use mugai_core::{Cx, Refusal, Resource};

/// What a walk over the blocks found.
#[derive(Debug, Default)]
pub(super) struct Walked {
    /// How many pictures there are.
    pub(super) frames: u32,
    /// Pixels of the largest of them.
    pub(super) largest_px: u64,
    /// The place and the sides of the first of them.
    pub(super) first: Option<First>,
    pub(super) ends_early: bool,
    pub(super) seen: Seen,
}

/// Where the descriptor of a picture stands, and its sides in pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct First {
    /// Of its left edge, the first field.
    place: usize,
    width: u16,
    height: u16,
}

impl First {
    /// The file with a screen that its first picture fits in, as browsers make one where the picture is
    /// larger than the screen; `None` where it is not.
    pub(super) fn fitted(self, input: &[u8], cx: &Cx<'_>) -> Result<Option<Vec<u8>>, Refusal> {
        let mut screen = Cursor::little(input, SCREEN);
        let (width, height) = (screen.u16().unwrap_or(0), screen.u16().unwrap_or(0));
        if self.width <= width && self.height <= height {
            return Ok(None);
        }
        cx.charge_len(Resource::Bytes, input.len())?;
        let mut fitted = input.to_vec();
        let ([a, b], [c, d]) = (self.width.to_le_bytes(), self.height.to_le_bytes());
        for (place, field) in [(SCREEN, [a, b, c, d]), (self.place, [0; 4])] {
            if let Some(slot) = fitted.get_mut(place..).and_then(<[u8]>::first_chunk_mut) {
                *slot = field;
            }
        }
        Ok(Some(fitted))
    }
}

/// Where the sides of the screen stand.
const SCREEN: usize = 6;

const EXTENSION: u8 = 0x21;
const IMAGE: u8 = 0x2C;
const TRAILER: u8 = 0x3B;

/// Walks over all blocks without decoding any.
pub(super) fn walk(input: &[u8], cx: &Cx<'_>) -> Result<Walked, Refusal> {
    cx.charge_len(Resource::Steps, input.len())?;
    let mut cursor = Cursor::little(input, 10);
    let mut walked = Walked {
        ends_early: true,
        ..Walked::default()
    };
    let table = cursor.u8().map_or(0, table_len);
    // background colour, aspect ratio, and the colours of the screen
    if cursor.take(table.saturating_add(2)).is_none() {
        return Ok(walked);
    }
    while let Some(introducer) = cursor.u8() {
        let whole = match introducer {
            IMAGE => image(&mut cursor, &mut walked),
            EXTENSION => extension(&mut cursor, &mut walked),
            TRAILER => {
                walked.ends_early = false;
                walked.seen.trailing = !cursor.is_at_end();
                break;
            }
            // decoders differ in how they go on: what they show is theirs, we only count
            _ => Some(()),
        };
        if whole.is_none() {
            break;
        }
    }
    Ok(walked)
}

/// Bytes of the colour table that a field of flags announces.
fn table_len(flags: u8) -> usize {
    match flags & 0x80 {
        0 => 0,
        _ => 6usize.wrapping_shl(u32::from(flags & 7)),
    }
}

fn image(cursor: &mut Cursor<'_>, walked: &mut Walked) -> Option<()> {
    let place = cursor.position();
    let _edges = cursor.u32()?;
    let (width, height) = (cursor.u16()?, cursor.u16()?);
    walked.first.get_or_insert(First {
        place,
        width,
        height,
    });
    let pixels = u64::from(width).saturating_mul(u64::from(height));
    walked.largest_px = walked.largest_px.max(pixels);
    walked.frames = walked.frames.saturating_add(1);
    let table = table_len(cursor.u8()?);
    cursor.take(table)?;
    let _code_size = cursor.u8()?;
    sub_blocks(cursor)
}

fn extension(cursor: &mut Cursor<'_>, walked: &mut Walked) -> Option<()> {
    let label = cursor.u8()?;
    let timing = label == 0xF9;
    let looping = label == 0xFF
        && matches!(cursor.rest(), [11, name @ ..] if name.starts_with(b"NETSCAPE2.0") || name.starts_with(b"ANIMEXTS1.0"));
    if !timing && !looping {
        walked.seen.metadata();
    }
    sub_blocks(cursor)
}

/// Skips a chain of sub-blocks up to the empty one that ends it.
fn sub_blocks(cursor: &mut Cursor<'_>) -> Option<()> {
    loop {
        match cursor.u8()? {
            0 => return Some(()),
            length => cursor.take(usize::from(length))?,
        };
    }
}

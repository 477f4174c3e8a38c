//! Pictures of encrypted presentations ([MS-PPT] 2.3.7, [MS-ODRAW] 2.2.22 to 2.2.32): each field of a picture is encrypted
//! by itself, with the key of block 0.

use super::records::HEAD;
use crate::formats::encrypted::legacy::Opened;
use crate::formats::ole::little::{size_at, u8_at, u16_at};
use mugai_core::{Cx, Refusal, Resource};

/// A picture with its own store, whose fields have these lengths; and pictures that have a head of 34 bytes.
const STORED: u16 = 0xf007;
const FIELDS: [usize; 11] = [1, 1, 16, 2, 4, 4, 4, 1, 1, 1, 1];
const METAFILES: [u16; 3] = [0xf01a, 0xf01b, 0xf01c];
/// Where in the fields of a store the length of its name is, counted from their end.
const NAME: usize = 3;

/// Decrypts the pictures of a presentation. What is no picture any more ends it: the rest stays as it is.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn unlock(stream: &mut [u8], opened: &Opened, cx: &Cx<'_>) -> Result<(), Refusal> {
    cx.charge_len(Resource::Steps, stream.len())?;
    let mut at = 0usize;
    while at < stream.len() {
        // each field makes a key
        cx.charge(Resource::Steps, 512)?;
        let Some((instance, kind, length)) = head(stream, at, opened)? else {
            return Ok(());
        };
        let mut place = at.saturating_add(HEAD);
        let end = place.saturating_add(length);
        if end > stream.len() {
            return Ok(());
        }
        let (mut instance, mut kind) = (instance, kind);
        if kind == STORED {
            for length in FIELDS {
                part(stream, &mut place, length, opened)?;
            }
            let name = place.checked_sub(NAME).and_then(|at| u8_at(stream, at));
            part(stream, &mut place, name.map_or(0, usize::from), opened)?;
            // behind the store a picture may stand, with a head of its own
            let inside = if place < end {
                head(stream, place, opened)?
            } else {
                None
            };
            let Some((inner, of, _)) = inside else {
                at = end;
                continue;
            };
            (instance, kind) = (inner, of);
            place = place.saturating_add(HEAD);
        }
        // pairs of instances: the even one has one mark, the odd one two
        for _ in 0..=(instance & 1) {
            part(stream, &mut place, 16, opened)?;
        }
        let head = if METAFILES.contains(&kind) { 34 } else { 1 };
        part(stream, &mut place, head, opened)?;
        let rest = end.saturating_sub(place);
        part(stream, &mut place, rest, opened)?;
        at = end;
    }
    Ok(())
}

/// Decrypts the head of a record: its instance, its kind, and how long it is.
fn head(
    stream: &mut [u8],
    at: usize,
    opened: &Opened,
) -> Result<Option<(u16, u16, usize)>, Refusal> {
    let mut place = at;
    part(stream, &mut place, HEAD, opened)?;
    let first = u16_at(stream, at).map(|first| first >> 4);
    let kind = u16_at(stream, at.saturating_add(2));
    let length = size_at(stream, at.saturating_add(4));
    // pictures are records of these kinds
    let known = kind.filter(|kind| matches!(*kind, STORED | 0xf018..=0xf117));
    Ok(first
        .zip(known)
        .zip(length)
        .map(|((first, kind), length)| (first, kind, length)))
}

/// Decrypts one field, and passes over it.
fn part(
    stream: &mut [u8],
    place: &mut usize,
    length: usize,
    opened: &Opened,
) -> Result<(), Refusal> {
    let end = place.saturating_add(length);
    if let Some(field) = stream.get_mut(*place..end) {
        opened.block(field, 0)?;
    }
    *place = end;
    Ok(())
}

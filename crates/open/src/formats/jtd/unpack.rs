//! Packed documents (jtdc, jttc): a compound file within a member of an LHA archive within a stream.

use crate::formats::ole::little::{part, size_at, u8_at, u16_at};
use delharc::decode::{Decoder, Lh5Decoder};
use mugai_core::{Cx, Refusal, Resource};

/// How the stream begins, behind a length.
const MARK: &[u8] = b"JustCompressedDocument";
/// How far behind the mark the archive begins at most.
const MAX_HEAD: usize = 256;
/// The most that a document may have grown by, above [`FREE`] bytes.
const MAX_RATIO: usize = 1_000;
const FREE: usize = 1 << 20;

const BROKEN: Refusal = Refusal::malformed("jtd: the packed document");

/// The document in a packed one.
///
/// # Errors
/// [`Refusal::Malformed`], [`Refusal::Unsupported`] for other methods than `-lh5-` and `-lh0-`,
/// [`Refusal::Overrun`].
pub(super) fn document(stream: &[u8], cx: &Cx<'_>) -> Result<Vec<u8>, Refusal> {
    let mark = part(stream, 2, MARK.len()).filter(|mark| *mark == MARK);
    let behind = mark.and_then(|_| stream.get(MARK.len().saturating_add(2)..));
    let window = behind.ok_or(BROKEN)?;
    let at = memchr::memmem::find(window.get(..MAX_HEAD).unwrap_or(window), b"-lh")
        .and_then(|at| at.checked_sub(2))
        .ok_or(BROKEN)?;
    let member = window.get(at..).unwrap_or_default();
    let method = part(member, 2, 5).ok_or(BROKEN)?;
    let (start, packed) = place(member).ok_or(BROKEN)?;
    let size = size_at(member, 11).ok_or(BROKEN)?;
    let packed = part(member, start, packed).ok_or(BROKEN)?;
    if size > FREE && size / MAX_RATIO > packed.len() {
        return Err(Refusal::malformed(
            "jtd: a document that grows more than a thousandfold",
        ));
    }
    cx.charge_len(Resource::Bytes, size)?;
    cx.charge_len(Resource::Steps, size)?;
    match method {
        b"-lh0-" if packed.len() == size => Ok(packed.to_vec()),
        b"-lh5-" => {
            let mut out = vec![0; size];
            let mut decoder = Lh5Decoder::new(packed);
            decoder.fill_buffer(&mut out).map_err(|_| BROKEN)?;
            Ok(out)
        }
        _ => Err(Refusal::unsupported("jtd: another method of packing")),
    }
}

/// Where the data of a member begins, and how long it is: headers of levels 0, 1 and 2.
fn place(member: &[u8]) -> Option<(usize, usize)> {
    let first = usize::from(u8_at(member, 0)?);
    let length = size_at(member, 7)?;
    match u8_at(member, 20)? {
        0 => Some((first.checked_add(2)?, length)),
        1 => {
            // further headers count with the data; the size of the next one ends each
            let mut start = first.checked_add(2)?;
            let mut left = length;
            let mut next = usize::from(u16_at(member, start.checked_sub(2)?)?);
            while next > 0 {
                start = start.checked_add(next)?;
                left = left.checked_sub(next)?;
                next = usize::from(u16_at(member, start.checked_sub(2)?)?);
            }
            Some((start, left))
        }
        2 => Some((usize::from(u16_at(member, 0)?), length)),
        _ => None,
    }
}

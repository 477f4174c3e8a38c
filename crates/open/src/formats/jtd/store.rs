//! The store of blocks that a stream of text is: sub-streams in blocks, which lie in any order and may be of no
//! sub-stream, left over from earlier saving (all numbers high bytes first):
//!
//! ```text
//! "SsmgV.01", u32 sub-streams, u32 bytes of a block, u32 blocks, the blocks,
//! for each sub-stream: u32 number, u32 0, u32 bytes, u32 n, u32 n, n times u32 the number of a block
//! ```

use mugai_core::{Cx, Refusal, Resource};

/// What the stream begins with.
pub(super) const STREAM: &[u8] = b"SsmgV.01";
/// Where the blocks begin.
const BLOCKS: usize = 20;
/// The least bytes of a block; programs write 256.
const LEAST: usize = 64;
/// Bytes of a sub-stream in the table, without its blocks.
const ENTRY: usize = 20;

/// The sub-streams in the order of the table; `None` where there is no table that fits the stream.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn joined(stream: &[u8], cx: &Cx<'_>) -> Result<Option<Vec<Vec<u8>>>, Refusal> {
    // each block is in one sub-stream at most, and each sub-stream is an entry of the table
    cx.charge_len(Resource::Steps, stream.len() / 4)?;
    cx.charge_len(Resource::Bytes, stream.len().saturating_mul(4))?;
    Ok(read(stream))
}

fn read(stream: &[u8]) -> Option<Vec<Vec<u8>>> {
    let (count, size) = (number(stream, 8)?, number(stream, 12)?);
    let blocks = number(stream, 16)?;
    if !stream.starts_with(STREAM) || count == 0 || size < LEAST {
        return None;
    }
    let end = BLOCKS.checked_add(blocks.checked_mul(size)?)?;
    let mut table = stream.get(end..)?;
    let blocks: Vec<&[u8]> = stream.get(BLOCKS..end)?.chunks_exact(size).collect();
    let mut taken = vec![false; blocks.len()];
    let mut all = Vec::new();
    for _ in 0..count {
        let (bytes, listed) = (number(table, 8)?, number(table, 16)?);
        if number(table, 12)? != listed {
            return None;
        }
        let (entry, behind) = table.split_at_checked(listed.checked_mul(4)?.checked_add(ENTRY)?)?;
        let mut joined = Vec::new();
        for four in entry.get(ENTRY..)?.as_chunks::<4>().0 {
            let place = usize::try_from(u32::from_be_bytes(*four)).ok()?;
            let taken = taken.get_mut(place)?;
            if std::mem::replace(taken, true) {
                return None;
            }
            joined.extend_from_slice(blocks.get(place)?);
        }
        if joined.len() < bytes {
            return None;
        }
        joined.truncate(bytes);
        all.push(joined);
        table = behind;
    }
    Some(all)
}

/// A number of 32 bits, high bytes first.
pub(super) fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let four = bytes.get(at..)?.first_chunk::<4>()?;
    usize::try_from(u32::from_be_bytes(*four)).ok()
}

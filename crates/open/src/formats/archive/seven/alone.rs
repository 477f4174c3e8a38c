//! Blocks of 7z archives that are packed by one method alone which the library does not undo.

use super::{Unpacked, member};
use crate::formats::archive::{self, stream};
use crate::unpack::most;
use mugai_core::{Cx, Refusal};
use sevenz_rust2::{Archive, ArchiveEntry, Block, EncoderMethod};

/// Undoes a method.
pub(super) type Expand = fn(&[u8], &Cx<'_>) -> Result<Vec<u8>, Refusal>;

/// The signature header, behind which places are counted.
const SIGNATURE: u64 = 32;

/// Methods that are undone where they stand alone.
const METHODS: [(&[u8], Expand); 2] = [
    (EncoderMethod::ID_ZSTD, stream::zstd),
    (EncoderMethod::ID_DEFLATE64, deflate64),
];

fn deflate64(input: &[u8], cx: &Cx<'_>) -> Result<Vec<u8>, Refusal> {
    let reader = deflate64::Deflate64Decoder::with_buffer(input);
    archive::read_most(reader, most(input.len()), "7z: a broken block", cx)
}

/// What undoes a block of one method.
pub(super) fn method(block: &Block) -> Option<Expand> {
    let [coder] = block.coders.as_slice() else {
        return None;
    };
    METHODS
        .iter()
        .find(|(id, _)| *id == coder.encoder_method_id())
        .map(|(_, expand)| *expand)
}

/// Whether a block is packed by such a method, but not by it alone: a password would not help.
pub(super) fn is_beyond(block: &Block) -> bool {
    block.coders.len() > 1
        && block.coders.iter().any(|coder| {
            let id = coder.encoder_method_id();
            METHODS.iter().any(|(of, _)| *of == id)
        })
}

/// The files of block `index`, by what the header tells of them.
///
/// # Errors
/// [`Refusal::Malformed`] where lengths or checksums are others than the archive says,
/// [`Refusal::Overrun`].
pub(super) fn files(
    input: &[u8],
    archive: &Archive,
    (index, files): (usize, &[ArchiveEntry]),
    expand: Expand,
    cx: &mut Cx<'_>,
) -> Result<Vec<Unpacked>, Refusal> {
    const WRONG: Refusal = Refusal::malformed("7z: a broken archive");
    let packed = place(archive, index).and_then(|place| input.get(place));
    let content = expand(packed.ok_or(WRONG)?, cx)?;
    let mut rest = content.as_slice();
    let mut all = Vec::new();
    for file in files.iter().filter(|file| file.has_stream()) {
        let length = usize::try_from(file.size()).map_err(|_| WRONG)?;
        let (mut bytes, behind) = rest.split_at_checked(length).ok_or(WRONG)?;
        rest = behind;
        if !fits(file, bytes) {
            return Err(WRONG);
        }
        all.extend(member(file, &mut bytes, cx)?);
    }
    if rest.is_empty() { Ok(all) } else { Err(WRONG) }
}

fn fits(file: &ArchiveEntry, bytes: &[u8]) -> bool {
    !file.has_crc || u64::from(crc32fast::hash(bytes)) == file.crc
}

/// Where the only stream of a block stands.
fn place(archive: &Archive, index: usize) -> Option<std::ops::Range<usize>> {
    let map = &archive.stream_map;
    let stream = *map.block_first_pack_stream_index().get(index)?;
    let start = SIGNATURE
        .checked_add(archive.pack_pos())?
        .checked_add(*map.pack_stream_offsets().get(stream)?)?;
    let end = start.checked_add(*archive.pack_sizes().get(stream)?)?;
    Some(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
}

//! Reads one input, or tells why not.

use mugai_core::{Refusal, Resource};
use mugai_engine::Digests;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// An input as far as it was read.
pub(crate) enum Bytes {
    /// All of it.
    Whole(Vec<u8>),
    /// It is larger than what may be opened; its digests were taken on the way.
    TooLarge {
        /// Its size.
        bytes: u64,
        /// Its digests.
        digests: Digests,
        /// The limit that it is over.
        refusal: Refusal,
    },
}

/// How much is read at a time when only digests are taken.
const CHUNK: usize = 1 << 16;

/// Reads a regular file of at most `limit` bytes.
pub(crate) fn read(path: &Path, limit: u64) -> std::io::Result<Bytes> {
    let file = File::open(path)?;
    let data = file.metadata()?;
    if !data.is_file() {
        return Err(std::io::Error::other("not a regular file"));
    }
    if data.len() > limit {
        return digest(file, limit);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(data.len()).unwrap_or(0));
    // a file that grows while it is read must not take more than it may
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
        return digest(File::open(path)?, limit);
    }
    Ok(Bytes::Whole(bytes))
}

fn digest(mut file: File, limit: u64) -> std::io::Result<Bytes> {
    let mut sha256 = Sha256::new();
    let mut blake3 = blake3::Hasher::new();
    let mut bytes = 0u64;
    let mut chunk = vec![0; CHUNK];
    loop {
        let count = file.read(&mut chunk)?;
        let read = chunk.get(..count).unwrap_or_default();
        if read.is_empty() {
            break;
        }
        sha256.update(read);
        blake3.update(read);
        bytes = bytes.saturating_add(u64::try_from(count).unwrap_or(0));
    }
    Ok(Bytes::TooLarge {
        bytes,
        digests: Digests::new(&sha256.finalize(), blake3.finalize().as_bytes()),
        refusal: Refusal::Overrun {
            resource: Resource::Bytes,
            limit,
        },
    })
}

//! Reads one input, or tells why not.

use crate::plan::Input;
use crate::source::{Trouble, told};
use mugai_core::{Refusal, Remark, Resource, Spool, SpoolWriter, Untrusted};
use mugai_engine::Digests;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;

/// An input as far as it was read.
#[derive(Debug)]
pub enum Bytes {
    /// All of it, in memory or, where it is large, in a file of ours.
    Whole(Untrusted),
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

/// What a file system tells of one state of a file: another state has another stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    number: u64,
    bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    pub(crate) fn of(data: &std::fs::Metadata) -> Self {
        Self {
            number: data.ino(),
            bytes: data.len(),
            modified: (data.mtime(), data.mtime_nsec()),
            changed: (data.ctime(), data.ctime_nsec()),
        }
    }

    /// The stamp of an input as it lies there now.
    pub(crate) fn now(input: &Input) -> io::Result<Self> {
        Ok(Self::of(&input.folder.open(&input.raw)?.metadata()?))
    }
}

/// Why an input was not read.
#[derive(Debug)]
pub struct Unread {
    /// What its report says.
    pub refusal: Refusal,
    /// What went wrong, if it is not the input's own nature.
    pub failure: Option<String>,
}

impl Unread {
    /// Something went wrong; `why` is told to the administrator, and not in the report.
    #[must_use]
    pub const fn because(why: String) -> Self {
        Self {
            refusal: Refusal::internal("file: cannot be read"),
            failure: Some(why),
        }
    }

    fn failed(error: &io::Error) -> Self {
        Self::because(told(error))
    }

    fn changed() -> Self {
        let failure = "changed while it was read";
        Self {
            refusal: Refusal::internal("file: changed while it was read"),
            failure: Some(failure.to_owned()),
        }
    }

    fn special() -> Self {
        Self {
            refusal: Refusal::Forbidden(Remark::fixed("file: not a regular file")),
            failure: None,
        }
    }

    fn link() -> Self {
        Self {
            refusal: Refusal::Forbidden(Remark::fixed("file: a symbolic link is not followed")),
            failure: None,
        }
    }

    /// What is wrong with an input that was found like this.
    #[must_use]
    pub fn of(trouble: &Trouble) -> Self {
        match trouble {
            Trouble::Link => Self::link(),
            Trouble::Special => Self::special(),
            Trouble::Unreadable(told) => Self::because(told.clone()),
        }
    }
}

/// How much is read at a time when only digests are taken.
const CHUNK: usize = 1 << 16;
/// The same where it is copied.
const LARGE_CHUNK: usize = 1 << 20;

/// Reads a regular file of at most `limit` bytes; of one state, or not at all. A large one is copied into `spool`:
/// what others may change is read once.
///
/// # Errors
/// Why it was not read.
pub fn read(input: &Input, limit: u64, spool: &Spool) -> Result<(Bytes, Stamp), Unread> {
    if let Some(trouble) = &input.trouble {
        return Err(Unread::of(trouble));
    }
    // a link that was put in its place since it was found
    let open = || {
        input.folder.open(&input.raw).map_err(|error| {
            if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) {
                Unread::link()
            } else {
                Unread::failed(&error)
            }
        })
    };
    let file = open()?;
    let data = file.metadata().map_err(|error| Unread::failed(&error))?;
    if !data.is_file() {
        return Err(Unread::special());
    }
    let stamp = Stamp::of(&data);
    let bytes = content(&file, data.len(), limit, spool).map_err(|error| Unread::failed(&error))?;
    crate::fail::point("read");
    let length = match &bytes {
        Bytes::Whole(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        Bytes::TooLarge { bytes, .. } => *bytes,
    };
    let after = file.metadata().map_err(|error| Unread::failed(&error))?;
    if Stamp::of(&after) != stamp || length != data.len() {
        return Err(Unread::changed());
    }
    Ok((bytes, stamp))
}

fn content(file: &File, length: u64, limit: u64, spool: &Spool) -> io::Result<Bytes> {
    if length > limit {
        return digest(file, length, limit);
    }
    // a file that grows while it is read must not take more than it may; one byte more shows it
    let mut file = file.take(length.saturating_add(1));
    if let Ok(length) = usize::try_from(length)
        && spool.holds(length)
    {
        let mut bytes = Vec::with_capacity(length.saturating_add(1));
        file.read_to_end(&mut bytes)?;
        return Ok(Bytes::Whole(Untrusted::new(bytes)));
    }
    let mut writer = SpoolWriter::new(spool.clone());
    let mut chunk = vec![0; LARGE_CHUNK];
    loop {
        let count = file.read(&mut chunk)?;
        if count == 0 {
            break;
        }
        writer.put(chunk.get(..count).unwrap_or_default());
    }
    let copy = writer.finish().map_err(|_| io::ErrorKind::StorageFull)?;
    Ok(Bytes::Whole(copy.into()))
}

fn digest(file: &File, length: u64, limit: u64) -> io::Result<Bytes> {
    let mut sha256 = Sha256::new();
    let mut blake3 = blake3::Hasher::new();
    let mut bytes = 0u64;
    let mut chunk = vec![0; CHUNK];
    let mut file = file.take(length.saturating_add(1));
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

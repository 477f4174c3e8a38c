//! Files that wait on disk: unlinked, so that nobody finds them and nothing is left of them.

use crate::admit;
use crate::intake::size;
use bytes::Bytes;
use mugai_core::{SpoolFile, Spooled, Untrusted};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use std::fs::File;
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;
use tokio::task::JoinHandle;
use tonic::Status;

/// A file that has arrived, and waits for its job.
#[derive(Debug)]
pub(crate) enum Held {
    /// In memory.
    Memory(Untrusted),
    /// On disk: the file, and its size in bytes.
    Disk(File, u64),
}

impl Held {
    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Memory(bytes) => size(bytes.len()),
            Self::Disk(_, length) => *length,
        }
    }

    /// The bytes; those on disk stay there, and are read place by place.
    ///
    /// # Errors
    /// When there is no descriptor to be had, the disk has lost some of them, or they are more than this machine has addresses for.
    pub(crate) fn read(&self) -> io::Result<Untrusted> {
        match self {
            Self::Memory(bytes) => Ok(bytes.clone()),
            Self::Disk(file, length) => {
                let room = usize::try_from(*length).map_err(|_| ErrorKind::OutOfMemory)?;
                if file.metadata()?.len() < *length {
                    return Err(ErrorKind::UnexpectedEof.into());
                }
                let file: Arc<dyn SpoolFile> = Arc::new(Whole(file.try_clone()?));
                Ok(Spooled::in_file(file, 0, room).into())
            }
        }
    }
}

/// A file that nobody writes to any more.
#[derive(Debug)]
struct Whole(File);

impl SpoolFile for Whole {
    fn write(&self, _: u64, _: &[u8]) -> Option<()> {
        None
    }

    fn read(&self, at: u64, into: &mut [u8]) -> Option<()> {
        self.0.read_exact_at(into, at).ok()
    }
}

/// Whether files can wait in a folder.
///
/// # Errors
/// Why not.
pub(crate) fn check(folder: &Path) -> io::Result<()> {
    unnamed(folder)?.write_all(b"?")
}

/// A file that never has a name, or loses it at once where the file system knows none without.
fn unnamed(folder: &Path) -> io::Result<File> {
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    match rustix::fs::open(folder, flags, Mode::RUSR | Mode::WUSR) {
        Ok(file) => Ok(file.into()),
        Err(Errno::OPNOTSUPP | Errno::ISDIR) => {
            Ok(tempfile::NamedTempFile::new_in(folder)?.into_file())
        }
        Err(error) => Err(error.into()),
    }
}

/// Receives a file in memory, or on disk.
pub(crate) enum Desk {
    Memory(Vec<u8>, Box<blake3::Hasher>),
    Disk(Writing),
}

impl Desk {
    /// A place in memory; `reserve` bytes are reserved at once.
    pub(crate) fn memory(reserve: usize) -> Self {
        Self::Memory(Vec::with_capacity(reserve), Box::default())
    }

    /// A place in a folder: a file without a name, for this user alone.
    ///
    /// # Errors
    /// `RESOURCE_EXHAUSTED` for a full disk, `INTERNAL` for other troubles.
    pub(crate) async fn disk(folder: &Path) -> Result<Self, Status> {
        let folder = folder.to_owned();
        let file = tokio::task::spawn_blocking(move || unnamed(&folder)).await;
        let file = file.map_err(broken)?.map_err(|error| trouble(&error))?;
        Ok(Self::Disk(Writing::to(file)))
    }

    /// # Errors
    /// As of [`Desk::disk`].
    pub(crate) async fn put(&mut self, chunk: Bytes) -> Result<(), Status> {
        match self {
            Self::Memory(bytes, hasher) => {
                hasher.update(&chunk);
                bytes.extend_from_slice(&chunk);
                Ok(())
            }
            Self::Disk(writing) => writing.put(chunk).await,
        }
    }

    /// # Errors
    /// As of [`Desk::disk`].
    pub(crate) async fn finish(self) -> Result<(Held, blake3::Hash), Status> {
        match self {
            Self::Memory(bytes, hasher) => {
                let digest = hasher.finalize();
                Ok((Held::Memory(Untrusted::new(bytes)), digest))
            }
            Self::Disk(writing) => {
                let page = writing.page().await?;
                let digest = page.hasher.finalize();
                Ok((Held::Disk(page.file, page.length), digest))
            }
        }
    }
}

/// A file on disk that chunks are put into, each while the next one is received.
pub(crate) enum Writing {
    /// All chunks are in it.
    Free(Box<Page>),
    /// The last chunk is being written.
    Busy(JoinHandle<io::Result<Box<Page>>>),
    /// A write was given up, or went wrong.
    Lost,
}

pub(crate) struct Page {
    file: File,
    length: u64,
    hasher: blake3::Hasher,
}

impl Page {
    fn put(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.hasher.update(chunk);
        self.file.write_all(chunk)?;
        self.length = self.length.saturating_add(size(chunk.len()));
        Ok(())
    }
}

impl Writing {
    fn to(file: File) -> Self {
        Self::Free(Box::new(Page {
            file,
            length: 0,
            hasher: blake3::Hasher::new(),
        }))
    }

    async fn put(&mut self, chunk: Bytes) -> Result<(), Status> {
        let mut page = std::mem::replace(self, Self::Lost).page().await?;
        *self = Self::Busy(tokio::task::spawn_blocking(move || {
            page.put(&chunk).map(|()| page)
        }));
        Ok(())
    }

    /// The file, once all is in it.
    async fn page(self) -> Result<Box<Page>, Status> {
        match self {
            Self::Free(page) => Ok(page),
            Self::Busy(writing) => writing
                .await
                .map_err(broken)?
                .map_err(|error| trouble(&error)),
            Self::Lost => Err(Status::internal("the spool has lost a file")),
        }
    }
}

fn broken(_: tokio::task::JoinError) -> Status {
    Status::internal("writing to the spool broke off")
}

/// What a disk that does not take a file amounts to for its caller.
fn trouble(error: &io::Error) -> Status {
    let full = matches!(
        error.kind(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge
    );
    tracing::error!(%error, "the spool does not take a file");
    if full {
        admit::full("no room on the disk for this file now")
    } else {
        Status::internal("the spool cannot be used")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt as _;
    use tonic::Code;
    use tonic_types::StatusExt as _;

    #[tokio::test]
    async fn what_goes_in_comes_out_and_has_no_name() {
        let folder = tempfile::tempdir().unwrap();
        let mut desk = Desk::disk(folder.path()).await.unwrap();
        for chunk in [&b"abc"[..], b"", b"defg"] {
            desk.put(Bytes::from_static(chunk)).await.unwrap();
        }
        let (held, digest) = desk.finish().await.unwrap();
        assert_eq!(held.len(), 7);
        assert_eq!(digest, blake3::hash(b"abcdefg"));
        // again and again
        assert_eq!(*held.read().unwrap().load().unwrap(), *b"abcdefg");
        assert_eq!(*held.read().unwrap().load().unwrap(), *b"abcdefg");
        let Held::Disk(file, _) = &held else {
            panic!("it is on disk")
        };
        let data = file.metadata().unwrap();
        assert_eq!((data.mode() & 0o777, data.nlink()), (0o600, 0));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(Held::Disk(file.try_clone().unwrap(), 8).read().is_err());
    }

    #[tokio::test]
    async fn a_full_disk_is_a_refusal() {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let mut writing = Writing::to(full);
        writing.put(Bytes::from_static(b"abc")).await.unwrap();
        let status = writing.put(Bytes::from_static(b"abc")).await.unwrap_err();
        assert_eq!(status.code(), Code::ResourceExhausted);
        assert!(status.get_details_retry_info().is_some());
    }

    #[tokio::test]
    async fn a_folder_that_is_none_is_our_trouble() {
        let folder = tempfile::tempdir().unwrap();
        let status = Desk::disk(&folder.path().join("none")).await.err().unwrap();
        assert_eq!(status.code(), Code::Internal);
    }
}

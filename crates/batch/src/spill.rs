//! What grows with the number of files lies in unnamed files, so that memory does not.
//!
//! Three shapes are enough: a [`Tape`] that is written at its end, a [`Sorter`] for what is to come
//! in order, and a [`Map`] for what is looked up. Each keeps a buffer of fixed size in memory, and makes
//! its file when that is full: a run over few files writes none of them. They hold what can be found
//! again from inputs and journal, and are never made durable.

mod map;
mod sorter;
mod tape;

pub(crate) use map::{Key, Map, Value};
pub(crate) use sorter::{Sorted, Sorter};
pub(crate) use tape::{Tape, Window};

use rustix::fs::{Mode, OFlags, openat};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;

/// Where unnamed files are made: in a folder of ours or, where that is none or takes none, in
/// `$TMPDIR`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scratch(Option<Arc<OwnedFd>>);

impl Scratch {
    pub(crate) const fn within(folder: Option<Arc<OwnedFd>>) -> Self {
        Self(folder)
    }

    /// A new file that has no name, and is gone when it is closed, however the process ends.
    ///
    /// # Errors
    /// What the system says where `$TMPDIR` takes none either.
    fn file(&self) -> io::Result<File> {
        // O_EXCL: nobody can give it a name later, see open(2)
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC | OFlags::EXCL;
        if let Some(folder) = &self.0
            && let Ok(file) = openat(folder, ".", flags, Mode::RUSR | Mode::WUSR)
        {
            return Ok(File::from(file));
        }
        let folder = std::env::temp_dir();
        tempfile::tempfile_in(&folder).map_err(|error| {
            let told = crate::source::told(&error);
            let text = format!("no temporary file in {}: {told}", folder.display());
            io::Error::new(error.kind(), text)
        })
    }
}

/// Names what could not be written or read.
fn temporary(error: &io::Error) -> io::Error {
    let told = crate::source::told(error);
    io::Error::new(error.kind(), format!("temporary file: {told}"))
}

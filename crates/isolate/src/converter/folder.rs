//! The one folder that the suite may write to: made for a document, gone with it.

use mugai_core::{Refusal, Resource, Untrusted};
use rustix::fs::{CWD, Mode, OFlags, openat};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// The refusal of a document that the suite makes nothing of.
pub(super) const NOTHING: Refusal =
    Refusal::malformed("office: LibreOffice made nothing of the document");

/// Folders of this process, numbered.
static NUMBER: AtomicU64 = AtomicU64::new(0);
/// How many names are tried before one that is free.
const TRIES: u32 = 1_000;

/// A folder; dropping it removes all that is in it.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Makes a folder that nobody else can look into.
    ///
    /// # Errors
    /// What the file system says.
    pub(super) fn make(inside: &Path) -> io::Result<Self> {
        let process = std::process::id();
        let mut builder = DirBuilder::new();
        builder.mode(0o700);
        for _ in 0..TRIES {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let path = inside.join(format!("mugai-convert-{process}-{number}"));
            match builder.create(&path) {
                // the real path: the fences name it, and so does the suite
                Ok(()) => return fs::canonicalize(&path).map(Self),
                // left over by a process of the same number
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Its path.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Puts the document and the settings of the suite into it.
    ///
    /// # Errors
    /// What the file system says.
    pub(super) fn fill(&self, name: &str, document: &[u8]) -> io::Result<()> {
        for folder in ["out", "tmp", "profile", "profile/user"] {
            DirBuilder::new().mode(0o700).create(self.0.join(folder))?;
        }
        for (name, bytes) in [
            (name, document),
            ("fonts.conf", super::profile::FONTS.as_bytes()),
            (
                "profile/user/registrymodifications.xcu",
                super::profile::SETTINGS.as_bytes(),
            ),
        ] {
            let mut options = OpenOptions::new();
            options.write(true).create_new(true).mode(0o600);
            options.open(self.0.join(name))?.write_all(bytes)?;
        }
        Ok(())
    }

    /// How many bytes are in it now. Links are not followed.
    pub(super) fn bytes(&self) -> u64 {
        let mut sum = 0u64;
        let mut folders = vec![self.0.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let Ok(metadata) = entry.metadata() else {
                    continue;
                };
                if metadata.is_dir() {
                    folders.push(entry.path());
                }
                sum = sum.saturating_add(metadata.len());
            }
        }
        sum
    }

    /// Takes the result out: a plain file of at most `limit` bytes. What the suite left there is not
    /// trusted to be one: links are not followed, and nobody waits at a pipe.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] when there is none, [`Refusal::Overrun`] when it is larger.
    pub(super) fn take(&self, name: &str, limit: u64) -> Result<Untrusted, Refusal> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = openat(CWD, self.0.join(name), flags, Mode::empty()).map_err(|_| NOTHING)?;
        let file = File::from(file);
        let metadata = file.metadata().map_err(|_| NOTHING)?;
        if !metadata.is_file() || metadata.len() == 0 {
            return Err(NOTHING);
        }
        let mut bytes = Vec::new();
        let read = file
            .take(limit.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|_| NOTHING)?;
        if u64::try_from(read).is_ok_and(|read| read <= limit) {
            Ok(Untrusted::new(bytes))
        } else {
            let resource = Resource::Bytes;
            Err(Refusal::Overrun { resource, limit })
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // what cannot be removed stays where only this user can read it
        drop(fs::remove_dir_all(&self.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    #[test]
    fn only_a_plain_file_within_the_limit_is_taken() {
        let folder = Folder::make(&std::env::temp_dir()).unwrap();
        folder.fill("in.doc", b"document").unwrap();
        let mode = fs::metadata(folder.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        assert!(folder.bytes() >= 8);
        assert_eq!(folder.take("out/in.pdf", 9), Err(NOTHING));
        symlink("/etc/passwd", folder.path().join("out/in.pdf")).unwrap();
        assert_eq!(folder.take("out/in.pdf", 1 << 20), Err(NOTHING));
        fs::remove_file(folder.path().join("out/in.pdf")).unwrap();
        fs::create_dir(folder.path().join("out/in.pdf")).unwrap();
        assert_eq!(folder.take("out/in.pdf", 9), Err(NOTHING));
        fs::remove_dir(folder.path().join("out/in.pdf")).unwrap();
        fs::write(folder.path().join("out/in.pdf"), b"123456789").unwrap();
        assert_eq!(
            *folder.take("out/in.pdf", 9).unwrap().load().unwrap(),
            *b"123456789"
        );
        assert!(matches!(
            folder.take("out/in.pdf", 8),
            Err(Refusal::Overrun { limit: 8, .. })
        ));
        let path = folder.path().to_owned();
        drop(folder);
        assert!(!path.exists());
    }
}

//! Whether a converter can be watched here at all, tried before the first document.
//!
//! A kernel may not count what a process writes, and a policy may hide `/proc/PID` of others. A conversion would end as a
//! mistake of ours then, after a while, each time.

use super::{Process, role, watch};
use crate::descriptors;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, OnceLock};
use std::thread;

/// The trial, and how it went.
#[derive(Debug)]
pub(crate) struct Trial {
    executable: PathBuf,
    passed: Arc<OnceLock<bool>>,
}

impl Trial {
    /// Begins it, in a thread of its own: nobody waits who has nothing to convert.
    pub(crate) fn begin(executable: &Path) -> Self {
        let trial = Self {
            executable: executable.to_owned(),
            passed: Arc::default(),
        };
        let (executable, passed) = (trial.executable.clone(), Arc::clone(&trial.passed));
        let name = "mugai-trial".to_owned();
        // without a thread it is made when it is needed
        drop(thread::Builder::new().name(name).spawn(move || {
            ask(&executable, &passed);
        }));
        trial
    }

    /// Whether it can be watched, as far as is known; waits for the end of a trial. What went wrong with one for the
    /// moment is not kept: it is made again the next time.
    pub(crate) fn is_passed(&self) -> Option<bool> {
        ask(&self.executable, &self.passed)
    }
}

fn ask(executable: &Path, passed: &OnceLock<bool>) -> Option<bool> {
    if let Some(known) = passed.get() {
        return Some(*known);
    }
    let shown = is_shown(executable).ok()?;
    Some(*passed.get_or_init(|| shown))
}

/// Whether a process in that role, before it does anything, is shown to us.
///
/// # Errors
/// What kept it from being started or looked at, which says nothing.
fn is_shown(executable: &Path) -> io::Result<bool> {
    descriptors::keep_back();
    let child = Command::new(executable)
        .arg(role::NAME)
        .env_clear()
        // it waits until this is closed, and ends then, for it is told nothing else
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()?;
    let mut process = Process {
        child,
        _group: None,
    };
    let shown = watch::is_shown(process.child.id());
    // of one that was killed meanwhile nothing is shown to anybody
    if process.child.try_wait()?.is_some() {
        return Err(io::ErrorKind::NotFound.into());
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::super::{Converter, ConverterConfig, UNTOLD};
    use super::*;
    use mugai_core::{Conversion, Kind, Patience, Untrusted};
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_process_of_ours_is_shown() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("script");
        let text = "#!/bin/sh\nread line\n";
        std::fs::write(folder.path().join("new"), text).unwrap();
        let mode = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(folder.path().join("new"), mode).unwrap();
        std::fs::rename(folder.path().join("new"), &path).unwrap();
        // a script may be busy for a moment where others start processes
        let shown = (0..100).find_map(|_| is_shown(&path).ok());
        assert_eq!(shown, Some(true));
        let trial = Trial::begin(&path);
        assert_ne!(trial.is_passed(), Some(false));
        // which is another failure, and need not last
        let nothing = Path::new("/no/such/executable");
        assert!(is_shown(nothing).is_err());
        assert_eq!(Trial::begin(nothing).is_passed(), None);
    }

    #[test]
    fn what_cannot_be_watched_is_not_begun() {
        let folder = tempfile::tempdir().unwrap();
        let config = ConverterConfig {
            folders: folder.path().join("not-made"),
            ..ConverterConfig::new(PathBuf::from("/no/such/suite"))
        };
        let converter = Converter {
            config: &config,
            executable: &PathBuf::from("/no/such/executable"),
            home: None,
            must: false,
            is_hidden: true,
        };
        let document = Untrusted::new(b"document".to_vec());
        let conversion = Conversion::into_pages(Kind::Rtf).unwrap();
        let end = converter.convert(&document, conversion, 1, Patience::default());
        assert_eq!(end, Err(UNTOLD));
    }
}

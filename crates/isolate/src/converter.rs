//! The converter: a foreign office suite, one process a document, in a confinement of its own.
//!
//! `LibreOffice` is a large C++ program that reads formats which we do not, and it is never trusted.
//! It gets one document and a folder, and may do little else: see [`confine`] for its fences. It is
//! a single process that can neither fork nor execute anything but itself, so that killing it leaves
//! nothing behind. What it makes is read back as the bytes of a stranger.

mod calls;
mod confine;
mod folder;
mod profile;
mod role;
mod suite;
mod trial;
mod watch;

pub use role::converter_main;
pub(crate) use trial::Trial;

use crate::descriptors;
use crate::group::{Allowance, Group, Groupless, Groups, Home};
use folder::{Folder, Unseen};
use mugai_core::{Conversion, Loss, Patience, Refusal, Resource, Untrusted};
use std::ffi::OsString;
use std::io::Read as _;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often an eye is on the process, and every how many looks on what it has written, and on its folder.
const LOOK: Duration = Duration::from_millis(5);
const COUNT_LOOKS: u32 = 4;
const FOLDER_LOOKS: u32 = 10;
/// The code with which the suite ends when it has set up its profile and wants to be started again.
const AGAIN: i32 = 81;

/// The longest that a document may take where nothing else is said.
const USUAL: Duration = Duration::from_mins(1);

/// The refusal of all documents where nobody could see what the suite does with them.
const UNTOLD: Refusal = Refusal::unsupported(
    "office: no conversion here, the kernel does not tell what LibreOffice writes",
);

/// Threads of the suite in its group: it takes about twenty.
const THREADS: u32 = 256;

/// Settings of the converter.
#[derive(Clone, Debug)]
pub struct ConverterConfig {
    /// The program itself, `soffice.bin`: never the script beside it, which starts others.
    pub program: PathBuf,
    /// Wall-clock time for one document; default: 60 s.
    pub deadline: Duration,
    /// Address space, in bytes; default: 4 GiB.
    pub memory_bytes: u64,
    /// The most bytes in its folder, the document, the profile and the result together, and the most that it writes all in
    /// all; default: 1 GiB.
    pub folder_bytes: u64,
    /// Where folders are made, one a document; default: [`crate::spool::folder`], else the folder for temporary files.
    pub folders: PathBuf,
}

impl ConverterConfig {
    /// Clears away, in a thread of its own, the folders of documents that were at work when their keeper was killed.
    pub(crate) fn sweep(&self) {
        // other programs on this machine may have other settings, and be slow in ending a document
        let longest = self.deadline.max(USUAL).saturating_mul(2);
        folder::sweep(&self.folders, longest);
    }

    /// The default settings with this program.
    #[must_use]
    pub fn new(program: PathBuf) -> Self {
        Self {
            program,
            deadline: USUAL,
            memory_bytes: 4 << 30,
            folder_bytes: 1 << 30,
            folders: crate::spool::folder().unwrap_or_else(std::env::temp_dir),
        }
    }

    /// The groups of its processes.
    ///
    /// # Errors
    /// [`Groupless`]
    pub(crate) fn home(&self, groups: &Groups) -> Result<Arc<Home>, Groupless> {
        let allowance = Allowance {
            memory: self.memory_bytes,
            processes: THREADS,
        };
        Home::find(groups, allowance)
    }
}

/// Converts documents. The process that does it starts anew for each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Converter<'a> {
    /// Settings.
    pub(crate) config: &'a ConverterConfig,
    /// The executable that has the converter role.
    pub(crate) executable: &'a PathBuf,
    /// The groups of its processes, where there are any.
    pub(crate) home: Option<&'a Arc<Home>>,
    /// Without a group there is no conversion.
    pub(crate) must: bool,
    /// Whether the kernel hides what its processes do, as [`Trial`] found.
    pub(crate) is_hidden: bool,
}

impl Converter<'_> {
    /// Converts one document; the answer is at most `limit` bytes.
    ///
    /// # Errors
    /// As in [`mugai_core::Opener::convert`].
    pub(crate) fn convert(
        self,
        document: &Untrusted,
        conversion: Conversion,
        limit: u64,
        patience: Patience<'_>,
    ) -> Result<Untrusted, Refusal> {
        const NO_FOLDER: Refusal = Refusal::internal("converter: no folder for the document");
        let task = suite::Task::of(conversion).ok_or(mugai_core::NO_CONVERTER)?;
        if self.is_hidden {
            return Err(UNTOLD);
        }
        let folder = Folder::make(&self.config.folders).map_err(|_| NO_FOLDER)?;
        folder
            .fill(task.input, &document.load()?)
            .map_err(|_| NO_FOLDER)?;
        let now = Instant::now();
        let own = now.checked_add(self.config.deadline).unwrap_or(now);
        let until = patience.until.map_or(own, |until| until.min(own));
        let mut last = Refusal::Lost(Loss::Crash);
        for import in (0..).take(task.imports.len()) {
            match self.attempt(&folder, task, import, limit, until, patience) {
                Err(refusal) if refusal == folder::NOTHING => last = refusal,
                end => return end,
            }
        }
        Err(last)
    }

    /// Runs the program with one of its import filters, and takes what it made.
    fn attempt(
        self,
        folder: &Folder,
        task: suite::Task,
        import: u64,
        limit: u64,
        until: Instant,
        patience: Patience<'_>,
    ) -> Result<Untrusted, Refusal> {
        // the first start with a new profile may end at once, having made it
        for _ in 0..2 {
            let mut process = self.start(folder, task, import, until)?;
            let status = self.wait(&mut process, folder, until, patience)?;
            if let Some(failure) = process.failure() {
                return Err(failure.refusal());
            }
            match status.code() {
                Some(0) => return folder.take(task.output, limit),
                Some(AGAIN) => {}
                Some(_) | None => break,
            }
        }
        Err(Refusal::Lost(Loss::Crash))
    }

    /// Waits for the end of the process.
    fn wait(
        self,
        process: &mut Process,
        folder: &Folder,
        until: Instant,
        patience: Patience<'_>,
    ) -> Result<ExitStatus, Refusal> {
        const LATE: Refusal = Refusal::Lost(Loss::Deadline);
        let limit = self.config.folder_bytes;
        let mut watch = watch::Watch::new(process.child.id(), limit);
        let mut looks = 0u32;
        loop {
            match process.child.try_wait() {
                Ok(Some(status)) => return Ok(status),
                Ok(None) => {}
                Err(_) => return Err(Refusal::internal("converter: it cannot be waited for")),
            }
            if Instant::now() >= until || patience.is_cancelled() {
                return Err(LATE);
            }
            looks = looks.wrapping_add(1);
            if looks.is_multiple_of(COUNT_LOOKS) {
                watch.look()?;
            }
            if looks.is_multiple_of(FOLDER_LOOKS) {
                match folder.bytes(until) {
                    Ok(bytes) if bytes > limit => return Err(folder::over(Resource::Bytes, limit)),
                    Ok(_) => {}
                    Err(Unseen::TooMuch(refusal)) => return Err(refusal),
                    Err(Unseen::Late) => return Err(LATE),
                }
            }
            std::thread::sleep(LOOK);
        }
    }

    fn start(
        self,
        folder: &Folder,
        task: suite::Task,
        import: u64,
        until: Instant,
    ) -> Result<Process, Refusal> {
        // processor time is limited too, for a keeper that is stopped cannot kill
        let seconds = until.saturating_duration_since(Instant::now()).as_secs();
        let setup = role::Setup {
            program: self.config.program.clone(),
            folder: folder.path().to_owned(),
            task,
            import,
            memory_bytes: self.config.memory_bytes,
            file_bytes: self.config.folder_bytes,
            cpu_seconds: seconds.saturating_add(1).saturating_mul(2),
        };
        descriptors::keep_back();
        let mut child = Command::new(self.executable)
            .arg(OsString::from(role::NAME))
            .args(setup.to_arguments())
            .env_clear()
            .current_dir(folder.path())
            // it waits until this is closed
            .stdin(Stdio::piped())
            // and says here why it did not become the suite, which does not have it any more
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(|_| Refusal::internal("converter: it cannot be started"))?;
        let group = self.home.and_then(|home| home.enter(child.id()));
        let lonely = self.must && group.is_none();
        let gate = child.stdin.take();
        let process = Process {
            child,
            _group: group,
        };
        if lonely {
            return Err(Refusal::internal("converter: it has no control group"));
        }
        drop(gate);
        Ok(process)
    }
}

/// What is known of whether a converter can be watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watching {
    /// There is none.
    NoConverter,
    /// The trial could not be made; each document is watched.
    Unknown,
    /// The kernel shows what it writes.
    Shown,
    /// The kernel does not, and nothing is converted.
    Hidden,
}

/// A process that is killed and waited for when nobody waits any longer. It is alone: it cannot have
/// made another one.
struct Process {
    child: Child,
    /// Given back when the process has ended.
    _group: Option<Group>,
}

impl Process {
    /// Why the process, which has ended, did not become the suite; `None` when it did. Codes of ends tell nothing: the suite
    /// may end with any.
    fn failure(&mut self) -> Option<role::Failure> {
        let mut told = [0];
        self.child.stdout.take()?.read_exact(&mut told).ok()?;
        role::Failure::told(told)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // one that cannot be killed has ended already
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

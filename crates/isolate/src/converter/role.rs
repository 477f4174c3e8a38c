//! The other side: the same executable in its converter role confines itself and becomes the suite.

use super::confine;
use super::suite::Task;
use crate::descriptors;
use mugai_core::Refusal;
use rustix::io::{fcntl_dupfd_cloexec, write};
use rustix::stdio::{dup2_stdout, stderr, stdout};
use std::ffi::OsString;
use std::io::Read as _;
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

/// The word that calls for this role.
pub(super) const NAME: &str = "converter";

/// Why the process did not become the suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The command line is strange, or what it was given to say something.
    Strange,
    /// It has descriptors that nobody meant it to have.
    Descriptors,
    /// It does not end with its keeper.
    Keeper,
    /// Its limits do not stand.
    Limits,
    /// It has rights left.
    Rights,
    /// Landlock does not stand.
    Landlock,
    /// The allow-list of system calls does not stand.
    Calls,
    /// The program cannot be executed.
    Program,
}

impl Failure {
    /// All of them, each with the byte that says it.
    const ALL: [(Self, u8); 8] = [
        (Self::Strange, b's'),
        (Self::Descriptors, b'd'),
        (Self::Keeper, b'k'),
        (Self::Limits, b'l'),
        (Self::Rights, b'r'),
        (Self::Landlock, b'f'),
        (Self::Calls, b'c'),
        (Self::Program, b'p'),
    ];

    /// What the process said before it ended.
    pub(super) fn told([byte]: [u8; 1]) -> Option<Self> {
        let mut all = Self::ALL.iter();
        all.find(|(_, said)| *said == byte)
            .map(|(failure, _)| *failure)
    }

    /// Says it to the keeper.
    fn tell(self, keeper: impl AsFd) {
        if let Some((_, byte)) = Self::ALL.iter().find(|(failure, _)| *failure == self) {
            // one that is gone wants to know nothing
            let _ = write(keeper, &[*byte]);
        }
    }

    /// What it means for the document.
    pub(super) const fn refusal(self) -> Refusal {
        Refusal::internal(match self {
            Self::Strange => "converter: the role was called wrongly",
            Self::Descriptors => "converter: unconfined, it was started with descriptors of others",
            Self::Keeper => "converter: unconfined, it would outlive its keeper",
            Self::Limits => "converter: unconfined, a limit does not stand",
            Self::Rights => "converter: unconfined, it has rights left",
            Self::Landlock => "converter: unconfined, Landlock does not stand",
            Self::Calls => "converter: unconfined, the list of system calls does not stand",
            Self::Program => "converter: LibreOffice cannot be executed",
        })
    }
}

/// What the keeper tells the role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Setup {
    pub(super) program: PathBuf,
    pub(super) folder: PathBuf,
    pub(super) task: Task,
    /// Which of its import filters.
    pub(super) import: u64,
    pub(super) memory_bytes: u64,
    pub(super) file_bytes: u64,
    pub(super) cpu_seconds: u64,
}

impl Setup {
    pub(super) fn to_arguments(&self) -> Vec<OsString> {
        let mut arguments = vec![
            self.program.clone().into_os_string(),
            self.folder.clone().into_os_string(),
            OsString::from(self.task.word),
        ];
        for number in [
            self.import,
            self.memory_bytes,
            self.file_bytes,
            self.cpu_seconds,
        ] {
            arguments.push(OsString::from(number.to_string()));
        }
        arguments
    }

    fn from_arguments(arguments: impl Iterator<Item = OsString>) -> Option<Self> {
        let mut arguments = arguments;
        let program = PathBuf::from(arguments.next()?);
        let folder = PathBuf::from(arguments.next()?);
        let task = Task::named(&arguments.next()?)?;
        let mut number = || arguments.next()?.to_str()?.parse().ok();
        Some(Self {
            program,
            folder,
            task,
            import: number()?,
            memory_bytes: number()?,
            file_bytes: number()?,
            cpu_seconds: number()?,
        })
    }
}

/// The entry point of the converter role of the executable: confines this process for good, then
/// replaces it by the suite. `arguments` are those behind the name of the role, as a
/// [`Pool`](crate::Pool) gives them. It comes back only with a failure, which standard output was told.
pub fn converter_main(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let alone = descriptors::are_standard();
    // what the keeper listens to is not the suite's: error output leads nowhere, and nor does its standard output
    let keeper = fcntl_dupfd_cloexec(stdout(), 0);
    let failure = match dup2_stdout(stderr()) {
        Ok(()) => become_suite(arguments, alone),
        Err(_) => Failure::Strange,
    };
    if let Ok(keeper) = keeper {
        failure.tell(keeper);
    }
    ExitCode::FAILURE
}

/// `alone`: the process began with the standard descriptors alone.
fn become_suite(arguments: impl Iterator<Item = OsString>, alone: bool) -> Failure {
    // the keeper closes this when the process is where it shall be
    drop(std::io::stdin().read(&mut [0]));
    let Some(setup) = Setup::from_arguments(arguments) else {
        return Failure::Strange;
    };
    let import = usize::try_from(setup.import).ok();
    let Some(import) = import.and_then(|import| setup.task.imports.get(import)) else {
        return Failure::Strange;
    };
    // what is not handed to the suite on purpose is not handed to it
    if !alone {
        return Failure::Descriptors;
    }
    if let Err(failure) = confine::confine(&setup) {
        return failure;
    }
    let inside = |name: &str| setup.folder.join(name);
    let error = Command::new(&setup.program)
        .args(setup.task.arguments(import, &setup.folder))
        .env_clear()
        .env("HOME", &setup.folder)
        .env("TMPDIR", inside("tmp"))
        .env("LC_ALL", "C.UTF-8")
        .env("FONTCONFIG_FILE", inside("fonts.conf"))
        // draw in memory, with no display, no OpenCL and no printers
        .env("SAL_USE_VCLPLUGIN", "svp")
        .env("SAL_DISABLE_OPENCL", "1")
        .env("SAL_DISABLE_CUPS", "1")
        .exec();
    drop(error);
    Failure::Program
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::{Conversion, Kind};

    #[test]
    fn the_role_understands_its_keeper_and_nobody_else() {
        let setup = Setup {
            program: PathBuf::from("/opt/office/soffice.bin"),
            folder: PathBuf::from("/tmp/folder with space"),
            task: Task::of(Conversion::into_pages(Kind::Rtf).unwrap()).unwrap(),
            import: 0,
            memory_bytes: 1,
            file_bytes: 2,
            cpu_seconds: 3,
        };
        let arguments = setup.to_arguments();
        let read = Setup::from_arguments(arguments.clone().into_iter());
        assert_eq!(read, Some(setup));
        for missing in 0..arguments.len() {
            let short = arguments.iter().take(missing).cloned();
            assert_eq!(Setup::from_arguments(short), None, "{missing}");
        }
    }

    #[test]
    fn each_failure_is_said_by_a_byte_and_has_a_reason() {
        for (failure, byte) in Failure::ALL {
            assert_eq!(Failure::told([byte]), Some(failure));
            let refusal = failure.refusal();
            assert_eq!(refusal.code(), "internal", "{failure:?}");
            let reasons = Failure::ALL.map(|(other, _)| other.refusal());
            let same = reasons.iter().filter(|reason| **reason == refusal).count();
            assert_eq!(same, 1, "{failure:?}");
        }
        assert_eq!(Failure::told([0]), None);
    }
}

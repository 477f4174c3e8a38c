//! The other side: the same executable in its converter role confines itself and becomes the suite.

use super::confine;
use super::suite::Task;
use mugai_core::{Loss, Refusal};
use std::ffi::OsString;
use std::io::Read as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

/// The word that calls for this role.
pub(super) const NAME: &str = "converter";

/// The command line is strange.
const STRANGE: u8 = 70;
/// The confinement could not be put up.
const UNCONFINED: u8 = 71;
/// The program could not be executed.
const NO_PROGRAM: u8 = 72;

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
/// [`Pool`](crate::Pool) gives them. It comes back only with a failure.
pub fn converter_main(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let Some(setup) = Setup::from_arguments(arguments) else {
        return ExitCode::from(STRANGE);
    };
    // the keeper closes this when the process is where it shall be
    drop(std::io::stdin().read(&mut [0]));
    let import = usize::try_from(setup.import).ok();
    let Some(import) = import.and_then(|import| setup.task.imports.get(import)) else {
        return ExitCode::from(STRANGE);
    };
    if confine::confine(&setup).is_err() {
        return ExitCode::from(UNCONFINED);
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
    ExitCode::from(NO_PROGRAM)
}

/// Why the process ended with `code`.
pub(super) fn refusal(code: i32) -> Refusal {
    match u8::try_from(code) {
        Ok(STRANGE) => Refusal::internal("converter: the role was called wrongly"),
        Ok(UNCONFINED) => Refusal::internal("converter: it cannot be confined on this machine"),
        Ok(NO_PROGRAM) => Refusal::internal("converter: LibreOffice cannot be executed"),
        _ => Refusal::Lost(Loss::Crash),
    }
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
}

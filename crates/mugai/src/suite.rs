//! Where the office suite is that converts documents, if there is one.

use mugai_isolate::ConverterConfig;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The variable that names another `soffice.bin`; an empty one means that there is none.
const VARIABLE: &str = "MUGAI_SOFFICE";

/// Where distributions put it: the program itself, not the script that starts it.
const PLACES: [&str; 5] = [
    "/usr/lib/libreoffice/program/soffice.bin",
    "/usr/lib64/libreoffice/program/soffice.bin",
    "/opt/libreoffice/program/soffice.bin",
    "/usr/local/lib/libreoffice/program/soffice.bin",
    "/usr/lib/libreoffice-still/program/soffice.bin",
];

/// The longest that one document is waited for, however long a job may take.
const LONGEST: Duration = Duration::from_mins(1);

/// The program, if it is there.
pub(crate) fn program() -> Option<PathBuf> {
    match std::env::var_os(VARIABLE) {
        Some(named) => {
            let path = PathBuf::from(named);
            path.is_file().then_some(path)
        }
        None => PLACES
            .iter()
            .map(Path::new)
            .find(|path| path.is_file())
            .map(Path::to_owned),
    }
}

/// The settings of the converter for jobs that may take `deadline`.
pub(crate) fn find(deadline: Duration) -> Option<ConverterConfig> {
    // the real path: a link into another folder would lead the suite away from its own files
    let program = program()?.canonicalize().ok()?;
    Some(ConverterConfig {
        deadline: deadline.min(LONGEST),
        ..ConverterConfig::new(program)
    })
}

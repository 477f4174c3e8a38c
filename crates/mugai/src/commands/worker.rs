//! The hidden role: the same executable as a confined worker.

use std::ffi::OsString;
use std::process::ExitCode;

/// The word that calls for this role.
pub(crate) const ROLE: &str = "worker";

/// Confines this process, then opens parts until its keeper goes away.
pub(crate) fn main(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    mugai_isolate::worker_main(arguments, mugai_open::open)
}

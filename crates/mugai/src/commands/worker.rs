//! The hidden roles: the same executable as a confined worker, as a confined verifier, and as what becomes the
//! converter.

use std::ffi::OsString;
use std::process::ExitCode;

/// The word that calls for this role.
pub(crate) const ROLE: &str = "worker";
/// The word that calls for the one that checks drafts.
pub(crate) const VERIFIER: &str = "verifier";
/// The word that calls for the last one.
pub(crate) const CONVERTER: &str = "converter";

/// Confines this process, then opens parts until its keeper goes away.
pub(crate) fn main(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    mugai_isolate::worker_main(arguments, mugai_open::unread, mugai_open::open)
}

/// Confines this process, then checks drafts until its keeper goes away.
pub(crate) fn verifier(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    mugai_isolate::verifier_main(arguments, mugai_verify::answer_from)
}

/// Confines this process, then becomes the office suite for one document.
pub(crate) fn converter(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    mugai_isolate::converter_main(arguments)
}

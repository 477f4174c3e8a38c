//! `mugai watch`

use crate::args::Watch;
use std::process::ExitCode;

pub(crate) fn main(_: &Watch) -> ExitCode {
    ExitCode::FAILURE
}

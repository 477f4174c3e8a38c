//! The registry of readers: one file and one line each.

pub mod pdf;

use crate::reader::Format;

/// Every reader there is.
pub static ALL: &[&dyn Format] = &[&pdf::Pdf];

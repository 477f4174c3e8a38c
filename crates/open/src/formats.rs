//! The registry of readers: one file and one line each.

use crate::reader::Format;

/// Every reader there is.
pub static ALL: &[&dyn Format] = &[];

//! The registry of readers: one file and one line each.

mod html;

use crate::reader::Format;

/// Every reader there is.
pub static ALL: &[&dyn Format] = &[&html::Html];

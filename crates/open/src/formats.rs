//! The registry of readers: one file and one line each.

mod mail;
mod mbox;

use crate::reader::Format;

/// Every reader there is.
pub static ALL: &[&dyn Format] = &[&mail::Mail, &mbox::Mbox];

//! The registry of readers: one file and one line each.

pub mod pdf;
mod csv;
pub(crate) mod plain;
mod mail;
mod mbox;
mod html;

use crate::reader::Format;

/// Every reader there is.
pub static ALL: &[&dyn Format] = &[&pdf::Pdf];
pub static ALL: &[&dyn Format] = &[&csv::Csv, &plain::Plain];
pub static ALL: &[&dyn Format] = &[&mail::Mail, &mbox::Mbox];
pub static ALL: &[&dyn Format] = &[&html::Html];

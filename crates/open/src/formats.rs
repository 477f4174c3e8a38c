//! The registry of readers: one file and one line each.

pub mod pdf;
mod csv;
pub(crate) mod plain;
mod mail;
mod mbox;
mod html;
pub mod bmp;
pub mod gif;
pub mod jpeg;
pub mod png;
mod raster;
pub mod tiff;
pub mod webp;

use crate::reader::Format;

/// Every reader there is.
pub static ALL: &[&dyn Format] = &[&pdf::Pdf];
pub static ALL: &[&dyn Format] = &[&csv::Csv, &plain::Plain];
pub static ALL: &[&dyn Format] = &[&mail::Mail, &mbox::Mbox];
pub static ALL: &[&dyn Format] = &[&html::Html];
pub static ALL: &[&dyn Format] = &[
    &png::Png,
    &jpeg::Jpeg,
    &gif::Gif,
    &bmp::Bmp,
    &tiff::Tiff,
    &webp::Webp,
];

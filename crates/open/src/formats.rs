//! The registry of readers: one file and one line each.

mod bmp;
mod csv;
mod gif;
mod html;
mod jpeg;
mod mail;
mod mbox;
mod pdf;
pub(crate) mod plain;
mod png;
mod raster;
mod tiff;
mod webp;

use crate::reader::Format;

/// Every reader there is.
pub static ALL: &[&dyn Format] = &[
    &mail::Mail,
    &mbox::Mbox,
    &plain::Plain,
    &csv::Csv,
    &html::Html,
    &png::Png,
    &jpeg::Jpeg,
    &gif::Gif,
    &bmp::Bmp,
    &tiff::Tiff,
    &webp::Webp,
    &pdf::Pdf,
];

//! The registry of readers: one file and one line each.

pub mod bmp;
pub mod gif;
pub mod jpeg;
pub mod png;
mod raster;
pub mod tiff;
pub mod webp;

use crate::reader::Format;

/// Every reader there is.
pub static ALL: &[&dyn Format] = &[
    &png::Png,
    &jpeg::Jpeg,
    &gif::Gif,
    &bmp::Bmp,
    &tiff::Tiff,
    &webp::Webp,
];

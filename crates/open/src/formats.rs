//! The registry of readers: one file and one line each.

pub mod bmp;
mod csv;
pub mod gif;
mod html;
pub mod jpeg;
mod mail;
mod mbox;
mod odf;
mod ooxml;
pub mod pdf;
pub(crate) mod plain;
pub mod png;
mod raster;
pub mod tiff;
pub mod webp;
mod zip;

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
    &ooxml::Word,
    &ooxml::Sheet,
    &ooxml::Slides,
    &odf::OpenText,
    &odf::OpenSheet,
    &odf::OpenSlides,
];

//! The registry of readers: one file and one line each.

mod archive;
pub mod bmp;
mod calendar;
mod cms;
mod csv;
pub mod gif;
mod html;
pub mod jpeg;
mod mail;
mod mbox;
mod ooxml;
pub mod pdf;
pub(crate) mod plain;
pub mod png;
mod raster;
pub mod tiff;
mod tnef;
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
    &archive::Zip,
    &archive::SevenZip,
    &archive::Rar,
    &archive::Lha,
    &archive::Tar,
    &archive::GZIP,
    &archive::BZIP2,
    &archive::XZ,
    &archive::ZSTD,
    &calendar::Calendar,
    &calendar::Card,
    &tnef::Tnef,
    &cms::Cms,
];

//! The registry of readers: one file and one line each.

mod archive;
mod art;
mod binhex;
pub mod bmp;
mod book;
mod calendar;
mod cms;
mod comments;
mod csv;
pub(crate) mod doc;
mod docuworks;
pub(crate) mod encrypted;
mod field;
mod formula;
mod frozen;
pub mod gif;
mod html;
pub mod jpeg;
mod jtd;
mod mail;
mod mbox;
mod metafile;
mod msg;
mod numbers;
mod numeral;
mod odf;
pub(crate) mod ole;
mod ooxml;
mod outlook;
pub mod pdf;
pub(crate) mod plain;
pub mod png;
pub(crate) mod ppt;
mod raster;
mod rtf;
mod symbols;
pub mod tiff;
mod tnef;
pub mod webp;
pub(crate) mod xls;
mod xlsb;
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
    &metafile::Metafile,
    &pdf::Pdf,
    &ooxml::Word,
    &ooxml::Sheet,
    &ooxml::Slides,
    &archive::Zip,
    &archive::SevenZip,
    &archive::Rar,
    &archive::Lha,
    &archive::Cab,
    &archive::Tar,
    &archive::GZIP,
    &archive::BZIP2,
    &archive::XZ,
    &archive::ZSTD,
    &calendar::Calendar,
    &calendar::Card,
    &tnef::Tnef,
    &cms::Cms,
    &msg::Msg,
    &ole::Unknown,
    &doc::Doc,
    &rtf::Rtf,
    &jtd::Jtd,
    &ppt::Ppt,
    &xlsb::Xlsb,
    &docuworks::DocuWorks,
    &xls::Xls,
    &odf::OpenText,
    &odf::OpenSheet,
    &odf::OpenSlides,
];

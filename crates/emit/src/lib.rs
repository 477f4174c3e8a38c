//! The writers: safe pieces in, drafts of new files out.
//!
//! No byte of an input reaches a writer: pieces carry none. A draft is not deliverable before the
//! independent checker has accepted it.
#![forbid(unsafe_code)]

pub mod archive;
pub mod csv;
pub mod defang;
pub mod eml;
pub mod image;
pub mod jpeg;
pub mod mbox;
pub mod odf;
pub mod ooxml;
pub mod pdf;
pub mod png;
pub mod studio;
pub mod text;

pub use defang::Defanged;
pub use text::{Harmless, text};

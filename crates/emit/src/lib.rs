//! The writers: safe pieces in, drafts of new files out.
//!
//! No byte of an input reaches a writer: pieces carry none. A draft is not deliverable before the
//! independent checker has accepted it.
#![forbid(unsafe_code)]

pub mod csv;
pub mod defang;
pub mod eml;
pub mod mbox;
pub mod text;
pub mod image;
pub mod jpeg;
pub mod png;
pub mod pdf;

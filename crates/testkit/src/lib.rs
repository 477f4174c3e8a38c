//! What tests, fuzz targets and the project's own tools share: recipes of inputs, the cases of
//! `testdata/`, and the oracles that say what must hold for any input at all.
//!
//! Nothing here is part of the product. Oracles report by panicking, as tests do.
#![forbid(unsafe_code)]
#![expect(
    clippy::panic,
    reason = "an oracle reports by panicking, as a test does"
)]

pub mod case;
pub mod corpus;
pub mod forge;
pub mod make;
pub mod oracle;
pub mod pdf;
pub mod ports;
pub mod show;
mod spool;

pub use mugai_open::open;
pub use spool::{Disk, InFiles};

/// All bytes of a part or a file, for those who look at them.
///
/// # Panics
/// When they cannot be read.
#[must_use]
pub fn bytes_of(content: &mugai_core::Spooled) -> Vec<u8> {
    match content.load() {
        Ok(bytes) => bytes.into_owned(),
        Err(refusal) => panic!("{refusal}"),
    }
}

//! Runs over many files.
#![forbid(unsafe_code)]

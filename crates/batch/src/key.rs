//! What makes two pieces of work the same.

use crate::plan::Input;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// Sixteen bytes of the BLAKE3 of some words, told apart by their lengths.
pub(crate) fn short(words: &[&OsStr]) -> [u8; 16] {
    let digest = of(words);
    let mut short = [0; 16];
    for (to, from) in short.iter_mut().zip(digest.as_bytes()) {
        *to = *from;
    }
    short
}

fn of(words: &[&OsStr]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    for word in words {
        let length = u64::try_from(word.len()).unwrap_or(u64::MAX);
        hasher.update(&length.to_le_bytes());
        hasher.update(word.as_bytes());
    }
    hasher.finalize()
}

/// What an input is called and where its outputs go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot([u8; 16]);

impl Slot {
    /// The slot of an input.
    #[must_use]
    pub fn of(input: &Input) -> Self {
        let path = input.path();
        let shares = OsStr::new(if input.shares_stem { "shared" } else { "" });
        let name = OsStr::new(input.name.as_str());
        Self(short(&[
            path.as_os_str(),
            input.out.as_os_str(),
            name,
            shares,
        ]))
    }

    /// The slot of an input whose outputs have a name that is free at the time, so that the name says
    /// nothing about which input it is.
    #[must_use]
    pub fn path(input: &Input) -> Self {
        let path = input.path();
        Self(short(&[path.as_os_str(), OsStr::new("watched")]))
    }

    /// A slot out of the journal.
    #[must_use]
    pub fn parse(hex: &str) -> Option<Self> {
        let bytes = data_encoding::HEXLOWER.decode(hex.as_bytes()).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }

    /// In hex.
    #[must_use]
    pub fn hex(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.0)
    }
}

/// What outputs are made of: content, rules, route and engine; never path and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key([u8; 32]);

impl Key {
    /// The key of content with this BLAKE3 (in hex) under some rules.
    #[must_use]
    pub fn of(rules: &[&str], blake3: &str) -> Self {
        let words: Vec<&OsStr> = rules
            .iter()
            .copied()
            .chain([blake3])
            .map(OsStr::new)
            .collect();
        Self(*of(&words).as_bytes())
    }

    /// A key out of the journal.
    #[must_use]
    pub fn parse(hex: &str) -> Option<Self> {
        let bytes = data_encoding::HEXLOWER.decode(hex.as_bytes()).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }

    /// In hex.
    #[must_use]
    pub fn hex(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.0)
    }
}

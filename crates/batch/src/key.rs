//! What makes two pieces of work the same.

use crate::plan::Input;
use mugai_engine::Policy;
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

    pub(crate) const fn bytes(self) -> [u8; 16] {
        self.0
    }
}

/// What outputs are made of: content, rules, route and engine; never path and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key([u8; 32]);

/// All crates of the workspace have one version.
const ENGINE: &str = env!("CARGO_PKG_VERSION");

/// What decides about outputs beside the content: engine, policy, route and context.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// The zone that files come from.
    pub from: &'a str,
    /// The zone that they go to.
    pub to: &'a str,
    /// What else decides, such as fonts that were named.
    pub context: &'a str,
}

impl Rules<'_> {
    fn words(&self) -> [&str; 5] {
        [ENGINE, self.policy.hash(), self.from, self.to, self.context]
    }

    /// A name for these rules: 32 digits of hex.
    #[must_use]
    pub fn id(&self) -> String {
        data_encoding::HEXLOWER.encode(&short(&self.words().map(OsStr::new)))
    }

    /// The key of content with this BLAKE3 (in hex).
    #[must_use]
    pub fn key(&self, blake3: &str) -> Key {
        Key::of(&self.words(), blake3)
    }

    /// The most bytes of an input that is opened.
    #[must_use]
    pub fn most_bytes(&self) -> u64 {
        self.policy
            .route(self.from, self.to)
            .map_or(u64::MAX, |route| route.part.bytes.min(route.job.bytes))
    }
}

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

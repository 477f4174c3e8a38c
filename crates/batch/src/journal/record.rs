//! What the journal tells: a header, work that was made, work that is in its place, originals that
//! were put away.

use crate::input::Stamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The version of the layout.
pub(crate) const VERSION: u32 = 1;

/// One record, as it is written.
#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Event<'a> {
    /// First line of a journal.
    Journal(u32),
    /// First line of the journal of a folder into which another one is watched.
    Watched(u32),
    /// The outputs of an input are staged.
    Made(&'a Made<'a>),
    /// The outputs of these pieces of work are in their places.
    Done(&'a [u64]),
    /// The originals of these were put away.
    Kept(&'a [u64]),
}

/// One record, as it is read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Read<'a> {
    Journal(u32),
    Watched(u32),
    #[serde(borrow)]
    Made(Known<'a>),
    Done(Vec<u64>),
    Kept(Vec<u64>),
}

/// A file of an output folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    /// What it was called before it had its place.
    pub staged: String,
    /// Its path below the output folder.
    pub place: String,
    /// Its size.
    pub bytes: u64,
    /// Its BLAKE3 in hex.
    pub blake3: String,
}

/// What one input came to.
#[derive(Debug, Serialize)]
pub struct Made<'a> {
    /// The number of this piece of work in this journal.
    pub n: u64,
    /// Which input, see [`crate::Slot`].
    pub slot: String,
    /// What it was made of, see [`crate::Key`]; none where the input was not read.
    pub key: Option<String>,
    /// The state of the input.
    pub stamp: Option<Stamp>,
    /// Why the run itself failed over it.
    pub failure: Option<&'a str>,
    /// Something of it was withheld.
    pub withheld: bool,
    /// The files.
    pub outputs: &'a [Placed],
    /// The report.
    pub report: &'a RawValue,
}

/// A [`Made`], read.
#[derive(Debug, Deserialize)]
pub(crate) struct Known<'a> {
    pub(crate) n: u64,
    pub(crate) slot: &'a str,
    pub(crate) key: Option<&'a str>,
    pub(crate) stamp: Option<Stamp>,
    pub(crate) failure: Option<String>,
    pub(crate) withheld: bool,
    pub(crate) outputs: Vec<Placed>,
    #[serde(borrow)]
    pub(crate) report: &'a RawValue,
}

//! Which work there is, and what became of it.

mod local;

pub(crate) use local::Local;

use crate::input::Stamp;
use crate::journal::Made;
use crate::key::{Key, Slot};
use crate::plan::Input;
use std::io;
use std::sync::Arc;

/// What a queue has for somebody with room.
#[derive(Debug)]
pub(crate) enum Next {
    /// A piece of work.
    Job(Job),
    /// Nothing that fits, or nothing yet.
    Wait,
    /// Nothing any more.
    End,
}

/// A piece of work.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    /// Its place in the order of the inputs.
    pub(crate) index: usize,
    /// The input.
    pub(crate) input: Arc<Input>,
    /// Bytes of memory that it takes, estimated from above.
    pub(crate) cost: u64,
}

/// What is known of an earlier time.
#[derive(Clone, Debug)]
pub(crate) struct Past {
    /// Where its record is.
    pub(crate) offset: u64,
    /// What it was made of.
    pub(crate) key: Option<Key>,
    /// The state of the input.
    pub(crate) stamp: Option<Stamp>,
    /// The run itself failed over it.
    pub(crate) failed: bool,
    /// Something of it was withheld.
    pub(crate) withheld: bool,
    /// Its outputs: place and size in bytes.
    pub(crate) outputs: Vec<(String, u64)>,
    /// Its report, one line of JSON.
    pub(crate) report: String,
}

/// A queue of inputs that remembers what was done. Work may be given out twice, after a crash or a
/// time-out: outputs are the same each time, so that the second time does no harm.
pub(crate) trait Queue: Sync {
    /// Work for somebody who has `room` bytes of memory left.
    fn next(&self, room: u64) -> Next;

    /// What became of this slot at the last time that came to its end.
    ///
    /// # Errors
    /// What the queue says.
    fn past(&self, slot: Slot) -> io::Result<Option<Past>>;

    /// A number for a piece of work, used for no other.
    fn number(&self) -> u64;

    /// Notes that the outputs of a piece of work are staged, and returns where the note is.
    ///
    /// # Errors
    /// What the queue says; the note does not exist then.
    fn made(&self, made: &Made<'_>) -> io::Result<u64>;

    /// Notes that outputs are in their places; durable once this returns.
    ///
    /// # Errors
    /// What the queue says; nothing is known about the note then.
    fn done(&self, done: &[(u64, Slot, u64)]) -> io::Result<()>;
}

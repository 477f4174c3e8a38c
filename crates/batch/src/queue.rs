//! Which work there is, and what became of it.

//!
//! The queue of one machine is [`Local`], whose past is the journal; another one may be anywhere.

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
pub enum Next {
    /// A piece of work.
    Job(Job),
    /// Nothing that fits, or nothing yet.
    Wait,
    /// Nothing any more.
    End,
}

/// A piece of work.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its place in the order of the inputs.
    pub index: usize,
    /// The input.
    pub input: Arc<Input>,
    /// Bytes of memory that it takes, estimated from above.
    pub cost: u64,
}

/// What is known of an earlier time.
#[derive(Clone, Debug)]
pub struct Past {
    /// Where its record is.
    pub offset: u64,
    /// What it was made of.
    pub key: Option<Key>,
    /// The state of the input.
    pub stamp: Option<Stamp>,
    /// The run itself failed over it.
    pub failed: bool,
    /// Something of it was withheld.
    pub withheld: bool,
    /// Its outputs: place and size in bytes.
    pub outputs: Vec<(String, u64)>,
    /// Its report, one line of JSON; none where the queue knows only that there is one.
    pub report: Option<String>,
}

/// A queue of inputs that remembers what was done. Work may be given out twice, after a crash or a
/// time-out: outputs are the same each time, so that the second time does no harm.
pub trait Queue: Sync {
    /// Work for somebody who has `room` bytes of memory left.
    ///
    /// # Errors
    /// What the queue says; the run cannot go on then.
    fn next(&self, room: u64) -> io::Result<Next>;

    /// What became of this slot at the last time that came to its end. With [`Choice::New`] an answer
    /// settles the job: it is not worked on, and not told of as done.
    ///
    /// # Errors
    /// What the queue says; the run cannot go on then.
    ///
    /// [`Choice::New`]: crate::Choice::New
    fn past(&self, slot: Slot) -> io::Result<Option<Past>>;

    /// A number for a piece of work, used for no other.
    fn number(&self) -> u64;

    /// Notes that the outputs of a piece of work are staged, and returns where the note is.
    ///
    /// # Errors
    /// What the queue says; the note does not exist then, and the run cannot go on.
    fn made(&self, made: &Made<'_>) -> io::Result<u64>;

    /// Notes that outputs are in their places, by number, slot and the note of [`Queue::made`]. It need
    /// not be known once this returns: what is not known as done is done again.
    ///
    /// # Errors
    /// What the queue says; nothing is known about the note then, and the run cannot go on.
    fn done(&self, done: &[(u64, Slot, u64)]) -> io::Result<()>;
}

//! Where inputs are read from, and where outputs go.

mod local;

pub(crate) use local::{Local, scratch};

use crate::input::{Bytes, Stamp, Unread};
use crate::journal::Made;
use crate::plan::Input;
use mugai_core::{Spool, Spooled};
use std::io;

/// A store of inputs and outputs. Outputs are first aside, then durable, then in their places.
pub trait Store: Sync {
    /// Reads an input of at most `limit` bytes; of a larger one only the digests. With its state,
    /// where the store knows such a thing. A large one lies in `spool`.
    ///
    /// # Errors
    /// Why it was not read.
    fn read(
        &self,
        input: &Input,
        limit: u64,
        spool: &Spool,
    ) -> Result<(Bytes, Option<Stamp>), Unread>;

    /// Puts bytes aside under `name`, where nobody looks for outputs.
    ///
    /// # Errors
    /// What the store says; nothing that is there counts then.
    fn stage(&self, name: &str, content: &Spooled) -> io::Result<()>;

    /// All outputs of one job are staged, and this is what will be noted of it. A store that keeps what
    /// belongs together in one object writes it here.
    ///
    /// # Errors
    /// What the store says; the job has failed then.
    fn seal(&self, made: &Made<'_>) -> io::Result<()> {
        let _ = made;
        Ok(())
    }

    /// Makes all that was staged durable. Nothing to do where [`Store::stage`] does it.
    ///
    /// # Errors
    /// What the store says.
    fn settle(&self) -> io::Result<()>;

    /// Gives a staged file its place; `/` parts folders. What is there is replaced if `replace` says
    /// so, else it is an error.
    ///
    /// # Errors
    /// What the store says; the staged file is still there then.
    fn publish(&self, staged: &str, place: &str, replace: bool) -> io::Result<()>;

    /// The size of a file at its place; none where there is none.
    ///
    /// # Errors
    /// What the store says.
    fn size(&self, place: &str) -> io::Result<Option<u64>>;

    /// Takes a file away from its place; that there is none is no error.
    ///
    /// # Errors
    /// What the store says.
    fn remove(&self, place: &str) -> io::Result<()>;
}

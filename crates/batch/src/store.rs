//! Where outputs go.

mod local;

pub(crate) use local::Local;

use std::io;

/// A store of outputs: first aside, then durable, then in their places.
pub(crate) trait Store: Sync {
    /// Puts bytes aside under `name`, where nobody looks for outputs.
    ///
    /// # Errors
    /// What the store says; nothing that is there counts then.
    fn stage(&self, name: &str, bytes: &[u8]) -> io::Result<()>;

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

    /// Size and BLAKE3 (hex) of a file at its place, or aside where `staged` is set; none where there
    /// is none.
    ///
    /// # Errors
    /// What the store says.
    fn digest(&self, path: &str, staged: bool) -> io::Result<Option<(u64, String)>>;

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

    /// Takes away all that is aside, and tells how much that was.
    ///
    /// # Errors
    /// What the store says.
    fn sweep(&self) -> io::Result<u64>;
}

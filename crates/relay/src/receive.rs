//! Takes a message in: into memory, or, when it is larger than any that is opened, into a file.

use crate::mail::Content;
use crate::trouble::Trouble;
use mugai_core::Untrusted;
use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Memory is counted in pieces of this size.
const PIECE: u64 = 64 << 10;

/// What a message takes of the memory, in its own sizes: itself, its parts, what they became, and the message
/// that they are put together to.
pub(crate) const WEIGHT: u64 = 4;

/// Memory for messages under way.
#[derive(Clone, Debug)]
pub(crate) struct Memory(Arc<Semaphore>, usize);

impl Memory {
    /// So many bytes.
    pub(crate) fn new(bytes: u64) -> Self {
        let pieces = usize::try_from(bytes / PIECE).unwrap_or(usize::MAX);
        let pieces = pieces.min(Semaphore::MAX_PERMITS);
        Self(Arc::new(Semaphore::new(pieces)), pieces)
    }

    /// How much of it is in use, and how much there is, in bytes.
    pub(crate) fn in_use(&self) -> (u64, u64) {
        let bytes = |pieces: usize| {
            u64::try_from(pieces)
                .unwrap_or(u64::MAX)
                .saturating_mul(PIECE)
        };
        let used = self.1.saturating_sub(self.0.available_permits());
        (bytes(used), bytes(self.1))
    }

    /// Waits for room for a message of a size.
    pub(crate) async fn room(&self, bytes: u64) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0)
            .acquire_many_owned(pieces(bytes))
            .await
            .ok()
    }

    /// Room for so much more, if there is some right now: who waited here could wait for another that waits.
    fn more(&self, bytes: u64) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0)
            .try_acquire_many_owned(pieces(bytes))
            .ok()
    }
}

fn pieces(bytes: u64) -> u32 {
    u32::try_from(bytes.saturating_mul(WEIGHT).div_ceil(PIECE)).unwrap_or(u32::MAX)
}

/// A message that is being received.
pub(crate) struct Receiving {
    held: Vec<u8>,
    /// A file for what is too large, and its size.
    over: Option<(File, u64)>,
    digest: blake3::Hasher,
    /// The largest message that is opened, in bytes.
    most: u64,
    /// How large it may become in the room that it has.
    taken: u64,
    memory: Memory,
    folder: PathBuf,
    trouble: Option<Trouble>,
    room: OwnedSemaphorePermit,
}

impl Receiving {
    /// There is room for `taken` bytes; at most `most` are held in memory.
    pub(crate) fn new(
        (taken, most): (u64, u64),
        memory: Memory,
        room: OwnedSemaphorePermit,
        folder: PathBuf,
    ) -> Self {
        Self {
            held: Vec::new(),
            over: None,
            digest: blake3::Hasher::new(),
            most,
            taken,
            memory,
            folder,
            trouble: None,
            room,
        }
    }

    /// Takes more of it. What cannot be kept is a trouble once the message has come to its end.
    pub(crate) fn take(&mut self, bytes: &[u8]) {
        if self.trouble.is_some() {
            return;
        }
        self.digest.update(bytes);
        let size = self.held.len().saturating_add(bytes.len());
        let size = u64::try_from(size).unwrap_or(u64::MAX);
        if self.over.is_none() && size <= self.most {
            if size > self.taken && !self.grow(size) {
                self.held = Vec::new();
                self.trouble = Some(Trouble::full("too many mails are under way"));
                return;
            }
            self.held.extend_from_slice(bytes);
            return;
        }
        if let Err(error) = self.write(bytes) {
            tracing::error!(%error, "a large message cannot be kept");
            self.over = None;
            self.trouble = Some(Trouble::full("no room on disk for a large message"));
        }
    }

    /// Takes more room than was thought to be needed.
    fn grow(&mut self, size: u64) -> bool {
        let wanted = self.taken.saturating_mul(2).max(size).min(self.most);
        match self.memory.more(wanted.saturating_sub(self.taken)) {
            Some(more) => {
                self.room.merge(more);
                self.taken = wanted;
                true
            }
            None => false,
        }
    }

    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let (file, size) = if let Some(over) = &mut self.over {
            over
        } else {
            let mut file = tempfile::tempfile_in(&self.folder)?;
            let held = std::mem::take(&mut self.held);
            file.write_all(&held)?;
            let size = u64::try_from(held.len()).unwrap_or(u64::MAX);
            self.over.insert((file, size))
        };
        file.write_all(bytes)?;
        *size = size.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        Ok(())
    }

    /// The message, its digest, and the room that it takes as long as it is worked on.
    ///
    /// # Errors
    /// [`Trouble`] when it could not be kept.
    pub(crate) fn end(self) -> Result<(Content, blake3::Hash, OwnedSemaphorePermit), Trouble> {
        if let Some(trouble) = self.trouble {
            return Err(trouble);
        }
        let content = match self.over {
            Some((file, size)) => Content::TooLarge(file, size),
            None => Content::Held(Untrusted::new(self.held)),
        };
        Ok((content, self.digest.finalize(), self.room))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    async fn receiving(taken: u64, most: u64, memory: &Memory, folder: PathBuf) -> Receiving {
        let room = memory.room(taken).await.unwrap();
        Receiving::new((taken, most), memory.clone(), room, folder)
    }

    #[tokio::test]
    async fn what_is_too_large_lies_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let memory = Memory::new(MIB);
        for (size, large) in [(0, false), (10, false), (11, true), (100, true)] {
            let mut receiving = receiving(10, 10, &memory, folder.path().to_owned()).await;
            let message = vec![b'a'; size];
            for piece in message.chunks(3) {
                receiving.take(piece);
            }
            let (content, digest, _room) = receiving.end().unwrap();
            assert_eq!(content.bytes(), u64::try_from(size).unwrap());
            assert_eq!(matches!(content, Content::TooLarge(..)), large);
            assert_eq!(digest, blake3::hash(&message));
        }
    }

    #[tokio::test]
    async fn room_grows_with_the_message_while_there_is_some() {
        let memory = Memory::new(8 * MIB);
        let nowhere = PathBuf::from("/nonexistent");
        let mut first = receiving(1, 2 * MIB, &memory, nowhere.clone()).await;
        first.take(&vec![b'a'; 1 << 20]);
        let mut second = receiving(1, 2 * MIB, &memory, nowhere.clone()).await;
        second.take(&vec![b'a'; 1 << 20]);
        assert!(second.end().is_err());
        assert!(first.end().is_ok());
        // and a file that cannot be made is a trouble, too
        let mut third = receiving(1, 10, &memory, nowhere).await;
        third.take(&[b'a'; 11]);
        assert!(third.end().is_err());
        assert!(memory.more(2 * MIB).is_some());
    }
}

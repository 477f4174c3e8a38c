//! Idempotency keys: what they were used for.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use tonic::Status;

/// How many keys are remembered; the oldest is forgotten first.
const MOST: usize = 65_536;

/// Which content each key came with lately. A caller that uses a key for another file has mixed up
/// its mails; the answer to one must not be taken for the answer to the other.
#[derive(Debug, Default)]
pub(crate) struct Keys(Mutex<Memory>);

/// A key belongs to its caller.
type Key = (String, String);

#[derive(Debug, Default)]
struct Memory {
    content: BTreeMap<Key, blake3::Hash>,
    order: VecDeque<Key>,
}

impl Keys {
    /// Remembers what a key is used for.
    ///
    /// # Errors
    /// `FAILED_PRECONDITION` when it was used for other content.
    pub(crate) fn check(
        &self,
        caller: &str,
        key: &str,
        digest: blake3::Hash,
    ) -> Result<(), Status> {
        if key.is_empty() {
            return Ok(());
        }
        let key = (caller.to_owned(), key.to_owned());
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = memory.content.get(&key) {
            return if *known == digest {
                Ok(())
            } else {
                Err(Status::failed_precondition(
                    "this idempotency key was used for other content",
                ))
            };
        }
        if memory.order.len() >= MOST
            && let Some(oldest) = memory.order.pop_front()
        {
            memory.content.remove(&oldest);
        }
        memory.order.push_back(key.clone());
        memory.content.insert(key, digest);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_stands_for_one_content_of_one_caller() {
        let keys = Keys::default();
        let (one, other) = (blake3::hash(b"1"), blake3::hash(b"2"));
        assert!(keys.check("relay", "k", one).is_ok());
        assert!(keys.check("relay", "k", one).is_ok());
        assert!(keys.check("relay", "k", other).is_err());
        assert!(keys.check("portal", "k", other).is_ok());
        assert!(keys.check("relay", "", one).is_ok());
        assert!(keys.check("relay", "", other).is_ok());
    }
}

//! Notices when a mail goes round. What is made anew has no Received lines, by which mail servers count:
//! a filter that feeds itself would go on for ever.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// How many mails of ours are remembered; the oldest is forgotten first.
const MOST: usize = 65_536;

/// How often a mail may be made anew of one that was made here. Once or twice happens where mail is
/// forwarded back.
const ROUNDS: u8 = 5;

/// How often the contents of mails were made anew.
#[derive(Debug, Default)]
pub(crate) struct Rounds(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    rounds: BTreeMap<[u8; 32], u8>,
    order: VecDeque<[u8; 32]>,
}

impl Rounds {
    /// How often this mail was made here already. `None` when it has gone round too often.
    pub(crate) fn of(&self, mail: &[u8]) -> Option<u8> {
        let memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let rounds = memory.rounds.get(&body(mail)).copied().unwrap_or(0);
        (rounds < ROUNDS).then_some(rounds)
    }

    /// Remembers what was made of a mail.
    pub(crate) fn made(&self, mail: &[u8], rounds: u8) {
        let key = body(mail);
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let rounds = rounds.saturating_add(1);
        if memory.rounds.insert(key, rounds).is_none() {
            memory.order.push_back(key);
            if memory.order.len() > MOST
                && let Some(oldest) = memory.order.pop_front()
            {
                memory.rounds.remove(&oldest);
            }
        }
    }
}

/// The digest of what is behind the header: mail servers add lines to that.
fn body(mail: &[u8]) -> [u8; 32] {
    let end = mail.windows(4).position(|four| four == b"\r\n\r\n");
    let body = end.and_then(|end| mail.get(end..)).unwrap_or(mail);
    *blake3::hash(body).as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_that_goes_round_is_stopped() {
        let rounds = Rounds::default();
        let mut mail = b"Received: x\r\nSubject: a\r\n\r\nbody\r\n".to_vec();
        for round in 0..ROUNDS {
            assert_eq!(rounds.of(&mail), Some(round));
            mail.extend_from_slice(b"footer\r\n");
            rounds.made(&mail, round);
            mail = [b"Received: again\r\n", mail.as_slice()].concat();
        }
        assert_eq!(rounds.of(&mail), None);
        // the same mail to many, each for itself
        assert_eq!(rounds.of(b"Subject: a\r\n\r\nbody\r\n"), Some(0));
    }
}

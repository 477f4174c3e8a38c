//! The queue as a run sees it.

use crate::job;
use crate::node::{Node, locked};
use mugai_batch::{Job, Made, Next, Past, Queue, Slot};
use std::cmp::Reverse;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

impl Queue for Node<'_> {
    fn next(&self, room: u64) -> io::Result<Next> {
        let mut state = locked(&self.state);
        let fits = state.waiting.range(..=(room, Reverse(0))).next_back();
        let Some((place, slot)) = fits.map(|(place, slot)| (*place, *slot)) else {
            return Ok(if state.closed && state.held.is_empty() {
                Next::End
            } else {
                Next::Wait
            });
        };
        state.waiting.remove(&place);
        let (cost, Reverse(count)) = place;
        let Some(held) = state.held.get_mut(&slot) else {
            return Ok(Next::Wait);
        };
        held.began = Some(Instant::now());
        Ok(Next::Job(Job {
            index: usize::try_from(count).unwrap_or(usize::MAX),
            input: Arc::clone(&held.input),
            cost,
        }))
    }

    fn past(&self, slot: Slot) -> io::Result<Option<Past>> {
        let Some(id) = locked(&self.state).held.get(&slot).map(|held| held.id) else {
            return Ok(None);
        };
        match self.cluster.objects.size(&job::result(&self.rules, id)) {
            Ok(Some(_)) => {}
            // a store in trouble will say so again when the file is read
            Ok(None) | Err(_) => return Ok(None),
        }
        self.settle(slot);
        Ok(Some(Past {
            offset: 0,
            key: None,
            stamp: None,
            failed: false,
            withheld: false,
            outputs: Vec::new(),
            report: None,
        }))
    }

    fn number(&self) -> u64 {
        self.number.fetch_add(1, Ordering::SeqCst)
    }

    fn made(&self, made: &Made<'_>) -> io::Result<u64> {
        let slot = Slot::parse(&made.slot).ok_or_else(|| io::Error::other("no slot"))?;
        // what there is to note is in the store; all that is left is how the job ended
        if let Some(held) = locked(&self.state).held.get_mut(&slot) {
            held.failure = made.failure.map(str::to_owned);
        }
        // nothing has to be brought into its place: to wait for others would only keep the message
        self.settle(slot);
        Ok(0)
    }

    fn done(&self, _: &[(u64, Slot, u64)]) -> io::Result<()> {
        Ok(())
    }
}

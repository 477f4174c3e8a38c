//! Asking for the places of what is too large to be in the arena as a whole.

use crate::protocol::{Order, PIECE, Report};
use crate::worker::Desk;
use mugai_core::{Assignment, Places, wire};
use std::ops::Range;
use zeroize::Zeroize;

/// A large part or draft, which the pool holds.
pub(super) struct Pull<'a> {
    desk: &'a Desk,
    sequence: u32,
    length: usize,
}

impl<'a> Pull<'a> {
    /// The one that order `sequence` is about, of `length` bytes.
    pub(super) const fn new(desk: &'a Desk, sequence: u32, length: usize) -> Self {
        Self {
            desk,
            sequence,
            length,
        }
    }

    fn piece(&self, at: usize, into: &mut [u8]) -> Option<()> {
        let want = Report::Want {
            sequence: self.sequence,
            at: u64::try_from(at).ok()?,
            length: u32::try_from(into.len()).ok()?,
        };
        self.desk.link.send(&want.encode()).ok()?;
        let message = self.desk.link.receive().ok()?;
        let next = Order::Next {
            sequence: self.sequence,
            share: 1,
        };
        (Order::decode(message.bytes()) == Ok(next)).then_some(())?;
        self.desk.take(into)
    }
}

impl Places for Pull<'_> {
    fn length(&self) -> usize {
        self.length
    }

    fn read(&mut self, at: usize, into: &mut [u8]) -> Option<()> {
        let end = at.checked_add(into.len())?;
        if end > self.length {
            return None;
        }
        let mut at = at;
        for piece in into.chunks_mut(PIECE) {
            self.piece(at, piece)?;
            at = at.saturating_add(piece.len());
        }
        Some(())
    }
}

impl Desk {
    /// Takes the table with the only assignment out of the arena, and of its part the places that are looked at;
    /// where the part begins comes back.
    pub(super) fn pull_input(
        &self,
        buffer: &mut Vec<u8>,
        sequence: u32,
        head: u32,
        length: u64,
        unread: fn(&Assignment, &mut dyn Places) -> Vec<Range<usize>>,
    ) -> Option<usize> {
        let head = usize::try_from(head).ok()?;
        let length = usize::try_from(length).ok()?;
        let mut first = vec![0; head];
        self.take(&mut first)?;
        let assignment = wire::decode_assignment(first.get(crate::protocol::ENTRY..)?).ok()?;
        let mut pull = Pull::new(self, sequence, length);
        let mut at = 0;
        let skipped = unread(&assignment, &mut pull);
        let all = head.checked_add(length)?;
        if !skipped.is_empty() || buffer.len() < all {
            // zeros that nobody writes to take no memory: a new buffer, where nothing of an older part lies either
            *buffer = vec![0; all];
        }
        let (table, part) = buffer.get_mut(..all)?.split_at_mut_checked(head)?;
        table.copy_from_slice(&first);
        first.zeroize();
        for place in skipped
            .iter()
            .cloned()
            .chain(std::iter::once(length..length))
        {
            pull.read(at, part.get_mut(at..place.start)?)?;
            at = place.end;
        }
        Some(head)
    }
}

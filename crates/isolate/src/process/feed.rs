//! Handing out places of what is too large to be put into the arena as a whole.

use crate::process::read::Clock;
use crate::process::{Worker, hand_out};
use crate::protocol::{AT_ONCE, Order, PIECE, Report};
use mugai_core::{Loss, Refusal, Request, Spooled, Untrusted};
use std::borrow::Cow;

/// What an honest worker would not ask for.
const LIE: Refusal = Refusal::Lost(Loss::Crash);

/// The part that is not in the arena: the only one of its order, and large.
pub(super) fn apart<'a>(requests: &[Request<'a>]) -> Option<&'a Untrusted> {
    let [request] = requests else {
        return None;
    };
    let large = u64::try_from(request.input.len()).is_ok_and(|length| length > AT_ONCE);
    large.then_some(request.input)
}

impl Worker {
    /// Puts the place that is wanted, of `pieces` one behind the other, into the arena. Nothing but what belongs to
    /// its order is within reach of a worker that lies.
    ///
    /// # Errors
    /// [`Refusal::Lost`] for a place that is none; [`Refusal::Internal`] without memory, or where a piece cannot be
    /// read.
    pub(super) fn feed(&mut self, want: Report, pieces: &[&Spooled]) -> Result<(), Refusal> {
        const NO_MEMORY: Refusal = Refusal::internal("worker: no memory for the input");
        let Report::Want {
            sequence,
            at,
            length,
        } = want
        else {
            return Err(LIE);
        };
        let at = usize::try_from(at).map_err(|_| LIE)?;
        let length = usize::try_from(length).map_err(|_| LIE)?;
        if sequence != self.sequence || length == 0 || length > PIECE {
            return Err(LIE);
        }
        let place = place(pieces, at, length)?;
        let place: Vec<&[u8]> = place.iter().map(|piece| &**piece).collect();
        hand_out(&self.bulk, &mut self.input, &place).map_err(|_| NO_MEMORY)?;
        let next = Order::Next { sequence, share: 1 };
        self.link.send(&next.encode()).map_err(|_| LIE)
    }

    /// Hands out the part at work to its last byte, where it is not in the arena: to a reader that asks for all of it
    /// before it says anything.
    ///
    /// # Errors
    /// As of [`Self::feed`], and [`Refusal::Lost`] by `clock`.
    pub(crate) fn feed_whole(&mut self, clock: &Clock<'_>) -> Result<(), Refusal> {
        let Some(far) = self.far.clone() else {
            return Ok(());
        };
        loop {
            let want = self.hear(clock)?;
            let Report::Want { at, length, .. } = want else {
                return Err(LIE);
            };
            self.feed(want, &[far.content()])?;
            let end = at.saturating_add(u64::from(length));
            if u64::try_from(far.len()).is_ok_and(|length| end >= length) {
                return Ok(());
            }
        }
    }
}

/// The `length` bytes from byte `at` on, of `pieces` one behind the other.
///
/// # Errors
/// [`Refusal::Lost`] where there are not so many; [`Refusal::Internal`] where they cannot be read.
fn place<'a>(
    pieces: &[&'a Spooled],
    at: usize,
    length: usize,
) -> Result<Vec<Cow<'a, [u8]>>, Refusal> {
    const UNREAD: Refusal = Refusal::internal("worker: a part or a draft that cannot be read");
    let (mut skip, mut left) = (at, length);
    let mut out = Vec::new();
    for piece in pieces {
        let start = skip.min(piece.len());
        skip = skip.saturating_sub(piece.len());
        let length = left.min(piece.len().saturating_sub(start));
        let end = start.saturating_add(length);
        left = left.saturating_sub(length);
        out.push(if let Some(here) = piece.here() {
            Cow::Borrowed(here.get(start..end).ok_or(UNREAD)?)
        } else {
            let mut bytes = vec![0; length];
            piece.read(start, &mut bytes).ok_or(UNREAD)?;
            Cow::Owned(bytes)
        });
    }
    if left == 0 { Ok(out) } else { Err(LIE) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_across_pieces_and_nowhere_beyond() {
        let pieces = ["ab", "", "cde", "f"].map(|text| Spooled::new(text.into()));
        let pieces: Vec<&Spooled> = pieces.iter().collect();
        for at in 0..8 {
            for length in 1..8 {
                let found = place(&pieces, at, length).ok().map(|place| place.concat());
                let wanted = b"abcdef".get(at..at + length).map(<[u8]>::to_vec);
                assert_eq!(found, wanted, "{at} {length}");
            }
        }
        assert_eq!(place(&pieces, usize::MAX, 1), Err(LIE));
    }
}

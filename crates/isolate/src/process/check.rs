//! A verifier at work, as the pool sees it.

use crate::arena::read_at;
use crate::link::Silence;
use crate::process::{Time, Worker, hand_out};
use crate::protocol::{AT_ONCE, Order, Outside, Report};
use mugai_core::{Loss, Refusal, Remark, Spooled, Violation};
use std::time::Instant;

/// The longest rule that is read, in bytes.
const RULE_BYTES: usize = 1 << 10;

/// What an honest verifier would not say.
pub(crate) const LIE: Refusal = Refusal::Lost(Loss::Crash);

impl Worker {
    /// Has a draft checked, which is `pieces` one behind the other.
    ///
    /// # Errors
    /// [`Refusal::Unverified`] with the rule that it breaks; [`Refusal::Lost`] when the verifier says what no honest
    /// one would, nothing in time, or nothing any more; [`Refusal::Internal`] without memory.
    pub(crate) fn check(
        &mut self,
        question: &[u8],
        pieces: &[&Spooled],
        time: Time<'_>,
    ) -> Result<(), Refusal> {
        let begun = Instant::now();
        self.parts = self.parts.saturating_add(1);
        let verdict = self
            .ask(question, pieces)
            .and_then(|()| self.take_verdict(pieces, time));
        self.busy = self.busy.saturating_add(begun.elapsed());
        verdict
    }

    fn ask(&mut self, question: &[u8], pieces: &[&Spooled]) -> Result<(), Refusal> {
        const NO_MEMORY: Refusal = Refusal::internal("verifier: no memory for the draft");
        let draft = pieces
            .iter()
            .fold(0usize, |sum, piece| sum.saturating_add(piece.len()));
        let draft = u64::try_from(draft).map_err(|_| NO_MEMORY)?;
        let here = pieces.iter().filter(|_| draft <= AT_ONCE);
        let here: Result<Vec<_>, Refusal> = here.map(|piece| piece.load()).collect();
        let here = here?;
        let all: Vec<&[u8]> = std::iter::once(question)
            .chain(here.iter().map(|piece| &**piece))
            .collect();
        hand_out(&self.bulk, &mut self.input, &all).map_err(|_| NO_MEMORY)?;
        self.sequence = self.sequence.wrapping_add(1);
        let order = Order::Check {
            sequence: self.sequence,
            question: u32::try_from(question.len()).map_err(|_| NO_MEMORY)?,
            draft,
        };
        self.link.send(&order.encode()).map_err(|_| LIE)
    }

    fn take_verdict(&mut self, pieces: &[&Spooled], time: Time<'_>) -> Result<(), Refusal> {
        let report = loop {
            let message = self.link.receive_until(time.first, time.patience).map_err(
                |silence| match silence {
                    Silence::Late => Refusal::Lost(Loss::Deadline),
                    Silence::Gone => LIE,
                },
            )?;
            match Report::decode(message.bytes()) {
                Ok(report @ Report::Checked { .. }) => break report,
                Ok(want @ Report::Want { .. }) => self.feed(want, pieces)?,
                _ => return Err(LIE),
            }
        };
        let read = |rule: &mut [u8]| read_at(&self.answer, rule, 0).ok();
        said(report, self.sequence, self.window_size, read)
    }
}

/// What a report says of the draft of order `sequence`; `read` has the beginning of the answer arena, which is of
/// `window` bytes.
///
/// # Errors
/// [`Refusal::Unverified`] with the rule that it breaks; [`Refusal::Lost`] for what no honest verifier says.
pub(crate) fn said(
    report: Report,
    sequence: u32,
    window: usize,
    read: impl FnOnce(&mut [u8]) -> Option<()>,
) -> Result<(), Refusal> {
    let Report::Checked {
        sequence: of,
        outside,
    } = report
    else {
        return Err(LIE);
    };
    if of != sequence {
        return Err(LIE);
    }
    match outside {
        None => Ok(()),
        Some(outside) => Err(Refusal::Unverified(violation(outside, window, read)?)),
    }
}

fn violation(
    outside: Outside,
    window: usize,
    read: impl FnOnce(&mut [u8]) -> Option<()>,
) -> Result<Violation, Refusal> {
    let length = usize::try_from(outside.rule).map_err(|_| LIE)?;
    if length > RULE_BYTES.min(window) {
        return Err(LIE);
    }
    let mut rule = vec![0; length];
    read(&mut rule).ok_or(LIE)?;
    let rule = std::str::from_utf8(&rule).ok().and_then(Remark::parse);
    Ok(Violation {
        rule: rule.ok_or(LIE)?,
        offset: outside.offset,
    })
}

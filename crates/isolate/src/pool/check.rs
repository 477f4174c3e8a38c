//! Having drafts checked, by the verifiers of a pool.

use crate::pool::Pool;
use crate::pool::figures::Cause;
use crate::pool::lease::Lease;
use mugai_core::{Loss, Patience, Refusal, Spooled, Violation};

const SLOW: Refusal = Refusal::Unverified(Violation::of("verifier: it took too long"));

impl Pool {
    /// Has a draft checked by a worker of this pool, which is one of verifiers.
    ///
    /// # Errors
    /// [`Refusal::Unverified`] with the rule that it breaks, or because the verifier was lost over it;
    /// [`Refusal::Lost`] when nobody waited any longer.
    pub(super) fn judge(
        &self,
        question: &[u8],
        pieces: &[&Spooled],
        patience: Patience<'_>,
    ) -> Result<(), Refusal> {
        let length = |sum: usize, piece: &&Spooled| sum.saturating_add(piece.len());
        self.at_most(pieces.iter().fold(0, length))?;
        let mut lease = Lease::wait(self, patience)?;
        let worker = lease.ready_worker(patience)?;
        let used_before = worker.parts() > 0;
        let mut verdict = worker.check(question, pieces, self.time(1, patience));
        // what one draft did to a verifier must not be what the next one pays for
        if used_before && verdict == Err(Refusal::Lost(Loss::Crash)) {
            lease.lost(Cause::Crash);
            lease.discard();
            verdict = lease
                .new_worker(patience)?
                .check(question, pieces, self.time(1, patience));
        }
        match verdict {
            Err(Refusal::Lost(loss)) => {
                lease.lost(Cause::of(&Refusal::Lost(loss)));
                Err(match loss {
                    Loss::Crash => Refusal::CHECKER_LOST,
                    Loss::Deadline if gone(patience) => Refusal::Lost(loss),
                    Loss::Deadline => SLOW,
                })
            }
            other => lease.settle(other),
        }
    }
}

/// Whether nobody waits any longer.
fn gone(patience: Patience<'_>) -> bool {
    let passed = |until| until <= std::time::Instant::now();
    patience.is_cancelled() || patience.until.is_some_and(passed)
}

//! Who checks what a job makes: confined processes of their own where its opener has some.

use crate::job::Job;
use mugai_core::{Opener, Patience, Refusal, Spooled};
use mugai_verify::{Elsewhere, Judge};

/// The checkers behind the opener of a job.
pub(super) struct Verifiers<'a> {
    opener: &'a dyn Opener,
    patience: Patience<'a>,
}

/// Those of `job`.
pub(super) fn of<'a>(job: &Job<'a>) -> Verifiers<'a> {
    Verifiers {
        opener: job.opener,
        patience: job.patience(),
    }
}

impl Verifiers<'_> {
    /// Who asks them.
    pub(super) const fn judge(&self) -> Judge<'_> {
        Judge::new(self)
    }
}

impl Elsewhere for Verifiers<'_> {
    fn ask(&self, question: &[u8], draft: &[&Spooled]) -> Option<Result<(), Refusal>> {
        self.opener.check(question, draft, self.patience)
    }
}

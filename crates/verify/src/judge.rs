//! Having drafts checked, elsewhere if there is somebody: the half of the checker that makes a [`Verified`].

use crate::known::Known;
use crate::{Mark, Verified, archive, inside, question, verify};
use mugai_core::{Draft, Refusal, Spooled, Target, Violation};

/// Puts a question about a draft, in pieces, to a checker in another process; `None` when there is none.
///
/// At the other end is [`answer`](crate::answer).
pub trait Elsewhere: Sync {
    /// Its answer.
    ///
    /// # Errors
    /// [`Refusal::Unverified`] with the rule that the draft breaks, or why there is no answer.
    fn ask(&self, question: &[u8], draft: &[&Spooled]) -> Option<Result<(), Refusal>>;
}

/// Decides on drafts.
#[derive(Clone, Copy)]
pub struct Judge<'a> {
    elsewhere: &'a dyn Elsewhere,
}

impl std::fmt::Debug for Judge<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Judge").finish_non_exhaustive()
    }
}

impl<'a> Judge<'a> {
    /// One that asks there, and decides by itself where nobody is.
    ///
    /// Plain text is always decided on here: that is a walk over its characters by our own code, and cheaper than the question.
    #[must_use]
    pub const fn new(elsewhere: &'a dyn Elsewhere) -> Self {
        Self { elsewhere }
    }

    /// Checks a draft against the profile of its target.
    ///
    /// Files in a message or an archive, and pictures in a document, that equal one of `known` byte by byte are not
    /// checked again.
    ///
    /// # Errors
    /// [`Refusal::Unverified`] with the rule that the draft breaks; why there is no answer.
    pub fn verify(&self, draft: Draft, known: &[&Verified]) -> Result<Verified, Refusal> {
        let target = draft.target();
        if matches!(target, Target::Txt | Target::Csv) {
            return verify(draft, known).map_err(Refusal::Unverified);
        }
        self.inside(&draft, known)?;
        Ok(Verified::accepted(draft))
    }

    /// As [`Judge::verify`], and does something else with the same bytes meanwhile, on a thread of its own.
    ///
    /// # Errors
    /// As [`Judge::verify`].
    pub fn verify_beside<T: Send>(
        &self,
        draft: Draft,
        known: &[&Verified],
        beside: impl Fn(&Spooled) -> Result<T, Refusal> + Sync,
    ) -> Result<(Verified, T), Refusal> {
        let content = draft.content();
        let (checked, done) = std::thread::scope(|scope| {
            let there = std::thread::Builder::new().spawn_scoped(scope, || beside(content));
            let checked = self.inside(&draft, known);
            (
                checked,
                there.map_or_else(|_| Ok(beside(content)), std::thread::ScopedJoinHandle::join),
            )
        });
        checked?;
        let done = done.map_err(|_| Refusal::internal("verify: what was done beside was lost"))?;
        Ok((Verified::accepted(draft), done?))
    }

    /// Whether a file is inside of the profile of its target, text included, by what is answered there and never here.
    ///
    /// # Errors
    /// [`Refusal::Unverified`] with the rule that it breaks; [`Refusal::Internal`] where nobody is; why there is no answer.
    pub fn confined(&self, file: &Draft) -> Result<(), Refusal> {
        const NOBODY: Refusal = Refusal::internal("verify: there is no checker elsewhere");
        let question = question::profile(file.target(), &[]);
        let asked = self.elsewhere.ask(&question, &[file.content()]);
        asked.unwrap_or(Err(NOBODY))
    }

    fn inside(&self, draft: &Draft, known: &[&Verified]) -> Result<(), Refusal> {
        let marks: Result<Vec<Mark>, Refusal> = known.iter().map(|file| Mark::of(file)).collect();
        let question = question::profile(draft.target(), &marks?);
        let asked = self.elsewhere.ask(&question, &[draft.content()]);
        asked.unwrap_or_else(|| {
            let known = Known::files(known);
            inside(draft.target(), &mut draft.content(), known).map_err(Refusal::Unverified)
        })
    }

    /// Checks a draft that is an archive of the files that `marks` are of, in their order, and of nothing else.
    ///
    /// # Errors
    /// As [`Judge::verify`].
    pub fn verify_archive(&self, draft: Draft, marks: &[Mark]) -> Result<Verified, Refusal> {
        if draft.target() != Target::Zip {
            return Err(Refusal::Unverified(Violation::of("zip: no archive")));
        }
        let content = draft.content();
        let asked = self.elsewhere.ask(&question::archive(marks), &[content]);
        asked.unwrap_or_else(|| {
            archive::of_marks(&mut &*content, marks).map_err(Refusal::Unverified)
        })?;
        Ok(Verified::accepted(draft))
    }

    /// Checks the form of a draft that is the archive `plain`, closed with a password.
    ///
    /// # Errors
    /// As [`Judge::verify`].
    pub fn verify_closed(&self, plain: &Verified, draft: Draft) -> Result<Verified, Refusal> {
        if draft.target() != Target::Zip || plain.target() != Target::Zip {
            let rule = Violation::of("zip: only archives are closed");
            return Err(Refusal::Unverified(rule));
        }
        let (plain, closed) = (plain.content(), draft.content());
        let asked = self
            .elsewhere
            .ask(&question::closed(plain.len()), &[plain, closed]);
        asked.unwrap_or_else(|| {
            let (plain, closed) = (plain.load()?, closed.load()?);
            archive::seal::check(&plain, &closed).map_err(Refusal::Unverified)
        })?;
        Ok(Verified::accepted(draft))
    }
}

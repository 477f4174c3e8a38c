//! Having parts opened: what is asked for, how long anybody waits, and who does it.

use crate::assignment::Assignment;
use crate::budget::Budget;
use crate::conversion::Conversion;
use crate::cx::Sink;
use crate::refusal::Refusal;
use crate::spool::{Spool, Spooled};
use crate::untrusted::Untrusted;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// One part to be opened, with all that belongs to it.
pub struct Request<'a> {
    /// The bytes of the part.
    pub input: &'a Untrusted,
    /// What is to be done with it.
    pub assignment: &'a Assignment,
    /// The purse of the trusted side.
    pub budget: &'a Budget,
    /// Where its pieces go.
    pub sink: &'a mut dyn Sink,
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("bytes", &self.input.len())
            .field("assignment", self.assignment)
            .finish_non_exhaustive()
    }
}

/// How long somebody waits for parts. The default waits for as long as the opener itself allows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Patience<'a> {
    /// The moment after which nobody waits any longer.
    pub until: Option<Instant>,
    /// Set by another thread when nobody waits any longer.
    pub cancelled: Option<&'a AtomicBool>,
}

impl Patience<'_> {
    /// Whether the wait was called off.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancelled
            .is_some_and(|flag| flag.load(Ordering::Relaxed))
    }
}

/// The refusal of an opener without an office suite.
pub const NO_CONVERTER: Refusal =
    Refusal::unsupported("office: no converter here, LibreOffice is not installed");

/// Opens parts: the pool of workers, or a direct call in tests.
pub trait Opener: Sync {
    /// Opens one part and puts its pieces into its sink; all of them or a refusal.
    ///
    /// # Errors
    /// What its reader refuses; [`Refusal::Lost`] when the reader was lost or `patience` came to
    /// its end.
    fn open(&self, request: Request<'_>, patience: Patience<'_>) -> Result<(), Refusal>;

    /// The one that this one passes everything on to but what it does itself: its answers are those of that one, so
    /// that whoever stands between cannot forget a question.
    fn behind(&self) -> Option<&dyn Opener> {
        None
    }

    /// Opens several parts of one origin, each as [`Opener::open`] would, and tells how each ended,
    /// in their order.
    ///
    /// An opener may do this in one go; the results are the same as if it did not.
    fn open_all(
        &self,
        requests: Vec<Request<'_>>,
        patience: Patience<'_>,
    ) -> Vec<Result<(), Refusal>> {
        requests
            .into_iter()
            .map(|request| self.open(request, patience))
            .collect()
    }

    /// Has a document converted by a foreign office suite, in a confinement of its own. What comes
    /// back is as untrusted as what went in, and at most `limit` bytes.
    ///
    /// # Errors
    /// [`NO_CONVERTER`] where there is no suite; [`Refusal::Malformed`] when the suite makes nothing
    /// of the document, [`Refusal::Lost`] when it crashes or takes too long, and
    /// [`Refusal::Overrun`] when it makes more than `limit` bytes.
    fn convert(
        &self,
        document: &Untrusted,
        conversion: Conversion,
        limit: u64,
        patience: Patience<'_>,
    ) -> Result<Untrusted, Refusal> {
        let behind = self.behind().ok_or(NO_CONVERTER)?;
        behind.convert(document, conversion, limit, patience)
    }

    /// Has a draft checked in a process of its own, confined, and apart from those that open parts. The question is
    /// between the two halves of the checker; the draft is its pieces one behind the other.
    ///
    /// `None` where there is no such process: whoever asks has to check by himself then.
    ///
    /// # Errors
    /// [`Refusal::Unverified`] with the rule that the draft breaks, or because the checker was lost over it;
    /// [`Refusal::Lost`] when `patience` came to its end.
    fn check(
        &self,
        question: &[u8],
        draft: &[&Spooled],
        patience: Patience<'_>,
    ) -> Option<Result<(), Refusal>> {
        self.behind()?.check(question, draft, patience)
    }

    /// Where the large things of one job are kept while it is at work, each time for another job.
    fn spool(&self) -> Spool {
        match self.behind() {
            Some(behind) => behind.spool(),
            None => Spool::memory(),
        }
    }

    /// Whether all fences stand that are required where nobody accepts less.
    fn has_all_fences(&self) -> bool {
        match self.behind() {
            Some(behind) => behind.has_all_fences(),
            None => true,
        }
    }

    /// Whether each of its workers is in a control group of its own.
    fn has_groups(&self) -> bool {
        match self.behind() {
            Some(behind) => behind.has_groups(),
            None => true,
        }
    }

    /// What its workers are doing; `None` for an opener without any.
    fn figures(&self) -> Option<WorkerFigures> {
        self.behind()?.figures()
    }
}

/// The workers of an opener, in numbers, for those who watch over it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkerFigures {
    /// The most workers at once.
    pub limit: u64,
    /// Workers that live or are being started.
    pub live: u64,
    /// Workers that wait for a part.
    pub idle: u64,
    /// Callers that wait for a worker.
    pub waiting: u64,
    /// How many workers were started.
    pub started: u64,
    /// How many documents had their pages drawn by several workers.
    pub shared: u64,
    /// How many workers have ended, by cause; a closed list of words.
    pub ended: Vec<(&'static str, u64)>,
    /// How often one was on loan: for a part, for several small ones, for a share of a document, or for a draft.
    pub loans: u64,
    /// For how long, all together.
    pub busy: Duration,
    /// The same of those who check drafts, where there are any.
    pub verifiers: Option<Box<Self>>,
}

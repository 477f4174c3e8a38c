//! A call, once it is over.

use crate::openings::Opening;
use crate::reason::{Reason, Stage};
use crate::summary::Summary;
use opentelemetry::trace::SpanContext;
use std::time::{Duration, Instant, SystemTime};

/// The calls that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rpc {
    /// `SanitiseService.Sanitise`
    Sanitise,
    /// `SanitiseService.SanitiseStream`
    SanitiseStream,
    /// `PolicyService.GetPolicy`
    GetPolicy,
    /// `PolicyService.ExplainPolicy`
    ExplainPolicy,
    /// `PolicyService.ReloadPolicies`
    ReloadPolicies,
    /// Turned away before it was looked at which call it is.
    Unknown,
}

impl Rpc {
    /// The service, its name, and the method; empty for none.
    #[must_use]
    pub const fn names(self) -> (&'static str, &'static str) {
        const SANITISE: &str = "mugai.v1.SanitiseService";
        const POLICY: &str = "mugai.v1.PolicyService";
        match self {
            Self::Sanitise => (SANITISE, "Sanitise"),
            Self::SanitiseStream => (SANITISE, "SanitiseStream"),
            Self::GetPolicy => (POLICY, "GetPolicy"),
            Self::ExplainPolicy => (POLICY, "ExplainPolicy"),
            Self::ReloadPolicies => (POLICY, "ReloadPolicies"),
            Self::Unknown => ("", "-"),
        }
    }

    /// The name in metrics and logs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.names().1
    }

    /// Whether it carries a file.
    #[must_use]
    pub const fn is_job(self) -> bool {
        matches!(self, Self::Sanitise | Self::SanitiseStream)
    }
}

/// The span of the caller that a call belongs to, where that is honoured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parent(pub(crate) SpanContext);

/// When what happened. The clock of spans is read once, at the beginning; all else is counted from
/// there by the clock that never jumps.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    began: Instant,
    began_at: SystemTime,
}

impl Times {
    /// A call begins.
    #[must_use]
    pub fn begin() -> Self {
        Self {
            began: Instant::now(),
            began_at: SystemTime::now(),
        }
    }

    /// How long ago it began.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// When it began.
    #[must_use]
    pub const fn began(&self) -> Instant {
        self.began
    }

    /// A moment of it, as clocks on walls have it.
    #[must_use]
    pub(crate) fn at(&self, moment: Instant) -> SystemTime {
        let since = moment.saturating_duration_since(self.began);
        self.began_at.checked_add(since).unwrap_or(self.began_at)
    }
}

/// The work on a file.
#[derive(Debug)]
pub struct Work {
    /// When a place among the jobs was asked for.
    pub(crate) asked: Instant,
    /// When the job began.
    pub(crate) began: Instant,
    /// When its outcome was there.
    pub(crate) ended: Instant,
    /// What was opened, in the order of the parts.
    pub(crate) openings: Vec<Opening>,
    /// What came of it.
    pub(crate) summary: Summary,
}

/// One call, from its beginning to its end. All texts in it are checked words of the caller
/// (letters, digits and `. _ : -`), of the configuration, or of ours; the names in its summary are
/// plain and are there only where they may be told.
#[derive(Debug)]
pub struct Call {
    /// Which one.
    pub rpc: Rpc,
    /// When it began.
    pub times: Times,
    /// The gRPC name of its status.
    pub code: &'static str,
    /// How far it had come.
    pub stage: Stage,
    /// Who called; empty before that is known.
    pub caller: String,
    /// The number of the mail; may be empty.
    pub queue_id: String,
    /// What came in, in bytes.
    pub bytes_in: u64,
    /// What went out, in bytes.
    pub bytes_out: u64,
    /// The span of the caller.
    pub parent: Option<Parent>,
    pub(crate) work: Option<Work>,
}

impl Call {
    /// A call that has just begun, and counts as given up until it has another end.
    #[must_use]
    pub fn begin(rpc: Rpc) -> Self {
        Self {
            rpc,
            times: Times::begin(),
            code: "CANCELLED",
            stage: Stage::Intake,
            caller: String::new(),
            queue_id: String::new(),
            bytes_in: 0,
            bytes_out: 0,
            parent: None,
            work: None,
        }
    }

    /// What came of the file, that a place among the jobs was `asked` for, and that the job of
    /// `began` then; the moment of this call is its end.
    pub fn work(
        &mut self,
        asked: Instant,
        began: Instant,
        openings: Vec<Opening>,
        summary: Summary,
    ) {
        self.work = Some(Work {
            asked,
            began,
            ended: Instant::now(),
            openings,
            summary,
        });
    }

    /// What came of the file, if it was opened.
    #[must_use]
    pub fn summary(&self) -> Option<&Summary> {
        self.work.as_ref().map(|work| &work.summary)
    }

    /// Why it was not answered; `None` when it was.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        let reason = Reason::of(self.code, self.stage)?;
        // the only precondition of that call
        if self.rpc == Rpc::ReloadPolicies && reason == Reason::Key {
            return Some(Reason::Reload);
        }
        let zones = reason == Reason::Zones && !self.rpc.is_job();
        Some(if zones { Reason::Caller } else { reason })
    }
}

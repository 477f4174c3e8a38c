//! Why something is withheld.

use crate::budget::Resource;
use crate::remark::Remark;
use std::fmt;

/// Why a part is withheld; each variant answers *whose doing* it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The bytes break the format's own rules. The sender's doing.
    Malformed(Remark),
    /// Two honest readers could disagree about the bytes. The sender's doing.
    Ambiguous(Remark),
    /// A password is needed.
    Encrypted(Remark),
    /// No reader for this kind, or a feature that the reader does not know.
    Unsupported(Remark),
    /// The policy or a safety rule forbids this kind of content.
    Forbidden(Remark),
    /// A limit was reached: `limit` is in the resource's own unit.
    Overrun {
        /// What ran out.
        resource: Resource,
        /// How much of it there was.
        limit: u64,
    },
    /// The worker was lost, by time or by crash or by an answer that no honest worker gives.
    Lost(Loss),
    /// Our own output did not pass the checker. Our doing: an alarm.
    Unverified(Violation),
    /// Our own mistake or a fault of the machine. Our doing: an alarm.
    Internal(Remark),
}

/// How a worker was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The wall-clock deadline passed and the worker was killed.
    Deadline,
    /// The worker died, or said something that no honest worker says.
    Crash,
}

/// The rule of an output profile that a draft broke, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule, in words of ours.
    pub rule: Remark,
    /// Byte offset in the draft, where one is known.
    pub offset: Option<u64>,
}

impl Violation {
    /// A violation of `rule` without a place.
    #[must_use]
    pub const fn of(rule: &'static str) -> Self {
        Self {
            rule: Remark::fixed(rule),
            offset: None,
        }
    }

    /// A violation of `rule` at byte `offset`.
    #[must_use]
    pub fn at(rule: &'static str, offset: usize) -> Self {
        Self {
            rule: Remark::fixed(rule),
            offset: u64::try_from(offset).ok(),
        }
    }
}

impl Refusal {
    /// Shorthand for a [`Refusal::Malformed`] with a remark of ours.
    #[must_use]
    pub const fn malformed(rule: &'static str) -> Self {
        Self::Malformed(Remark::fixed(rule))
    }

    /// Shorthand for a [`Refusal::Unsupported`] with a remark of ours.
    #[must_use]
    pub const fn unsupported(rule: &'static str) -> Self {
        Self::Unsupported(Remark::fixed(rule))
    }

    /// Of a draft whose checker was lost over it. What is not accepted is not delivered; but whoever killed the checker
    /// need not have been the draft.
    pub const CHECKER_LOST: Self = Self::Unverified(Violation::of("verifier: it was lost"));

    /// Shorthand for a [`Refusal::Internal`] with a remark of ours.
    #[must_use]
    pub const fn internal(rule: &'static str) -> Self {
        Self::Internal(Remark::fixed(rule))
    }

    /// The stable code for reports, logs and notices.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::Ambiguous(_) => "ambiguous",
            Self::Encrypted(_) => "encrypted",
            Self::Unsupported(_) => "unsupported",
            Self::Forbidden(_) => "forbidden",
            Self::Overrun { .. } => "overrun",
            Self::Lost(Loss::Deadline) => "lost_deadline",
            Self::Lost(Loss::Crash) => "lost_crash",
            Self::Unverified(_) => "unverified",
            Self::Internal(_) => "internal",
        }
    }

    /// Whether this refusal is our own doing and must raise an alarm.
    #[must_use]
    pub const fn is_alarm(&self) -> bool {
        matches!(self, Self::Unverified(_) | Self::Internal(_))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(r)
            | Self::Ambiguous(r)
            | Self::Encrypted(r)
            | Self::Unsupported(r)
            | Self::Forbidden(r)
            | Self::Internal(r) => write!(f, "{}: {r}", self.code()),
            Self::Overrun { resource, limit } => {
                write!(f, "overrun: {} over {limit}", resource.code())
            }
            Self::Lost(_) => f.write_str(self.code()),
            Self::Unverified(v) => match v.offset {
                Some(at) => write!(f, "unverified: {} at byte {at}", v.rule),
                None => write!(f, "unverified: {}", v.rule),
            },
        }
    }
}

impl std::error::Error for Refusal {}

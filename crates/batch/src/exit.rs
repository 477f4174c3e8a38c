//! Exit codes.

use crate::summary::Summary;

/// What the process ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything was delivered.
    Delivered,
    /// Something was withheld.
    Withheld,
    /// The command line or the policy is wrong.
    Usage,
    /// A refusal of our own doing was seen: an alarm.
    Alarm,
    /// The run itself failed.
    Failed,
    /// Somebody stopped the run before its end.
    Interrupted,
}

impl Exit {
    /// The code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Delivered => 0,
            Self::Withheld => 1,
            Self::Usage => 2,
            Self::Alarm => 3,
            Self::Failed => 4,
            Self::Interrupted => 130,
        }
    }

    /// The code of a run.
    #[must_use]
    pub const fn of(summary: &Summary) -> Self {
        if summary.left > 0 {
            Self::Interrupted
        } else if summary.failed > 0 {
            Self::Failed
        } else if summary.alarms > 0 {
            Self::Alarm
        } else if summary.withheld > 0 || summary.partly > 0 {
            Self::Withheld
        } else {
            Self::Delivered
        }
    }
}

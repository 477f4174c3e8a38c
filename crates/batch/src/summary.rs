//! The counts of a run.

use mugai_engine::Report;
use serde::Deserialize;

/// The counts of a whole run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// All inputs that came to an end, now or before.
    pub inputs: u64,
    /// Inputs that were delivered whole.
    pub sanitised: u64,
    /// Inputs that were delivered with something withheld inside.
    pub partly: u64,
    /// Inputs that were withheld.
    pub withheld: u64,
    /// Inputs with a refusal of our own doing.
    pub alarms: u64,
    /// Inputs that could not be read, or whose output could not be written.
    pub failed: u64,
    /// Inputs of these that an earlier run had done already.
    pub before: u64,
    /// Inputs that were not asked for: they are new, and only what was withheld is done again.
    pub skipped: u64,
    /// Inputs that are left because somebody stopped the run.
    pub left: u64,
}

/// What counts of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Brief {
    /// All of it was withheld.
    pub withheld: bool,
    /// Something of it was withheld.
    pub partly: bool,
    /// A refusal of our own doing is in it.
    pub alarm: bool,
}

#[derive(Deserialize)]
struct Read<'a> {
    #[serde(borrow)]
    refusal: Option<Code<'a>>,
    #[serde(borrow)]
    parts: Vec<Part<'a>>,
}

#[derive(Deserialize)]
struct Part<'a> {
    #[serde(borrow)]
    refusal: Option<Code<'a>>,
}

#[derive(Deserialize)]
struct Code<'a> {
    code: &'a str,
}

impl Brief {
    /// Of a report.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        Self {
            withheld: report.refusal.is_some(),
            partly: report.withheld_any(),
            alarm: report.alarm(),
        }
    }

    /// Of a report in JSON.
    ///
    /// # Errors
    /// That it is no report.
    pub fn parse(report: &str) -> serde_json::Result<Self> {
        let read: Read<'_> = serde_json::from_str(report)?;
        let parts = || read.parts.iter().filter_map(|part| part.refusal.as_ref());
        let ours = |code: &Code<'_>| matches!(code.code, "unverified" | "internal");
        Ok(Self {
            withheld: read.refusal.is_some(),
            partly: parts().next().is_some(),
            alarm: parts().chain(&read.refusal).any(ours),
        })
    }
}

impl Summary {
    /// Counts one input.
    pub fn count(&mut self, brief: Brief, failed: bool) {
        let slot = if brief.withheld {
            &mut self.withheld
        } else if brief.partly {
            &mut self.partly
        } else {
            &mut self.sanitised
        };
        *slot = slot.saturating_add(1);
        self.inputs = self.inputs.saturating_add(1);
        self.failed = self.failed.saturating_add(u64::from(failed));
        let alarm = brief.alarm && !failed;
        self.alarms = self.alarms.saturating_add(u64::from(alarm));
    }
}

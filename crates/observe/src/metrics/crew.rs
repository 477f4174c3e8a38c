//! Workers of one role, in numbers.

use super::register::{Count, Counts, Levels, Register, Seconds};
use super::signed;
use mugai_core::WorkerFigures;
use std::sync::atomic::Ordering;

/// What is told of those who open parts, and of those who check drafts.
#[derive(Debug)]
pub(super) struct Crew {
    states: Levels<1>,
    started: Count,
    ended: Counts<1>,
    loans: Count,
    busy: Seconds,
}

impl Crew {
    /// Metrics that begin with `name`; `who` they are, as a sentence begins.
    pub(super) fn new(to: &mut Register, name: &str, who: &str) -> Self {
        let named = |tail: &str| format!("{name}_{tail}");
        Self {
            states: to.gauges(
                name,
                &format!(
                    "{who}, by what they are doing; waiting are the callers that wait for one."
                ),
                &["state"],
            ),
            started: to.count(&named("started"), &format!("{who} that were started.")),
            ended: to.counts(
                &named("ended"),
                &format!("{who} that ended, by cause."),
                &["cause"],
            ),
            loans: to.count(
                &named("loans"),
                &format!("{who}: how often one was on loan, for one order."),
            ),
            busy: to.seconds(
                &named("busy_seconds"),
                &format!("{who}: for how long they were on loan, all together."),
            ),
        }
    }

    /// The figures of now.
    pub(super) fn tell(&self, figures: &WorkerFigures) {
        for (state, number) in [
            ("live", figures.live),
            ("idle", figures.idle),
            ("waiting", figures.waiting),
            ("limit", figures.limit),
        ] {
            let gauge = self.states.get_or_create(&[("state", state)]);
            gauge.set(signed(number));
        }
        let store = |count: &Count, number: u64| count.inner().store(number, Ordering::Relaxed);
        store(&self.started, figures.started);
        store(&self.loans, figures.loans);
        for (cause, number) in &figures.ended {
            store(&self.ended.get_or_create(&[("cause", cause)]), *number);
        }
        // what it counts is kept as the bits of a floating-point number
        let seconds = figures.busy.as_secs_f64().to_bits();
        self.busy.inner().store(seconds, Ordering::Relaxed);
    }
}

//! What is counted, in the text format of Prometheus.

mod crew;
mod register;

use crew::Crew;
pub use register::{Count, Counts, Levels, Metric, Register, Seconds, Spread, Spreads};

use crate::call::{Call, Rpc};
use crate::events::What;
use crate::openings::Opening;
use crate::reason::Reason;
use crate::summary::{LIMITS, Summary};
use mugai_core::WorkerFigures;
use prometheus_client::encoding::prometheus_text;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// What is in use of what there is, at the moment of asking: its name, how much, and of how much.
pub type Gauges<'a> = &'a [(&'static str, u64, u64)];

/// Why events and spans were dropped.
pub(crate) const DROPPED: [&str; 2] = ["queue", "transport"];

/// What may be in use (`mugai_<name>_in_use`, `mugai_<name>_limit`).
const IN_USE: [(&str, &str); 4] = [
    ("calls", "Calls"),
    ("memory_bytes", "Bytes of room for files"),
    ("spool_bytes", "Bytes of room for files that wait on disk"),
    ("jobs", "Jobs"),
];

/// All metrics.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    described: Vec<Metric>,
    calls: Counts<2>,
    refused: Counts<1>,
    call_times: Spreads<1>,
    verdicts: Counts<2>,
    wait_times: Spread,
    job_times: Spreads<1>,
    parts: Counts<3>,
    withheld: Counts<2>,
    part_times: Spreads<1>,
    limits: Counts<1>,
    findings: Counts<1>,
    bytes_in: Count,
    bytes_out: Count,
    reloads: Counts<1>,
    pub(crate) events: Counts<1>,
    pub(crate) events_dropped: Counts<1>,
    pub(crate) batches: Counts<1>,
    waiting: Gauge,
    in_use: Vec<(Gauge, Gauge)>,
    workers: Crew,
    verifiers: Crew,
    documents_shared: Count,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut to = Register::default();
        let build = to.gauges(
            "build_info",
            "The version that runs; always 1.",
            &["version"],
        );
        build
            .get_or_create(&[("version", env!("CARGO_PKG_VERSION"))])
            .set(1);
        let in_use = IN_USE.map(|(name, what)| {
            (
                to.gauge(&format!("{name}_in_use"), &format!("{what} in use.")),
                to.gauge(&format!("{name}_limit"), &format!("{what} that there are.")),
            )
        });
        let metrics = Self {
            calls: to.counts("calls", "Calls that are over, by their status.", &["rpc", "code"]),
            refused: to.counts("calls_refused", "Calls that were not answered, by reason.", &["reason"]),
            call_times: to.spreads("call_seconds", "Calls, from their beginning to the end of their answer.", &["rpc"]),
            verdicts: to.counts("verdicts", "Files by what became of them.", &["verdict", "refusal"]),
            wait_times: to.spread("job_wait_seconds", "Waiting for a place among the jobs."),
            job_times: to.spreads("job_seconds", "Jobs, from their place to their outcome, by the kind of the file.", &["kind"]),
            parts: to.counts("parts", "Parts by what they are, what the policy does with that, and what became of them.", &["kind", "treatment", "verdict"]),
            withheld: to.counts("parts_withheld", "Parts that were withheld, by reason.", &["kind", "refusal"]),
            part_times: to.spreads("part_seconds", "Opening one part, by what it was recognised as.", &["kind"]),
            limits: to.counts("limit_hits", "Parts that met a limit.", &["limit"]),
            findings: to.counts("findings", "What was seen in parts.", &["finding"]),
            bytes_in: to.count("bytes_in", "Bytes of files that came in whole."),
            bytes_out: to.count("bytes_out", "Bytes of files that were made of them."),
            reloads: to.counts("policy_reloads", "Policies read again.", &["result"]),
            events: to.counts("events", "Events for those who watch, by their number; counted whether or not they are sent.", &["event"]),
            events_dropped: to.counts("events_dropped", "Events that did not go out.", &["cause"]),
            batches: to.counts("span_batches", "Batches of spans handed to the collector.", &["result"]),
            waiting: to.gauge("jobs_waiting", "Calls that wait for a place among the jobs."),
            in_use: in_use.into(),
            workers: Crew::new(&mut to, "workers", "Workers"),
            verifiers: Crew::new(&mut to, "verifiers", "Verifiers"),
            documents_shared: to.count(
                "documents_shared",
                "Documents whose pages were drawn by several workers.",
            ),
            described: to.described,
            registry: to.registry,
        };
        metrics.begin();
        metrics
    }

    /// Series whose labels are known beforehand begin at 0, so that their first step is seen.
    fn begin(&self) {
        for reason in Reason::ALL {
            one(&self.refused, "reason", reason.code(), 0);
        }
        for limit in LIMITS {
            one(&self.limits, "limit", limit, 0);
        }
        for result in ["good", "bad"] {
            one(&self.reloads, "result", result, 0);
            one(&self.batches, "result", result, 0);
        }
        for cause in DROPPED {
            one(&self.events_dropped, "cause", cause, 0);
        }
        for what in What::ALL {
            one(&self.events, "event", what.number(), 0);
        }
    }

    /// What there is, for documents and their check.
    pub(crate) fn described(&self) -> &[Metric] {
        &self.described
    }

    /// A call is over.
    pub(crate) fn call(&self, call: &Call) {
        let rpc = call.rpc.code();
        let labels = [("rpc", rpc), ("code", call.code)];
        self.calls.get_or_create(&labels).inc();
        if let Some(reason) = call.reason() {
            one(&self.refused, "reason", reason.code(), 1);
        }
        if call.rpc != Rpc::Unknown {
            let seconds = call.times.elapsed().as_secs_f64();
            self.call_times
                .get_or_create(&[("rpc", rpc)])
                .observe(seconds);
        }
        self.bytes_in.inc_by(call.bytes_in);
        self.bytes_out.inc_by(call.bytes_out);
        if let Some(work) = &call.work {
            let wait = work.began.saturating_duration_since(work.asked);
            let time = work.ended.saturating_duration_since(work.began);
            self.wait_times.observe(wait.as_secs_f64());
            self.job(&work.summary, time);
            work.openings
                .iter()
                .for_each(|opening| self.opening(opening));
        }
    }

    fn job(&self, job: &Summary, time: Duration) {
        let labels = [("verdict", job.verdict), ("refusal", job.refusal)];
        self.verdicts.get_or_create(&labels).inc();
        self.job_times
            .get_or_create(&[("kind", job.kind())])
            .observe(time.as_secs_f64());
        for part in &job.parts {
            let labels = [
                ("kind", part.kind),
                ("treatment", part.treatment),
                ("verdict", part.verdict),
            ];
            self.parts.get_or_create(&labels).inc();
            if part.verdict == "withheld" {
                let labels = [("kind", part.kind), ("refusal", part.refusal)];
                self.withheld.get_or_create(&labels).inc();
            }
            if let Some(limit) = part.limit {
                one(&self.limits, "limit", limit, 1);
            }
            for (finding, count) in &part.findings {
                one(&self.findings, "finding", finding, u64::from(*count));
            }
        }
    }

    fn opening(&self, opening: &Opening) {
        let kind = opening.kind.map_or("unopened", mugai_core::Kind::code);
        let time = opening.ended.saturating_duration_since(opening.began);
        self.part_times
            .get_or_create(&[("kind", kind)])
            .observe(time.as_secs_f64());
    }

    /// Policies were read again, or could not be.
    pub(crate) fn reload(&self, good: bool) {
        let result = if good { "good" } else { "bad" };
        one(&self.reloads, "result", result, 1);
    }

    /// How many calls wait for a place among the jobs.
    pub(crate) fn waiting(&self) -> Gauge {
        self.waiting.clone()
    }

    /// Everything, in the text format of Prometheus (version 0.0.4).
    pub(crate) fn text(&self, gauges: Gauges<'_>, workers: Option<&WorkerFigures>) -> String {
        for (name, used, all) in gauges {
            let place = IN_USE.iter().position(|(known, _)| known == name);
            if let Some((use_, limit)) = place.and_then(|place| self.in_use.get(place)) {
                use_.set(signed(*used));
                limit.set(signed(*all));
            }
        }
        if let Some(figures) = workers {
            self.workers.tell(figures);
            if let Some(figures) = &figures.verifiers {
                self.verifiers.tell(figures);
            }
            let shared = self.documents_shared.inner();
            shared.store(figures.shared, Ordering::Relaxed);
        }
        let mut out = String::new();
        // writing to a text cannot fail
        let _ = prometheus_text::encode(&mut out, &self.registry);
        out
    }
}

/// Adds to a family with one label.
pub(crate) fn one(to: &Counts<1>, label: &'static str, value: &'static str, by: u64) {
    to.get_or_create(&[(label, value)]).inc_by(by);
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

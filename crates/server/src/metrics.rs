//! What is counted, and what is said about a call once it is over.

mod http;

pub(crate) use http::serve;

use crate::admit::Admission;
use crate::gate::Shared;
use mugai_engine::Outcome;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tonic::{Code, Status};

/// The calls that are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rpc {
    Sanitise,
    SanitiseStream,
    /// Turned away before it was looked at which call it is.
    None,
}

impl Rpc {
    const fn name(self) -> &'static str {
        match self {
            Self::Sanitise => "Sanitise",
            Self::SanitiseStream => "SanitiseStream",
            Self::None => "-",
        }
    }
}

/// Upper ends of the classes of durations, in milliseconds.
const CLASSES: [u64; 12] = [1, 2, 5, 10, 25, 50, 100, 250, 1_000, 5_000, 30_000, 120_000];

/// All counters. They only grow.
#[derive(Debug, Default)]
pub(crate) struct Metrics(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    calls: BTreeMap<(Rpc, &'static str), u64>,
    verdicts: BTreeMap<(&'static str, &'static str), u64>,
    durations: BTreeMap<Rpc, Durations>,
    bytes_in: u64,
    bytes_out: u64,
}

#[derive(Debug, Default)]
struct Durations {
    classes: [u64; CLASSES.len()],
    count: u64,
    millis: u64,
}

impl Metrics {
    /// A call that was not let in.
    pub(crate) fn turned_away(&self, code: Code) {
        self.change(|counts| add(counts.calls.entry((Rpc::None, name(code))).or_default(), 1));
    }

    fn change(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Everything in the text format of Prometheus.
    pub(crate) fn text(&self, admission: &Admission) -> String {
        let mut out = String::new();
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        out.push_str("# TYPE mugai_calls_total counter\n");
        for ((rpc, code), count) in &counts.calls {
            let rpc = rpc.name();
            let _ = writeln!(
                out,
                "mugai_calls_total{{rpc=\"{rpc}\",code=\"{code}\"}} {count}"
            );
        }
        out.push_str("# TYPE mugai_verdicts_total counter\n");
        for ((verdict, refusal), count) in &counts.verdicts {
            let labels = format!("verdict=\"{verdict}\",refusal=\"{refusal}\"");
            let _ = writeln!(out, "mugai_verdicts_total{{{labels}}} {count}");
        }
        out.push_str("# TYPE mugai_call_milliseconds histogram\n");
        for (rpc, durations) in &counts.durations {
            durations.write(rpc.name(), &mut out);
        }
        for (name, value) in [("in", counts.bytes_in), ("out", counts.bytes_out)] {
            let _ = writeln!(out, "# TYPE mugai_bytes_{name}_total counter");
            let _ = writeln!(out, "mugai_bytes_{name}_total {value}");
        }
        drop(counts);
        for (name, used, all) in admission.in_use() {
            let _ = writeln!(
                out,
                "# TYPE mugai_{name}_in_use gauge\nmugai_{name}_in_use {used}"
            );
            let _ = writeln!(
                out,
                "# TYPE mugai_{name}_limit gauge\nmugai_{name}_limit {all}"
            );
        }
        out
    }
}

impl Durations {
    fn add(&mut self, millis: u64) {
        for (class, end) in self.classes.iter_mut().zip(CLASSES) {
            if millis <= end {
                add(class, 1);
            }
        }
        add(&mut self.count, 1);
        add(&mut self.millis, millis);
    }

    fn write(&self, rpc: &str, out: &mut String) {
        let name = "mugai_call_milliseconds";
        for (count, end) in self.classes.iter().zip(CLASSES) {
            let _ = writeln!(out, "{name}_bucket{{rpc=\"{rpc}\",le=\"{end}\"}} {count}");
        }
        let _ = writeln!(
            out,
            "{name}_bucket{{rpc=\"{rpc}\",le=\"+Inf\"}} {}",
            self.count
        );
        let _ = writeln!(out, "{name}_sum{{rpc=\"{rpc}\"}} {}", self.millis);
        let _ = writeln!(out, "{name}_count{{rpc=\"{rpc}\"}} {}", self.count);
    }
}

fn add(to: &mut u64, what: u64) {
    *to = to.saturating_add(what);
}

/// One call, from its beginning to its end. All that it holds is of our own making or checked: it
/// is safe for logs, and says nothing of what is in a file or what it is called.
pub(crate) struct Record {
    shared: Arc<Shared>,
    rpc: Rpc,
    began: Instant,
    /// How it ended; a call that is dropped before was given up by its caller.
    code: Code,
    pub(crate) caller: String,
    pub(crate) queue_id: String,
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
    id: String,
    verdict: &'static str,
    refusal: &'static str,
    alarm: bool,
}

impl Record {
    pub(crate) fn begin(shared: &Arc<Shared>, rpc: Rpc) -> Self {
        Self {
            shared: Arc::clone(shared),
            rpc,
            began: Instant::now(),
            code: Code::Cancelled,
            caller: String::new(),
            queue_id: String::new(),
            bytes_in: 0,
            bytes_out: 0,
            id: String::new(),
            verdict: "none",
            refusal: "none",
            alarm: false,
        }
    }

    /// What became of the file.
    pub(crate) fn verdict(&mut self, outcome: &Outcome) {
        let report = &outcome.report;
        self.id.clone_from(&report.id);
        self.verdict = report.verdict;
        self.refusal = report
            .refusal
            .as_ref()
            .map_or("none", |refusal| refusal.code);
        self.alarm = report.alarm();
    }

    /// What the caller was told.
    pub(crate) fn end(mut self, status: Option<&Status>) {
        self.code = status.map_or(Code::Ok, Status::code);
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let elapsed: Duration = self.began.elapsed();
        let millis = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        let (rpc, code) = (self.rpc.name(), name(self.code));
        self.shared.metrics.change(|counts| {
            add(counts.calls.entry((self.rpc, code)).or_default(), 1);
            counts.durations.entry(self.rpc).or_default().add(millis);
            if self.verdict != "none" {
                let kind = (self.verdict, self.refusal);
                add(counts.verdicts.entry(kind).or_default(), 1);
            }
            add(&mut counts.bytes_in, self.bytes_in);
            add(&mut counts.bytes_out, self.bytes_out);
        });
        tracing::info!(
            rpc,
            code,
            millis,
            caller = self.caller,
            queue_id = self.queue_id,
            id = self.id,
            verdict = self.verdict,
            refusal = self.refusal,
            bytes_in = self.bytes_in,
            bytes_out = self.bytes_out,
            "call"
        );
        if self.alarm {
            tracing::error!(id = self.id, "alarm: a refusal of our own doing");
        }
    }
}

const fn name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

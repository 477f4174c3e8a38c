//! Spans of calls, sent to a collector (OTLP over gRPC).
//!
//! Spans are made of a [`Call`] once it is over, with the attributes below and no others: nothing
//! that a library notes on the way can slip in.

mod exporter;
mod parent;

use crate::call::{Call, Parent, Work};
use crate::config::Otlp;
use crate::metrics::Metrics;
use crate::openings::Opening;
use crate::summary::{Part, Summary};
use exporter::Exporter;
use opentelemetry::trace::{
    Span as _, SpanContext, SpanKind, Status, TraceContextExt as _, Tracer as _,
    TracerProvider as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The most parts of one job that have a span.
const PARTS: usize = 64;

/// How long the end of a service waits for spans that are still to be sent.
const PATIENCE: Duration = Duration::from_secs(2);

/// The way to the collector. Dropping it sends what waits, for two seconds at most.
#[derive(Debug)]
pub(crate) struct Traces {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
    honour: bool,
}

impl Traces {
    /// Opens the way. Must be called inside of a tokio runtime; the collector need not be there.
    ///
    /// # Errors
    /// What is wrong with the authorities, or with the exporter.
    pub(crate) fn start(config: &Otlp, metrics: &Arc<Metrics>) -> Result<Self, String> {
        let exporter = Exporter::open(config, metrics)?;
        let resource = Resource::builder_empty()
            .with_attributes([
                KeyValue::new("service.name", "mugai"),
                KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
            ])
            .build();
        let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(config.share)));
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(sampler)
            .with_resource(resource)
            .build();
        Ok(Self {
            tracer: provider.tracer("mugai"),
            provider,
            honour: config.honour_parent,
        })
    }

    /// The span of the caller, from its `traceparent`, where that is honoured and well-formed.
    pub(crate) fn parent(&self, traceparent: &str) -> Option<Parent> {
        if self.honour {
            parent::read(traceparent).map(Parent)
        } else {
            None
        }
    }

    /// Tells a call as spans: the rpc, and below it the wait, the job, and its parts.
    pub(crate) fn call(&self, call: &Call) {
        let (service, method) = call.rpc.names();
        let root = Context::new();
        let parent = match &call.parent {
            Some(Parent(parent)) => root.with_remote_span_context(parent.clone()),
            None => root,
        };
        let mut attributes = vec![
            KeyValue::new("rpc.system", "grpc"),
            KeyValue::new("rpc.service", service),
            KeyValue::new("rpc.method", method),
            KeyValue::new("mugai.code", call.code),
            KeyValue::new("mugai.caller", call.caller.clone()),
            KeyValue::new("mugai.queue_id", call.queue_id.clone()),
            number("mugai.bytes_in", call.bytes_in),
            number("mugai.bytes_out", call.bytes_out),
        ];
        if let Some(reason) = call.reason() {
            attributes.push(KeyValue::new("mugai.reason", reason.code()));
        }
        let began = call.times.began();
        let span = self
            .tracer
            .span_builder(name(service, method))
            .with_kind(SpanKind::Server)
            .with_start_time(call.times.at(began))
            .with_attributes(attributes);
        let mut span = self.tracer.build_with_context(span, &parent);
        if call.code != "OK" {
            span.set_status(Status::error(call.code));
        }
        let inside = Inside {
            traces: self,
            call,
            context: Context::new().with_remote_span_context(local(span.span_context())),
        };
        if let Some(work) = &call.work {
            inside.work(work);
        }
        span.end_with_timestamp(call.times.at(Instant::now()));
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        // a collector that is not there has said so already
        let _ = self.provider.shutdown_with_timeout(PATIENCE);
    }
}

/// What is below a span.
struct Inside<'a> {
    traces: &'a Traces,
    call: &'a Call,
    context: Context,
}

impl Inside<'_> {
    fn work(&self, work: &Work) {
        self.span("admission", (work.asked, work.began), Vec::new());
        let job = &work.summary;
        let context = self.span("job", (work.began, work.ended), attributes(job));
        let inside = Inside { context, ..*self };
        for (part, time) in job.parts.iter().zip(times(job, work)).take(PARTS) {
            inside.span("part", time, of_part(part));
        }
    }

    /// Makes a span, and the context of those below it.
    fn span(
        &self,
        name: &'static str,
        (began, ended): (Instant, Instant),
        attributes: Vec<KeyValue>,
    ) -> Context {
        let tracer = &self.traces.tracer;
        let span = tracer
            .span_builder(name)
            .with_kind(SpanKind::Internal)
            .with_start_time(self.call.times.at(began))
            .with_attributes(attributes);
        let mut span = tracer.build_with_context(span, &self.context);
        let context = Context::new().with_remote_span_context(local(span.span_context()));
        span.end_with_timestamp(self.call.times.at(ended));
        context
    }
}

/// The same span, as the parent of others in this process.
fn local(span: &SpanContext) -> SpanContext {
    SpanContext::new(
        span.trace_id(),
        span.span_id(),
        span.trace_flags(),
        false,
        span.trace_state().clone(),
    )
}

fn name(service: &str, method: &'static str) -> Cow<'static, str> {
    if service.is_empty() {
        method.into()
    } else {
        format!("{service}/{method}").into()
    }
}

fn attributes(job: &Summary) -> Vec<KeyValue> {
    let mut attributes = vec![
        KeyValue::new("mugai.job", job.id.clone()),
        KeyValue::new("mugai.policy", job.policy.clone()),
        KeyValue::new("mugai.policy_hash", job.policy_hash.clone()),
        KeyValue::new("mugai.verdict", job.verdict),
        KeyValue::new("mugai.refusal", job.refusal),
        number(
            "mugai.parts",
            u64::try_from(job.parts.len()).unwrap_or(u64::MAX),
        ),
    ];
    attributes.extend(file(job.file.as_ref()));
    attributes
}

fn of_part(part: &Part) -> Vec<KeyValue> {
    let mut attributes = vec![
        KeyValue::new("mugai.part", part.path.clone()),
        KeyValue::new("mugai.kind", part.kind),
        KeyValue::new("mugai.treatment", part.treatment),
        KeyValue::new("mugai.verdict", part.verdict),
        KeyValue::new("mugai.refusal", part.refusal),
        number("mugai.bytes_in", part.bytes_in),
        number("mugai.bytes_out", part.bytes_out),
    ];
    attributes.extend(file(part.file.as_ref()));
    attributes
}

fn file(name: Option<&String>) -> Option<KeyValue> {
    name.map(|name| KeyValue::new("mugai.file", name.clone()))
}

fn number(key: &'static str, number: u64) -> KeyValue {
    KeyValue::new(key, i64::try_from(number).unwrap_or(i64::MAX))
}

/// When each part was opened. What was opened stands in the order of the parts; an opening that fits
/// no part (of one that was opened twice, the first) is passed over, and a part that was not opened
/// at all has the moment at which the one before it ended.
fn times(job: &Summary, work: &Work) -> Vec<(Instant, Instant)> {
    let mut left = work.openings.as_slice();
    let mut last = work.began;
    let mut times = Vec::with_capacity(job.parts.len());
    for part in &job.parts {
        let near = left.iter().take(2).position(|opening| is(opening, part));
        let found = near.and_then(|place| left.split_at_checked(place));
        let mut time = (last, last);
        if let Some((opening, rest)) = found.and_then(|(_, from)| from.split_first()) {
            time = (opening.began, opening.ended);
            left = rest;
        }
        last = time.1;
        times.push(time);
    }
    times
}

fn is(opening: &Opening, part: &Part) -> bool {
    let kind = opening.kind.map_or("unopened", mugai_core::Kind::code);
    opening.bytes == part.bytes_in && kind == part.kind
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::Kind;

    fn part(kind: &'static str, bytes: u64) -> Part {
        Part {
            path: "0".to_owned(),
            kind,
            treatment: "text",
            verdict: "kept",
            refusal: "none",
            limit: None,
            findings: Vec::new(),
            bytes_in: bytes,
            bytes_out: 0,
            file: None,
        }
    }

    #[test]
    fn parts_have_the_times_of_their_own_openings() {
        let zero = Instant::now();
        let at = |millis| zero.checked_add(Duration::from_millis(millis)).unwrap();
        let opening = |kind, bytes, from, to| Opening {
            kind: Some(kind),
            bytes,
            began: at(from),
            ended: at(to),
        };
        let work = Work {
            asked: zero,
            began: at(1),
            ended: at(99),
            openings: vec![
                opening(Kind::Mail, 9, 1, 2),
                // this one was opened twice
                opening(Kind::Plain, 5, 2, 3),
                opening(Kind::Plain, 5, 3, 4),
                opening(Kind::Png, 7, 6, 8),
            ],
            summary: Summary {
                id: String::new(),
                policy: String::new(),
                policy_hash: String::new(),
                from: String::new(),
                to: String::new(),
                verdict: "sanitised",
                refusal: "none",
                alarm: false,
                file: None,
                parts: vec![
                    part("mail", 9),
                    part("text", 5),
                    part("empty", 0),
                    part("png", 7),
                    part("unopened", 3),
                ],
            },
        };
        let want = [(1, 2), (2, 3), (3, 3), (6, 8), (8, 8)];
        let want = want.map(|(from, to)| (at(from), at(to)));
        assert_eq!(times(&work.summary, &work), want);
    }
}

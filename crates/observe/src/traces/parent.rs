//! The span of a caller: the `traceparent` of W3C Trace Context, version 00. `tracestate` is text
//! of the caller, and is left alone.

use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::{SpanContext, TraceContextExt as _};
use opentelemetry_sdk::propagation::TraceContextPropagator;

/// One header and no other.
struct Only<'a>(&'a str);

impl Extractor for Only<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        (key == "traceparent").then_some(self.0)
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent"]
    }
}

/// `None` for what is no `traceparent`.
pub(super) fn read(traceparent: &str) -> Option<SpanContext> {
    let nothing = opentelemetry::Context::new();
    let read = TraceContextPropagator::new().extract_with_context(&nothing, &Only(traceparent));
    let context = read.span().span_context().clone();
    context.is_valid().then_some(context)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_well_formed_parents_count() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let read_ = read(good).unwrap();
        assert_eq!(
            read_.trace_id().to_string(),
            "0af7651916cd43dd8448eb211c80319c"
        );
        assert!(read_.is_remote() && read_.is_sampled());
        for bad in [
            "",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319c",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01\u{202e}",
        ] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }
}

//! What stands behind a service and is told of everything.

use crate::call::{Call, Parent};
use crate::config::Config;
use crate::events::{Event, What};
use crate::metrics::{Gauges, Metric, Metrics, one};
use crate::siem::Siem;
use crate::summary::Summary;
use crate::traces::Traces;
use mugai_core::WorkerFigures;
use mugai_engine::Report;
use prometheus_client::metrics::gauge::Gauge;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

/// Why telling cannot begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObserveError(String);

impl fmt::Display for ObserveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ObserveError {}

/// Tells what happens in a service. Dropping it sends what is still to be sent, for some seconds at
/// most.
#[derive(Debug)]
pub struct Observer {
    metrics: Arc<Metrics>,
    names: bool,
    traces: Option<Traces>,
    siem: Option<Siem>,
}

impl Observer {
    /// Begins to tell. With a collector of spans it must be called inside of a tokio runtime.
    /// Neither collector nor receiver need be there.
    ///
    /// # Errors
    /// [`ObserveError`] for authorities that cannot be read, and when there is no thread.
    pub fn start(config: &Config) -> Result<Self, ObserveError> {
        let metrics = Arc::new(Metrics::new());
        let traces = config.otlp.as_ref();
        let traces = traces.map(|otlp| Traces::start(otlp, &metrics)).transpose();
        let siem = config.syslog.as_ref();
        let siem = siem.map(|syslog| Siem::start(syslog, &metrics)).transpose();
        let observer = Self {
            traces: traces.map_err(ObserveError)?,
            siem: siem.map_err(|error| ObserveError(format!("observe.syslog: {error}")))?,
            names: config.file_names,
            metrics,
        };
        observer.event(Event::of(What::ServiceStarted, SystemTime::now()));
        Ok(observer)
    }

    /// A call is over.
    pub fn call(&self, call: &Call) {
        self.metrics.call(call);
        crate::log::call(call);
        if let Some(traces) = &self.traces {
            traces.call(call);
        }
        for event in Event::of_call(call, SystemTime::now()) {
            self.event(event);
        }
    }

    /// What of a report is told.
    #[must_use]
    pub fn summary(&self, report: &Report) -> Summary {
        Summary::of(report, self.names)
    }

    /// The span of a caller, where that is honoured.
    #[must_use]
    pub fn parent(&self, traceparent: Option<&str>) -> Option<Parent> {
        self.traces.as_ref()?.parent(traceparent?)
    }

    /// Policies were read again, or could not be.
    pub fn reload(&self, good: bool) {
        self.metrics.reload(good);
        let what = if good {
            What::PoliciesRead
        } else {
            What::PoliciesBad
        };
        self.event(Event::of(what, SystemTime::now()));
    }

    /// A call waits for a place among the jobs until what comes back is dropped.
    #[must_use]
    pub fn waiting(&self) -> Waiting {
        let waiting = self.metrics.waiting();
        waiting.inc();
        Waiting(waiting)
    }

    /// Everything that is counted, in the text format of Prometheus (version 0.0.4).
    #[must_use]
    pub fn text(&self, gauges: Gauges<'_>, workers: Option<&WorkerFigures>) -> String {
        self.metrics.text(gauges, workers)
    }

    /// Every metric that there is.
    #[must_use]
    pub fn metrics(&self) -> Vec<Metric> {
        self.metrics.described().to_vec()
    }

    fn event(&self, event: Event) {
        one(&self.metrics.events, "event", event.what.number(), 1);
        if let Some(siem) = &self.siem {
            siem.tell(event);
        }
    }
}

impl Drop for Observer {
    fn drop(&mut self) {
        self.event(Event::of(What::ServiceStopped, SystemTime::now()));
    }
}

/// A call that waits for a place.
#[derive(Debug)]
pub struct Waiting(Gauge);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.dec();
    }
}

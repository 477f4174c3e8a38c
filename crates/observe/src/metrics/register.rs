//! Puts metrics into a registry, and remembers what they are.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Labels: each name with its value, both of ours.
type Labels<const N: usize> = [(&'static str, &'static str); N];

pub(crate) type Count = Counter;
pub(crate) type Counts<const N: usize> = Family<Labels<N>, Counter>;
pub(crate) type Spread = Histogram;
pub(crate) type Spreads<const N: usize> = Family<Labels<N>, Histogram, fn() -> Histogram>;

/// Upper ends of the classes of times, in seconds: from a small text to the longest deadlines.
const CLASSES: [f64; 14] = [
    0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0,
];

fn times() -> Histogram {
    Histogram::new(CLASSES)
}

/// A metric, as it is described to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metric {
    /// The name on the page of metrics; of a counter with its `_total`.
    pub name: String,
    /// `counter`, `gauge` or `histogram`.
    pub kind: &'static str,
    /// The names of its labels.
    pub labels: Vec<&'static str>,
    /// What it tells.
    pub about: String,
}

/// A registry that is being filled.
#[derive(Debug)]
pub(crate) struct Register {
    pub(crate) registry: Registry,
    pub(crate) described: Vec<Metric>,
}

impl Default for Register {
    fn default() -> Self {
        Self {
            registry: Registry::with_prefix("mugai"),
            described: Vec::new(),
        }
    }
}

impl Register {
    pub(crate) fn count(&mut self, name: &str, about: &str) -> Count {
        let metric = Count::default();
        self.put(name, "counter", about, &[], metric.clone());
        metric
    }

    pub(crate) fn counts<const N: usize>(
        &mut self,
        name: &str,
        about: &str,
        labels: &[&'static str; N],
    ) -> Counts<N> {
        let metric = Counts::default();
        self.put(name, "counter", about, labels, metric.clone());
        metric
    }

    pub(crate) fn gauge(&mut self, name: &str, about: &str) -> Gauge {
        let metric = Gauge::default();
        self.put(name, "gauge", about, &[], metric.clone());
        metric
    }

    pub(crate) fn gauges<const N: usize>(
        &mut self,
        name: &str,
        about: &str,
        labels: &[&'static str; N],
    ) -> Family<Labels<N>, Gauge> {
        let metric = Family::default();
        self.put(name, "gauge", about, labels, metric.clone());
        metric
    }

    pub(crate) fn spread(&mut self, name: &str, about: &str) -> Spread {
        let metric = times();
        self.put(name, "histogram", about, &[], metric.clone());
        metric
    }

    pub(crate) fn spreads<const N: usize>(
        &mut self,
        name: &str,
        about: &str,
        labels: &[&'static str; N],
    ) -> Spreads<N> {
        let make: fn() -> Histogram = times;
        let metric = Spreads::new_with_constructor(make);
        self.put(name, "histogram", about, labels, metric.clone());
        metric
    }

    fn put(
        &mut self,
        name: &str,
        kind: &'static str,
        about: &str,
        labels: &[&'static str],
        metric: impl prometheus_client::registry::Metric,
    ) {
        // the library puts the full stop and the suffix of counters
        let told = about.strip_suffix('.').unwrap_or(about);
        let suffix = if kind == "counter" { "_total" } else { "" };
        self.described.push(Metric {
            name: format!("mugai_{name}{suffix}"),
            kind,
            labels: labels.to_vec(),
            about: about.to_owned(),
        });
        self.registry.register(name, told, metric);
    }
}

//! Puts metrics into a registry, and remembers what they are.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::sync::atomic::AtomicU64;

/// Labels: each name with its value, both of ours.
type Labels<const N: usize> = [(&'static str, &'static str); N];

/// A number that only grows.
pub type Count = Counter;
/// Such numbers, by labels.
pub type Counts<const N: usize> = Family<Labels<N>, Counter>;
/// Time that only grows, in seconds.
pub type Seconds = Counter<f64, AtomicU64>;
/// Numbers that go up and down, by labels.
pub type Levels<const N: usize> = Family<Labels<N>, Gauge>;
/// Times, by how long they are.
pub type Spread = Histogram;
/// Such times, by labels.
pub type Spreads<const N: usize> = Family<Labels<N>, Histogram, fn() -> Histogram>;

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

/// A registry that is being filled; `mugai_` goes before every name.
#[derive(Debug)]
pub struct Register {
    /// What is served.
    pub registry: Registry,
    /// What is in it, for documents.
    pub described: Vec<Metric>,
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
    /// A counter.
    pub fn count(&mut self, name: &str, about: &str) -> Count {
        let metric = Count::default();
        self.put(name, "counter", about, &[], metric.clone());
        metric
    }

    /// A counter for each set of labels.
    pub fn counts<const N: usize>(
        &mut self,
        name: &str,
        about: &str,
        labels: &[&'static str; N],
    ) -> Counts<N> {
        let metric = Counts::default();
        self.put(name, "counter", about, labels, metric.clone());
        metric
    }

    /// Time that only grows.
    pub fn seconds(&mut self, name: &str, about: &str) -> Seconds {
        let metric = Seconds::default();
        self.put(name, "counter", about, &[], metric.clone());
        metric
    }

    /// A number that goes up and down.
    pub fn gauge(&mut self, name: &str, about: &str) -> Gauge {
        let metric = Gauge::default();
        self.put(name, "gauge", about, &[], metric.clone());
        metric
    }

    /// Such a number for each set of labels.
    pub fn gauges<const N: usize>(
        &mut self,
        name: &str,
        about: &str,
        labels: &[&'static str; N],
    ) -> Levels<N> {
        let metric = Family::default();
        self.put(name, "gauge", about, labels, metric.clone());
        metric
    }

    /// Times in seconds.
    pub fn spread(&mut self, name: &str, about: &str) -> Spread {
        let metric = times();
        self.put(name, "histogram", about, &[], metric.clone());
        metric
    }

    /// Times in seconds for each set of labels.
    pub fn spreads<const N: usize>(
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

//! What a node counts, in the text format of Prometheus.

use crate::error::Error;
use crate::node::Node;
use mugai_core::WorkerFigures;
use mugai_engine::Report;
use prometheus_client::encoding::prometheus_text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Upper ends of the classes of times, in seconds.
const CLASSES: [f64; 12] = [
    0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0,
];

/// How long a reader of metrics may take.
const TIME: Duration = Duration::from_secs(5);
/// How long the end of the node is not seen.
const NAP: Duration = Duration::from_millis(100);

type Labels = [(&'static str, &'static str); 1];

/// All metrics of a node.
pub(crate) struct Metrics {
    registry: Mutex<Registry>,
    jobs: Family<Labels, Counter>,
    failed: Counter,
    dead: Counter,
    trouble: Counter,
    unheard: Counter,
    times: Histogram,
    bytes_in: Counter,
    bytes_out: Counter,
    held: Gauge,
    workers: Family<Labels, Gauge>,
    verifiers: Family<Labels, Gauge>,
}

/// What a job may come to.
const RESULTS: [&str; 4] = ["sanitised", "partly", "withheld", "before"];

impl Metrics {
    pub(crate) fn new() -> Self {
        let metrics = Self {
            registry: Mutex::new(Registry::with_prefix("mugai_batch")),
            jobs: Family::default(),
            failed: Counter::default(),
            dead: Counter::default(),
            trouble: Counter::default(),
            unheard: Counter::default(),
            times: Histogram::new(CLASSES),
            bytes_in: Counter::default(),
            bytes_out: Counter::default(),
            held: Gauge::default(),
            workers: Family::default(),
            verifiers: Family::default(),
        };
        let mut registry = metrics
            .registry
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        registry.register(
            "jobs",
            "Jobs that were done, by what became of them; before: the result was there",
            metrics.jobs.clone(),
        );
        registry.register(
            "failures",
            "Jobs that failed and were given back",
            metrics.failed.clone(),
        );
        registry.register(
            "dead_letters",
            "Jobs that were made dead letters",
            metrics.dead.clone(),
        );
        registry.register(
            "queue_troubles",
            "Times that the queue did not answer",
            metrics.trouble.clone(),
        );
        registry.register(
            "unheard",
            "Ends of jobs that the queue did not confirm; they are given out again",
            metrics.unheard.clone(),
        );
        registry.register(
            "job_seconds",
            "Jobs, from their begin to their result",
            metrics.times.clone(),
        );
        registry.register(
            "bytes_in",
            "Bytes of files that were read",
            metrics.bytes_in.clone(),
        );
        registry.register(
            "bytes_out",
            "Bytes of files that were made",
            metrics.bytes_out.clone(),
        );
        registry.register("held", "Jobs that the node has", metrics.held.clone());
        metrics.register_crews(&mut registry);
        drop(registry);
        for result in RESULTS {
            metrics.jobs.get_or_create(&[("result", result)]).inc_by(0);
        }
        metrics
    }

    fn register_crews(&self, registry: &mut Registry) {
        let doing = "by what they are doing";
        let workers = format!("Confined workers {doing}");
        registry.register("workers", workers, self.workers.clone());
        let verifiers = format!("Confined workers that check drafts, {doing}");
        registry.register("verifiers", verifiers, self.verifiers.clone());
    }

    fn result(&self, result: &'static str) {
        self.jobs.get_or_create(&[("result", result)]).inc();
    }

    /// A job was done.
    pub(crate) fn report(&self, report: &Report) {
        self.result(match (&report.refusal, report.withheld_any()) {
            (Some(_), _) => "withheld",
            (None, true) => "partly",
            (None, false) => "sanitised",
        });
    }

    /// A job was done before.
    pub(crate) fn before(&self) {
        self.result("before");
    }

    pub(crate) fn failed(&self) {
        self.failed.inc();
    }

    pub(crate) fn dead(&self) {
        self.dead.inc();
    }

    pub(crate) fn trouble(&self) {
        self.trouble.inc();
    }

    pub(crate) fn unheard(&self) {
        self.unheard.inc();
    }

    pub(crate) fn took(&self, time: Duration) {
        self.times.observe(time.as_secs_f64());
    }

    pub(crate) fn read(&self, bytes: usize) {
        self.bytes_in
            .inc_by(u64::try_from(bytes).unwrap_or(u64::MAX));
    }

    pub(crate) fn written(&self, bytes: u64) {
        self.bytes_out.inc_by(bytes);
    }

    fn text(&self, held: usize, workers: Option<&WorkerFigures>) -> String {
        self.held.set(i64::try_from(held).unwrap_or(i64::MAX));
        let verifiers = workers.and_then(|figures| figures.verifiers.as_deref());
        let crews = [(&self.workers, workers), (&self.verifiers, verifiers)];
        for (gauges, figures) in crews {
            let Some(figures) = figures else { continue };
            for (state, number) in [
                ("live", figures.live),
                ("idle", figures.idle),
                ("waiting", figures.waiting),
                ("limit", figures.limit),
            ] {
                let gauge = gauges.get_or_create(&[("state", state)]);
                gauge.set(i64::try_from(number).unwrap_or(i64::MAX));
            }
        }
        let mut out = String::new();
        let registry = self
            .registry
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        // writing to a text cannot fail
        let _ = prometheus_text::encode(&mut out, &registry);
        out
    }
}

pub(crate) async fn listen(address: SocketAddr) -> Result<TcpListener, Error> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| Error::Local(format!("listen.metrics: {error}")))
}

/// Serves the page until the node ends: one reader at a time, which is as many as there should be.
pub(crate) async fn serve(node: &Node<'_>, listener: TcpListener) {
    while !node.is_over() {
        if let Ok(Ok((stream, _))) = tokio::time::timeout(NAP, listener.accept()).await {
            // a reader that is gone or slow loses its page
            let _ = tokio::time::timeout(TIME, answer(stream, node)).await;
        }
    }
}

async fn answer(mut stream: TcpStream, node: &Node<'_>) -> std::io::Result<()> {
    // whatever is asked for, the answer is the same
    let mut request = [0u8; 4096];
    let _ = stream.read(&mut request).await?;
    let (jobs, workers, metrics) = node.figures();
    let page = metrics.text(jobs, workers.as_ref());
    let head = format!(
        "HTTP/1.0 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: {}\r\n\r\n",
        page.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(page.as_bytes()).await?;
    stream.shutdown().await
}

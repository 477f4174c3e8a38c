//! Hands batches of spans to the collector, and says once when that does not work.

use crate::config::Otlp;
use crate::metrics::{Metrics, one};
use opentelemetry_otlp::{WithExportConfig as _, WithTonicConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tonic::transport::{Certificate, Channel, ClientTlsConfig};

/// How long the collector may take for a batch.
const TIME: Duration = Duration::from_secs(5);

/// The exporter of the library, watched.
pub(super) struct Exporter {
    inner: opentelemetry_otlp::SpanExporter,
    metrics: Arc<Metrics>,
    /// Whether the log says already that the collector cannot be reached.
    told: AtomicBool,
}

impl Exporter {
    /// Must be called inside of a tokio runtime. The connection is made with the first batch.
    pub(super) fn open(config: &Otlp, metrics: &Arc<Metrics>) -> Result<Self, String> {
        let wrong = |error: &dyn fmt::Display| format!("observe.otlp: {error}");
        let mut endpoint = Channel::from_shared(config.endpoint.clone())
            .map_err(|error| wrong(&error))?
            .timeout(TIME)
            .connect_timeout(TIME);
        if let Some(ca) = &config.ca {
            let pem = std::fs::read(ca).map_err(|error| format!("{}: {error}", ca.display()))?;
            let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem));
            endpoint = endpoint.tls_config(tls).map_err(|error| wrong(&error))?;
        }
        let inner = opentelemetry_otlp::SpanExporter::builder()
            .with_tonic()
            .with_channel(endpoint.connect_lazy())
            .with_timeout(TIME)
            .build()
            .map_err(|error| wrong(&error))?;
        Ok(Self {
            inner,
            metrics: Arc::clone(metrics),
            told: AtomicBool::new(false),
        })
    }
}

impl fmt::Debug for Exporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exporter").finish_non_exhaustive()
    }
}

impl SpanExporter for Exporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let result = self.inner.export(batch).await;
        let good = result.is_ok();
        let word = if good { "good" } else { "bad" };
        one(&self.metrics.batches, "result", word, 1);
        let told = self.told.swap(!good, Ordering::Relaxed);
        if good && told {
            tracing::info!(target: "mugai::traces", "the collector of spans is back");
        } else if !good && !told {
            // what the other side said is not ours to repeat
            tracing::warn!(target: "mugai::traces", "the collector of spans cannot be reached; spans are dropped");
        }
        // the library would log each failure; this one has been told
        Ok(())
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::kept::written;

    #[test]
    fn a_collector_that_is_not_there_is_told_of_once() {
        let config = Otlp {
            endpoint: "http://127.0.0.1:1".to_owned(),
            ca: None,
            honour_parent: false,
            share: 1.0,
        };
        let metrics = Arc::new(Metrics::new());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let export = async {
            let exporter = Exporter::open(&config, &metrics).unwrap();
            for _ in 0..3 {
                exporter.export(Vec::new()).await.unwrap();
            }
        };
        let log = written(|| runtime.block_on(export));
        assert_eq!(log.matches("cannot be reached").count(), 1, "{log}");
        let page = metrics.text(&[], None);
        assert!(page.contains("mugai_span_batches_total{result=\"bad\"} 3"));
    }
}

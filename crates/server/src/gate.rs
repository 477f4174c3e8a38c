//! What happens to a call before its body is read.

use crate::admit::{self, Admission};
use crate::caller::{Caller, Callers};
use crate::keys::Keys;
use crate::metrics::Metrics;
use crate::policies::Policies;
use mugai_core::Opener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::OwnedSemaphorePermit;
use tonic::metadata::MetadataMap;
use tonic::service::Interceptor;
use tonic::{Extensions, Request, Status};

/// What all calls share.
pub(crate) struct Shared {
    pub(crate) opener: Arc<dyn Opener + Send + Sync>,
    pub(crate) policies: Arc<Policies>,
    pub(crate) callers: Callers,
    pub(crate) admission: Admission,
    pub(crate) keys: Keys,
    pub(crate) metrics: Metrics,
    pub(crate) idle: Duration,
    pub(crate) stopping: AtomicBool,
}

/// A call that was let in. Its seat is given back with the last copy of this.
#[derive(Clone)]
pub(crate) struct Visit {
    pub(crate) caller: Caller,
    pub(crate) until: Option<Instant>,
    _seat: Arc<OwnedSemaphorePermit>,
}

/// Lets calls in: recognises the caller, then finds a seat.
#[derive(Clone)]
pub(crate) struct Gate(pub(crate) Arc<Shared>);

impl Interceptor for Gate {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        match self.visit(&request) {
            Ok(visit) => {
                request.extensions_mut().insert(visit);
                Ok(request)
            }
            Err(status) => {
                self.0.metrics.turned_away(status.code());
                Err(status)
            }
        }
    }
}

impl Gate {
    fn visit(&self, request: &Request<()>) -> Result<Visit, Status> {
        let caller = self.0.callers.recognise(request.extensions())?;
        if self.0.stopping.load(Ordering::Relaxed) {
            return Err(admit::stopping());
        }
        Ok(Visit {
            caller,
            until: until(request.metadata())?,
            _seat: Arc::new(self.0.admission.seat()?),
        })
    }
}

/// The visit that the gate put beside a request.
///
/// # Errors
/// `INTERNAL` when there is none, which is a mistake of ours.
pub(crate) fn visit(extensions: &Extensions) -> Result<Visit, Status> {
    let visit = extensions.get::<Visit>().cloned();
    visit.ok_or_else(|| Status::internal("a call came past the gate"))
}

/// When the caller's own time is over.
fn until(metadata: &MetadataMap) -> Result<Option<Instant>, Status> {
    let Some(text) = metadata.get("grpc-timeout") else {
        return Ok(None);
    };
    let wrong = || Status::invalid_argument("grpc-timeout: is not one");
    let text = text.to_str().map_err(|_| wrong())?;
    let timeout = timeout(text).ok_or_else(wrong)?;
    // a time beyond the end of the clock is no limit
    Ok(Instant::now().checked_add(timeout))
}

/// At most eight digits and a unit, as gRPC over HTTP/2 says.
fn timeout(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    if number.is_empty() || number.len() > 8 || !digits {
        return None;
    }
    let number: u64 = number.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(number.checked_mul(3600)?)),
        "M" => Some(Duration::from_secs(number.checked_mul(60)?)),
        "S" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_millis(number)),
        "u" => Some(Duration::from_micros(number)),
        "n" => Some(Duration::from_nanos(number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_read_as_the_protocol_says() {
        for (text, want) in [
            ("1m", Some(Duration::from_millis(1))),
            ("2S", Some(Duration::from_secs(2))),
            ("3H", Some(Duration::from_hours(3))),
            ("99999999n", Some(Duration::from_nanos(99_999_999))),
            ("", None),
            ("S", None),
            ("1", None),
            ("+1S", None),
            ("123456789S", None),
            ("1表", None),
        ] {
            assert_eq!(timeout(text), want, "{text:?}");
        }
    }
}

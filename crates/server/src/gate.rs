//! What happens to a call before its body is read.

mod weigh;

use crate::admit::{self, Admission, Room};
use crate::caller::{Caller, Callers};
use crate::keys::Keys;
use crate::metrics::Metrics;
use crate::policies::Policies;
use mugai_core::Opener;
use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::sync::OwnedSemaphorePermit;
use tonic::body::Body;
use tonic::codegen::http::{HeaderMap, Request, Response};
use tonic::codegen::{BoxFuture, Service};
use tonic::server::NamedService;
use tonic::{Extensions, Status};
use weigh::Weighed;

/// The call whose body is one message: room for it is taken by the length that it begins with.
const ONE_MESSAGE: &str = "/mugai.v1.SanitiseService/Sanitise";

/// What all calls share.
pub(crate) struct Shared {
    pub(crate) opener: Arc<dyn Opener + Send + Sync>,
    pub(crate) policies: Arc<Policies>,
    pub(crate) callers: Callers,
    pub(crate) admission: Admission,
    pub(crate) keys: Keys,
    pub(crate) metrics: Metrics,
    /// Where files wait that are too large to wait in memory.
    pub(crate) spool: PathBuf,
    pub(crate) stopping: AtomicBool,
}

/// A call that was let in. Its seat is given back with the last copy of this.
#[derive(Clone)]
pub(crate) struct Visit {
    pub(crate) caller: Caller,
    pub(crate) until: Option<Instant>,
    weighed: Arc<Mutex<Option<Room>>>,
    _seat: Arc<OwnedSemaphorePermit>,
}

impl Visit {
    /// The room that was taken for a body of one message.
    ///
    /// # Errors
    /// `INTERNAL` when there is none, which is a mistake of ours.
    pub(crate) fn room(&self) -> Result<Room, Status> {
        let mut weighed = self.weighed.lock().unwrap_or_else(PoisonError::into_inner);
        let room = weighed.take();
        room.ok_or_else(|| Status::internal("a message came past the scales"))
    }
}

/// Lets calls in: recognises the caller, then finds a seat. Who is turned away costs no more than
/// this: nothing of the body is looked at.
#[derive(Clone)]
pub(crate) struct Gate<S> {
    pub(crate) shared: Arc<Shared>,
    pub(crate) inner: S,
}

impl<S: NamedService> NamedService for Gate<S> {
    const NAME: &'static str = S::NAME;
}

impl<S> Service<Request<Body>> for Gate<S>
where
    S: Service<
            Request<Body>,
            Response = Response<Body>,
            Error = Infallible,
            Future = BoxFuture<Response<Body>, Infallible>,
        >,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Response<Body>, Infallible>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let visit = match visited(&self.shared, &request) {
            Ok(visit) => visit,
            Err(status) => {
                self.shared.metrics.turned_away(status.code());
                return Box::pin(std::future::ready(Ok(status.into_http())));
            }
        };
        let weighed = Arc::clone(&visit.weighed);
        request.extensions_mut().insert(visit);
        if request.uri().path() == ONE_MESSAGE {
            let shared = Arc::clone(&self.shared);
            request = request.map(|body| Body::new(Weighed::new(body, shared, weighed)));
        }
        self.inner.call(request)
    }
}

fn visited(shared: &Shared, request: &Request<Body>) -> Result<Visit, Status> {
    let caller = shared.callers.recognise(request.extensions())?;
    if shared.stopping.load(Ordering::Relaxed) {
        return Err(admit::stopping());
    }
    Ok(Visit {
        caller,
        until: until(request.headers())?,
        weighed: Arc::default(),
        _seat: Arc::new(shared.admission.seat()?),
    })
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
fn until(headers: &HeaderMap) -> Result<Option<Instant>, Status> {
    let Some(text) = headers.get("grpc-timeout") else {
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

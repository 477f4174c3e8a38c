//! Has the engine sanitise a file, on a thread where it may block.

use crate::admit;
use crate::docket::Docket;
use crate::gate::Shared;
use mugai_core::{Patience, Untrusted};
use mugai_engine::{Order, Outcome, sanitise};
use mugai_observe::{Opening, Watch};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use tokio::sync::OwnedSemaphorePermit;
use tonic::Status;

/// An outcome with the room that its files are still taking.
pub(crate) struct Done {
    pub(crate) outcome: Outcome,
    pub(crate) room: OwnedSemaphorePermit,
    /// When it began, and how long its parts took.
    pub(crate) began: Instant,
    pub(crate) openings: Vec<Opening>,
}

/// Cancels a job whose caller has gone: the worker at work on it is killed, and the thread comes
/// free. Room and place stay with the thread until then.
struct Leash(Arc<AtomicBool>);

impl Drop for Leash {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Sanitises `content`. Dropping the future cancels the job.
///
/// # Errors
/// `DEADLINE_EXCEEDED` when the caller's time is over, whatever came of the job: its result might be
/// what it is because of the caller's haste. `RESOURCE_EXHAUSTED` when the policy's time was over
/// before the job began. `INTERNAL` when the engine panicked.
pub(crate) async fn run(
    shared: &Arc<Shared>,
    docket: &Arc<Docket>,
    content: Vec<u8>,
    room: OwnedSemaphorePermit,
) -> Result<Done, Status> {
    let counted = shared.metrics.0.waiting();
    let waiting = by(Some(docket.until), shared.admission.place());
    let Some(place) = waiting.await else {
        return Err(if is_over(docket.patience) {
            late()
        } else {
            admit::full("no job could be begun in time")
        });
    };
    let place = place?;
    drop(counted);
    let cancelled = Arc::new(AtomicBool::new(false));
    let leash = Leash(Arc::clone(&cancelled));
    let work = {
        let (shared, docket) = (Arc::clone(shared), Arc::clone(docket));
        move || {
            let order = Order {
                input: Untrusted::new(content),
                name: docket.name.clone(),
                label: docket.label.clone(),
                policy: &docket.policy,
                from: &docket.from,
                to: &docket.to,
                patience: Patience {
                    until: Some(docket.until),
                    cancelled: Some(&cancelled),
                },
            };
            let began = Instant::now();
            let watch = Watch::new(&*shared.opener);
            let outcome = sanitise(order, &watch);
            drop(place);
            Done {
                outcome,
                room,
                began,
                openings: watch.openings(),
            }
        }
    };
    let done = by(docket.patience, tokio::task::spawn_blocking(work)).await;
    // the job is over, or its caller's time is
    drop(leash);
    let done = done.ok_or_else(late)?;
    let done = done.map_err(|_| Status::internal("the job broke off"))?;
    if is_over(docket.patience) {
        return Err(late());
    }
    Ok(done)
}

fn late() -> Status {
    Status::deadline_exceeded("the caller's deadline has passed")
}

fn is_over(until: Option<Instant>) -> bool {
    until.is_some_and(|until| Instant::now() >= until)
}

/// What comes of `future`, unless it takes too long.
async fn by<F: Future>(until: Option<Instant>, future: F) -> Option<F::Output> {
    match until {
        Some(until) => tokio::time::timeout_at(until.into(), future).await.ok(),
        None => Some(future.await),
    }
}

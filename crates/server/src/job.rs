//! Has the engine sanitise a file, on a thread where it may block.

use crate::admit::{self, Berth, Room};
use crate::answer::Reply;
use crate::docket::Docket;
use crate::gate::Shared;
use crate::spool::Held;
use mugai_core::{Patience, Untrusted};
use mugai_engine::report::TRIES;
use mugai_engine::{Order, Outcome, sanitise};
use mugai_observe::{Opening, Summary, Watch};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use tonic::Status;

/// What the caller is told, with the room that its files are still taking.
pub(crate) struct Done {
    pub(crate) reply: Reply,
    pub(crate) summary: Summary,
    pub(crate) room: Room,
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

/// Sanitises a file. Dropping the future cancels the job.
///
/// # Errors
/// `DEADLINE_EXCEEDED` when the caller's time is over, whatever came of the job: its result might be
/// what it is because of the caller's haste. `RESOURCE_EXHAUSTED` when the policy's time was over
/// before the job began, or there was no memory for the file. `INTERNAL` when the engine panicked,
/// the report cannot be written, or the disk does not give the file back.
pub(crate) async fn run(
    shared: &Arc<Shared>,
    docket: &Arc<Docket>,
    held: Held,
    berth: Berth,
) -> Result<Done, Status> {
    let counted = shared.metrics.0.waiting();
    // memory first: whoever waits for it must not keep others from a place
    let (room, disk) = match berth {
        Berth::Memory(room) => (room, None),
        Berth::Disk(disk) => {
            let memory = shared.admission.memory(held.len());
            (in_time(docket, memory).await?, Some(disk))
        }
    };
    let cancelled = Arc::new(AtomicBool::new(false));
    let leash = Leash(Arc::clone(&cancelled));
    let mut ordered = {
        let (by, docket) = (Arc::clone(shared), Arc::clone(docket));
        shared.admission.order(move || {
            drop(counted);
            let began = Instant::now();
            let (outcome, openings) = attempts(&by, &docket, &held, &cancelled)?;
            drop((held, disk));
            // written here, since one thread writes to the network for all
            let summary = by.metrics.0.summary(&outcome.report);
            Ok::<_, Status>(Done {
                reply: Reply::of(outcome, &docket.key)?,
                summary,
                room,
                began,
                openings,
            })
        })
    };
    let mut done = by(Some(docket.until), &mut ordered.result).await;
    if done.is_none() {
        if ordered.call_off() {
            return Err(too_late(docket));
        }
        // one that has begun knows when its time is over, and tells what came of it
        done = by(docket.patience, &mut ordered.result).await;
    }
    // the job is over, or its caller's time is
    drop(leash);
    let done = done.ok_or_else(late)?;
    let done = done.map_err(|_| Status::internal("the job broke off"))??;
    if is_over(docket.patience) {
        return Err(late());
    }
    Ok(done)
}

/// What comes of a job, begun again while workers are lost and there is time, and how long the
/// parts of its last attempt took.
fn attempts(
    shared: &Shared,
    docket: &Docket,
    held: &Held,
    cancelled: &AtomicBool,
) -> Result<(Outcome, Vec<Opening>), Status> {
    let mut made = attempt(shared, docket, held, cancelled)?;
    for _ in 1..TRIES {
        let over = cancelled.load(Ordering::Relaxed) || is_over(docket.patience);
        if over || !made.0.report.lost_a_worker() {
            break;
        }
        tracing::warn!(
            id = made.0.report.id,
            "a worker was lost: the job is begun again"
        );
        // what it made so far needs the room
        drop(made);
        made = attempt(shared, docket, held, cancelled)?;
    }
    Ok(made)
}

fn attempt(
    shared: &Shared,
    docket: &Docket,
    held: &Held,
    cancelled: &AtomicBool,
) -> Result<(Outcome, Vec<Opening>), Status> {
    let input = read(held)?;
    let order = Order {
        input,
        name: docket.name.clone(),
        label: docket.label.clone(),
        policy: &docket.policy,
        from: &docket.from,
        to: &docket.to,
        passwords: &docket.passwords,
        patience: Patience {
            // the time of the policy begins with the job, not with the call: what waited long is not hurried
            until: docket.patience,
            cancelled: Some(cancelled),
        },
    };
    let watch = Watch::new(&*shared.opener);
    let outcome = sanitise(order, &watch);
    Ok((outcome, watch.openings()))
}

fn read(held: &Held) -> Result<Untrusted, Status> {
    held.read().map_err(|error| {
        tracing::error!(%error, "a file in the spool cannot be read");
        if error.kind() == std::io::ErrorKind::OutOfMemory {
            admit::full("no memory for this file now")
        } else {
            Status::internal("the spool does not give the file back")
        }
    })
}

/// What comes of waiting for the bounds of the service.
async fn in_time<T>(
    docket: &Docket,
    waiting: impl Future<Output = Result<T, Status>>,
) -> Result<T, Status> {
    let waited = by(Some(docket.until), waiting).await;
    waited.ok_or_else(|| too_late(docket))?
}

/// Why a job was not begun.
fn too_late(docket: &Docket) -> Status {
    if is_over(docket.patience) {
        late()
    } else {
        admit::full("no job could be begun in time")
    }
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

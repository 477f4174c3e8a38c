//! The thread that starts the workers.
//!
//! The kernel ends a worker with the *thread* that started it (`PR_SET_PDEATHSIG`), not with the
//! process. The callers of a pool come and go; this thread stays as long as the pool.

use crate::link::nap;
use crate::pool::Shared;
use crate::pool::figures::Cause;
use crate::process::{Fault, Worker};
use mugai_core::Patience;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{
    Receiver, RecvTimeoutError, SendError, Sender, SyncSender, channel, sync_channel,
};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Longer than anybody waits at a time.
const LONG: Duration = Duration::from_hours(1);

enum Wish {
    /// A worker for somebody who waits for it.
    Now(SyncSender<Result<Worker, Fault>>),
    /// A worker to be put among the idle ones, whose slot is taken already. It is emptied where workers do not come up now.
    Spare,
}

/// The pool's hold of that thread.
#[derive(Debug)]
pub(super) struct Keeper {
    wishes: Option<Sender<Wish>>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Starts the thread.
    ///
    /// # Errors
    /// What the kernel says.
    pub(super) fn start(shared: Arc<Shared>) -> io::Result<Self> {
        let (wishes, incoming) = channel();
        let thread = thread::Builder::new()
            .name("mugai-keeper".to_owned())
            .spawn(move || keep(&shared, &incoming))?;
        Ok(Self {
            wishes: Some(wishes),
            thread: Some(thread),
        })
    }

    /// Asks for a new worker.
    pub(super) fn ask(&self) -> Coming {
        let (reply, answer) = sync_channel(1);
        // without the thread nobody answers
        drop(self.wishes.as_ref().map(|w| w.send(Wish::Now(reply))));
        Coming(answer)
    }

    /// Asks for a worker for a slot that stays taken; without the thread the slot is emptied.
    pub(super) fn fill_slot(&self, shared: &Shared) {
        let sent = self.wishes.as_ref().map(|w| w.send(Wish::Spare));
        if !matches!(sent, Some(Ok(()))) {
            shared.empty_slot();
        }
    }

    /// Ends the thread and waits for it.
    pub(super) fn stop(&mut self) {
        drop(self.wishes.take());
        if let Some(thread) = self.thread.take() {
            // it cannot panic, and if it did there would be nothing left to do about it
            drop(thread.join());
        }
    }
}

/// A worker that somebody has asked for.
pub(super) struct Coming(Receiver<Result<Worker, Fault>>);

impl Coming {
    /// The worker, which is not ready yet; `None` when `patience` has come to its end before it was started: it is killed
    /// then.
    ///
    /// # Errors
    /// [`Fault`]
    pub(super) fn wait(self, patience: Patience<'_>) -> Result<Option<Worker>, Fault> {
        loop {
            let Some(nap) = nap(patience) else {
                return Ok(None);
            };
            match self.0.recv_timeout(nap.min(LONG)) {
                Ok(worker) => return worker.map(Some),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Fault::Executable(io::ErrorKind::BrokenPipe.into()));
                }
            }
        }
    }
}

fn keep(shared: &Shared, incoming: &Receiver<Wish>) {
    for wish in incoming {
        if matches!(wish, Wish::Spare) && shared.is_blocked() {
            shared.empty_slot();
            continue;
        }
        let worker = Worker::start(&shared.config, shared.home.as_ref().ok());
        if worker.is_ok() {
            shared.counts.start();
        }
        match (wish, worker) {
            // whoever stopped waiting loses the worker, and the worker its life
            (Wish::Now(reply), worker) => {
                if let Err(SendError(Ok(_))) = reply.send(worker) {
                    shared.counts.end(Cause::Deadline);
                }
            }
            (Wish::Spare, Ok(worker)) => shared.put_idle(worker),
            (Wish::Spare, Err(_)) => shared.empty_slot(),
        }
    }
}

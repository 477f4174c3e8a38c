//! Sends events to a syslog receiver. Whoever tells an event never waits: there is a bounded queue,
//! and a thread of its own behind it.

mod cef;
mod json;
mod line;
mod wire;

use crate::config::Syslog;
use crate::events::Event;
use crate::metrics::{Metrics, one};
use line::Header;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;
use wire::Wire;

/// How long is waited before a receiver that could not be reached is tried again.
const PAUSE: Duration = Duration::from_millis(500);

/// How long the end of a service waits for events that are still to be sent.
const PATIENCE: Duration = Duration::from_secs(2);

/// The way to the receiver. Dropping it sends what waits, for two seconds at most.
#[derive(Debug)]
pub(crate) struct Siem {
    queue: Option<SyncSender<Box<Event>>>,
    metrics: Arc<Metrics>,
    ending: Arc<AtomicBool>,
    over: Mutex<Receiver<()>>,
}

impl Siem {
    /// Starts the thread. The receiver need not be there yet.
    ///
    /// # Errors
    /// What the kernel says when there is no thread.
    pub(crate) fn start(config: &Syslog, metrics: &Arc<Metrics>) -> io::Result<Self> {
        let (queue, incoming) = sync_channel::<Box<Event>>(config.queue);
        let (done, over) = channel();
        let ending = Arc::new(AtomicBool::new(false));
        let mut sender = Sender {
            wire: Wire::to(config.to.clone()),
            header: Header::of(config),
            metrics: Arc::clone(metrics),
            ending: Arc::clone(&ending),
            told: false,
        };
        thread::Builder::new()
            .name("mugai-events".to_owned())
            .spawn(move || {
                for event in &incoming {
                    sender.send(&event);
                }
                // nobody may be waiting any more
                let _ = done.send(());
            })?;
        Ok(Self {
            queue: Some(queue),
            metrics: Arc::clone(metrics),
            ending,
            over: Mutex::new(over),
        })
    }

    /// Puts an event into the queue, or drops and counts it.
    pub(crate) fn tell(&self, event: Event) {
        let queue = self.queue.as_ref();
        let sent = queue.is_some_and(|queue| queue.try_send(Box::new(event)).is_ok());
        if !sent {
            one(&self.metrics.events_dropped, "cause", "queue", 1);
        }
    }
}

impl Drop for Siem {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::Relaxed);
        drop(self.queue.take());
        // a thread that is stuck ends with the process
        let over = self.over.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = over.recv_timeout(PATIENCE);
    }
}

/// The thread's side.
struct Sender {
    wire: Wire,
    header: Header,
    metrics: Arc<Metrics>,
    ending: Arc<AtomicBool>,
    /// Whether the log says already that the receiver cannot be reached.
    told: bool,
}

impl Sender {
    /// Sends one event, however long that takes; once the service ends there is one try.
    fn send(&mut self, event: &Event) {
        let line = self.header.line(event);
        loop {
            match self.wire.send(&line) {
                Ok(()) => {
                    if self.told {
                        self.told = false;
                        tracing::info!(target: "mugai::events", "the receiver of events is back");
                    }
                    return;
                }
                Err(error) if !self.told => {
                    self.told = true;
                    tracing::warn!(
                        target: "mugai::events",
                        kind = %error.kind(),
                        "the receiver of events cannot be reached; events wait, and are dropped once the queue is full"
                    );
                }
                Err(_) => {}
            }
            if self.wire.is_careless() || self.ending.load(Ordering::Relaxed) {
                one(&self.metrics.events_dropped, "cause", "transport", 1);
                return;
            }
            thread::sleep(PAUSE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Facility, Format, Target};
    use crate::events::What;
    use crate::log::kept::written;
    use std::path::PathBuf;
    use std::time::SystemTime;

    #[test]
    fn a_receiver_that_is_not_there_is_told_of_once() {
        let config = Syslog {
            to: Target::Unix(PathBuf::from("/nonexistent/log")),
            format: Format::Cef,
            facility: Facility(2),
            queue: 1,
        };
        let metrics = Arc::new(Metrics::new());
        let mut sender = Sender {
            wire: Wire::to(config.to.clone()),
            header: Header::of(&config),
            metrics: Arc::clone(&metrics),
            // one try an event
            ending: Arc::new(AtomicBool::new(true)),
            told: false,
        };
        let event = Event::of(What::Alarm, SystemTime::now());
        let log = written(|| (0..3).for_each(|_| sender.send(&event)));
        assert_eq!(log.matches("cannot be reached").count(), 1, "{log}");
        let page = metrics.text(&[], None);
        assert!(page.contains("mugai_events_dropped_total{cause=\"transport\"} 3"));
    }
}

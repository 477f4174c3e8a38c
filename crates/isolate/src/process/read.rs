//! The reading of an answer, window by window.

use crate::answer::Answer;
use crate::arena::read_at;
use crate::link::Silence;
use crate::process::{Time, Worker};
use crate::protocol::{Order, Report};
use mugai_core::{Loss, Refusal, Turn};
use std::time::{Duration, Instant};

/// What no honest worker says.
const LIE: Refusal = Refusal::Lost(Loss::Crash);

/// How far an answer was read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reached {
    /// To its end.
    End,
    /// To a page that is somebody else's.
    Turn(Turn),
}

/// How long the worker of an order may take from now on.
#[derive(Clone, Copy)]
pub(crate) struct Clock<'a> {
    time: Time<'a>,
    begun: Instant,
    until: Instant,
    /// The part that is known to be at work.
    at_work: Option<usize>,
}

impl<'a> Clock<'a> {
    /// For an order that is given now.
    pub(crate) fn new(time: Time<'a>) -> Self {
        Self {
            time,
            begun: Instant::now(),
            until: time.first,
            at_work: None,
        }
    }

    /// How long ago the order was given.
    pub(crate) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// A part that is known to be at work has its own time.
    fn heard_of(&mut self, part: usize) {
        if self.at_work == Some(part) {
            return;
        }
        self.at_work = Some(part);
        let start = if part == 0 {
            self.begun
        } else {
            Instant::now()
        };
        self.until = start.checked_add(self.time.part).unwrap_or(start);
    }
}

impl Worker {
    /// The next report, in time.
    pub(super) fn hear(&self, clock: &Clock<'_>) -> Result<Report, Refusal> {
        let message = self.link.receive_until(clock.until, clock.time.patience);
        let message = message.map_err(|silence| match silence {
            Silence::Late => Refusal::Lost(Loss::Deadline),
            Silence::Gone => LIE,
        })?;
        Report::decode(message.bytes()).map_err(|_| LIE)
    }

    /// Reads an answer until it ends, or until a page that is somebody else's. `share` says of the last page that
    /// was announced how many workers shall share those behind it; 1 for no change.
    ///
    /// # Errors
    /// [`Refusal::Lost`], and whatever our purse and the receiver of the pieces say. All of them are the end of the
    /// worker.
    pub(crate) fn read_on(
        &mut self,
        answer: &mut Answer<'_, '_>,
        clock: &mut Clock<'_>,
        share: &mut dyn FnMut(Turn) -> u16,
    ) -> Result<Reached, Refusal> {
        loop {
            answer.read()?;
            if let Some(turn) = answer.stop() {
                return Ok(Reached::Turn(turn));
            }
            if answer.is_over() {
                return Ok(Reached::End);
            }
            let (sequence, length, last) = match self.hear(clock)? {
                Report::Window {
                    sequence,
                    length,
                    last,
                } => (sequence, length, last),
                // it is read before anything is said of it
                want @ Report::Want { .. } if answer.is_silent() => {
                    let far = self.far.clone().ok_or(LIE)?;
                    self.feed(want, &[far.content()])?;
                    continue;
                }
                Report::Want { .. } | Report::Ready { .. } | Report::Checked { .. } => {
                    return Err(LIE);
                }
            };
            if sequence != self.sequence || length == 0 {
                return Err(LIE);
            }
            let length = usize::try_from(length).map_err(|_| LIE)?;
            if length > self.window_size {
                return Err(LIE);
            }
            // into our own memory first, and looked at only there
            let room = answer.room(length)?;
            if !self.bulk.take(room).map_err(|_| LIE)? {
                read_at(&self.answer, room, 0).map_err(|_| LIE)?;
            }
            if last {
                answer.end_windows();
                continue;
            }
            let share = answer.turn().map_or(1, &mut *share);
            let sent = self.link.send(&Order::Next { sequence, share }.encode());
            // what a worker said before it died counts: its end may have been that of the next part
            answer.read()?;
            sent.map_err(|_| LIE)?;
            clock.heard_of(answer.done());
        }
    }
}

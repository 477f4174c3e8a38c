//! Pieces on their way out of a worker: encoded, and sent window by window.

use crate::arena::write_at;
use crate::link::Link;
use crate::protocol::{Order, Report};
use mugai_core::wire::{Message, encode};
use mugai_core::{Finding, Kind, Limits, Named, Piece, Refusal, Sink, Untrusted};
use std::os::fd::BorrowedFd;

/// What a reader is told when the pool has hung up; nobody will hear of it.
const HUNG_UP: Refusal = Refusal::internal("worker: the pool is gone");

/// The answer to one order: for one part after the other.
pub(super) struct Outbox<'a> {
    link: &'a Link<BorrowedFd<'static>>,
    arena: BorrowedFd<'a>,
    window: u32,
    sequence: u32,
    frames: Vec<u8>,
    /// The part at work.
    input: Untrusted,
    /// A window was sent and its [`Order::Next`] has not come yet.
    waiting: bool,
    /// The pool has heard of the part at work, so that it must hear of its end before the next one
    /// begins: who is lost later must be told from who was done.
    heard: bool,
    broken: bool,
}

impl<'a> Outbox<'a> {
    /// An empty answer; `frames` is a buffer to reuse.
    pub(super) fn new(
        link: &'a Link<BorrowedFd<'static>>,
        arena: BorrowedFd<'a>,
        window: u32,
        sequence: u32,
        frames: Vec<u8>,
    ) -> Self {
        Self {
            link,
            arena,
            window,
            sequence,
            frames,
            input: Untrusted::default(),
            waiting: false,
            heard: false,
            broken: false,
        }
    }

    /// Begins the answer for one part.
    pub(super) fn begin(&mut self, input: Untrusted) {
        self.input = input;
    }

    /// Ends the answer for one part; `None` when nobody takes it.
    pub(super) fn end(
        &mut self,
        verdict: Result<(), Refusal>,
        spent: Limits,
        last: bool,
    ) -> Option<()> {
        let end = match verdict {
            Ok(()) => Message::Done { spent },
            Err(refusal) => Message::Refused { refusal, spent },
        };
        self.input = Untrusted::default();
        self.say(&end).ok()?;
        if self.heard && !last {
            let mut frames = std::mem::take(&mut self.frames);
            self.send_window(&frames, false)?;
            frames.clear();
            self.frames = frames;
        }
        self.heard = false;
        Some(())
    }

    /// Sends all that is left; the emptied buffer comes back, `None` when nobody takes the answer.
    pub(super) fn finish(mut self) -> Option<Vec<u8>> {
        let rest = std::mem::take(&mut self.frames);
        self.send_window(&rest, true)?;
        let mut emptied = rest;
        emptied.clear();
        Some(emptied)
    }

    fn say(&mut self, message: &Message) -> Result<(), Refusal> {
        if self.broken {
            return Err(HUNG_UP);
        }
        let whole = self.frames.len();
        if let Err(refusal) = encode(message, &self.input, &mut self.frames) {
            self.frames.truncate(whole);
            return Err(refusal);
        }
        let size = usize::try_from(self.window).unwrap_or(usize::MAX).max(1);
        // a window is kept back even when it is full, for the last one must not be empty
        if self.frames.len() > size {
            let mut frames = std::mem::take(&mut self.frames);
            let mut windows = frames.chunks(size).peekable();
            let mut sent = 0usize;
            while let Some(window) = windows.next() {
                if windows.peek().is_none() {
                    break;
                }
                if self.send_window(window, false).is_none() {
                    self.broken = true;
                    return Err(HUNG_UP);
                }
                sent = sent.saturating_add(window.len());
            }
            frames.drain(..sent);
            self.frames = frames;
        }
        Ok(())
    }

    fn send_window(&mut self, bytes: &[u8], last: bool) -> Option<()> {
        if self.waiting {
            let message = self.link.receive().ok()?;
            let Ok(Order::Next { sequence }) = Order::decode(message.bytes()) else {
                return None;
            };
            if sequence != self.sequence {
                return None;
            }
        }
        write_at(self.arena, bytes, 0).ok()?;
        let report = Report::Window {
            sequence: self.sequence,
            length: u32::try_from(bytes.len()).ok()?,
            last,
        };
        self.link.send(&report.encode()).ok()?;
        self.waiting = !last;
        self.heard = true;
        Some(())
    }
}

impl Sink for Outbox<'_> {
    fn kind(&mut self, kind: Kind) -> Result<(), Refusal> {
        self.say(&Message::Kind(kind))
    }

    fn put(&mut self, piece: Piece) -> Result<(), Refusal> {
        self.say(&Message::Piece(piece))
    }

    fn note(&mut self, finding: Finding) -> Result<(), Refusal> {
        self.say(&Message::Finding(finding))
    }

    fn name(&mut self, named: Named) -> Result<(), Refusal> {
        self.say(&Message::Named(named))
    }
}

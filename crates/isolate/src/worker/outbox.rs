//! Pieces on their way out of a worker: encoded, and sent window by window.

use crate::arena::write_at;
use crate::link::{Bulk, Link};
use crate::protocol::{Order, Report};
use mugai_core::wire::{Message, encode};
use mugai_core::{Finding, Kind, Limits, Named, Piece, Refusal, Share, Sink, Turn, Untrusted};
use std::os::fd::{BorrowedFd, OwnedFd};

/// How many bytes of a worker that shares pages wait until it is its turn, so that it goes on drawing meanwhile.
const AHEAD: usize = 4 << 20;

/// The pool hears of pages as they come where more than so many are left.
const MANY: u32 = 2;

/// What a reader is told when the pool has hung up; nobody will hear of it.
const HUNG_UP: Refusal = Refusal::internal("worker: the pool is gone");

/// The answer to one order: for one part after the other.
pub(super) struct Outbox<'a> {
    link: &'a Link<BorrowedFd<'static>>,
    bulk: &'a Bulk<OwnedFd>,
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
    pages: Pages,
}

/// The pages of the part at work.
#[derive(Clone, Copy)]
struct Pages {
    /// How many workers shall share them; 1 when they are all drawn here.
    asked: u16,
    /// Which are drawn here, and whether the last one was.
    share: Option<Share>,
    is_own: bool,
}

impl Pages {
    const fn of(share: Option<Share>) -> Self {
        Self {
            asked: 1,
            is_own: share.is_none(),
            share,
        }
    }
}

impl<'a> Outbox<'a> {
    /// An empty answer; `frames` is a buffer to reuse.
    pub(super) fn new(
        (link, bulk): (&'a Link<BorrowedFd<'static>>, &'a Bulk<OwnedFd>),
        arena: BorrowedFd<'a>,
        window: u32,
        sequence: u32,
        frames: Vec<u8>,
    ) -> Self {
        Self {
            link,
            bulk,
            arena,
            window,
            sequence,
            frames,
            input: Untrusted::default(),
            waiting: false,
            heard: false,
            broken: false,
            pages: Pages::of(None),
        }
    }

    /// Begins the answer for one part, of which `share` are the pages to be drawn.
    pub(super) fn begin(&mut self, input: Untrusted, share: Option<Share>) {
        self.input = input;
        self.pages = Pages::of(share);
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
            self.hand_over()?;
        }
        self.heard = false;
        Some(())
    }

    /// Sends all that is there, without waiting for more.
    fn hand_over(&mut self) -> Option<()> {
        self.send(0, 0)
    }

    /// Sends all that is left; the emptied buffer comes back, `None` when nobody takes the answer.
    pub(super) fn finish(mut self) -> Option<Vec<u8>> {
        let size = self.window_len();
        self.send(size, 0)?;
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
        // a window is kept back even when it is full, for the last one must not be empty
        if self.send(self.window_len(), self.ahead()).is_none() {
            self.broken = true;
            return Err(HUNG_UP);
        }
        Ok(())
    }

    fn window_len(&self) -> usize {
        usize::try_from(self.window).unwrap_or(usize::MAX).max(1)
    }

    /// How much may wait: the pool hears in the order of the pages.
    const fn ahead(&self) -> usize {
        if self.pages.share.is_some() { AHEAD } else { 0 }
    }

    /// Sends windows until at most `keep` bytes are left, or `wait` while nobody asks for the next one.
    fn send(&mut self, keep: usize, wait: usize) -> Option<()> {
        if self.frames.len() <= keep {
            return Some(());
        }
        let frames = std::mem::take(&mut self.frames);
        let mut rest = frames.as_slice();
        while rest.len() > keep && (rest.len() > wait || self.is_asked()?) {
            let (window, tail) = rest.split_at(self.window_len().min(rest.len()));
            self.send_window(window, false)?;
            rest = tail;
        }
        let sent = frames.len().saturating_sub(rest.len());
        self.frames = frames;
        self.frames.drain(..sent);
        Some(())
    }

    /// Whether the next window can be sent at once.
    fn is_asked(&mut self) -> Option<bool> {
        if self.waiting
            && let Some(message) = self.link.look().ok()?
        {
            self.take_next(message.bytes())?;
        }
        Some(!self.waiting)
    }

    /// Waits until the next window can be sent at once.
    fn be_asked(&mut self) -> Option<()> {
        if self.waiting {
            let message = self.link.receive().ok()?;
            self.take_next(message.bytes())?;
        }
        Some(())
    }

    /// The pool asks for the next window.
    fn take_next(&mut self, message: &[u8]) -> Option<()> {
        let Ok(Order::Next { sequence, share }) = Order::decode(message) else {
            return None;
        };
        if sequence != self.sequence {
            return None;
        }
        self.pages.asked = self.pages.asked.max(share);
        self.waiting = false;
        Some(())
    }

    fn send_window(&mut self, bytes: &[u8], last: bool) -> Option<()> {
        self.be_asked()?;
        if !self.bulk.put(&[bytes]) {
            write_at(self.arena, bytes, 0).ok()?;
        }
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

    /// Pages are shared from a page on that nobody has begun, and it is said at once where the next page is
    /// somebody else's, so that nobody waits for what is already drawn.
    fn turn(&mut self, turn: Turn) -> Result<Option<Share>, Refusal> {
        let Some(share) = self.pages.share else {
            // the pool has had a page's time to think about it
            self.be_asked().ok_or(HUNG_UP)?;
            let are_many = turn.of.saturating_sub(turn.page) > MANY;
            self.pages.share = Share::new(turn.page, self.pages.asked, 0);
            let every = self.pages.share.map_or(1, Share::every);
            self.say(&Message::Turn(Turn { every, ..turn }))?;
            // where pages are small, no window would be full before the last one
            if self.pages.share.is_some() || are_many {
                self.hand_over().ok_or(HUNG_UP)?;
            }
            return Ok(self.pages.share);
        };
        let was_own = std::mem::replace(&mut self.pages.is_own, share.holds(turn.page));
        if was_own && !self.pages.is_own {
            let every = share.every();
            self.say(&Message::Turn(Turn { every, ..turn }))?;
            self.send(0, AHEAD).ok_or(HUNG_UP)?;
        }
        Ok(self.pages.share)
    }
}

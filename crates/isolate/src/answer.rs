//! The trusted side's reading of an answer: frame by frame, with its own purse, in the one order
//! that an honest worker keeps.

use crate::config::Config;
use mugai_core::wire::{self, HEAD, Message};
use mugai_core::{FindingCode, Limits, Loss, MAX_NAMES, Piece, Refusal, Request, Resource, Turn};
use std::slice::IterMut;

/// What a worker is worth that says what no honest one would say.
pub(crate) const LIE: Refusal = Refusal::Lost(Loss::Crash);

/// Bytes that an answer may have beyond what its pieces pay for: heads of frames, names and hints
/// of parts, addresses of an envelope.
const SLACK_BYTES: u64 = 16 << 20;
/// Bytes of the name and the hints of a child that are not paid for one by one.
const CHILD_BYTES: u64 = 4 << 10;
/// The worst of wire bytes for one paid byte: an empty cell costs 1 and takes the 4 of its length.
const BYTES_FACTOR: u64 = 5;
/// Bytes of one pixel at most.
const PIXEL_BYTES: u64 = 3;

/// How long answers may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cap {
    /// The most bytes for one part; `None` for what its limits can amount to.
    pub(crate) answer: Option<u64>,
    /// The most bytes of one frame.
    pub(crate) frame: u64,
}

impl Cap {
    /// That of workers of such a pool: whoever says a piece has it in his memory as what it is, and once more as a frame.
    pub(crate) const fn of(config: &Config) -> Self {
        Self {
            answer: config.answer_bytes,
            frame: config.memory_bytes.div_euclid(2),
        }
    }
}

/// The most bytes that an answer may have under these limits.
fn most(limits: &Limits) -> u64 {
    cap_without_pages(limits).saturating_add(limits.pixels.saturating_mul(PIXEL_BYTES))
}

/// The same for all that is not a page: an order for many pixels must not become a licence for
/// as many pieces that cost nothing.
fn cap_without_pages(limits: &Limits) -> u64 {
    let bytes = limits.bytes.saturating_mul(BYTES_FACTOR);
    let children = limits.parts.saturating_mul(CHILD_BYTES);
    SLACK_BYTES.saturating_add(bytes).saturating_add(children)
}

/// What has been said of the part at work.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing.
    Start,
    /// Which kind it is.
    Recognised,
    /// Pieces, too.
    Pieces,
}

/// How the parts of an order ended.
pub(crate) struct Ends {
    /// The worker's own verdicts, from the first part on.
    pub(crate) verdicts: Vec<Result<(), Refusal>>,
    /// Why there is none for the next part, when there is none; the worker must be killed then.
    pub(crate) broken: Option<Broken>,
}

/// How an order ended when its worker is not to be used again.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    /// Why.
    pub(crate) refusal: Refusal,
    /// Whether sink and purse of the part at work are as they were before the order, so that
    /// another worker may try.
    pub(crate) untouched: bool,
}

/// An answer on its way in, for one part after the other.
pub(crate) struct Answer<'a, 'r> {
    /// The part at work; `None` when all are done.
    current: Option<&'a mut Request<'r>>,
    later: IterMut<'a, Request<'r>>,
    verdicts: Vec<Result<(), Refusal>>,
    left: u64,
    left_without_pages: u64,
    /// The most bytes of one frame.
    frame: u64,
    findings: usize,
    /// Names of findings that this part was told.
    names: usize,
    stage: Stage,
    touched: bool,
    /// Memory of ours for what came; it stays as long as it once was, so that it is not filled with
    /// zeros for every window.
    buffer: &'a mut Vec<u8>,
    /// How many bytes at its beginning have come and are not read yet.
    filled: usize,
    /// The last window has come.
    is_over: bool,
    /// Where the pages of the part at work have come to.
    turn: Option<Turn>,
    /// Reading stops here, for what comes next is somebody else's.
    stopped: bool,
    /// The part is read by several workers; what this one spent is booked with what the others did.
    account: Option<Limits>,
}

impl<'a, 'r> Answer<'a, 'r> {
    /// An answer to an order for `requests`, within `cap` for each; `buffer` is there to be reused.
    pub(crate) fn new(requests: &'a mut [Request<'r>], cap: Cap, buffer: &'a mut Vec<u8>) -> Self {
        let most = |request: &Request<'_>| most(&request.assignment.limits);
        let of = |request: &Request<'_>| cap.answer.unwrap_or_else(|| most(request));
        let left = requests
            .iter()
            .fold(0, |sum: u64, request| sum.saturating_add(of(request)));
        let mut answer = Self {
            current: None,
            later: requests.iter_mut(),
            verdicts: Vec::new(),
            left,
            left_without_pages: 0,
            frame: cap.frame,
            findings: 0,
            names: 0,
            stage: Stage::Start,
            touched: false,
            buffer,
            filled: 0,
            is_over: false,
            turn: None,
            stopped: false,
            account: None,
        };
        answer.next_part();
        answer
    }

    fn next_part(&mut self) {
        self.current = self.later.next();
        self.left_without_pages = self
            .current
            .as_ref()
            .map_or(0, |request| cap_without_pages(&request.assignment.limits));
        self.findings = 0;
        self.names = 0;
        self.stage = Stage::Start;
        self.touched = false;
        self.turn = None;
        self.stopped = false;
    }

    /// From now on the part is read by several workers, of which this is one.
    pub(crate) fn share(&mut self) {
        self.account = Some(Limits::NOTHING);
    }

    /// What the worker spent, where several read the part; complete once it is done.
    pub(crate) const fn account(&self) -> Option<Limits> {
        self.account
    }

    /// Where the pages of the part at work have come to.
    pub(crate) const fn turn(&self) -> Option<Turn> {
        self.turn
    }

    /// The page before which reading has stopped, and goes on when it is asked for again.
    pub(crate) fn stop(&mut self) -> Option<Turn> {
        let stopped = std::mem::take(&mut self.stopped);
        self.turn.filter(|_| stopped)
    }

    /// The last window has come.
    pub(crate) const fn end_windows(&mut self) {
        self.is_over = true;
    }

    /// Whether nothing more comes.
    pub(crate) const fn is_over(&self) -> bool {
        self.is_over
    }

    /// Whether nothing has come yet.
    pub(crate) const fn is_silent(&self) -> bool {
        self.filled == 0 && !self.touched && self.verdicts.is_empty()
    }

    /// How many parts are done.
    pub(crate) const fn done(&self) -> usize {
        self.verdicts.len()
    }

    /// Room for the next `count` bytes, which the caller copies there and then has read.
    ///
    /// # Errors
    /// `Lost(Crash)` when the cap is reached.
    pub(crate) fn room(&mut self, count: usize) -> Result<&mut [u8], Refusal> {
        let paid = u64::try_from(count).map_err(|_| LIE)?;
        self.left = self.left.checked_sub(paid).ok_or(LIE)?;
        let begin = self.filled;
        self.filled = begin.checked_add(count).ok_or(LIE)?;
        if self.buffer.len() < self.filled {
            self.buffer.resize(self.filled, 0);
        }
        self.buffer.get_mut(begin..self.filled).ok_or(LIE)
    }

    /// Reads all frames that are whole, up to a turn that is somebody else's.
    ///
    /// # Errors
    /// `Lost(Crash)` for a lie, [`Refusal::Overrun`] when our purse is empty, and whatever the sink
    /// says. All of them are the end of the worker.
    pub(crate) fn read(&mut self) -> Result<(), Refusal> {
        let mut buffer = std::mem::take(self.buffer);
        let mut rest = buffer.get(..self.filled).unwrap_or_default();
        while let Some((tag, payload, tail)) = whole_frame(rest).filter(|_| !self.stopped) {
            self.frame(tag, payload)?;
            rest = tail;
        }
        if !self.stopped {
            self.check_rest(rest)?;
        }
        let left = rest.len();
        let begin = self.filled.saturating_sub(left);
        if begin > 0 {
            buffer.copy_within(begin..self.filled, 0);
        }
        self.filled = left;
        *self.buffer = buffer;
        Ok(())
    }

    /// How all parts ended; `end` is how the reading of the answer did.
    pub(crate) fn finish(mut self, end: Result<(), Refusal>) -> Ends {
        let refusal = match end {
            Err(refusal) => Some(refusal),
            Ok(()) if self.filled > 0 || self.current.is_some() => Some(LIE),
            Ok(()) => None,
        };
        let broken = refusal.map(|refusal| {
            if self.current.is_none() {
                // something behind the last end: no honest worker goes on there
                self.verdicts.pop();
                self.touched = true;
            }
            Broken {
                refusal,
                untouched: !self.touched,
            }
        });
        Ends {
            verdicts: self.verdicts,
            broken,
        }
    }

    /// A frame that the caps have no room for is a lie as soon as its head is here, and what our purse could not pay for is
    /// refused: nothing is gathered on its word.
    ///
    /// # Errors
    /// `Lost(Crash)`, [`Refusal::Overrun`]
    fn check_rest(&self, rest: &[u8]) -> Result<(), Refusal> {
        let Some((head, payload)) = rest.split_first_chunk::<HEAD>() else {
            return Ok(());
        };
        let (tag, length) = wire::head(*head);
        let length = u64::from(length);
        let here = u64::try_from(payload.len()).map_err(|_| LIE)?;
        if length.saturating_sub(here) > self.left || length > self.frame {
            return Err(LIE);
        }
        let request = self.current.as_ref().ok_or(LIE)?;
        let left = request.budget.left();
        let (resource, most) = if wire::is_page(tag) {
            (Resource::Pixels, most(&left))
        } else {
            (Resource::Bytes, cap_without_pages(&left))
        };
        if length > most {
            let limit = request.budget.limits().of(resource);
            return Err(Refusal::Overrun { resource, limit });
        }
        Ok(())
    }

    fn frame(&mut self, tag: u8, payload: &[u8]) -> Result<(), Refusal> {
        self.touched = true;
        let request = self.current.as_ref().ok_or(LIE)?;
        let decoded = wire::decode(tag, payload, request.input, request.budget);
        let message = decoded.map_err(|refusal| {
            if matches!(refusal, Refusal::Overrun { .. }) {
                refusal
            } else {
                LIE
            }
        })?;
        if !matches!(message, Message::Piece(Piece::Page(_))) {
            let count = u64::try_from(payload.len().saturating_add(HEAD)).unwrap_or(u64::MAX);
            let left = self.left_without_pages.checked_sub(count);
            self.left_without_pages = left.ok_or(LIE)?;
        }
        self.say(message)
    }

    fn say(&mut self, message: Message) -> Result<(), Refusal> {
        let request = self.current.as_mut().ok_or(LIE)?;
        match message {
            Message::Kind(kind) => {
                if self.stage != Stage::Start {
                    return Err(LIE);
                }
                self.stage = Stage::Recognised;
                request.sink.kind(kind)
            }
            Message::Piece(piece) => {
                let first = self.stage == Stage::Recognised;
                let envelope = matches!(piece, Piece::Envelope(_));
                if self.stage == Stage::Start || (envelope && !first) {
                    return Err(LIE);
                }
                self.stage = Stage::Pieces;
                request.sink.put(piece)
            }
            Message::Finding(finding) => {
                // each code comes once, with its count
                self.findings = self.findings.saturating_add(1);
                if self.findings > FindingCode::ALL.len() {
                    return Err(LIE);
                }
                request.sink.note(finding)
            }
            Message::Named(named) => {
                self.names = self.names.saturating_add(1);
                if self.names > MAX_NAMES {
                    return Err(LIE);
                }
                request.sink.name(named)
            }
            Message::Turn(turn) => self.take_turn(turn),
            Message::Done { spent } => {
                if self.stage == Stage::Start {
                    return Err(LIE);
                }
                self.end(&spent, Ok(()))
            }
            Message::Refused { refusal, spent } => self.end(&spent, Err(refusal)),
        }
    }

    /// Pages come in their order, and how many there are does not change.
    fn take_turn(&mut self, turn: Turn) -> Result<(), Refusal> {
        let follows = self
            .turn
            .is_none_or(|last| last.page < turn.page && last.of == turn.of);
        if self.stage == Stage::Start || !follows {
            return Err(LIE);
        }
        self.turn = Some(turn);
        self.stopped = turn.every > 1 || self.account.is_some();
        Ok(())
    }

    fn end(&mut self, spent: &Limits, verdict: Result<(), Refusal>) -> Result<(), Refusal> {
        let request = self.current.as_ref().ok_or(LIE)?;
        // no honest worker spends more than it was given
        if let Some(account) = &mut self.account {
            *account = account.plus(spent);
        } else {
            request.budget.take_over(spent).map_err(|_| LIE)?;
        }
        self.verdicts.push(verdict);
        self.next_part();
        Ok(())
    }
}

/// The first frame of `bytes`, if all of it is there: its tag, its payload, and what follows.
fn whole_frame(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<HEAD>()?;
    let (tag, length) = wire::head(*head);
    let (payload, tail) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    Some((tag, payload, tail))
}

#[cfg(test)]
mod tests;

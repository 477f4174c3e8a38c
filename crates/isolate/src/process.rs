//! One worker, as the pool sees it: a child process, a control socket and two arenas.

pub(crate) mod check;
mod feed;
pub(crate) mod read;

use crate::answer::{Answer, Cap, Ends};
use crate::arena::{InputArena, KEEP_BYTES, answer_arena};
use crate::config::Config;
use crate::descriptors;
use crate::fence::Fences;
use crate::font::FontFile;
use crate::group::{Group, Home};
use crate::link::{self, Bulk, Link, Silence};
use crate::process::read::{Clock, Reached};
use crate::protocol::{Order, Report, Setup, put_entry};
use mugai_core::{Loss, Patience, Refusal, Request, Untrusted, wire};
use std::fmt;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use zeroize::Zeroize;

/// How long a worker may take to confine itself.
const START_TIME: Duration = Duration::from_secs(10);
/// The signal that cannot be caught, and how often its effect is looked for, a millisecond apart.
const KILL: i32 = 9;
const LOOKS: u32 = 50;
/// For how long a worker that has opened something may rest before its process is asked for: what a kill in that time costs
/// is tried again.
const REST: Duration = Duration::from_millis(1);

/// Room for the assignment before the part: what it can amount to is half of it.
const ASSIGNMENT_BYTES: u64 = 1 << 20;

/// More than one assignment takes, its passwords included.
const SECRET_BYTES: usize = 64 << 10;

/// What the workers of a pool have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// The fences that were found to stand, by the worker's own test of them.
    pub fences: Fences,
    /// The version of Landlock in use; 0 for none.
    pub landlock: u32,
    /// How many font faces could be opened.
    pub fonts: u32,
}

impl Capabilities {
    /// What is known of workers before one of them has reported.
    pub(crate) const NONE: Self = Self {
        fences: Fences::NONE,
        landlock: 0,
        fonts: 0,
    };
}

/// Why there is no worker. Our own doing, or the machine's; no input is involved.
#[derive(Debug)]
pub enum Fault {
    /// Shared memory or a socket could not be had.
    Memory(io::Error),
    /// The executable could not be started.
    Executable(io::Error),
    /// It was started, but did not say that it is ready: it is not a worker, or it failed.
    NotReady,
    /// It was killed from outside before it could say so: by an administrator, or for want of memory.
    Killed,
    /// It is ready, but without these fences, which are required.
    Unfenced(Fences),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory(error) => write!(f, "no shared memory for a worker: {error}"),
            Self::Executable(error) => write!(f, "the worker cannot be started: {error}"),
            Self::NotReady => f.write_str("the worker was started but did not become ready"),
            Self::Killed => f.write_str("the worker was killed before it was ready"),
            Self::Unfenced(missing) => {
                write!(f, "the worker stands without these fences: {missing}")
            }
        }
    }
}

impl std::error::Error for Fault {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Memory(error) | Self::Executable(error) => Some(error),
            Self::NotReady | Self::Killed | Self::Unfenced(_) => None,
        }
    }
}

/// How long an order may take.
#[derive(Clone, Copy)]
pub(crate) struct Time<'a> {
    /// When the worker is killed if nothing at all has been heard of it.
    pub(crate) first: Instant,
    /// How long each part may take from then on.
    pub(crate) part: Duration,
    /// How long anybody waits.
    pub(crate) patience: Patience<'a>,
}

/// A live worker. Dropping it kills the process and waits for its end.
pub(crate) struct Worker {
    child: Child,
    link: Link<OwnedFd>,
    bulk: Bulk<OwnedFd>,
    input: InputArena,
    answer: OwnedFd,
    /// What came and is being read, kept to be reused.
    taken: Vec<u8>,
    window_size: usize,
    /// Table and assignments of an order, and the latter alone while they are made; kept to be
    /// reused.
    head: Vec<u8>,
    assignments: Vec<u8>,
    sequence: u32,
    /// The part at work, where it is not in the arena.
    far: Option<Untrusted>,
    /// The order has passwords in it.
    is_secret: bool,
    ready: Option<Capabilities>,
    /// When it must have said that it is ready.
    due: Instant,
    /// Since when it has nothing to do.
    resting: Option<Instant>,
    parts: u32,
    busy: Duration,
    /// The group that it is in; given back when the process has ended.
    group: Option<Group>,
}

impl Worker {
    /// Starts a process, puts it into a group of `home`, and tells it how to confine itself; it is not ready yet.
    ///
    /// # Errors
    /// [`Fault::Memory`], [`Fault::Executable`]
    pub(crate) fn start(config: &Config, home: Option<&Arc<Home>>) -> Result<Self, Fault> {
        let now = Instant::now();
        let size = config.input_bytes.saturating_add(ASSIGNMENT_BYTES);
        let input = InputArena::new(size).map_err(Fault::Memory)?;
        let answer = answer_arena(config.window_bytes.get()).map_err(Fault::Memory)?;
        let (link, theirs) = link::pair().map_err(Fault::Memory)?;
        let (bulk, their_bulk) = link::bulk_pair().map_err(Fault::Memory)?;
        descriptors::keep_back();
        // nothing runs between fork and exec, so that this is a `posix_spawn`: a fork of a parent
        // with gigabytes in use takes tens of milliseconds
        let child = Command::new(&config.executable)
            .args(&config.arguments)
            .args(config.fonts.iter().map(FontFile::to_argument))
            .env_clear()
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // a group of its own: Ctrl-C at a terminal is for the keeper, who finishes what is open
            .process_group(0)
            .spawn()
            .map_err(Fault::Executable)?;
        // it waits for its first message, so that it is in its group before it does anything
        let wanted = config.fences.contains(Fences::GROUP);
        let home = home.filter(|_| wanted);
        let group = home.and_then(|home| home.enter(child.id()));
        let worker = Self {
            child,
            link,
            bulk,
            input,
            answer,
            window_size: usize::try_from(config.window_bytes.get()).unwrap_or(usize::MAX),
            taken: Vec::new(),
            head: Vec::new(),
            assignments: Vec::new(),
            sequence: 0,
            far: None,
            is_secret: false,
            ready: None,
            due: now.checked_add(START_TIME).unwrap_or(now),
            resting: None,
            parts: 0,
            busy: Duration::ZERO,
            group,
        };
        let setup = Order::Setup(Setup {
            window: config.window_bytes.get(),
            memory: config.memory_bytes,
            cpu_seconds: config.cpu_seconds(),
            fences: config.fences.without(Fences::GROUP),
        });
        let passed = [
            worker.input.readable().as_fd(),
            worker.answer.as_fd(),
            their_bulk.as_fd(),
        ];
        // one that is gone already is found out when it is waited for
        drop(worker.link.send_with(&setup.encode(), passed));
        Ok(worker)
    }

    /// It has nothing to do from now on.
    pub(crate) fn rest(&mut self) {
        self.resting = Some(Instant::now());
    }

    /// Whether its process has ended while nobody asked anything of it. Of one that did something a moment ago this is not
    /// looked at: it would be a system call for each part.
    pub(crate) fn has_ended(&mut self) -> bool {
        let rested = self.resting.take().map(|since| since.elapsed());
        let is_at_it = self.parts > 0 && rested.is_some_and(|rested| rested < REST);
        !is_at_it && matches!(self.child.try_wait(), Ok(Some(_)))
    }

    /// Waits for the worker's word that its confinement stands; `None` when `patience` has come to its end before: it may
    /// still say so to somebody else.
    ///
    /// # Errors
    /// [`Fault::NotReady`], [`Fault::Killed`], [`Fault::Unfenced`]
    pub(crate) fn wait_ready(
        &mut self,
        required: Fences,
        patience: Patience<'_>,
    ) -> Result<Option<Capabilities>, Fault> {
        if let Some(capabilities) = self.ready {
            return Ok(Some(capabilities));
        }
        // one that has rested for longer than it may take to start has said so long ago
        let said = self.link.look();
        let waited = match said {
            Ok(None) => self.link.receive_until(self.due, patience),
            Ok(Some(message)) => Ok(message),
            Err(silence) => Err(silence),
        };
        let message = match waited {
            Ok(message) => message,
            Err(Silence::Late) if Instant::now() < self.due => return Ok(None),
            Err(Silence::Gone) if self.was_killed() => return Err(Fault::Killed),
            Err(_) => return Err(Fault::NotReady),
        };
        let Ok(Report::Ready {
            fences,
            landlock,
            fonts,
        }) = Report::decode(message.bytes())
        else {
            return Err(Fault::NotReady);
        };
        // whether it is in a group is for us to say
        let mut fences = fences.without(Fences::GROUP);
        if self.group.is_some() {
            fences = fences.and(Fences::GROUP);
        }
        let missing = required.without(fences);
        if !missing.is_empty() {
            return Err(Fault::Unfenced(missing));
        }
        let capabilities = Capabilities {
            fences,
            landlock,
            fonts,
        };
        self.ready = Some(capabilities);
        Ok(Some(capabilities))
    }

    /// Whether it has said that it is ready.
    pub(crate) const fn is_ready(&self) -> bool {
        self.ready.is_some()
    }

    /// Whether somebody else killed it: a process that ends by itself ends otherwise. Its sockets close
    /// a moment before its end can be seen.
    fn was_killed(&mut self) -> bool {
        for _ in 0..LOOKS {
            match self.child.try_wait() {
                Ok(Some(status)) => return status.signal() == Some(KILL),
                Ok(None) => std::thread::sleep(Duration::from_millis(1)),
                Err(_) => return false,
            }
        }
        false
    }

    /// Whether it went over the memory of its group, and was killed for that.
    pub(crate) fn was_too_large(&self) -> bool {
        self.group.as_ref().is_some_and(Group::has_killed)
    }

    /// How many parts this worker was given.
    pub(crate) const fn parts(&self) -> u32 {
        self.parts
    }

    /// Whether the worker can be given another part.
    pub(crate) fn is_good_for_more(&self, config: &Config) -> bool {
        let recycled = config.fresh || self.parts >= config.recycle_after;
        // processor time is never more than the time that a worker of one thread was busy
        let cpu = Duration::from_secs(config.cpu_seconds());
        !recycled && self.busy.saturating_add(config.deadline) <= cpu
    }

    /// Has the worker open parts, one after the other; the answer for each is within `cap`.
    pub(crate) fn open(&mut self, requests: &mut [Request<'_>], cap: Cap, time: Time<'_>) -> Ends {
        let mut clock = Clock::new(time);
        let mut taken = self.take_buffer();
        let sent = self.begin(requests);
        let mut answer = Answer::new(requests, cap, &mut taken);
        let end = sent.and_then(|()| self.read_on(&mut answer, &mut clock, &mut |_| 1));
        // nobody was asked to share
        let end = end.and_then(|reached| match reached {
            Reached::End => Ok(()),
            Reached::Turn(_) => Err(Refusal::Lost(Loss::Crash)),
        });
        let ends = answer.finish(end);
        self.give_back(taken, &clock);
        ends
    }

    /// Gives the order to open parts, one after the other.
    ///
    /// # Errors
    /// [`Refusal::Internal`] without memory, [`Refusal::Lost`] when the worker is gone.
    pub(crate) fn begin(&mut self, requests: &[Request<'_>]) -> Result<(), Refusal> {
        let count = u32::try_from(requests.len()).unwrap_or(u32::MAX);
        self.parts = self.parts.saturating_add(count);
        self.far = feed::apart(requests).cloned();
        self.is_secret = has_passwords(requests);
        self.send_order(requests, count)
    }

    /// Memory to read an answer into.
    pub(crate) fn take_buffer(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.taken)
    }

    /// The answer was read until now by `clock`; its memory is kept to be reused.
    pub(crate) fn give_back(&mut self, taken: Vec<u8>, clock: &Clock<'_>) {
        self.taken = taken;
        self.far = None;
        if std::mem::take(&mut self.is_secret) {
            self.forget_order();
        }
        self.busy = self.busy.saturating_add(clock.elapsed());
    }

    /// Wipes the order from wherever it was on its way: passwords were in it.
    fn forget_order(&mut self) {
        let length = self.head.len();
        self.head.zeroize();
        self.assignments.zeroize();
        // memory that cannot be written to is that of a worker which is about to end
        drop(self.input.forget(length));
    }

    /// Gives memory back that a large part took.
    pub(crate) fn trim(&mut self) -> bool {
        if self.taken.len() > KEEP_BYTES {
            self.taken = Vec::new();
        }
        self.input.trim().is_ok()
    }

    fn send_order(&mut self, requests: &[Request<'_>], parts: u32) -> Result<(), Refusal> {
        const NO_MEMORY: Refusal = Refusal::internal("worker: no memory for the input");
        const DEAD: Refusal = Refusal::Lost(Loss::Crash);
        let mut assignments = std::mem::take(&mut self.assignments);
        assignments.clear();
        self.head.clear();
        if has_passwords(requests) {
            // a buffer that grows leaves what was in it behind
            assignments.reserve(SECRET_BYTES.saturating_mul(requests.len()));
            self.head
                .reserve(SECRET_BYTES.saturating_mul(requests.len()));
        }
        let mut input = 0u64;
        for request in requests {
            let before = assignments.len();
            wire::encode_assignment(request.assignment, &mut assignments);
            let length = assignments.len().saturating_sub(before);
            let bytes = u64::try_from(request.input.len()).map_err(|_| NO_MEMORY)?;
            input = input.checked_add(bytes).ok_or(NO_MEMORY)?;
            let length = u32::try_from(length).map_err(|_| NO_MEMORY)?;
            put_entry(&mut self.head, length, bytes);
        }
        self.head.extend_from_slice(&assignments);
        self.assignments = assignments;
        let here = feed::apart(requests).is_none();
        let inputs = requests.iter().filter(|_| here);
        let inputs: Result<Vec<_>, Refusal> = inputs.map(|request| request.input.load()).collect();
        let inputs = inputs?;
        let pieces: Vec<&[u8]> = std::iter::once(self.head.as_slice())
            .chain(inputs.iter().map(|input| &**input))
            .collect();
        hand_out(&self.bulk, &mut self.input, &pieces).map_err(|_| NO_MEMORY)?;
        self.sequence = self.sequence.wrapping_add(1);
        let order = Order::Open {
            sequence: self.sequence,
            parts,
            head: u32::try_from(self.head.len()).map_err(|_| NO_MEMORY)?,
            input,
        };
        self.link.send(&order.encode()).map_err(|_| DEAD)
    }
}

/// Puts `pieces` where the worker finds them: into the bulk socket if they fit, else into the arena.
///
/// # Errors
/// What the kernel says, out of memory above all.
fn hand_out(bulk: &Bulk<OwnedFd>, arena: &mut InputArena, pieces: &[&[u8]]) -> io::Result<()> {
    if bulk.put(pieces) {
        // of an older input nothing stays
        arena.clear()
    } else {
        arena.fill(pieces)
    }
}

/// Whether an order has passwords in it.
fn has_passwords(requests: &[Request<'_>]) -> bool {
    let given = |request: &Request<'_>| !request.assignment.hints.passwords.is_empty();
    requests.iter().any(given)
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.head.zeroize();
        self.assignments.zeroize();
        // a child that cannot be killed has ended already; either way it is waited for
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

//! The worker's side: confine, say ready, open parts until the pool hangs up.

mod outbox;
mod pull;
mod verifier;

pub use verifier::verifier_main;

use crate::arena::{KEEP_BYTES, read_at};
use crate::descriptors;
use crate::font::{FontFile, KeptFonts};
use crate::link::{Bulk, Link};
use crate::protocol::{self, AT_ONCE, ENTRY, Order, Report};
use crate::sandbox::{self, Standing};
use mugai_core::{Assignment, Budget, Cx, Places, Refusal, Untrusted, wire};
use outbox::Outbox;
use std::ffi::OsString;
use std::ops::Range;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::process::ExitCode;
use zeroize::Zeroize;

/// Standard input is not a pool, or the pool said something strange.
const STRANGE: u8 = 70;

/// The whole life of a worker: the entry point of the hidden role of the executable.
///
/// Standard input is the control socket, as [`Pool`](crate::Pool) made it; `arguments` are those
/// behind the name of the role. The process confines itself before it takes the first part. `open`
/// reads one part: it recognises the bytes, puts pieces, and flushes its findings. It must not make
/// threads or open files: either ends the process, and so does a panic that leaves it.
///
/// Of a large part `unread` may name places that `open` will not look at, in their order; they are zeros then, and
/// take no memory here.
///
/// Returns when the pool is gone.
pub fn worker_main(
    arguments: impl IntoIterator<Item = OsString>,
    unread: fn(&Assignment, &mut dyn Places) -> Vec<Range<usize>>,
    mut open: impl FnMut(&[u8], &mut Cx<'_>) -> Result<(), Refusal>,
) -> ExitCode {
    match Desk::confined(arguments) {
        Ok(desk) => desk.serve(unread, &mut open),
        Err(code) => code,
    }
}

/// Where a worker sits.
struct Desk {
    link: Link<BorrowedFd<'static>>,
    bulk: Bulk<OwnedFd>,
    input: OwnedFd,
    answer: OwnedFd,
    window: u32,
    fonts: KeptFonts,
}

impl Desk {
    /// Confines the process, after its last look at anything outside, and says that it is ready.
    ///
    /// # Errors
    /// How the process ends when there is nobody to work for.
    fn confined(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, ExitCode> {
        // a panic is the end of the process; its text may quote the input, so it goes nowhere
        std::panic::set_hook(Box::new(|_| {}));
        // before it opens anything itself
        let alone = descriptors::are_standard();
        let link = Link::of_worker();
        let (message, [input, answer, bulk]) =
            link.receive_with().map_err(|_| ExitCode::from(STRANGE))?;
        let bulk = Bulk::of(bulk);
        let Ok(Order::Setup(setup)) = Order::decode(message.bytes()) else {
            return Err(ExitCode::from(STRANGE));
        };
        let files: Vec<FontFile> = arguments
            .into_iter()
            .filter_map(|argument| FontFile::from_argument(&argument))
            .collect();
        let fonts = KeptFonts::open(&files);
        // where the memory of the machine, or of a group above, comes to its end, a worker goes first
        sandbox::goes_first();
        let Standing { fences, landlock } = sandbox::confine(&setup, &answer, bulk.as_fd(), alone);
        let ready = Report::Ready {
            fences,
            landlock,
            fonts: u32::try_from(fonts.len()).unwrap_or(u32::MAX),
        };
        link.send(&ready.encode()).map_err(|_| ExitCode::SUCCESS)?;
        Ok(Self {
            link,
            bulk,
            input,
            answer,
            window: setup.window,
            fonts,
        })
    }

    fn serve(
        &self,
        unread: fn(&Assignment, &mut dyn Places) -> Vec<Range<usize>>,
        open: &mut impl FnMut(&[u8], &mut Cx<'_>) -> Result<(), Refusal>,
    ) -> ExitCode {
        let mut input = Vec::new();
        let mut frames = Vec::new();
        while let Ok(message) = self.link.receive() {
            let Ok(Order::Open {
                sequence,
                parts,
                head,
                input: length,
            }) = Order::decode(message.bytes())
            else {
                return ExitCode::from(STRANGE);
            };
            let outbox = Outbox::new(
                (&self.link, &self.bulk),
                self.answer.as_fd(),
                self.window,
                sequence,
                frames,
            );
            let there = if parts == 1 && length > AT_ONCE {
                self.pull_input(&mut input, sequence, head, length, unread)
            } else {
                self.read_input(&mut input, head, length)
            };
            let sent = there.and_then(|head| {
                let memory = Untrusted::new(std::mem::take(&mut input));
                let sent = self.all(parts, head, length, &memory, outbox, open);
                input = memory.into_memory().unwrap_or_default();
                // passwords may have been in it
                input.get_mut(..head).unwrap_or_default().zeroize();
                sent
            });
            match sent {
                Some(emptied) => frames = emptied,
                None => return ExitCode::from(STRANGE),
            }
            for buffer in [&mut input, &mut frames] {
                if buffer.capacity() > KEEP_BYTES {
                    *buffer = Vec::new();
                }
            }
        }
        ExitCode::SUCCESS
    }

    /// Opens the parts of an order, which lie in `memory` behind `head` bytes; `None` when nobody
    /// takes the answer or the order makes no sense.
    fn all(
        &self,
        parts: u32,
        head: usize,
        length: u64,
        memory: &Untrusted,
        mut outbox: Outbox<'_>,
        open: &mut impl FnMut(&[u8], &mut Cx<'_>) -> Result<(), Refusal>,
    ) -> Option<Vec<u8>> {
        let table = usize::try_from(parts).ok()?.checked_mul(ENTRY)?;
        let (head, rest) = memory.here()?.split_at_checked(head)?;
        let (table, mut assignments) = head.split_at_checked(table)?;
        let mut rest = rest.get(..usize::try_from(length).ok()?)?;
        let mut entries = table.chunks_exact(ENTRY).peekable();
        while let Some(entry) = entries.next() {
            let (assignment, input) = protocol::entry(entry).ok()?;
            let (order, later) = assignments.split_at_checked(usize::try_from(assignment).ok()?)?;
            let (part, behind) = rest.split_at_checked(usize::try_from(input).ok()?)?;
            (assignments, rest) = (later, behind);
            let last = entries.peek().is_none();
            self.one(order, &memory.share(part), &mut outbox, open, last)?;
        }
        outbox.finish()
    }

    fn one(
        &self,
        order: &[u8],
        part: &Untrusted,
        outbox: &mut Outbox<'_>,
        open: &mut impl FnMut(&[u8], &mut Cx<'_>) -> Result<(), Refusal>,
        last: bool,
    ) -> Option<()> {
        let assignment = wire::decode_assignment(order).ok()?;
        let budget = Budget::new(assignment.limits);
        outbox.begin(part.clone(), assignment.hints.share);
        let mut cx = Cx::new(&assignment, &budget, &self.fonts, outbox).over(part);
        let verdict = open(part.here()?, &mut cx);
        outbox.end(verdict, budget.own_spent(), last)
    }

    /// Copies the table with the assignments, and the parts behind them, out of the arena; where the
    /// parts begin comes back.
    fn read_input(&self, buffer: &mut Vec<u8>, head: u32, length: u64) -> Option<usize> {
        let head = usize::try_from(head).ok()?;
        let all = head.checked_add(usize::try_from(length).ok()?)?;
        if buffer.len() < all {
            // a new buffer, not a longer one: nothing of the old one is worth a copy
            *buffer = vec![0; all];
        }
        let filled = buffer.get_mut(..all)?;
        self.take(filled)?;
        Some(head)
    }

    /// Takes what the pool has handed out, from its beginning on.
    fn take(&self, into: &mut [u8]) -> Option<()> {
        if self.bulk.take(into).ok()? {
            return Some(());
        }
        read_at(&self.input, into, 0).ok()
    }
}

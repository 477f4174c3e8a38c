//! Files of archives that are packed on threads while the next ones are opened: packing a text takes as long as
//! opening it.

use mugai_core::{Refusal, Spool};
use mugai_emit::archive::{Packed, is_loose};
use mugai_emit::studio::Place;
use mugai_verify::{Mark, Verified};
use std::thread::{self, JoinHandle};

/// From this size on, in bytes, a file is packed beside others.
pub(super) const LARGE: usize = 1 << 20;

/// Files that are being packed.
#[derive(Default)]
pub(super) struct Ahead(Vec<Coming>);

struct Coming {
    part: usize,
    file: Verified,
    thread: JoinHandle<Result<(Packed, Mark), Refusal>>,
}

impl Ahead {
    /// Begins to pack what `part` became, if it is worth it and there is a processor for it.
    pub(super) fn begin(&mut self, part: usize, file: &Verified, spool: &Spool) {
        if file.len() < LARGE || !is_loose(file.target()) {
            return;
        }
        let Some(place) = Place::take(file.len()) else {
            return;
        };
        let (theirs, spool) = (file.clone(), spool.clone());
        let builder = thread::Builder::new().name("mugai-pack".to_owned());
        let sent = builder.spawn(move || {
            let packed = Packed::of(theirs.content(), &spool)?;
            let mark = Mark::of(&theirs)?;
            drop(place);
            Ok((packed, mark))
        });
        // where there is no thread to be had it is packed later
        if let Ok(thread) = sent {
            let file = file.clone();
            self.0.push(Coming { part, file, thread });
        }
    }

    /// What was packed of `part`, if `file` is what was packed. A thread that came to no good end has not begun.
    pub(super) fn take(&mut self, part: usize, file: &Verified) -> Option<(Packed, Mark)> {
        let index = self.0.iter().position(|coming| coming.part == part)?;
        let coming = self.0.swap_remove(index);
        let is_same = file.target() == coming.file.target()
            && file.content().place_in(coming.file.content()) == Some(0..coming.file.len());
        is_same.then(|| coming.thread.join().ok()?.ok()).flatten()
    }
}

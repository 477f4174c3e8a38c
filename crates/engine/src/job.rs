//! One root and all that is in it.

mod ahead;
mod archive;
mod assemble;
mod beside;
mod compose;
mod convert;
mod fonts;
mod guess;
mod locked;
mod names;
mod office;
mod open;
mod part;
mod settle;
mod sink;
mod verifiers;

use crate::policy::{Isolation, Policy, Route};
use crate::report::{Digests, Report};
use ahead::Ahead;
use mugai_core::{
    Lang, Limits, Opener, Password, Patience, Refusal, Request, SafeName, Spool, Untrusted,
};
use mugai_verify::Verified;
pub use names::Taken;
use part::Part;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

/// What is to be sanitised, and by which rules.
#[derive(Debug)]
pub struct Order<'a> {
    /// The file.
    pub input: Untrusted,
    /// What it is called, made safe.
    pub name: Option<SafeName>,
    /// Where it lies, for the report.
    pub label: String,
    /// The rules.
    pub policy: &'a Policy,
    /// The zone that it comes from.
    pub from: &'a str,
    /// The zone that it goes to.
    pub to: &'a str,
    /// Passwords for parts that are encrypted, at most 16, in the order in which they are tried.
    pub passwords: &'a [Password],
    /// How long anybody waits; the deadline of the route counts in any case.
    pub patience: Patience<'a>,
}

/// A new file, ready to be delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// What it is called.
    pub name: SafeName,
    /// The file, accepted by its checker.
    pub file: Verified,
}

/// The end of a job. There is no third way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// New files; the first is what became of the input itself.
    Sanitised(Vec<Output>),
    /// Nothing is delivered.
    Withheld(Refusal),
}

/// What comes of an order.
#[derive(Debug)]
pub struct Outcome {
    /// Delivered or withheld.
    pub verdict: Verdict,
    /// What happened to every part. The paths of its outputs are those of [`Output::name`].
    pub report: Report,
    /// The notice to put in the place of a withheld input.
    pub notice: Option<Output>,
}

/// A job at work: its parts in one flat list, children behind their parents.
struct Job<'a> {
    order: &'a Order<'a>,
    route: Option<&'a Route>,
    /// Who checks what is made.
    opener: &'a dyn Opener,
    /// Where what is large waits.
    spool: Spool,
    id: String,
    left: Limits,
    /// When no further part is opened, and the one at work is given up.
    deadline: Instant,
    parts: Vec<Part>,
    /// Parts that need a password, to be tried again with others once all texts are there.
    locked: Vec<(usize, Untrusted)>,
    /// How many passwords were guessed.
    guesses: usize,
    /// Files of archives that are being packed.
    ahead: Ahead,
}

impl<'a> Job<'a> {
    /// A file that passed its checker, and waits until its message or archive is written.
    fn keep(&self, file: Verified) -> Result<Verified, Refusal> {
        file.kept_in(&self.spool)
    }

    /// The language of names, notices and footers.
    fn lang(&self) -> Lang {
        self.route.map_or(Lang::Ja, |route| route.params.lang)
    }

    /// How long its parts are waited for.
    fn patience(&self) -> Patience<'a> {
        Patience {
            until: Some(self.deadline),
            cancelled: self.order.patience.cancelled,
        }
    }
}

/// Sanitises one input: total, every part of it gets an outcome.
///
/// The input is given away: it goes as soon as it is opened, for what is made of it needs room, too.
pub fn sanitise(mut order: Order<'_>, opener: &dyn Opener) -> Outcome {
    let input = std::mem::replace(&mut order.input, Untrusted::new(Vec::new()));
    let length = size(input.len());
    let order = &order;
    // a mistake of ours in one file is the end of that file, and neither of its caller nor of what waits for it
    let made = catch_unwind(AssertUnwindSafe(|| whole(order, input, opener)));
    made.unwrap_or_else(|_| refuse(order, length, None, PANICKED))
}

/// All of it, but for mistakes of ours.
fn whole(order: &Order<'_>, input: Untrusted, opener: &dyn Opener) -> Outcome {
    let length = size(input.len());
    let fenced = match order.policy.isolation() {
        Isolation::Worker => opener.has_all_fences(),
        Isolation::InGroups => opener.has_all_fences() && opener.has_groups(),
        Isolation::WithoutLandlock | Isolation::InProcess => true,
    };
    if !fenced {
        // a policy that came into force after the workers had started
        let digests = Digests::of_spooled(input.content()).ok();
        return refuse(order, length, digests, UNFENCED);
    }
    let route = order.policy.route(order.from, order.to);
    let mut job = Job {
        order,
        route,
        opener,
        spool: opener.spool(),
        // it comes of the digest, which is not needed before the notices
        id: String::new(),
        left: route.map_or(Limits::NOTHING, |route| route.job),
        deadline: deadline(route, order.patience.until),
        parts: vec![Part::root(order, input.clone())],
        locked: Vec::new(),
        guesses: 0,
        ahead: Ahead::default(),
    };
    let mut next = 0;
    let read = beside::input(input, || {
        loop {
            while next < job.parts.len() {
                next = open::next(&mut job, next, opener);
            }
            if !locked::again(&mut job, opener) {
                break;
            }
        }
    });
    match read {
        Ok(((), digest, digests)) => {
            job.id = crate::notice::ticket(digest.as_bytes());
            let outputs = assemble::all(&mut job, opener);
            settle::outcome(job, outputs, length, Some(digests))
        }
        Err(refusal) => {
            drop(job);
            refuse(order, length, None, refusal)
        }
    }
}

/// The wall clock is the supervisor's business; nothing below it has one.
fn deadline(route: Option<&Route>, until: Option<Instant>) -> Instant {
    let now = Instant::now();
    let own = route
        .and_then(|route| now.checked_add(route.deadline))
        .unwrap_or(now);
    until.map_or(own, |until| until.min(own))
}

fn size(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// The end of an order whose input is not opened at all: too large to be read, or unreadable.
///
/// `bytes` and `digests` describe the input, as far as they are known; `order.input` is not looked at.
pub fn refuse(
    order: &Order<'_>,
    bytes: u64,
    digests: Option<Digests>,
    refusal: Refusal,
) -> Outcome {
    let mut root = Part::root(order, Untrusted::new(Vec::new()));
    root.bytes_in = bytes;
    root.state = part::State::Withheld(refusal);
    let seed = digests
        .as_ref()
        .map_or(order.label.as_str(), |digests| digests.blake3.as_str());
    let mut job = Job {
        order,
        route: order.policy.route(order.from, order.to),
        opener: &Nobody,
        spool: Spool::memory(),
        id: crate::notice::ticket(blake3::hash(seed.as_bytes()).as_bytes()),
        left: Limits::NOTHING,
        deadline: deadline(None, None),
        parts: vec![root],
        locked: Vec::new(),
        guesses: 0,
        ahead: Ahead::default(),
    };
    let outputs = assemble::all(&mut job, &Nobody);
    settle::outcome(job, outputs, bytes, digests)
}

/// Opens nothing: for jobs in which there is nothing to be opened.
struct Nobody;

impl Opener for Nobody {
    fn open(&self, _: Request<'_>, _: Patience<'_>) -> Result<(), Refusal> {
        Err(Refusal::internal("job: a part where there is none"))
    }
}

/// The refusal of a file over which this side failed.
const PANICKED: Refusal = Refusal::internal("job: a mistake of ours");

/// The refusal of a policy that insists on fences, where the workers have fewer.
const UNFENCED: Refusal =
    Refusal::internal("isolation: fences are missing that the policy requires");

#[cfg(test)]
mod tests;

//! One document read by several workers, each of which draws some of its pages.
//!
//! A worker begins by itself. Once it has drawn some pages and it is known how many there are, workers
//! that have nothing to do may be given the same document; from then on they take turns, and the answers
//! are read in the order of the pages. A turn is a page, or a few pages that know each other. What comes of it is what one
//! worker would have made: where that is not certain (a refusal, a worker that is lost, something
//! that is counted once a document), one worker does all of it again.

use crate::answer::{Answer, Cap, Ends, LIE};
use crate::config::Sharing;
use crate::pool::Pool;
use crate::pool::desk::{Desk, Seat};
use crate::pool::lease::Lease;
use crate::process::read::{Clock, Reached};
use crate::process::{Time, Worker};
use mugai_core::{
    Assignment, Budget, Family, Limits, Loss, Refusal, Request, Share, Sink, Turn, Untrusted,
};
use std::cell::RefCell;
use std::time::Duration;

/// The most workers that help the first one.
const MOST_HELPERS: usize = 7;
/// Pages that must be left over for a worker that helps.
const LEAST_PAGES: u32 = 2;
/// What giving the document to another worker costs, beside what the first one did before its pages.
const COST: Duration = Duration::from_millis(5);

/// How the opening of one part ended.
pub(super) enum End {
    /// One worker did it, in this way.
    One(Ends),
    /// Several did it, to the end.
    Together,
    /// Several began it, and one alone must begin anew.
    Again(Refusal),
    /// Several began it, and the time is over.
    Late(Refusal),
}

/// Opens one part with `worker`, and with others that are free where it has many pages.
pub(super) fn open(
    pool: &Pool,
    worker: &mut Worker,
    request: &mut Request<'_>,
    time: Time<'_>,
) -> End {
    let cap = Cap::of(&pool.shared.config);
    let can = pool.shared.config.sharing != Sharing::Never && request.sink.begin_again();
    let Request {
        input,
        assignment,
        budget,
        sink,
    } = request;
    let part = Part {
        input,
        assignment,
        budget,
    };
    let treatment = assignment.treatments.of(Family::Pdf);
    let desk = RefCell::new(Desk::new(&mut **sink, treatment));
    let mut first = Seat::new(&desk, 0);
    let mut requests = [part.request(&mut first)];
    let mut clock = Clock::new(time);
    let mut taken = worker.take_buffer();
    let sent = worker.begin(&requests);
    let mut answer = Answer::new(&mut requests, cap, &mut taken);
    let mut helpers = Vec::new();
    let mut pace = Pace::default();
    let begun = clock;
    let mut share = |turn: Turn| {
        if can && helpers.is_empty() {
            let most = pace.helpers(turn, begun.elapsed(), pool.shared.config.sharing);
            helpers = Lease::spare(pool, most, time.patience);
        }
        workers(&helpers)
    };
    let end = sent.and_then(|()| worker.read_on(&mut answer, &mut clock, &mut share));
    let turn = match end {
        Ok(Reached::Turn(turn)) => turn,
        Ok(Reached::End) | Err(_) => {
            let ends = answer.finish(end.map(drop));
            worker.give_back(taken, &begun);
            return End::One(ends);
        }
    };
    answer.share();
    let done = if turn.every == workers(&helpers) {
        together(
            &part,
            (worker, answer),
            (&mut helpers, cap),
            (turn, clock),
            &desk,
        )
    } else {
        Err(LIE)
    };
    worker.give_back(taken, &begun);
    match done {
        Ok(()) => {
            pool.shared.counts.share();
            for lease in helpers {
                lease.keep(false);
            }
            End::Together
        }
        Err(refusal @ Refusal::Lost(Loss::Deadline)) => End::Late(refusal),
        Err(refusal) => End::Again(refusal),
    }
}

/// How many workers share the pages when these help the first one.
fn workers(helpers: &[Lease<'_>]) -> u16 {
    u16::try_from(helpers.len()).map_or(1, |count| count.saturating_add(1))
}

/// Reads the pages from `turn` on in their order, and the ends of all answers.
fn together(
    part: &Part<'_>,
    first: (&mut Worker, Answer<'_, '_>),
    (helpers, cap): (&mut [Lease<'_>], Cap),
    (turn, clock): (Turn, Clock<'_>),
    desk: &RefCell<Desk<'_>>,
) -> Result<(), Refusal> {
    let shares = (1..turn.every).filter_map(|place| Share::new(turn.page, turn.every, place));
    let assignments: Vec<Assignment> = shares.map(|share| part.shared(share)).collect();
    let mut seats: Vec<Seat<'_, '_>> = (1..turn.every)
        .map(|place| Seat::new(desk, place))
        .collect();
    let mut requests: Vec<[Request<'_>; 1]> = seats
        .iter_mut()
        .zip(&assignments)
        .map(|(seat, assignment)| {
            [Part {
                assignment,
                ..*part
            }
            .request(seat)]
        })
        .collect();
    let mut buffers = Vec::new();
    for (lease, requests) in helpers.iter_mut().zip(&requests) {
        let worker = lease.worker_mut().ok_or(LIE)?;
        buffers.push(worker.take_buffer());
        worker.begin(requests)?;
    }
    let mut readers = Vec::new();
    let answers = requests.iter_mut().zip(&mut buffers);
    for (lease, (requests, buffer)) in helpers.iter_mut().zip(answers) {
        let mut answer = Answer::new(requests, cap, buffer);
        answer.share();
        let worker = lease.worker_mut().ok_or(LIE)?;
        // while the first one draws
        worker.feed_whole(&clock)?;
        readers.push((worker, answer));
    }
    let (worker, mut answer) = first;
    let mut clock = clock;
    let order = (0..=readers.len()).cycle();
    for (page, place) in (turn.page..turn.of).zip(order) {
        match place.checked_sub(1) {
            None => page_of(worker, &mut answer, &mut clock, (page, turn.of))?,
            Some(helper) => {
                let (worker, answer) = readers.get_mut(helper).ok_or(LIE)?;
                page_of(worker, answer, &mut clock, (page, turn.of))?;
            }
        }
    }
    let mut spent = end_of(worker, answer, &mut clock)?;
    for (worker, answer) in readers {
        spent = spent.plus(&end_of(worker, answer, &mut clock)?);
    }
    for (lease, buffer) in helpers.iter_mut().zip(buffers) {
        if let Some(worker) = lease.worker_mut() {
            worker.give_back(buffer, &clock);
        }
    }
    // more than one purse holds is what one worker would have been refused for
    part.budget.take_over(&spent)
}

/// Reads one page, `page` of `of`.
fn page_of(
    worker: &mut Worker,
    answer: &mut Answer<'_, '_>,
    clock: &mut Clock<'_>,
    (page, of): (u32, u32),
) -> Result<(), Refusal> {
    let next = page.saturating_add(1);
    match worker.read_on(answer, clock, &mut |_| 1)? {
        Reached::Turn(turn) if (turn.page, turn.of) == (next, of) => Ok(()),
        Reached::End if next == of => Ok(()),
        Reached::Turn(_) | Reached::End => Err(LIE),
    }
}

/// Reads what comes behind the pages; what the worker spent comes back.
fn end_of(
    worker: &mut Worker,
    mut answer: Answer<'_, '_>,
    clock: &mut Clock<'_>,
) -> Result<Limits, Refusal> {
    if worker.read_on(&mut answer, clock, &mut |_| 1)? != Reached::End {
        return Err(LIE);
    }
    let spent = answer.account().ok_or(LIE)?;
    super::only(answer.finish(Ok(()))).map_err(|broken| broken.refusal)??;
    Ok(spent)
}

/// What all of them are given.
#[derive(Clone, Copy)]
struct Part<'a> {
    input: &'a Untrusted,
    assignment: &'a Assignment,
    budget: &'a Budget,
}

impl<'a> Part<'a> {
    fn request(self, sink: &'a mut dyn Sink) -> Request<'a> {
        Request {
            input: self.input,
            assignment: self.assignment,
            budget: self.budget,
            sink,
        }
    }

    /// The same order for some of the pages.
    fn shared(&self, share: Share) -> Assignment {
        let mut assignment = self.assignment.clone();
        assignment.hints.share = Some(share);
        assignment
    }
}

/// How fast the first worker gets on.
#[derive(Default)]
struct Pace {
    /// The first page that was heard of, and when.
    first: Option<(u32, Duration)>,
}

impl Pace {
    /// How many helpers are worth it, `elapsed` after the order, when `turn` was the last page that was begun.
    fn helpers(&mut self, turn: Turn, elapsed: Duration, sharing: Sharing) -> usize {
        let (page, before) = *self.first.get_or_insert((turn.page, elapsed));
        let left = turn.of.saturating_sub(turn.page).saturating_sub(1);
        let most = usize::try_from(left.div_euclid(LEAST_PAGES)).unwrap_or(usize::MAX);
        let most = most.min(MOST_HELPERS);
        if sharing == Sharing::Always {
            return most;
        }
        let took = elapsed.saturating_sub(before);
        let Some(each) = took.checked_div(turn.page.saturating_sub(page)) else {
            return 0;
        };
        // the first helper saves half of what is left, and does once more what came before the pages
        if each.saturating_mul(left).div_f32(2.0) > before.saturating_add(COST) {
            most
        } else {
            0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many help with 40 pages, the first of which was heard of after `before`, and the next one a page's time `each`
    /// later, in ms.
    fn helpers(before: u64, each: u64, sharing: Sharing) -> usize {
        let ms = Duration::from_millis;
        let turn = |page| Turn {
            page,
            every: 1,
            of: 40,
        };
        let mut pace = Pace::default();
        let first = pace.helpers(turn(0), ms(before), sharing);
        assert_eq!(first > 0, sharing == Sharing::Always);
        pace.helpers(turn(1), ms(before.saturating_add(each)), sharing)
    }

    #[test]
    fn help_is_asked_for_where_it_pays_and_only_there() {
        // 38 pages are left: help saves 19 times one of them, and costs what came before and 5 ms
        for (before, each, is_worth_it) in [
            (0, 0, false),
            (14, 1, false),
            (13, 1, true),
            (0, 1, true),
            (1_000, 52, false),
            (1_000, 53, true),
        ] {
            let most = if is_worth_it { MOST_HELPERS } else { 0 };
            let found = helpers(before, each, Sharing::Paying);
            assert_eq!(found, most, "{before} ms before, {each} ms each");
        }
        assert_eq!(helpers(1_000, 0, Sharing::Always), MOST_HELPERS);
    }

    #[test]
    fn there_are_pages_for_all_who_help() {
        for (of, most) in [(1, 0), (2, 0), (3, 1), (5, 2), (16, 7), (1_000, 7)] {
            let turn = Turn {
                page: 0,
                every: 1,
                of,
            };
            let found = Pace::default().helpers(turn, Duration::ZERO, Sharing::Always);
            assert_eq!(found, most, "{of} pages");
        }
    }
}

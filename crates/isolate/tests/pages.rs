//! A document that several workers share comes to what one worker makes of it, whatever happens on its pages.

mod support;

use mugai_core::{
    Budget, FindingCode, Limits, Loss, Opener, Piece, Refusal, Resource, Untrusted, WorkerFigures,
};
use mugai_isolate::{Config, Pool, Sharing};
use std::collections::BTreeMap;
use std::num::NonZero;
use std::time::Duration;
use support::{LIMITS, Notebook, config, open, order, pool};

fn shared(workers: usize) -> Pool {
    pool(Config {
        workers,
        sharing: Sharing::Always,
        // small windows, so that pages are announced while there is something left to share
        window_bytes: NonZero::<u32>::MIN.saturating_add(4 << 10),
        deadline: Duration::from_secs(3),
        ..config()
    })
}

fn figures(pool: &Pool) -> WorkerFigures {
    pool.figures().unwrap_or_default()
}

/// All that can be seen of an opening.
#[derive(Debug, PartialEq)]
struct Seen {
    result: Result<(), Refusal>,
    pieces: Vec<Piece>,
    findings: BTreeMap<FindingCode, u32>,
    spent: Limits,
}

fn document(pool: &Pool, count: u32, events: &str, limits: Limits) -> Seen {
    let input = Untrusted::new(format!("document {count}\n{events}").into_bytes());
    let (budget, mut sink) = (Budget::new(limits), Notebook::default());
    let result = open(pool, &input, &order(limits), &budget, &mut sink);
    let mut findings = BTreeMap::new();
    for finding in &sink.findings {
        let sum: &mut u32 = findings.entry(finding.code).or_default();
        *sum = sum.saturating_add(finding.count);
    }
    let pieces = sink.pieces;
    Seen {
        result,
        pieces,
        findings,
        spent: budget.all_spent(),
    }
}

#[test]
fn shared_pages_come_in_their_order_and_cost_what_they_cost_one() {
    let alone = pool(config());
    for workers in [2, 3, 5] {
        let several = shared(workers);
        for count in [1, 2, 3, 4, 5, 8, 23, 100] {
            let one = document(&alone, count, "", LIMITS);
            assert_eq!(one.result, Ok(()));
            assert_eq!(one.pieces.len(), usize::try_from(count).unwrap() + 1);
            assert_eq!(one.spent.steps, 1_010 + 100 * u64::from(count));
            assert_eq!(one.findings[&FindingCode::TextBidi], count);
            assert_eq!(
                document(&several, count, "", LIMITS),
                one,
                "{count} pages, {workers} workers"
            );
        }
        // all but the shortest
        assert_eq!(figures(&several).shared, 6);
    }
}

#[test]
fn large_documents_are_shared_too() {
    // what is not in the arena at once is handed to each of them place by place
    let events = "x".repeat(5 << 20);
    let (alone, several) = (pool(config()), shared(3));
    let one = document(&alone, 30, &events, LIMITS);
    assert_eq!(one.result, Ok(()));
    assert_eq!(document(&several, 30, &events, LIMITS), one);
    assert_eq!(figures(&several).shared, 1);
}

#[test]
fn whatever_happens_on_a_page_leads_to_the_same_end() {
    let alone = pool(config());
    let several = shared(3);
    let events = [
        "refuse 0\n",
        "refuse 17\n",
        "refuse 18\n",
        "refuse 19\n",
        "refuse 17\nrefuse 18\n",
        "broken 4\n",
        "broken 17\nbroken 18\nbroken 19\n",
        "crash 1\n",
        "crash 18\n",
        "crash 18\nrefuse 19\n",
        "refuse 29\n",
    ];
    for event in events {
        let one = document(&alone, 30, event, LIMITS);
        let mut many = document(&several, 30, event, LIMITS);
        if one.result == Err(Refusal::Lost(Loss::Crash)) {
            // what a lost worker said last may have been on its way
            many.pieces.clone_from(&one.pieces);
            many.spent = one.spent;
        }
        assert_eq!(many, one, "{event}");
        // nobody is left behind with half an answer
        assert_eq!(
            document(&several, 9, "", LIMITS),
            document(&alone, 9, "", LIMITS)
        );
    }
}

#[test]
fn purses_end_where_they_would_have_ended_for_one() {
    let alone = pool(config());
    let several = shared(4);
    for steps in [
        0, 999, 1_000, 1_099, 2_350, 3_999, 4_000, 4_009, 4_010, 5_000,
    ] {
        let limits = Limits { steps, ..LIMITS };
        let one = document(&alone, 30, "", limits);
        assert_eq!(one.result.is_ok(), steps >= 4_010);
        assert_eq!(document(&several, 30, "", limits), one, "{steps}");
    }
    for pages in [0, 1, 29, 30] {
        let pixels = pages * 64 * 64;
        let limits = Limits { pixels, ..LIMITS };
        let one = document(&alone, 30, "", limits);
        assert_eq!(one.result.is_ok(), pages == 30);
        assert_eq!(document(&several, 30, "", limits), one, "{pages}");
    }
    // the purse of this side alone is too small
    let poor = Budget::new(Limits {
        pixels: 64 * 64 * 20,
        ..LIMITS
    });
    let input = Untrusted::new(b"document 30\n".to_vec());
    let result = open(
        &several,
        &input,
        &order(LIMITS),
        &poor,
        &mut Notebook::default(),
    );
    let resource = Resource::Pixels;
    let limit = 64 * 64 * 20;
    assert_eq!(result, Err(Refusal::Overrun { resource, limit }));
}

#[test]
fn a_page_that_takes_for_ever_ends_with_the_time_of_the_part() {
    let several = shared(3);
    let seen = document(&several, 30, "never 18\n", LIMITS);
    assert_eq!(seen.result, Err(Refusal::Lost(Loss::Deadline)));
    assert_eq!(document(&several, 9, "", LIMITS).result, Ok(()));
}

#[test]
fn help_is_asked_for_where_it_pays() {
    let shared_by = |sharing, events: &str| {
        let pool = pool(Config {
            workers: 3,
            sharing,
            window_bytes: NonZero::<u32>::MIN.saturating_add(4 << 10),
            ..config()
        });
        assert_eq!(document(&pool, 40, events, LIMITS).result, Ok(()));
        figures(&pool).shared
    };
    assert_eq!(shared_by(Sharing::Never, "slow 0\n"), 0);
    // that quick pages get none is a matter of times, and tested where times are given
    assert_eq!(shared_by(Sharing::Paying, "slow 0\n"), 1);
}

#[test]
fn a_receiver_that_refuses_a_page_is_the_end() {
    let several = shared(3);
    let input = Untrusted::new(b"document 30\n".to_vec());
    for patience in [0, 1, 15, 29] {
        let mut sink = Notebook {
            patience: Some(patience),
            ..Notebook::default()
        };
        let result = open(
            &several,
            &input,
            &order(LIMITS),
            &Budget::new(LIMITS),
            &mut sink,
        );
        assert_eq!(result, Err(Refusal::internal("test: enough")), "{patience}");
    }
}

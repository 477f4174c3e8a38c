//! Verifiers: confined like those who open parts, apart from them, and believed in nothing but a plain yes.
#![expect(clippy::unwrap_used, reason = "tests, and what they are made of")]

mod support;

use mugai_core::{Loss, Opener, Patience, Refusal, Resource, Spooled, Violation, WorkerFigures};
use mugai_isolate::{Config, Fences, Pool};
use std::ffi::OsString;
use std::fmt::Write;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};
use support::{config, pool, run};

fn with_verifiers() -> Config {
    Config {
        verifier: Some(vec![OsString::from("verifier")]),
        ..config()
    }
}

fn ask(pool: &Pool, question: &str, draft: &[&[u8]]) -> Result<(), Refusal> {
    let draft: Vec<Spooled> = draft.iter().map(|piece| piece.to_vec().into()).collect();
    let draft: Vec<&Spooled> = draft.iter().collect();
    pool.check(question.as_bytes(), &draft, Patience::default())
        .unwrap()
}

fn outside(rule: &'static str, offset: Option<u64>) -> Result<(), Refusal> {
    Err(Refusal::Unverified(Violation {
        offset,
        ..Violation::of(rule)
    }))
}

fn lost() -> Result<(), Refusal> {
    outside("verifier: it was lost", None)
}

#[test]
fn a_draft_in_pieces_arrives_as_one_and_the_rule_comes_back() {
    let pool = pool(with_verifiers());
    assert_eq!(ask(&pool, "accept", &[b"draft"]), Ok(()));
    let large = vec![7; 3_000_000];
    let told = ask(&pool, "length", &[b"ab", &large, b"", b"c"]);
    assert_eq!(told, outside("test: length", Some(3_000_003)));
    // a verifier that found something is not used again: what it found is an alarm
    assert_eq!(
        ask(&pool, "drafts", &[b""]),
        outside("test: drafts", Some(1))
    );
    for _ in 0..3 {
        assert_eq!(ask(&pool, "accept", &[b"x"]), Ok(()));
    }
    assert_eq!(
        ask(&pool, "drafts", &[b""]),
        outside("test: drafts", Some(4))
    );
    assert_eq!(
        ask(&pool, "last", &[&large, &[9]]),
        outside("test: last", Some(9))
    );
}

/// It is handed out piece by piece, across the borders of what it is made of.
#[test]
fn a_draft_that_is_too_large_for_one_piece_arrives_as_well() {
    let pool = pool(with_verifiers());
    let large = vec![7; 5_000_001];
    let parts: [&[u8]; 4] = [b"ab", &large, b"", &[9]];
    assert_eq!(ask(&pool, "accept", &parts), Ok(()));
    let told = ask(&pool, "length", &parts);
    assert_eq!(told, outside("test: length", Some(5_000_004)));
    assert_eq!(ask(&pool, "last", &parts), outside("test: last", Some(9)));
    let eights = vec![8; 3_000_000];
    let told = ask(&pool, "count 8", &[&large, &eights, b"x"]);
    assert_eq!(told, outside("test: count", Some(3_000_000)));
}

#[test]
fn those_who_open_and_those_who_check_are_different_processes() {
    let pool = pool(with_verifiers());
    assert_eq!(run(&pool, "echo\nx").unwrap(), "x");
    assert_eq!(ask(&pool, "accept", &[b"x"]), Ok(()));
    // the one is lost, the other is not
    assert!(run(&pool, "abort\n").is_err());
    assert_eq!(
        ask(&pool, "drafts", &[b""]),
        outside("test: drafts", Some(2))
    );
}

#[test]
fn without_verifiers_nobody_answers() {
    let pool = pool(config());
    assert!(
        pool.check(b"accept", &[&b"x".to_vec().into()], Patience::default())
            .is_none()
    );
}

/// For whoever has files to check and nothing to open; each gets a new one where that is asked for.
#[test]
fn verifiers_may_be_alone() {
    let pool = Pool::of_verifiers(&Config {
        fresh: true,
        ..with_verifiers()
    })
    .unwrap();
    assert!(pool.has_all_fences());
    for _ in 0..3 {
        assert_eq!(
            ask(&pool, "drafts", &[b""]),
            outside("test: drafts", Some(1))
        );
    }
    for attempt in ["abort", "open", "fork"] {
        assert_eq!(ask(&pool, attempt, &[b"x"]), lost(), "{attempt}");
    }
    // one that only checks opens nothing
    assert!(run(&pool, "echo\nx").is_err());
    assert!(Pool::of_verifiers(&config()).is_err());
    let unfenced = Pool::of_verifiers(&Config {
        fences: Fences::ALL.without(Fences::SECCOMP),
        ..with_verifiers()
    });
    assert!(unfenced.is_err_and(|fault| fault.to_string().contains("seccomp")));
}

#[test]
fn verifiers_are_counted_apart_from_those_who_open() {
    let pool = pool(with_verifiers());
    assert_eq!(run(&pool, "echo\nx").unwrap(), "x");
    for _ in 0..3 {
        assert_eq!(ask(&pool, "accept", &[b"x"]), Ok(()));
    }
    assert_eq!(ask(&pool, "abort", &[b"x"]), lost());
    let all = pool.figures().unwrap();
    let verifiers = all.verifiers.as_deref().unwrap();
    assert_eq!((all.loans, verifiers.loans), (1, 4));
    assert!(verifiers.busy > Duration::ZERO && all.busy > Duration::ZERO);
    assert_eq!(verifiers.limit, 1);
    let crashed = |figures: &WorkerFigures| {
        let of = figures.ended.iter().find(|(cause, _)| *cause == "crash");
        of.map(|(_, count)| *count)
    };
    // it was not new, so that another one was tried
    assert_eq!((crashed(&all), crashed(verifiers)), (Some(0), Some(2)));
    assert!(verifiers.started >= 2 && verifiers.verifiers.is_none());
}

#[test]
fn a_pool_whose_verifiers_cannot_start_does_not_start() {
    let refused = Pool::new(Config {
        verifier: Some(vec![OsString::from("not-a-worker")]),
        ..config()
    });
    assert!(refused.is_err());
}

#[test]
fn what_breaks_a_verifier_is_not_accepted() {
    let pool = pool(Config {
        memory_bytes: 256 << 20,
        ..with_verifiers()
    });
    for attempt in [
        "abort", "panic", "exit", "overflow", "open", "fork", "udp", "thread", "exec-mem",
    ] {
        assert_eq!(ask(&pool, attempt, &[b"x"]), lost(), "{attempt}");
        assert_eq!(ask(&pool, "accept", &[b"x"]), Ok(()), "after {attempt}");
    }
    // words that our remarks cannot have are not repeated
    assert_eq!(ask(&pool, "strange", &[b"x"]), lost());
}

#[test]
fn a_verifier_is_waited_for_no_longer_than_anybody_waits() {
    let slow = pool(Config {
        deadline: Duration::from_millis(200),
        ..with_verifiers()
    });
    let told = ask(&slow, "loop", &[b"x"]);
    assert_eq!(told, outside("verifier: it took too long", None));
    let patient = pool(with_verifiers());
    let cancelled = AtomicBool::new(true);
    for patience in [
        Patience {
            until: Instant::now().checked_add(Duration::from_millis(100)),
            cancelled: None,
        },
        Patience {
            until: None,
            cancelled: Some(&cancelled),
        },
    ] {
        let told = patient
            .check(b"loop", &[&b"x".to_vec().into()], patience)
            .unwrap();
        assert_eq!(told, Err(Refusal::Lost(Loss::Deadline)));
    }
    assert_eq!(ask(&patient, "accept", &[b"x"]), Ok(()));
}

#[test]
fn a_draft_larger_than_the_arena_is_refused() {
    let pool = pool(Config {
        input_bytes: 1_000_000,
        ..with_verifiers()
    });
    assert_eq!(ask(&pool, "accept", &[&vec![0; 1_000_000]]), Ok(()));
    let (resource, limit) = (Resource::Bytes, 1_000_000);
    let told = ask(&pool, "accept", &[&vec![0; 1_000_001]]);
    assert_eq!(told, Err(Refusal::Overrun { resource, limit }));
}

/// Messages that no honest verifier sends; 7 is the tag of its answer, the sequence number is 1.
#[test]
fn nothing_but_a_plain_yes_is_one() {
    let pool = pool(Config {
        fresh: true,
        // the liar has to find its arena
        fences: Fences::NONE,
        required: Fences::NONE,
        ..with_verifiers()
    });
    let said = |bytes: &[u8]| {
        let mut hex = String::from("send ");
        for byte in bytes {
            write!(hex, "{byte:02x}").unwrap();
        }
        hex.push_str("\nrest\n");
        ask(&pool, "lie", &[hex.as_bytes()])
    };
    assert_eq!(said(&[7, 1, 0, 0, 0, 0]), Ok(()));
    for (name, lie) in [
        ("another order's answer", &[7, 2, 0, 0, 0, 0][..]),
        ("short", &[7, 1, 0, 0, 0]),
        ("long", &[7, 1, 0, 0, 0, 0, 0]),
        ("neither yes nor no", &[7, 1, 0, 0, 0, 2]),
        ("an opened part", &[5, 1, 0, 0, 0, 1, 0, 0, 0, 1]),
        (
            "ready again",
            &[4, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ),
        (
            "an order",
            &[6, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ),
        ("no words", &[7, 1, 0, 0, 0, 1, 4, 0, 0, 0, 0]),
        ("too many words", &[7, 1, 0, 0, 0, 1, 255, 255, 255, 255, 0]),
        // the draft is some fifty bytes long
        (
            "a place behind the draft",
            &[8, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0],
        ),
        (
            "a place at the end of all numbers",
            &[
                8, 1, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0, 0, 0,
            ],
        ),
        (
            "more than a piece",
            &[8, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 16, 0],
        ),
        (
            "nothing of it",
            &[8, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ),
        (
            "a place of another order",
            &[8, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0],
        ),
        ("unknown", &[99]),
        ("nothing", &[]),
        ("very long", &[7; 65]),
    ] {
        assert_eq!(said(lie), lost(), "{name}");
    }
}

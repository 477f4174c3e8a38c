//! Honest workers: what goes in comes out, warm or fresh, small or large.

mod support;

use mugai_core::cx::{FontNeed, Script, Strokes};
use mugai_core::{
    Budget, FindingCode, Hints, Kind, Limits, Opener, Patience, Piece, Refusal, Request, Resource,
    SafeName, Token, Untrusted,
};
use mugai_isolate::{Config, FontFile, Pool};
use std::num::NonZero;
use support::{LIMITS, Notebook, config, open, order, pool, run, run_with};

#[test]
fn pieces_findings_and_refusals_come_through() {
    let pool = pool(config());
    assert_eq!(run(&pool, "echo\n無害化\n").unwrap(), "無害化\n");
    assert_eq!(run(&pool, "echo\n").unwrap(), "");
    let (sink, result, _) = run_with(&pool, "note 7\n", LIMITS);
    assert_eq!(result, Ok(()));
    assert_eq!(sink.kind, Some(Kind::Plain));
    assert_eq!(sink.findings[0].code, FindingCode::TextBidi);
    assert_eq!(sink.findings[0].count, 7);
    let refusal = Refusal::malformed("test: as ordered");
    assert_eq!(run(&pool, "refuse\n"), Err(refusal));
    // a refusal is no anomaly: it is still the first worker
    assert_eq!(run(&pool, "parts\n").unwrap(), "5");
}

#[test]
fn an_answer_of_any_length_fits_through_a_window_of_any_size() {
    for window in [1, 7, 64, 1 << 20] {
        let pool = pool(Config {
            window_bytes: NonZero::new(window).unwrap(),
            ..config()
        });
        let longest = if window < 64 { 300 } else { 200_000 };
        for length in [0, 1, 50, 51, 63, 64, 65, longest] {
            let text = "字".repeat(length);
            let got = run(&pool, format!("echo\n{text}"));
            assert_eq!(got.as_ref(), Ok(&text), "{length} through {window}");
        }
    }
}

/// It is asked for place by place, and what is not asked for is zeros there.
#[test]
fn a_part_that_is_too_large_for_one_piece_arrives_as_well() {
    let pool = pool(config());
    let text = "large\n".repeat(1_000_000);
    for _ in 0..2 {
        assert_eq!(run(&pool, format!("echo\n{text}")).as_ref(), Ok(&text));
        assert_eq!(run(&pool, "echo\nsmall\n").unwrap(), "small\n");
    }
    let whole = format!("unread 6000 4000000 4000001 5000000\n{text}");
    let told = run(&pool, whole.as_bytes()).unwrap();
    assert_eq!(
        told,
        format!("4993999 zeros from Some(6000) on in {}", whole.len())
    );
    // nothing of it is left to be seen by the next one
    assert_eq!(run(&pool, "unread\n").unwrap(), "0 zeros from None on in 7");
    let none = format!("unread\n{text}");
    let told = run(&pool, none.as_bytes()).unwrap();
    assert_eq!(told, format!("0 zeros from None on in {}", none.len()));
    // all of that was one worker
    assert_eq!(run(&pool, "parts\n").unwrap(), "8");
}

/// A place behind the end, or twice: the worker is at fault, and nobody else.
#[test]
fn places_that_make_no_sense_end_the_worker() {
    let pool = pool(config());
    let text = "large\n".repeat(1_000_000);
    for places in ["10 9000000", "100 200 150 300"] {
        let part = format!("unread {places}\n{text}");
        let lost = Err(Refusal::Lost(mugai_core::Loss::Crash));
        assert_eq!(run(&pool, part.as_bytes()), lost, "{places}");
        assert_eq!(run(&pool, "echo\nx").unwrap(), "x");
    }
}

#[test]
fn pages_come_through_and_are_paid_on_both_sides() {
    let pool = pool(config());
    let (sink, result, _) = run_with(&pool, "pages 5 800 600\n", LIMITS);
    assert_eq!(result, Ok(()));
    assert_eq!(sink.pieces.len(), 5);
    for (shade, piece) in (0u8..).zip(&sink.pieces) {
        let Piece::Page(page) = piece else {
            panic!("not a page")
        };
        assert_eq!(page.pixels(), vec![shade; 800 * 600 * 3]);
    }
    // a part's cap, and a job that has less left than the part was allowed
    let limits = Limits {
        pixels: 800 * 600 * 4,
        ..LIMITS
    };
    let overrun = Refusal::Overrun {
        resource: Resource::Pixels,
        limit: limits.pixels,
    };
    let (_, result, _) = run_with(&pool, "pages 5 800 600\n", limits);
    assert_eq!(result, Err(overrun.clone()));
    let input = Untrusted::new(b"pages 5 800 600\n".to_vec());
    let little = Budget::new(limits);
    let result = open(
        &pool,
        &input,
        &order(LIMITS),
        &little,
        &mut Notebook::default(),
    );
    assert_eq!(result, Err(overrun));
    assert_eq!(run(&pool, "echo\nalive").unwrap(), "alive");
}

#[test]
fn hints_of_any_size_reach_the_worker() {
    let pool = pool(config());
    let name = SafeName::clean(&"画".repeat(60)).0.unwrap();
    let picture = (Token::parse(&"x".repeat(250)).unwrap(), name);
    let mut assignment = order(LIMITS);
    assignment.hints = Hints {
        pictures: vec![picture; 1_000],
        ..Hints::default()
    };
    let mut sink = Notebook::default();
    let input = Untrusted::new(b"echo\nwith hints".to_vec());
    let result = open(&pool, &input, &assignment, &Budget::new(LIMITS), &mut sink);
    assert_eq!((result, sink.text.as_str()), (Ok(()), "with hints"));
}

#[test]
fn workers_are_replaced_after_their_number_of_parts() {
    let recycled = pool(Config {
        recycle_after: 3,
        ..config()
    });
    let parts: Vec<String> = (0..7).map(|_| run(&recycled, "parts\n").unwrap()).collect();
    assert_eq!(parts, ["1", "2", "3", "1", "2", "3", "1"]);
    let fresh = pool(Config {
        fresh: true,
        ..config()
    });
    for _ in 0..3 {
        assert_eq!(run(&fresh, "parts\n").unwrap(), "1");
    }
    // its processor time could end in the middle of a second part
    let short_lived = pool(Config {
        cpu: Some(config().deadline),
        ..config()
    });
    for _ in 0..2 {
        assert_eq!(run(&short_lived, "parts\n").unwrap(), "1");
    }
}

#[test]
fn too_large_an_input_is_refused_before_a_worker_sees_it() {
    let pool = pool(Config {
        input_bytes: 100,
        ..config()
    });
    let fits = format!("echo\n{}", "x".repeat(95));
    assert_eq!(run(&pool, &fits).unwrap(), "x".repeat(95));
    let overrun = Refusal::Overrun {
        resource: Resource::Bytes,
        limit: 100,
    };
    assert_eq!(run(&pool, fits + "x"), Err(overrun));
}

#[test]
fn a_sink_that_has_enough_is_obeyed_and_its_worker_is_not_used_again() {
    let pool = pool(config());
    let mut sink = Notebook {
        patience: Some(2),
        ..Notebook::default()
    };
    let input = Untrusted::new(b"many 100\n".to_vec());
    let result = open(
        &pool,
        &input,
        &order(LIMITS),
        &Budget::new(LIMITS),
        &mut sink,
    );
    assert_eq!(result, Err(Refusal::internal("test: enough")));
    assert_eq!(sink.pieces.len(), 2);
    assert_eq!(run(&pool, "parts\n").unwrap(), "1");
}

#[test]
fn a_sink_that_panics_leaves_the_pool_whole() {
    struct Bad;
    impl mugai_core::Sink for Bad {
        fn kind(&mut self, _: Kind) -> Result<(), Refusal> {
            panic!("as the test wants it")
        }
        fn put(&mut self, _: Piece) -> Result<(), Refusal> {
            Ok(())
        }
        fn note(&mut self, _: mugai_core::Finding) -> Result<(), Refusal> {
            Ok(())
        }
    }
    let pool = pool(config());
    let result = std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let input = Untrusted::new(b"many 3\n".to_vec());
            open(
                &pool,
                &input,
                &order(LIMITS),
                &Budget::new(LIMITS),
                &mut Bad,
            )
        });
        thread.join()
    });
    assert!(result.is_err());
    assert_eq!(run(&pool, "parts\n").unwrap(), "1");
}

#[test]
fn workers_outlive_the_thread_that_asked_for_them() {
    let pool = pool(Config {
        // with two of them nobody knows which one served how many
        workers: 1,
        ..config()
    });
    for round in 0..3 {
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| assert_eq!(run(&pool, "echo\nx").unwrap(), "x"));
            }
        });
        let parts: u32 = run(&pool, "parts\n").unwrap().parse().unwrap();
        assert!(parts >= 3 * round + 2, "a worker died with its thread");
    }
}

#[test]
fn fonts_are_opened_before_the_fences_and_read_behind_them() {
    let path = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs");
    let length = std::fs::metadata(&path).unwrap().len();
    let font = |script, index, path: &std::path::Path| FontFile {
        need: FontNeed::regular(script, Strokes::Sans),
        index,
        named: false,
        path: path.to_owned(),
    };
    let missing = std::path::Path::new("/no/such/font");
    let pool = pool(Config {
        fonts: vec![
            font(Script::Japanese, 3, &path),
            font(Script::Latin, 0, missing),
        ],
        ..config()
    });
    assert_eq!(pool.capabilities().fonts, 1);
    for _ in 0..2 {
        assert_eq!(run(&pool, "font\n").unwrap(), format!("{length} 3"));
    }
}

/// Has commands done in one go; what each came to, and the text of each.
fn together(
    pool: &Pool,
    commands: &[&str],
    patience: Patience<'_>,
) -> Vec<Result<String, Refusal>> {
    let inputs: Vec<Untrusted> = commands
        .iter()
        .map(|command| Untrusted::new(command.as_bytes().to_vec()))
        .collect();
    let assignment = order(LIMITS);
    let budgets: Vec<Budget> = inputs.iter().map(|_| Budget::new(LIMITS)).collect();
    let mut sinks: Vec<Notebook> = inputs.iter().map(|_| Notebook::default()).collect();
    let requests = inputs
        .iter()
        .zip(&budgets)
        .zip(&mut sinks)
        .map(|((input, budget), sink)| Request {
            input,
            assignment: &assignment,
            budget,
            sink,
        })
        .collect();
    let ends = pool.open_all(requests, patience);
    assert_eq!(ends.len(), commands.len());
    ends.into_iter()
        .zip(sinks)
        .map(|(end, sink)| end.map(|()| sink.text))
        .collect()
}

#[test]
fn parts_together_end_as_they_do_apart() {
    let big = format!("echo\n{}", "a long line\n".repeat(300_000));
    let sets: [&[&str]; 7] = [
        &["echo\n1", "echo\n2", "refuse\n", "echo\n3"],
        &["echo\n1", "abort\n", "echo\n3"],
        &["abort\n", "echo\n2"],
        &["echo\n1", "poison\n", "echo\n3", "echo\n4"],
        &[&big, "echo\n2", &big, "abort\n", "echo\n5"],
        &["echo\n1", "loop\n", "echo\n3"],
        &["many 5\n", "panic\n", "ours\n", "echo\n4"],
    ];
    let pool = pool(Config {
        deadline: std::time::Duration::from_secs(2),
        ..config()
    });
    for set in sets {
        let apart: Vec<_> = set.iter().map(|command| run(&pool, command)).collect();
        let joined = together(&pool, set, Patience::default());
        assert!(joined == apart, "{:.60}", set.concat());
    }
}

#[test]
fn small_parts_together_are_one_order() {
    let pool = pool(config());
    let told = together(&pool, &["parts\n"; 4], Patience::default());
    let told: Vec<String> = told.into_iter().map(Result::unwrap).collect();
    assert_eq!(told, ["1", "2", "3", "4"]);
    let fresh = support::pool(Config {
        fresh: true,
        ..config()
    });
    let told = together(&fresh, &["parts\n"; 3], Patience::default());
    assert!(told.into_iter().all(|text| text.unwrap() == "1"));
}

#[test]
fn nobody_waits_longer_than_patience_lasts() {
    let pool = pool(config());
    let late = vec![Err(Refusal::Lost(mugai_core::Loss::Deadline))];
    let soon = || std::time::Instant::now() + std::time::Duration::from_millis(100);
    let until = Patience {
        until: Some(soon()),
        cancelled: None,
    };
    assert_eq!(together(&pool, &["loop\n"], until), late);
    // the time is over for the next ones, too, and nobody takes a worker for them
    assert_eq!(
        together(&pool, &["echo\n1"; 2], until),
        [late.clone(), late.clone()].concat()
    );
    let flag = std::sync::atomic::AtomicBool::new(false);
    let patience = Patience {
        until: None,
        cancelled: Some(&flag),
    };
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| together(&pool, &["loop\n"], patience));
        // a second one waits for the only slot
        let queued = scope.spawn(|| together(&pool, &["loop\n"], patience));
        std::thread::sleep(std::time::Duration::from_millis(200));
        flag.store(true, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(waiting.join().unwrap(), late);
        assert_eq!(queued.join().unwrap(), late);
    });
    assert_eq!(run(&pool, "echo\nalive").unwrap(), "alive");
}

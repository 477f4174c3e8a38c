//! Hostile parts among healthy ones, from several threads: the healthy ones come through byte by
//! byte, and nothing is left behind. Alone in its process, for it counts what the process has.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests of small counts"
)]

mod support;

use mugai_core::{Loss, Refusal};
use mugai_isolate::{Config, Pool};
use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};
use support::{LIMITS, children_of, config, pool, run, run_with};

const JOBS: u32 = 200;
const THREADS: usize = 4;

/// Each loses its worker, the last one not its own but the next part's.
const HOSTILE: [&str; 10] = [
    "panic\n",
    "abort\n",
    "overflow\n",
    "bomb\n",
    "exit\n",
    "open\n",
    "udp\n",
    "fork\n",
    "flood\n",
    "poison\n",
];

#[test]
fn healthy_parts_among_hostile_ones_are_neither_lost_nor_altered() {
    let before = (open_descriptors(), children_of(std::process::id()).len());
    let pool = pool(Config {
        workers: 3,
        memory_bytes: 256 << 20,
        recycle_after: 20,
        answer_bytes: Some(4 << 20),
        ..config()
    });
    let next = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let job = next.fetch_add(1, Ordering::Relaxed);
                    if job >= JOBS {
                        break;
                    }
                    mixed(&pool, job);
                }
            });
        }
    });
    assert_eq!(run(&pool, "echo\nalive").unwrap(), "alive");
    assert!(
        children_of(std::process::id()).len() <= 3,
        "more processes than slots"
    );
    drop(pool);
    assert_eq!(
        (open_descriptors(), children_of(std::process::id()).len()),
        before
    );
}

fn mixed(pool: &Pool, job: u32) {
    if job % 7 == 3 {
        let command = HOSTILE[usize::try_from(job / 7).unwrap() % HOSTILE.len()];
        let (_, result, _) = run_with(pool, command, LIMITS);
        let expected = if command == "poison\n" {
            Ok(())
        } else {
            Err(Refusal::Lost(Loss::Crash))
        };
        assert_eq!(result, expected, "{command}");
    } else {
        let length = usize::try_from(job * 997 % 50_000).unwrap();
        let text = format!("{job}字\n").repeat(length / 4 + 1);
        assert_eq!(run(pool, format!("echo\n{text}")).as_ref(), Ok(&text));
    }
}

fn open_descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

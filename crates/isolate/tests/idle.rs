//! Workers that are killed while they wait for something to do cost no part its delivery, whether they ever had one or
//! not. Alone in its process: all children are workers.

mod support;

use mugai_isolate::Config;
use std::process::Command;
use std::time::{Duration, Instant};
use support::{children_of, config, pool, run, state_and_parent};

/// Kills all workers, and waits until they are dead.
fn kill_all() {
    for worker in children_of(std::process::id()) {
        drop(
            Command::new("kill")
                .args(["-9", &worker.to_string()])
                .status(),
        );
    }
    let begun = Instant::now();
    let lives = |worker: &u32| {
        let state = state_and_parent(*worker).map(|(state, _)| state);
        state.is_some_and(|state| state != "Z")
    };
    while children_of(std::process::id()).iter().any(lives)
        && begun.elapsed() < Duration::from_secs(10)
    {
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn workers_that_were_killed_while_they_waited_cost_nothing() {
    for fresh in [false, true] {
        let pool = pool(Config {
            workers: 2,
            fresh,
            ..config()
        });
        for _ in 0..4 {
            assert_eq!(run(&pool, "echo\nx").unwrap(), "x");
            kill_all();
        }
        assert_eq!(run(&pool, "echo\nx").unwrap(), "x");
    }
}

//! A pool that is killed takes its workers with it, even those that would never look up again.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;
use support::{children_of, config, pool, run, state_and_parent};

const HOST: &str = "MUGAI_TEST_HOST";

#[test]
fn workers_end_with_their_pool() {
    if std::env::var_os(HOST).is_some() {
        // this process is the one that is killed, in the middle of a part without an end
        let busy = pool(config());
        drop(run(&busy, "loop\n"));
        return;
    }
    let mut host = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "workers_end_with_their_pool"])
        .env(HOST, "1")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let worker = wait_for(|| children_of(host.id()).first().copied());
    // long enough to be confined and in the middle of its part
    sleep(Duration::from_millis(300));
    host.kill().unwrap();
    host.wait().unwrap();
    wait_for(|| {
        let state = state_and_parent(worker).map(|(state, _)| state);
        (state.is_none() || state.as_deref() == Some("Z")).then_some(())
    });
}

/// Asks again and again, for ten seconds at most.
fn wait_for<T>(mut ask: impl FnMut() -> Option<T>) -> T {
    let mut answers = (0..1_000).filter_map(|_| {
        sleep(Duration::from_millis(10));
        ask()
    });
    answers.next().unwrap()
}

//! Fail points: places where a test has the process killed. Builds without debug assertions, which
//! every release is, have none of this.
//!
//! `MUGAI_FAIL=STEP:N` kills at the N-th arrival at a step (SIGKILL, so that nothing is tidied up);
//! `MUGAI_FAIL_LOG=FILE` writes down every arrival. `MUGAI_PAUSE=STEP:FILE` makes FILE at the first arrival at
//! a step, and goes on once somebody took it away.

/// The process arrives at `step`.
#[cfg(not(debug_assertions))]
pub(crate) const fn point(_step: &str) {}

/// Whether the process is to die in the middle of `step`.
#[cfg(not(debug_assertions))]
pub(crate) const fn due(_step: &str) -> bool {
    false
}

#[cfg(not(debug_assertions))]
pub(crate) const fn die() {}

#[cfg(debug_assertions)]
pub(crate) use armed::{die, due, point};

#[cfg(debug_assertions)]
mod armed {
    use std::io::Write;
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

    static ARRIVALS: AtomicU64 = AtomicU64::new(0);

    /// The process arrives at `step`.
    pub(crate) fn point(step: &str) {
        if due(step) {
            die();
        }
        pause(step);
    }

    static PAUSED: AtomicBool = AtomicBool::new(false);

    fn pause(step: &str) {
        let Ok(ordered) = std::env::var("MUGAI_PAUSE") else {
            return;
        };
        let Some((at, file)) = ordered.split_once(':') else {
            return;
        };
        if at != step || PAUSED.swap(true, Ordering::SeqCst) {
            return;
        }
        let _ = std::fs::write(file, b"");
        while std::fs::exists(file).unwrap_or(false) {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }

    /// Whether the process is to die in the middle of `step`.
    pub(crate) fn due(step: &str) -> bool {
        log(step);
        let Ok(ordered) = std::env::var("MUGAI_FAIL") else {
            return false;
        };
        let Some((at, count)) = ordered.split_once(':') else {
            return false;
        };
        if at != step {
            return false;
        }
        let arrived = ARRIVALS.fetch_add(1, Ordering::SeqCst).saturating_add(1);
        count.parse() == Ok(arrived)
    }

    fn log(step: &str) {
        let Some(path) = std::env::var_os("MUGAI_FAIL_LOG") else {
            return;
        };
        let file = std::fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(path);
        if let Ok(mut file) = file {
            // one write: lines of several threads must not mix
            let _ = file.write_all(format!("{step}\n").as_bytes());
        }
    }

    /// Ends this process as a power cut would.
    pub(crate) fn die() {
        let me = rustix::process::getpid();
        let _ = rustix::process::kill_process(me, rustix::process::Signal::KILL);
        // the signal is on its way: nothing may happen any more
        std::thread::sleep(std::time::Duration::from_mins(1));
    }
}

//! Being asked to stop.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether somebody asked for an end: what is at work is finished, nothing more is taken.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asked for by the first SIGINT or SIGTERM. The second one ends the process at once, with code
    /// 130; what was not finished is done again by the next run.
    ///
    /// # Errors
    /// What the system says.
    pub fn on_signals() -> io::Result<Self> {
        let stop = Self::default();
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            // in this order: the first signal finds the flag unset
            let code = i32::from(crate::Exit::Interrupted.code());
            signal_hook::flag::register_conditional_shutdown(signal, code, Arc::clone(&stop.0))?;
            signal_hook::flag::register(signal, Arc::clone(&stop.0))?;
        }
        Ok(stop)
    }

    /// Asks for an end.
    pub fn ask(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether somebody asked.
    #[must_use]
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

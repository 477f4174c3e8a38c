//! The line that is written of a call. Its fields are listed in docs/observability.md.

use crate::call::Call;
use crate::summary::NONE;
use std::time::Duration;

/// Writes the line of a call: fields that do not apply are empty, `none`, or 0, so that every line
/// has the same ones. `file` is there only where names may be told.
pub(crate) fn call(call: &Call) {
    let millis = millis(call.times.elapsed());
    let (rpc, code) = (call.rpc.code(), call.code);
    let reason = call.reason().map_or(NONE, crate::Reason::code);
    let (caller, queue_id) = (call.caller.as_str(), call.queue_id.as_str());
    let Some(work) = &call.work else {
        tracing::info!(
            target: "mugai::call",
            rpc, code, reason, millis, caller, queue_id,
            bytes_in = call.bytes_in, bytes_out = call.bytes_out,
            "call"
        );
        return;
    };
    let summary = &work.summary;
    let [kept, rewritten, removed, withheld] = summary.counts();
    tracing::info!(
        target: "mugai::call",
        rpc, code, reason, millis,
        wait_millis = self::millis(work.began.saturating_duration_since(work.asked)),
        job_millis = self::millis(work.ended.saturating_duration_since(work.began)),
        caller, queue_id,
        id = summary.id,
        policy = summary.policy,
        policy_hash = summary.policy_hash,
        from = summary.from,
        to = summary.to,
        verdict = summary.verdict,
        refusal = summary.refusal,
        kind = summary.kind(),
        file = summary.file,
        parts = summary.parts.len(),
        kept, rewritten, removed, withheld,
        findings = summary.findings(),
        bytes_in = call.bytes_in,
        bytes_out = call.bytes_out,
        "call"
    );
    if summary.alarm {
        tracing::error!(
            target: "mugai::call",
            id = summary.id,
            "alarm: a refusal of our own doing"
        );
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
pub(crate) mod kept {
    //! What a test writes to the log.

    use std::io;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What `work` writes on this thread.
    pub(crate) fn written(work: impl FnOnce()) -> String {
        let kept = Kept::default();
        let writer = kept.clone();
        let lines = tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .with_ansi(false)
            .finish();
        tracing::subscriber::with_default(lines, work);
        let bytes = kept.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }
}

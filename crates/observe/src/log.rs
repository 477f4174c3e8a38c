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

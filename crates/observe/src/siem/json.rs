//! An event as one JSON object. Every event has every key; `file` is null where names are not told.

use crate::events::Event;

pub(super) fn write(event: &Event) -> String {
    let number: u32 = event.what.number().parse().unwrap_or_default();
    serde_json::json!({
        "at": humantime::format_rfc3339_millis(event.at).to_string(),
        "event": number,
        "name": event.what.name(),
        "severity": event.what.severity(),
        "caller": event.caller,
        "queue_id": event.queue_id,
        "id": event.id,
        "policy_hash": event.policy_hash,
        "path": event.path,
        "kind": event.kind,
        "reason": event.reason,
        "count": event.count,
        "bytes": event.bytes,
        "file": event.file,
    })
    .to_string()
}

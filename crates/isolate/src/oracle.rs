//! What must hold for whatever stands on the control socket, for fuzzers (feature `oracle`).

use crate::process::check::said;
use crate::protocol::{Order, Report};
use mugai_core::Refusal;

/// Reads `bytes` as a message to a worker or verifier, and as one from it.
///
/// # Panics
/// When something that is not exactly a message is taken for one.
pub fn messages(bytes: &[u8]) {
    if let Ok(order) = Order::decode(bytes) {
        assert_eq!(order.encode(), bytes, "{order:?}");
        assert!(Report::decode(bytes).is_err(), "an order and a report");
    }
    if let Ok(report) = Report::decode(bytes) {
        assert_eq!(report.encode(), bytes, "{report:?}");
    }
}

/// What a verifier's message comes to that answers order `sequence`, with `window` in its answer arena.
///
/// # Errors
/// [`Refusal::Unverified`] with the rule that it names, [`Refusal::Lost`] for what no honest one says.
///
/// # Panics
/// When anything but the one plain yes to this order accepts a draft.
pub fn answer(sequence: u32, message: &[u8], window: &[u8]) -> Result<(), Refusal> {
    let read = |rule: &mut [u8]| {
        rule.copy_from_slice(window.get(..rule.len())?);
        Some(())
    };
    let told = Report::decode(message).map_or(Err(crate::process::check::LIE), |report| {
        said(report, sequence, window.len(), read)
    });
    let plain = Report::Checked {
        sequence,
        outside: None,
    };
    assert_eq!(told.is_ok(), message == plain.encode(), "{message:?}");
    told
}

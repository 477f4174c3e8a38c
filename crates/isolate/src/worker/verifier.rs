//! The verifier's side: confine, say ready, check drafts until the pool hangs up.

use crate::arena::{KEEP_BYTES, write_at};
use crate::protocol::{AT_ONCE, Order, Outside, Report};
use crate::worker::pull::Pull;
use crate::worker::{Desk, STRANGE};
use mugai_core::{Places, Violation};
use std::ffi::OsString;
use std::process::ExitCode;

/// The whole life of a verifier: the entry point of the other hidden role of the executable.
///
/// As [`worker_main`](crate::worker_main), but with drafts in the place of parts and a checker in the place of
/// readers. `check` is given the question, which is between the two halves of the checker alone, and the draft, of
/// which it takes the places that it needs. It must not make threads or open files.
///
/// Returns when the pool is gone.
pub fn verifier_main(
    arguments: impl IntoIterator<Item = OsString>,
    mut check: impl FnMut(&[u8], &mut dyn Places) -> Result<(), Violation>,
) -> ExitCode {
    let desk = match Desk::confined(arguments) {
        Ok(desk) => desk,
        Err(code) => return code,
    };
    let mut input = Vec::new();
    while let Ok(message) = desk.link.receive() {
        if desk
            .judge(message.bytes(), &mut input, &mut check)
            .is_none()
        {
            return ExitCode::from(STRANGE);
        }
        if input.capacity() > KEEP_BYTES {
            input = Vec::new();
        }
    }
    ExitCode::SUCCESS
}

impl Desk {
    /// Answers one order; `None` when it makes no sense, or nobody takes the answer.
    fn judge(
        &self,
        order: &[u8],
        input: &mut Vec<u8>,
        check: &mut impl FnMut(&[u8], &mut dyn Places) -> Result<(), Violation>,
    ) -> Option<()> {
        let Ok(Order::Check {
            sequence,
            question,
            draft,
        }) = Order::decode(order)
        else {
            return None;
        };
        let apart = draft > AT_ONCE;
        let head = self.read_input(input, question, if apart { 0 } else { draft })?;
        let (question, rest) = input.split_at_checked(head)?;
        let length = usize::try_from(draft).ok()?;
        let checked = if apart {
            check(question, &mut Pull::new(self, sequence, length))
        } else {
            check(question, &mut rest.get(..length)?)
        };
        let outside = match checked {
            Ok(()) => None,
            Err(violation) => {
                let rule = violation.rule.as_str().as_bytes();
                write_at(&self.answer, rule, 0).ok()?;
                Some(Outside {
                    rule: u32::try_from(rule.len()).ok()?,
                    offset: violation.offset,
                })
            }
        };
        let report = Report::Checked { sequence, outside };
        self.link.send(&report.encode()).ok()
    }
}

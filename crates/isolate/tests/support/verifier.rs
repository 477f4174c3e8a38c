//! A verifier that says what its question tells it to say.

use crate::{attempts, lies};
use mugai_core::places::whole;
use mugai_core::{Remark, Violation};
use std::ffi::OsString;
use std::process::ExitCode;

pub(crate) fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut drafts = 0u64;
    mugai_isolate::verifier_main(arguments, move |question, draft| {
        drafts = drafts.saturating_add(1);
        let places = draft;
        let Some(draft) = whole(places) else {
            return Err(Violation::of("test: no draft"));
        };
        let draft = &*draft;
        let says = |rule: &str, offset| {
            let rule = Remark::parse(rule).unwrap_or(Remark::fixed("test: no remark"));
            Err(Violation { rule, offset })
        };
        match question {
            b"accept" => Ok(()),
            b"length" => says("test: length", u64::try_from(draft.len()).ok()),
            b"last" => says("test: last", draft.last().map(|byte| u64::from(*byte))),
            b"count 8" => {
                let eights = draft.split(|byte| *byte == 8).count().saturating_sub(1);
                says("test: count", u64::try_from(eights).ok())
            }
            b"descriptors" => says(
                "test: descriptors",
                u64::try_from(crate::raw::descriptors_to_read().len()).ok(),
            ),
            b"drafts" => says("test: drafts", Some(drafts)),
            b"strange" => Err(Violation::of("test: \u{1b}[0m and worse")),
            b"lie" => {
                drop(lies::tell(draft));
                Ok(())
            }
            other => says(
                &attempts::attempt(&String::from_utf8_lossy(other), draft),
                None,
            ),
        }
    })
}

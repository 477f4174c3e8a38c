//! Calls as a service has them.

use mugai_engine::PartReport;
use mugai_engine::report::{
    FindingReport, InputReport, PolicyReport, RefusalReport, Report, Status, Totals,
};
use mugai_observe::{Call, Config, Observer, Opening, Raw, Rpc, Stage};
use std::time::Instant;

/// A name as somebody hostile would choose it.
pub(crate) const HOSTILE: &str = "a|b=c\\\"\u{202e}fdp\n<20>1 x.exe";

/// What every name of these tests has in it.
pub(crate) const MARK: &str = "fdp";

/// A configuration from the text of its `[observe]` table.
pub(crate) fn config(text: &str) -> Config {
    let raw: Raw = toml::from_str(text).expect("a table");
    raw.checked().expect("a good table")
}

pub(crate) fn part(path: &str, kind: &'static str) -> PartReport {
    PartReport {
        path: path.to_owned(),
        name: Some(HOSTILE.to_owned()),
        declared: Some("text/hostile".to_owned()),
        kind,
        treatment: "text",
        verdict: Status::Kept,
        refusal: None,
        output: None,
        findings: Vec::new(),
        bytes_in: 10,
        bytes_out: 9,
        steps: 1,
    }
}

/// A mail with a script that was left out, a part that met a limit, and one that was lost.
pub(crate) fn report() -> Report {
    let refusal = |code: &'static str, detail: &str| {
        Some(RefusalReport {
            code,
            detail: detail.to_owned(),
        })
    };
    let mut parts: Vec<PartReport> = vec![part("0", "mail"), part("0.1", "html")];
    parts[1].findings.push(FindingReport {
        names: Vec::new(),
        code: "html.script",
        action: "removed",
        count: 3,
    });
    for (path, code, detail) in [
        ("0.2", "overrun", "overrun: pixels over 5"),
        ("0.3", "lost_crash", "lost_crash"),
    ] {
        parts.push(PartReport {
            verdict: Status::Withheld,
            refusal: refusal(code, detail),
            ..part(path, "png")
        });
    }
    Report {
        schema: mugai_engine::report::SCHEMA,
        id: "TICKET".to_owned(),
        engine: "0",
        policy: PolicyReport {
            name: "city".to_owned(),
            hash: "abc".to_owned(),
            from: "internet".to_owned(),
            to: "lgwan".to_owned(),
        },
        input: InputReport {
            path: HOSTILE.to_owned(),
            bytes: 10,
            digests: None,
        },
        verdict: "sanitised",
        refusal: None,
        outputs: Vec::new(),
        totals: Totals::of(&parts),
        parts,
    }
}

/// A call that was answered, with a job.
pub(crate) fn answered(observer: &Observer) -> Call {
    let mut call = Call::begin(Rpc::SanitiseStream);
    call.code = "OK";
    call.stage = Stage::Job;
    "relay".clone_into(&mut call.caller);
    "4XkQ2z".clone_into(&mut call.queue_id);
    (call.bytes_in, call.bytes_out) = (10, 9);
    let now = Instant::now();
    let openings = ["mail", "html"].map(|kind| Opening {
        kind: mugai_core::Kind::ALL
            .iter()
            .copied()
            .find(|known| known.code() == kind),
        bytes: 10,
        began: now,
        ended: now,
    });
    call.work(now, now, openings.into(), observer.summary(&report()));
    call
}

/// A call that was turned away.
pub(crate) fn refused() -> Call {
    let mut call = Call::begin(Rpc::Unknown);
    call.stage = Stage::Gate;
    call.code = "PERMISSION_DENIED";
    call
}

//! Honest workers: what goes in comes out, warm or fresh, small or large.

mod support;

use mugai_core::{FindingCode, Kind, Opener, Piece, Refusal, Resource, Untrusted};
use mugai_isolate::Config;
use std::num::NonZero;
use support::{LIMITS, Notebook, config, order, pool, run, run_with};

#[test]
fn pieces_findings_and_refusals_come_through() {
    let pool = pool(config());
    assert_eq!(run(&pool, "echo\n無害化\n").unwrap(), "無害化\n");
    let (sink, result, _) = run_with(&pool, "note 7\n", LIMITS);
    assert_eq!(result, Ok(()));
    assert_eq!(sink.kind, Some(Kind::Plain));
    assert_eq!(sink.findings[0].code, FindingCode::TextBidi);
    assert_eq!(sink.findings[0].count, 7);
    let refusal = Refusal::malformed("test: as ordered");
    assert_eq!(run(&pool, "refuse\n"), Err(refusal));
    // a refusal is no anomaly: it is still the first worker
    assert_eq!(run(&pool, "parts\n").unwrap(), "4");
}

//! Every target in one executable, for campaigns: `MUGAI_FUZZ` names the one that runs.
#![no_main]
use mugai_testkit::oracle;
use std::sync::OnceLock;

static ORACLE: OnceLock<fn(&[u8])> = OnceLock::new();

libfuzzer_sys::fuzz_target!(
    init: {
        let wanted = std::env::var("MUGAI_FUZZ").unwrap_or_default();
        let found = oracle::ALL.iter().find(|(name, _)| *name == wanted);
        let (_, found) = found.expect("MUGAI_FUZZ names a target");
        let _ = ORACLE.set(*found);
    },
    |data: &[u8]| {
        if let Some(oracle) = ORACLE.get() {
            oracle(data);
        }
    }
);

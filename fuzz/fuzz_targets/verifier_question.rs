#![no_main]
use mugai_testkit::oracle;

libfuzzer_sys::fuzz_target!(|data: &[u8]| oracle::verifier_question(data));

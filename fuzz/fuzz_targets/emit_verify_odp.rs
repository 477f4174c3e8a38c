#![no_main]
use mugai_core::Target;
use mugai_testkit::oracle;

libfuzzer_sys::fuzz_target!(|data: &[u8]| oracle::emit_verify(Target::Odp, data));

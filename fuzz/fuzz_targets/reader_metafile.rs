#![no_main]
use mugai_core::Kind;
use mugai_testkit::oracle;

libfuzzer_sys::fuzz_target!(|data: &[u8]| oracle::reader(Kind::Metafile, data));

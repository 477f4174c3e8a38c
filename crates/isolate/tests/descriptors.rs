//! Descriptors that whoever started us left open. Alone in its process: one that is left open between the moment when they are
//! closed for others and that when a worker is started reaches that worker, which is not used then.

#![expect(
    clippy::unwrap_used,
    reason = "what a test needs and does not get fails it"
)]

mod support;

use mugai_core::{Conversion, Kind, Opener, Patience, Refusal, Untrusted, Violation};
use mugai_isolate::{Config, ConverterConfig};
use std::ffi::OsString;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use support::{config, pool, run};

/// A descriptor that is not closed when a program is executed.
fn left_open() -> OwnedFd {
    rustix::io::dup(File::open("/etc/passwd").unwrap()).unwrap()
}

#[test]
fn they_reach_neither_workers_nor_verifiers_nor_the_suite() {
    let _before = left_open();
    let folder = tempfile::tempdir().unwrap();
    let program = PathBuf::from(env!("CARGO_BIN_EXE_isolate-test-worker"));
    let pool = pool(Config {
        verifier: Some(vec![OsString::from("verifier")]),
        converter: Some(ConverterConfig {
            folders: folder.path().to_owned(),
            ..ConverterConfig::new(program)
        }),
        ..config()
    });
    let _later = left_open();
    // both arenas and the bulk socket
    assert_eq!(run(&pool, "descriptors\n").unwrap(), "3");
    run(&pool, "abort\n").unwrap_err();
    assert_eq!(run(&pool, "descriptors\n").unwrap(), "3");
    let told = pool.check(b"descriptors", &[], Patience::default());
    let violation = Violation {
        offset: Some(3),
        ..Violation::of("test: descriptors")
    };
    assert_eq!(told, Some(Err(Refusal::Unverified(violation))));
    let document = Untrusted::new(b"descriptors\n".to_vec());
    let conversion = Conversion::into_pages(Kind::Rtf).unwrap();
    let made = pool.convert(&document, conversion, 1 << 10, Patience::default());
    assert_eq!(*made.unwrap().load().unwrap(), *b"[]");
}

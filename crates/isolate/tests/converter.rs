//! The converter's fences, with a program in the place of the office suite that does what the document
//! says: what a suite that was taken over could try.

#![expect(
    clippy::unwrap_used,
    reason = "what a test needs and does not get fails it"
)]

mod support;

use mugai_core::{Conversion, Kind, Loss, NO_CONVERTER, Opener, Patience, Refusal, Untrusted};
use mugai_isolate::{Config, ConverterConfig, Pool};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};
use support::{children_of, config, pool};

/// A folder of its own for the documents of one test.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let own = format!("mugai-converter-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(own);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn settings(&self) -> ConverterConfig {
        ConverterConfig {
            deadline: Duration::from_secs(20),
            folders: self.0.clone(),
            // enough for it, and what the one that eats memory gets
            memory_bytes: 512 << 20,
            ..ConverterConfig::new(PathBuf::from(env!("CARGO_BIN_EXE_isolate-test-worker")))
        }
    }

    fn is_empty(&self) -> bool {
        std::fs::read_dir(&self.0).unwrap().next().is_none()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn with(converter: ConverterConfig) -> Pool {
    pool(Config {
        converter: Some(converter),
        ..config()
    })
}

/// Has a "document" converted: its first line is a command, the rest its matter.
fn convert(pool: &Pool, document: &str, limit: u64) -> Result<String, Refusal> {
    let document = Untrusted::new(document.as_bytes().to_vec());
    let conversion = Conversion::into_pages(Kind::Rtf).unwrap();
    let made = pool.convert(&document, conversion, limit, Patience::default())?;
    Ok(String::from_utf8(made.load().unwrap().to_vec()).unwrap())
}

const LIMIT: u64 = 1 << 20;
const NOTHING: Refusal = Refusal::malformed("office: LibreOffice made nothing of the document");

#[test]
fn a_document_goes_in_and_what_was_made_comes_out() {
    let place = Place::new("good");
    let pool = with(place.settings());
    assert_eq!(convert(&pool, "echo\nhello", LIMIT).unwrap(), "hello");
    let again = convert(&pool, "again\nhello", LIMIT);
    assert_eq!(again.unwrap(), "hello", "started anew when it asks for it");
    assert!(place.is_empty(), "nothing of a document is left");
}

#[test]
fn what_a_taken_over_suite_tries_is_denied() {
    let place = Place::new("escape");
    let outside = Place::new("outside");
    let pool = with(place.settings());
    let target = outside.0.join("file");
    for name in [
        "open",
        "create",
        "tcp",
        "tcp-connect",
        "udp",
        "unix-connect",
        "kill-parent",
        "fork",
        "exec",
        "exec-own",
        "symlink",
        "chmod",
        "ptrace",
        "io-uring",
        "unshare",
    ] {
        let document = format!("{name}\n{}", target.display());
        let told = convert(&pool, &document, LIMIT);
        let told = told.unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        assert!(told.starts_with("denied"), "{name}: {told}");
    }
    assert!(outside.is_empty());
    // what it needs, and so may do
    for name in ["thread", "exec-mem"] {
        assert_eq!(convert(&pool, name, LIMIT).unwrap(), "escaped", "{name}");
    }
    let variables = convert(&pool, "environment\n", LIMIT).unwrap();
    for own in ["HOME=", "TMPDIR=", "FONTCONFIG_FILE="] {
        let inside = format!("{own}{}", place.0.canonicalize().unwrap().display());
        assert!(variables.contains(&inside), "{variables}");
    }
    assert!(!variables.contains("PATH="), "{variables}");
    assert_eq!(convert(&pool, "rights\n", LIMIT).unwrap(), "none");
    assert!(place.is_empty());
}

#[test]
fn what_it_leaves_is_not_believed() {
    let place = Place::new("left");
    let pool = with(place.settings());
    for (document, refusal) in [
        ("silent\n", NOTHING),
        ("folder\n", NOTHING),
        ("echo\n", NOTHING),
        ("exit\n3", Refusal::Lost(Loss::Crash)),
        ("abort\n", Refusal::Lost(Loss::Crash)),
        ("bomb\n", Refusal::Lost(Loss::Crash)),
    ] {
        assert_eq!(convert(&pool, document, LIMIT), Err(refusal), "{document}");
    }
    let long = format!("echo\n{}", "x".repeat(11));
    assert!(matches!(
        convert(&pool, &long, 10),
        Err(Refusal::Overrun { limit: 10, .. })
    ));
    assert!(place.is_empty());
}

#[test]
fn one_that_does_not_end_is_killed_with_all_that_it_left() {
    let place = Place::new("late");
    let pool = with(ConverterConfig {
        deadline: Duration::from_millis(300),
        ..place.settings()
    });
    assert_eq!(
        convert(&pool, "loop\n", LIMIT),
        Err(Refusal::Lost(Loss::Deadline))
    );
    // other tests have children as well; of ours the command line names the folder
    let name = place.0.file_name().unwrap().to_string_lossy().into_owned();
    for child in children_of(std::process::id()) {
        let line = std::fs::read(format!("/proc/{child}/cmdline")).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&line).contains(&name));
    }
    assert!(place.is_empty());
    // and one that nobody waits for
    let cancelled = AtomicBool::new(true);
    let patience = Patience {
        until: Instant::now().checked_add(Duration::from_mins(1)),
        cancelled: Some(&cancelled),
    };
    let document = Untrusted::new(b"loop\n".to_vec());
    let conversion = Conversion::into_modern(Kind::Doc).unwrap();
    assert_eq!(
        pool.convert(&document, conversion, LIMIT, patience),
        Err(Refusal::Lost(Loss::Deadline))
    );
    assert!(place.is_empty());
}

#[test]
fn one_that_fills_its_folder_is_stopped() {
    let place = Place::new("full");
    let pool = with(ConverterConfig {
        folder_bytes: 8 << 20,
        ..place.settings()
    });
    let refusal = convert(&pool, "fill\n", LIMIT).unwrap_err();
    assert!(matches!(refusal, Refusal::Overrun { .. }), "{refusal}");
    assert!(place.is_empty());
}

#[test]
fn without_a_suite_conversions_are_refused() {
    let pool = pool(config());
    assert_eq!(convert(&pool, "echo\nhello", LIMIT), Err(NO_CONVERTER));
    let place = Place::new("none");
    let gone = with(ConverterConfig {
        program: PathBuf::from("/nowhere/program/soffice.bin"),
        ..place.settings()
    });
    let refusal = convert(&gone, "echo\nhello", LIMIT).unwrap_err();
    assert_eq!(refusal.code(), "internal");
}

//! The converter's fences, with a program in the place of the office suite that does what the document
//! says: what a suite that was taken over could try.

#![expect(
    clippy::unwrap_used,
    reason = "what a test needs and does not get fails it"
)]

mod support;

use mugai_core::{
    Conversion, Kind, Loss, NO_CONVERTER, Opener, Patience, Refusal, Resource, Untrusted,
};
use mugai_isolate::{Config, ConverterConfig, Pool, Watching};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
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
            // what is not about time must not fail for it where the machine has much else to do
            deadline: Duration::from_mins(2),
            folders: self.0.clone(),
            // enough for it, and what the one that eats memory gets
            memory_bytes: 512 << 20,
            ..ConverterConfig::new(PathBuf::from(env!("CARGO_BIN_EXE_isolate-test-worker")))
        }
    }

    fn is_empty(&self) -> bool {
        std::fs::read_dir(&self.0).unwrap().next().is_none()
    }

    /// What takes long to be cleared away is cleared away later.
    fn is_empty_soon(&self) {
        let is_empty = (0..6_000).any(|_| {
            std::thread::sleep(Duration::from_millis(10));
            self.is_empty()
        });
        assert!(is_empty, "{}", self.0.display());
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
        "set-owner",
        "set-signal",
        "notify",
        "map-shared",
        "map-shared-unfiled",
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
        // codes mean nothing: its own role once ended with these
        ("exit\n70", Refusal::Lost(Loss::Crash)),
        ("exit\n71", Refusal::Lost(Loss::Crash)),
        ("exit\n72", Refusal::Lost(Loss::Crash)),
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

/// With and without names, in many folders and in deep ones; and nothing of it is left.
#[test]
fn one_that_fills_its_folder_is_stopped() {
    let place = Place::new("full");
    for (document, folder_bytes, resource) in [
        ("fill\n", 8 << 20, Resource::Bytes),
        ("fill-unnamed\n", 8 << 20, Resource::Bytes),
        // a folder takes some thousand bytes
        ("many\n", 1 << 30, Resource::Parts),
        ("deep\n", 1 << 30, Resource::Depth),
    ] {
        let pool = with(ConverterConfig {
            folder_bytes,
            ..place.settings()
        });
        let refusal = convert(&pool, document, LIMIT).unwrap_err();
        let is_it = matches!(refusal, Refusal::Overrun { resource: of, .. } if of == resource);
        assert!(is_it, "{document}: {refusal}");
        place.is_empty_soon();
    }
}

/// The processor time of this thread until now, in the kernel's ticks of 10 ms (proc(5): `utime` and `stime`).
fn cpu_time() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
    let (_, behind_name) = told.rsplit_once(')').unwrap();
    let numbers = behind_name.split_whitespace().skip(11).take(2);
    let ticks: u64 = numbers.map(|number| number.parse::<u64>().unwrap()).sum();
    Duration::from_millis(ticks.saturating_mul(10))
}

/// Where files lie in memory nobody counts what is written to them so.
#[test]
fn one_that_writes_to_files_through_memory_is_stopped() {
    let place = Place::new("mapped");
    let pool = with(place.settings());
    let why = Refusal::malformed("office: LibreOffice wrote to a file through memory");
    assert_eq!(convert(&pool, "fill-mapped\n", LIMIT), Err(why));
    place.is_empty_soon();
}

#[test]
fn that_it_can_be_watched_is_known_before_the_first_document() {
    assert_eq!(pool(config()).converter_watching(), Watching::NoConverter);
    let place = Place::new("trial");
    assert_eq!(with(place.settings()).converter_watching(), Watching::Shown);
}

/// Too much is seen soon, or the deadline ends it; neither is waited for.
#[test]
fn looking_and_clearing_away_cost_little_whatever_fills_the_folder() {
    let place = Place::new("hurry");
    for document in ["many\n", "deep\n"] {
        let deadline = Duration::from_millis(150);
        let pool = with(ConverterConfig {
            deadline,
            ..place.settings()
        });
        let (begun, worked) = (Instant::now(), cpu_time());
        let end = convert(&pool, document, LIMIT);
        let (took, worked) = (begun.elapsed(), cpu_time().saturating_sub(worked));
        // too much may be seen before
        let is_over = |refusal: &Refusal| {
            matches!(
                refusal,
                Refusal::Lost(Loss::Deadline) | Refusal::Overrun { .. }
            )
        };
        assert!(end.as_ref().is_err_and(is_over), "{document}: {end:?}");
        // what looking and clearing away cost is the work of this thread, however long others made it wait
        assert!(
            worked < deadline + Duration::from_secs(1),
            "{document}: {worked:?} of work"
        );
        // and it does not wait for what never ends
        assert!(took < Duration::from_mins(1), "{document}: {took:?}");
        place.is_empty_soon();
    }
}

#[test]
fn it_is_the_first_to_go_where_memory_is_short() {
    let place = Place::new("first");
    let pool = with(ConverterConfig {
        deadline: Duration::from_secs(5),
        ..place.settings()
    });
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let job = scope.spawn(|| {
            let patience = Patience {
                until: None,
                cancelled: Some(&ended),
            };
            let document = Untrusted::new(b"loop\n".to_vec());
            let conversion = Conversion::into_modern(Kind::Doc).unwrap();
            drop(pool.convert(&document, conversion, LIMIT, patience));
        });
        let name = place.0.file_name().unwrap().to_string_lossy().into_owned();
        let score = (0..400).find_map(|_| {
            std::thread::sleep(Duration::from_millis(10));
            children_of(std::process::id())
                .into_iter()
                .find_map(|child| {
                    let told = |file: &str| std::fs::read(format!("/proc/{child}/{file}")).ok();
                    let line = String::from_utf8_lossy(&told("cmdline")?).into_owned();
                    // it has become the suite
                    let is_suite = line.contains("--convert-to") && line.contains(&name);
                    let score = String::from_utf8(told("oom_score_adj")?).ok()?;
                    is_suite.then(|| score.trim_end().to_owned())
                })
        });
        ended.store(true, Ordering::Relaxed);
        job.join().unwrap();
        assert_eq!(score.as_deref(), Some("1000"));
    });
}

/// What a keeper left that was killed in the middle of a document.
#[test]
fn folders_that_nobody_holds_go_when_a_pool_starts() {
    let place = Place::new("swept");
    let left = place.0.join("mugai-convert-1-7");
    std::fs::create_dir_all(left.join("out/deep")).unwrap();
    std::fs::write(left.join("in.doc"), "document").unwrap();
    // longer ago than any document takes; a younger one may be that of a program that does not lock it
    let then = std::time::SystemTime::now() - Duration::from_hours(1);
    let folder = std::fs::File::open(&left).unwrap();
    folder.set_modified(then).unwrap();
    let _pool = with(place.settings());
    place.is_empty_soon();
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
    let why = Refusal::internal("converter: LibreOffice cannot be executed");
    assert_eq!(refusal, why);
}

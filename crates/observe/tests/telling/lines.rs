//! Lines of the log.

use crate::world::{HOSTILE, MARK, answered, config, refused};
use mugai_observe::Observer;
use std::io;
use std::sync::{Arc, Mutex};
use tracing_subscriber::fmt::MakeWriter;

/// Keeps what is written.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Kept {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// What is written of two calls.
fn written(names: bool, json: bool) -> String {
    let kept = Kept::default();
    let lines = tracing_subscriber::fmt()
        .with_writer(kept.clone())
        .with_ansi(false);
    let tell = || {
        let observer = Observer::start(&config(&format!("file_names = {names}"))).unwrap();
        observer.call(&answered(&observer));
        observer.call(&refused());
    };
    if json {
        let lines = lines.json().flatten_event(true).finish();
        tracing::subscriber::with_default(lines, tell);
    } else {
        tracing::subscriber::with_default(lines.finish(), tell);
    }
    let bytes = kept.0.lock().unwrap().clone();
    String::from_utf8(bytes).expect("text")
}

#[test]
fn a_call_is_one_line_whatever_it_is_called() {
    for json in [false, true] {
        for names in [false, true] {
            let text = written(names, json);
            assert_eq!(text.lines().count(), 2, "{text}");
            assert_eq!(text.contains(MARK), names, "{text}");
            let printable =
                |c: char| c == '\n' || c.escape_debug().len() == 1 || "\"'\\".contains(c);
            assert!(text.chars().all(printable), "{text}");
        }
    }
}

#[test]
fn fields_are_stable() {
    let text = written(true, true);
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(lines.len(), 2, "{text}");
    let (job, refused) = (&lines[0], &lines[1]);
    let names: Vec<&str> = job
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let documented = include_str!("../../../../docs/observability.md");
    for name in &names {
        let row = format!("| `{name}` |");
        assert!(documented.contains(&row), "{name} is not documented");
    }
    assert_eq!(names.len(), 29, "{names:?}");
    assert_eq!(job["verdict"], "sanitised");
    assert_eq!(job["queue_id"], "4XkQ2z");
    assert_eq!(job["policy_hash"], "abc");
    assert_eq!((&job["parts"], &job["withheld"]), (&4.into(), &2.into()));
    assert_eq!(
        (&job["bytes_in"], &job["bytes_out"]),
        (&10.into(), &9.into())
    );
    assert_eq!(job["file"], mugai_observe::plain(HOSTILE));
    assert_eq!(refused["reason"], "caller");
}

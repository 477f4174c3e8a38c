//! A folder with inputs, a queue and a store, and the executable run with them.

use crate::http;
use crate::servers::Server;
use rustix::process::{Pid, Signal, kill_process};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// The bucket of the tests.
const BUCKET: &str = "bucket";

/// What the executable is told in every test: the same rules for everybody.
const RULES: [&str; 2] = ["--policy", "text-only"];

/// Servers and a folder of its own for one test.
pub(crate) struct World {
    folder: tempfile::TempDir,
    pub(crate) nats: Server,
    s3: Option<Server>,
}

/// What a run said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl World {
    /// With an S3 server; none where this machine lacks one of the servers. `queue` is added to the table
    /// of the queue.
    pub(crate) fn s3(queue: &str) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let nats = Server::nats(&folder.path().join("streams"), &[])?;
        let s3 = Server::s3(&[])?;
        let (status, _) = http::request(s3.port, "PUT", &format!("/{BUCKET}"), b"");
        assert_eq!(status, 200);
        let store = format!(
            "url = \"s3://{BUCKET}/a/b\"\nendpoint = \"http://127.0.0.1:{}\"",
            s3.port
        );
        let world = Self {
            folder,
            nats,
            s3: Some(s3),
        };
        world.configure(queue, &store);
        Some(world)
    }

    /// With a folder as store.
    pub(crate) fn folder(queue: &str) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let nats = Server::nats(&folder.path().join("streams"), &[])?;
        let store = format!("url = \"file://{}\"", folder.path().join("store").display());
        let world = Self {
            folder,
            nats,
            s3: None,
        };
        world.configure(queue, &store);
        Some(world)
    }

    /// With servers that were started otherwise.
    pub(crate) fn with(folder: tempfile::TempDir, nats: Server, config: &str) -> Self {
        let world = Self {
            folder,
            nats,
            s3: None,
        };
        world.file("batch.toml", config.as_bytes());
        world
    }

    fn configure(&self, queue: &str, store: &str) {
        // one of several servers may be down; nobody listens at port 1
        let url = format!(
            "url = \"nats://127.0.0.1:1, nats://127.0.0.1:{}\"",
            self.nats.port
        );
        let text = format!("[queue]\n{url}\n{queue}\n[store]\n{store}\n");
        self.file("batch.toml", text.as_bytes());
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file.
    pub(crate) fn file(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    }

    /// `mugai` with these words.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mugai"));
        command
            .args(words)
            .args(RULES)
            .current_dir(self.folder.path())
            .env("AWS_ACCESS_KEY_ID", "a")
            .env("AWS_SECRET_ACCESS_KEY", "b")
            .stdin(Stdio::null());
        command
    }

    /// `mugai batch VERB -c batch.toml …`, to its end.
    pub(crate) fn batch(&self, verb: &str, words: &[&str]) -> Said {
        let mut all = vec!["batch", verb, "-c", "batch.toml"];
        all.extend(words);
        self.command(&all)
            .output()
            .expect("the executable runs")
            .into()
    }

    /// As [`Self::batch`], and everything is in order.
    pub(crate) fn good(&self, verb: &str, words: &[&str]) -> Said {
        let said = self.batch(verb, words);
        assert!(matches!(said.code, Some(0 | 1)), "{verb}: {said:?}");
        said
    }

    /// A node that runs on.
    pub(crate) fn node(&self, words: &[&str]) -> Node {
        let mut all = vec!["batch", "work", "-c", "batch.toml", "--jobs", "2"];
        all.extend(words);
        spawn(&mut self.command(&all))
    }

    /// What `reconcile --json` or `status --json` says.
    pub(crate) fn json(&self, verb: &str, words: &[&str]) -> (Option<i32>, serde_json::Value) {
        let mut all = vec!["--json"];
        all.extend(words);
        let said = self.batch(verb, &all);
        let value = serde_json::from_str(&said.out);
        assert!(value.is_ok(), "{verb}: {said:?}");
        (said.code, value.expect("it is"))
    }

    /// The files below a folder with their contents; the journal is not among them.
    pub(crate) fn tree(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        let root = self.path(folder);
        let mut open = vec![root.clone()];
        while let Some(at) = open.pop() {
            for path in mugai_testkit::corpus::files(&at).expect("a folder") {
                if path.ends_with(".mugai") {
                    continue;
                }
                if path.is_dir() {
                    open.push(path);
                } else {
                    let name = path.strip_prefix(&root).expect("below").to_string_lossy();
                    files.insert(name.into_owned(), std::fs::read(&path).expect("a file"));
                }
            }
        }
        files
    }

    /// What one machine makes of the same inputs.
    pub(crate) fn local(&self, inputs: &[&str]) -> BTreeMap<String, Vec<u8>> {
        let mut words = vec!["sanitise", "-o", "local"];
        words.extend(inputs);
        let said: Said = self
            .command(&words)
            .output()
            .expect("the executable runs")
            .into();
        assert!(said.code.is_some_and(|code| code != 2), "{said:?}");
        self.tree("local")
    }

    /// Puts something else where an object of the store is; nothing takes it away.
    pub(crate) fn spoil(&self, name: &str, content: Option<&[u8]>) {
        if let Some(s3) = &self.s3 {
            let path = format!("/{BUCKET}/a/b/{name}");
            let method = if content.is_some() { "PUT" } else { "DELETE" };
            let (status, body) = http::request(s3.port, method, &path, content.unwrap_or_default());
            assert!((200..300).contains(&status), "{body}");
            return;
        }
        let path = self.path("store").join(name);
        match content {
            Some(content) => std::fs::write(path, content).expect("a file"),
            None => std::fs::remove_file(path).expect("a file"),
        }
    }

    /// How many objects lie below a folder of the store.
    pub(crate) fn objects(&self, folder: &str) -> usize {
        if let Some(s3) = &self.s3 {
            return http::list(s3.port, BUCKET, &format!("a/b/{folder}/")).len();
        }
        let path = self.path("store").join(folder);
        if path.is_dir() { count(&path) } else { 0 }
    }
}

fn count(folder: &Path) -> usize {
    let paths = mugai_testkit::corpus::files(folder).expect("a folder");
    paths
        .iter()
        .map(|path| if path.is_dir() { count(path) } else { 1 })
        .sum()
}

/// A node, which is killed when it is dropped.
pub(crate) struct Node(Option<Child>);

/// Starts a node.
pub(crate) fn spawn(command: &mut Command) -> Node {
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    Node(Some(child.expect("the executable runs")))
}

impl Node {
    /// Asks it for its end, and returns what it said.
    pub(crate) fn stop(mut self) -> Said {
        let child = self.0.take().expect("it was started");
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let sent = kill_process(pid.expect("a number"), Signal::TERM);
        sent.expect("it lived");
        child.wait_with_output().expect("an end").into()
    }

    /// What it said until it ended by itself.
    pub(crate) fn end(mut self) -> Said {
        let child = self.0.take().expect("it was started");
        child.wait_with_output().expect("an end").into()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

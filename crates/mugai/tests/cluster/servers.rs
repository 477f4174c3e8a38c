//! Servers of our own for one test, at ports of their own.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take until it answers.
const START: Duration = Duration::from_mins(1);

/// A port that is free at the moment.
pub(crate) fn port() -> u16 {
    mugai_testkit::ports::free()
}

/// A program, if this machine has it; else the test skips, and says so.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // where Debian has servers, which is not on everybody's path
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    let found = folders
        .map(|folder| folder.join(program))
        .find(|path| path.is_file());
    if found.is_none() {
        eprintln!("skipped: no {program}");
    }
    found
}

/// A server that is killed when it is dropped.
pub(crate) struct Server {
    program: PathBuf,
    arguments: Vec<String>,
    pub(crate) port: u16,
    child: Option<Child>,
}

impl Server {
    fn start(program: PathBuf, arguments: &[&str], port: u16) -> Self {
        let mut server = Self {
            program,
            arguments: arguments.iter().map(|word| (*word).to_owned()).collect(),
            port,
            child: None,
        };
        server.again();
        server
    }

    /// A nats-server that keeps its streams in `folder`.
    pub(crate) fn nats(folder: &Path, more: &[&str]) -> Option<Self> {
        let program = find("nats-server")?;
        let (port, store) = (port(), folder.to_string_lossy().into_owned());
        let number = port.to_string();
        let mut words = vec!["-a", "127.0.0.1", "-p", &number, "-js", "-sd", &store];
        words.extend(more);
        Some(Self::start(program, &words, port))
    }

    /// An S3 server.
    pub(crate) fn s3(more: &[&str]) -> Option<Self> {
        let program = find("moto_server")?;
        let port = port();
        let number = port.to_string();
        let mut words = vec!["-H", "127.0.0.1", "-p", &number];
        words.extend(more);
        Some(Self::start(program, &words, port))
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Starts it, and waits until somebody answers.
    pub(crate) fn again(&mut self) {
        let child = Command::new(&self.program)
            .args(&self.arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.child = Some(child.expect("a server"));
        let begin = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(
                begin.elapsed() < START,
                "{} does not answer",
                self.program.display()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

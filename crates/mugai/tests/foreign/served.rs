//! The executable as a service, in a folder of its own.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// A service; killed when the test is over.
pub(crate) struct Served {
    child: Child,
    folder: tempfile::TempDir,
}

impl Drop for Served {
    fn drop(&mut self) {
        // one that has ended is as good
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Served {
    /// Serves; `observe` is put below the configuration, `more` to the command line.
    pub(crate) fn start(observe: &str, more: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let uid = rustix::process::getuid().as_raw();
        let text = format!(
            "[listen]\nunix = \"socket\"\nmetrics = \"127.0.0.1:0\"\n[limits]\njobs = 2\n\
             [[caller]]\nname = \"test\"\nuid = {uid}\nzones = [{{ from = \"internet\", to = \"lgwan\" }}]\n{observe}"
        );
        std::fs::write(folder.path().join("serve.toml"), text).expect("a file");
        let log = std::fs::File::create(folder.path().join("log")).expect("a file");
        let child = Command::new(env!("CARGO_BIN_EXE_mugai"))
            .args(["serve", "--config", "serve.toml"])
            .args(more)
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the executable runs");
        let mut served = Self { child, folder };
        while !served.log().contains("listening") {
            let ended = served.child.try_wait().expect("a child");
            assert!(ended.is_none(), "{}", served.log());
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        served
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// The address that the log says of the page of metrics.
    fn address(&self) -> String {
        let log = self.log();
        let (_, rest) = log.split_once("127.0.0.1:").expect("an address");
        let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
        format!("127.0.0.1:{port}")
    }

    /// The page of metrics, as anybody would get it.
    pub(crate) fn page(&self) -> String {
        let mut stream = TcpStream::connect(self.address()).expect("a connection");
        stream
            .write_all(b"GET /metrics HTTP/1.0\r\n\r\n")
            .expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (head, page) = answer.split_once("\r\n\r\n").expect("a page");
        assert!(head.contains("text/plain; version=0.0.4"), "{head}");
        page.to_owned()
    }

    /// Sends a file with our own client; the exit code comes back.
    pub(crate) fn send(&self, name: &str, content: &[u8]) -> i32 {
        std::fs::write(self.path(name), content).expect("a file");
        let output = Command::new(env!("CARGO_BIN_EXE_mugai"))
            .args(["send", "-s", "socket", "-o", "sent", "--"])
            .arg(name)
            .current_dir(self.folder.path())
            .output()
            .expect("the executable runs");
        output.status.code().unwrap_or(-1)
    }
}

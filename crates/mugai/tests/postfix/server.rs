//! A Postfix of its own in a folder of its own, and a relay behind it.

use crate::sink::Sink;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The rest of a main.cf, as a private instance needs it, quick to try again; and the services that every
/// Postfix has.
const MAIN: &str = include_str!("private/main.cf");
const MASTER: &str = include_str!("private/master.cf");

/// Several at once would only wait for each other.
static ONE: Mutex<()> = Mutex::new(());

/// A Postfix whose mails go through a relay to a sink.
pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) sink: Sink,
    pub(crate) incoming: u16,
    pub(crate) filter: u16,
    pub(crate) next: u16,
    pub(crate) milter: u16,
    relay: Option<Child>,
    _one: MutexGuard<'static, ()>,
}

fn free_port() -> u16 {
    mugai_testkit::ports::free()
}

impl World {
    /// `None`, and a word about it, where it cannot be.
    pub(crate) fn new() -> Option<Self> {
        let postfix = Path::new("/usr/sbin/postfix").exists();
        if !postfix || !rustix::process::getuid().is_root() {
            eprintln!("skipped: needs root and Debian's package postfix");
            return None;
        }
        let one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = tempfile::tempdir().expect("a folder");
        let (sink, sink_port) = Sink::start();
        let world = Self {
            sink,
            incoming: free_port(),
            filter: free_port(),
            next: free_port(),
            milter: free_port(),
            relay: None,
            folder,
            _one: one,
        };
        world.install(sink_port);
        world.postfix("start");
        until("Postfix", || {
            TcpStream::connect(("127.0.0.1", world.incoming)).is_ok()
        });
        Some(world)
    }

    /// Puts what is shipped into a private instance.
    fn install(&self, sink: u16) {
        let root = self.folder.path();
        std::fs::set_permissions(root, std::fs::Permissions::from_mode(0o755)).unwrap();
        for name in ["etc", "queue", "data", "log", "state"] {
            std::fs::create_dir(root.join(name)).unwrap();
        }
        let owner = Command::new("chown")
            .arg("postfix")
            .arg(root.join("data"))
            .status();
        assert!(owner.unwrap().success());
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/relay/postfix");
        let place = root.display().to_string();
        for (name, base) in [("main.cf", MAIN), ("master.cf", MASTER)] {
            let text = std::fs::read_to_string(shipped.join(name)).expect("what is shipped");
            let text = format!("{base}{text}")
                .replace('@', &place)
                .replace("SINK", &sink.to_string())
                .replace("127.0.0.1:IN ", &format!("127.0.0.1:{} ", self.incoming))
                .replace("10026", &self.filter.to_string())
                .replace("10027", &self.next.to_string());
            std::fs::write(root.join("etc").join(name), text).unwrap();
        }
    }

    /// Adds an address at which mails are shown to the relay as a milter.
    pub(crate) fn with_milter(&self, port: u16) {
        let path = self.folder.path().join("etc/master.cf");
        let mut text = std::fs::read_to_string(&path).unwrap();
        let added = format!(
            "127.0.0.1:{port} inet n - n - - smtpd\n    -o content_filter=\n    \
             -o local_header_rewrite_clients=\n    -o smtpd_milters=inet:127.0.0.1:{}\n    -o milter_default_action=tempfail\n",
            self.milter
        );
        text.push_str(&added);
        std::fs::write(&path, text).unwrap();
        self.postfix("reload");
        until("Postfix", || {
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
    }

    fn postfix(&self, verb: &str) {
        let etc = self.folder.path().join("etc");
        let done = Command::new("/usr/sbin/postfix")
            .arg("-c")
            .arg(etc)
            .arg(verb)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(done.expect("postfix").success(), "postfix {verb}");
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder.path().join("relay.toml")
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("relay.log")).unwrap_or_default()
    }

    /// Writes the configuration that is shipped, with our ports and what is added to it.
    pub(crate) fn configure(&self, more: &str) {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/relay/relay.toml");
        let text = std::fs::read_to_string(shipped).expect("what is shipped");
        let text = text
            .replace("/var/lib/mugai/relay", &self.state().display().to_string())
            .replace(
                "10026\"",
                &format!("{}\"\nmilter = \"127.0.0.1:{}\"", self.filter, self.milter),
            )
            .replace("10027", &self.next.to_string());
        std::fs::write(self.config(), format!("{text}\n{more}")).unwrap();
    }

    /// Has Postfix and the relay speak LMTP to each other.
    pub(crate) fn by_lmtp(&self) {
        let path = self.folder.path().join("etc/master.cf");
        let text = std::fs::read_to_string(&path).unwrap();
        let (head, tail) = text.split_once("\nmugai ").expect("the way to the relay");
        let (own, tail) = tail.split_once("\n\n").expect("its end");
        let own = own
            .replacen(" smtp\n", " lmtp\n", 1)
            .replace("-o smtp_", "-o lmtp_");
        std::fs::write(&path, format!("{head}\nmugai {own}\n\n{tail}")).unwrap();
        self.postfix("reload");
        let config = std::fs::read_to_string(self.config()).unwrap();
        std::fs::write(self.config(), config.replacen("smtp = ", "lmtp = ", 1)).unwrap();
    }

    /// Starts the relay; it may not come up, which the caller says.
    pub(crate) fn start(&mut self) {
        let log = std::fs::File::options()
            .append(true)
            .create(true)
            .open(self.folder.path().join("relay.log"))
            .unwrap();
        let relay = Command::new(env!("CARGO_BIN_EXE_mugai"))
            .args(["relay", "--config"])
            .arg(self.config())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn();
        self.relay = Some(relay.expect("the relay"));
    }

    pub(crate) fn started(&mut self) {
        self.start();
        until("the relay", || {
            TcpStream::connect(("127.0.0.1", self.filter)).is_ok()
        });
    }

    pub(crate) fn signal(&self, signal: &str) {
        let id = self.relay.as_ref().expect("a relay").id().to_string();
        let done = Command::new("kill")
            .arg(format!("-{signal}"))
            .arg(id)
            .status();
        assert!(done.unwrap().success());
    }

    pub(crate) fn kill(&mut self) {
        if let Some(mut relay) = self.relay.take() {
            // it may have ended by itself
            let _ = relay.kill();
            let _ = relay.wait();
        }
    }

    /// How the relay ends that cannot begin.
    pub(crate) fn ended(&mut self) -> bool {
        self.relay
            .take()
            .expect("a relay")
            .wait()
            .expect("an end")
            .success()
    }

    /// How many mails Postfix holds.
    pub(crate) fn queued(&self) -> usize {
        let listed = Command::new("/usr/sbin/postqueue")
            .arg("-c")
            .arg(self.folder.path().join("etc"))
            .arg("-j")
            .output()
            .expect("postqueue");
        let text = String::from_utf8_lossy(&listed.stdout).into_owned();
        text.lines().filter(|line| line.starts_with('{')).count()
    }

    /// Has everything tried again at once.
    pub(crate) fn flush(&self) {
        let etc = self.folder.path().join("etc");
        let done = Command::new("/usr/sbin/postqueue")
            .arg("-c")
            .arg(etc)
            .arg("-f")
            .status();
        assert!(done.unwrap().success());
    }

    /// Waits until Postfix holds nothing any more.
    pub(crate) fn drained(&self, time: Duration) {
        let end = Instant::now() + time;
        while self.queued() > 0 {
            assert!(
                Instant::now() < end,
                "{} are left\n{}",
                self.queued(),
                tail(&self.log())
            );
            self.flush();
            std::thread::sleep(Duration::from_millis(300));
        }
    }

    pub(crate) fn postfix_log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log/mail.log")).unwrap()
    }

    /// Lines of Postfix's log that tell of a bounce.
    pub(crate) fn bounces(&self) -> Vec<String> {
        let log = self.postfix_log();
        let lines = log.lines().filter(|line| line.contains("status=bounced"));
        lines.map(str::to_owned).collect()
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(self.incoming)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // what the mail server saw is not enough to tell why
            eprintln!("the relay says:\n{}", self.log());
        }
        self.kill();
        let etc = self.folder.path().join("etc");
        let _ = Command::new("/usr/sbin/postfix")
            .arg("-c")
            .arg(etc)
            .arg("stop")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
}

fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

/// Waits for something that is sure to come.
pub(crate) fn until(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_mins(1);
    while !holds() {
        assert!(Instant::now() < end, "{what} did not come");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Hands mails to Postfix over one connection.
pub(crate) struct Client {
    out: TcpStream,
    lines: BufReader<TcpStream>,
}

impl Client {
    pub(crate) fn new(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("Postfix");
        stream.set_nodelay(true).unwrap();
        let mut client = Self {
            out: stream.try_clone().unwrap(),
            lines: BufReader::new(stream),
        };
        client.expect("220");
        client.say("EHLO client.example\r\n", "250");
        client
    }

    fn expect(&mut self, code: &str) -> String {
        loop {
            let mut line = String::new();
            self.lines.read_line(&mut line).expect("a reply");
            assert!(line.starts_with(code), "{line}");
            if line.as_bytes()[3] == b' ' {
                return line;
            }
        }
    }

    fn say(&mut self, line: &str, code: &str) {
        self.out
            .write_all(line.as_bytes())
            .expect("Postfix is there");
        self.expect(code);
    }

    /// Sends a mail, whatever its line ends. Says whether Postfix itself took it: it refuses mails that have
    /// gone through fifty servers.
    pub(crate) fn send(&mut self, from: &str, to: &str, mail: &[u8]) -> bool {
        self.send_to(from, &[to], mail)
    }

    pub(crate) fn send_to(&mut self, from: &str, to: &[&str], mail: &[u8]) -> bool {
        self.say(&format!("MAIL FROM:<{from}>\r\n"), "250");
        for to in to {
            self.say(&format!("RCPT TO:<{to}>\r\n"), "250");
        }
        self.say("DATA\r\n", "354");
        let mut sent = Vec::with_capacity(mail.len() + 100);
        for line in mail.split(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.first() == Some(&b'.') {
                sent.push(b'.');
            }
            sent.extend_from_slice(line);
            sent.extend_from_slice(b"\r\n");
        }
        sent.extend_from_slice(b".\r\n");
        self.out.write_all(&sent).expect("Postfix is there");
        let mut reply = String::new();
        self.lines.read_line(&mut reply).expect("a reply");
        assert!(
            reply.starts_with("250 ") || reply.contains("too many hops"),
            "{reply}"
        );
        reply.starts_with("250 ")
    }
}

impl Client {
    /// A sender that is told to come again, at MAIL or at the end.
    pub(crate) fn refused(&mut self, from: &str, code: &str) {
        self.say(&format!("MAIL FROM:<{from}>\r\n"), code);
    }
}

//! A service with a folder of its own.

use crate::Outcome;
use bytes::Bytes;
use mugai_client::{Client, Endpoint, Job, Retry};
use mugai_core::cx::{FontNeed, Script, Strokes};
use mugai_core::{Patience, SafeName, Untrusted};
use mugai_engine::{Order, Outcome as Made, Policy, sanitise};
use mugai_isolate::{Config, FontFile, Pool};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Which rules the service and the library have.
#[derive(Clone, Copy)]
pub(crate) enum Rules {
    /// Those that a service has when nothing else is said: pictures and PDF are drawn.
    Usual,
    /// Only what can be told as text, and large.
    Text,
}

impl Rules {
    const fn name(self) -> &'static str {
        match self {
            Self::Usual => "municipal-lgwan",
            Self::Text => "policy.toml",
        }
    }

    fn policy(self) -> Outcome<Policy> {
        match self {
            Self::Usual => Policy::preset(self.name()).ok_or_else(|| "no preset".into()),
            Self::Text => Ok(Policy::parse(POLICY)?),
        }
    }
}

const POLICY: &str = include_str!("policy.toml");

/// A font for both sides: a worker that has to read one starts later. Without it (package
/// fonts-ipaexfont) the service takes what there is, and the library has none.
const FONT: &str = "/usr/share/fonts/truetype/fonts-japanese-gothic.ttf";

fn fonts() -> Vec<FontFile> {
    let path = PathBuf::from(FONT);
    let need = FontNeed::regular(Script::Japanese, Strokes::Sans);
    let font = path.exists().then_some(FontFile {
        need,
        index: 0,
        named: true,
        path,
    });
    font.into_iter().collect()
}

pub(crate) struct Served {
    process: Child,
    folder: tempfile::TempDir,
}

impl Served {
    /// Starts a service; `more` goes to the end of its configuration.
    pub(crate) fn start(rules: Rules, more: &str) -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let uid = rustix::process::getuid().as_raw();
        let text = format!(
            "policy = \"bench\"\n[policies]\nbench = \"{rules}\"\n[listen]\nunix = \"socket\"\n\
             [[caller]]\nname = \"bench\"\nuid = {uid}\nzones = [{{ from = \"internet\", to = \"lgwan\" }}]\n\
             {more}\n",
            rules = rules.name(),
        );
        std::fs::write(folder.path().join("serve.toml"), text)?;
        std::fs::write(folder.path().join("policy.toml"), POLICY)?;
        let fonts = fonts().into_iter().flat_map(|font| {
            let path = font.path.into_os_string();
            ["--font".into(), path]
        });
        let process = Command::new(env!("CARGO_BIN_EXE_mugai"))
            .args(["serve", "--config", "serve.toml"])
            .args(fonts)
            .current_dir(folder.path())
            .stderr(Stdio::null())
            .spawn()?;
        let mut served = Self { process, folder };
        while !served.socket().exists() {
            if let Some(end) = served.process.try_wait()? {
                return Err(format!("the service ended with {end}").into());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(served)
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join("socket")
    }

    /// A client that takes no for an answer.
    pub(crate) fn client(&self) -> Outcome<Client> {
        let once = Retry {
            tries: 1,
            ..Retry::default()
        };
        Ok(Client::new(&Endpoint::Unix(self.socket()), once)?)
    }

    /// Memory of the service itself in kB: now, and the most that it ever was.
    pub(crate) fn memory(&self) -> [u64; 2] {
        let id = self.process.id();
        ["VmRSS:", "VmHWM:"].map(|name| status(id, name))
    }

    /// Memory of all its workers in kB now. What a worker shares with the service counts for it too.
    pub(crate) fn workers_memory(&self) -> u64 {
        let all = self.workers();
        all.into_iter().map(|id| status(id, "VmRSS:")).sum()
    }

    /// Processor time of the service and its workers, in milliseconds.
    pub(crate) fn processor(&self) -> u64 {
        let workers = self.workers();
        let all = workers.into_iter().chain([self.process.id()]);
        all.map(processor).sum()
    }

    fn workers(&self) -> Vec<u32> {
        children(self.process.id())
    }

    /// Processor time of this very process and its own workers, in milliseconds: the callers, and the
    /// library.
    pub(crate) fn others_processor(&self) -> u64 {
        let own = std::process::id();
        let others = children(own)
            .into_iter()
            .filter(|id| *id != self.process.id());
        others.chain([own]).map(processor).sum()
    }
}

fn children(id: u32) -> Vec<u32> {
    let Ok(tasks) = std::fs::read_dir(format!("/proc/{id}/task")) else {
        return Vec::new();
    };
    let children =
        tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("children")).ok());
    let all: Vec<String> = children.collect();
    all.iter()
        .flat_map(|text| text.split_whitespace())
        .filter_map(|id| id.parse().ok())
        .collect()
}

impl Drop for Served {
    fn drop(&mut self) {
        // one that has ended is as good
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn status(id: u32, name: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// User and system time of a process and of its children that have ended (proc(5), stat), in
/// milliseconds; the kernel counts in hundredths of a second.
fn processor(id: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let fields = text.rsplit(')').next().unwrap_or_default();
    let times = fields.split_whitespace().skip(11).take(4);
    times
        .filter_map(|time| time.parse::<u64>().ok())
        .sum::<u64>()
        .saturating_mul(10)
}

pub(crate) fn job(content: &Bytes) -> Job {
    let mut job = Job::new(content.clone(), "internet", "lgwan");
    "a.eml".clone_into(&mut job.name);
    job
}

/// The library with a pool of its own.
pub(crate) struct Library {
    policy: Policy,
    pool: Pool,
}

impl Library {
    pub(crate) fn start(rules: Rules, workers: usize) -> Outcome<Self> {
        let policy = rules.policy()?;
        let pool = Pool::new(Config {
            executable: PathBuf::from(env!("CARGO_BIN_EXE_mugai")),
            workers,
            fonts: fonts(),
            ..Config::default()
        })?;
        Ok(Self { policy, pool })
    }

    pub(crate) fn sanitise(&self, content: &Bytes) -> Made {
        let order = Order {
            input: Untrusted::new(content.to_vec()),
            name: SafeName::clean("a.eml").0,
            label: "a.eml".to_owned(),
            policy: &self.policy,
            from: "internet",
            to: "lgwan",
            passwords: &[],
            patience: Patience::default(),
        };
        sanitise(order, &self.pool)
    }
}

/// A text mail of at least so many bytes.
pub(crate) fn mail(bytes: usize) -> Bytes {
    let line = "本日の会議の議事録をお送りします。よろしくお願いいたします。\r\n";
    let head =
        "From: a@example.jp\r\nSubject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n";
    let lines = bytes.div_ceil(line.len());
    Bytes::from(format!("{head}{}", line.repeat(lines)))
}

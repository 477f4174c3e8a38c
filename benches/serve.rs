//! Load on a service of its own, over a Unix socket: closed loop (each caller sends its next file
//! when the answer to the last is there) and open loop (files are sent at a rate, whatever comes of
//! them). Prints rates, times, refusals and the memory of the service.
//!
//! `cargo bench --bench serve -- DIR [CALLERS] [SECONDS] [RATE]`
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use bytes::Bytes;
use mugai_client::{Answer, Client, Endpoint, Hold, Job, Retry};
use mugai_core::{Patience, SafeName, Untrusted};
use mugai_engine::{Order, Policy, sanitise};
use mugai_isolate::{Config, Pool};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Connections of the open loop: one alone carries fewer calls than the service has seats.
const CONNECTIONS: usize = 16;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let mut words = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"));
    let folder = words.next().map(PathBuf::from).filter(|path| path.is_dir());
    let Some(folder) = folder else {
        println!("serve: skipped; cargo bench --bench serve -- DIR [CALLERS] [SECONDS] [RATE]");
        return ExitCode::SUCCESS;
    };
    let mut number = |default: u32| {
        words
            .next()
            .and_then(|word| word.parse().ok())
            .unwrap_or(default)
    };
    let load = Load {
        callers: number(4),
        time: Duration::from_secs(number(10).into()),
        rate: number(0),
    };
    match figures(&folder, &load) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("serve: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What is put on the service.
struct Load {
    callers: u32,
    time: Duration,
    /// Files a second in the open loop; 0 for twice what the closed loop came to.
    rate: u32,
}

fn figures(folder: &Path, load: &Load) -> Outcome<()> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.sort();
    let files: Vec<Bytes> = paths
        .iter()
        .filter(|path| path.is_file())
        .map(|path| std::fs::read(path).map(Bytes::from))
        .collect::<Result<_, _>>()?;
    let served = Served::start()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let client = served.client()?;
        overhead(&client).await?;
        let files = Arc::new(files);
        let seen = closed(&client, &files, load).await;
        seen.print("closed loop", &served);
        let rate = if load.rate > 0 {
            load.rate
        } else {
            seen.rate().saturating_mul(2).max(1)
        };
        let clients: Vec<Client> = (0..CONNECTIONS)
            .map(|_| served.client())
            .collect::<Outcome<_>>()?;
        let seen = open(&clients, &files, load, rate).await;
        seen.print(&format!("open loop, {rate} a second"), &served);
        Ok(())
    })
}

/// A service with a folder of its own.
struct Served {
    process: Child,
    folder: tempfile::TempDir,
}

impl Served {
    fn start() -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let uid = rustix::process::getuid().as_raw();
        let text = format!(
            "policy = \"municipal-lgwan\"\n[listen]\nunix = \"socket\"\n\
             [[caller]]\nname = \"bench\"\nuid = {uid}\nzones = [{{ from = \"internet\", to = \"lgwan\" }}]\n"
        );
        std::fs::write(folder.path().join("serve.toml"), text)?;
        let process = Command::new(env!("CARGO_BIN_EXE_mugai"))
            .args(["serve", "--config", "serve.toml"])
            .current_dir(folder.path())
            .stderr(Stdio::null())
            .spawn()?;
        let served = Self { process, folder };
        while !served.folder.path().join("socket").exists() {
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(served)
    }

    /// A client that takes no for an answer.
    fn client(&self) -> Outcome<Client> {
        let endpoint = Endpoint::Unix(self.folder.path().join("socket"));
        let once = Retry {
            tries: 1,
            ..Retry::default()
        };
        Ok(Client::new(&endpoint, once)?)
    }

    /// The most memory that the service itself ever had, without its workers.
    fn memory(&self) -> String {
        let path = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(path).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        line.unwrap_or("unknown").trim().to_owned()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // one that has ended is as good
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// One text mail of 100 kB, by the library and by the service, in turns.
async fn overhead(client: &Client) -> Outcome<()> {
    let line = "本日の会議の議事録をお送りします。よろしくお願いいたします。\r\n";
    let head =
        "From: a@example.jp\r\nSubject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n";
    let mail = Bytes::from(format!(
        "{head}{}",
        line.repeat(100_000usize.div_ceil(line.len()))
    ));
    let policy = Policy::preset("municipal-lgwan").ok_or("no preset")?;
    let pool = Pool::new(Config {
        executable: PathBuf::from(env!("CARGO_BIN_EXE_mugai")),
        workers: 1,
        ..Config::default()
    })?;
    let (mut library, mut service) = (Vec::new(), Vec::new());
    for _ in 0..300 {
        let order = Order {
            input: Untrusted::new(mail.to_vec()),
            name: SafeName::clean("a.eml").0,
            label: "a.eml".to_owned(),
            policy: &policy,
            from: "internet",
            to: "lgwan",
            patience: Patience::default(),
        };
        let began = Instant::now();
        sanitise(order, &pool);
        library.push(began.elapsed());
        let began = Instant::now();
        client.sanitise(&job(&mail)).await?;
        service.push(began.elapsed());
    }
    let (library, service) = (at(&mut library, 500), at(&mut service, 500));
    let more = service.saturating_sub(library);
    println!("100 kB text mail, p50: library {library:?}, service {service:?}, overhead {more:?}");
    Ok(())
}

fn job(content: &Bytes) -> Job {
    let mut job = Job::new(content.clone(), "internet", "lgwan");
    "a.eml".clone_into(&mut job.name);
    job
}

/// What came of a load.
#[derive(Default)]
struct Seen {
    answered: Vec<Duration>,
    bytes: usize,
    held: usize,
    time: Duration,
}

impl Seen {
    fn add(&mut self, file: &Bytes, began: Instant, end: &Result<Answer, Hold>) {
        if end.is_ok() {
            self.answered.push(began.elapsed());
            self.bytes = self.bytes.saturating_add(file.len());
        } else {
            self.held = self.held.saturating_add(1);
        }
    }

    fn join(&mut self, other: Self) {
        self.answered.extend(other.answered);
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.held = self.held.saturating_add(other.held);
    }

    /// Answers a second.
    fn rate(&self) -> u32 {
        let millis = self.time.as_millis().max(1);
        let count = u128::try_from(self.answered.len()).unwrap_or_default();
        let rate = count.saturating_mul(1000).checked_div(millis);
        u32::try_from(rate.unwrap_or_default()).unwrap_or(u32::MAX)
    }

    fn print(&self, name: &str, served: &Served) {
        let millis = self.time.as_millis().max(1);
        let bytes = u128::try_from(self.bytes).unwrap_or_default();
        let kilobytes = bytes.checked_div(millis).unwrap_or_default();
        let mut times = self.answered.clone();
        let [p50, p99, p999] = [500, 990, 999].map(|mille| at(&mut times, mille));
        println!(
            "{name}: {} msg/s, {kilobytes} kB/s, p50 {p50:?}, p99 {p99:?}, p99.9 {p999:?}, held {}, memory {}",
            self.rate(),
            self.held,
            served.memory()
        );
    }
}

/// The time that so many of a thousand are not above.
fn at(times: &mut [Duration], mille: usize) -> Duration {
    times.sort_unstable();
    let index = times
        .len()
        .saturating_mul(mille)
        .checked_div(1000)
        .unwrap_or_default();
    times.get(index).copied().unwrap_or_default()
}

async fn closed(client: &Client, files: &Arc<Vec<Bytes>>, load: &Load) -> Seen {
    let next = Arc::new(AtomicUsize::new(0));
    let began = Instant::now();
    let time = load.time;
    let callers: Vec<_> = (0..load.callers)
        .map(|_| {
            let (client, files, next) = (client.clone(), Arc::clone(files), Arc::clone(&next));
            tokio::spawn(async move {
                let mut seen = Seen::default();
                while began.elapsed() < time {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(file) = files.get(number.checked_rem(files.len()).unwrap_or(0)) else {
                        break;
                    };
                    let began = Instant::now();
                    let end = client.sanitise(&job(file)).await;
                    seen.add(file, began, &end);
                }
                seen
            })
        })
        .collect();
    gather(callers, began).await
}

async fn open(clients: &[Client], files: &Arc<Vec<Bytes>>, load: &Load, rate: u32) -> Seen {
    let began = Instant::now();
    let step = Duration::from_secs(1).checked_div(rate).unwrap_or_default();
    let mut ticks = tokio::time::interval(step.max(Duration::from_nanos(1)));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
    let mut calls = Vec::new();
    for (file, client) in files.iter().cycle().zip(clients.iter().cycle()) {
        if began.elapsed() >= load.time {
            break;
        }
        ticks.tick().await;
        let (client, file) = (client.clone(), file.clone());
        calls.push(tokio::spawn(async move {
            let mut seen = Seen::default();
            let began = Instant::now();
            let end = client.sanitise(&job(&file)).await;
            seen.add(&file, began, &end);
            seen
        }));
    }
    gather(calls, began).await
}

async fn gather(calls: Vec<tokio::task::JoinHandle<Seen>>, began: Instant) -> Seen {
    let mut all = Seen::default();
    for call in calls {
        if let Ok(seen) = call.await {
            all.join(seen);
        }
    }
    all.time = began.elapsed();
    all
}

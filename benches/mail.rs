//! Mail to mail on one core, beside Python's `email` with html2text, in one run.
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use mugai_core::{NoFonts, Opener, SafeName, Untrusted};
use mugai_engine::{Order, Policy, sanitise};
use mugai_isolate::{Config, Pool};
use mugai_open::InProcess;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

/// Attachments that are no text are withheld, as by the peer.
const POLICY: &str = include_str!("serve/policy.toml");

/// Rounds over all messages, ours and the peer's.
const ROUNDS: usize = 5;
const PEER_ROUNDS: usize = 1;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os()
        .skip(1)
        .map(PathBuf::from)
        .find(|path| path.is_dir())
    else {
        println!("mail: skipped; name a folder of messages: cargo bench --bench mail -- DIR");
        return ExitCode::SUCCESS;
    };
    match figures(&folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("mail: {error}");
            ExitCode::FAILURE
        }
    }
}

fn figures(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let mut messages = Vec::new();
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)?
        .map(|e| e.map(|e| e.path()))
        .collect::<Result<_, _>>()?;
    paths.sort();
    for path in paths.iter().filter(|path| path.is_file()) {
        messages.push(std::fs::read(path)?);
    }
    let bytes = messages
        .iter()
        .map(Vec::len)
        .fold(0usize, usize::saturating_add);
    let policy = Policy::parse(POLICY)?;
    let config = Config {
        executable: PathBuf::from(env!("CARGO_BIN_EXE_mugai")),
        workers: 1,
        ..Config::default()
    };
    let pool = Pool::new(config)?;
    let fenced = ours("mugai", &messages, bytes, &policy, &pool);
    let bare = ours(
        "mugai without fences",
        &messages,
        bytes,
        &policy,
        &InProcess::<NoFonts>::default(),
    );
    if let Some(peer) = peer(folder)? {
        println!(
            "ratio {:.1}, without fences {:.1}",
            fenced / peer,
            bare / peer
        );
    }
    Ok(())
}

/// Our figures with one way of opening parts: megabytes a second.
fn ours(
    who: &str,
    messages: &[Vec<u8>],
    bytes: usize,
    policy: &Policy,
    opener: &dyn Opener,
) -> f64 {
    let mut times = Vec::new();
    let start = Instant::now();
    for message in messages
        .iter()
        .cycle()
        .take(messages.len().saturating_mul(ROUNDS))
    {
        let begin = Instant::now();
        let order = Order {
            input: Untrusted::new(message.clone()),
            name: SafeName::clean("mail.eml").0,
            label: String::from("mail.eml"),
            policy,
            from: "internet",
            to: "lgwan",
            passwords: &[],
            patience: mugai_core::Patience::default(),
        };
        std::hint::black_box(sanitise(order, opener));
        times.push(begin.elapsed());
    }
    let figure = rate(
        who,
        times.len(),
        bytes.saturating_mul(ROUNDS),
        start.elapsed(),
    );
    times.sort_unstable();
    let at = |part: usize| {
        times
            .get(times.len().saturating_mul(part) / 1000)
            .copied()
            .unwrap_or_default()
    };
    println!(
        "{:<24} p50 {:?}, p99 {:?}, p99.9 {:?}",
        "",
        at(500),
        at(990),
        at(999)
    );
    figure
}

/// Prints a line and returns megabytes a second.
#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "figures for people"
)]
fn rate(who: &str, count: usize, bytes: usize, time: Duration) -> f64 {
    let seconds = time.as_secs_f64();
    let rate = bytes as f64 / 1e6 / seconds;
    println!(
        "{who:<24} {count} mails, {rate:.1} MB/s, {:.0} mails/s",
        count as f64 / seconds
    );
    rate
}

fn peer(folder: &Path) -> Result<Option<f64>, Box<dyn std::error::Error>> {
    let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/peer_mail.py");
    let output = Command::new(python)
        .arg(script)
        .arg(folder)
        .arg(PEER_ROUNDS.to_string())
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    let mut words = text.split_whitespace();
    let (Some(count), Some(bytes), Some(seconds), Some(failures)) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        println!("peer: skipped (Python with html2text is missing)");
        return Ok(None);
    };
    let rate = rate(
        "Python email+html2text",
        count.parse()?,
        bytes.parse()?,
        Duration::from_secs_f64(seconds.parse()?),
    );
    println!("{:<24} {failures} failures", "");
    Ok(Some(rate))
}

//! Load on a service of its own, over a Unix socket. Nothing is asserted: figures are printed.
//!
//! `cargo bench --bench serve -- WHAT [DIR] [SECONDS]`, see `benches/README.md`.
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

mod files;
mod flood;
mod large;
mod load;
mod mixed;
mod overhead;
mod seen;
mod served;
mod stream;

use files::files;
use std::process::ExitCode;
use std::time::Duration;

/// What a part of the bench ends with.
type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const USAGE: &str = "\
cargo bench --bench serve -- WHAT [DIR] [SECONDS]
  overhead              a text mail of 100 kB, by the library and by the service
  stream                50 MB each way, over gRPC and over a bare socket
  mixed DIR [SECONDS]   the files of a folder, by the library and by the service, in turns; in
                        DIR,DIR those of further folders are attachments of mails
  load DIR [SECONDS]    closed loop, and open loop at twice its rate
  overload [SECONDS]    ten times as many calls as can be answered
  large                 eight mails of 150 MB at once";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"))
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let overload = words.first() == Some(&"overload");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .on_thread_start(move || {
            // the callers of a flood come from elsewhere: they may have what the service leaves them
            if overload {
                let _ = rustix::process::nice(10);
            }
        })
        .build();
    let done = runtime
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(bench(&words)));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("serve: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn bench(words: &[&str]) -> Outcome<()> {
    match words {
        ["overhead"] => overhead::figures().await,
        ["stream"] => stream::figures().await,
        ["mixed", folder, rest @ ..] => mixed::figures(files(folder)?, time(rest)?).await,
        ["load", folder, rest @ ..] => load::figures(files(folder)?, time(rest)?).await,
        ["overload", rest @ ..] => flood::figures(time(rest)?).await,
        ["large"] => large::figures().await,
        // whoever runs all benches is told
        _ => {
            println!("serve: skipped; {USAGE}");
            Ok(())
        }
    }
}

fn time(words: &[&str]) -> Outcome<Duration> {
    match words {
        [] => Ok(Duration::from_secs(10)),
        [seconds] => Ok(Duration::from_secs(seconds.parse()?)),
        _ => Err(USAGE.into()),
    }
}

//! The files of a folder, by the library on as many threads as the service has jobs, and by the
//! service, in turns. Both have the same two processors; the callers have to share them.

use crate::Outcome;
use crate::load::{closed, in_turn};
use crate::seen::{Seen, percent};
use crate::served::{Library, Served, processor};
use bytes::Bytes;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

const ROUNDS: u32 = 5;
const JOBS: usize = 2;

pub(crate) async fn figures(files: Vec<Bytes>, time: Duration) -> Outcome<()> {
    let served = Served::start("[limits]\njobs = 2\n")?;
    let client = served.client()?;
    let library = Arc::new(Library::start(JOBS)?);
    let files = Arc::new(files);
    let turn = time.checked_div(ROUNDS.saturating_mul(2)).unwrap_or(time);
    let (mut alone, mut over) = (Seen::default(), Seen::default());
    let (mut service_time, mut caller_time) = (0u64, 0u64);
    for _ in 0..ROUNDS {
        let (by, all) = (Arc::clone(&library), Arc::clone(&files));
        alone.join(tokio::task::spawn_blocking(move || threads(&by, &all, turn)).await?);
        let before = (served.processor(), processor(std::process::id()));
        over.join(closed(&client, &files, turn).await);
        let after = (served.processor(), processor(std::process::id()));
        service_time = service_time.saturating_add(after.0.saturating_sub(before.0));
        caller_time = caller_time.saturating_add(after.1.saturating_sub(before.1));
    }
    alone.print("library", None);
    over.print("service", Some(&served));
    println!(
        "service over library: {} %; processor time of the service and its workers {service_time} ms, of the callers {caller_time} ms",
        percent(over.rate(), alone.rate())
    );
    // what the callers took is not the service's: each processor gives a second a second
    let whole = service_time.saturating_add(caller_time);
    println!(
        "without what the callers took: {} %",
        percent(
            over.rate().saturating_mul(whole),
            alone.rate().saturating_mul(service_time)
        )
    );
    Ok(())
}

fn threads(library: &Library, files: &[Bytes], time: Duration) -> Seen {
    let next = AtomicUsize::new(0);
    let began = Instant::now();
    let work = || {
        let mut seen = Seen::default();
        while began.elapsed() < time {
            let Some(file) = in_turn(files, &next) else {
                break;
            };
            let began = Instant::now();
            library.sanitise(file);
            seen.answer(file, began);
        }
        seen
    };
    let mut all = Seen::default();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..JOBS).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            if let Ok(seen) = thread.join() {
                all.join(seen);
            }
        }
    });
    all.took(began.elapsed());
    all
}

//! The files of a folder, by the library on as many threads as the service has jobs, and by the
//! service, in turns. Both have the same two processors; the callers have to share them.

use crate::Outcome;
use crate::files::Turns;
use crate::load::closed;
use crate::seen::{Seen, percent};
use crate::served::{Library, Rules, Served};
use bytes::Bytes;
use std::sync::Arc;
use std::time::{Duration, Instant};

const ROUNDS: u32 = 5;
const JOBS: usize = 2;

pub(crate) async fn figures(files: Vec<Bytes>, time: Duration) -> Outcome<()> {
    let served = Served::start(Rules::Usual, "[limits]\njobs = 2\n")?;
    let client = served.client()?;
    let library = Arc::new(Library::start(Rules::Usual, JOBS)?);
    let files = Arc::new(files);
    let turn = time.checked_div(ROUNDS.saturating_mul(2)).unwrap_or(time);
    let (mut alone, mut over) = (Seen::default(), Seen::default());
    // processor time in milliseconds: of the library, of the service, of its callers
    let [mut by_library, mut by_service, mut by_callers] = [0u64; 3];
    for _ in 0..ROUNDS {
        let (by, all) = (Arc::clone(&library), Arc::clone(&files));
        let before = served.others_processor();
        alone.join(tokio::task::spawn_blocking(move || threads(&by, &all, turn)).await?);
        let between = (served.others_processor(), served.processor());
        over.join(closed(&client, &files, turn).await);
        let after = (served.others_processor(), served.processor());
        by_library = by_library.saturating_add(between.0.saturating_sub(before));
        by_callers = by_callers.saturating_add(after.0.saturating_sub(between.0));
        by_service = by_service.saturating_add(after.1.saturating_sub(between.1));
    }
    alone.print("library", None);
    over.print("service", Some(&served));
    println!(
        "service over library: {} % on the wall clock, which the callers share",
        percent(over.rate(), alone.rate())
    );
    let [library, service, callers] = [
        (by_library, &alone),
        (by_service, &over),
        (by_callers, &over),
    ]
    .map(|(time, seen)| seen.micros_each(time));
    println!(
        "processor time a message: library {library} us, service {service} us, callers {callers} us: {} %",
        percent(library, service)
    );
    Ok(())
}

fn threads(library: &Library, files: &Arc<Vec<Bytes>>, time: Duration) -> Seen {
    let turns = Turns::new(Arc::clone(files), time);
    let began = Instant::now();
    let work = || {
        let mut seen = Seen::default();
        while let Some(file) = turns.next() {
            let began = Instant::now();
            library.sanitise(&file);
            seen.answer(&file, began);
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

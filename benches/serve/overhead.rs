//! One text mail of 100 kB, by the library and by the service, in turns. The caller is a task on the
//! threads that move its bytes, as in a relay.

use crate::Outcome;
use crate::seen::at;
use crate::served::{Library, Rules, Served, job, mail};
use std::time::Instant;

const ROUNDS: usize = 1000;

pub(crate) async fn figures() -> Outcome<()> {
    let served = Served::start(Rules::Text, "")?;
    let client = served.client()?;
    let library = Library::start(Rules::Text, 1)?;
    let mail = mail(100_000);
    let turns = tokio::spawn(async move {
        let (mut alone, mut over) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let began = Instant::now();
            library.sanitise(&mail);
            alone.push(began.elapsed());
            let began = Instant::now();
            client.sanitise(&job(&mail)).await?;
            over.push(began.elapsed());
        }
        Ok::<_, mugai_client::Hold>((alone, over))
    });
    let (mut alone, mut over) = turns.await??;
    for (name, mille) in [("p50", 500), ("p99", 990)] {
        let (alone, over) = (at(&mut alone, mille), at(&mut over, mille));
        let more = over.saturating_sub(alone);
        println!(
            "100 kB text mail, {name}: library {alone:.1?}, service {over:.1?}, overhead {more:.1?}"
        );
    }
    Ok(())
}

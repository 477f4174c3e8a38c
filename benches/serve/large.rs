//! Eight mails of 150 MB at once.

use crate::Outcome;
use crate::served::{Rules, Served, job, mail};
use mugai_client::Verdict;
use std::time::{Duration, Instant};

const MAILS: usize = 8;
const BYTES: usize = 150_000_000;

pub(crate) async fn figures() -> Outcome<()> {
    let served = Served::start(Rules::Text, "")?;
    let mail = mail(BYTES);
    let began = Instant::now();
    let calls: Vec<_> = (0..MAILS)
        .map(|_| {
            let (client, mut job) = (served.client()?, job(&mail));
            job.deadline = Duration::from_mins(10);
            Ok(tokio::spawn(async move {
                let answer = client.sanitise(&job).await?;
                let sanitised = matches!(answer.verdict, Verdict::Sanitised(_));
                Ok::<_, mugai_client::Hold>((sanitised, began.elapsed()))
            }))
        })
        .collect::<Outcome<_>>()?;
    let (mut service, mut workers) = (0, 0);
    while !calls.iter().all(tokio::task::JoinHandle::is_finished) {
        let [now, _] = served.memory();
        service = service.max(now);
        workers = workers.max(served.workers_memory());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for call in calls {
        match call.await? {
            Ok((true, time)) => println!("sanitised after {time:.1?}"),
            Ok((false, time)) => println!("WITHHELD after {time:.1?}"),
            Err(hold) => println!("held: {hold}"),
        }
    }
    let [_, most] = served.memory();
    println!(
        "{MAILS} mails of {} MB: memory of the service at most {} MB, of its workers {} MB",
        mail.len() / 1_000_000,
        most.max(service) / 1000,
        workers / 1000
    );
    Ok(())
}

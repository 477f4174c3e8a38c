//! Every 50 ms all workers of a service are killed, while callers send it mails: nothing that comes
//! back is wrong, and nothing is lost.

use crate::serve::Served;
use crate::world::World;
use mugai_client::{Answer, Client, Endpoint, Job, Retry, Verdict};
use mugai_testkit::corpus::Place;
use rustix::process::{Pid, Signal, kill_process};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How long; `MUGAI_KILL_SECONDS` says otherwise.
const SECONDS: u64 = 4;

/// Between two killings.
const PAUSE: Duration = Duration::from_millis(50);

const CALLERS: usize = 4;

/// Kills all workers that a service has, and tells how many they were.
fn kill_workers(service: u32) -> usize {
    let tasks = std::fs::read_dir(format!("/proc/{service}/task")).expect("the service lives");
    let children = tasks.filter_map(|task| {
        // a thread may end while one looks
        std::fs::read_to_string(task.ok()?.path().join("children")).ok()
    });
    let all: Vec<String> = children.collect();
    all.iter()
        .flat_map(|children| children.split_whitespace())
        .filter_map(|pid| Pid::from_raw(pid.parse().ok()?))
        .filter(|pid| kill_process(*pid, Signal::KILL).is_ok())
        .count()
}

/// The largest mail. One that takes a worker longer than the pause is never done, and withheld after
/// the last try, as it should be.
const LARGEST: usize = 1 << 20;

/// Mails of all kinds that the cases have, and two that take some time.
fn mails() -> Vec<Job> {
    let root = mugai_testkit::corpus::root();
    let mut all: Vec<Vec<u8>> = mugai_testkit::corpus::files(&root.join("mail"))
        .expect("cases")
        .into_iter()
        .map(|folder| {
            let name = folder.to_string_lossy().into_owned();
            let (bytes, _) = Place { name, folder }.input().expect("the recipe is good");
            bytes
        })
        .collect();
    all.retain(|content| content.len() <= LARGEST);
    for lines in [1_000, 4_000] {
        let head =
            "From: a@example.jp\r\nSubject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n";
        all.push(format!("{head}{}", "本日の議事録です。\r\n".repeat(lines)).into_bytes());
    }
    all.into_iter()
        .map(|content| {
            let mut job = Job::new(content, "internet", "lgwan");
            "a.eml".clone_into(&mut job.name);
            "lgwan".clone_into(&mut job.policy);
            job
        })
        .collect()
}

fn client(world: &World) -> Client {
    let retry = Retry {
        tries: 1,
        ..Retry::default()
    };
    Client::new(&Endpoint::Unix(world.path("socket")), retry).expect("a client")
}

/// All that a caller is given.
fn given(answer: &Answer) -> (&str, Vec<(&str, &[u8])>) {
    let files = match &answer.verdict {
        Verdict::Sanitised(files) => files.iter().collect(),
        Verdict::Withheld { notice, .. } => notice.iter().collect::<Vec<_>>(),
    };
    let files = files
        .into_iter()
        .map(|file| (file.name.as_str(), &file.content[..]));
    (&answer.report_json, files.collect())
}

#[derive(Debug, Default)]
struct Counts {
    sent: AtomicUsize,
    right: AtomicUsize,
    refused: AtomicUsize,
    /// The report says that a worker was lost in every try, and the part with it: nothing of it is
    /// delivered.
    lost_worker: AtomicUsize,
    wrong: AtomicUsize,
    /// The report of the first wrong one.
    first: std::sync::OnceLock<String>,
}

impl Counts {
    fn add(&self, answer: &Result<Answer, mugai_client::Hold>, good: &Answer) {
        self.sent.fetch_add(1, Ordering::Relaxed);
        let count = match answer {
            Ok(answer) if given(answer) == given(good) => &self.right,
            Ok(answer) if answer.report_json.contains("\"lost_crash\"") => &self.lost_worker,
            Ok(answer) => {
                let _ = self.first.set(answer.report_json.clone());
                &self.wrong
            }
            Err(_) => &self.refused,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn workers_that_are_killed_all_the_time_cost_no_mail() {
    let world = World::new();
    let served = Served::start(&world);
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let seconds = std::env::var("MUGAI_KILL_SECONDS").ok();
    let seconds = seconds.map_or(SECONDS, |text| text.parse().expect("whole seconds"));
    // channels need the runtime
    let _inside = runtime.enter();
    let one = client(&world);
    let jobs: Vec<(Job, Answer)> = mails()
        .into_iter()
        .map(|job| {
            let answer = runtime.block_on(one.sanitise(&job)).expect("an answer");
            (job, answer)
        })
        .collect();
    let jobs = Arc::new(jobs);
    let counts = Arc::new(Counts::default());
    let over = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let (jobs, counts, over) = (Arc::clone(&jobs), Arc::clone(&counts), Arc::clone(&over));
            let client = client(&world);
            runtime.spawn(async move {
                for (job, good) in jobs.iter().cycle().skip(caller * 7) {
                    if over.load(Ordering::Relaxed) {
                        return;
                    }
                    counts.add(&client.sanitise(job).await, good);
                }
            })
        })
        .collect();
    let mut killed = 0;
    let end = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() < end {
        std::thread::sleep(PAUSE);
        killed += kill_workers(served.0.id());
    }
    over.store(true, Ordering::Relaxed);
    for caller in callers {
        runtime.block_on(caller).expect("no panic");
    }
    println!("{killed} workers killed in {seconds} s: {counts:?}");
    let count = |count: &AtomicUsize| count.load(Ordering::Relaxed);
    assert!(
        killed > 0 && count(&counts.right) > 0,
        "{killed} {counts:?}"
    );
    assert_eq!(count(&counts.wrong), 0, "{counts:?}");
    let told = [&counts.right, &counts.refused, &counts.lost_worker];
    assert_eq!(
        told.into_iter().map(count).sum::<usize>(),
        count(&counts.sent)
    );
    // and afterwards all is well
    for (job, good) in jobs.iter() {
        let answer = runtime.block_on(one.sanitise(job)).expect("an answer");
        assert_eq!(given(&answer), given(good));
    }
}

//! What came of a load.

use crate::served::Served;
use bytes::Bytes;
use mugai_client::{Answer, Hold};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

#[derive(Default)]
pub(crate) struct Seen {
    answered: Vec<Duration>,
    bytes: usize,
    held: usize,
    time: Duration,
}

impl Seen {
    pub(crate) fn add(&mut self, file: &Bytes, began: Instant, end: &Result<Answer, Hold>) {
        if end.is_ok() {
            self.answer(file, began);
        } else {
            self.held = self.held.saturating_add(1);
        }
    }

    pub(crate) fn answer(&mut self, file: &Bytes, began: Instant) {
        self.answered.push(began.elapsed());
        self.bytes = self.bytes.saturating_add(file.len());
    }

    pub(crate) fn join(&mut self, other: Self) {
        self.answered.extend(other.answered);
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.held = self.held.saturating_add(other.held);
        self.time = self.time.saturating_add(other.time);
    }

    /// Says how long it took.
    pub(crate) const fn took(&mut self, time: Duration) {
        self.time = time;
    }

    /// So many milliseconds for all answers, in microseconds for each.
    pub(crate) fn micros_each(&self, millis: u64) -> u64 {
        let many = u64::try_from(self.answered.len()).unwrap_or(u64::MAX);
        let micros = millis.saturating_mul(1000).checked_div(many);
        micros.unwrap_or_default()
    }

    /// Answers a second.
    pub(crate) fn rate(&self) -> u64 {
        per_second(self.answered.len(), self.time)
    }

    pub(crate) fn print(&self, name: &str, served: Option<&Served>) {
        let kilobytes = per_second(self.bytes, self.time) / 1000;
        let mut times = self.answered.clone();
        let [p50, p99, p999] = [500, 990, 999].map(|mille| at(&mut times, mille));
        println!(
            "{name}: {} msg/s, {}.{:03} MB/s, p50 {p50:.1?}, p99 {p99:.1?}, p99.9 {p999:.1?}, held {}",
            self.rate(),
            kilobytes / 1000,
            kilobytes % 1000,
            self.held,
        );
        if let Some(served) = served {
            let [now, most] = served.memory().map(|kilobytes| kilobytes / 1000);
            let workers = served.workers_memory() / 1000;
            println!(
                "  memory of the service {now} MB, at most {most} MB; of its workers {workers} MB"
            );
        }
    }
}

/// How many a second.
pub(crate) fn per_second(many: usize, time: Duration) -> u64 {
    let many = u128::try_from(many).unwrap_or_default();
    let rate = many.saturating_mul(1_000_000).checked_div(time.as_micros());
    u64::try_from(rate.unwrap_or_default()).unwrap_or(u64::MAX)
}

/// The time that so many of a thousand are not above.
pub(crate) fn at(times: &mut [Duration], mille: usize) -> Duration {
    times.sort_unstable();
    let index = times.len().saturating_mul(mille) / 1000;
    times.get(index).copied().unwrap_or_default()
}

/// One in a hundred of the other.
pub(crate) fn percent(one: u64, other: u64) -> u64 {
    one.saturating_mul(100).checked_div(other).unwrap_or(0)
}

pub(crate) async fn gather(calls: Vec<JoinHandle<Seen>>, began: Instant) -> Seen {
    let mut all = Seen::default();
    for call in calls {
        if let Ok(seen) = call.await {
            all.join(seen);
        }
    }
    all.time = began.elapsed();
    all
}

//! What the isolation costs: round trips of a text through a worker, the same work without one,
//! and the time from nothing to a worker that is ready.
//!
//! ```text
//! cargo build --release -p mugai-isolate --bin isolate-test-worker --example round_trip
//! target/release/examples/round_trip [MEGABYTES THAT THIS PROCESS HOLDS [BYTES OF A PICTURE]]
//! ```
//!
//! With the second number there is nothing but many pictures of that size, for a profiler.
#![expect(clippy::print_stdout, reason = "it is for people to read")]

use mugai_core::{
    Assignment, Budget, Finding, Hints, Kind, Limits, Opener, Page, Params, Patience, Piece,
    PixelFormat, Refusal, Request, Sink, Text, Treatments, Untrusted,
};
use mugai_isolate::{Config, Pool};
use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

const LIMITS: Limits = Limits {
    bytes: 64 << 20,
    pixels: 64 << 20,
    parts: 0,
    depth: 0,
    steps: u64::MAX,
};

/// Bytes of a part, and how often it is opened.
const SIZES: [(usize, u32); 3] = [(1_000, 5_000), (100_000, 1_000), (10_000_000, 20)];

/// Takes pieces and forgets them.
struct Nowhere;

impl Sink for Nowhere {
    fn kind(&mut self, _: Kind) -> Result<(), Refusal> {
        Ok(())
    }
    fn put(&mut self, piece: Piece) -> Result<(), Refusal> {
        black_box(piece);
        Ok(())
    }
    fn note(&mut self, _: Finding) -> Result<(), Refusal> {
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let held: usize = std::env::args().nth(1).map_or(Ok(0), |text| text.parse())?;
    let ballast = vec![1u8; held.saturating_mul(1 << 20)];
    let mut executable = std::env::current_exe()?;
    executable.pop();
    executable.pop();
    executable.push("isolate-test-worker");
    let config = |fresh| Config {
        executable: executable.clone(),
        workers: 1,
        fresh,
        ..Config::default()
    };
    println!("this process holds {held} MB");
    let pool = Pool::new(config(false))?;
    if let Some(bytes) = std::env::args().nth(2) {
        let bytes: usize = bytes.parse()?;
        let rounds = u32::try_from(2_000_000_000usize.checked_div(bytes).unwrap_or(0))?;
        let name = format!("picture of {bytes} bytes through a worker");
        return Ok(round_trips(&name, &pool, "picture", (bytes, rounds))?);
    }
    for command in ["picture", "echo"] {
        for (bytes, rounds) in SIZES {
            let name = format!("{command} of {bytes} bytes through a worker");
            round_trips(&name, &pool, command, (bytes, rounds))?;
        }
    }
    drop(pool);
    for (bytes, rounds) in SIZES {
        picture_in_process(bytes, rounds)?;
        echo_in_process(bytes, rounds);
    }
    starts(&config(false))?;
    let pool = Pool::new(config(true))?;
    let name = "picture of 100000 bytes, a worker each";
    round_trips(name, &pool, "picture", (100_000, 300))?;
    overshoot(&config(false))?;
    black_box(&ballast);
    Ok(())
}

fn open(
    pool: &Pool,
    input: &Untrusted,
    assignment: &Assignment,
    budget: &Budget,
) -> Result<(), Refusal> {
    let request = Request {
        input,
        assignment,
        budget,
        sink: &mut Nowhere,
    };
    pool.open(request, Patience::default())
}

fn round_trips(
    name: &str,
    pool: &Pool,
    command: &str,
    (bytes, rounds): (usize, u32),
) -> Result<(), Refusal> {
    let mut input = format!("{command}\n").into_bytes();
    input.resize(input.len().saturating_add(bytes), b'x');
    let input = Untrusted::new(input);
    let order = order();
    let mut times = Vec::new();
    for _ in 0..rounds {
        let budget = Budget::new(LIMITS);
        let begun = Instant::now();
        open(pool, &input, &order, &budget)?;
        times.push(begun.elapsed());
    }
    report(name, times);
    Ok(())
}

/// What the reader of the test worker does with a picture, without any worker.
fn picture_in_process(bytes: usize, rounds: u32) -> Result<(), Box<dyn Error>> {
    let input = vec![b'x'; bytes];
    let height = u32::try_from(bytes / 1_000)?;
    let mut times = Vec::new();
    for _ in 0..rounds {
        let budget = Budget::new(LIMITS);
        let begun = Instant::now();
        let mut canvas = Page::start(1_000, height, PixelFormat::Grey8, &budget)?;
        canvas.push(black_box(&input))?;
        black_box(canvas.finish()?);
        times.push(begun.elapsed());
    }
    report(&format!("picture of {bytes} bytes without a worker"), times);
    Ok(())
}

/// The same for text; through a worker it is scanned twice, on either side of the border.
fn echo_in_process(bytes: usize, rounds: u32) {
    let input = vec![b'x'; bytes];
    let times = (0..rounds).map(|_| {
        let begun = Instant::now();
        let text = String::from_utf8_lossy(black_box(&input));
        black_box(Text::clean(&text));
        begun.elapsed()
    });
    report(
        &format!("echo of {bytes} bytes without a worker"),
        times.collect(),
    );
}

fn starts(config: &Config) -> Result<(), Box<dyn Error>> {
    let mut times = Vec::new();
    for _ in 0..200 {
        let begun = Instant::now();
        let pool = Pool::new(config.clone())?;
        times.push(begun.elapsed());
        drop(pool);
    }
    report("start of a pool and its first worker, to ready", times);
    Ok(())
}

/// How long after its deadline a part is given up, its worker killed and waited for.
fn overshoot(config: &Config) -> Result<(), Box<dyn Error>> {
    let deadline = Duration::from_millis(20);
    let pool = Pool::new(Config {
        deadline,
        ..config.clone()
    })?;
    let input = Untrusted::new(b"loop\n".to_vec());
    let mut times = Vec::new();
    for _ in 0..100 {
        let budget = Budget::new(LIMITS);
        let begun = Instant::now();
        drop(open(&pool, &input, &order(), &budget));
        times.push(begun.elapsed().saturating_sub(deadline));
    }
    report("wait for a worker, overshoot of a deadline", times);
    Ok(())
}

fn order() -> Assignment {
    Assignment {
        hints: Hints::default(),
        treatments: Treatments::nothing(),
        limits: LIMITS,
        params: Params::default(),
    }
}

fn report(name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: usize| {
        let place = times.len().saturating_mul(share) / 100;
        times.get(place).copied().unwrap_or_default()
    };
    println!("{name:44} p50 {:>10.1?}  p99 {:>10.1?}", at(50), at(99));
}

//! Many mails, of which two in a hundred have an attachment that takes its reader over: all others come out
//! byte by byte as they would alone, those come out without that attachment, and nothing piles up.
//!
//! `MUGAI_SOAK=1000000` for more mails than the usual number. Alone in its process, for it counts what that has.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::integer_division,
    clippy::panic,
    reason = "a test of small counts; what it needs and does not get fails it"
)]

use mugai_core::{NoFonts, Opener, Patience, SafeName, Untrusted};
use mugai_engine::{Order, Outcome, Output, Policy, Verdict, sanitise};
use mugai_isolate::{Config, Pool};
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How many mails, unless the environment says otherwise.
const MAILS: u64 = 20_000;
/// How many different healthy mails there are.
const VARIETY: u64 = 40;
/// Every so many mails one is hostile.
const HOSTILE_EACH: u64 = 50;
/// What it does. Each kind but the last two loses its worker by a crash.
const HOSTILE: [&str; 11] = [
    "panic", "abort", "exit", "overflow", "bomb", "open", "socket", "spawn", "flood", "spend",
    "loop",
];
/// How often one of them only takes its time, until its deadline, and how often one answers until it may not go on,
/// which takes seconds as well.
const LOOPS: usize = 4;
const FLOODS: usize = 100;
const DEADLINE: Duration = Duration::from_secs(10);
const THREADS: usize = 4;
/// How much more memory the trusted process may hold at the end than after a tenth of the mails, in bytes.
const GROWTH: u64 = 24 << 20;

/// A healthy mail: prose, a table, a picture, all different from mail to mail.
fn mail(number: u64, hostile: Option<&str>) -> Vec<u8> {
    let mut mail =
        String::from("From: soumu@city.example.lg.jp\r\nTo: kikaku@city.example.lg.jp\r\n");
    write!(
        mail,
        "Subject: =?UTF-8?B?44GK55+l44KJ44Gb?= {number}\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n"
    )
    .expect("a string");
    for line in 0..=number % 30 {
        write!(
            mail,
            "第{line}項 文書番号{number}について、下記のとおり通知します。\r\n"
        )
        .expect("a string");
    }
    write!(
        mail,
        "--b\r\nContent-Type: text/csv; charset=utf-8\r\n\
         Content-Disposition: attachment; filename=\"t{number}.csv\"\r\n\r\n番号,品名\r\n{number},机\r\n"
    )
    .expect("a string");
    if let Some(command) = hostile {
        write!(
            mail,
            "--b\r\nContent-Type: text/plain\r\n\
             Content-Disposition: attachment; filename=\"h.txt\"\r\n\r\nmugai-hostile {command}\r\n"
        )
        .expect("a string");
    }
    mail.push_str("--b--\r\n");
    mail.into_bytes()
}

fn run(number: u64, hostile: Option<&str>, policy: &Policy, opener: &dyn Opener) -> Outcome {
    let order = Order {
        input: Untrusted::new(mail(number, hostile)),
        name: SafeName::clean("m.eml").0,
        label: "m.eml".to_owned(),
        policy,
        from: "internet",
        to: "lgwan",
        passwords: &[],
        patience: Patience::default(),
    };
    sanitise(order, opener)
}

fn files(outcome: &Outcome) -> &[Output] {
    match &outcome.verdict {
        Verdict::Sanitised(files) => files,
        Verdict::Withheld(refusal) => panic!("withheld: {refusal}"),
    }
}

/// Resident memory of this process, in bytes, and its open descriptors.
fn held() -> (u64, usize) {
    let memory = std::fs::read_to_string("/proc/self/statm").expect("statm");
    let pages: u64 = memory
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse().ok())
        .expect("pages");
    let descriptors = std::fs::read_dir("/proc/self/fd").expect("fd").count();
    (pages * 4096, descriptors)
}

#[test]
fn healthy_mails_among_hostile_ones_are_neither_lost_nor_altered() {
    let mails = std::env::var("MUGAI_SOAK").ok();
    let mails: u64 = mails.map_or(MAILS, |mails| mails.parse().expect("MUGAI_SOAK: a number"));
    assert!(mails >= 10, "MUGAI_SOAK: ten or more");
    let policy = Policy::preset("municipal-lgwan").expect("a preset");
    let in_process = mugai_open::InProcess::<NoFonts>::default();
    let alone: Vec<Outcome> = (0..VARIETY)
        .map(|number| run(number, None, &policy, &in_process))
        .collect();
    let pool = Pool::new(Config {
        executable: PathBuf::from(env!("CARGO_BIN_EXE_mugai-hostile-worker")),
        workers: 2,
        deadline: DEADLINE,
        memory_bytes: 512 << 20,
        answer_bytes: Some(64 << 20),
        ..Config::default()
    })
    .expect("a pool");
    let (next, lost, done) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let early = std::sync::OnceLock::new();
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= mails {
                        break;
                    }
                    if at % HOSTILE_EACH == HOSTILE_EACH / 2 {
                        hostile(at, &policy, &pool);
                        lost.fetch_add(1, Ordering::Relaxed);
                    } else {
                        let number = at % VARIETY;
                        let outcome = run(number, None, &policy, &pool);
                        let wanted = &alone[usize::try_from(number).expect("small")];
                        assert_eq!(outcome.verdict, wanted.verdict, "mail {at}");
                        assert_eq!(outcome.report, wanted.report, "mail {at}");
                    }
                    let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                    if done.is_multiple_of(mails / 10) {
                        let (memory, descriptors) = held();
                        println!("{done} mails: {} KB, {descriptors} open", memory >> 10);
                        early.get_or_init(|| (memory, descriptors));
                    }
                }
            });
        }
    });
    let (memory, descriptors) = held();
    let (early_memory, early_descriptors) = *early.get().expect("a tenth was done");
    println!(
        "{mails} mails, {} hostile; memory {} MB after a tenth, {} MB at the end; workers started: {}",
        lost.load(Ordering::Relaxed),
        early_memory >> 20,
        memory >> 20,
        pool.figures().map_or(0, |figures| figures.started)
    );
    assert!(
        memory <= early_memory.saturating_add(GROWTH),
        "memory grows"
    );
    // a worker that is being started has some more for a moment
    assert!(
        descriptors <= early_descriptors.saturating_add(16),
        "descriptors pile up"
    );
    let outcome = run(1, None, &policy, &pool);
    assert_eq!(outcome.verdict, alone[1].verdict);
}

/// The attachment is withheld, its neighbours are not, and the report says so.
fn hostile(at: u64, policy: &Policy, pool: &Pool) {
    let turn = usize::try_from(at / HOSTILE_EACH).expect("small");
    let (kind, round) = (turn % HOSTILE.len(), turn / HOSTILE.len());
    let command = match HOSTILE[kind] {
        "loop" if round >= LOOPS => "abort",
        "flood" if round >= FLOODS => "bomb",
        command => command,
    };
    let outcome = run(at % VARIETY, Some(command), policy, pool);
    assert_eq!(files(&outcome).len(), 1, "{command}");
    assert!(!outcome.report.alarm(), "{command}");
    let withheld: Vec<_> = outcome
        .report
        .parts
        .iter()
        .filter(|part| part.refusal.is_some())
        .collect();
    let [part] = withheld.as_slice() else {
        panic!("{command}: {} parts are withheld", withheld.len());
    };
    let code = part.refusal.as_ref().expect("filtered").code;
    let wanted: &[&str] = match command {
        "spend" => &["overrun"],
        "loop" => &["lost_deadline"],
        // a machine that is busy with other things may not come to the end of these
        "flood" | "bomb" | "overflow" => &["lost_crash", "lost_deadline"],
        _ => &["lost_crash"],
    };
    assert!(wanted.contains(&code), "{command}: {code}");
    assert_eq!(part.name.as_deref(), Some("h.txt"), "{command}");
}

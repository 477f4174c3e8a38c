//! What if the n-th step of ours fails? Every case of `testdata/` is sanitised by an opener that fails at its n-th
//! event (an order, a piece, a finding, an end, a check of a draft, a conversion), for n = 1, 2, … until the job
//! runs through, once and from then on. There is always a verdict and a ledger that adds up, what goes out is
//! verified, and nothing that was planted comes out.
#![expect(clippy::arithmetic_side_effects, reason = "a test of small counts")]

use mugai_core::{
    Conversion, Finding, Kind, Loss, NoFonts, Opener, Patience, Piece, Refusal, Request, Resource,
    Sink, Untrusted, Violation,
};
use mugai_engine::{Order, Outcome, Policy, Verdict, sanitise};
use mugai_testkit::{Disk, InFiles, corpus, oracle};
use std::sync::atomic::{AtomicU64, Ordering};

/// Larger inputs say no more, and would make the run long.
const MOST_BYTES: usize = 64 << 10;
/// So many events of a job are let fail, one after the other; then every tenth, then every hundredth.
const EACH: u64 = 24;
/// The most faults for one input.
const MOST_FAULTS: u64 = 60;

/// An opener that fails.
struct Failing {
    inner: mugai_open::InProcess<NoFonts>,
    events: AtomicU64,
    /// The event that fails.
    at: u64,
    /// Whether all after it fail, too.
    onwards: bool,
}

impl Failing {
    fn new(at: u64, onwards: bool) -> Self {
        Self {
            inner: mugai_open::InProcess::default(),
            events: AtomicU64::new(0),
            at,
            onwards,
        }
    }

    /// An event: it fails if its time has come.
    fn event(&self) -> Result<(), Refusal> {
        let event = self.events.fetch_add(1, Ordering::Relaxed) + 1;
        if event == self.at || self.onwards && event > self.at {
            return Err(self.fault());
        }
        Ok(())
    }

    fn failed(&self) -> bool {
        self.events.load(Ordering::Relaxed) >= self.at
    }

    /// One of the ways in which things fail.
    fn fault(&self) -> Refusal {
        match self.at % 4 {
            0 => Refusal::Lost(Loss::Crash),
            1 => Refusal::Lost(Loss::Deadline),
            2 => Refusal::internal("test: a fault"),
            _ => Refusal::Overrun {
                resource: Resource::Steps,
                limit: 1,
            },
        }
    }
}

struct FailingSink<'a> {
    inner: &'a mut dyn Sink,
    of: &'a Failing,
}

impl Sink for FailingSink<'_> {
    fn kind(&mut self, kind: Kind) -> Result<(), Refusal> {
        self.of.event()?;
        self.inner.kind(kind)
    }
    fn put(&mut self, piece: Piece) -> Result<(), Refusal> {
        self.of.event()?;
        self.inner.put(piece)
    }
    fn note(&mut self, finding: Finding) -> Result<(), Refusal> {
        self.of.event()?;
        self.inner.note(finding)
    }
}

impl Opener for Failing {
    fn open(&self, request: Request<'_>, patience: Patience<'_>) -> Result<(), Refusal> {
        self.event()?;
        let mut sink = FailingSink {
            inner: request.sink,
            of: self,
        };
        let request = Request {
            sink: &mut sink,
            ..request
        };
        self.inner.open(request, patience)?;
        self.event()
    }

    fn check(
        &self,
        question: &[u8],
        draft: &[&mugai_core::Spooled],
        _: Patience<'_>,
    ) -> Option<Result<(), Refusal>> {
        if self.event().is_err() {
            return Some(Err(Refusal::Unverified(Violation::of("test: a fault"))));
        }
        let draft: Vec<u8> = draft
            .iter()
            .flat_map(|piece| mugai_testkit::bytes_of(piece))
            .collect();
        let answer = mugai_verify::answer(question, &draft);
        Some(answer.map_err(Refusal::Unverified))
    }

    fn convert(
        &self,
        document: &Untrusted,
        conversion: Conversion,
        limit: u64,
        patience: Patience<'_>,
    ) -> Result<Untrusted, Refusal> {
        self.event()?;
        self.inner.convert(document, conversion, limit, patience)
    }
}

fn run(input: &[u8], name: &str, policy: &Policy, opener: &dyn Opener) -> Outcome {
    let order = Order {
        input: Untrusted::new(input.to_vec()),
        name: mugai_core::SafeName::clean(name).0,
        label: name.to_owned(),
        policy,
        from: "internet",
        to: "lgwan",
        passwords: &[],
        patience: Patience::default(),
    };
    sanitise(order, opener)
}

/// Whether any file that goes out is the input, or a long piece of it from its middle.
fn is_original(outcome: &Outcome, input: &[u8]) -> bool {
    let files = match &outcome.verdict {
        Verdict::Sanitised(files) => files.as_slice(),
        Verdict::Withheld(_) => outcome.notice.as_slice(),
    };
    files
        .iter()
        .map(|file| mugai_testkit::bytes_of(file.file.content()))
        .any(|file| input.len() > 64 && file == input && !is_plain(input))
}

/// Texts may come out as they were.
fn is_plain(input: &[u8]) -> bool {
    std::str::from_utf8(input).is_ok()
}

/// The same where all of a job lies in files, and the disk fails.
#[test]
fn a_disk_that_fails_withholds_and_loses_nothing() {
    let policy = Policy::preset("municipal-lgwan").expect("a preset");
    let in_process = mugai_open::InProcess::<NoFonts>::default();
    let (mut faults, mut withheld) = (0u64, 0u64);
    for place in corpus::cases().expect("testdata can be listed") {
        let (input, _) = place.input().expect("the recipe is good");
        if input.len() > MOST_BYTES {
            continue;
        }
        let name = place.name.replace('/', "-");
        for onwards in [false, true] {
            for at in 1..MOST_FAULTS {
                let disk = Disk::failing(at, onwards);
                let in_files = InFiles::on(&in_process, disk.clone());
                let outcome = run(&input, &name, &policy, &in_files);
                let failed = disk.mend();
                oracle::outcome(&outcome);
                assert!(!is_original(&outcome, &input), "{name}: fault {at}");
                if !failed {
                    break;
                }
                faults += 1;
                withheld += u64::from(outcome.report.totals.withheld > 0);
            }
        }
    }
    println!("{faults} faults of the disk, {withheld} with something withheld");
    assert!(faults > 500 && withheld > 100, "{faults} {withheld}");
}

#[test]
fn whatever_fails_there_is_a_verdict_and_nothing_comes_out_unchecked() {
    let policy = Policy::preset("municipal-lgwan").expect("a preset");
    let (mut inputs, mut faults, mut withheld) = (0u64, 0u64, 0u64);
    for place in corpus::cases().expect("testdata can be listed") {
        let (input, _) = place.input().expect("the recipe is good");
        if input.len() > MOST_BYTES {
            continue;
        }
        inputs += 1;
        let name = place.name.replace('/', "-");
        for onwards in [false, true] {
            let mut at = 1;
            for _ in 0..MOST_FAULTS {
                let failing = Failing::new(at, onwards);
                let outcome = run(&input, &name, &policy, &failing);
                oracle::outcome(&outcome);
                assert!(!is_original(&outcome, &input), "{name}: fault {at}");
                if !failing.failed() {
                    break;
                }
                faults += 1;
                withheld += u64::from(outcome.report.totals.withheld > 0);
                if onwards && at == 1 {
                    // nothing could be opened: nothing but notices goes out
                    assert!(matches!(outcome.verdict, Verdict::Withheld(_)), "{name}");
                }
                at += match at {
                    0..EACH => 1,
                    EACH..200 => 10,
                    _ => 100,
                };
            }
        }
    }
    println!("{inputs} inputs, {faults} faults, {withheld} of them with something withheld");
    assert!(inputs > 100 && faults > 1_000, "{inputs} {faults}");
}

//! What the tests of the pool share.
#![allow(dead_code, reason = "not every test needs all of it")]
#![expect(clippy::expect_used, reason = "a test without a pool has failed")]

use mugai_core::{
    Assignment, Budget, Finding, Hints, Kind, Limits, Opener, Params, Patience, Piece, Refusal,
    Request, Resource, Sink, Treatments, Untrusted,
};
use mugai_isolate::{Config, Pool};
use std::path::PathBuf;
use std::time::Duration;

/// Limits that nothing but the hostile reaches.
pub(crate) const LIMITS: Limits = Limits {
    bytes: 64 << 20,
    pixels: 100 << 20,
    parts: 100,
    depth: 5,
    steps: 1 << 40,
};

/// A pool of test workers, which differ from real ones by their reader alone.
pub(crate) fn config() -> Config {
    Config {
        executable: PathBuf::from(env!("CARGO_BIN_EXE_isolate-test-worker")),
        workers: 1,
        deadline: Duration::from_secs(20),
        verifier: None,
        ..Config::default()
    }
}

/// A pool that must come up.
pub(crate) fn pool(config: Config) -> Pool {
    Pool::new(config).expect("a pool")
}

/// Takes everything down.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Notebook {
    pub(crate) kind: Option<Kind>,
    pub(crate) text: String,
    pub(crate) pieces: Vec<Piece>,
    pub(crate) findings: Vec<Finding>,
    /// After how many pieces to refuse one.
    pub(crate) patience: Option<usize>,
}

impl Sink for Notebook {
    fn kind(&mut self, kind: Kind) -> Result<(), Refusal> {
        self.kind = Some(kind);
        Ok(())
    }

    fn put(&mut self, piece: Piece) -> Result<(), Refusal> {
        if self.patience.is_some_and(|most| self.pieces.len() >= most) {
            return Err(Refusal::internal("test: enough"));
        }
        if let Piece::Text(text) = &piece {
            self.text.push_str(text.as_str());
        }
        self.pieces.push(piece);
        Ok(())
    }

    fn note(&mut self, finding: Finding) -> Result<(), Refusal> {
        self.findings.push(finding);
        Ok(())
    }

    fn begin_again(&mut self) -> bool {
        let patience = self.patience;
        *self = Self {
            patience,
            ..Self::default()
        };
        true
    }
}

/// An order under these limits.
pub(crate) fn order(limits: Limits) -> Assignment {
    Assignment {
        hints: Hints::default(),
        treatments: Treatments::nothing(),
        limits,
        params: Params::default(),
    }
}

/// Has one part opened, without any haste.
pub(crate) fn open(
    pool: &Pool,
    input: &Untrusted,
    assignment: &Assignment,
    budget: &Budget,
    sink: &mut dyn Sink,
) -> Result<(), Refusal> {
    let request = Request {
        input,
        assignment,
        budget,
        sink,
    };
    pool.open(request, Patience::default())
}

/// Has a command done under `limits`, with a purse of ours that holds as much.
pub(crate) fn run_with(
    pool: &Pool,
    command: impl AsRef<[u8]>,
    limits: Limits,
) -> (Notebook, Result<(), Refusal>, u64) {
    let mut sink = Notebook::default();
    let budget = Budget::new(limits);
    let input = Untrusted::new(command.as_ref().to_vec());
    let result = open(pool, &input, &order(limits), &budget, &mut sink);
    (sink, result, budget.spent(Resource::Steps))
}

/// Has a command done; its text, or why there is none.
pub(crate) fn run(pool: &Pool, command: impl AsRef<[u8]>) -> Result<String, Refusal> {
    let (sink, result, _) = run_with(pool, command, LIMITS);
    result.map(|()| sink.text)
}

/// The processes whose parent is `parent`, zombies included.
pub(crate) fn children_of(parent: u32) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = processes.filter_map(|entry| entry.file_name().to_string_lossy().parse().ok());
    numbers
        .filter(|pid| state_and_parent(*pid).is_some_and(|(_, of)| of == parent))
        .collect()
}

/// The state of a process, `Z` for a zombie, and its parent; `None` when it is gone.
pub(crate) fn state_and_parent(pid: u32) -> Option<(String, u32)> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // the name may have blanks; what follows its closing bracket is state and parent
    let mut fields = stat.rsplit(')').next()?.split_whitespace();
    Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
}

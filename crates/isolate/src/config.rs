//! What a pool is told.

use crate::converter::ConverterConfig;
use crate::fence::Fences;
use crate::font::FontFile;
use crate::group::{Allowance, Groups};
use std::ffi::OsString;
use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

/// How many deadlines of processor time a worker has in its life, unless it is told otherwise.
const CPU_DEADLINES: u32 = 10;

/// Whether workers that have nothing to do help with the pages of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// A document is that of one worker.
    Never,
    /// They do where it saves time: where the pages that are left take longer than opening the document does.
    Paying,
    /// They do as soon as there are two pages for each. This makes sense in tests.
    Always,
}

/// Settings of a pool. The defaults are right for the executable that contains both sides.
#[derive(Clone, Debug)]
pub struct Config {
    /// The executable that has the worker role; default: this very one.
    pub executable: PathBuf,
    /// The arguments that ask for the role; default: `worker`.
    pub arguments: Vec<OsString>,
    /// The arguments that ask for the role of a verifier, of which there are as many as workers; default:
    /// `verifier`. With `None` this pool checks no drafts, and whoever asks it to has to do so himself.
    pub verifier: Option<Vec<OsString>>,
    /// The most workers at once, at least 1; default: one a processor.
    pub workers: usize,
    /// Wall-clock time for one part, from the order to the end of its answer, whatever the
    /// receiver of the pieces does in between included; default: 120 s.
    pub deadline: Duration,
    /// Address space of a worker, in bytes; default: 2 GiB.
    pub memory_bytes: u64,
    /// Processor time of a worker in its whole life; default: ten deadlines. A worker is replaced
    /// before it could run out of it honestly.
    pub cpu: Option<Duration>,
    /// The largest part that is taken, in bytes; default: 512 MiB. Memory is used for what is
    /// really there.
    pub input_bytes: u64,
    /// Size of the window that answers come through, in bytes; default: 1 MiB.
    pub window_bytes: NonZero<u32>,
    /// The most bytes of one answer; default: what its limits can amount to.
    pub answer_bytes: Option<u64>,
    /// How many parts a worker opens before it is replaced; default: 1000.
    pub recycle_after: u32,
    /// A new worker for every part; default: no.
    pub fresh: bool,
    /// Whether workers share the pages of one document; default: [`Sharing::Paying`].
    pub sharing: Sharing,
    /// Fonts for text whose own font is not embedded.
    pub fonts: Vec<FontFile>,
    /// The fences that workers put up; default: all. Fewer only make sense in tests of each one.
    pub fences: Fences,
    /// The fences without which no worker is used; default: [`Fences::REQUIRED`].
    pub required: Fences,
    /// Where each worker has a control group of its own, which is done where it can be and required only where
    /// [`Fences::GROUP`] is; default: [`Groups::Delegated`].
    pub groups: Groups,
    /// Where what is large waits, in files without names; `None`: in memory. Default: [`crate::spool::folder`].
    pub spool: Option<PathBuf>,
    /// The office suite that converts documents; default: none, and conversions are refused.
    pub converter: Option<ConverterConfig>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            executable: PathBuf::from("/proc/self/exe"),
            arguments: vec![OsString::from("worker")],
            verifier: Some(vec![OsString::from("verifier")]),
            workers: std::thread::available_parallelism().map_or(1, NonZero::get),
            deadline: Duration::from_mins(2),
            memory_bytes: 2 << 30,
            cpu: None,
            input_bytes: 512 << 20,
            window_bytes: NonZero::<u32>::MIN.saturating_add((1 << 20) - 1),
            answer_bytes: None,
            recycle_after: 1_000,
            fresh: false,
            sharing: Sharing::Paying,
            fonts: Vec::new(),
            fences: Fences::ALL,
            required: Fences::REQUIRED,
            groups: Groups::Delegated,
            spool: crate::spool::folder(),
            converter: None,
        }
    }
}

/// Address space of a verifier, in bytes: a draft may be held twice, and be unpacked beside that.
const VERIFIER_MEMORY: u64 = 4 << 30;

impl Config {
    /// The settings of the verifiers that belong to such a pool.
    pub(crate) fn of_verifiers(&self) -> Option<Self> {
        Some(Self {
            arguments: self.verifier.clone()?,
            verifier: None,
            memory_bytes: self.memory_bytes.max(VERIFIER_MEMORY),
            fonts: Vec::new(),
            converter: None,
            ..self.clone()
        })
    }

    /// What the group of a worker allows: its memory, and its only thread.
    pub(crate) const fn allowance(&self) -> Allowance {
        Allowance {
            memory: self.memory_bytes,
            processes: 1,
        }
    }

    /// Processor time of a worker in its whole life, in whole seconds, at least 1.
    pub(crate) fn cpu_seconds(&self) -> u64 {
        let cpu = self
            .cpu
            .unwrap_or_else(|| self.deadline.saturating_mul(CPU_DEADLINES));
        cpu.as_secs()
            .saturating_add(u64::from(cpu.subsec_nanos() > 0))
            .max(1)
    }
}

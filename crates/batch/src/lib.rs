//! Runs over many files: which they are, where their outputs go, in what order reports are written.
//!
//! Files are opened by the [`Opener`](mugai_core::Opener) that the caller brings; this crate knows
//! no format.
#![forbid(unsafe_code)]

mod deliver;
mod exit;
mod input;
mod order;
mod plan;
mod progress;
mod run;
mod table;

pub use exit::Exit;
pub use plan::{Input, Plan, PlanError};
pub use progress::Progress;
pub use run::{Run, RunError, Summary};
pub use table::{lines, summary_line};

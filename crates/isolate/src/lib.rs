//! The pool of confined workers: where untrusted bytes are opened.
//!
//! A *worker* is this same executable, started in its hidden role: one thread that confines itself
//! (resource limits, Landlock, seccomp), proves that the confinement holds, and then opens one part
//! after the other with a reader that it is given. The [`Pool`] keeps the workers, hands them parts
//! and takes their pieces. It believes nothing that a worker says: every answer is copied out of
//! the shared memory first, decoded with the constructors of the core and the receiver's own purse,
//! and whatever an honest worker would not say ends the worker's life.
//!
//! Four fences stand around a part, each of them enough to stop a runaway reader: the purse in the
//! worker, the resource limits of its process, the wall-clock deadline, and the cap on its answer.
//!
//! A *verifier* is a worker of the other kind: it is given drafts, which writers made of such pieces, and says
//! whether they are inside of our profiles. No process is both.
//!
//! Architecture invariant: this crate knows no format and does not depend on the readers; the
//! executable hands them to [`worker_main`], and the checkers to [`verifier_main`].
#![forbid(unsafe_code)]

mod answer;
mod arena;
mod config;
mod converter;
mod descriptors;
mod fence;
mod font;
mod group;
mod link;
#[cfg(feature = "oracle")]
pub mod oracle;
mod pool;
mod process;
mod protocol;
mod sandbox;
pub mod spool;
mod worker;

pub use config::{Config, Sharing};
pub use converter::{ConverterConfig, Watching, converter_main};
pub use descriptors::shed_descriptors;
pub use fence::Fences;
pub use font::FontFile;
pub use group::{Groupless, Groups};
pub use pool::Pool;
pub use process::{Capabilities, Fault};
pub use sandbox::confine_self;
pub use worker::{verifier_main, worker_main};

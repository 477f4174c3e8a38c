//! Runs over many files: which they are, where their outputs go, what was done before, and what
//! happens when somebody stops or kills them.
//!
//! Files are opened by the [`Opener`](mugai_core::Opener) that the caller brings; this crate knows
//! no format.
#![forbid(unsafe_code)]

mod deliver;
mod exit;
mod fail;
mod folder;
mod input;
mod journal;
mod key;
mod plan;
mod progress;
mod queue;
mod receive;
pub mod report;
mod room;
mod run;
mod source;
mod spill;
mod stop;
mod store;
mod summary;
mod table;
mod watch;

pub use exit::Exit;
pub use folder::{FoundThere, OutputFolder};
pub use input::{Bytes, Stamp, Unread, read};
pub use journal::{Made, Placed};
pub use key::{Key, Rules, Slot};
pub use plan::{Input, Inputs, Names, Plan, PlanError, parse_list};
pub use progress::Progress;
pub use queue::{Job, Next, Past, Queue};
pub use receive::{Delivery, Received};
pub use room::{cost, memory};
pub use run::{Choice, Ended, Run, RunError};
pub use source::{Folder, Trouble};
pub use stop::Stop;
pub use store::Store;
pub use summary::{Brief, Summary};
pub use table::{lines, summary_line};
pub use watch::{Keep, KeepFolder, Watch, WatchError};

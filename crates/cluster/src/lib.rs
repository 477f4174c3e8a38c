//! More than one machine: jobs in a queue of NATS `JetStream`, files and results in an object store.
//!
//! What is submitted is a *batch*: a list of inputs in the store, under a name. For each input there is
//! a *job*, named by content, rules and file name, so that the same work has the same name wherever and
//! however often it is asked for; and there is, some day, one *result* of that name, written only if
//! there is none. A *node* takes jobs from the queue, and runs them through the pool of confined workers
//! of its machine. The queue may lose or repeat what it likes: what is to be done are the inputs of the
//! batch without a result, and [`Cluster::reconcile`] puts that into the queue again.
//!
//! Nothing here looks into a file. What comes back is checked by the checkers before it is delivered.
#![forbid(unsafe_code)]

mod batch;
mod bundle;
mod config;
mod dispatch;
mod error;
mod fetch;
mod job;
mod metrics;
mod node;
mod objects;
mod reconcile;
mod status;
mod submit;

pub use batch::BatchName;
pub use config::{Config, ConfigError};
pub use error::Error;
pub use fetch::Fetch;
pub use node::{Node, NodeOptions, Worked};
pub use reconcile::{Reconcile, Reconciled};
pub use status::Status;
pub use submit::{Submit, Submitted};

use dispatch::Dispatch;
use objects::Objects;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// A queue and a store that are connected.
pub struct Cluster {
    config: Config,
    objects: Objects,
    dispatch: Arc<Dispatch>,
    runtime: Runtime,
}

/// Threads that move bytes; the work itself has threads of its own.
const THREADS: usize = 2;

impl Cluster {
    /// Connects to both. Streams that are missing are made.
    ///
    /// # Errors
    /// [`Error`] of what cannot be reached, or does not do what is needed of it.
    pub fn open(config: Config) -> Result<Self, Error> {
        // two libraries that speak TLS, one provider; a second call finds it there
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(THREADS)
            .enable_all()
            .build()
            .map_err(|error| Error::Local(format!("threads: {error}")))?;
        let objects = Objects::open(&config.store, runtime.handle())?;
        let dispatch = runtime.block_on(Dispatch::connect(&config.queue))?;
        Ok(Self {
            config,
            objects,
            dispatch: Arc::new(dispatch),
            runtime,
        })
    }
}

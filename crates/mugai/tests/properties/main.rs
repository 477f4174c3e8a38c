//! Properties of whole runs: the number of workers does not matter, and what is dropped is gone.

mod canary;
mod workers;

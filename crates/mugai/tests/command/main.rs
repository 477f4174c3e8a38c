//! The executable as people use it.

mod policy;
mod sanitise;
mod verify;
mod world;

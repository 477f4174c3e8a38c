//! Resource limits: the fence that stops a reader that eats the machine without breaking a rule.

use crate::protocol::Setup;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::io;

/// Sets all limits but that of descriptors, and reads them back.
///
/// # Errors
/// What the kernel says: limits can always be lowered, so an error means that something is wrong.
pub(super) fn set(setup: &Setup) -> io::Result<bool> {
    of(setup.memory, u64::from(setup.window), setup.cpu_seconds)
}

/// The same for so much memory, files of such a size, and so many seconds.
///
/// # Errors
/// What the kernel says.
pub(super) fn of(memory: u64, file: u64, cpu_seconds: u64) -> io::Result<bool> {
    let mut holds = true;
    for (resource, limit) in [
        (Resource::As, memory),
        (Resource::Fsize, file),
        // a root user may go over this one, so the allow-list has to forbid new processes as well
        (Resource::Nproc, 0),
        (Resource::Core, 0),
        (Resource::Memlock, 0),
        (Resource::Msgqueue, 0),
    ] {
        holds &= lower(resource, limit, limit)?;
    }
    // a signal that can be seen in the log of the kernel first, a kill a second later
    let hard = cpu_seconds.saturating_add(1);
    Ok(holds && lower(Resource::Cpu, cpu_seconds, hard)?)
}

/// Forbids every new descriptor; those that are open stay usable.
///
/// # Errors
/// What the kernel says.
pub(super) fn close_descriptors() -> io::Result<bool> {
    lower(Resource::Nofile, 0, 0)
}

/// Lowers a limit, never above what was allowed before, and tells whether it is in force.
pub(crate) fn lower(resource: Resource, soft: u64, hard: u64) -> io::Result<bool> {
    let before = getrlimit(resource).maximum.unwrap_or(u64::MAX);
    let wanted = Rlimit {
        current: Some(soft.min(before)),
        maximum: Some(hard.min(before)),
    };
    setrlimit(resource, wanted)?;
    Ok(getrlimit(resource) == wanted)
}

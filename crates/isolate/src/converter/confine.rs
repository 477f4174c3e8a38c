//! The fences around the suite. They are put up by the process itself, before it becomes the suite,
//! and all of them survive that.
//!
//! | fence | what |
//! |---|---|
//! | limits | address space, processor time, size of files, descriptors, no core dump |
//! | capabilities | none, and none to be had again, for root as well |
//! | descriptors | none but the standard ones, which lead nowhere |
//! | parent death | the process ends with its keeper; where memory is short, before it |
//! | Landlock | programs, libraries and fonts can be read, one folder written, one program executed |
//! | allow-list of system calls | threads but no processes; no connection, no signal to others, no link |
//!
//! Nothing is put up by a process that is not sure that it stands: each failure is the end.

use super::calls;
use super::role::{Failure, Setup};
use crate::sandbox::goes_first;
use crate::sandbox::limits::lower;
use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, PathBeneath, PathFd, RestrictionStatus, Ruleset,
    RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
};
use rustix::io::Errno;
use rustix::process::{Resource, Signal, set_parent_process_death_signal};
use rustix::thread::{
    CapabilitiesSecureBits, CapabilitySet, CapabilitySets, capabilities, no_new_privs,
    remove_capability_from_bounding_set, set_capabilities, set_capabilities_secure_bits,
    set_no_new_privs,
};
use std::fs::File;
use std::io;
use std::path::Path;

/// The newest version of Landlock whose rights are asked for; an older kernel gives what it has.
const NEWEST: ABI = ABI::V7;

/// What the suite reads beside itself, as far as it is there: libraries, fonts, and the tables that say
/// where these are. Nothing of any user, no configuration of the machine, no device but two.
const READABLE: [&str; 15] = [
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/share",
    "/usr/local/share/fonts",
    "/var/cache/fontconfig",
    "/var/lib/libreoffice",
    "/var/spool/libreoffice",
    "/etc/fonts",
    "/etc/libreoffice",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/dev/null",
    "/dev/urandom",
];

/// What loads programs; the kernel counts it as executed.
const LOADERS: [&str; 2] = ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"];

/// The most descriptors at once.
const DESCRIPTORS: u64 = 256;

/// Confines this process.
///
/// # Errors
/// Which fence does not stand.
pub(super) fn confine(setup: &Setup) -> Result<(), Failure> {
    let check = |stands: bool, failure| if stands { Ok(()) } else { Err(failure) };
    let bound = set_parent_process_death_signal(Some(Signal::KILL)).is_ok();
    check(bound, Failure::Keeper)?;
    // where the memory of the machine, or of a group above, comes to its end, it goes before those who use it
    goes_first();
    limits(setup).map_err(|_| Failure::Limits)?;
    no_capabilities().map_err(|_| Failure::Rights)?;
    check(set_no_new_privs(true).is_ok(), Failure::Rights)?;
    landlock(setup).map_err(|_| Failure::Landlock)?;
    // the status is not enough: what must be closed is tried
    for closed in ["/", "/etc/passwd", "/proc/self/environ"] {
        check(File::open(closed).is_err(), Failure::Landlock)?;
    }
    calls::restrict().map_err(|_| Failure::Calls)?;
    check(no_new_privs().is_ok_and(|none| none), Failure::Rights)
}

fn limits(setup: &Setup) -> io::Result<()> {
    let hard = setup.cpu_seconds.saturating_add(1);
    for (resource, soft, hard) in [
        (Resource::As, setup.memory_bytes, setup.memory_bytes),
        (Resource::Fsize, setup.file_bytes, setup.file_bytes),
        (Resource::Core, 0, 0),
        (Resource::Memlock, 0, 0),
        (Resource::Msgqueue, 0, 0),
        (Resource::Nofile, DESCRIPTORS, DESCRIPTORS),
        (Resource::Cpu, setup.cpu_seconds, hard),
    ] {
        if !lower(resource, soft, hard)? {
            return Err(io::Error::other("a limit does not stand"));
        }
    }
    Ok(())
}

/// Gives up all rights of root. A process without any has nothing to give up, and need not be able to.
fn no_capabilities() -> io::Result<()> {
    let now = capabilities(None)?;
    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    if now.effective.contains(CapabilitySet::SETPCAP) {
        // otherwise the kernel would give them to root again when the suite is executed
        set_capabilities_secure_bits(
            CapabilitiesSecureBits::NO_ROOT | CapabilitiesSecureBits::NO_ROOT_LOCKED,
        )?;
        for number in 0..u64::BITS {
            let capability = CapabilitySet::from_bits_retain(1u64.checked_shl(number).unwrap_or(0));
            match remove_capability_from_bounding_set(capability) {
                Ok(()) => {}
                // beyond the last one that this kernel knows
                Err(Errno::INVAL) => break,
                Err(error) => return Err(error.into()),
            }
        }
    }
    set_capabilities(None, none)?;
    if capabilities(None)? == none {
        Ok(())
    } else {
        Err(io::Error::other("capabilities are left"))
    }
}

fn landlock(setup: &Setup) -> io::Result<()> {
    let status = rules(setup).map_err(io::Error::other)?;
    if status.ruleset == RulesetStatus::NotEnforced {
        return Err(io::Error::other("no Landlock"));
    }
    Ok(())
}

fn rules(setup: &Setup) -> Result<RestrictionStatus, RulesetError> {
    let all = AccessFs::from_all(NEWEST);
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    let execute = read | AccessFs::Execute;
    // neither programs nor links, devices and pipes can be made there
    let own = all
        & !(AccessFs::Execute
            | AccessFs::MakeSym
            | AccessFs::MakeBlock
            | AccessFs::MakeChar
            | AccessFs::MakeFifo
            | AccessFs::IoctlDev);
    let mut rules = Ruleset::default()
        .handle_access(all)?
        .handle_access(AccessNet::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()?;
    for path in READABLE {
        rules = allow(rules, Path::new(path), read)?;
    }
    // the suite, wherever it was installed: its program lies in a folder of its root
    if let Some(root) = setup.program.parent().and_then(Path::parent) {
        rules = allow(rules, root, read)?;
    }
    rules = allow(rules, &setup.program, execute)?;
    for loader in LOADERS {
        rules = allow(rules, Path::new(loader), execute)?;
    }
    rules = allow(rules, &setup.folder, own)?;
    rules.restrict_self()
}

/// Allows `access` to what is at `path`, if anything is.
fn allow(
    rules: RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, RulesetError> {
    let Ok(place) = PathFd::new(path) else {
        return Ok(rules);
    };
    let access = if path.is_dir() {
        access
    } else {
        access & AccessFs::from_file(NEWEST)
    };
    rules.add_rule(PathBeneath::new(place, access))
}

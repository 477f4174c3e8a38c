//! `mugai doctor`: which fences hold here, and which fonts stand in for those that documents do not bring.

use crate::commands::end;
use crate::say::{complain, say};
use crate::{fonts, pools, suite};
use mugai_batch::Exit;
use mugai_core::cx::Script;
use mugai_isolate::{Config, Fences, Pool, Watching};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// What each fence is for.
const ABOUT: [(Fences, &str); 9] = [
    (
        Fences::LIMITS,
        "limits of memory, processor time, files and processes; no descriptor of others",
    ),
    (
        Fences::PARENT_DEATH,
        "workers die with the process that started them",
    ),
    (
        Fences::UNDUMPABLE,
        "nobody of the same user reads their memory",
    ),
    (Fences::NO_NEW_PRIVS, "executing gives no rights"),
    (
        Fences::LANDLOCK_FILES,
        "no file can be opened (Landlock, Linux 5.13)",
    ),
    (Fences::LANDLOCK_NET, "no TCP (Landlock, Linux 6.7)"),
    (
        Fences::LANDLOCK_SCOPE,
        "no signal, no abstract socket (Landlock, Linux 6.12)",
    ),
    (Fences::SECCOMP, "20 system calls, and death for any other"),
    (
        Fences::GROUP,
        "a control group each: memory, no swap, one thread (where delegated)",
    ),
];

/// Of a converter that converts nothing.
const DEADLINE: Duration = Duration::from_secs(1);

/// Starts a worker as every command does, but without requiring anything of it, and says what it found.
/// Exit 0 when all fences stand that are required, 4 when one is missing: mugai opens nothing then.
pub(crate) fn main() -> ExitCode {
    let began = Instant::now();
    let config = Config {
        workers: 1,
        required: Fences::NONE,
        groups: pools::groups(),
        converter: suite::find(DEADLINE),
        ..Config::default()
    };
    let pool = match Pool::new(config) {
        Ok(pool) => pool,
        Err(fault) => {
            complain!("mugai: no worker can be started: {fault}");
            return end(Exit::Failed);
        }
    };
    let found = pool.capabilities();
    let version = rustix::system::uname();
    say!(
        "Linux {}, Landlock version {}, a worker in {} ms\n",
        version.release().to_string_lossy(),
        found.landlock,
        began.elapsed().as_millis()
    );
    for (fence, name) in Fences::each() {
        let word = match (
            found.fences.contains(fence),
            Fences::REQUIRED.contains(fence),
        ) {
            (true, _) => "holds  ",
            (false, true) => "MISSING",
            (false, false) => "absent ",
        };
        let about = ABOUT.iter().find(|(of, _)| *of == fence);
        say!("{word} {name:<15} {}", about.map_or("", |(_, about)| about));
    }
    say!("{}", of_converter(pool.converter_watching()));
    match pool.groups() {
        Ok(subtree) => say!(
            "\ncontrol groups of workers are made in {}",
            subtree.display()
        ),
        Err(reason) => {
            say!("\nno control groups: {reason} (docs/isolation.md, \"Control groups\")");
        }
    }
    match mugai_isolate::spool::folder() {
        Some(folder) => say!("spool   what is large waits in {}", folder.display()),
        None => say!(
            "spool   MISSING: no file can be made in TMPDIR, /var/tmp or /tmp; what is large stays in memory"
        ),
    }
    say!();
    list_fonts();
    let missing = Fences::REQUIRED.without(found.fences);
    if missing.is_empty() {
        say!("\nall that is required holds");
        return end(Exit::Delivered);
    }
    say!("\nmissing: {missing}; nothing is opened on this machine");
    if missing == Fences::LANDLOCK_FILES {
        say!("(but by policies that say isolation = \"worker-without-landlock\", docs/policy.md)");
    }
    end(Exit::Failed)
}

/// Whether there is a converter whose doings the kernel shows.
const fn of_converter(watching: Watching) -> &'static str {
    match watching {
        Watching::Shown => {
            "holds   converter       what LibreOffice writes is counted (/proc/PID/io, /proc/PID/maps)"
        }
        Watching::Hidden => {
            "MISSING converter       the kernel does not tell what LibreOffice writes, and it converts nothing"
        }
        Watching::Unknown => {
            "unknown converter       not tried: no process for that; each document is watched"
        }
        Watching::NoConverter => {
            "absent  converter       no LibreOffice (what needs it is withheld)"
        }
    }
}

/// Lists the faces of this machine, in the order in which they are looked at.
fn list_fonts() {
    let found = match fonts::all(&[]) {
        Ok(found) => found,
        Err(fault) => {
            say!("fonts: {fault}");
            return;
        }
    };
    for font in &found {
        let need = font.need;
        let weight = if need.bold { "bold" } else { "regular" };
        let slant = if need.italic { "italic" } else { "upright" };
        say!(
            "font {:<11} {:<5} {weight:<7} {slant:<7} {}",
            need.script.code(),
            need.strokes.code(),
            font.path.display()
        );
    }
    if !found
        .iter()
        .any(|font| font.need.script == Script::Japanese)
    {
        say!(
            "font japanese    MISSING: Japanese text without its font is unreadable; install one, or name it with --font"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_converter_that_cannot_be_watched_is_said_to_convert_nothing() {
        let words = [
            Watching::Shown,
            Watching::Hidden,
            Watching::Unknown,
            Watching::NoConverter,
        ]
        .map(|watching| {
            let line = of_converter(watching);
            line.split_whitespace().next().unwrap_or_default()
        });
        assert_eq!(words, ["holds", "MISSING", "unknown", "absent"]);
    }

    #[test]
    fn every_fence_is_explained() {
        for (fence, name) in Fences::each() {
            assert!(ABOUT.iter().any(|(of, _)| *of == fence), "{name}");
        }
    }
}

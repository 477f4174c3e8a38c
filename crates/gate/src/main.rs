//! `mugai-verify`: the checker alone, for the far side of a one-way gateway.
//!
//! It opens what it is given, confines itself, and only then looks at the first byte: whatever a file does to
//! a checker, it can write a line to standard output and nothing else.
#![forbid(unsafe_code)]

use mugai_core::{Target, Violation};
use mugai_isolate::{Fences, confine_self, shed_descriptors};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{Read, Write as _};
use std::mem::ManuallyDrop;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

const HELP: &str = "\
Checks whether files are inside of mugai's output profiles.

Usage: mugai-verify [--as PROFILE] [FILE…]

Without a file, standard input is checked. --as says what it has to be: txt, csv, png, jpeg, pdf, eml, mbox, zip,
docx, xlsx, pptx, odt, ods, odp. Without it any profile will do, but a file has to have the extension of its own.

One line a file goes to standard output. Exit codes: 0 all are inside, 1 one is outside, 2 usage, 4 one cannot be
read, or this machine cannot confine the checker.
";

/// Address space, in bytes: a file may be held once, and once more unpacked.
const MEMORY: u64 = 4 << 30;

/// Processor time for all files of a call.
const CPU: Duration = Duration::from_mins(10);

/// The largest file, in bytes.
const MOST: usize = 1 << 30;

/// The fences that have to stand.
const REQUIRED: Fences = Fences::REQUIRED.without(Fences::PARENT_DEATH);

fn main() -> ExitCode {
    // what whoever called us left open is nothing that a checker may have
    if let Err(error) = shed_descriptors(&named_descriptors(std::env::args_os().skip(1))) {
        complain(&format!(
            "descriptors that were left open cannot be closed: {error}"
        ));
        return ExitCode::from(4);
    }
    let (target, paths) = match words(std::env::args_os().skip(1)) {
        Ok(Some(words)) => words,
        Ok(None) => {
            let told = write!(std::io::stdout(), "{HELP}");
            return ExitCode::from(if told.is_ok() { 0 } else { 4 });
        }
        Err(problem) => {
            complain(&format!("{problem}\n\n{HELP}"));
            return ExitCode::from(2);
        }
    };
    let mut inputs: Vec<Input> = Vec::new();
    if paths.is_empty() {
        inputs.push(("-".to_owned(), None, Box::new(std::io::stdin().lock())));
    }
    for path in paths {
        let shown = Path::new(&path).display().to_string();
        match File::open(&path) {
            Ok(file) => {
                let extension = Path::new(&path).extension().unwrap_or_default();
                inputs.push((shown, Some(extension.to_owned()), Box::new(file)));
            }
            Err(error) => {
                complain(&format!("{shown}: {error}"));
                return ExitCode::from(4);
            }
        }
    }
    // a mistake of ours ends the process without a word: telling of it asks for more than the fences allow
    std::panic::set_hook(Box::new(|_| {}));
    // behind the fences a file cannot be closed, whichever way this ends
    let mut inputs = ManuallyDrop::new(inputs);
    let missing = REQUIRED.without(confine_self(MEMORY, CPU));
    if !missing.is_empty() {
        complain(&format!("this machine lacks fences: {missing}"));
        return ExitCode::from(4);
    }
    all(target, &mut inputs)
}

/// What is asked about: how it is called, its extension, its bytes.
type Input = (String, Option<OsString>, Box<dyn Read>);

/// Checks everything, one line each.
fn all(target: Option<Target>, inputs: &mut [Input]) -> ExitCode {
    let mut outside = false;
    for (shown, extension, input) in inputs {
        let shown = shown.escape_debug();
        let bytes = match read(input.as_mut()) {
            Ok(bytes) => bytes,
            Err(problem) => {
                complain(&format!("{shown}: {problem}"));
                return ExitCode::from(4);
            }
        };
        let line = match judge(target, extension.as_deref(), &bytes) {
            Ok(target) => format!("inside  {} {shown}", target.code()),
            Err(violation) => {
                let place = violation.offset.map(|at| format!(" at byte {at}"));
                let place = place.unwrap_or_default();
                outside = true;
                format!(
                    "OUTSIDE {} {shown}: {}{place}",
                    target.map_or("-", Target::code),
                    violation.rule
                )
            }
        };
        // an answer that nobody gets is none
        if let Err(error) = writeln!(std::io::stdout(), "{line}") {
            complain(&format!("standard output: {error}"));
            return ExitCode::from(4);
        }
    }
    ExitCode::from(u8::from(outside))
}

/// Says what is wrong, if anybody listens.
fn complain(problem: &str) {
    let _ = writeln!(std::io::stderr(), "mugai-verify: {problem}");
}

/// The descriptors that are named as files, as shells do: `mugai-verify <(…)`.
fn named_descriptors(words: impl Iterator<Item = OsString>) -> Vec<i32> {
    let number = |word: OsString| {
        let word = word.to_str()?;
        let folders = ["/dev/fd/", "/proc/self/fd/"];
        let number = folders.iter().find_map(|folder| word.strip_prefix(folder));
        number?.parse().ok()
    };
    words.filter_map(number).collect()
}

/// What was asked for: a profile, or any, and the files.
type Words = (Option<Target>, Vec<OsString>);

/// `None` for a cry for help.
fn words(all: impl Iterator<Item = OsString>) -> Result<Option<Words>, String> {
    let (mut target, mut paths, mut only_paths) = (None, Vec::new(), false);
    let mut all = all;
    while let Some(word) = all.next() {
        match word.to_str() {
            Some("--help" | "-h") if !only_paths => return Ok(None),
            Some("--") if !only_paths => only_paths = true,
            Some("--as") if !only_paths => {
                let name = all.next().unwrap_or_default();
                let known = Target::ALL
                    .iter()
                    .copied()
                    .find(|target| name == target.code());
                target =
                    Some(known.ok_or_else(|| format!("--as {}: no such profile", name.display()))?);
            }
            Some(option) if option.starts_with('-') && !only_paths => {
                return Err(format!("{option}: no such option"));
            }
            _ => paths.push(word),
        }
    }
    Ok(Some((target, paths)))
}

/// Reads to the end, without asking how long it is: that question is forbidden by now.
fn read(input: &mut dyn Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut piece = vec![0; 64 << 10];
    loop {
        let read = input.read(&mut piece).map_err(|error| error.to_string())?;
        if read == 0 {
            return Ok(bytes);
        }
        if bytes.len().saturating_add(read) > MOST {
            return Err(format!("over {MOST} bytes"));
        }
        bytes.extend_from_slice(piece.get(..read).unwrap_or_default());
    }
}

/// A program opens a file by its name: what is harmless in a text may not be so in a table.
fn judge(
    target: Option<Target>,
    extension: Option<&OsStr>,
    bytes: &[u8],
) -> Result<Target, Violation> {
    let Some(target) = target else {
        let found = mugai_verify::check_any(bytes)?;
        let usual = |extension: &OsStr| {
            extension.eq_ignore_ascii_case(found.extension())
                || found == Target::Jpeg && extension.eq_ignore_ascii_case("jpeg")
        };
        return if extension.is_none_or(usual) {
            Ok(found)
        } else {
            Err(Violation::of("the extension is not that of the content"))
        };
    };
    mugai_verify::check_alone(target, bytes).map(|()| target)
}

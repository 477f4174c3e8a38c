//! `mugai report`: what a run did, for people.

use crate::args::{Language, Report};
use crate::commands::{end, usage};
use crate::say::{complain, say_as_is};
use mugai_batch::Exit;
use mugai_batch::report::{Row, Tally, read, write_csv, write_html};
use std::fs::File;
use std::io::{self, BufReader, BufWriter};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Runs `mugai report …`.
pub(crate) fn main(args: &Report) -> ExitCode {
    let path = if args.folder.is_dir() {
        args.folder.join("report.jsonl")
    } else {
        args.folder.clone()
    };
    if !path.is_file() {
        return usage(format_args!(
            "{} is neither the output folder of a run nor a report",
            args.folder.display()
        ));
    }
    match run(args, &path) {
        Ok(()) => end(Exit::Delivered),
        Err(message) => {
            complain!("mugai: {message}");
            end(Exit::Failed)
        }
    }
}

fn run(args: &Report, path: &Path) -> Result<(), String> {
    let japanese = !matches!(args.lang, Some(Language::En));
    let told = |error: io::Error| format!("{}: {error}", path.display());
    let open = || File::open(path).map(BufReader::new);
    if let Some(target) = &args.csv {
        let rows = |each: &mut dyn FnMut(Row)| read(open()?, each);
        save(target, |out| write_csv(out, japanese, rows))?;
    }
    let mut tally = Tally::default();
    let mut rows = Vec::new();
    let keep = args.html.is_some();
    let each = |row: Row| {
        tally.add(&row);
        if keep {
            rows.push(row);
        }
    };
    open().and_then(|report| read(report, each)).map_err(told)?;
    if let Some(target) = &args.html {
        save(target, |out| write_html(out, japanese, &tally, &rows))?;
    }
    if args.html.is_none() && args.csv.is_none() {
        say_as_is!("{}", tally.text(japanese));
    }
    Ok(())
}

/// Writes a file whole, or not at all.
fn save(
    target: &Path,
    write: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>,
) -> Result<(), String> {
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    let save = || {
        use std::os::unix::fs::PermissionsExt;
        let file = tempfile::Builder::new()
            .prefix(".mugai-")
            .permissions(std::fs::Permissions::from_mode(0o666))
            .tempfile_in(folder)?;
        let mut out = BufWriter::new(file.as_file());
        write(&mut out)?;
        io::Write::flush(&mut out)?;
        drop(out);
        file.persist(target).map_err(|error| error.error)
    };
    save().map_err(|error| format!("{}: {error}", target.display()))?;
    Ok(())
}

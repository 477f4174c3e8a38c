//! A program in the place of the office suite: it does what its document says.

use crate::{attempts, raw};
use rustix::fs::{Mode, OFlags, mkdirat, open, openat};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Whether this process was started as the suite is.
pub(crate) fn is_asked_for() -> bool {
    std::env::args_os().any(|argument| argument == "--convert-to")
}

/// Does what the document says and leaves what came of it where the result belongs.
pub(crate) fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = std::env::args_os().map(PathBuf::from).collect();
    let Some(input) = arguments.last() else {
        return ExitCode::FAILURE;
    };
    let output = input.with_file_name("out").join("in.pdf");
    let document = fs::read(input).unwrap_or_default();
    let document = String::from_utf8_lossy(&document);
    let (command, matter) = document.split_once('\n').unwrap_or((&document, ""));
    let told = match command {
        "echo" => matter.to_owned(),
        "again" => {
            let mark = input.with_file_name("profile").join("started");
            if !mark.exists() && fs::write(mark, "").is_ok() {
                return ExitCode::from(81);
            }
            matter.to_owned()
        }
        "silent" => return ExitCode::SUCCESS,
        "folder" => {
            drop(fs::create_dir(&output));
            return ExitCode::SUCCESS;
        }
        "exit" => return ExitCode::from(matter.parse().unwrap_or(1)),
        "environment" => {
            let variables = std::env::vars().map(|(name, value)| format!("{name}={value}\n"));
            variables.collect()
        }
        "rights" => rights(),
        "descriptors" => format!("{:?}", raw::open_descriptors()),
        "fill" => fill(&output),
        "fill-unnamed" => fill_unnamed(&output),
        "fill-mapped" => fill_mapped(&output).unwrap_or_else(|error| format!("denied: {error}")),
        "many" => make_folders(&output),
        "deep" => dig(&output),
        _ => attempts::attempt(command, matter.as_bytes()),
    };
    match fs::write(output, told) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// What root can still become here; other users have nothing to lose.
fn rights() -> String {
    let admin = rustix::thread::CapabilitySet::SYS_ADMIN;
    let bound = rustix::thread::capability_is_in_bounding_set(admin);
    match (rustix::process::getuid().is_root(), bound) {
        (true, Ok(true)) => "of an administrator".to_owned(),
        (true, Err(error)) => error.to_string(),
        (true, Ok(false)) | (false, _) => "none".to_owned(),
    }
}

/// Writes to files that have no name any more, each within the limit of a file, until there are as many as there may be.
fn fill_unnamed(output: &Path) -> ! {
    let path = output.with_extension("unnamed");
    let mut files = Vec::new();
    loop {
        if let Ok(mut file) = fs::File::create(&path) {
            drop(fs::remove_file(&path));
            drop(file.write_all(&vec![1; 1 << 20]));
            files.push(file);
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}

/// Writes to a file without a name through memory, which was mapped to be read, until it is stopped.
fn fill_mapped(output: &Path) -> std::io::Result<String> {
    const LENGTH: u32 = 1 << 20;
    let path = output.with_extension("unnamed");
    let mut options = fs::File::options();
    let file = options
        .read(true)
        .write(true)
        .create_new(true)
        .open(&path)?;
    fs::remove_file(&path)?;
    file.set_len(LENGTH.into())?;
    let length = usize::try_from(LENGTH).unwrap_or(0);
    match raw::write_through_memory(&file, length)? {}
}

/// Makes folder after folder.
fn make_folders(output: &Path) -> ! {
    let mut number = 0u64;
    loop {
        drop(fs::create_dir(output.with_extension(number.to_string())));
        number = number.wrapping_add(1);
    }
}

/// Makes a folder in a folder in a folder, until it is stopped.
fn dig(output: &Path) -> ! {
    let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
    let mut at = output
        .parent()
        .and_then(|folder| open(folder, flags, Mode::empty()).ok());
    loop {
        at = at.and_then(|folder| {
            mkdirat(&folder, "deeper", Mode::RWXU).ok()?;
            openat(&folder, "deeper", flags, Mode::empty()).ok()
        });
        std::thread::sleep(std::time::Duration::from_micros(50));
    }
}

/// Writes file after file, each within the limit of a file.
fn fill(output: &Path) -> ! {
    let mut number = 0u64;
    loop {
        let path = output.with_extension(number.to_string());
        if let Ok(mut file) = fs::File::create(path) {
            drop(file.write_all(&vec![1; 1 << 20]));
        }
        number = number.wrapping_add(1) & 0x3f;
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}

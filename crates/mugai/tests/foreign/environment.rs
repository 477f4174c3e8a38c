//! A virtual environment of Python with what the client needs.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A Python with its packages, and the folder of the generated messages.
pub(crate) struct Environment {
    pub(crate) python: PathBuf,
    pub(crate) messages: PathBuf,
}

/// The environment, made once and kept while the list of packages and the messages stay the same.
pub(crate) fn environment() -> Option<&'static Environment> {
    static MADE: OnceLock<Option<Environment>> = OnceLock::new();
    let made = MADE.get_or_init(|| match make() {
        Ok(made) => Some(made),
        Err(why) => {
            eprintln!("skipped: {why}");
            None
        }
    });
    if made.is_none() {
        eprintln!("skipped: no environment of Python");
    }
    made.as_ref()
}

fn make() -> Result<Environment, String> {
    let client = root().join("clients/python");
    let proto = root().join("proto/mugai/v1");
    let mut hasher = blake3::Hasher::new();
    let mut files = vec![client.join("requirements.txt"), client.join("generate.py")];
    files.extend(["policy.proto", "sanitise.proto"].map(|name| proto.join(name)));
    for file in files {
        hasher.update(&std::fs::read(&file).expect("a file of ours"));
    }
    let mut key = hasher.finalize().to_hex().to_string();
    key.truncate(16);
    // test executables lie in <target>/<profile>/deps
    let executable = std::env::current_exe().expect("a test");
    let target = executable.ancestors().nth(3).expect("a folder");
    let folder = target.join("python").join(key);
    let made = Environment {
        python: folder.join("bin/python"),
        messages: folder.join("messages"),
    };
    let whole = folder.join("whole");
    if !whole.exists() {
        // what an earlier try left half done
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
        run(Command::new(&made.python)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "-r",
            ])
            .arg(client.join("requirements.txt")))?;
        run(Command::new(&made.python)
            .arg(client.join("generate.py"))
            .args([&root().join("proto"), &made.messages]))?;
        std::fs::write(whole, b"").map_err(|error| error.to_string())?;
    }
    Ok(made)
}

fn run(command: &mut Command) -> Result<(), String> {
    let shown = Path::new(command.get_program()).display().to_string();
    let output = command
        .output()
        .map_err(|error| format!("{shown}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!(
        "{shown}: {}",
        said.lines().last().unwrap_or("no word")
    ))
}

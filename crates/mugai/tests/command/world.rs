//! A folder with inputs, and the executable run in it.

use mugai_testkit::corpus::Place;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder of its own for one test.
pub(crate) struct World {
    folder: tempfile::TempDir,
}

/// What a run said.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file.
    pub(crate) fn file(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        let folder = path.parent().expect("a folder");
        std::fs::create_dir_all(folder).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    }

    /// Writes the input of a case under a name.
    pub(crate) fn case(&self, case: &str, name: &str) {
        let place = Place {
            name: case.to_owned(),
            folder: mugai_testkit::corpus::root().join(case),
        };
        let (bytes, _) = place.input().expect("the recipe is good");
        self.file(name, &bytes);
    }

    /// The executable, to be run here.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mugai"));
        command.args(arguments).current_dir(self.folder.path());
        command
    }

    /// Runs the executable here.
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        Said::of(&mut self.command(arguments))
    }

    /// The files below a folder with their contents.
    pub(crate) fn tree(&self, folder: &str) -> std::collections::BTreeMap<String, Vec<u8>> {
        let read = |name: String| {
            let bytes = std::fs::read(self.path(folder).join(&name)).expect("a file");
            (name, bytes)
        };
        self.list(folder).into_iter().map(read).collect()
    }

    /// The names of all files below a folder, sorted.
    pub(crate) fn list(&self, folder: &str) -> Vec<String> {
        let root = self.path(folder);
        let mut names = Vec::new();
        list(&root, &root, &mut names);
        names.sort();
        names
    }
}

impl Said {
    /// What a command says.
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().expect("the executable runs");
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

fn list(root: &Path, folder: &Path, names: &mut Vec<String>) {
    for path in mugai_testkit::corpus::files(folder).expect("a folder") {
        // the journal is not an output
        if path.ends_with(".mugai") {
            continue;
        }
        if path.is_dir() {
            list(root, &path, names);
        } else {
            let name = path.strip_prefix(root).expect("below");
            names.push(name.to_string_lossy().into_owned());
        }
    }
}

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

    /// Runs the executable here.
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        let output = Command::new(env!("CARGO_BIN_EXE_mugai"))
            .args(arguments)
            .current_dir(self.folder.path())
            .output()
            .expect("the executable runs");
        Said {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
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

fn list(root: &Path, folder: &Path, names: &mut Vec<String>) {
    for path in mugai_testkit::corpus::files(folder).expect("a folder") {
        if path.is_dir() {
            list(root, &path, names);
        } else {
            let name = path.strip_prefix(root).expect("below");
            names.push(name.to_string_lossy().into_owned());
        }
    }
}

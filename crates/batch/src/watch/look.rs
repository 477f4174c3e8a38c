//! Which files of a folder are finished: told by the system, and looked for now and then.

use crate::plan::{Finder, Input, Names};
use crate::spill::Scratch;
use crate::watch::Watch;
use notify::event::{AccessKind, AccessMode, CreateKind, EventKind, ModifyKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::BTreeMap;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Endings of files that somebody is still writing.
const UNFINISHED: [&str; 4] = [".part", ".tmp", ".crdownload", "~"];

/// How long after its beginning a folder is looked through once more.
const NEW_FOLDER: Duration = Duration::from_secs(1);

/// Size and times: whatever is written to a file changes one of them.
pub(super) type State = (u64, i64, i64, i64, i64);

/// Keeps an eye on a folder.
#[derive(Debug)]
pub(super) struct Look {
    root: PathBuf,
    settle: Duration,
    rescan: Duration,
    looked: Option<Instant>,
    /// When it is looked once more.
    again: Option<Instant>,
    /// Files that are there, the state that they were last seen in, and since when they are in it.
    seen: BTreeMap<PathBuf, (State, Instant)>,
    events: Receiver<notify::Result<notify::Event>>,
    /// Held, since it stops telling when it is dropped.
    _watcher: RecommendedWatcher,
}

impl Look {
    /// Begins to watch.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn new(watch: Watch<'_>) -> notify::Result<Self> {
        let (send, events) = channel();
        let mut watcher = notify::recommended_watcher(send)?;
        watcher.watch(watch.input, RecursiveMode::Recursive)?;
        Ok(Self {
            root: watch.input.to_owned(),
            settle: watch.settle,
            rescan: watch.rescan,
            looked: None,
            again: None,
            seen: BTreeMap::new(),
            events,
            _watcher: watcher,
        })
    }

    /// Whether no file is waited for, except those that `open` says are not to be taken.
    #[must_use]
    pub(super) fn is_empty(&self, open: impl Fn(&Path, State) -> bool) -> bool {
        let mut seen = self.seen.iter();
        seen.all(|(path, (state, _))| open(path, *state))
    }

    /// Waits for news, but not for long.
    pub(super) fn wait(&mut self, long: Duration) {
        if let Ok(event) = self.events.recv_timeout(long) {
            self.hear(event);
        }
        while let Ok(event) = self.events.try_recv() {
            self.hear(event);
        }
    }

    fn hear(&mut self, event: notify::Result<notify::Event>) {
        let Ok(event) = event else {
            // news were lost: look for oneself
            self.looked = None;
            return;
        };
        let finished = matches!(
            event.kind,
            EventKind::Access(AccessKind::Close(AccessMode::Write))
                | EventKind::Modify(ModifyKind::Name(_))
        );
        if event.need_rescan() {
            self.looked = None;
        }
        if matches!(
            event.kind,
            EventKind::Create(CreateKind::Folder | CreateKind::Any)
        ) {
            self.new_folder();
        }
        if finished {
            for path in event.paths {
                self.see(&path);
            }
        }
    }

    fn see(&mut self, path: &Path) {
        let Ok(below) = path.strip_prefix(&self.root) else {
            return;
        };
        let mut parts = below
            .components()
            .map(|part| part.as_os_str().to_string_lossy());
        let name = below.to_string_lossy();
        if parts.any(|part| part.starts_with('.'))
            || UNFINISHED.iter().any(|end| name.ends_with(end))
        {
            return;
        }
        match std::fs::symlink_metadata(path) {
            // what is in a folder that was moved here is found by the next look
            Ok(data) if data.is_dir() => self.new_folder(),
            Ok(data) => {
                let state = state(&data);
                let known = self.seen.get(path).is_some_and(|(old, _)| *old == state);
                if !known {
                    self.seen.insert(path.to_owned(), (state, Instant::now()));
                }
            }
            Err(_) => drop(self.seen.remove(path)),
        }
    }

    /// Files may be in a new folder before the system tells of what happens in it: they are looked
    /// for at once, and once more when it surely does.
    fn new_folder(&mut self) {
        self.looked = None;
        self.again = Instant::now().checked_add(NEW_FOLDER);
    }

    /// Looks through the whole folder.
    fn rescan(&mut self) -> io::Result<()> {
        let mut finder = Finder::new(&Scratch::default());
        finder.take(&self.root, None)?;
        let (found, _) = finder.end()?;
        found.raws(|_, folder, raw| {
            self.see(&folder.join(raw));
            Ok(())
        })?;
        self.looked = Some(Instant::now());
        Ok(())
    }

    /// Files that have not changed for long enough, except those that `open` says are not to be
    /// taken.
    ///
    /// # Errors
    /// What the system says about a temporary file.
    pub(super) fn settled(
        &mut self,
        open: impl Fn(&Path, State) -> bool,
    ) -> io::Result<Vec<PathBuf>> {
        let again = self.again.take_if(|again| Instant::now() >= *again);
        let due = |looked: Instant| looked.elapsed() >= self.rescan;
        if again.is_some() || self.looked.is_none_or(due) {
            self.rescan()?;
        }
        let due: Vec<PathBuf> = self
            .seen
            .iter()
            .filter(|(path, (state, since))| since.elapsed() >= self.settle && !open(path, *state))
            .map(|(path, _)| path.clone())
            .collect();
        let mut settled = Vec::new();
        for path in due {
            let now = now(&path);
            let then = self.seen.get(&path).map(|(state, _)| *state);
            match now {
                Some(now) if Some(now) == then => {
                    self.seen.remove(&path);
                    settled.push(path);
                }
                Some(now) => drop(self.seen.insert(path, (now, Instant::now()))),
                None => drop(self.seen.remove(&path)),
            }
        }
        Ok(settled)
    }

    /// Inputs of paths, with names of outputs that nothing has yet.
    ///
    /// # Errors
    /// What the system says about a temporary file.
    pub(super) fn inputs(
        &self,
        paths: &[PathBuf],
        names: &mut Names,
    ) -> io::Result<Vec<Arc<Input>>> {
        let mut finder = Finder::new(&Scratch::default());
        if let Some(root) = finder.root(&self.root)? {
            for path in paths {
                finder.take_below(root, path)?;
            }
        }
        let names = std::mem::take(names).below(&self.root);
        let (found, _) = finder.end()?;
        names.give(found)?.iter().collect()
    }
}

/// The state of a file as it lies there; none if it does not.
pub(super) fn now(path: &Path) -> Option<State> {
    std::fs::symlink_metadata(path)
        .ok()
        .map(|data| state(&data))
}

fn state(data: &std::fs::Metadata) -> State {
    (
        data.len(),
        data.mtime(),
        data.mtime_nsec(),
        data.ctime(),
        data.ctime_nsec(),
    )
}

//! A folder that is watched: what appears in it is sanitised into another one, and put away.

mod keep;
mod look;
mod rest;

pub use keep::{Keep, KeepFolder};
use look::Look;
use rest::Resting;

use crate::folder::OutputFolder;
use crate::key::Slot;
use crate::plan::Input;
use crate::queue;
use crate::run::{Ended, Run, RunError};
use crate::source::told;
use crate::summary::Summary;
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often it is looked whether files have settled, and whether somebody asks for an end.
const TURN: Duration = Duration::from_millis(200);

/// How a folder is watched.
#[derive(Clone, Copy, Debug)]
pub struct Watch<'a> {
    /// The folder.
    pub input: &'a Path,
    /// For how long a file must not have changed.
    pub settle: Duration,
    /// How often the whole folder is looked through.
    pub rescan: Duration,
    /// Take what is there, then end.
    pub once: bool,
}

/// Why a folder is not watched.
#[derive(Debug)]
pub enum WatchError {
    /// The system does not tell what happens in it.
    Notify(notify::Error),
    /// The run broke off.
    Run(RunError),
}

impl fmt::Display for WatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Notify(error) => write!(f, "watching: {error}"),
            Self::Run(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for WatchError {}

/// Files that are not taken.
#[derive(Debug)]
struct Open {
    /// Files at work, by path: no file is taken twice at a time.
    at_work: Mutex<BTreeMap<PathBuf, Arc<Input>>>,
    /// Files that rest after a failure.
    resting: Mutex<Resting>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl OutputFolder {
    /// Watches until somebody asks for an end. `each` sees every input once what it led to is durable
    /// and its original is put away.
    ///
    /// A file leaves the folder only after its outputs are in their places. When that was broken off
    /// in between, the journal tells, and the file is put away without being done again.
    ///
    /// # Errors
    /// [`WatchError`]
    pub fn watch(
        &self,
        run: &Run<'_>,
        watch: Watch<'_>,
        keep: &dyn Keep,
        mut each: impl FnMut(&Ended<'_>) + Send,
    ) -> Result<Summary, WatchError> {
        let open = Open {
            at_work: Mutex::default(),
            resting: Mutex::new(Resting::new(watch.rescan)),
        };
        // the report begins with what the journal knows, and grows
        let output = |error| WatchError::Run(RunError::Output(error));
        let mut offsets = self.queue.offsets().map_err(output)?;
        self.report(|| Ok(offsets.next()?.map(|(offset, _)| offset)))
            .map_err(output)?;
        drop(offsets);
        let [name] = crate::plan::RESERVED;
        let report = self.store.append(name).map_err(output)?;
        let look = Look::new(watch).map_err(WatchError::Notify)?;
        std::thread::scope(|scope| {
            let looking = std::thread::Builder::new()
                .spawn_scoped(scope, || self.feed(run, watch, look, &open, keep))
                .map_err(output)?;
            let summary = run.over(&self.queue, &self.store, |ended| {
                let line = self.queue.report(ended.offset)?;
                io::Write::write_all(&mut &report, format!("{line}\n").as_bytes())?;
                let left = put_away(&self.queue, keep, ended)?;
                let left = left.map(|error| told(&error));
                // what came of it is delivered; that the original stays is told as a failure, and tried again
                let failure = ended.failure.or(left.as_deref());
                each(&Ended { failure, ..*ended });
                let path = ended.input.path();
                let mut resting = locked(&open.resting);
                match failure {
                    Some(_) => resting.failed(&path, look::now(&path), Instant::now()),
                    None => resting.forget(&path),
                }
                drop(resting);
                locked(&open.at_work).remove(&path);
                Ok(())
            });
            // a run that broke off must not leave the other thread looking for ever
            run.stop.ask();
            let looked = looking.join();
            let summary = summary.map_err(WatchError::Run)?;
            match looked {
                Ok(looked) => looked.map_err(output)?,
                Err(_) => return Err(output(io::Error::other("the watching thread was lost"))),
            }
            Ok(summary)
        })
    }

    /// Adds what has settled until somebody asks for an end.
    fn feed(
        &self,
        run: &Run<'_>,
        watch: Watch<'_>,
        mut look: Look,
        open: &Open,
        keep: &dyn Keep,
    ) -> io::Result<()> {
        let mut index = 0usize;
        let fed = loop {
            if run.stop.asked() {
                break Ok(());
            }
            if !watch.input.is_dir() {
                break Err(io::Error::other("the watched folder is gone"));
            }
            if let Err(error) = self.turn(&mut look, open, keep, &mut index) {
                break Err(error);
            }
            let at_rest = |path: &Path, state| rests(open, path, state);
            if watch.once && look.is_empty(at_rest) {
                break Ok(());
            }
            look.wait(TURN);
        };
        self.queue.close();
        if fed.is_err() {
            run.stop.ask();
        }
        fed
    }

    fn turn(
        &self,
        look: &mut Look,
        open: &Open,
        keep: &dyn Keep,
        index: &mut usize,
    ) -> io::Result<()> {
        let settled = look.settled(|path, state| {
            locked(&open.at_work).contains_key(path) || rests(open, path, state)
        })?;
        if settled.is_empty() {
            return Ok(());
        }
        let mut names = self.taken(locked(&open.at_work).values())?;
        for input in look.inputs(&settled, &mut names)? {
            // its outputs are there: only the original was not put away in time
            if let Some((number, offset)) = self.queue.unkept(Slot::path(&input))? {
                let stamp = crate::input::Stamp::now(&input).ok();
                if stamp.is_some() && stamp == self.queue.stamp(offset)? {
                    if keep.keep(&input).is_ok() {
                        self.queue.kept(number)?;
                    } else {
                        // it was told when it was done
                        let path = input.path();
                        locked(&open.resting).failed(&path, look::now(&path), Instant::now());
                    }
                    continue;
                }
            }
            locked(&open.at_work).insert(input.path(), Arc::clone(&input));
            self.queue.add(*index, input);
            *index = index.saturating_add(1);
        }
        Ok(())
    }

    /// Names in the output folder, and those that files at work will have.
    fn taken<'a>(
        &self,
        open: impl Iterator<Item = &'a Arc<Input>>,
    ) -> io::Result<crate::plan::Names> {
        let mut names = crate::plan::Names::default();
        for (folder, folders, files) in self.store.list()? {
            names.block_folders(&folder, folders);
            names.block(&folder, files);
        }
        for input in open {
            names.block(&input.out, [input.name.as_str().to_owned()]);
        }
        Ok(names)
    }
}

/// Whether a file rests after a failure.
fn rests(open: &Open, path: &Path, state: look::State) -> bool {
    locked(&open.resting).holds(path, state, Instant::now())
}

/// Puts an original away if it is still what was read; else it is a new file, and is taken again. Why it could
/// not be put away comes back: whoever fills the folder must not end the watch by what he fills it with.
fn put_away(
    queue: &queue::Local,
    keep: &dyn Keep,
    ended: &Ended<'_>,
) -> io::Result<Option<io::Error>> {
    let Some(number) = ended.number else {
        return Ok(None);
    };
    if ended.failure.is_some() {
        return Ok(None);
    }
    let same = match ended.stamp {
        Some(stamp) => crate::input::Stamp::now(ended.input).is_ok_and(|now| now == stamp),
        // a link, a pipe: it was never read
        None => ended.input.trouble.is_some(),
    };
    if same {
        if let Err(error) = keep.keep(ended.input) {
            return Ok(Some(error));
        }
        queue.kept(number)?;
    }
    Ok(None)
}

//! How far a run is: a bar on a terminal, a line now and then elsewhere.

use crate::plan::Input;
use crate::stop::Stop;
use crate::summary::Summary;
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{IsTerminal, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::Scope;
use std::time::{Duration, Instant};

/// How often the bar is drawn.
const DRAWN: Duration = Duration::from_millis(250);
/// How often a line is written where there is no terminal.
const TOLD: Duration = Duration::from_secs(10);
/// What a file weighs beside its bytes, so that many small ones count too.
const FILE: u64 = 1 << 14;
/// The longest name that is shown, in characters.
const NAME: usize = 40;

/// Shows how far a run is; shows nothing where nobody asked.
#[derive(Debug, Default)]
pub struct Progress {
    bar: Option<ProgressBar>,
    lines: bool,
    files: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    begun: Option<Instant>,
    /// By thread: what it works on, and since when.
    working: BTreeMap<usize, (String, Instant)>,
    weight: u64,
    done: u64,
    summary: Summary,
}

/// Shows until it is dropped.
pub(crate) struct Shown(Option<Sender<()>>);

impl Drop for Shown {
    fn drop(&mut self) {
        self.0.take();
    }
}

impl Progress {
    /// For `files` files of together `bytes` bytes, on standard error: a bar if that is a terminal,
    /// else a line every ten seconds.
    #[must_use]
    pub fn new(files: usize, bytes: u64) -> Self {
        let files = u64::try_from(files).unwrap_or(u64::MAX);
        let weight = bytes.saturating_add(files.saturating_mul(FILE));
        let mut progress = Self {
            files,
            lines: true,
            ..Self::default()
        };
        if let Ok(state) = progress.state.get_mut() {
            state.weight = weight;
        }
        if files > 1 && std::io::stderr().is_terminal() {
            let bar = ProgressBar::new(weight);
            if let Ok(style) = ProgressStyle::with_template("{bar:24} {percent:>3} %  {msg}") {
                bar.set_style(style);
            }
            progress.bar = Some(bar);
        }
        progress
    }

    /// Nothing at all.
    #[must_use]
    pub fn silent() -> Self {
        Self::default()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn begin(&self, thread: usize, input: &Input) {
        if self.lines {
            let work = (input.label(), Instant::now());
            self.state().working.insert(thread, work);
        }
    }

    pub(crate) fn end(&self, thread: usize) {
        if self.lines {
            self.state().working.remove(&thread);
        }
    }

    pub(crate) fn tick(&self, input: &Input, summary: &Summary) {
        if self.lines {
            let mut state = self.state();
            state.done = state.done.saturating_add(input.bytes).saturating_add(FILE);
            state.summary = *summary;
        }
    }

    /// Writes a line beside the bar.
    pub fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| tell(line)),
            None => tell(line),
        }
    }

    /// Has something written to standard output that the bar does not run into.
    pub fn beside(&self, write: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    pub(crate) fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// Shows the state of things until the answer is dropped.
    pub(crate) fn show<'scope>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
        stop: &'scope Stop,
    ) -> Shown {
        self.state().begun = Some(Instant::now());
        if !self.lines {
            return Shown(None);
        }
        let (send, receive) = channel();
        let drawn = std::thread::Builder::new().spawn_scoped(scope, move || {
            self.draw(stop, &receive);
        });
        // a run is worth more than the sight of it
        Shown(drawn.is_ok().then_some(send))
    }

    fn draw(&self, stop: &Stop, end: &Receiver<()>) {
        let mut told = Instant::now();
        let mut stopping = false;
        while end.recv_timeout(DRAWN) == Err(RecvTimeoutError::Timeout) {
            if stop.asked() && !stopping {
                stopping = true;
                let open = self.state().working.len();
                self.say(&format!(
                    "stopping: {open} files are being finished; stop again to end at once"
                ));
            }
            match &self.bar {
                Some(bar) => {
                    bar.set_position(self.state().done);
                    bar.set_message(self.line());
                }
                None if told.elapsed() >= TOLD => {
                    told = Instant::now();
                    self.say(&self.line());
                }
                None => {}
            }
        }
    }

    /// Counts, rate, time left, and what takes longest at present.
    fn line(&self) -> String {
        let state = self.state();
        let Summary {
            inputs,
            sanitised,
            partly,
            withheld,
            failed,
            ..
        } = state.summary;
        let took = state.begun.map_or(Duration::ZERO, |begun| begun.elapsed());
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX).max(1);
        let rate = inputs.saturating_mul(1000).checked_div(millis).unwrap_or(0);
        let mut line = format!("{inputs}/{} files, {rate}/s", self.files);
        let left = u128::from(state.weight.saturating_sub(state.done));
        let left = left.saturating_mul(took.as_millis());
        if let Some(left) = left.checked_div(u128::from(state.done)) {
            let left = u64::try_from(left / 1000).unwrap_or(u64::MAX);
            let _ = write!(line, ", {} left", seconds(left));
        }
        let _ = write!(
            line,
            "; {sanitised} sanitised, {partly} with parts withheld, {withheld} withheld"
        );
        if failed > 0 {
            let _ = write!(line, ", {failed} failed");
        }
        let slowest = state.working.values().min_by_key(|(_, since)| *since);
        if let Some((name, since)) = slowest.filter(|(_, since)| since.elapsed().as_secs() > 0) {
            let name: String = name.chars().take(NAME).collect();
            let since = seconds(since.elapsed().as_secs());
            let _ = write!(line, "; slowest: {name} ({since})");
        }
        line
    }
}

fn seconds(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3600),
    }
}

fn tell(line: &str) {
    // who cannot write to standard error has nobody who reads it
    let _ = writeln!(std::io::stderr(), "mugai: {line}");
}

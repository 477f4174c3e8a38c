//! A bar on a terminal, when there is more than one file.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;

/// Shows how far a run is; shows nothing where nobody looks.
#[derive(Debug)]
pub struct Progress(Option<ProgressBar>);

impl Progress {
    /// A bar for `files` files on standard error, if that is a terminal.
    #[must_use]
    pub fn on_terminal(files: usize) -> Self {
        if files < 2 || !std::io::stderr().is_terminal() {
            return Self(None);
        }
        let bar = ProgressBar::new(u64::try_from(files).unwrap_or(u64::MAX));
        let style = "{bar:30} {pos}/{len} files  {per_sec}  {eta} left  {msg}";
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        Self(Some(bar))
    }

    /// No bar.
    #[must_use]
    pub const fn silent() -> Self {
        Self(None)
    }

    pub(crate) fn tick(&self, withheld: u64) {
        if let Some(bar) = &self.0 {
            bar.inc(1);
            if withheld > 0 {
                bar.set_message(format!("{withheld} withheld"));
            }
        }
    }

    pub(crate) fn end(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

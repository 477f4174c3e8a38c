//! What the commands say. Standard output may be a full disk, or a pager that was left: that ends no work. A run
//! whose words were lost for another reason than that nobody reads on ends as failed.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Something was said that could not be written.
static LOST: AtomicBool = AtomicBool::new(false);

/// Says something on standard output.
pub(crate) fn out(words: Arguments<'_>) {
    let mut out = io::stdout().lock();
    let said = out.write_fmt(words).and_then(|()| out.flush());
    if said.is_err_and(|error| error.kind() != ErrorKind::BrokenPipe) {
        LOST.store(true, Ordering::Relaxed);
    }
}

/// Says something on standard error; where that is lost there is nobody left to tell.
pub(crate) fn err(words: Arguments<'_>) {
    drop(io::stderr().lock().write_fmt(words));
}

/// Whether all that was said could be written, or was not wanted any more.
pub(crate) fn was_heard() -> bool {
    !LOST.load(Ordering::Relaxed)
}

/// A line on standard output.
macro_rules! say {
    () => { $crate::say::out(format_args!("\n")) };
    ($($words:tt)*) => { $crate::say::out(format_args!("{}\n", format_args!($($words)*))) };
}

/// Words on standard output that bring their own ends of lines.
macro_rules! say_as_is {
    ($($words:tt)*) => { $crate::say::out(format_args!($($words)*)) };
}

/// A line on standard error.
macro_rules! complain {
    ($($words:tt)*) => { $crate::say::err(format_args!("{}\n", format_args!($($words)*))) };
}

pub(crate) use {complain, say, say_as_is};

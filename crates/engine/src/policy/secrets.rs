//! Passwords of a policy: for what is always encrypted with the same ones.

use crate::policy::file::PolicyError;
use mugai_core::Password;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use toml::Value;
use zeroize::Zeroizing;

/// The largest file of passwords, in bytes.
const MAX_FILE: u64 = 64 << 10;

/// Passwords of a route. Of the passwords themselves nothing is shown but how many there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Secrets {
    /// Tried on every encrypted part, behind those that come with its job.
    pub passwords: Vec<Password>,
    /// Whether texts of the same job are searched for passwords.
    pub in_mail: bool,
    /// Whether archives that were opened with a password go out closed with it.
    pub again: bool,
}

/// The passwords of a list, and of the file at an absolute path, one a line.
///
/// # Errors
/// What is wrong, without any of the passwords.
pub(super) fn passwords(
    at: &str,
    list: Option<&Value>,
    file: Option<&str>,
) -> Result<Vec<Password>, PolicyError> {
    let mut all = Vec::new();
    let wrong = || PolicyError::Value {
        key: format!("{at}.passwords"),
        value: "...".to_owned(),
        accepted: format!(
            "a list of at most {} texts of 1 to 1024 bytes",
            Password::MAX_COUNT
        ),
    };
    if let Some(list) = list {
        for item in list.as_array().ok_or_else(wrong)? {
            let text = item.as_str().ok_or_else(wrong)?;
            all.push(Password::new(text.to_owned()).ok_or_else(wrong)?);
        }
    }
    if let Some(path) = file {
        let read = open(Path::new(path)).and_then(passwords_of);
        all.extend(read.map_err(|problem| PolicyError::Value {
            key: format!("{at}.password_file"),
            value: path.to_owned(),
            accepted: format!(
                "the absolute path of a file of UTF-8 text of at most 64 KiB ({problem})"
            ),
        })?);
    }
    if all.len() > Password::MAX_COUNT {
        return Err(wrong());
    }
    Ok(all)
}

fn open(path: &Path) -> Result<File, String> {
    if !path.is_absolute() {
        return Err("not absolute".to_owned());
    }
    let shown = |error: std::io::Error| error.to_string();
    // opening a pipe would wait for its other end
    if !std::fs::metadata(path).map_err(shown)?.is_file() {
        return Err("no regular file".to_owned());
    }
    File::open(path).map_err(shown)
}

/// The passwords of a file: one a line, in UTF-8, of at most 64 KiB in all. Empty lines are none.
///
/// # Errors
/// What is wrong with it, without any of the passwords.
pub fn passwords_of(file: impl Read) -> Result<Vec<Password>, String> {
    const ENCODING: &str = "not in UTF-8: save it as UTF-8";
    // of its full size from the beginning: a text that grows leaves copies behind
    let most = usize::try_from(MAX_FILE).unwrap_or(0);
    let mut bytes = Zeroizing::new(Vec::with_capacity(most.saturating_add(2)));
    let mut file = file.take(MAX_FILE.saturating_add(1));
    file.read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    if bytes.len() > most {
        return Err("more than 64 KiB".to_owned());
    }
    // Shift_JIS and UTF-16, the latter also without a mark
    let text = std::str::from_utf8(&bytes).map_err(|_| ENCODING)?;
    if text.contains('\0') {
        return Err(ENCODING.to_owned());
    }
    // what some editors put first is no letter of a password
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.lines().filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let password = Password::new(line.to_owned());
            password.ok_or_else(|| "a line over 1024 bytes".to_owned())
        })
        .collect()
}

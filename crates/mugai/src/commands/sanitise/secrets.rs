//! Passwords: from the command line and from a file, and kept out of everything that is shown.

use crate::args::Secrets;
use mugai_core::Password;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// All passwords, those of the command line first.
pub(crate) fn all(secrets: &Secrets) -> Result<Vec<Password>, String> {
    let mut all = secrets.password.clone();
    if let Some(path) = &secrets.password_file {
        let shown = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|error| format!("--password-file {shown}: {error}"))?;
        let text = zeroize::Zeroizing::new(text);
        for line in text.lines().filter(|line| !line.is_empty()) {
            let password = Password::new(line.to_owned())
                .ok_or_else(|| format!("--password-file {shown}: a line over 1024 bytes"))?;
            all.push(password);
        }
    }
    if all.len() > Password::MAX_COUNT {
        return Err(format!("more than {} passwords", Password::MAX_COUNT));
    }
    Ok(all)
}

/// What else decides about outputs: how many passwords there were. Which ones is in no journal, for
/// they could be guessed from it.
pub(super) fn context(context: String, passwords: &[Password]) -> String {
    if passwords.is_empty() {
        return context;
    }
    format!("{context}\0passwords {}", passwords.len())
}

/// The words of a command line without the passwords in it.
pub(super) fn masked(words: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    let mut next = false;
    words.map(move |word| {
        if std::mem::take(&mut next) {
            return OsString::from("...");
        }
        next = word == OsStr::new("--password");
        if word.as_bytes().starts_with(b"--password=") {
            return OsString::from("--password=...");
        }
        word
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_shown() {
        let words = [
            "mugai",
            "--password",
            "a",
            "x",
            "--password=b",
            "--password-file",
            "c",
        ];
        let shown: Vec<_> = masked(words.into_iter().map(OsString::from)).collect();
        let want = [
            "mugai",
            "--password",
            "...",
            "x",
            "--password=...",
            "--password-file",
            "c",
        ];
        assert_eq!(shown, want.map(OsString::from));
    }
}

//! Passwords: from the command line and from a file, and kept out of everything that is shown.

use crate::args::Secrets;
use mugai_core::Password;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::unix::ffi::OsStrExt;

/// All passwords, those of the command line first.
pub(crate) fn all(secrets: &Secrets) -> Result<Vec<Password>, String> {
    let mut all = secrets.password.clone();
    if let Some(path) = &secrets.password_file {
        let file = File::open(path).map_err(|error| error.to_string());
        let read = file.and_then(mugai_engine::passwords_of);
        all.extend(read.map_err(|error| format!("--password-file {}: {error}", path.display()))?);
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
    fn a_file_is_read_by_its_lines_and_not_beyond_its_size() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let asked = Secrets {
            password: Password::new("first".to_owned()).into_iter().collect(),
            password_file: Some(file.path().to_owned()),
        };
        std::fs::write(file.path(), "二\n\nthree\r\n").unwrap();
        let words: Vec<_> = all(&asked).unwrap();
        let words: Vec<_> = words.iter().map(Password::as_str).collect();
        assert_eq!(words, ["first", "二", "three"]);
        // as Windows saves it
        std::fs::write(file.path(), "\u{feff}二\r\nthree\r\n").unwrap();
        let words = all(&asked).unwrap();
        assert_eq!(words[1].as_str(), "二");
        let utf_16: Vec<u8> = "abc\r\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for other in [
            b"\x82\xa0\x82\xa2\r\n".to_vec(),
            [b"\xff\xfe".as_slice(), &utf_16].concat(),
            utf_16.clone(),
        ] {
            std::fs::write(file.path(), &other).unwrap();
            assert!(
                all(&asked).unwrap_err().contains("save it as UTF-8"),
                "{other:?}"
            );
        }
        std::fs::write(file.path(), "x\n".repeat(64 << 10)).unwrap();
        assert!(all(&asked).unwrap_err().contains("64 KiB"));
    }

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

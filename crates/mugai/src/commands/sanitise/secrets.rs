//! Passwords: from the command line and from a file, and kept out of everything that is shown.

use crate::args::Secrets;
use mugai_core::Password;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use zeroize::Zeroizing;

/// The largest file of passwords, in bytes.
const MAX_FILE: usize = 64 << 10;

/// All passwords, those of the command line first.
pub(crate) fn all(secrets: &Secrets) -> Result<Vec<Password>, String> {
    let mut all = secrets.password.clone();
    if let Some(path) = &secrets.password_file {
        let shown = path.display();
        let text = read(path).map_err(|error| format!("--password-file {shown}: {error}"))?;
        // what some editors put first is no letter of a password
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
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

/// A text of at most as many bytes as passwords may have, and some. It is read into memory of that size: one that
/// grows leaves copies behind.
fn read(path: &Path) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::with_capacity(MAX_FILE.saturating_add(2)));
    let most = u64::try_from(MAX_FILE)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    let encoding = || io::Error::other("not in UTF-8: save it as UTF-8");
    match File::open(path)?.take(most).read_to_string(&mut text) {
        // Shift_JIS, UTF-16
        Err(error) if error.kind() == io::ErrorKind::InvalidData => return Err(encoding()),
        other => other?,
    };
    if text.len() > MAX_FILE {
        return Err(io::Error::other("more than 64 KiB"));
    }
    // UTF-16 without a mark
    if text.contains('\0') {
        return Err(encoding());
    }
    Ok(text)
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
        std::fs::write(file.path(), "x\n".repeat(MAX_FILE)).unwrap();
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

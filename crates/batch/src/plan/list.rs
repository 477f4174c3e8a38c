//! Lists of files, as `find` writes them.

use std::ffi::OsStr;
use std::io::{self, BufRead};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// The paths of a list, read as they are wanted: one a line or, where `nul` is set, each ended by a
/// NUL byte (`find -print0`), so that any name can be in it. Empty entries are left out.
///
/// # Errors
/// Each path may be what the system says instead; nothing comes after that.
pub fn parse(list: impl BufRead, nul: bool) -> impl Iterator<Item = io::Result<PathBuf>> {
    let end = if nul { 0 } else { b'\n' };
    list.split(end)
        .filter(|path| !path.as_ref().is_ok_and(Vec::is_empty))
        .map(|path| Ok(PathBuf::from(OsStr::from_bytes(&path?))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_of_entries_are_understood() {
        for (list, nul, want) in [
            (&b"a\nb c\n"[..], false, &["a", "b c"][..]),
            (b"a\n\nb", false, &["a", "b"]),
            (b"a\nb\0c\0", true, &["a\nb", "c"]),
            (b"", true, &[]),
        ] {
            let want: Vec<PathBuf> = want.iter().map(PathBuf::from).collect();
            let got: Vec<PathBuf> = parse(list, nul).map(Result::unwrap).collect();
            assert_eq!(got, want);
        }
        let odd = parse(&b"\xff\xfe\n"[..], false).next().unwrap();
        assert_eq!(odd.unwrap().as_os_str().as_bytes(), b"\xff\xfe");
    }
}

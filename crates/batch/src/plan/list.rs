//! Lists of files, as `find` writes them.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// The paths of a list: one a line or, where `nul` is set, each ended by a NUL byte (`find -print0`),
/// so that any name can be in it. Empty entries are left out.
#[must_use]
pub fn parse(list: &[u8], nul: bool) -> Vec<PathBuf> {
    let end = if nul { 0 } else { b'\n' };
    list.split(|byte| *byte == end)
        .filter(|path| !path.is_empty())
        .map(|path| PathBuf::from(OsStr::from_bytes(path)))
        .collect()
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
            assert_eq!(parse(list, nul), want);
        }
        let odd = parse(b"\xff\xfe\n", false);
        assert_eq!(odd[0].as_os_str().as_bytes(), b"\xff\xfe");
    }
}

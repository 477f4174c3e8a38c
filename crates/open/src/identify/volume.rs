//! Archives that are cut into several files, of which only one is here.

use mugai_core::{Hints, Kind};

/// Whether `input` is one of several volumes, by its name and by what it is or is not.
///
/// A set of one volume is whole: only what could not be read is to be looked at.
pub(crate) fn is_volume(input: &[u8], kind: Kind, hints: &Hints) -> bool {
    let Some(extension) = hints.extension.as_ref().map(mugai_core::Token::as_str) else {
        return false;
    };
    if kind == Kind::Unknown && extension == "zip" {
        return is_last_of_zip(input);
    }
    let may_be_cut = [Kind::Unknown, Kind::Zip, Kind::SevenZip, Kind::Rar];
    may_be_cut.contains(&kind) && is_number(extension)
}

/// `001` as 7-Zip names them, `z01` and `r00` as the packers of ZIP and RAR do.
fn is_number(extension: &str) -> bool {
    let digits = |text: &str, count: usize| {
        text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    digits(extension, 3) && extension != "000"
        || extension
            .strip_prefix(['z', 'r', 's'])
            .is_some_and(|rest| digits(rest, 2))
}

/// The last volume of a ZIP file has its end record, which says that it is not the first (APPNOTE 4.3.16).
fn is_last_of_zip(input: &[u8]) -> bool {
    const END: usize = 22;
    let end = input
        .len()
        .checked_sub(END)
        .and_then(|at| input.get(at..))
        .and_then(|end| end.strip_prefix(b"PK\x05\x06"));
    end.is_some_and(|rest| !rest.starts_with(&[0, 0]))
}

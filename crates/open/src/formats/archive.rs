//! What the readers of archives have in common: files with paths, which become parts of their own.
//!
//! # Limitations
//! Times, owners, rights, empty folders, links and devices are not carried.

mod cab;
mod code_page;
mod lha;
mod rar;
mod seven;
mod stream;
mod tar;
pub(super) mod zip;

pub(super) use cab::Cab;
pub(super) use lha::Lha;
pub(super) use rar::Rar;
pub(super) use seven::SevenZip;
pub(super) use stream::{BZIP2, GZIP, XZ, ZSTD};
pub(super) use tar::Tar;
pub(super) use zip::Zip;

use crate::formats::mail::names;
use crate::unpack::GROWN;
pub(super) use crate::unpack::{grown, room};
use mugai_core::wire::MAX_FOLDERS;
use mugai_core::{Child, Cx, FindingCode, Hints, Packed, Piece, Refusal, Resource, Role, SafeName};
use std::borrow::Cow;
use std::io::{BufRead, BufReader, ErrorKind, Read};

/// How `AppleDouble` begins: what a Macintosh keeps beside a file (RFC 1740, appendix B).
pub(super) const DOUBLE: &[u8] = b"\0\x05\x16\x07";

/// What fills up what is behind an archive.
const FILLING: [u8; 4] = *b"\0\r\n\x1a";
/// What a name that is kept takes beside its letters, in bytes.
const NAME: usize = 40;
/// How much is read at a time.
const BLOCK: usize = 1 << 16;

/// A file of an archive.
struct Member<'a> {
    /// Its path as the archive has it, decoded.
    path: &'a str,
    /// Its content, packed or not.
    content: Cow<'a, [u8]>,
    /// How it is packed.
    packed: Option<Packed>,
}

/// Puts a file as a part of its own.
///
/// # Errors
/// [`Refusal::Overrun`], [`Refusal::Malformed`] for a path deeper than any folder is.
fn put(member: Member<'_>, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let content = member.packed.is_none().then_some(&*member.content);
    if is_debris(member.path) || is_double(member.path, content) {
        cx.note(FindingCode::ArchiveDesktop);
        return Ok(());
    }
    let (folders, name) = place(member.path, cx)?;
    let extension = name.as_ref().and_then(names::extension);
    let content = cx.content(member.content);
    cx.put(Piece::Child(Box::new(Child {
        name,
        role: Role::Member,
        hints: Hints {
            extension,
            folders,
            packed: member.packed,
            ..Hints::default()
        },
        content,
    })))
}

/// Whether a file is what a Mac or Windows keeps beside files: resource forks, how a folder is shown, small pictures of
/// what is in it. They are no text and no
/// picture, and a notice for each would bury the files.
fn is_debris(path: &str) -> bool {
    let mut steps = path
        .split(['/', '\\'])
        .filter(|step| !matches!(*step, "" | "."));
    let first = steps.next();
    let last = steps.next_back().or(first);
    let is = |name: &str| last.is_some_and(|last| last.eq_ignore_ascii_case(name));
    first == Some("__MACOSX") || is(".DS_Store") || is("Thumbs.db")
}

/// Whether a file is what a Mac keeps of another one beside it where the file system has no place for it: `._` before the
/// name of that, and the mark of `AppleDouble` (RFC 1740, appendix B).
fn is_double(path: &str, content: Option<&[u8]>) -> bool {
    twin(path).is_some() && content.is_some_and(|content| content.starts_with(DOUBLE))
}

/// The path of the file that such a one stands beside, by its name.
fn twin(path: &str) -> Option<String> {
    let at = path.rfind(['/', '\\']).map_or(0, |at| at.saturating_add(1));
    let (folders, name) = path.split_at_checked(at)?;
    let name = name.strip_prefix("._").filter(|name| !name.is_empty())?;
    Some(format!("{folders}{name}"))
}

/// Bytes behind an archive that nobody takes for files: tapes and file systems fill up with zeros, mail adds ends of
/// lines, old modems the mark of an end.
pub(super) fn is_filling(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| FILLING.contains(byte))
}

/// The folders of a path and the name behind them, made safe. A path leads nowhere but down: roots,
/// drives, `.` and `..` are left out, and so is what is nothing once it is safe.
fn place(path: &str, cx: &mut Cx<'_>) -> Result<(Vec<SafeName>, Option<SafeName>), Refusal> {
    cx.charge_len(Resource::Steps, path.len())?;
    let mut steps = path.split(['/', '\\']);
    let name = steps.next_back().unwrap_or_default();
    let name = names::clean(name, cx);
    let mut folders = Vec::new();
    let mut odd = 0u32;
    for step in steps {
        if matches!(step, "" | "." | "..") || is_drive(step) {
            odd = odd.saturating_add(1);
            continue;
        }
        if folders.len() >= MAX_FOLDERS {
            return Err(Refusal::malformed("archive: a path of too many folders"));
        }
        folders.extend(names::clean(step, cx));
    }
    cx.note_times(FindingCode::NameUnsafe, odd.min(1));
    Ok((folders, name))
}

fn is_drive(step: &str) -> bool {
    let mut chars = step.chars();
    let letter = chars.next().is_some_and(|c| c.is_ascii_alphabetic());
    letter && chars.next() == Some(':') && chars.next().is_none()
}

/// Reads all that `reader` gives, as far as the purse will pay for it when it is put.
///
/// # Errors
/// [`Refusal::Overrun`]; [`Refusal::Malformed`] with `what` where the reader fails.
fn read_all(reader: impl Read, what: &'static str, cx: &Cx<'_>) -> Result<Vec<u8>, Refusal> {
    read_most(reader, usize::MAX, what, cx)
}

/// The same, up to `most` bytes: what is more than that is a bomb.
///
/// # Errors
/// As [`read_all`].
fn read_most(
    reader: impl Read,
    most: usize,
    what: &'static str,
    cx: &Cx<'_>,
) -> Result<Vec<u8>, Refusal> {
    let mut all = Vec::new();
    read_onto(&mut all, reader, most, what, cx)?;
    Ok(all)
}

/// The same, behind what is there already, which counts.
///
/// # Errors
/// As [`read_all`].
fn read_onto(
    all: &mut Vec<u8>,
    reader: impl Read,
    most: usize,
    what: &'static str,
    cx: &Cx<'_>,
) -> Result<(), Refusal> {
    let mut reader = BufReader::with_capacity(BLOCK, reader);
    loop {
        let block = match reader.fill_buf() {
            Ok(block) => block,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(_) => return Err(Refusal::malformed(what)),
        };
        if block.is_empty() {
            return Ok(());
        }
        // readers may give a little at a time: what they gave is what it cost
        let count = block.len();
        if all.len().saturating_add(count) > most {
            return Err(GROWN);
        }
        room(all.len().saturating_add(count), cx)?;
        cx.charge_len(Resource::Steps, (count / 8).saturating_add(1))?;
        all.extend_from_slice(block);
        reader.consume(count);
    }
}

#[cfg(test)]
mod tests;

//! Tapes: tar files of POSIX (pax, ustar), GNU and the old form.
//!
//! # Limitations
//! Sparse files of GNU are read whole, with their holes; those of pax, which have their map in an extended header or
//! before their content, are refused.

mod header;

use crate::formats::archive::code_page::{Host, Together};
use crate::formats::archive::{self, Member, NAME};
use crate::reader::{Format, Sniff, Spec};
use crate::unpack::most;
use mugai_core::{Cx, FindingCode, Kind, Refusal, Resource, Treatment};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Cursor;
use tar::EntryType;

/// The reader of tar files.
pub(in crate::formats) struct Tar;

const WRONG: &str = "tar: a broken entry";

/// The mark of POSIX and GNU, at this place.
const MARK: &[u8] = b"ustar";
const PLACE: usize = 257;
/// Where a header says what it is, and that it is the label of the tape, without any file.
const TYPE: usize = 156;
const LABEL: u8 = b'V';
/// The size of a header.
const HEADER: usize = 512;

impl Format for Tar {
    fn spec(&self) -> &'static Spec {
        &Spec {
            kind: Kind::Tar,
            reference: "POSIX.1-2024 pax",
            treatments: &[Treatment::Rebuild],
        }
    }

    fn sniff(&self, head: &[u8]) -> Sniff {
        if is_tar(head) { Sniff::Yes } else { Sniff::No }
    }

    /// Puts each file as a member, in the order of the tape.
    ///
    /// # Errors
    /// [`Refusal::Malformed`], [`Refusal::Overrun`].
    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        members(input, cx)
    }
}

/// Whether these bytes begin with the header of a tar file.
pub(super) fn is_tar(head: &[u8]) -> bool {
    head.get(PLACE..).is_some_and(|rest| rest.starts_with(MARK))
}

/// Puts the files of a tape.
///
/// # Errors
/// [`Refusal::Malformed`], [`Refusal::Ambiguous`], [`Refusal::Unsupported`], [`Refusal::Overrun`].
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is neither file nor folder is left out, whatever it is"
)]
pub(super) fn members(input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
    // headers are read one by one, and what is between them is skipped
    cx.charge_len(Resource::Steps, input.len() / 16)?;
    let wrong = |_| Refusal::malformed(WRONG);
    // the library takes the empty numbers of a label for damage
    let labelled = input.get(TYPE) == Some(&LABEL);
    let input = input
        .get(if labelled { HEADER } else { 0 }..)
        .unwrap_or_default();
    let together = together(input, cx)?;
    let mut archive = tar::Archive::new(input);
    let mut files = 0u32;
    let mut at = 0usize;
    let mut known: BTreeMap<Vec<u8>, &[u8]> = BTreeMap::new();
    for entry in archive.entries().map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        cx.charge(Resource::Steps, 512)?;
        let name = header::name(input, at, &entry)?;
        at = header::end(input, &entry)?;
        let (path, guessed) = together.decode(&name, Host::Other);
        match entry.header().entry_type() {
            EntryType::Regular | EntryType::Continuous if path.ends_with('/') => {
                cx.note(FindingCode::ArchiveFolder);
                continue;
            }
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {}
            EntryType::Directory => {
                // no program makes a file of what a folder holds
                cx.note_times(FindingCode::ArchiveOdd, u32::from(entry.size() > 0));
                continue;
            }
            EntryType::XGlobalHeader => continue,
            // a second name of a file that stands before it
            EntryType::Link if entry.size() == 0 => {
                let target = entry.link_name_bytes().unwrap_or_default();
                match known.get(plain(&target)) {
                    // a file that was packed twice is one file to whoever unpacks it
                    Some(_) if plain(&target) == plain(&name) => {}
                    Some(content) => put(&path, guessed, Cow::Borrowed(*content), cx)?,
                    None => cx.note(FindingCode::ArchiveLink),
                }
                continue;
            }
            _ => {
                cx.note(FindingCode::ArchiveLink);
                continue;
            }
        }
        let content = if entry.header().entry_type() == EntryType::GNUSparse {
            Cow::Owned(sparse(entry, cx)?)
        } else {
            let content = stored(input, &entry)?;
            cx.charge_len(Resource::Bytes, name.len().saturating_add(NAME))?;
            known.insert(plain(&name).to_vec(), content);
            Cow::Borrowed(content)
        };
        files = files.saturating_add(1);
        put(&path, guessed, content, cx)?;
    }
    if files == 0 {
        return Err(Refusal::malformed("tar: no file in it"));
    }
    // another tape behind the end, which programs read only where they are told to
    let behind = input.get(at..).unwrap_or_default();
    cx.note_times(
        FindingCode::ArchiveOdd,
        u32::from(!archive::is_filling(behind)),
    );
    Ok(())
}

fn put(path: &str, guessed: bool, content: Cow<'_, [u8]>, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    cx.note_times(FindingCode::ArchiveCodePage, u32::from(guessed));
    archive::put(
        Member {
            path,
            content,
            packed: None,
        },
        cx,
    )
}

/// A file with its holes, of which a map says for nearly nothing how long they are.
fn sparse(entry: tar::Entry<'_, &[u8]>, cx: &Cx<'_>) -> Result<Vec<u8>, Refusal> {
    let stored = entry.header().entry_size();
    let stored = stored.map_err(|_| Refusal::malformed(WRONG))?;
    let stored = usize::try_from(stored).unwrap_or(usize::MAX);
    archive::read_most(entry, most(stored), WRONG, cx)
}

/// A path as links tell of it.
fn plain(path: &[u8]) -> &[u8] {
    path.strip_prefix(b"./").unwrap_or(path)
}

/// What the names are in: tapes say so only where they have extended headers.
fn together(input: &[u8], cx: &Cx<'_>) -> Result<Together, Refusal> {
    let mut names = Vec::new();
    // what can be sought in is not read through
    let mut archive = tar::Archive::new(Cursor::new(input));
    let entries = archive.entries_with_seek().into_iter().flatten();
    for entry in entries.map_while(Result::ok) {
        cx.charge(Resource::Steps, 512)?;
        let name = entry.path_bytes();
        if !name.is_ascii() {
            cx.charge_len(Resource::Bytes, name.len().saturating_add(NAME))?;
            names.push(name.into_owned());
        }
    }
    let names: Vec<_> = names.iter().map(|raw| (&**raw, Host::Other)).collect();
    Ok(Together::of(&names))
}

/// The content of a file, where it stands on the tape.
fn stored<'a>(input: &'a [u8], entry: &tar::Entry<'_, &[u8]>) -> Result<&'a [u8], Refusal> {
    let start = usize::try_from(entry.raw_file_position()).ok();
    let size = usize::try_from(entry.size()).ok();
    start
        .zip(size)
        .and_then(|(start, size)| input.get(start..start.checked_add(size)?))
        .ok_or(Refusal::malformed("tar: a file ends early"))
}

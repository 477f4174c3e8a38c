//! LHA archives (LZH, LZS, PMA), headers of level 0 to 3.
//!
//! # Limitations
//! No archives of several volumes; a program that unpacks itself is a program.

use crate::formats::archive::code_page::{self, Host};
use crate::formats::archive::{self, Member};
use crate::formats::ole::little::utf16;
use crate::reader::{Format, Sniff, Spec};
use delharc::header::ext::{EXT_HEADER_FILENAME, EXT_HEADER_PATH};
use delharc::{LhaDecodeReader, LhaHeader};
use mugai_core::{Cx, FindingCode, Kind, Refusal, Resource, Treatment};
use std::borrow::Cow;

/// The reader of LHA archives.
pub(in crate::formats) struct Lha;

const WRONG: &str = "lha: a broken archive";
/// Name and folders in UTF-16, which UNLHA32 writes.
const WIDE_NAME: u8 = 0x44;
const WIDE_PATH: u8 = 0x45;
/// What parts folders in the extra headers.
const PART: u8 = 0xff;
/// The type of a file in the rights of Unix, in an extra header.
const RIGHTS: u8 = 0x50;
const TYPE: u16 = 0o170_000;
const LINK: u16 = 0o120_000;

impl Format for Lha {
    fn spec(&self) -> &'static Spec {
        &Spec {
            kind: Kind::Lha,
            reference: "LHA headers 0 to 3",
            treatments: &[Treatment::Rebuild],
        }
    }

    fn sniff(&self, head: &[u8]) -> Sniff {
        let method = head.get(2..7).unwrap_or_default();
        if method.starts_with(b"-l") && method.ends_with(b"-") {
            Sniff::Perhaps
        } else {
            Sniff::No
        }
    }

    /// Puts each file as a member, unpacked.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] also for a wrong checksum, [`Refusal::Unsupported`],
    /// [`Refusal::Overrun`].
    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        cx.charge_len(Resource::Steps, input.len())?;
        let wrong = || Refusal::malformed(WRONG);
        let mut archive = LhaDecodeReader::new(input).map_err(|_| wrong())?;
        let mut files = 0u32;
        loop {
            cx.charge(Resource::Steps, 512)?;
            if member(&mut archive, cx)? {
                files = files.saturating_add(1);
            }
            if !archive.next_file().map_err(|_| wrong())? {
                break;
            }
        }
        if files == 0 {
            return Err(Refusal::malformed("lha: no file in it"));
        }
        Ok(())
    }
}

/// Puts the file that the archive is at, if it is one.
fn member(archive: &mut LhaDecodeReader<&[u8]>, cx: &mut Cx<'_>) -> Result<bool, Refusal> {
    let header = archive.header();
    if is_link(header) {
        cx.note(FindingCode::ArchiveLink);
        return Ok(false);
    }
    if header.is_directory() {
        return Ok(false);
    }
    if !archive.is_decoder_supported() {
        return Err(Refusal::unsupported("lha: method of compression"));
    }
    let size = usize::try_from(header.original_size).unwrap_or(usize::MAX);
    archive::room(size, cx)?;
    let (path, guessed) = path(header);
    cx.note_times(FindingCode::ArchiveCodePage, u32::from(guessed));
    let content = archive::read_all(&mut *archive, WRONG, cx)?;
    archive
        .crc_check()
        .map_err(|_| Refusal::malformed("lha: checksum of a file"))?;
    archive::put(
        Member {
            path: &path,
            content: Cow::Owned(content),
            packed: None,
        },
        cx,
    )?;
    Ok(true)
}

fn is_link(header: &LhaHeader) -> bool {
    let unix = header.iter_extra().find_map(|field| match field {
        [RIGHTS, low, high, ..] => Some(u16::from_le_bytes([*low, *high])),
        _ => None,
    });
    unix.is_some_and(|rights| rights & TYPE == LINK)
}

/// Folders and name, of the extra headers or of the header itself.
fn path(header: &LhaHeader) -> (String, bool) {
    let find = |number: u8| {
        header.iter_extra().find_map(|field| {
            let (id, data) = field.split_first()?;
            (*id == number && !data.is_empty()).then_some(data)
        })
    };
    if let Some(name) = find(WIDE_NAME) {
        let folders = find(WIDE_PATH).map(wide).unwrap_or_default();
        return (join(&folders, &wide(name)), false);
    }
    // Unix, or one that does not say; all others were of DOS, Windows, Macintosh or Human68k
    let host = match header.os_type {
        0 | b'U' | b'9' | b'K' => Host::Other,
        _ => Host::Dos,
    };
    let (folders, folders_guessed) =
        find(EXT_HEADER_PATH).map_or_else(Default::default, |raw| folders(raw, host));
    let own = header.filename.split(|byte| *byte == 0).next();
    let name = find(EXT_HEADER_FILENAME).or(own).unwrap_or_default();
    let (name, guessed) = code_page::decode(name, host);
    (join(&folders, &name), guessed || folders_guessed)
}

fn join(folders: &str, name: &str) -> String {
    if folders.is_empty() {
        return name.to_owned();
    }
    format!("{}/{name}", folders.trim_end_matches('/'))
}

/// Folders are parted before they are decoded: the mark is no letter in any code page.
fn folders(raw: &[u8], host: Host) -> (String, bool) {
    let mut guessed = false;
    let steps: Vec<String> = raw
        .split(|byte| *byte == PART)
        .map(|step| {
            let (text, guess) = code_page::decode(step, host);
            guessed |= guess;
            text
        })
        .collect();
    (steps.join("/"), guessed)
}

/// Folders are parted as in the narrow header, by a unit that is no character.
fn wide(raw: &[u8]) -> String {
    utf16(raw).replace('\u{ffff}', "/")
}

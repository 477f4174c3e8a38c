//! LHA archives (LZH, LZS, PMA), headers of level 0 to 3.
//!
//! # Limitations
//! No archives of several volumes; a program that unpacks itself is a program.

mod path;

use crate::formats::archive::code_page::Together;
use crate::formats::archive::{self, Member, NAME};
use crate::reader::{Format, Sniff, Spec};
use delharc::decode::DecoderAny;
use delharc::{LhaDecodeReader, LhaHeader};
use mugai_core::{Cx, FindingCode, Kind, Method, Packed, Refusal, Resource, Treatment};
use std::borrow::Cow;

/// The reader of LHA archives.
pub(in crate::formats) struct Lha;

const WRONG: &str = "lha: a broken archive";
const BROKEN: Refusal = Refusal::malformed(WRONG);
/// What stands for a folder.
const FOLDER: &[u8] = b"-lhd-";
/// The rights of Unix, in an extra header, and behind system, version and time in a header of level 0.
const RIGHTS: u8 = 0x50;
const RIGHTS_AT: usize = 6;
const TYPE: u16 = 0o170_000;
const LINK: u16 = 0o120_000;
/// A header of level 0 with a name of one letter: what is shorter is none.
const SHORTEST: usize = 25;

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
    /// [`Refusal::Malformed`] for headers that are none, [`Refusal::Unsupported`], [`Refusal::Overrun`].
    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        cx.charge_len(Resource::Steps, input.len())?;
        let together = together(input, cx)?;
        let mut rest = input;
        let mut files = 0u32;
        loop {
            cx.charge(Resource::Steps, 512)?;
            let here = rest;
            let header = match LhaHeader::read(&mut rest) {
                Ok(Some(header)) => header,
                Ok(None) => break,
                // the end was lost, or nobody wrote one
                Err(_) if files > 0 && is_end(here) => {
                    cx.note(FindingCode::ArchiveOdd);
                    rest = &[];
                    break;
                }
                Err(_) => return Err(BROKEN),
            };
            let size = usize::try_from(header.compressed_size).unwrap_or(usize::MAX);
            let (packed, behind) = rest.split_at_checked(size).unwrap_or((rest, &[]));
            rest = behind;
            if member(header, packed, together, cx)? {
                files = files.saturating_add(1);
            }
        }
        if files == 0 {
            return Err(Refusal::malformed("lha: no file in it"));
        }
        cx.note_times(
            FindingCode::ArchiveOdd,
            u32::from(!archive::is_filling(rest)),
        );
        Ok(())
    }
}

/// Whether these bytes in the place of a header are none: what fills up what is behind an archive, or no room for one.
fn is_end(rest: &[u8]) -> bool {
    rest.len() < SHORTEST || archive::is_filling(rest)
}

/// What the names are in of which nothing says so.
fn together(mut rest: &[u8], cx: &Cx<'_>) -> Result<Together, Refusal> {
    let mut names = Vec::new();
    while let Ok(Some(header)) = LhaHeader::read(&mut rest) {
        cx.charge(Resource::Steps, 512)?;
        let size = usize::try_from(header.compressed_size).unwrap_or(usize::MAX);
        rest = rest.get(size..).unwrap_or_default();
        for name in path::unsaid(&header) {
            cx.charge_len(Resource::Bytes, name.0.len().saturating_add(NAME))?;
            names.push((name.0.to_vec(), name.1));
        }
    }
    let names: Vec<_> = names.iter().map(|(raw, host)| (&**raw, *host)).collect();
    Ok(Together::of(&names))
}

/// Puts a file, if it is one.
fn member(
    header: LhaHeader,
    packed: &[u8],
    together: Together,
    cx: &mut Cx<'_>,
) -> Result<bool, Refusal> {
    if is_link(&header) {
        cx.note(FindingCode::ArchiveLink);
        return Ok(false);
    }
    let (path, guessed) = path::of(&header, together);
    if header.compression == FOLDER {
        // no program makes a file of what a folder holds
        cx.note_times(FindingCode::ArchiveOdd, u32::from(!packed.is_empty()));
        return Ok(false);
    }
    // early packers for the Amiga wrote folders so
    if header.original_size == 0 && (path.is_empty() || path.ends_with(['/', '\\'])) {
        return Ok(false);
    }
    cx.note_times(FindingCode::ArchiveCodePage, u32::from(guessed));
    let decoder = DecoderAny::new_from_header(&header, packed);
    if !decoder.is_supported() {
        return put(
            &path,
            Cow::Borrowed(packed),
            Some(as_told(Method::Other, &header)),
            cx,
        );
    }
    let size = usize::try_from(header.original_size).unwrap_or(usize::MAX);
    archive::room(size, cx)?;
    let damaged = as_told(Method::Damaged, &header);
    let is_mac = header.os_type == path::MACINTOSH;
    let mut reader = LhaDecodeReader::default();
    reader.begin_with_header_and_decoder(header, decoder);
    // what is wrong with one file says nothing of the others, which stand by themselves
    let read = match archive::read_all(&mut reader, WRONG, cx) {
        Err(Refusal::Malformed(_)) => None,
        content => Some(content?).filter(|_| reader.crc_check().is_ok()),
    };
    let Some(mut content) = read else {
        return put(&path, Cow::Borrowed(packed), Some(damaged), cx);
    };
    if is_mac && let Some((data, fork)) = forks(&content) {
        cx.note_times(FindingCode::MimeResourceFork, u32::from(fork));
        content = data.to_vec();
    }
    put(&path, Cow::Owned(content), None, cx)
}

fn put(
    path: &str,
    content: Cow<'_, [u8]>,
    packed: Option<Packed>,
    cx: &mut Cx<'_>,
) -> Result<bool, Refusal> {
    let member = Member {
        path,
        content,
        packed,
    };
    archive::put(member, cx).map(|()| true)
}

/// A file of a method that is not known, or that is damaged, is refused by itself, when it is opened.
fn as_told(method: Method, header: &LhaHeader) -> Packed {
    Packed {
        method,
        size: header.original_size,
        crc: None,
        cipher: None,
    }
}

/// The data of a file with the head of `MacBinary` in front (as `MacLHA` packs all of them), and whether it has a
/// resource fork; `None` where there is no such head. All of it is padded to blocks of 128 bytes.
fn forks(content: &[u8]) -> Option<(&[u8], bool)> {
    const BLOCK: usize = 128;
    let (head, rest) = content.split_at_checked(BLOCK)?;
    let number = |at: usize| {
        let bytes = head.get(at..)?.first_chunk()?;
        usize::try_from(u32::from_be_bytes(*bytes)).ok()
    };
    let zero = |at: usize| head.get(at) == Some(&0);
    let name = matches!(head.get(1), Some(1..=63));
    let (data, fork) = (number(83)?, number(87)?);
    let blocks = |length: usize| length.div_ceil(BLOCK).saturating_mul(BLOCK);
    let fits = rest.len() <= blocks(data).saturating_add(blocks(fork))
        && rest.len() >= data.saturating_add(fork);
    let fits = fits && zero(0) && zero(74) && zero(82) && name;
    fits.then_some((rest.get(..data)?, fork > 0))
}

fn is_link(header: &LhaHeader) -> bool {
    let extra = header.iter_extra().find_map(|field| match field {
        [RIGHTS, low, high, ..] => Some([*low, *high]),
        _ => None,
    });
    let own = || match &*header.extended_area {
        [path::UNIX, area @ ..] if header.level == 0 => {
            let at = RIGHTS_AT.checked_sub(1)?;
            area.get(at..)?.first_chunk().copied()
        }
        _ => None,
    };
    let rights = extra.or_else(own).map(u16::from_le_bytes);
    rights.is_some_and(|rights| rights & TYPE == LINK)
}

#[cfg(test)]
mod tests;

//! 7z archives (7-Zip's `7zFormat.txt`): copy, LZMA, LZMA2, `PPMd`, deflate, bzip2, the filters for
//! programs, and AES; deflate64 and Zstandard by themselves.
//!
//! # Limitations
//! Files are packed together, so all of them are unpacked at once. No Brotli, LZ4, and neither deflate64 nor Zstandard
//! behind a filter or a cipher.

mod alone;
mod header;

use crate::formats::archive::{self, Member};
use crate::reader::{Format, Sniff, Spec};
use crate::unpack::MAX_MEMORY_KIB;
use mugai_core::{Cx, FindingCode, Kind, Refusal, Remark, Resource, Treatment};
use sevenz_rust2::{Archive, ArchiveEntry, BlockDecoder, Error, Password};
use std::borrow::Cow;
use std::io::{Cursor, Read};

/// The reader of 7z archives.
pub(in crate::formats) struct SevenZip;

/// Attributes of Unix: a flag, and a symbolic link in the upper half.
const UNIX: u32 = 0x8000;
const TYPE: u32 = 0o170_000;
const FILE: u32 = 0o100_000;

const CLOSED: Refusal = Refusal::Encrypted(Remark::fixed("7z: a password is needed"));

impl Format for SevenZip {
    fn spec(&self) -> &'static Spec {
        &Spec {
            kind: Kind::SevenZip,
            reference: "7zFormat.txt",
            treatments: &[Treatment::Rebuild],
        }
    }

    fn sniff(&self, head: &[u8]) -> Sniff {
        if head.starts_with(b"7z\xbc\xaf\x27\x1c") {
            Sniff::Yes
        } else {
            Sniff::No
        }
    }

    /// Puts each file as a member, unpacked.
    ///
    /// # Errors
    /// [`Refusal::Malformed`], [`Refusal::Unsupported`], [`Refusal::Encrypted`],
    /// [`Refusal::Overrun`].
    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        // headers may be closed, too: what a password is for shows only when it is tried
        match read(input, &Password::empty(), cx) {
            Err(Refusal::Encrypted(_)) => {}
            files => return put_all(files?, cx),
        }
        for password in cx.hints().passwords.clone() {
            match read(input, &Password::from(password.as_str()), cx) {
                Err(Refusal::Encrypted(_)) => {}
                files => {
                    let files = files?;
                    cx.note(FindingCode::ArchivePassword);
                    return put_all(files, cx);
                }
            }
        }
        Err(CLOSED)
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named here is damage, whatever a later version calls it"
)]
fn refusal(error: &Error) -> Refusal {
    match error {
        Error::PasswordRequired | Error::MaybeBadPassword(_) => CLOSED,
        Error::UnsupportedCompressionMethod(_)
        | Error::Unsupported(_)
        | Error::ExternalUnsupported
        | Error::UnsupportedVersion { .. } => Refusal::unsupported("7z: method of compression"),
        Error::MaxMemLimited { .. } => Refusal::Overrun {
            resource: Resource::Bytes,
            limit: u64::from(MAX_MEMORY_KIB) << 10,
        },
        _ => Refusal::malformed("7z: a broken archive"),
    }
}

/// What a file, a folder or a block costs that is told in the header.
const EACH: usize = 64;

/// A file that is unpacked: its path and its content.
type Unpacked = (String, Vec<u8>);

/// All files, or none: where a password does not fit shows late.
fn read(input: &[u8], password: &Password, cx: &mut Cx<'_>) -> Result<Vec<Unpacked>, Refusal> {
    cx.charge_len(Resource::Steps, input.len() / 8)?;
    let tried = header::pay(input, !password.is_empty(), cx)? && !password.is_empty();
    let limit = usize::try_from(MAX_MEMORY_KIB).unwrap_or(usize::MAX);
    let mut source = Cursor::new(input);
    let read = Archive::read_with_memory_limit(&mut source, password, limit);
    let archive = read.map_err(|error| {
        let refusal = refusal(&error);
        // nothing checks a password of a header but what comes out of it
        let wrong = matches!(refusal, Refusal::Malformed(_) | Refusal::Unsupported(_));
        if tried && wrong { CLOSED } else { refusal }
    })?;
    // folders and blocks without files are told for nearly nothing
    let told = archive.files.len().saturating_add(archive.blocks.len());
    cx.charge_len(Resource::Steps, told.saturating_mul(EACH))?;
    let files = archive.files.iter().filter(|file| !file.is_directory());
    let sizes = files.clone().map(ArchiveEntry::size);
    let total = usize::try_from(sizes.fold(0, u64::saturating_add));
    let total = total.unwrap_or(usize::MAX);
    archive::room(total, cx)?;
    archive::grown(total, input.len())?;
    let parts = u64::try_from(files.count()).unwrap_or(u64::MAX);
    if parts == 0 {
        return Err(Refusal::malformed("7z: no file in it"));
    }
    if parts > cx.budget().left().parts {
        cx.charge(Resource::Parts, parts)?;
    }
    let locked = archive.blocks.iter().any(header::is_closed);
    if locked && password.is_empty() {
        return Err(CLOSED);
    }
    let mut all = Vec::new();
    let mut keys = header::Keys::default();
    for (block, how) in archive.blocks.iter().enumerate() {
        // threads are not to be had here
        let decoder =
            BlockDecoder::new_with_memory_limit(1, limit, block, &archive, password, &mut source);
        if !decoder.entries().iter().any(ArchiveEntry::has_stream) {
            continue;
        }
        if alone::is_beyond(how) {
            return Err(Refusal::unsupported("7z: method of compression"));
        }
        if let Some(expand) = alone::method(how) {
            let files = decoder.entries();
            all.extend(alone::files(input, &archive, (block, files), expand, cx)?);
            continue;
        }
        keys.pay(how, cx)?;
        let closed = header::is_closed(how);
        let mut refused = None;
        let read = decoder.for_each_entries(&mut |file: &ArchiveEntry, reader: &mut dyn Read| {
            // those without content are put behind all others
            if !file.has_stream() {
                return Ok(true);
            }
            let done = member(file, reader, cx).map(|member| all.extend(member));
            Ok(done.map_err(|refusal| refused = Some(refusal)).is_ok())
        });
        let failed = match (refused, read) {
            (Some(refusal), _) => refusal,
            (None, Err(error)) => refusal(&error),
            (None, Ok(_)) => continue,
        };
        // where a password does not fit, what comes out is damaged, too long, or of other lengths; none helps against
        // a method that is not known, or where there is no more room
        let helps = matches!(failed, Refusal::Malformed(_) | Refusal::Encrypted(_));
        return Err(if closed && helps { CLOSED } else { failed });
    }
    for file in archive.files.iter().filter(|file| !file.has_stream()) {
        all.extend(member(file, &mut std::io::empty(), cx)?);
    }
    Ok(all)
}

fn member(
    file: &ArchiveEntry,
    reader: &mut dyn Read,
    cx: &mut Cx<'_>,
) -> Result<Option<Unpacked>, Refusal> {
    if file.is_directory() || file.is_anti_item() {
        return Ok(None);
    }
    let attributes = file.windows_attributes();
    let content = archive::read_all(reader, "7z: a broken file", cx)?;
    if attributes & UNIX != 0 && attributes >> 16 & TYPE != FILE {
        cx.note(FindingCode::ArchiveLink);
        return Ok(None);
    }
    Ok(Some((file.name().to_owned(), content)))
}

fn put_all(files: Vec<Unpacked>, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    for (path, content) in files {
        archive::put(
            Member {
                path: &path,
                content: Cow::Owned(content),
                packed: None,
            },
            cx,
        )?;
    }
    Ok(())
}

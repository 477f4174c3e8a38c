//! RAR archives, from 1.3 to 7.
//!
//! # Limitations
//! No archives of several volumes. Links of RAR 5 are left out.

use crate::formats::archive::code_page::{self, Host};
use crate::formats::archive::{self, Member};
use crate::reader::{Format, Sniff, Spec};
use crate::unpack::{MAX_WINDOW, forms, most};
use mugai_core::{Cx, FindingCode, Kind, Limits, Refusal, Remark, Resource, Treatment};
use rars::{
    ArchiveFamily, ArchiveMember, ArchiveReadOptions, ArchiveReader, ErrorKind, ExtractionDecision,
};
use std::borrow::Cow;
use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

mod rounds;

/// The reader of RAR archives.
pub(in crate::formats) struct Rar;

/// Headers are a small part of an archive.
const MAX_HEADERS: u64 = 16 << 20;
/// The type of a file in attributes of Unix.
const TYPE: u64 = 0o170_000;
const LINK: u64 = 0o120_000;

const CLOSED: Refusal = Refusal::Encrypted(Remark::fixed("rar: a password is needed"));

impl Format for Rar {
    fn spec(&self) -> &'static Spec {
        &Spec {
            kind: Kind::Rar,
            reference: "RAR 1.3 to 7",
            treatments: &[Treatment::Rebuild],
        }
    }

    fn sniff(&self, head: &[u8]) -> Sniff {
        if head.starts_with(b"Rar!\x1a\x07") || head.starts_with(b"RE~^") {
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
        match read(input, None, cx) {
            Err(Refusal::Encrypted(_)) => {}
            other => return other,
        }
        for password in cx.hints().passwords.iter().flat_map(forms) {
            match read(input, Some(&password), cx) {
                Err(Refusal::Encrypted(_)) => {}
                other => {
                    other?;
                    cx.note(FindingCode::ArchivePassword);
                    return Ok(());
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
fn refusal(error: &rars::Error, left: u64) -> Refusal {
    match error.kind() {
        ErrorKind::PasswordRequired | ErrorKind::BadPassword => CLOSED,
        ErrorKind::UnsupportedFormat | ErrorKind::UnsupportedFeature => {
            Refusal::unsupported("rar: a feature of another version")
        }
        ErrorKind::ResourceLimit => Refusal::Overrun {
            resource: Resource::Bytes,
            limit: left,
        },
        _ => Refusal::malformed("rar: a broken archive"),
    }
}

/// As [`refusal`], for a password that is tried. Not all headers, and not all files, have a check of it: with one that
/// does not fit they are damaged.
fn refusal_of(error: &rars::Error, left: u64, tried: bool) -> Refusal {
    let refusal = refusal(error, left);
    if tried && matches!(refusal, Refusal::Malformed(_)) {
        return CLOSED;
    }
    refusal
}

/// Where the library writes a file to.
#[derive(Clone, Default)]
struct Memory(Rc<RefCell<Vec<u8>>>);

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A file that was begun.
struct Begun {
    path: String,
    content: Memory,
}

/// What the library may take.
fn options(password: Option<&[u8]>, left: Limits) -> ArchiveReadOptions<'_> {
    let window = u64::try_from(MAX_WINDOW).unwrap_or(u64::MAX);
    ArchiveReadOptions::with_optional_password(password)
        .with_max_header_count(left.parts.saturating_mul(4))
        .with_max_header_bytes(MAX_HEADERS)
        .with_max_member_output_bytes(left.bytes)
        .with_max_total_output_bytes(left.bytes)
        .with_rar50_dictionary_size_limit(window)
        .with_max_reader_workspace_bytes(window.saturating_mul(4))
}

fn read(input: &[u8], password: Option<&[u8]>, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    cx.charge_len(Resource::Steps, input.len())?;
    if is_volume(input) {
        return Err(Refusal::unsupported("rar: one of several volumes"));
    }
    let left = cx.budget().left();
    // whatever the archive says of its files, no more than a thousandfold comes out
    let most = u64::try_from(most(input.len())).unwrap_or(u64::MAX);
    let left = Limits {
        bytes: left.bytes.min(most),
        ..left
    };
    let headers = rounds::headers(input);
    let wrong = |error: rars::Error, closed: bool| {
        refusal_of(&error, left.bytes, closed && password.is_some())
    };
    let parse = |options| {
        ArchiveReader::read_with_options(input, options)
            .map_err(|error| wrong(error, headers.is_some()))
    };
    let mut options = options(password, left);
    if password.is_some() {
        match headers {
            Some(headers) => options = options.with_max_header_count(headers.pay(left, cx)?),
            // the library makes the keys of files while it reads headers: those are read once without
            None => rounds::pay(&parse(self::options(None, left))?, cx)?,
        }
    }
    let archive = parse(options)?;
    let closed = headers.is_some() || rounds::is_closed(&archive);
    if password.is_some() && headers.is_some() {
        rounds::pay(&archive, cx)?;
    }
    let sizes = archive.members().map(|member| member.meta.unpacked_size);
    let said = usize::try_from(sizes.fold(0, u64::saturating_add)).unwrap_or(usize::MAX);
    archive::room(said, cx)?;
    archive::grown(said, input.len())?;
    let mut files: Vec<Begun> = Vec::new();
    let mut links = 0u32;
    let mut guesses = 0u32;
    let read = archive.extract_with_control(options, |member| {
        if member.meta.is_directory {
            return Ok(ExtractionDecision::Skip);
        }
        if is_link(member) {
            links = links.saturating_add(1);
            // a link of the newer format has no content; one of the older is a text
            return Ok(if member.meta.is_redirection {
                ExtractionDecision::Skip
            } else {
                ExtractionDecision::Extract(Box::new(io::sink()))
            });
        }
        let (path, recognised) = path(member);
        guesses = guesses.saturating_add(u32::from(recognised));
        let content = Memory::default();
        files.push(Begun {
            path,
            content: content.clone(),
        });
        Ok(ExtractionDecision::Extract(Box::new(content)))
    });
    read.map_err(|error| wrong(error, closed))?;
    cx.note_times(FindingCode::ArchiveLink, links);
    cx.note_times(FindingCode::ArchiveCodePage, guesses);
    if files.is_empty() {
        return Err(Refusal::malformed("rar: no file in it"));
    }
    files.into_iter().try_for_each(|file| put(&file, cx))
}

fn put(file: &Begun, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let content = std::mem::take(&mut *file.content.0.borrow_mut());
    cx.charge_len(Resource::Steps, content.len() / 4)?;
    archive::put(
        Member {
            path: &file.path,
            content: Cow::Owned(content),
            packed: None,
        },
        cx,
    )
}

/// Whether the main header says so: bit 0 of its flags, in the newer format behind numbers of varying
/// length (checksum, size, type, flags, and the size of an extra area where bit 0 of those is set).
fn is_volume(input: &[u8]) -> bool {
    if let Some(header) = input.strip_prefix(b"Rar!\x1a\x07\x00") {
        return header.get(2) == Some(&0x73) && header.get(3).is_some_and(|flags| flags & 1 == 1);
    }
    let numbers = || {
        let mut numbers = Numbers::of(input)?;
        let (_, kind, flags) = (numbers.next()?, numbers.next()?, numbers.next()?);
        // 1 is the main header; an extra area comes first
        if kind != 1 {
            return None;
        }
        if flags & 1 == 1 {
            numbers.next()?;
        }
        numbers.next()
    };
    numbers().is_some_and(|flags| flags & 1 == 1)
}

/// The numbers of varying length that begin the first header of the newer format, behind its checksum.
struct Numbers<'a>(&'a [u8]);

impl<'a> Numbers<'a> {
    fn of(input: &'a [u8]) -> Option<Self> {
        let headers = input.strip_prefix(b"Rar!\x1a\x07\x01\x00")?;
        headers.get(4..).map(Self)
    }

    fn next(&mut self) -> Option<u64> {
        let length = self.0.iter().take(10).position(|byte| byte & 0x80 == 0)?;
        let (digits, behind) = self.0.split_at_checked(length.saturating_add(1))?;
        self.0 = behind;
        let low = |sum: u64, digit: &u8| sum << 7 | u64::from(digit & 0x7f);
        Some(digits.iter().rev().fold(0, low))
    }
}

fn is_link(member: &ArchiveMember) -> bool {
    // attributes of Windows have other bits in these places
    let is_new = member.meta.family == ArchiveFamily::Rar50Plus;
    let unix = if is_new { 1 } else { 3 };
    let is_unix = member.meta.host_os == Some(unix);
    member.meta.is_redirection || is_unix && member.meta.file_attr & TYPE == LINK
}

fn path(member: &ArchiveMember) -> (String, bool) {
    let name = &member.meta.name;
    if member.name_is_unicode()
        && let Ok(name) = member.decoded_name(None)
        && let Ok(text) = std::str::from_utf8(&name)
    {
        return (text.to_owned(), false);
    }
    // DOS, OS/2, Windows
    let dos = member.meta.host_os.is_none_or(|host| host <= 2);
    code_page::decode(name, if dos { Host::Dos } else { Host::Other })
}

//! ZIP files (APPNOTE 6.3.10), read in exactly one way or not at all.
//!
//! The central directory has to stand right before the only end record; its entries have to agree
//! with their local headers, and must not overlap. Files that are packed stay so: each is unpacked
//! by the worker that opens it.
//!
//! # Limitations
//! No archives of several volumes, no encrypted directories; shrink, reduce, implode and `PPMd` are
//! withheld by file.

pub(in crate::formats) mod directory;
mod extra;

use crate::formats::archive::code_page::{Host, Together};
use crate::formats::archive::{self, Member};
use crate::reader::{Format, Sniff, Spec};
use directory::Entry;
use mugai_core::{
    AesKey, Cipher, Cx, FindingCode, Kind, Method, Packed, Refusal, Remark, Resource, Treatment,
};
use std::borrow::Cow;
use std::collections::BTreeMap;
use unicode_normalization::UnicodeNormalization;

/// The reader of ZIP files.
pub(in crate::formats) struct Zip;

/// Of a file: encrypted, strongly encrypted, its name is UTF-8, its header is masked.
const ENCRYPTED: u16 = 1;
const DESCRIPTOR: u16 = 1 << 3;
const STRONG: u16 = 1 << 6;
const UTF8: u16 = 1 << 11;
const MASKED: u16 = 1 << 13;
/// Flags that both headers have to agree on.
const AGREED: u16 = ENCRYPTED | DESCRIPTOR | STRONG | UTF8 | MASKED;
/// The method that stands where AES hides the true one.
const AES: u16 = 99;
/// `WinZip`'s second form has no CRC.
const AE2: u16 = 2;

const fn ambiguous(what: &'static str) -> Refusal {
    Refusal::Ambiguous(Remark::fixed(what))
}

impl Format for Zip {
    fn spec(&self) -> &'static Spec {
        &Spec {
            kind: Kind::Zip,
            reference: "APPNOTE 6.3.10",
            treatments: &[Treatment::Rebuild],
        }
    }

    fn sniff(&self, head: &[u8]) -> Sniff {
        // so do office documents
        if [&b"PK\x03\x04"[..], b"PK00PK\x03\x04"]
            .iter()
            .any(|mark| head.starts_with(mark))
        {
            Sniff::Perhaps
        } else {
            Sniff::No
        }
    }

    /// Puts each file as a member, in the order of the directory.
    ///
    /// # Errors
    /// [`Refusal::Ambiguous`] where two readers could see different files,
    /// [`Refusal::Malformed`], [`Refusal::Unsupported`], [`Refusal::Encrypted`] for an encrypted
    /// directory, [`Refusal::Overrun`].
    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        let directory::Directory {
            entries,
            comment,
            trailing,
            gaps,
        } = directory::read(input, cx)?;
        cx.note_times(FindingCode::ArchiveOdd, u32::from(trailing || gaps));
        cx.note_times(FindingCode::ArchiveComment, u32::from(comment));
        let unsaid = entries.iter().filter(|entry| entry.flags & UTF8 == 0);
        let unsaid: Vec<_> = unsaid.map(|entry| (entry.name, host(entry))).collect();
        let together = Together::of(&unsaid);
        let mut names = BTreeMap::new();
        let mut files = Vec::new();
        let mut backslash = false;
        let mut twice = false;
        for entry in &entries {
            let (path, guessed) = path(entry, together);
            cx.note_times(FindingCode::ArchiveCodePage, u32::from(guessed));
            backslash |= path.contains('\\');
            let form = entry.form(&path.replace('\\', "/"))?;
            let folder = matches!(form, directory::Form::Folder);
            // a folder that is told of twice is the same to everybody
            match names.insert(key(&path), folder) {
                Some(true) if folder => twice = true,
                Some(_) => return Err(ambiguous("zip: two entries of one name")),
                None => {}
            }
            match form {
                directory::Form::File => files.push((entry, path)),
                directory::Form::Folder => {}
                directory::Form::Link => cx.note(FindingCode::ArchiveLink),
            }
            cx.note_times(FindingCode::ArchiveComment, u32::from(entry.comment));
        }
        cx.note_times(FindingCode::ArchiveOdd, u32::from(twice));
        cx.note_times(FindingCode::ArchiveOdd, u32::from(backslash));
        if files.is_empty() {
            return Err(Refusal::malformed("zip: no file in it"));
        }
        let count = u64::try_from(files.len()).unwrap_or(u64::MAX);
        if count > cx.budget().left().parts {
            cx.charge(Resource::Parts, count)?;
        }
        for (entry, path) in files {
            // what it holds is packed: its name and that of the file it belongs to must do
            if archive::twin(&path).is_some_and(|twin| names.contains_key(&key(&twin))) {
                cx.note(FindingCode::ArchiveDesktop);
                continue;
            }
            let content = input.get(entry.packed.clone()).unwrap_or_default();
            let packed = Some(packed(entry)?);
            let content = Cow::Borrowed(content);
            archive::put(
                Member {
                    path: &path,
                    content,
                    packed,
                },
                cx,
            )?;
        }
        cx.charge_len(Resource::Steps, entries.len())
    }
}

/// What two paths have in common that are one to some file system.
fn key(path: &str) -> String {
    let plain = path.replace('\\', "/");
    let composed: String = plain.trim_end_matches('/').nfc().collect();
    composed.to_lowercase()
}

/// The path of an entry: UTF-8 where a flag or an extra field says so, else recognised.
fn path(entry: &Entry<'_>, together: Together) -> (String, bool) {
    if entry.flags & UTF8 != 0
        && let Ok(text) = std::str::from_utf8(entry.name)
    {
        return (text.to_owned(), false);
    }
    let (text, guessed) = together.decode(entry.name, host(entry));
    // the plain name may be one of letters that stand for others: `___.txt`, `#U8cc7.txt`
    if entry.flags & UTF8 == 0
        && let Some(unicode) = extra::unicode_path(entry.extra, entry.name)
        && same_extension(&unicode, &text)
    {
        return (unicode, false);
    }
    (text, guessed)
}

const fn host(entry: &Entry<'_>) -> Host {
    if entry.is_dos() {
        Host::Dos
    } else {
        Host::Other
    }
}

/// A second name may tell the first in better letters; it may not make another kind of file of it.
fn same_extension(one: &str, other: &str) -> bool {
    let extension = |name: &str| name.rsplit_once('.').map(|(_, e)| e.to_lowercase());
    extension(one) == extension(other)
}

/// How an entry is packed.
pub(in crate::formats) fn packed(entry: &Entry<'_>) -> Result<Packed, Refusal> {
    if entry.flags & (STRONG | MASKED) != 0 {
        return Err(Refusal::Encrypted(Remark::fixed("zip: strong encryption")));
    }
    let (method, cipher, crc) = match (entry.flags & ENCRYPTED != 0, entry.method) {
        (false, AES) => return Err(Refusal::malformed("zip: AES without encryption")),
        (false, method) => (method, None, Some(entry.crc)),
        (true, AES) => {
            let aes = extra::aes(entry.extra).ok_or(Refusal::malformed("zip: AES field"))?;
            let key = usize::from(aes.strength)
                .checked_sub(1)
                .and_then(|place| AesKey::ALL.get(place))
                .ok_or(Refusal::malformed("zip: AES field"))?;
            let crc = (aes.version != AE2).then_some(entry.crc);
            (aes.method, Some(Cipher::Aes(*key)), crc)
        }
        (true, method) => {
            // with a descriptor the sum is not known beforehand, and the time stands in for it
            let check = if entry.flags & DESCRIPTOR == 0 {
                entry.crc.to_be_bytes()[0]
            } else {
                entry.time.to_be_bytes()[0]
            };
            (method, Some(Cipher::Traditional(check)), Some(entry.crc))
        }
    };
    Ok(Packed {
        method: method_of(method),
        size: entry.size,
        crc,
        cipher,
    })
}

const fn method_of(method: u16) -> Method {
    match method {
        0 => Method::Stored,
        8 => Method::Deflate,
        9 => Method::Deflate64,
        12 => Method::Bzip2,
        14 => Method::Lzma,
        20 | 93 => Method::Zstd,
        95 => Method::Xz,
        98 => Method::Ppmd,
        _ => Method::Other,
    }
}

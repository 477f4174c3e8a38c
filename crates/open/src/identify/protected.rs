//! Files that show, without being opened, that they are encrypted.
//!
//! Only what stands at a fixed place or in a directory is looked at. A file that hides it better is
//! withheld as what it is, which is as safe, and merely says less.

use super::zip;
use crate::formats::{doc, ppt, xls};
use mugai_core::{Cx, Kind, Refusal};

/// The content types of encrypted CMS objects (RFC 5652 sections 6 and 8, RFC 5083), as encoded in
/// BER: enveloped, encrypted, and authenticated-enveloped data.
const CMS: [&[u8]; 3] = [
    b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03",
    b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06",
    b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17",
];
/// The stream of an Office document that is encrypted as a whole ([MS-OFFCRYPTO] 2.3.4.4).
const PACKAGE: &str = "EncryptedPackage";
/// How many entries of the directory of a compound file are looked at.
const MAX_STREAMS: usize = 64;
/// The method of 7z for encryption, AES-256, as it stands in the header of an archive.
const SEVEN_AES: [u8; 4] = [0x06, 0xf1, 0x07, 0x01];
/// How much of the header of a 7z archive is looked at.
const MAX_SEVEN_HEADER: usize = 4096;

/// A look at fixed places.
type Mark = fn(&[u8]) -> bool;

/// What an encrypted file of a kind bears, and what is said of it.
const MARKS: [(Kind, Mark, &str); 6] = [
    (Kind::Cms, is_cms, "cms: encrypted content"),
    (Kind::Pgp, is_pgp, "pgp: a message"),
    // a body is text, whatever it begins with
    (Kind::Plain, is_nothing_but_pgp, "pgp: a message"),
    (Kind::Ole2, is_package, "ole2: an encrypted package"),
    (Kind::Rar, is_rar, "rar: an encrypted header or file"),
    (
        Kind::SevenZip,
        is_seven_zip,
        "7z: an encrypted header or file",
    ),
];

/// A look that needs more than fixed places.
type Look = fn(&[u8], &Cx<'_>) -> Result<bool, Refusal>;

/// Old office documents say it in streams of theirs.
const LOOKS: [(Kind, Look, &str); 3] = [
    (Kind::Doc, doc::is_encrypted, "doc: encrypted"),
    (Kind::Xls, xls::is_encrypted, "xls: encrypted"),
    (Kind::Ppt, ppt::is_encrypted, "ppt: encrypted"),
];

/// By which mark `input` is encrypted, if it bears one.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn how(input: &[u8], kind: Kind, cx: &Cx<'_>) -> Result<Option<&'static str>, Refusal> {
    if kind == Kind::Zip {
        let encrypted = zip::is_encrypted(input, cx)?;
        return Ok(encrypted.then_some("zip: an encrypted entry"));
    }
    for (of, look, remark) in LOOKS {
        if of == kind {
            return Ok(look(input, cx)?.then_some(remark));
        }
    }
    Ok(MARKS
        .iter()
        .find(|(of, mark, _)| *of == kind && mark(input))
        .map(|(_, _, remark)| *remark))
}

/// A `ContentInfo` (RFC 5652 section 3): a SEQUENCE of any form of length, and the type of its content.
fn is_cms(input: &[u8]) -> bool {
    let length = match input {
        [0x30, 0x00..=0x80, ..] => 0,
        [0x30, form @ 0x81..=0x84, ..] => usize::from(form & 0x7f),
        _ => return false,
    };
    let content = input.get(length.saturating_add(2)..).unwrap_or_default();
    CMS.iter().any(|mark| content.starts_with(mark))
}

/// The armour of an encrypted message (RFC 9580 section 6.2); keys and signatures have others.
fn is_pgp(input: &[u8]) -> bool {
    let text = input.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input);
    let mark = b"-----begin pgp message";
    let front = text.trim_ascii_start().get(..mark.len());
    front.is_some_and(|front| front.eq_ignore_ascii_case(mark))
}

/// An armoured message and nothing else: a text with words beside one is read, and the message told.
fn is_nothing_but_pgp(input: &[u8]) -> bool {
    let mark = b"-----end pgp message-----";
    let text = input.trim_ascii_end();
    let back = text
        .len()
        .checked_sub(mark.len())
        .and_then(|at| text.get(at..));
    let ends = || {
        let all = text.windows(mark.len());
        all.filter(|end| end.eq_ignore_ascii_case(mark)).count()
    };
    // of several there may be words between
    is_pgp(input) && back.is_some_and(|back| back.eq_ignore_ascii_case(mark)) && ends() == 1
}

/// The names in the first sectors of the directory of a compound file ([MS-CFB] 2.2 and 2.6.1).
pub(super) fn is_package(input: &[u8]) -> bool {
    let directory = || {
        let shift = u32::from(*input.get(30)?);
        let sector = u32::from_le_bytes(*input.get(48..)?.first_chunk()?);
        let at = u64::from(sector)
            .checked_add(1)?
            .checked_mul(1u64.checked_shl(shift)?)?;
        input.get(usize::try_from(at).ok()?..)
    };
    let mut name = PACKAGE
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect::<Vec<u8>>();
    name.extend([0, 0]);
    directory()
        .unwrap_or_default()
        .chunks_exact(128)
        .take(MAX_STREAMS)
        .any(|entry| entry.starts_with(&name))
}

/// The flags of the old format, or the block of the newer one that announces encrypted headers.
fn is_rar(input: &[u8]) -> bool {
    let at = |offset: usize| input.get(offset).copied().unwrap_or_default();
    if input.starts_with(b"Rar!\x1a\x07\x00") {
        let headers = at(9) == 0x73 && at(10) & 0x80 != 0;
        let first_file = at(22) == 0x74 && at(23) & 0x04 != 0;
        return headers || first_file;
    }
    // checksum of four bytes, size of one or more, and the type of the block
    input.starts_with(b"Rar!\x1a\x07\x01\x00") && at(12) & 0x80 == 0 && at(13) == 4
}

/// The header at the end, where it is short or not compressed, names its methods.
fn is_seven_zip(input: &[u8]) -> bool {
    let header = || {
        let offset = u64::from_le_bytes(*input.get(12..)?.first_chunk()?);
        let size = u64::from_le_bytes(*input.get(20..)?.first_chunk()?);
        let start = usize::try_from(offset.checked_add(32)?).ok()?;
        let size = usize::try_from(size).ok()?.min(MAX_SEVEN_HEADER);
        input.get(start..start.checked_add(size)?)
    };
    memchr::memmem::find(header().unwrap_or_default(), &SEVEN_AES).is_some()
}

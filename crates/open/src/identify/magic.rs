//! Marks of formats: fixed bytes at fixed places, with a second look where the bytes are short.

use crate::formats::bmp;
use mugai_core::{Kind, Refusal, Remark};

/// A look at more than one place.
type Shape = fn(&[u8]) -> Option<Kind>;

/// A mark that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) kind: Kind,
    /// The format is text, so that an ordinary text could begin with the mark.
    pub(super) textual: bool,
}

/// Marks at offset 0 that no text begins with.
const BINARY: &[(Kind, &[u8])] = &[
    (Kind::Png, b"\x89PNG\r\n\x1a\n"),
    (Kind::Jpeg, b"\xff\xd8\xff"),
    (Kind::Tiff, b"II*\0"),
    (Kind::Tiff, b"MM\0*"),
    (Kind::Tiff, b"II+\0"),
    (Kind::Tiff, b"MM\0+"),
    (Kind::Jp2, b"\0\0\0\x0cjP  \r\n\x87\n"),
    (Kind::Jp2, b"\xff\x4f\xff\x51"),
    (Kind::Metafile, b"\xd7\xcd\xc6\x9a"),
    (Kind::Metafile, b"VCLMTF"),
    (Kind::Metafile, b"\x01\0\x09\0\0\x03"),
    (Kind::Metafile, b"\x02\0\x09\0\0\x03"),
    (Kind::PostScript, b"\xc5\xd0\xd3\xc6"),
    (Kind::Ole2, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    (Kind::Zip, b"PK\x03\x04"),
    (Kind::Zip, b"PK\x05\x06"),
    (Kind::Zip, b"PK\x07\x08"),
    (Kind::Zip, b"PK00PK\x03\x04"),
    (Kind::SevenZip, b"7z\xbc\xaf\x27\x1c"),
    (Kind::Rar, b"Rar!\x1a\x07"),
    (Kind::Gzip, b"\x1f\x8b"),
    (Kind::Xz, b"\xfd7zXZ\0"),
    (Kind::Zstd, b"\x28\xb5\x2f\xfd"),
    // archives of object files, and the packages of Debian
    (Kind::Ar, b"!<arch>\n"),
    (Kind::Cab, b"MSCF\0\0\0\0"),
    (Kind::Tnef, b"\x78\x9f\x3e\x22"),
    (Kind::Executable, b"\x7fELF"),
    (Kind::Executable, b"\xfe\xed\xfa\xce"),
    (Kind::Executable, b"\xfe\xed\xfa\xcf"),
    (Kind::Executable, b"\xce\xfa\xed\xfe"),
    (Kind::Executable, b"\xcf\xfa\xed\xfe"),
    // Java classes and Mach-O for several processors
    (Kind::Executable, b"\xca\xfe\xba\xbe"),
    (Kind::Executable, b"\0asm"),
    (Kind::Executable, b"dex\n03"),
    (Kind::Shortcut, b"L\0\0\0\x01\x14\x02\0"),
    (Kind::OneNote, b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d"),
    (Kind::OneNote, b"\xa1\x2f\xff\x43\xd9\xef\x76\x4c"),
    (Kind::Media, b"\x1a\x45\xdf\xa3"),
    (Kind::Media, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),
    (Kind::Media, b"\0\0\x01\xba"),
    (Kind::Media, b"\0\0\x01\xb3"),
    (Kind::Media, b"FLV\x01"),
];

/// Marks at offset 0 of letters only: they count where control characters follow.
const LETTERS: &[(Kind, &[u8])] = &[
    (Kind::Gif, b"GIF87a"),
    (Kind::Gif, b"GIF89a"),
    (Kind::Psd, b"8BPS"),
    (Kind::Bzip2, b"BZh"),
    (Kind::Chm, b"ITSF"),
    (Kind::Rar, b"RE~^"),
    (Kind::Media, b"ID3"),
    (Kind::Media, b"OggS"),
    (Kind::Media, b"fLaC"),
    (Kind::Media, b"MThd"),
    (Kind::Media, b"FWS"),
    (Kind::Media, b"CWS"),
    (Kind::Media, b"ZWS"),
    (Kind::Media, b"#!AMR\n"),
    (Kind::Media, b"caff"),
    (Kind::Font, b"OTTO"),
    (Kind::Font, b"ttcf"),
    (Kind::Font, b"wOFF"),
    (Kind::Font, b"wOF2"),
    (Kind::Executable, b"MZ"),
];

/// Marks at offset 0 of formats that are text themselves.
const TEXTUAL: &[(Kind, &[u8])] = &[
    (Kind::Pdf, b"%PDF-"),
    (Kind::PostScript, b"%!PS"),
    (Kind::Rtf, b"{\\rt"),
    // a file in yEnc alone, which is of no charset
    (Kind::Plain, b"=ybegin "),
];

/// The media brands of ISO base media files that are pictures.
const HEIF_BRANDS: [&[u8]; 9] = [
    b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif", b"avis",
];

/// The mark that `input` bears, if any.
///
/// # Errors
/// [`Refusal::Ambiguous`] for marks of two kinds.
pub(super) fn find(input: &[u8]) -> Result<Option<Mark>, Refusal> {
    let binary = |kind| Mark {
        kind,
        textual: false,
    };
    let prefixes = BINARY
        .iter()
        .filter(|(_, mark)| input.starts_with(mark))
        .map(|(kind, _)| binary(*kind));
    let letters = LETTERS
        .iter()
        .filter(|(_, mark)| input.starts_with(mark) && has_controls(input))
        .map(|(kind, _)| binary(*kind));
    let textual = TEXTUAL
        .iter()
        .filter(|(_, mark)| input.starts_with(mark))
        .map(|(kind, _)| Mark {
            kind: *kind,
            textual: true,
        });
    let shapes = SHAPES.iter().filter_map(|shape| shape(input)).map(binary);
    let mut found = None;
    for mark in prefixes.chain(letters).chain(textual).chain(shapes) {
        match found {
            None => found = Some(mark),
            Some(Mark { kind, .. }) if kind == mark.kind => {}
            Some(_) => {
                return Err(Refusal::Ambiguous(Remark::fixed(
                    "file: marks of two formats",
                )));
            }
        }
    }
    Ok(found)
}

/// Whether the bytes can be a DER or BER SEQUENCE, as every CMS object is.
pub(super) const fn is_der_sequence(head: &[u8]) -> bool {
    matches!(head, [0x30, 0x80..=0x84, ..])
}

/// Marks that are not at offset 0, or need more than a comparison.
const SHAPES: &[Shape] = &[
    biff, bmp, riff, iso_media, ico, emf, lha, tar, cpio, iso9660, font,
];

fn at(input: &[u8], offset: usize, mark: &[u8]) -> bool {
    input
        .get(offset..)
        .is_some_and(|rest| rest.starts_with(mark))
}

fn u16_be(input: &[u8], offset: usize) -> Option<u16> {
    let bytes = input.get(offset..)?.first_chunk::<2>()?;
    Some(u16::from_be_bytes(*bytes))
}

fn u32_le(input: &[u8], offset: usize) -> Option<u32> {
    let bytes = input.get(offset..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*bytes))
}

fn has_controls(input: &[u8]) -> bool {
    input
        .iter()
        .take(512)
        .any(|b| matches!(b, 0..=8 | 0x0e..=0x1a | 0x1c..=0x1f))
}

/// `BM`, and the size of one of the headers that there are.
fn bmp(input: &[u8]) -> Option<Kind> {
    let known = bmp::is_header(u32_le(input, 14)?);
    (input.starts_with(b"BM") && known).then_some(Kind::Bmp)
}

fn riff(input: &[u8]) -> Option<Kind> {
    if at(input, 8, b"WEBP") && input.starts_with(b"RIFF") {
        return Some(Kind::Webp);
    }
    let media = input.starts_with(b"RIFF")
        && [b"WAVE", b"AVI ", b"RMID", b"ACON"]
            .iter()
            .any(|form| at(input, 8, *form));
    let aiff = input.starts_with(b"FORM") && (at(input, 8, b"AIFF") || at(input, 8, b"AIFC"));
    (media || aiff).then_some(Kind::Media)
}

/// ISO/IEC 14496-12: a box of any length, `ftyp`, and a brand; or the older beginnings of `QuickTime`.
fn iso_media(input: &[u8]) -> Option<Kind> {
    if at(input, 4, b"ftyp") {
        let brand = input.get(8..12)?;
        let picture = HEIF_BRANDS.contains(&brand);
        return Some(if picture { Kind::Heif } else { Kind::Media });
    }
    let old = [b"moov", b"mdat", b"wide", b"free", b"skip"];
    (input.first() == Some(&0) && old.iter().any(|name| at(input, 4, *name))).then_some(Kind::Media)
}

/// A directory of icons or cursors, whose first entry lies within the file.
fn ico(input: &[u8]) -> Option<Kind> {
    let kind = input.starts_with(b"\0\0\x01\0") || input.starts_with(b"\0\0\x02\0");
    let offset = usize::try_from(u32_le(input, 18)?).ok()?;
    let counted = !at(input, 4, b"\0\0");
    (kind && counted && offset >= 22 && offset < input.len()).then_some(Kind::Ico)
}

fn emf(input: &[u8]) -> Option<Kind> {
    (input.starts_with(b"\x01\0\0\0") && at(input, 40, b" EMF")).then_some(Kind::Metafile)
}

/// `-lh5-` and its like at offset 2, a header level of 0 to 3 at 20, sizes that are not text.
fn lha(input: &[u8]) -> Option<Kind> {
    let method = input.get(2..7)?;
    let known = matches!(
        method,
        [b'-', b'l', b'h', b'0'..=b'9' | b'd' | b'e' | b'x', b'-']
            | [b'-', b'l', b'z', b's' | b'2'..=b'8', b'-']
            | [b'-', b'p', b'm', b'0'..=b'2' | b's', b'-']
    );
    let level = matches!(input.get(20), Some(0..=3));
    (known && level).then_some(Kind::Lha)
}

/// A tar header whose checksum is right (POSIX.1-1988 ustar, GNU, and the old form without a mark).
fn tar(input: &[u8]) -> Option<Kind> {
    let header = input.get(..512)?;
    let field = header.get(148..156)?;
    let digits = field
        .iter()
        .skip_while(|b| **b == b' ')
        .take_while(|b| matches!(b, b'0'..=b'7'));
    let mut stated = 0u32;
    for digit in digits {
        stated = stated
            .checked_mul(8)?
            .checked_add(u32::from(digit.saturating_sub(b'0')))?;
    }
    let own: u32 = header
        .iter()
        .map(|b| u32::from(*b))
        .fold(0, u32::saturating_add);
    let in_field: u32 = field
        .iter()
        .map(|b| u32::from(*b))
        .fold(0, u32::saturating_add);
    // the checksum field itself counts as eight blanks
    let sum = own.saturating_sub(in_field).saturating_add(8 * 0x20);
    (sum == stated && stated > 8 * 0x20).then_some(Kind::Tar)
}

/// A header of cpio: of digits alone (POSIX.1-1988 `odc`, and `newc` with and without sums), or of numbers of two
/// bytes in either order, with the end of its name where it says.
fn cpio(input: &[u8]) -> Option<Kind> {
    let digits = |length: usize, radix: u32| {
        let field = input.get(6..length);
        field.is_some_and(|field| field.iter().all(|b| char::from(*b).is_digit(radix)))
    };
    let name = match input.get(..6)? {
        b"070701" | b"070702" => return digits(110, 16).then_some(Kind::Cpio),
        b"070707" => return digits(76, 8).then_some(Kind::Cpio),
        [0xc7, 0x71, ..] => u16_be(input, 20)?.swap_bytes(),
        [0x71, 0xc7, ..] => u16_be(input, 20)?,
        _ => return None,
    };
    let end = usize::from(name).checked_add(25)?;
    ((2..=1_024).contains(&name) && input.get(end) == Some(&0)).then_some(Kind::Cpio)
}

/// The first record of a workbook without a container ([MS-XLS] 2.4.21, and the versions before it):
/// its kind, its length, a version that goes with the kind, what the book is.
fn biff(input: &[u8]) -> Option<Kind> {
    let head = input.get(..8)?;
    let known = matches!(
        head,
        [9, 0, 4 | 6, 0, 0 | 2 | 7, 0, 0x10 | 0x20 | 0x40, 0]
            | [9, 2, 6, 0, _, _, 0x10 | 0x20 | 0x40, 0]
            | [9, 4, 6, 0, _, _, 0x10 | 0x20 | 0x40, 0 | 1]
            | [9, 8, 8 | 16, 0, 0, 5 | 6, 5 | 0x10 | 0x20 | 0x40, 0]
    );
    known.then_some(Kind::Xls)
}

fn iso9660(input: &[u8]) -> Option<Kind> {
    at(input, 0x8001, b"CD001").then_some(Kind::Iso)
}

/// The sfnt version of `TrueType`, a number of tables, and a first table of letters.
fn font(input: &[u8]) -> Option<Kind> {
    let version = input.starts_with(b"\0\x01\0\0") || input.starts_with(b"true");
    let tables = u16_be(input, 4)?;
    let name = input.get(12..16)?;
    let letters = name.iter().all(|b| matches!(b, b' '..=b'~'));
    (version && (1..=256).contains(&tables) && letters).then_some(Kind::Font)
}

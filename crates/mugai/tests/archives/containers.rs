//! Writers of containers, each of the smallest form that holds files: what tests put leaves in.

use crate::codes::{crc16, lzma2, md, number, sum16, xz};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use mugai_testkit::make::compound;
use std::io::Write;

/// A file to be put into a container.
#[derive(Clone)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

impl File {
    pub(crate) fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.into(),
            bytes: bytes.into(),
        }
    }
}

/// A container of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Container {
    Zip,
    Deflated,
    SevenZip,
    Rar,
    Lha,
    Cab,
    Tar,
    TarGz,
    TarBz2,
    TarXz,
    TarZst,
    Gz,
    Bz2,
    Xz,
    Zst,
    Mail,
    Mbox,
    Msg,
    Tnef,
    Cms,
}

impl Container {
    pub(crate) const ALL: [Self; 20] = [
        Self::Zip,
        Self::Deflated,
        Self::SevenZip,
        Self::Rar,
        Self::Lha,
        Self::Cab,
        Self::Tar,
        Self::TarGz,
        Self::TarBz2,
        Self::TarXz,
        Self::TarZst,
        Self::Gz,
        Self::Bz2,
        Self::Xz,
        Self::Zst,
        Self::Mail,
        Self::Mbox,
        Self::Msg,
        Self::Tnef,
        Self::Cms,
    ];

    /// How many levels deeper than the container its file lies.
    pub(crate) const fn levels(self) -> u32 {
        match self {
            // what a message of Outlook says lies as deep as that
            Self::Mbox | Self::Cms => 2,
            _ => 1,
        }
    }

    /// Whether it compresses one file without a name.
    pub(crate) const fn is_stream(self) -> bool {
        matches!(self, Self::Gz | Self::Bz2 | Self::Xz | Self::Zst)
    }

    /// The container around a file.
    pub(crate) fn around(self, file: &File) -> File {
        let files = std::slice::from_ref(file);
        let named = |extension: &str, bytes| File::new(format!("pack.{extension}"), bytes);
        let stream =
            |extension: &str, bytes| File::new(format!("{}.{extension}", file.name), bytes);
        match self {
            Self::Zip => named("zip", zip(files)),
            Self::Deflated => named("zip", deflated(files)),
            Self::SevenZip => named("7z", seven(file)),
            Self::Rar => named("rar", rar(files)),
            Self::Lha => named("lzh", lha(files)),
            Self::Cab => named("cab", cab(files, true)),
            Self::Tar => named("tar", tar(files)),
            Self::TarGz => named("tar.gz", gzip(&tar(files))),
            Self::TarBz2 => named("tar.bz2", bzip2(&tar(files))),
            Self::TarXz => named("tar.xz", xz(&tar(files))),
            Self::TarZst => named("tar.zst", zstd(&tar(files))),
            Self::Gz => stream("gz", gzip(&file.bytes)),
            Self::Bz2 => stream("bz2", bzip2(&file.bytes)),
            Self::Xz => stream("xz", xz(&file.bytes)),
            Self::Zst => stream("zst", zstd(&file.bytes)),
            Self::Mail => named("eml", mail(files)),
            Self::Mbox => named("mbox", mbox(&mail(files))),
            Self::Msg => named("msg", msg(file)),
            Self::Tnef => File::new("winmail.dat", tnef(files)),
            Self::Cms => named("p7m", cms(&mail(files))),
        }
    }
}

/// A ZIP file of stored entries.
pub(crate) fn zip(files: &[File]) -> Vec<u8> {
    let entries: Vec<Entry> = files.iter().map(Entry::stored).collect();
    directory(&entries)
}

/// A ZIP file of deflated entries.
pub(crate) fn deflated(files: &[File]) -> Vec<u8> {
    let entries: Vec<Entry> = files.iter().map(Entry::deflated).collect();
    directory(&entries)
}

/// An entry of a ZIP file, as its headers tell of it.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) name: Vec<u8>,
    pub(crate) flags: u16,
    pub(crate) method: u16,
    pub(crate) crc: u32,
    pub(crate) size: u32,
    pub(crate) data: Vec<u8>,
    /// Extra field of both headers.
    pub(crate) extra: Vec<u8>,
}

impl Entry {
    pub(crate) fn stored(file: &File) -> Self {
        Self {
            name: file.name.clone().into_bytes(),
            flags: 1 << 11,
            method: 0,
            crc: crc32fast::hash(&file.bytes),
            size: md(file.bytes.len()),
            data: file.bytes.clone(),
            extra: Vec::new(),
        }
    }

    pub(crate) fn deflated(file: &File) -> Self {
        Self {
            method: 8,
            data: deflate(&file.bytes),
            ..Self::stored(file)
        }
    }

    /// What both headers have.
    pub(crate) fn head(&self) -> Vec<u8> {
        let mut head = Vec::new();
        for field in [20u16, self.flags, self.method, 0, 0x21] {
            head.extend(field.to_le_bytes());
        }
        for field in [self.crc, md(self.data.len()), self.size] {
            head.extend(field.to_le_bytes());
        }
        for length in [self.name.len(), self.extra.len()] {
            head.extend(u16::try_from(length).expect("short").to_le_bytes());
        }
        head
    }

    pub(crate) fn local(&self) -> Vec<u8> {
        let mut out = b"PK\x03\x04".to_vec();
        out.extend(self.head());
        out.extend(&self.name);
        out.extend(&self.extra);
        out.extend(&self.data);
        out
    }

    pub(crate) fn central(&self, offset: usize) -> Vec<u8> {
        let mut out = b"PK\x01\x02\x14\0".to_vec();
        out.extend(self.head());
        out.extend([0; 10]);
        out.extend(md(offset).to_le_bytes());
        out.extend(&self.name);
        out.extend(&self.extra);
        out
    }
}

/// A ZIP file of entries, one behind the other.
pub(crate) fn directory(entries: &[Entry]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        directory.extend(entry.central(out.len()));
        out.extend(entry.local());
    }
    let start = out.len();
    out.extend(&directory);
    out.extend(end(entries.len(), directory.len(), start));
    out
}

/// The end record.
pub(crate) fn end(count: usize, size: usize, start: usize) -> Vec<u8> {
    let mut out = b"PK\x05\x06\0\0\0\0".to_vec();
    for _ in 0..2 {
        out.extend(u16::try_from(count).expect("not so many").to_le_bytes());
    }
    out.extend(md(size).to_le_bytes());
    out.extend(md(start).to_le_bytes());
    out.extend([0, 0]);
    out
}

pub(crate) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

pub(crate) fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// A tape in the form of POSIX.
pub(crate) fn tar(files: &[File]) -> Vec<u8> {
    let mut out = Vec::new();
    for file in files {
        out.extend(tar_head(&file.name, file.bytes.len(), b'0'));
        out.extend(&file.bytes);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len().saturating_add(1024), 0);
    out
}

/// The header of an entry of a tape.
pub(crate) fn tar_head(name: &str, size: usize, kind: u8) -> Vec<u8> {
    let mut head = name.as_bytes().to_vec();
    head.resize(100, 0);
    head.extend(b"0000644\x000000000\x000000000\0");
    head.extend(format!("{size:011o}\0").bytes());
    head.extend(b"00000000000\0        ");
    head.push(kind);
    head.resize(257, 0);
    head.extend(b"ustar\x0000");
    head.resize(512, 0);
    sum_tar(&mut head);
    head
}

/// Sets the checksum of a header.
pub(crate) fn sum_tar(head: &mut [u8]) {
    let blank = head.iter().enumerate();
    let sum: u32 = blank
        .map(|(at, byte)| {
            u32::from(if (148..156).contains(&at) {
                b' '
            } else {
                *byte
            })
        })
        .sum();
    let text = format!("{sum:06o}\0 ");
    head.get_mut(148..156)
        .expect("a header")
        .copy_from_slice(text.as_bytes());
}

/// A 7z archive of one file, not compressed.
pub(crate) fn seven(file: &File) -> Vec<u8> {
    seven_of(file, &[0x01, 0x00], file.bytes.len())
}

/// A 7z archive of one file with a coder, as the format writes it, and the length that comes out.
pub(crate) fn seven_of(file: &File, coder: &[u8], size: usize) -> Vec<u8> {
    seven_sum(file, coder, size, crc32fast::hash(&file.bytes))
}

/// As [`seven_of`], with the checksum of what comes out.
pub(crate) fn seven_sum(file: &File, coder: &[u8], size: usize, sum: u32) -> Vec<u8> {
    let mut head = vec![0x01, 0x04, 0x06];
    head.extend(number(0));
    head.push(1);
    head.push(0x09);
    head.extend(number(file.bytes.len()));
    head.extend([0x00, 0x07, 0x0b, 1, 0, 1]);
    head.extend(coder);
    head.push(0x0c);
    head.extend(number(size));
    head.extend([0x00, 0x08, 0x0a, 1]);
    head.extend(sum.to_le_bytes());
    head.extend([0x00, 0x00, 0x05, 1, 0x11]);
    let mut names: Vec<u8> = vec![0];
    names.extend(file.name.encode_utf16().flat_map(u16::to_le_bytes));
    names.extend([0, 0]);
    head.extend(number(names.len()));
    head.extend(names);
    head.extend([0x00, 0x00]);
    seven_start(&file.bytes, &head)
}

/// The start header, what is packed, and the header behind it.
pub(crate) fn seven_start(packed: &[u8], head: &[u8]) -> Vec<u8> {
    let mut start = Vec::new();
    start.extend(u64::from(md(packed.len())).to_le_bytes());
    start.extend(u64::from(md(head.len())).to_le_bytes());
    start.extend(crc32fast::hash(head).to_le_bytes());
    let mut out = b"7z\xbc\xaf\x27\x1c\0\x04".to_vec();
    out.extend(crc32fast::hash(&start).to_le_bytes());
    out.extend(start);
    out.extend(packed);
    out.extend(head);
    out
}

/// A RAR archive of version 4, nothing compressed.
pub(crate) fn rar(files: &[File]) -> Vec<u8> {
    rar_of(files, 3, 0o100_644)
}

/// The same, of a system and with attributes of its own.
pub(crate) fn rar_of(files: &[File], system: u8, attributes: u32) -> Vec<u8> {
    let block = |body: Vec<u8>| {
        let sum = sum16(&body);
        [sum.to_vec(), body].concat()
    };
    let mut out = b"Rar!\x1a\x07\0".to_vec();
    out.extend(block(vec![0x73, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0]));
    for file in files {
        let name = file.name.as_bytes();
        let length = u16::try_from(name.len()).expect("short");
        let mut head = vec![0x74, 0, 0x80];
        head.extend(length.saturating_add(32).to_le_bytes());
        head.extend(md(file.bytes.len()).to_le_bytes());
        head.extend(md(file.bytes.len()).to_le_bytes());
        head.push(system);
        head.extend(crc32fast::hash(&file.bytes).to_le_bytes());
        head.extend([0, 0, 0x21, 0, 20, 0x30]);
        head.extend(length.to_le_bytes());
        head.extend(attributes.to_le_bytes());
        head.extend(name);
        out.extend(block(head));
        out.extend(&file.bytes);
    }
    out.extend([0xc4, 0x3d, 0x7b, 0, 0x40, 7, 0]);
    out
}

/// An LHA archive with headers of level 0, nothing compressed.
pub(crate) fn lha(files: &[File]) -> Vec<u8> {
    let mut out = Vec::new();
    for file in files {
        let name = file.name.as_bytes();
        let mut head = b"-lh0-".to_vec();
        head.extend(md(file.bytes.len()).to_le_bytes());
        head.extend(md(file.bytes.len()).to_le_bytes());
        head.extend([0, 0, 0x21, 0, 0x20, 0]);
        head.push(u8::try_from(name.len()).expect("short"));
        head.extend(name);
        head.extend(crc16(&file.bytes).to_le_bytes());
        out.push(u8::try_from(head.len()).expect("short"));
        out.push(head.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte)));
        out.extend(head);
        out.extend(&file.bytes);
    }
    out.push(0);
    out
}

/// A cabinet of one folder ([MS-CAB]): its files in blocks of 32 KiB, stored or as MSZIP.
pub(crate) fn cab(files: &[File], packed: bool) -> Vec<u8> {
    let all: Vec<u8> = files.iter().flat_map(|file| file.bytes.clone()).collect();
    let mut table = Vec::new();
    let mut at = 0usize;
    for file in files {
        table.extend(md(file.bytes.len()).to_le_bytes());
        table.extend(md(at).to_le_bytes());
        // folder, date, time, attributes: the name is UTF-8
        for field in [0u16, 0x21, 0, 0x80] {
            table.extend(field.to_le_bytes());
        }
        table.extend(file.name.as_bytes());
        table.push(0);
        at = at.saturating_add(file.bytes.len());
    }
    let blocks: Vec<&[u8]> = all.chunks(1 << 15).collect();
    let first = table.len().saturating_add(44);
    let mut data = Vec::new();
    for block in &blocks {
        let content = if packed {
            [b"CK".to_vec(), deflate(block)].concat()
        } else {
            block.to_vec()
        };
        data.extend([0; 4]);
        for length in [content.len(), block.len()] {
            data.extend(u16::try_from(length).expect("a block").to_le_bytes());
        }
        data.extend(content);
    }
    let mut out = b"MSCF\0\0\0\0".to_vec();
    for field in [first.saturating_add(data.len()), 0, 44, 0] {
        out.extend(md(field).to_le_bytes());
    }
    out.extend([3, 1, 1, 0]);
    for field in [files.len(), 0, 0, 0] {
        out.extend(u16::try_from(field).expect("few").to_le_bytes());
    }
    out.extend(md(first).to_le_bytes());
    for field in [blocks.len(), usize::from(packed)] {
        out.extend(u16::try_from(field).expect("few").to_le_bytes());
    }
    out.extend(table);
    out.extend(data);
    out
}

/// A mail with attachments.
pub(crate) fn mail(files: &[File]) -> Vec<u8> {
    let mut out = String::from(
        "From: a@example.jp\r\nTo: b@example.jp\r\nSubject: test\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\ntext\r\n",
    );
    for File { name, bytes } in files {
        let media = if name.ends_with(".eml") {
            "message/rfc822"
        } else {
            "application/octet-stream"
        };
        out.push_str(&format!(
            "--x\r\nContent-Type: {media}; name=\"{name}\"\r\nContent-Disposition: attachment; \
             filename=\"{name}\"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        ));
        for line in bytes.chunks(57) {
            out.push_str(&data_encoding::BASE64.encode(line));
            out.push_str("\r\n");
        }
    }
    out.push_str("--x--\r\n");
    out.into_bytes()
}

fn mbox(mail: &[u8]) -> Vec<u8> {
    let mut out = b"From a@example.jp Thu Jan  1 00:00:00 2026\r\n".to_vec();
    out.extend(mail);
    out.extend(b"\r\n");
    out
}

/// A message of Outlook with a text and a file.
fn msg(file: &File) -> Vec<u8> {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    compound(&[
        ("__properties_version1.0", vec![0; 32]),
        ("__substg1.0_0037001F", wide("test")),
        ("__substg1.0_1000001F", wide("text")),
        (
            "__attach_version1.0_#00000000/__properties_version1.0",
            vec![0; 8],
        ),
        (
            "__attach_version1.0_#00000000/__substg1.0_3707001F",
            wide(&file.name),
        ),
        (
            "__attach_version1.0_#00000000/__substg1.0_37010102",
            file.bytes.clone(),
        ),
    ])
}

/// A `winmail.dat` with files.
fn tnef(files: &[File]) -> Vec<u8> {
    let mut out = b"\x78\x9f\x3e\x22\x01\0".to_vec();
    let mut put = |number: u32, data: &[u8]| {
        out.push(2);
        out.extend(number.to_le_bytes());
        out.extend(md(data.len()).to_le_bytes());
        out.extend(data);
        let sum = data
            .iter()
            .fold(0u16, |sum, byte| sum.wrapping_add(u16::from(*byte)));
        out.extend(sum.to_le_bytes());
    };
    for file in files {
        put(0x0006_9002, &[0; 14]);
        put(0x0001_8010, &[file.name.as_bytes(), &[0]].concat());
        put(0x0006_800f, &file.bytes);
    }
    out
}

/// A signed message without a signer, its content inside of it, in DER.
pub(crate) fn cms(mail: &[u8]) -> Vec<u8> {
    let der = |tag: u8, content: &[u8]| {
        let mut out = vec![tag, 0x84];
        out.extend(md(content.len()).to_be_bytes());
        out.extend(content);
        out
    };
    let data = [
        der(6, b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"),
        der(0xa0, &der(4, mail)),
    ]
    .concat();
    let signed = [
        der(2, &[1]),
        der(0x31, &[]),
        der(0x30, &data),
        der(0x31, &[]),
    ]
    .concat();
    let all = [
        der(6, b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"),
        der(0xa0, &der(0x30, &signed)),
    ]
    .concat();
    der(0x30, &all)
}

/// An `.xz` file whose only block tells of a dictionary, by its code of the format.
pub(crate) fn xz_of(bytes: &[u8], dictionary: u8) -> Vec<u8> {
    lzma2(bytes, dictionary)
}

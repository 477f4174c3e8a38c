//! The one form of ZIP file that we write: entries without gaps from the first byte on, each as its
//! directory says, nothing behind the end record.

use crate::inflate;
use crate::png::{Crc, crc32};
use mugai_core::{Places, Violation};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// A file inside.
pub(crate) struct File<'a> {
    pub(crate) name: &'a str,
    pub(crate) content: Cow<'a, [u8]>,
}

/// A file that is still packed.
pub(crate) struct Entry<'a> {
    pub(crate) name: &'a str,
    packed: &'a [u8],
    header: Header,
    /// Where it begins.
    at: usize,
}

impl<'a> Entry<'a> {
    /// Whether it is deflated, and not stored.
    pub(crate) const fn is_deflated(&self) -> bool {
        self.header.method == 8
    }

    /// All that is in it, at once.
    pub(crate) fn content(&self) -> Result<Cow<'a, [u8]>, Violation> {
        let size = self.header.size;
        let content = match self.header.method {
            0 => Cow::Borrowed(self.packed),
            8 if size <= MAX_BYTES => {
                Cow::Owned(inflate::all(self.packed, size).ok_or(self.torn())?)
            }
            8 => return Err(self.torn()),
            _ => return Err(Violation::at("zip: method", self.at)),
        };
        self.sums(content.len(), crc32(&content))?;
        Ok(content)
    }

    /// What is in it, piece by piece: it is known to be right only when this has come back.
    pub(crate) fn pieces(&self, mut visit: impl FnMut(&[u8])) -> Result<(), Violation> {
        let (mut crc, mut length) = (Crc::default(), 0usize);
        let mut each = |bytes: &[u8]| {
            crc.add(bytes);
            length = length.saturating_add(bytes.len());
            visit(bytes);
        };
        match self.header.method {
            0 => each(self.packed),
            8 => inflate::inflate(self.packed, self.header.size, each).ok_or(self.torn())?,
            _ => return Err(Violation::at("zip: method", self.at)),
        }
        self.sums(length, crc.sum())
    }

    fn torn(&self) -> Violation {
        Violation::at("zip: deflated data", self.at)
    }

    fn sums(&self, length: usize, crc: u32) -> Result<(), Violation> {
        if (length, crc) == (self.header.size, self.header.crc) {
            Ok(())
        } else {
            Err(Violation::at("zip: length or checksum", self.at))
        }
    }
}

/// In which the files of documents and of archives differ.
pub(crate) struct Form {
    /// Their flags: whether names are said to be UTF-8.
    flags: [u8; 2],
    /// Their names.
    path: fn(&str) -> bool,
    /// A name as others are compared with it.
    plain: fn(&str) -> String,
}

/// Documents have names of ASCII.
pub(crate) const DOCUMENT: Form = Form {
    flags: [0, 0],
    path,
    plain: str::to_ascii_lowercase,
};

impl Form {
    /// Archives have names of UTF-8 that `path` allows.
    pub(crate) const fn archive(path: fn(&str) -> bool) -> Self {
        Self {
            flags: [0, 8],
            path,
            plain: folded,
        }
    }
}

/// A name as file systems without case compare it, letter by letter: a sigma is one at the end of a word, too.
pub(crate) fn folded(name: &str) -> String {
    let upper = name.chars().flat_map(char::to_uppercase);
    upper.flat_map(char::to_lowercase).collect()
}

/// Bytes of a local header, of one in the directory, and of the end record, without names.
const LOCAL: usize = 30;
const CENTRAL: usize = 46;
const END: usize = 22;
/// The largest file, in bytes.
const MAX_BYTES: usize = 1 << 30;

pub(crate) struct Bytes<'a> {
    all: &'a [u8],
    /// Where they begin in the file.
    base: usize,
    /// Where the next one is in the file.
    at: usize,
}

impl<'a> Bytes<'a> {
    pub(crate) const fn of(all: &'a [u8]) -> Self {
        Self::from(all, 0)
    }

    /// Bytes that begin at byte `base` of a file.
    const fn from(all: &'a [u8], base: usize) -> Self {
        Self {
            all,
            base,
            at: base,
        }
    }

    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], Violation> {
        let end = self.at.saturating_add(length);
        let bytes = self
            .all
            .get(self.at.saturating_sub(self.base)..end.saturating_sub(self.base))
            .ok_or(Violation::at("zip: ends early", self.at))?;
        self.at = end;
        Ok(bytes)
    }

    pub(crate) fn expect(&mut self, bytes: &[u8]) -> Result<(), Violation> {
        let at = self.at;
        if self.take(bytes.len())? == bytes {
            Ok(())
        } else {
            Err(Violation::at("zip: a field of another value", at))
        }
    }

    pub(crate) fn u16(&mut self) -> Result<u16, Violation> {
        let bytes = self.take(2)?;
        Ok(bytes
            .iter()
            .rev()
            .fold(0, |sum, byte| sum << 8 | u16::from(*byte)))
    }

    fn u32(&mut self) -> Result<u32, Violation> {
        let bytes = self.take(4)?;
        Ok(bytes
            .iter()
            .rev()
            .fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
    }

    pub(crate) fn length(&mut self) -> Result<usize, Violation> {
        usize::try_from(self.u32()?).map_err(|_| Violation::at("zip: length", self.at))
    }
}

/// What both headers of an entry have.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Header {
    method: u16,
    crc: u32,
    packed: usize,
    size: usize,
    name: usize,
}

fn header(bytes: &mut Bytes<'_>, form: &Form) -> Result<Header, Violation> {
    // version 2.0
    bytes.expect(&[20, 0])?;
    bytes.expect(&form.flags)?;
    let method = bytes.u16()?;
    // midnight of the first of January 1980
    bytes.expect(&[0, 0, 0x21, 0])?;
    let header = Header {
        method,
        crc: bytes.u32()?,
        packed: bytes.length()?,
        size: bytes.length()?,
        name: usize::from(bytes.u16()?),
    };
    // no extra field
    bytes.expect(&[0, 0])?;
    Ok(header)
}

pub(crate) fn read<'a>(all: &'a [u8], form: &Form) -> Result<Vec<File<'a>>, Violation> {
    let mut files = Vec::new();
    each(all, form, |entry| {
        let (name, content) = (entry.name, entry.content()?);
        files.push(File { name, content });
        Ok(())
    })?;
    Ok(files)
}

/// Hands over the files one by one, packed as they are.
pub(crate) fn each<'a>(
    all: &'a [u8],
    form: &Form,
    mut visit: impl FnMut(&Entry<'a>) -> Result<(), Violation>,
) -> Result<(), Violation> {
    let mut bytes = Bytes::of(all);
    let mut files: Vec<(usize, Header, &[u8])> = Vec::new();
    let mut names = BTreeSet::new();
    while all
        .get(bytes.at..)
        .is_some_and(|rest| rest.starts_with(b"PK\x03\x04"))
    {
        let offset = bytes.at;
        bytes.expect(b"PK\x03\x04")?;
        let header = header(&mut bytes, form)?;
        let raw = bytes.take(header.name)?;
        let name = std::str::from_utf8(raw)
            .ok()
            .filter(|name| (form.path)(name));
        let name = name.ok_or(Violation::at("zip: name", offset))?;
        if !names.insert((form.plain)(name)) {
            return Err(Violation::at("zip: two files of one name", offset));
        }
        let packed = bytes.take(header.packed)?;
        visit(&Entry {
            name,
            packed,
            header,
            at: offset,
        })?;
        files.push((offset, header, raw));
    }
    directory(&mut bytes, form, &files)
}

/// The directory of `files`, each with its place and its name, and the end record behind it.
fn directory(
    bytes: &mut Bytes<'_>,
    form: &Form,
    files: &[(usize, Header, &[u8])],
) -> Result<(), Violation> {
    let start = bytes.at;
    for (offset, local, name) in files {
        bytes.expect(b"PK\x01\x02\x14\0")?;
        if header(bytes, form)? != *local {
            return Err(Violation::at("zip: two headers of one file", bytes.at));
        }
        bytes.expect(&[0; 10])?;
        if bytes.length()? != *offset || bytes.take(name.len())? != *name {
            return Err(Violation::at("zip: two headers of one file", bytes.at));
        }
    }
    end(bytes, files.len(), start)
}

/// As [`each`] for a file that is elsewhere, of which one entry is here at a time.
pub(crate) fn each_from(
    all: &mut dyn Places,
    form: &Form,
    mut visit: impl FnMut(&Entry<'_>) -> Result<(), Violation>,
) -> Result<(), Violation> {
    let mut files: Vec<(usize, Header, Vec<u8>)> = Vec::new();
    let mut names = BTreeSet::new();
    let (mut packed, mut at) = (Vec::new(), 0usize);
    let mut listed = 0usize;
    loop {
        let offset = at;
        let mut mark = [0; 4];
        if all.read(at, &mut mark).is_none() || mark != *b"PK\x03\x04" {
            break;
        }
        let mut head = [0; LOCAL];
        place(all, at, &mut head)?;
        let mut bytes = Bytes::from(&head, at);
        bytes.expect(b"PK\x03\x04")?;
        let header = header(&mut bytes, form)?;
        at = bytes.at;
        let mut raw = vec![0; header.name];
        place(all, at, &mut raw)?;
        at = at.saturating_add(raw.len());
        let name = std::str::from_utf8(&raw)
            .ok()
            .filter(|name| (form.path)(name));
        let name = name.ok_or(Violation::at("zip: name", offset))?;
        if !names.insert((form.plain)(name)) {
            return Err(Violation::at("zip: two files of one name", offset));
        }
        // what is not there is not set aside
        if header.packed > all.length().saturating_sub(at) {
            return Err(Violation::at("zip: ends early", at));
        }
        packed.resize(header.packed, 0);
        place(all, at, &mut packed)?;
        at = at.saturating_add(packed.len());
        visit(&Entry {
            name,
            packed: &packed,
            header,
            at: offset,
        })?;
        listed = listed.saturating_add(CENTRAL).saturating_add(raw.len());
        files.push((offset, header, raw));
    }
    drop(packed);
    // no more of it than there has to be: what is behind that is behind the end
    let behind = all.length().saturating_sub(at);
    let expected = listed.saturating_add(END);
    let mut rest = vec![0; behind.min(expected.saturating_add(1))];
    place(all, at, &mut rest)?;
    let files: Vec<_> = files
        .iter()
        .map(|(offset, header, name)| (*offset, *header, name.as_slice()))
        .collect();
    directory(&mut Bytes::from(&rest, at), form, &files)
}

fn place(all: &mut dyn Places, at: usize, into: &mut [u8]) -> Result<(), Violation> {
    all.read(at, into)
        .ok_or(Violation::at("zip: ends early", at))
}

/// The end record, behind a directory of `count` entries that begins at `start`, and nothing more.
pub(crate) fn end(bytes: &mut Bytes<'_>, count: usize, start: usize) -> Result<(), Violation> {
    let size = bytes.at.saturating_sub(start);
    bytes.expect(b"PK\x05\x06\0\0\0\0")?;
    let counts = [bytes.u16()?, bytes.u16()?].map(usize::from);
    if counts != [count; 2] || bytes.length()? != size || bytes.length()? != start {
        return Err(Violation::at("zip: end record", bytes.at));
    }
    bytes.expect(&[0, 0])?;
    if bytes.at.saturating_sub(bytes.base) != bytes.all.len() {
        return Err(Violation::at("zip: bytes behind the end", bytes.at));
    }
    Ok(())
}

fn path(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_');
    name == super::TYPES
        || name == crate::odf::MANIFEST
        || name.chars().all(plain) && name.split('/').all(|step| !matches!(step, "" | "." | ".."))
}

#[cfg(test)]
pub(in crate::ooxml) mod tests;

//! Packages: ZIP files by the names of the files in them, read in exactly one way or not at all.
//!
//! The directory is read as that of any archive is; beyond that names are UTF-8, lead down only, and
//! differ by more than their case, nothing is encrypted, and files are stored or deflated.

use crate::formats::archive::zip::{directory, packed};
use crate::unpack;
use mugai_core::{Cx, FindingCode, Method, Packed, Refusal, Remark};
use std::collections::BTreeMap;
use std::ops::Range;

/// One file inside.
#[derive(Clone, Debug)]
struct Entry {
    place: Range<usize>,
    packed: Packed,
}

/// A package whose directory was read.
#[derive(Debug)]
pub(super) struct Archive<'a> {
    input: &'a [u8],
    /// By their names, as [`same`] makes them one.
    entries: BTreeMap<String, Entry>,
}

const fn ambiguous(what: &'static str) -> Refusal {
    Refusal::Ambiguous(Remark::fixed(what))
}

/// A name in the one form of all that mean the same: in lower case, and letters that stand for themselves instead of
/// their bytes (ECMA-376 part 2, section 6.2.2; RFC 3986, section 6.2.2). Programs write either on either side.
pub(super) fn same(name: &str) -> String {
    let lower = name.to_lowercase();
    if !lower.contains('%') {
        return lower;
    }
    let mut bytes = Vec::new();
    let mut rest = lower.as_bytes();
    while let [byte, behind @ ..] = rest {
        let escaped = match behind {
            [high, low, ..] if *byte == b'%' => escaped(*high, *low),
            _ => None,
        };
        bytes.push(escaped.unwrap_or(*byte));
        rest = behind
            .get(if escaped.is_some() { 2 } else { 0 }..)
            .unwrap_or_default();
    }
    String::from_utf8(bytes).map_or(lower, |name| name.to_lowercase())
}

/// The byte of an escape, unless it parts names or means something else there.
fn escaped(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let byte = digit(high)?.checked_mul(16)?.checked_add(digit(low)?)?;
    let byte = u8::try_from(byte).ok()?;
    (byte >= 0x20 && !b"%/\\:.\x7f".contains(&byte)).then_some(byte)
}

impl<'a> Archive<'a> {
    /// Reads the directory of `input`.
    ///
    /// # Errors
    /// [`Refusal::Ambiguous`] where two readers could see different files,
    /// [`Refusal::Malformed`], [`Refusal::Encrypted`], [`Refusal::Unsupported`],
    /// [`Refusal::Overrun`].
    pub(super) fn read(input: &'a [u8], cx: &mut Cx<'_>) -> Result<Self, Refusal> {
        let directory = directory::read(input, cx)?;
        let mut all = BTreeMap::new();
        let mut backslash = false;
        for entry in &directory.entries {
            let name = std::str::from_utf8(entry.name)
                .map_err(|_| Refusal::unsupported("zip: a name that is not UTF-8"))?;
            backslash |= name.contains('\\');
            let name = name.replace('\\', "/");
            let odd = |step: &str| matches!(step, "" | "." | "..");
            let (path, folder) = name
                .strip_suffix('/')
                .map_or((name.as_str(), false), |path| (path, true));
            if path.split('/').any(odd) || path.contains(['\0', ':']) {
                return Err(ambiguous("zip: a name that is no path"));
            }
            if folder && entry.size > 0 {
                return Err(ambiguous("zip: a folder with content"));
            }
            let packed = packed(entry)?;
            if packed.cipher.is_some() {
                return Err(Refusal::Encrypted(Remark::fixed("zip: an encrypted entry")));
            }
            let place = entry.packed.clone();
            let file = (!folder).then_some(Entry { place, packed });
            if all.insert(same(path), file).is_some() {
                return Err(ambiguous("zip: two entries of one name"));
            }
        }
        cx.note_times(FindingCode::OfficePackage, u32::from(backslash));
        cx.note_times(FindingCode::OfficePackage, u32::from(directory.trailing));
        let files = all
            .into_iter()
            .filter_map(|(name, entry)| Some((name, entry?)));
        Ok(Self {
            input,
            entries: files.collect(),
        })
    }

    /// Whether there is an entry of this name, in whatever case.
    pub(super) fn has(&self, name: &str) -> bool {
        self.entries.contains_key(&same(name))
    }

    /// The names of all files, in lower case, in the order of the alphabet.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// The length that an entry says it has, in bytes.
    pub(super) fn size(&self, name: &str) -> Option<usize> {
        let entry = self.entries.get(&same(name))?;
        usize::try_from(entry.packed.size).ok()
    }

    /// The content of an entry without which a document is what it is: `None` also where it is damaged, or larger than
    /// programs make such files.
    ///
    /// # Errors
    /// [`Refusal::Overrun`]
    pub(super) fn beside(&self, name: &str, cx: &Cx<'_>) -> Result<Option<Vec<u8>>, Refusal> {
        /// In bytes.
        const MOST: usize = 4 << 20;
        if self.size(name).is_none_or(|size| size > MOST) {
            return Ok(None);
        }
        match self.content(name, cx) {
            Err(overrun @ Refusal::Overrun { .. }) => Err(overrun),
            content => Ok(content.unwrap_or(None)),
        }
    }

    /// The content of an entry; `None` where there is none of this name.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for content of another length or checksum than the directory says.
    pub(super) fn content(&self, name: &str, cx: &Cx<'_>) -> Result<Option<Vec<u8>>, Refusal> {
        let Some(entry) = self.entries.get(&same(name)) else {
            return Ok(None);
        };
        if !matches!(entry.packed.method, Method::Stored | Method::Deflate) {
            return Err(Refusal::unsupported("zip: method of compression"));
        }
        let packed = self.input.get(entry.place.clone()).unwrap_or_default();
        let content = unpack::member(packed, &entry.packed, &[], cx)?;
        Ok(Some(content.into_owned()))
    }
}

#[cfg(test)]
mod tests;

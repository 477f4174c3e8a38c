//! Extra fields of ZIP entries (APPNOTE 6.3.10, section 4.5), as far as they change what is read.

/// The fields by their number.
fn fields(mut extra: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let (head, rest) = extra.split_first_chunk::<4>()?;
        let [id0, id1, length0, length1] = *head;
        let length = usize::from(u16::from_le_bytes([length0, length1]));
        let (field, rest) = rest.split_at_checked(length)?;
        extra = rest;
        Some((u16::from_le_bytes([id0, id1]), field))
    })
}

fn field(extra: &[u8], number: u16) -> Option<&[u8]> {
    fields(extra)
        .find(|(id, _)| *id == number)
        .map(|(_, field)| field)
}

/// Sizes and places of more than four bytes (4.5.3).
pub(super) struct Large<'a>(Option<&'a [u8]>);

impl<'a> Large<'a> {
    pub(super) fn of(extra: &'a [u8]) -> Self {
        Self(field(extra, 1))
    }

    /// A value: the next of the field, where the header has no room for it.
    pub(super) fn next(&mut self, small: u32) -> Option<u64> {
        if small != u32::MAX {
            return Some(u64::from(small));
        }
        let (value, rest) = self.0?.split_first_chunk::<8>()?;
        self.0 = Some(rest);
        Some(u64::from_le_bytes(*value))
    }
}

/// The name in UTF-8, if it is the name of this very entry (4.6.9).
pub(super) fn unicode_path(extra: &[u8], name: &[u8]) -> Option<String> {
    let (version, rest) = field(extra, 0x7075)?.split_first()?;
    let (sum, path) = rest.split_first_chunk::<4>()?;
    let same = *version == 1 && u32::from_le_bytes(*sum) == crc32fast::hash(name);
    let path = std::str::from_utf8(path).ok()?;
    (same && !path.is_empty()).then(|| path.to_owned())
}

/// What `WinZip` says about its AES.
pub(super) struct Aes {
    pub(super) version: u16,
    pub(super) strength: u8,
    pub(super) method: u16,
}

pub(super) fn aes(extra: &[u8]) -> Option<Aes> {
    let [v0, v1, b'A', b'E', strength, m0, m1] = field(extra, 0x9901)? else {
        return None;
    };
    Some(Aes {
        version: u16::from_le_bytes([*v0, *v1]),
        strength: *strength,
        method: u16::from_le_bytes([*m0, *m1]),
    })
}

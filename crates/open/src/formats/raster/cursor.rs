//! Reading numbers from a slice, in either byte order.

/// A place in a slice. Reading past the end gives `None`.
#[derive(Clone, Copy, Debug)]
pub(in crate::formats) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    little: bool,
}

impl<'a> Cursor<'a> {
    /// Low bytes first.
    pub(in crate::formats) const fn little(bytes: &'a [u8], at: usize) -> Self {
        Self {
            bytes,
            at,
            little: true,
        }
    }

    /// High bytes first.
    pub(in crate::formats) const fn big(bytes: &'a [u8], at: usize) -> Self {
        Self {
            bytes,
            at,
            little: false,
        }
    }

    /// Another place in the same slice.
    pub(in crate::formats) const fn to(self, at: usize) -> Self {
        Self { at, ..self }
    }

    /// Bytes from the beginning to here.
    pub(in crate::formats) const fn position(&self) -> usize {
        self.at
    }

    pub(in crate::formats) fn is_at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// The next `count` bytes.
    pub(in crate::formats) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(count)?;
        let part = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(part)
    }

    /// All bytes from here on.
    pub(in crate::formats) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let mut bytes: [u8; N] = self.take(N)?.try_into().ok()?;
        if self.little {
            bytes.reverse();
        }
        Some(bytes)
    }

    pub(in crate::formats) fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(u8::from_be_bytes)
    }

    pub(in crate::formats) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    pub(in crate::formats) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    pub(in crate::formats) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    /// A 32-bit number as an offset or a length.
    pub(in crate::formats) fn size(&mut self) -> Option<usize> {
        self.u32().and_then(|n| usize::try_from(n).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_orders_are_read_and_the_end_is_kept() {
        let bytes = [1, 2, 3, 4, 5];
        assert_eq!(Cursor::big(&bytes, 0).u32(), Some(0x0102_0304));
        assert_eq!(Cursor::little(&bytes, 1).u32(), Some(0x0504_0302));
        assert_eq!(Cursor::little(&bytes, 2).u32(), None);
        let mut cursor = Cursor::big(&bytes, 4);
        assert_eq!((cursor.u8(), cursor.u8()), (Some(5), None));
        assert!(cursor.is_at_end());
        assert_eq!(cursor.take(usize::MAX), None);
        assert_eq!(Cursor::big(&bytes, usize::MAX).rest(), b"");
    }
}

//! Bits, the highest of each byte first.

/// A place in a string of bits.
pub(super) struct Bits<'a> {
    data: &'a [u8],
    at: usize,
}

impl<'a> Bits<'a> {
    /// All bits of `data`.
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self { data, at: 0 }
    }

    fn left(&self) -> usize {
        self.data.len().saturating_mul(8).saturating_sub(self.at)
    }

    /// The next `count` bits, at most 16; behind the end there are zeros.
    pub(super) fn peek(&self, count: u32) -> Option<u32> {
        let rest = self.data.get(self.at.div_euclid(8)..)?;
        let mut window = [0u8; 4];
        for (to, from) in window.iter_mut().zip(rest.iter().take(3)) {
            *to = *from;
        }
        let used = u32::try_from(self.at.rem_euclid(8)).ok()?;
        u32::from_be_bytes(window)
            .checked_shl(used)?
            .checked_shr(32u32.checked_sub(count)?)
    }

    /// Goes on by `count` bits, or not at all when there are fewer.
    pub(super) fn skip(&mut self, count: u32) -> Option<()> {
        let count = usize::try_from(count).ok()?;
        if count > self.left() {
            return None;
        }
        self.at = self.at.checked_add(count)?;
        Some(())
    }

    /// Takes the next `count` bits, 1 to 16.
    pub(super) fn take(&mut self, count: u32) -> Option<u32> {
        let bits = self.peek(count)?;
        self.skip(count)?;
        Some(bits)
    }

    /// Whether what is left is less than a byte, and zero.
    pub(super) fn is_padding(&self) -> bool {
        self.left() < 8 && self.peek(8).is_none_or(|bits| bits == 0)
    }
}

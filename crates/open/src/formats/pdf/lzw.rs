//! The lengths of the strings that LZW codes stand for (ISO 32000-1, 7.4.4), without the strings.

/// Clears the table.
const CLEAR: usize = 256;
/// Ends the data.
const END: usize = 257;
/// Codes are at most 12 bits long.
const MAX_CODES: usize = 4096;

/// One length a code, to the end of the data.
pub(super) struct Lengths<'a> {
    data: &'a [u8],
    bit: usize,
    /// Length of the string of each code from 258 on.
    table: Vec<u64>,
    last: Option<u64>,
    early: bool,
}

impl<'a> Lengths<'a> {
    /// The codes of `data`, most significant bit first. `early` is whether codes get longer one code
    /// before they must (`/EarlyChange`).
    pub(super) const fn new(data: &'a [u8], early: bool) -> Self {
        Self {
            early,
            data,
            bit: 0,
            table: Vec::new(),
            last: None,
        }
    }

    /// Bits of the next code.
    fn width(&self) -> usize {
        let next = self
            .table
            .len()
            .saturating_add(END)
            .saturating_add(1)
            .saturating_add(usize::from(self.early));
        match next {
            0..512 => 9,
            512..1024 => 10,
            1024..2048 => 11,
            _ => 12,
        }
    }

    fn code(&mut self) -> Option<usize> {
        let width = self.width();
        let first = self.bit.div_euclid(8);
        let bytes = self.data.get(first..)?;
        let window = (0..3).fold(0usize, |sum, at| {
            (sum << 8) | usize::from(bytes.get(at).copied().unwrap_or(0))
        });
        let end = self.bit.checked_add(width)?;
        if end.div_ceil(8) > self.data.len() {
            return None;
        }
        let used = self.bit.rem_euclid(8).saturating_add(width);
        self.bit = end;
        let mask = (1usize << width).saturating_sub(1);
        Some((window >> 24usize.saturating_sub(used)) & mask)
    }

    /// The length of the next string; `None` at the end.
    pub(super) fn next(&mut self) -> Option<u64> {
        loop {
            let code = self.code()?;
            match code {
                CLEAR => {
                    self.table.clear();
                    self.last = None;
                }
                END => return None,
                _ => return Some(self.string(code)),
            }
        }
    }

    fn string(&mut self, code: usize) -> u64 {
        let known = match code {
            0..CLEAR => Some(1),
            _ => self
                .table
                .get(code.saturating_sub(END).saturating_sub(1))
                .copied(),
        };
        // a code that is not there yet stands for the last string and one byte more
        let length = known.unwrap_or_else(|| self.last.unwrap_or(0).saturating_add(1));
        if let Some(last) = self.last
            && self.table.len().saturating_add(END).saturating_add(1) < MAX_CODES
        {
            self.table.push(last.saturating_add(1));
        }
        self.last = Some(length);
        length
    }
}

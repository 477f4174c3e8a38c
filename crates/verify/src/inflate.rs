//! Deflated data (RFC 1951), undone a window at a time, to its last bit or not at all.
//!
//! A library tells what came out, and not where its data ended: whether anything hides behind the end took a second
//! pass. This one knows, and holds a window and not the file.

mod table;

use table::{END, Entry, LITERAL, Table};

/// How far back a copy reaches, in bytes (RFC 1951 section 2).
const WINDOW: usize = 32 << 10;
/// How much is handed over at a time, in bytes.
const BLOCK: usize = 64 << 10;
/// The longest copy, in bytes.
const LONGEST: usize = 258;
/// How much is copied at once, in bytes.
const STEP: usize = 16;
/// The order in which the lengths of the codes for lengths come (section 3.2.7).
const ORDER: [usize; 19] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];

/// Hands what is in `packed` over to `sink`, piece by piece: `size` bytes, at whose end `packed` ends, too.
///
/// `None` for anything else, of which parts may have been handed over by then: no more than [`BLOCK`] bytes above
/// `size`.
pub(crate) fn inflate(packed: &[u8], size: usize, sink: impl FnMut(&[u8])) -> Option<()> {
    let mut bits = Bits::of(packed);
    let mut window = Window {
        // most files of documents are far shorter than the whole window; one that is longer than it says ends at its end
        bytes: vec![0; size.min(WINDOW + BLOCK).saturating_add(LONGEST + STEP)],
        from: 0,
        at: 0,
        left: size,
        sink,
    };
    loop {
        bits.refill();
        let last = bits.take(1)? == 1;
        match bits.take(2)? {
            0 => stored(&mut bits, &mut window)?,
            1 => {
                let (codes, distances) = table::fixed();
                block(&mut bits, codes, distances, &mut window)?;
            }
            2 => {
                let (codes, distances) = dynamic(&mut bits)?;
                block(&mut bits, &codes, &distances, &mut window)?;
            }
            _ => return None,
        }
        if last {
            window.flush()?;
            return (window.left == 0 && bits.is_at_end()).then_some(());
        }
    }
}

/// All of it at once.
pub(crate) fn all(packed: &[u8], size: usize) -> Option<Vec<u8>> {
    // what comes out has to come out first: a length that is a lie sets nothing aside
    let mut out = Vec::with_capacity(size.min(packed.len().saturating_mul(4)));
    inflate(packed, size, |bytes| out.extend_from_slice(bytes))?;
    Some(out)
}

/// Bits, the lowest of each byte first.
struct Bits<'a> {
    input: &'a [u8],
    /// The next byte that is not among those held; what is above `count` in `held` may be of it already.
    at: usize,
    held: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    const fn of(input: &'a [u8]) -> Self {
        Self {
            input,
            at: 0,
            held: 0,
            count: 0,
        }
    }

    /// Holds at least 56 bits, or all that there are.
    #[inline]
    fn refill(&mut self) {
        let rest = self.input.get(self.at..).unwrap_or_default();
        if let Some(word) = rest.first_chunk() {
            self.held |= u64::from_le_bytes(*word).wrapping_shl(self.count);
            let bytes = (63 ^ self.count) >> 3;
            self.at = self.at.saturating_add(usize::try_from(bytes).unwrap_or(0));
            self.count |= 0x38;
            return;
        }
        for byte in rest {
            if self.count > 55 {
                break;
            }
            self.held |= u64::from(*byte).wrapping_shl(self.count);
            self.at = self.at.saturating_add(1);
            self.count = self.count.saturating_add(8);
        }
    }

    #[inline]
    fn skip(&mut self, count: u32) -> Option<()> {
        self.count = self.count.checked_sub(count)?;
        self.held = self.held.wrapping_shr(count);
        Some(())
    }

    /// The next `count` bits, at most 16.
    #[inline]
    fn take(&mut self, count: u32) -> Option<usize> {
        let mask = 1u64.wrapping_shl(count).wrapping_sub(1);
        let bits = self.held & mask;
        self.skip(count)?;
        usize::try_from(bits).ok()
    }

    /// Goes on at the next byte, with none held.
    fn align(&mut self) {
        let held = usize::try_from(self.count >> 3).unwrap_or(0);
        self.at = self.at.saturating_sub(held);
        (self.held, self.count) = (0, 0);
    }

    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(count)?;
        let bytes = self.input.get(self.at..end)?;
        self.at = end;
        Some(bytes)
    }

    /// Whether nothing is left but the zeros that fill the last byte.
    fn is_at_end(&self) -> bool {
        let mask = 1u64.wrapping_shl(self.count).wrapping_sub(1);
        self.at == self.input.len() && self.count < 8 && self.held & mask == 0
    }

    #[inline]
    fn entry(&mut self, table: &Table) -> Option<Entry> {
        let entry = table.look(self.held);
        self.skip(u32::from(entry.bits))?;
        Some(entry)
    }
}

/// What came out last, and where it goes.
struct Window<S> {
    bytes: Vec<u8>,
    /// What is behind this was not handed over yet.
    from: usize,
    at: usize,
    /// How much may still be handed over.
    left: usize,
    sink: S,
}

impl<S: FnMut(&[u8])> Window<S> {
    fn flush(&mut self) -> Option<()> {
        let new = self.bytes.get(self.from..self.at)?;
        (self.sink)(new);
        self.left = self.left.checked_sub(new.len())?;
        if let Some(start) = self.at.checked_sub(WINDOW) {
            self.bytes.copy_within(start..self.at, 0);
            self.at = WINDOW;
        }
        self.from = self.at;
        Some(())
    }

    /// Makes room for the longest copy.
    #[inline]
    fn room(&mut self) -> Option<()> {
        if self.at < WINDOW + BLOCK {
            return Some(());
        }
        self.flush()
    }

    #[inline]
    fn literal(&mut self, byte: u8) -> Option<()> {
        *self.bytes.get_mut(self.at)? = byte;
        self.at = self.at.wrapping_add(1);
        Some(())
    }

    #[inline]
    fn copy(&mut self, length: usize, distance: usize) -> Option<()> {
        let start = self.at.checked_sub(distance)?;
        let end = self.at.checked_add(length)?;
        if distance == 0 || end > self.bytes.len().saturating_sub(STEP) {
            return None;
        }
        if distance >= STEP {
            // a little more than is asked for, which is written over later, is quicker than a call
            let mut from = start;
            while self.at < end {
                let bytes: [u8; STEP] = *self.bytes.get(from..)?.first_chunk()?;
                *self.bytes.get_mut(self.at..)?.first_chunk_mut()? = bytes;
                from = from.wrapping_add(STEP);
                self.at = self.at.wrapping_add(STEP);
            }
            self.at = end;
            return Some(());
        }
        // a copy may reach into itself: what is there doubles each time
        while self.at < end {
            let count = end.wrapping_sub(self.at).min(self.at.wrapping_sub(start));
            self.bytes
                .copy_within(start..start.wrapping_add(count), self.at);
            self.at = self.at.wrapping_add(count);
        }
        Some(())
    }
}

fn stored(bits: &mut Bits<'_>, window: &mut Window<impl FnMut(&[u8])>) -> Option<()> {
    bits.align();
    let [a, b, c, d] = *bits.bytes(4)?.first_chunk()?;
    let length = u16::from_le_bytes([a, b]);
    if length != !u16::from_le_bytes([c, d]) {
        return None;
    }
    for piece in bits.bytes(usize::from(length))?.chunks(LONGEST) {
        window.room()?;
        let end = window.at.checked_add(piece.len())?;
        window.bytes.get_mut(window.at..end)?.copy_from_slice(piece);
        window.at = end;
    }
    Some(())
}

fn block(
    bits: &mut Bits<'_>,
    codes: &Table,
    distances: &Table,
    window: &mut Window<impl FnMut(&[u8])>,
) -> Option<()> {
    loop {
        window.room()?;
        // a length and a distance take 48 bits at most
        bits.refill();
        let mut entry = bits.entry(codes)?;
        // and bytes before them 8: most codes are short
        if entry.what == LITERAL && bits.count >= 48 {
            window.literal(entry.byte())?;
            entry = bits.entry(codes)?;
        }
        match entry.what {
            LITERAL => window.literal(entry.byte())?,
            END => return Some(()),
            extra => {
                let length = value(bits, entry, extra)?;
                let entry = bits.entry(distances)?;
                let distance = value(bits, entry, entry.what)?;
                window.copy(length, distance)?;
            }
        }
    }
}

/// A length or a distance, with its further bits; `None` for what is none.
#[inline]
fn value(bits: &mut Bits<'_>, entry: Entry, extra: u8) -> Option<usize> {
    if extra > table::MOST_EXTRA {
        return None;
    }
    usize::from(entry.value).checked_add(bits.take(u32::from(extra))?)
}

/// The codes that a block brings along (section 3.2.7).
fn dynamic(bits: &mut Bits<'_>) -> Option<(Table, Table)> {
    bits.refill();
    let codes = bits.take(5)?.checked_add(257)?;
    let distances = bits.take(5)?.checked_add(1)?;
    let count = bits.take(4)?.checked_add(4)?;
    let mut lengths = [0u8; 19];
    for place in ORDER.iter().take(count) {
        bits.refill();
        *lengths.get_mut(*place)? = u8::try_from(bits.take(3)?).ok()?;
    }
    let of_lengths = table::lengths(&lengths)?;
    let all = codes.checked_add(distances)?;
    let mut lengths: Vec<u8> = Vec::with_capacity(all);
    while lengths.len() < all {
        bits.refill();
        let symbol = bits.entry(&of_lengths)?;
        let (length, times) = match symbol.byte() {
            _ if symbol.what != LITERAL => return None,
            16 => (*lengths.last()?, bits.take(2)?.checked_add(3)?),
            17 => (0, bits.take(3)?.checked_add(3)?),
            18 => (0, bits.take(7)?.checked_add(11)?),
            length => (length, 1),
        };
        lengths.extend(std::iter::repeat_n(length, times));
    }
    if lengths.len() > all {
        return None;
    }
    let (of_codes, of_distances) = lengths.split_at_checked(codes)?;
    Some((table::codes(of_codes)?, table::distances(of_distances)?))
}

#[cfg(test)]
mod tests;
